//! Who did or read what. Without content: identifiers only.

use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::column::new_id;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ADD: &str = "INSERT INTO audit (id, at_ms, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5, $6)";
const PURGE: &str = "DELETE FROM audit WHERE at_ms < $1";
const LATEST: &str = "SELECT at_ms, actor, action, object, detail FROM audit ORDER BY id DESC LIMIT $1";
// An empty value asks for nothing.
const PAGE: &str = "SELECT at_ms, actor, action, object, detail FROM audit \
    WHERE ($1 = '' OR actor = $1) AND ($2 = '' OR action = $2) AND ($3 = '' OR object = $3) \
    ORDER BY id DESC LIMIT $4 OFFSET $5";
const OF_OBJECT: &str = "SELECT at_ms, actor, action, object, detail FROM audit WHERE object = $1 ORDER BY id";

/// Which lines of the audit somebody wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditQuery {
    /// Only by this actor; by everybody when empty.
    pub actor: String,
    /// Only this action; every action when empty.
    pub action: String,
    /// Only about this thing; about everything when empty.
    pub object: String,
    /// Page, from 0.
    pub page: u32,
    /// Lines of a page.
    pub size: u32,
}

impl Store {
    /// One page of the audit, newest first.
    pub async fn audit_page(&self, wish: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let skipped = i64::from(wish.page) * i64::from(wish.size);
        let page = query(PAGE).bind(wish.actor.as_str()).bind(wish.action.as_str()).bind(wish.object.as_str());
        let rows = page.bind(i64::from(wish.size)).bind(skipped).fetch_all(&self.read).await?;
        rows.iter().map(entry).collect()
    }

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
