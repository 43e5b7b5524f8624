//! What is remembered of visited pages: hash, status and time. Neither body nor address.

use crate::model::ids::{CaptureHash, SourceId};
use crate::model::time::Timestamp;
use crate::store::column::{count, sha256_hex};
use crate::store::sql::{Row, query, query_of_rows};
use crate::store::{Store, StoreError, Tx};

const ONE: &str = "SELECT source_id, etag, last_modified, status, sha256, fetched_at_ms, ledger_digest FROM pages \
    WHERE url_hash = $1";
const SAVE: &str = "INSERT INTO pages (url_hash, source_id, etag, last_modified, status, sha256, fetched_at_ms, \
    ledger_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (url_hash) DO UPDATE SET \
    source_id = excluded.source_id, etag = excluded.etag, last_modified = excluded.last_modified, \
    status = excluded.status, sha256 = excluded.sha256, fetched_at_ms = excluded.fetched_at_ms, \
    ledger_digest = excluded.ledger_digest";
const DIGEST: &str = "UPDATE pages SET ledger_digest = v.column2 FROM (VALUES @) AS v WHERE pages.url_hash = v.column1";
const PURGE: &str = "DELETE FROM pages WHERE fetched_at_ms < $1";

/// What is remembered of one visited page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageMemo {
    /// Source to which it belongs.
    pub source: SourceId,
    /// ETag of the last full answer.
    pub etag: Option<String>,
    /// Last-Modified of the last full answer, as sent.
    pub last_modified: Option<String>,
    /// HTTP status of the last answer.
    pub status: u16,
    /// Hash of the last body.
    pub sha256: CaptureHash,
    /// When the last answer was complete.
    pub fetched_at: Timestamp,
    /// Digest of the ledgers and platform file by which the body was last inspected.
    /// An unchanged body under unchanged ledgers needs no new inspection.
    pub ledger_digest: String,
}

impl Store {
    /// What is remembered of the page at an address.
    pub async fn page(&self, url: &str) -> Result<Option<PageMemo>, StoreError> {
        let row = query(ONE).bind(sha256_hex(url.as_bytes())).fetch_optional(&self.read).await?;
        row.as_ref().map(memo).transpose()
    }

    /// Remembers a page; of the address only the hash is kept.
    pub async fn remember_page(&self, url: &str, memo: &PageMemo) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.remember_page(url, memo).await?;
        tx.commit().await
    }

    /// Forgets pages last visited before an instant, addresses that have waited since, answers about names, and how lists
    /// changed; returns how many pages.
    pub async fn purge_pages(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        tx.purge_frontier(before).await?;
        tx.purge_discoveries(before).await?;
        tx.purge_rhythms(before).await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

impl Tx {
    pub(super) async fn note_digest(&mut self, urls: &[&str], digest: &str) -> Result<(), StoreError> {
        let statement = urls.iter().fold(query_of_rows(DIGEST, urls.len(), 2), |statement, url| {
            statement.bind(sha256_hex(url.as_bytes())).bind(digest)
        });
        statement.execute(&mut self.inner).await?;
        Ok(())
    }

    pub(super) async fn remember_page(&mut self, url: &str, memo: &PageMemo) -> Result<(), StoreError> {
        query(SAVE)
            .bind(sha256_hex(url.as_bytes()))
            .bind(memo.source.as_str())
            .bind(&memo.etag)
            .bind(&memo.last_modified)
            .bind(i64::from(memo.status))
            .bind(memo.sha256.as_str())
            .bind(memo.fetched_at.ms())
            .bind(&memo.ledger_digest)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }
}

fn memo(row: &Row) -> Result<PageMemo, StoreError> {
    Ok(PageMemo {
        source: SourceId::new(row.try_get::<String>("source_id")?),
        etag: row.try_get("etag")?,
        last_modified: row.try_get("last_modified")?,
        status: count(row.try_get("status")?),
        sha256: CaptureHash::new(row.try_get::<String>("sha256")?),
        fetched_at: Timestamp::from_ms(row.try_get("fetched_at_ms")?),
        ledger_digest: row.try_get("ledger_digest")?,
    })
}
