//! The second factor of signing in: a sealed secret, recovery codes by their hashes, and who has still to give a code.

use crate::model::audit::AuditEntry;
use crate::model::ids::UserId;
use crate::model::time::Timestamp;
use crate::model::user::User;
use crate::store::column::sha256_hex;
use crate::store::sealed::Readers;
use crate::store::sql::query;
use crate::store::user::{select_users, user};
use crate::store::{Store, StoreError};

const SECRET: &str = "SELECT secret FROM second_factors WHERE user_id = $1";
const SAVE: &str = "INSERT INTO second_factors (user_id, secret, last_step, created_at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step, \
    created_at_ms = excluded.created_at_ms";
const REMOVE: &str = "DELETE FROM second_factors WHERE user_id = $1";
// One statement, so that a code is taken once, whoever is faster.
const TAKE_STEP: &str = "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
const ADD_CODE: &str = "INSERT INTO recovery_codes (user_id, code_sha256) VALUES ($1, $2)";
const USE_CODE: &str = "DELETE FROM recovery_codes WHERE user_id = $1 AND code_sha256 = $2";
const FORGET_CODES: &str = "DELETE FROM recovery_codes WHERE user_id = $1";
const AWAIT: &str = "INSERT INTO pending_sign_ins (token_sha256, user_id, expires_at_ms) VALUES ($1, $2, $3)";
const AWAITED: &str = select_users!(
    "JOIN pending_sign_ins AS p ON p.user_id = u.id WHERE p.token_sha256 = $1 AND p.expires_at_ms > $2 AND NOT u.disabled"
);
const FORGET_AWAITED: &str = "DELETE FROM pending_sign_ins WHERE token_sha256 = $1 OR expires_at_ms <= $2";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE user_id = $1";
const FORGET_OTHER_SESSIONS: &str = "DELETE FROM sessions WHERE user_id = $1 AND token_sha256 <> $2";
pub(super) const FORGET_PENDING: &str = "DELETE FROM pending_sign_ins WHERE user_id = $1";

/// Context under which a secret is sealed.
const COLUMN: &str = "second_factors.secret";

/// A second factor to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewSecondFactor<'a> {
    /// Whose.
    pub user: &'a UserId,
    /// Token of the session that sets it; every other session had no second factor behind it and ends.
    pub session: &'a str,
    /// The secret, in base 32.
    pub secret: &'a str,
    /// Time step of the code that proved it.
    pub step: i64,
    /// Codes for when the app is lost, each to be used once.
    pub recovery_codes: &'a [String],
}

impl Store {
    /// The secret of a user's second factor, in base 32; none where there is no second factor.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when the key does not open it.
    pub async fn second_factor(&self, user: &UserId) -> Result<Option<String>, StoreError> {
        let Some(row) = query(SECRET).bind(user.as_str()).fetch_optional(&self.read).await? else { return Ok(None) };
        let secret = self.sealing.read(COLUMN, row.try_get("secret")?, true)?;
        secret.map(Some).ok_or(StoreError::Sealed(COLUMN))
    }

    /// Stores a second factor in place of an earlier one, with its audit line.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] without a key, since the secret is not stored in clear.
    pub async fn set_second_factor(&self, new: NewSecondFactor<'_>, audit: &AuditEntry) -> Result<(), StoreError> {
        let (secret, is_sealed) = self.sealing.write(Readers::LeakLane, COLUMN, new.secret.to_owned(), "");
        if !is_sealed {
            return Err(StoreError::Sealed(COLUMN));
        }
        let mut tx = self.begin().await?;
        let save = query(SAVE).bind(new.user.as_str()).bind(secret).bind(new.step).bind(audit.at.ms());
        save.execute(&mut tx.inner).await?;
        let others = query(FORGET_OTHER_SESSIONS).bind(new.user.as_str()).bind(sha256_hex(new.session.as_bytes()));
        others.execute(&mut tx.inner).await?;
        query(FORGET_PENDING).bind(new.user.as_str()).execute(&mut tx.inner).await?;
        query(FORGET_CODES).bind(new.user.as_str()).execute(&mut tx.inner).await?;
        for code in new.recovery_codes {
            let code = sha256_hex(code.as_bytes());
            query(ADD_CODE).bind(new.user.as_str()).bind(code).execute(&mut tx.inner).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Takes a user's second factor away and ends every session of the user, with its audit line.
    pub async fn remove_second_factor(&self, user: &UserId, audit: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in [REMOVE, FORGET_CODES, FORGET_SESSIONS, FORGET_PENDING] {
            query(statement).bind(user.as_str()).execute(&mut tx.inner).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Takes the code of a time step; false when that one or a later one was taken before.
    pub async fn take_code(&self, user: &UserId, step: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let taken = query(TAKE_STEP).bind(user.as_str()).bind(step).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(taken > 0)
    }

    /// Uses a recovery code; false when there is none such.
    pub async fn use_recovery_code(&self, user: &UserId, code: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let used = query(USE_CODE).bind(user.as_str()).bind(sha256_hex(code.as_bytes())).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(used > 0)
    }

    /// Notes that a user's password was right, by a token that holds until an instant.
    pub async fn await_code(&self, user: &UserId, token: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let hash = sha256_hex(token.as_bytes());
        query(AWAIT).bind(hash).bind(user.as_str()).bind(until.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// The user whose code is awaited under a token.
    pub async fn awaited(&self, token: &str, now: Timestamp) -> Result<Option<User>, StoreError> {
        let found = query(AWAITED).bind(sha256_hex(token.as_bytes())).bind(now.ms()).fetch_optional(&self.read).await?;
        found.as_ref().map(user).transpose()
    }

    /// Ends the wait under a token, and every wait whose time is over.
    pub async fn forget_awaited(&self, token: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(FORGET_AWAITED).bind(sha256_hex(token.as_bytes())).bind(now.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }
}
