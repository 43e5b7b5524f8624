//! Links of letters: by each, one person decides one case once. A link is known by the hash of what stands in the letter.

use crate::model::ids::{CaseId, EmployeeId};
use crate::model::time::Timestamp;
use crate::store::column::sha256_hex;
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const ADD: &str = "INSERT INTO mail_links (token_sha256, case_id, employee_id, expires_at_ms) VALUES ($1, $2, $3, $4)";
const FIND: &str = "SELECT case_id, employee_id FROM mail_links WHERE token_sha256 = $1 AND expires_at_ms > $2";
const USE: &str = "DELETE FROM mail_links WHERE token_sha256 = $1";

impl Store {
    /// Keeps a link until an instant.
    pub async fn add_mail_link(
        &self,
        token: &str,
        case: &CaseId,
        employee: &EmployeeId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let add = query(ADD).bind(sha256_hex(token.as_bytes())).bind(case.as_str()).bind(employee.as_str());
        add.bind(until.ms()).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Which case a link is about, and who may decide it; none of a link that was used or is too old.
    pub async fn mail_link(&self, token: &str, now: Timestamp) -> Result<Option<(CaseId, EmployeeId)>, StoreError> {
        let row = query(FIND).bind(sha256_hex(token.as_bytes())).bind(now.ms()).fetch_optional(&self.read).await?;
        let Some(row) = row else { return Ok(None) };
        let (case, employee): (String, String) = (row.try_get("case_id")?, row.try_get("employee_id")?);
        Ok(Some((CaseId::new(case), EmployeeId::new(employee))))
    }

    /// Ends a link; false when it had ended before, so that of two who use it one is told so.
    pub async fn use_mail_link(&self, token: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let used = query(USE).bind(sha256_hex(token.as_bytes())).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(used > 0)
    }
}
