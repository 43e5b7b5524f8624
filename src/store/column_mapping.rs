//! Which headers of a foreign file meant which columns of a ledger, to be proposed again.

use crate::ledger::mapping::ColumnMapping;
use crate::model::audit::AuditEntry;
use crate::store::column::{from_json, json};
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const HEADERS: &str = "column_mappings.headers";
const OF_LEDGER: &str = "SELECT headers FROM column_mappings WHERE ledger = $1";
const SAVE: &str = "INSERT INTO column_mappings (ledger, headers, saved_at_ms) VALUES ($1, $2, $3) \
    ON CONFLICT (ledger) DO UPDATE SET headers = excluded.headers, saved_at_ms = excluded.saved_at_ms";

impl Store {
    /// The headers that were chosen last for a ledger; none where nobody has.
    pub async fn column_mapping(&self, ledger: &str) -> Result<ColumnMapping, StoreError> {
        let row = query(OF_LEDGER).bind(ledger).fetch_optional(&self.read).await?;
        let Some(row) = row else { return Ok(ColumnMapping::new()) };
        from_json(&row.try_get::<String>("headers")?, HEADERS)
    }

    /// Remembers the headers that were chosen for a ledger, with its audit line.
    pub async fn save_column_mapping(
        &self,
        ledger: &str,
        mapping: &ColumnMapping,
        audit: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let save = query(SAVE).bind(ledger).bind(json(mapping, HEADERS)?).bind(audit.at.ms());
        save.execute(&mut tx.inner).await?;
        tx.audit(audit).await?;
        tx.commit().await
    }
}
