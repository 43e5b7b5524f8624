//! Who went to the identity provider and is expected back.

use crate::model::time::Timestamp;
use crate::store::column::sha256_hex;
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const ADD: &str =
    "INSERT INTO provider_visits (state_sha256, nonce, verifier, next, expires_at_ms) VALUES ($1, $2, $3, $4, $5)";
const FIND: &str = "SELECT nonce, verifier, next FROM provider_visits WHERE state_sha256 = $1 AND expires_at_ms > $2";
const FORGET: &str = "DELETE FROM provider_visits WHERE state_sha256 = $1 OR expires_at_ms <= $2";

/// What is needed when somebody comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderVisit {
    /// Stands in the identity token.
    pub nonce: String,
    /// What the provider saw a hash of (RFC 7636).
    pub verifier: String,
    /// Where to go then, a path of the console.
    pub next: String,
}

impl Store {
    /// Expects somebody back under a state, until an instant.
    pub async fn begin_provider_visit(
        &self,
        state: &str,
        visit: &ProviderVisit,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let add = query(ADD).bind(sha256_hex(state.as_bytes())).bind(visit.nonce.as_str());
        let add = add.bind(visit.verifier.as_str()).bind(visit.next.as_str()).bind(until.ms());
        add.execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Ends a visit and gives what is needed now; none when it is not expected or its time is over. Visits whose time is
    /// over are forgotten.
    pub async fn end_provider_visit(&self, state: &str, now: Timestamp) -> Result<Option<ProviderVisit>, StoreError> {
        let mut tx = self.begin().await?;
        let hash = sha256_hex(state.as_bytes());
        let row = query(FIND).bind(hash.as_str()).bind(now.ms()).fetch_optional(&mut tx.inner).await?;
        query(FORGET).bind(hash.as_str()).bind(now.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let visit = ProviderVisit {
            nonce: row.try_get("nonce")?,
            verifier: row.try_get("verifier")?,
            next: row.try_get("next")?,
        };
        Ok(Some(visit))
    }
}
