//! Tokens by which programs ask the console in the name of a user.

use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::model::user::{ApiToken, User};
use crate::store::column::{from_json, json, sha256_hex};
use crate::store::sql::{Row, query};
use crate::store::user::user;
use crate::store::{Store, StoreError};

const ADD: &str = "INSERT INTO api_tokens (name, token_sha256, user_id, scopes, expires_at_ms) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
const FIND: &str = "SELECT t.name AS token_name, t.scopes, t.expires_at_ms, \
    u.id, u.login, u.name, u.employee_id, u.roles, u.language, u.password_hash, u.failures, u.locked_until_ms, \
    u.disabled, u.created_at_ms FROM api_tokens AS t JOIN users AS u ON u.id = t.user_id \
    WHERE t.token_sha256 = $1 AND t.expires_at_ms > $2 AND NOT u.disabled";
const ALL: &str = "SELECT t.name AS token_name, t.scopes, t.expires_at_ms, u.login FROM api_tokens AS t \
    JOIN users AS u ON u.id = t.user_id ORDER BY t.name";
const REVOKE: &str = "DELETE FROM api_tokens WHERE name = $1";

impl Store {
    /// Keeps a token of a user, with its audit line.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is a token of that name.
    pub async fn add_api_token(
        &self,
        user: &User,
        kept: &ApiToken,
        token: &str,
        audit: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let add = query(ADD).bind(kept.name.as_str()).bind(sha256_hex(token.as_bytes())).bind(user.id.as_str());
        let add = add.bind(json(&kept.scopes, "api_tokens.scopes")?).bind(kept.expires_at.ms());
        if add.execute(&mut tx.inner).await? == 0 {
            return Err(StoreError::Taken(kept.name.clone()));
        }
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Whose a token is, while it holds and the user is not shut out.
    pub async fn api_user(&self, token: &str, now: Timestamp) -> Result<Option<(User, ApiToken)>, StoreError> {
        let found = query(FIND).bind(sha256_hex(token.as_bytes())).bind(now.ms()).fetch_optional(&self.read).await?;
        found.map(|row| Ok((user(&row)?, kept(&row)?))).transpose()
    }

    /// Every token by its name, with the login of its user.
    pub async fn api_tokens(&self) -> Result<Vec<(ApiToken, String)>, StoreError> {
        let rows = query(ALL).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((kept(row)?, row.try_get("login")?))).collect()
    }

    /// Ends a token, with its audit line; false when there is none of that name.
    pub async fn revoke_api_token(&self, name: &str, audit: &AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let revoked = query(REVOKE).bind(name).execute(&mut tx.inner).await?;
        if revoked > 0 {
            tx.audit(audit).await?;
        }
        tx.commit().await?;
        Ok(revoked > 0)
    }
}

fn kept(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        name: row.try_get("token_name")?,
        scopes: from_json(&row.try_get::<String>("scopes")?, "api_tokens.scopes")?,
        expires_at: Timestamp::from_ms(row.try_get("expires_at_ms")?),
    })
}
