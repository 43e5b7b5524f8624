//! Pages as they arrive: bytes and row at once, or the row alone where a page has nothing to say.

use std::collections::HashSet;

use crate::model::capture::{Capture, CaptureState};
use crate::model::ids::{ScanId, SourceId};
use crate::model::time::Timestamp;
use crate::store::capture::blank;
use crate::store::column::first_id;
use crate::store::frontier::ROWS_AT_ONCE;
use crate::store::sql::query;
use crate::store::{Object, PageMemo, Store, StoreError, Tx};
use crate::vault::{Vault, VaultError};

const LET_GO: &str = "SELECT url, final_url FROM captures \
    WHERE state = 'dropped' AND id >= $1 AND scan_id = $2 AND source_id = $3 AND entry = 'post'";

/// A page that was fetched.
#[derive(Debug)]
pub struct Arrival {
    capture: Capture,
    /// Its body; none where it is let go.
    bytes: Option<Vec<u8>>,
    memo: Option<PageMemo>,
    /// Keys of the posts for which it may be let go; none where it may not.
    silent: Option<Vec<String>>,
}

impl Arrival {
    /// A page that waits for its inspection, with what is remembered of its address.
    pub const fn waiting(capture: Capture, bytes: Vec<u8>, memo: Option<PageMemo>) -> Self {
        Self { capture, bytes: Some(bytes), memo, silent: None }
    }

    /// A page of posts, given by their keys, that were judged when it came and have nothing to say. Unless something is known of
    /// one of them, hash, status and time are all that is stored of it; else it waits.
    pub const fn silent(capture: Capture, bytes: Vec<u8>, posts: Vec<String>) -> Self {
        Self { capture, bytes: Some(bytes), memo: None, silent: Some(posts) }
    }

    /// Bytes that are still to be stored.
    pub fn bytes(&self) -> usize {
        self.bytes.as_ref().map_or(0, Vec::len)
    }

    /// When it was fetched.
    pub const fn fetched_at(&self) -> Timestamp {
        self.capture.fetched_at
    }

    /// Lets it go where that may be and nothing is known of its posts; returns how many were let go with it.
    fn let_go_unless(&mut self, known: &HashSet<String>) -> usize {
        let Some(posts) = self.silent.take() else { return 0 };
        if posts.iter().any(|post| known.contains(post)) {
            return 0;
        }
        self.capture.state = CaptureState::Dropped;
        self.bytes = None;
        posts.len()
    }

    fn row(&self) -> Capture {
        let capture = self.capture.clone();
        if capture.state != CaptureState::Dropped {
            return capture;
        }
        let (url, final_url) = (blank(&capture.url), blank(&capture.final_url));
        Capture { url, final_url, content_type: String::new(), ..capture }
    }
}

impl Store {
    /// Takes in a fetched answer: bytes and row at once. A pending capture survives a crash.
    pub async fn receive(&self, vault: &Vault, capture: &Capture, bytes: Vec<u8>) -> Result<(), StoreError> {
        let _storing = vault.storing().await;
        let page = Arrival::waiting(capture.clone(), bytes, None);
        self.take_in(vault, vec![page]).await?.commit().await
    }

    /// Lets go of pages that have nothing to say, unless something is known of their posts; returns how many posts were let go.
    pub(super) async fn let_go_silent(&self, pages: &mut [Arrival]) -> Result<usize, StoreError> {
        let posts: Vec<&str> = pages.iter().flat_map(|page| &page.silent).flatten().map(String::as_str).collect();
        let known = self.known_subjects(&posts).await?;
        Ok(pages.iter_mut().map(|page| page.let_go_unless(&known)).sum())
    }

    /// Of these addresses of posts those of which a run let the own page go when it came from a source, or the visit did with
    /// which it went on. Nothing that the visit fetched is older than `since`.
    pub async fn let_go_in<'a>(
        &self,
        (scan, source): (&ScanId, &SourceId),
        since: Timestamp,
        addresses: &[&'a str],
    ) -> Result<HashSet<&'a str>, StoreError> {
        let statement = query(LET_GO).bind(first_id(since)).bind(scan.as_str()).bind(source.as_str());
        let mut let_go: HashSet<String> = HashSet::new();
        for row in statement.fetch_all(&self.read).await? {
            let_go.extend([row.try_get("url")?, row.try_get("final_url")?]);
        }
        Ok(addresses.iter().copied().filter(|address| let_go.contains(&blank(address))).collect())
    }

    /// Begins a transaction with pages. The caller keeps unreferenced bytes from being removed meanwhile.
    pub(super) async fn take_in(&self, vault: &Vault, mut pages: Vec<Arrival>) -> Result<Tx, StoreError> {
        let objects = packed(vault, &mut pages).await?;
        let mut tx = self.begin().await?;
        for object in objects {
            tx.put_object(object).await?;
        }
        let rows: Vec<Capture> = pages.iter().map(Arrival::row).collect();
        for rows in rows.chunks(ROWS_AT_ONCE) {
            tx.add_captures(rows).await?;
        }
        for Arrival { capture, memo, .. } in &pages {
            if let Some(memo) = memo {
                tx.remember_page(&capture.url, memo).await?;
            }
        }
        Ok(tx)
    }
}

/// The bytes of pages as they are stored, which are not held any longer.
async fn packed(vault: &Vault, pages: &mut [Arrival]) -> Result<Vec<Object>, StoreError> {
    let mut objects = Vec::new();
    for page in pages {
        let Some(bytes) = page.bytes.take() else { continue };
        let object = vault.take_in(bytes).await?;
        if object.hash != page.capture.sha256 {
            return Err(VaultError::Damaged(page.capture.sha256.clone()).into());
        }
        objects.push(object);
    }
    Ok(objects)
}
