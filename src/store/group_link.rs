//! Links by which people come to the work groups for which they answer. A link is known by the hash of what stands in the
//! letter, and holds until its end.

use crate::model::ids::EmployeeId;
use crate::model::time::Timestamp;
use crate::store::column::sha256_hex;
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const ADD: &str = "INSERT INTO group_links (token_sha256, employee_id, expires_at_ms) VALUES ($1, $2, $3)";
const FIND: &str = "SELECT employee_id FROM group_links WHERE token_sha256 = $1 AND expires_at_ms > $2";

impl Store {
    /// Keeps a link until an instant.
    pub async fn add_group_link(&self, token: &str, employee: &EmployeeId, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let add = query(ADD).bind(sha256_hex(token.as_bytes())).bind(employee.as_str()).bind(until.ms());
        add.execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Whose link it is; nobody's when it is too old or unknown.
    pub async fn group_link(&self, token: &str, now: Timestamp) -> Result<Option<EmployeeId>, StoreError> {
        let row = query(FIND).bind(sha256_hex(token.as_bytes())).bind(now.ms()).fetch_optional(&self.read).await?;
        row.map(|row| Ok(EmployeeId::new(row.try_get::<String>("employee_id")?))).transpose()
    }
}
