//! Fetched answers: pending until inspected, then kept as evidence or dropped without trace of address and bytes.

use std::collections::BTreeSet;

use crate::model::capture::Capture;
use crate::model::ids::{CaptureHash, CaptureId, ScanId, SourceId};
use crate::model::time::Timestamp;
use crate::store::column::{big, count, from_word, sha256_hex, word};
use crate::store::sql::{Query, Row, query, query_of_rows};
use crate::store::{Store, StoreError, Tx};
use crate::vault::{Swept, Vault};

const ADD: &str = "INSERT INTO captures (id, scan_id, source_id, entry, url, final_url, status, content_type, \
    fetched_at_ms, sha256, size_bytes, state) VALUES @ ON CONFLICT (id) DO NOTHING";
const ONE: &str = "SELECT id, scan_id, source_id, entry, url, final_url, status, content_type, fetched_at_ms, sha256, \
    size_bytes, state FROM captures WHERE id = $1";
const PENDING: &str = "SELECT id, scan_id, source_id, entry, url, final_url, status, content_type, fetched_at_ms, \
    sha256, size_bytes, state FROM captures WHERE state = 'pending' AND ($2 = '' OR scan_id = $2) \
    AND ($3 = '' OR source_id = $3) ORDER BY id LIMIT $1";
const WAITING: &str = "SELECT DISTINCT source_id FROM captures WHERE state = 'pending' ORDER BY source_id";
const DROP: &str = "UPDATE captures SET state = 'dropped', url = $2, final_url = $3, content_type = '' WHERE id = $1";
const PINNED: &str = "SELECT COUNT(*) AS n FROM evidence WHERE capture_id = $1 AND kept";
const IN_USE: &str = "SELECT COUNT(*) AS n FROM captures WHERE sha256 = $1 AND state <> 'dropped'";
const ALL_IN_USE: &str = "SELECT DISTINCT sha256 FROM captures WHERE state <> 'dropped'";

const PURGE: &str = "DELETE FROM captures WHERE state = 'dropped' AND fetched_at_ms < $1 \
    AND NOT EXISTS (SELECT 1 FROM evidence AS e WHERE e.capture_id = captures.id)";

impl Store {
    /// Captures that wait for inspection, oldest first: of one run, of one source, or all.
    pub async fn pending_captures(
        &self,
        scan: Option<&ScanId>,
        source: Option<&SourceId>,
        limit: u32,
    ) -> Result<Vec<Capture>, StoreError> {
        let rows = query(PENDING)
            .bind(i64::from(limit))
            .bind(scan.map_or("", ScanId::as_str))
            .bind(source.map_or("", SourceId::as_str))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(capture).collect()
    }

    /// Sources of which captures wait for inspection.
    pub async fn waiting_sources(&self) -> Result<Vec<SourceId>, StoreError> {
        let rows = query(WAITING).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok(SourceId::new(row.try_get::<String>("source_id")?))).collect()
    }

    /// One capture.
    pub async fn capture(&self, id: &CaptureId) -> Result<Option<Capture>, StoreError> {
        query(ONE).bind(id.as_str()).fetch_optional(&self.read).await?.as_ref().map(capture).transpose()
    }

    /// Drops captures that wait for inspection and whose bytes are gone, as after a backup was brought back that was made
    /// while they were inspected. Returns how many.
    pub async fn drop_lost_captures(&self, vault: &Vault) -> Result<u64, StoreError> {
        let mut lost = 0;
        for capture in self.pending_captures(None, None, u32::MAX >> 1).await? {
            if !vault.contains(&capture.sha256).await? {
                let mut tx = self.begin().await?;
                lost += u64::from(tx.drop_unless_pinned(&capture).await?);
                tx.commit().await?;
            }
        }
        Ok(lost)
    }

    /// Drops captures of sources that are never visited, fetched before an instant, that still wait: whoever brought them was
    /// killed before they were judged. Returns how many.
    pub async fn drop_stranded(&self, sources: &[SourceId], before: Timestamp) -> Result<u64, StoreError> {
        let mut dropped = 0;
        for source in sources {
            let waiting = self.pending_captures(None, Some(source), u32::MAX >> 1).await?;
            for capture in waiting.iter().filter(|capture| capture.fetched_at < before) {
                let mut tx = self.begin().await?;
                dropped += u64::from(tx.drop_unless_pinned(capture).await?);
                tx.commit().await?;
            }
        }
        Ok(dropped)
    }

    /// Forgets dropped captures fetched before an instant: what was left of them is hash, status and time.
    /// Returns how many.
    pub async fn purge_captures(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }

    /// Removes from the vault what no capture refers to, such as bytes left by a killed process,
    /// where last written before an instant.
    pub async fn sweep(&self, vault: &Vault, before: Timestamp) -> Result<Swept, StoreError> {
        let _removing = vault.removing().await;
        let rows = query(ALL_IN_USE).fetch_all(&self.read).await?;
        let hash = |row: &Row| Ok(CaptureHash::new(row.try_get::<String>("sha256")?));
        let in_use = rows.iter().map(hash).collect::<Result<BTreeSet<CaptureHash>, sqlx::Error>>()?;
        Ok(vault.sweep(before, move |hash| in_use.contains(hash)).await?)
    }
}

impl Tx {
    pub(super) async fn capture(&mut self, id: &CaptureId) -> Result<Capture, StoreError> {
        let row = query(ONE).bind(id.as_str()).fetch_optional(&mut self.inner).await?;
        row.as_ref().map(capture).transpose()?.ok_or_else(|| StoreError::NoCapture(id.clone()))
    }

    pub(super) async fn add_captures(&mut self, captures: &[Capture]) -> Result<(), StoreError> {
        let with_capture = |statement: Query, capture: &Capture| {
            statement
                .bind(capture.id.as_str())
                .bind(capture.scan.as_str())
                .bind(capture.source.as_str())
                .bind(word(&capture.entry))
                .bind(&capture.url)
                .bind(&capture.final_url)
                .bind(i64::from(capture.status))
                .bind(&capture.content_type)
                .bind(capture.fetched_at.ms())
                .bind(capture.sha256.as_str())
                .bind(big(capture.size))
                .bind(word(&capture.state))
        };
        let statement = query_of_rows(ADD, captures.len(), 12);
        captures.iter().fold(statement, with_capture).execute(&mut self.inner).await?;
        Ok(())
    }

    /// Drops a capture that is no evidence and blanks its address; true when it was dropped.
    pub(super) async fn drop_unless_pinned(&mut self, capture: &Capture) -> Result<bool, StoreError> {
        let id = capture.id.as_str();
        let pinned: i64 = query(PINNED).bind(id).fetch_one(&mut self.inner).await?.try_get("n")?;
        if pinned > 0 {
            return Ok(false);
        }
        let (url, final_url) = (blank(&capture.url), blank(&capture.final_url));
        query(DROP).bind(id).bind(url).bind(final_url).execute(&mut self.inner).await?;
        Ok(true)
    }

    pub(super) async fn is_in_use(&mut self, hash: &CaptureHash) -> Result<bool, StoreError> {
        let n: i64 = query(IN_USE).bind(hash.as_str()).fetch_one(&mut self.inner).await?.try_get("n")?;
        Ok(n > 0)
    }
}

pub(super) fn blank(url: &str) -> String {
    if url.starts_with("sha256:") {
        return url.to_owned();
    }
    format!("sha256:{}", sha256_hex(url.as_bytes()))
}

pub(super) fn capture(row: &Row) -> Result<Capture, StoreError> {
    Ok(Capture {
        id: CaptureId::new(row.try_get::<String>("id")?),
        scan: ScanId::new(row.try_get::<String>("scan_id")?),
        source: SourceId::new(row.try_get::<String>("source_id")?),
        entry: from_word(row.try_get("entry")?, "captures.entry")?,
        url: row.try_get("url")?,
        final_url: row.try_get("final_url")?,
        status: count(row.try_get("status")?),
        content_type: row.try_get("content_type")?,
        fetched_at: Timestamp::from_ms(row.try_get("fetched_at_ms")?),
        sha256: CaptureHash::new(row.try_get::<String>("sha256")?),
        size: count(row.try_get("size_bytes")?),
        state: from_word(row.try_get("state")?, "captures.state")?,
    })
}
