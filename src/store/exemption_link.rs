//! Links of letters about applications for an exemption: by each, one approver decides one application once. A link is known by
//! the hash of what stands in the letter.

use crate::model::ids::EmployeeId;
use crate::model::time::Timestamp;
use crate::store::column::sha256_hex;
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const ADD: &str =
    "INSERT INTO exemption_links (token_sha256, number, employee_id, expires_at_ms) VALUES ($1, $2, $3, $4)";
const FIND: &str = "SELECT number, employee_id FROM exemption_links WHERE token_sha256 = $1 AND expires_at_ms > $2";
const USE: &str = "DELETE FROM exemption_links WHERE token_sha256 = $1";

impl Store {
    /// Keeps a link until an instant.
    pub async fn add_exemption_link(
        &self,
        token: &str,
        number: &str,
        approver: &EmployeeId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let add = query(ADD).bind(sha256_hex(token.as_bytes())).bind(number).bind(approver.as_str());
        add.bind(until.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// The number of the application that a link is about, and whose it is; none of a link that was used or is too old.
    pub async fn exemption_link(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<(String, EmployeeId)>, StoreError> {
        let row = query(FIND).bind(sha256_hex(token.as_bytes())).bind(now.ms()).fetch_optional(&self.read).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.try_get("number")?, EmployeeId::new(row.try_get::<String>("employee_id")?))))
    }

    /// Ends a link; false when it had ended before.
    pub async fn use_exemption_link(&self, token: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let used = query(USE).bind(sha256_hex(token.as_bytes())).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(used > 0)
    }
}
