//! People who sign in to the console, and the invitations by which they choose their passwords.

use crate::model::audit::AuditEntry;
use crate::model::ids::{EmployeeId, UserId};
use crate::model::time::Timestamp;
use crate::model::user::User;
use crate::store::column::{from_json, json, sha256_hex};
use crate::store::second_factor::FORGET_PENDING;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

/// Users by the rest of a statement.
macro_rules! select_users {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.login, u.name, u.employee_id, u.roles, u.language, u.password_hash, u.failures, ",
            "u.locked_until_ms, u.disabled, u.created_at_ms FROM users AS u ",
            $rest
        )
    };
}
pub(super) use select_users;

const ALL: &str = select_users!("ORDER BY u.login");
const BY_LOGIN: &str = select_users!("WHERE u.login = $1");
const INVITED: &str = select_users!(
    "JOIN invitations AS i ON i.user_id = u.id WHERE i.token_sha256 = $1 AND i.expires_at_ms > $2 AND NOT u.disabled"
);
const SAVE: &str = "INSERT INTO users (id, login, name, employee_id, roles, language, password_hash, failures, \
    locked_until_ms, disabled, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, NULL, 0, 0, $7, $8) \
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, employee_id = excluded.employee_id, roles = excluded.roles, \
    language = excluded.language, disabled = excluded.disabled";
const INVITE: &str = "INSERT INTO invitations (token_sha256, user_id, expires_at_ms) VALUES ($1, $2, $3)";
const USE_INVITATION: &str = "DELETE FROM invitations WHERE token_sha256 = $1 AND user_id = $2 AND expires_at_ms > $3";
const FORGET_INVITATIONS: &str = "DELETE FROM invitations WHERE user_id = $1";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE user_id = $1";
const SET_PASSWORD: &str = "UPDATE users SET password_hash = $2, failures = 0, locked_until_ms = 0 WHERE id = $1";
const FORGET_TOKENS: &str = "DELETE FROM api_tokens WHERE user_id = $1";
const CLEAR_FAILURES: &str = "UPDATE users SET failures = 0, locked_until_ms = 0 WHERE id = $1";
// One statement, so that guesses side by side are all counted and none takes a lock away.
const COUNT_FAILURE: &str = "UPDATE users SET locked_until_ms = CASE WHEN failures + 1 >= $2 THEN $3 ELSE locked_until_ms END, \
    failures = CASE WHEN failures + 1 >= $2 THEN 0 ELSE failures + 1 END WHERE id = $1";
// Before a code is looked at, so that guesses side by side are all counted.
const COUNT_TRY: &str = "UPDATE users SET locked_until_ms = CASE WHEN failures + 1 >= $2 THEN $3 ELSE locked_until_ms END, \
    failures = CASE WHEN failures + 1 >= $2 THEN 0 ELSE failures + 1 END WHERE id = $1 AND locked_until_ms <= $4";
const BIND_SUBJECT: &str = "UPDATE users SET provider_subject = $2 WHERE id = $1 \
    AND (provider_subject IS NULL OR provider_subject = $2)";
const FORGET_SUBJECT: &str = "UPDATE users SET provider_subject = NULL WHERE id = $1";
const SET_LANGUAGE: &str = "UPDATE users SET language = $2 WHERE id = $1";
const PURGE_INVITATIONS: &str = "DELETE FROM invitations WHERE expires_at_ms <= $1";
const PURGE_PENDING: &str = "DELETE FROM pending_sign_ins WHERE expires_at_ms <= $1";
const PURGE_VISITS: &str = "DELETE FROM provider_visits WHERE expires_at_ms <= $1";
const PURGE_MAIL_LINKS: &str = "DELETE FROM mail_links WHERE expires_at_ms <= $1";
const PURGE_EXEMPTION_LINKS: &str = "DELETE FROM exemption_links WHERE expires_at_ms <= $1";
const PURGE_GROUP_LINKS: &str = "DELETE FROM group_links WHERE expires_at_ms <= $1";

impl Store {
    /// Everybody, by login.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(user).collect()
    }

    /// The user of a login, whether shut out or not.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>, StoreError> {
        query(BY_LOGIN).bind(login).fetch_optional(&self.read).await?.as_ref().map(user).transpose()
    }

    /// The user whom an invitation that still holds is for.
    pub async fn invited(&self, token: &str, now: Timestamp) -> Result<Option<User>, StoreError> {
        let found = query(INVITED).bind(sha256_hex(token.as_bytes())).bind(now.ms()).fetch_optional(&self.read).await?;
        found.as_ref().map(user).transpose()
    }

    /// Writes a new user, or what was changed of one, with its audit line. Password, failures and lock stay as they are.
    /// Whoever is shut out is signed out everywhere, and the invitation ends.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another user has the login.
    pub async fn save_user(&self, user: &User, audit: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let other = query(BY_LOGIN).bind(user.login.as_str()).fetch_optional(&mut tx.inner).await?;
        if other.map(|row| row.try_get::<String>("id")).transpose()?.is_some_and(|id| id != user.id.as_str()) {
            return Err(StoreError::Taken(user.login.clone()));
        }
        query(SAVE)
            .bind(user.id.as_str())
            .bind(user.login.as_str())
            .bind(user.name.as_str())
            .bind(user.employee.as_str())
            .bind(json(&user.roles, "users.roles")?)
            .bind(user.language.as_str())
            .bind(user.disabled)
            .bind(user.created_at.ms())
            .execute(&mut tx.inner)
            .await?;
        if user.disabled {
            query(FORGET_SESSIONS).bind(user.id.as_str()).execute(&mut tx.inner).await?;
            query(FORGET_INVITATIONS).bind(user.id.as_str()).execute(&mut tx.inner).await?;
            query(FORGET_PENDING).bind(user.id.as_str()).execute(&mut tx.inner).await?;
            query(FORGET_TOKENS).bind(user.id.as_str()).execute(&mut tx.inner).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Lets a user choose a password by a link with this token, until an instant. Earlier invitations end.
    pub async fn invite(&self, user: &UserId, token: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(FORGET_INVITATIONS).bind(user.as_str()).execute(&mut tx.inner).await?;
        let hash = sha256_hex(token.as_bytes());
        query(INVITE).bind(hash).bind(user.as_str()).bind(until.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Sets a password; sessions and invitations of the user end.
    pub async fn set_password(&self, user: &UserId, hash: &str, audit: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.set_password(user, hash, audit).await?;
        tx.commit().await
    }

    /// Chooses a password by an invitation, which ends with it; false when it ended before, so that of two who use it one is
    /// told so.
    pub async fn use_invitation(
        &self,
        token: &str,
        user: &UserId,
        hash: &str,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let used = query(USE_INVITATION).bind(sha256_hex(token.as_bytes())).bind(user.as_str()).bind(audit.at.ms());
        if used.execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        tx.set_password(user, hash, audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Counts a wrong password; the `most`-th in a row locks the login until an instant.
    pub async fn count_failure(&self, user: &UserId, most: u32, locked_until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let count = query(COUNT_FAILURE).bind(user.as_str()).bind(i64::from(most)).bind(locked_until.ms());
        count.execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Counts a try of a code before it is looked at, as a wrong password is counted; false while the login is locked, and then
    /// the code must not be looked at.
    pub async fn count_try(
        &self,
        user: &UserId,
        most: u32,
        locked_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let count = query(COUNT_TRY).bind(user.as_str()).bind(i64::from(most)).bind(locked_until.ms());
        let counted = count.bind(now.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(counted > 0)
    }

    /// Remembers by which name of its own the identity provider knows a user; false when it was another one before.
    pub async fn bind_subject(&self, user: &UserId, subject: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let bound = query(BIND_SUBJECT).bind(user.as_str()).bind(subject).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(bound > 0)
    }

    /// Lets the identity provider name a user anew.
    pub async fn forget_subject(&self, user: &UserId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(FORGET_SUBJECT).bind(user.as_str()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Forgets wrong passwords and codes, and the lock, after signing in wholly.
    pub async fn clear_failures(&self, user: &UserId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(CLEAR_FAILURES).bind(user.as_str()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Sets the language of a user's pages.
    pub async fn set_language(&self, user: &UserId, language: &str, audit: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(SET_LANGUAGE).bind(user.as_str()).bind(language).execute(&mut tx.inner).await?;
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Forgets invitations and links of letters whose time was over at an instant.
    pub async fn purge_links(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(PURGE_INVITATIONS).bind(now.ms()).execute(&mut tx.inner).await?;
        query(PURGE_MAIL_LINKS).bind(now.ms()).execute(&mut tx.inner).await?;
        query(PURGE_EXEMPTION_LINKS).bind(now.ms()).execute(&mut tx.inner).await?;
        query(PURGE_GROUP_LINKS).bind(now.ms()).execute(&mut tx.inner).await?;
        query(PURGE_PENDING).bind(now.ms()).execute(&mut tx.inner).await?;
        query(PURGE_VISITS).bind(now.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }
}

impl Tx {
    async fn set_password(&mut self, user: &UserId, hash: &str, audit: &AuditEntry) -> Result<(), StoreError> {
        query(SET_PASSWORD).bind(user.as_str()).bind(hash).execute(&mut self.inner).await?;
        query(FORGET_SESSIONS).bind(user.as_str()).execute(&mut self.inner).await?;
        query(FORGET_INVITATIONS).bind(user.as_str()).execute(&mut self.inner).await?;
        query(FORGET_PENDING).bind(user.as_str()).execute(&mut self.inner).await?;
        self.audit(audit).await
    }
}

pub(super) fn user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::new(row.try_get::<String>("id")?),
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        employee: EmployeeId::new(row.try_get::<String>("employee_id")?),
        roles: from_json(&row.try_get::<String>("roles")?, "users.roles")?,
        language: row.try_get("language")?,
        password_hash: row.try_get("password_hash")?,
        failures: u32::try_from(row.try_get::<i64>("failures")?).unwrap_or(u32::MAX),
        locked_until: Timestamp::from_ms(row.try_get("locked_until_ms")?),
        disabled: row.try_get("disabled")?,
        created_at: Timestamp::from_ms(row.try_get("created_at_ms")?),
    })
}
