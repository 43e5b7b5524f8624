//! Runs over what was due.

use crate::model::ids::ScanId;
use crate::model::time::Timestamp;
use crate::store::column::{from_json, json, new_id};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

const START: &str = "INSERT INTO scans (id, started_at_ms, summary) VALUES ($1, $2, $3)";
const FINISH: &str = "UPDATE scans SET ended_at_ms = $2, summary = $3 WHERE id = $1";
const LATEST: &str = "SELECT id, started_at_ms, ended_at_ms, summary FROM scans ORDER BY id DESC LIMIT $1";
const ONE: &str = "SELECT id, started_at_ms, ended_at_ms, summary FROM scans WHERE id = $1";

/// One run over what was due.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Identifier.
    pub id: ScanId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it runs, and for a run that was killed.
    pub ended_at: Option<Timestamp>,
    /// What the run says of itself: which pass, counts.
    pub summary: serde_json::Value,
}

impl Store {
    /// Begins a run.
    pub async fn start_scan(&self, now: Timestamp, summary: &serde_json::Value) -> Result<ScanId, StoreError> {
        let id = ScanId::new(new_id(now));
        let mut tx = self.begin().await?;
        let summary = json(summary, "scans.summary")?;
        query(START).bind(id.as_str()).bind(now.ms()).bind(summary).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Ends a run.
    pub async fn finish_scan(
        &self,
        id: &ScanId,
        now: Timestamp,
        summary: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let summary = json(summary, "scans.summary")?;
        query(FINISH).bind(id.as_str()).bind(now.ms()).bind(summary).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// The latest runs, newest first.
    pub async fn latest_scans(&self, limit: u32) -> Result<Vec<Scan>, StoreError> {
        let rows = query(LATEST).bind(i64::from(limit)).fetch_all(&self.read).await?;
        rows.iter().map(scan).collect()
    }

    /// One run.
    pub async fn scan(&self, id: &ScanId) -> Result<Option<Scan>, StoreError> {
        query(ONE).bind(id.as_str()).fetch_optional(&self.read).await?.as_ref().map(scan).transpose()
    }
}

fn scan(row: &Row) -> Result<Scan, StoreError> {
    Ok(Scan {
        id: ScanId::new(row.try_get::<String>("id")?),
        started_at: Timestamp::from_ms(row.try_get("started_at_ms")?),
        ended_at: row.try_get::<Option<i64>>("ended_at_ms")?.map(Timestamp::from_ms),
        summary: from_json(row.try_get("summary")?, "scans.summary")?,
    })
}
