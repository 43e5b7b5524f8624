//! Who is signed in. A session is known by the hash of what stands in the cookie.

use crate::model::ids::UserId;
use crate::model::time::Timestamp;
use crate::model::user::User;
use crate::store::column::sha256_hex;
use crate::store::sql::query;
use crate::store::user::user;
use crate::store::{Store, StoreError};

const BEGIN: &str = "INSERT INTO sessions (token_sha256, user_id, form_token, started_at_ms, seen_at_ms, vouched) \
    VALUES ($1, $2, $3, $4, $4, $5)";
const FIND: &str = "SELECT s.form_token, s.started_at_ms, s.seen_at_ms, \
    u.id, u.login, u.name, u.employee_id, u.roles, u.language, u.password_hash, u.failures, u.locked_until_ms, \
    u.disabled, u.created_at_ms, (s.vouched OR EXISTS (SELECT 1 FROM second_factors AS f WHERE f.user_id = u.id)) AS has_second_factor \
    FROM sessions AS s JOIN users AS u ON u.id = s.user_id \
    WHERE s.token_sha256 = $1 AND NOT u.disabled";
const SEEN: &str = "UPDATE sessions SET seen_at_ms = $2 WHERE token_sha256 = $1";
const END: &str = "DELETE FROM sessions WHERE token_sha256 = $1";
const PURGE: &str = "DELETE FROM sessions WHERE started_at_ms < $1 OR seen_at_ms < $2";

/// Somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub user: User,
    /// Stands in every form of the session, so that no other site can send one.
    pub form_token: String,
    /// When the user signed in.
    pub started_at: Timestamp,
    /// When the user was last noted to be there.
    pub seen_at: Timestamp,
    /// Whether more than a password stands behind the session: a one-time code, or an identity provider.
    pub has_second_factor: bool,
}

impl Store {
    /// Begins a session known by a token; `vouched` when an identity provider has said who it is, and not a password.
    pub async fn begin_session(
        &self,
        user: &UserId,
        token: &str,
        form_token: &str,
        at: Timestamp,
        vouched: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let begin = query(BEGIN).bind(sha256_hex(token.as_bytes())).bind(user.as_str()).bind(form_token);
        begin.bind(at.ms()).bind(vouched).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// The session of a token; none of a user who is shut out. Whether it is too old is the caller's to say.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, StoreError> {
        let row = query(FIND).bind(sha256_hex(token.as_bytes())).fetch_optional(&self.read).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Session {
            user: user(&row)?,
            form_token: row.try_get("form_token")?,
            started_at: Timestamp::from_ms(row.try_get("started_at_ms")?),
            seen_at: Timestamp::from_ms(row.try_get("seen_at_ms")?),
            has_second_factor: row.try_get("has_second_factor")?,
        }))
    }

    /// Notes that the user is there.
    pub async fn session_seen(&self, token: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(SEEN).bind(sha256_hex(token.as_bytes())).bind(at.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Ends a session.
    pub async fn end_session(&self, token: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(END).bind(sha256_hex(token.as_bytes())).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Forgets sessions that began or were last seen before these instants.
    pub async fn purge_sessions(&self, started: Timestamp, seen: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(PURGE).bind(started.ms()).bind(seen.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }
}
