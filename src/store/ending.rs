//! How pages end when they have been inspected: evidence is kept, everything else is dropped without trace of address and bytes.
//! Many end in one transaction, by statements that each speak of all of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::capture::{Capture, CaptureState};
use crate::model::ids::{CaptureHash, CaptureId, TopicId};
use crate::model::time::Timestamp;
use crate::store::capture::{blank, capture};
use crate::store::sql::{Row, query, query_of_list, query_of_rows};
use crate::store::{Store, StoreError, Tx, dialect};
use crate::vault::Vault;

const BEFORE: &str = "SELECT id, scan_id, source_id, entry, url, final_url, status, content_type, fetched_at_ms, sha256, \
    size_bytes, state, EXISTS (SELECT 1 FROM evidence AS e WHERE e.capture_id = captures.id AND e.kept) AS pinned \
    FROM captures WHERE id IN @";
const KEEP: &str = "UPDATE captures SET state = 'kept' WHERE id = $1";
// Both engines call the columns of a list of values so.
const DROP: &str = "UPDATE captures SET state = 'dropped', url = v.column2, final_url = v.column3, content_type = '' \
    FROM (VALUES @) AS v WHERE captures.id = v.column1";
const IN_USE: &str = "SELECT DISTINCT sha256 FROM captures WHERE sha256 IN @ AND state <> 'dropped'";
const REMOVE: &str = "DELETE FROM objects WHERE sha256 IN @";

/// Pages that end in one transaction; other writers wait so long for theirs.
const ENDED_AT_ONCE: usize = 100;

/// The end of a page's inspection.
#[derive(Debug, Clone)]
pub struct PageDone {
    /// The inspected capture.
    pub capture: CaptureId,
    /// Digest of ledgers and platform file by which it was inspected, where the page is remembered; none where it was not fetched.
    pub digest: Option<String>,
    /// Topics of protected speech on the page, one for each subject and topic; only counted.
    pub topics: Vec<TopicId>,
    /// When.
    pub at: Timestamp,
}

/// A capture as it stands before its page ends.
struct Before {
    capture: Capture,
    is_pinned: bool,
}

impl Store {
    /// Ends the inspection of pages: evidence is kept, everything else is dropped, its address blanked and its bytes
    /// removed; protected topics are counted and the digest is remembered. Each page ends as a whole, and a second call does
    /// nothing. Judgements of the pages must be recorded before. Returns what became of each capture.
    pub async fn finish_pages(&self, vault: &Vault, pages: &[PageDone]) -> Result<Vec<CaptureState>, StoreError> {
        let mut states = Vec::with_capacity(pages.len());
        for some in pages.chunks(ENDED_AT_ONCE) {
            states.extend(self.finish_some(vault, some).await?);
        }
        Ok(states)
    }

    async fn finish_some(&self, vault: &Vault, pages: &[PageDone]) -> Result<Vec<CaptureState>, StoreError> {
        let _removing = vault.removing().await;
        let mut tx = self.begin().await?;
        let before = tx.before(pages).await?;
        let states = pages.iter().map(|done| before[&done.capture].state_after()).collect();
        tx.note_done(pages, &before, |at| at.local(self.zone).format("%Y-%m").to_string()).await?;
        let let_go = tx.end(vault, before.into_values().filter(Before::is_waiting).collect()).await?;
        tx.commit().await?;
        for hash in let_go {
            vault.remove_let_go(&hash).await?;
        }
        dialect::empty_log(&self.write).await?;
        Ok(states)
    }
}

impl Before {
    fn is_waiting(&self) -> bool {
        self.capture.state == CaptureState::Pending
    }

    const fn state_after(&self) -> CaptureState {
        match (self.capture.state, self.is_pinned) {
            (CaptureState::Pending, true) => CaptureState::Kept,
            (CaptureState::Pending, false) => CaptureState::Dropped,
            (ended, _) => ended,
        }
    }
}

impl Tx {
    async fn before(&mut self, pages: &[PageDone]) -> Result<HashMap<CaptureId, Before>, StoreError> {
        let ids: Vec<&str> = pages.iter().map(|done| done.capture.as_str()).collect();
        let rows = query_of_list(BEFORE, &ids).fetch_all(&mut self.inner).await?;
        let before = |row: &Row| {
            let before = Before { capture: capture(row)?, is_pinned: row.try_get("pinned")? };
            Ok((before.capture.id.clone(), before))
        };
        let found = rows.iter().map(before).collect::<Result<HashMap<CaptureId, Before>, StoreError>>()?;
        match pages.iter().find(|done| !found.contains_key(&done.capture)) {
            Some(done) => Err(StoreError::NoCapture(done.capture.clone())),
            None => Ok(found),
        }
    }

    /// Counts the topics of pages that end now and remembers by what they were inspected. A month is that of an instant here.
    async fn note_done(
        &mut self,
        pages: &[PageDone],
        before: &HashMap<CaptureId, Before>,
        month: impl Fn(Timestamp) -> String,
    ) -> Result<(), StoreError> {
        let mut addresses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for done in pages.iter().filter(|done| before[&done.capture].is_waiting()) {
            self.count_topics(&month(done.at), &done.topics).await?;
            if let Some(digest) = &done.digest {
                addresses.entry(digest).or_default().push(&before[&done.capture].capture.url);
            }
        }
        for (digest, addresses) in addresses {
            self.note_digest(&addresses, digest).await?;
        }
        Ok(())
    }

    /// Keeps what is pinned and drops the rest. Returns the hashes of bytes that no capture needs any more, of which what lies
    /// outside the database is still to be removed.
    async fn end(&mut self, vault: &Vault, waiting: Vec<Before>) -> Result<Vec<CaptureHash>, StoreError> {
        let (kept, dropped): (Vec<Before>, Vec<Before>) = waiting.into_iter().partition(|before| before.is_pinned);
        for Before { capture, .. } in &kept {
            self.keep(vault, capture).await?;
        }
        if !dropped.is_empty() {
            self.drop_all(&dropped).await?;
        }
        let hashes: HashSet<CaptureHash> = dropped.into_iter().map(|before| before.capture.sha256).collect();
        self.let_go(vault, hashes).await
    }

    /// Keeps a capture and brings its bytes to where kept ones lie.
    async fn keep(&mut self, vault: &Vault, capture: &Capture) -> Result<(), StoreError> {
        query(KEEP).bind(capture.id.as_str()).execute(&mut self.inner).await?;
        if let Some(object) = self.object(&capture.sha256).await? {
            vault.lay_down(object).await?;
        }
        self.forget_laid_down(vault, &capture.sha256).await
    }

    async fn drop_all(&mut self, dropped: &[Before]) -> Result<(), StoreError> {
        let statement = dropped.iter().fold(query_of_rows(DROP, dropped.len(), 3), |statement, before| {
            let Capture { id, url, final_url, .. } = &before.capture;
            statement.bind(id.as_str()).bind(blank(url)).bind(blank(final_url))
        });
        statement.execute(&mut self.inner).await?;
        Ok(())
    }

    async fn forget_laid_down(&mut self, vault: &Vault, hash: &CaptureHash) -> Result<(), StoreError> {
        if vault.has_laid_down(hash) {
            self.remove_object(hash).await?;
        }
        Ok(())
    }

    /// Removes bytes that no capture needs any more, and returns their hashes.
    async fn let_go(
        &mut self,
        vault: &Vault,
        mut hashes: HashSet<CaptureHash>,
    ) -> Result<Vec<CaptureHash>, StoreError> {
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        let listed: Vec<&str> = hashes.iter().map(CaptureHash::as_str).collect();
        for row in query_of_list(IN_USE, &listed).fetch_all(&mut self.inner).await? {
            let in_use = CaptureHash::new(row.try_get::<String>("sha256")?);
            hashes.remove(&in_use);
            self.forget_laid_down(vault, &in_use).await?;
        }
        if !hashes.is_empty() {
            let listed: Vec<&str> = hashes.iter().map(CaptureHash::as_str).collect();
            query_of_list(REMOVE, &listed).execute(&mut self.inner).await?;
        }
        Ok(hashes.into_iter().collect())
    }
}
