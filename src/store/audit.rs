//! Who did or read what. Without content: identifiers only.

use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::column::new_id;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ADD: &str = "INSERT INTO audit (id, at_ms, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5, $6)";
const PURGE: &str = "DELETE FROM audit WHERE at_ms < $1";
const LATEST: &str = "SELECT at_ms, actor, action, object, detail FROM audit ORDER BY id DESC LIMIT $1";
const OF_OBJECT: &str = "SELECT at_ms, actor, action, object, detail FROM audit WHERE object = $1 ORDER BY id";

impl Store {
    /// Writes one line.
    pub async fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.audit(entry).await?;
        tx.commit().await
    }

    /// The latest lines, newest first.
    pub async fn latest_audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        query(LATEST).bind(i64::from(limit)).fetch_all(&self.read).await?.iter().map(entry).collect()
    }

    /// Forgets lines from before an instant; returns how many.
    pub async fn purge_audit(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }

    /// All lines about one thing, oldest first.
    pub async fn audit_of(&self, object: &str) -> Result<Vec<AuditEntry>, StoreError> {
        query(OF_OBJECT).bind(object).fetch_all(&self.read).await?.iter().map(entry).collect()
    }
}

impl Tx {
    pub(super) async fn audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        query(ADD)
            .bind(new_id(entry.at))
            .bind(entry.at.ms())
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.object)
            .bind(&entry.detail)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        at: Timestamp::from_ms(row.try_get("at_ms")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: row.try_get("detail")?,
    })
}
