//! The hash chain over evidence, decisions and retention: each link holds the hash of the one before, so that a changed,
//! missing or inserted line shows. `docs/evidence.md` checks an export of it with common tools.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::model::ids::CaptureHash;
use crate::model::time::Timestamp;
use crate::store::column::{count, from_json, from_word, sha256_hex, word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};
use crate::vault::{Vault, VaultError};

const HEAD: &str = "SELECT seq, hash FROM chain ORDER BY seq DESC LIMIT 1";
const APPEND: &str = "INSERT INTO chain (seq, at_ms, kind, body, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6)";
const PAGE: &str = "SELECT seq, at_ms, kind, body, prev_hash, hash FROM chain WHERE seq > $1 ORDER BY seq LIMIT 1000";

/// The hash before the first link.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a link is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainKind {
    /// A capture was pinned.
    Evidence,
    /// A case was decided, reopened or re-checked.
    Decision,
    /// Bytes were erased because their time was over.
    Retention,
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEntry {
    /// Number, from 1 without gaps.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it is about.
    pub kind: ChainKind,
    /// JSON on one line, keys in alphabetical order: identifiers, hashes, times and case numbers; no names.
    pub body: String,
    /// Hash of the link before.
    pub prev_hash: String,
    /// SHA-256 over `prev_hash`, a line feed and `body`.
    pub hash: String,
}

/// What is wrong with the chain or the evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainProblem {
    /// A number is missing or out of order.
    #[error("link {expected} is missing: {found} stands in its place")]
    Gap {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The link does not continue the one before.
    #[error("link {0} does not continue the one before")]
    Torn(u64),
    /// The body is not the one that was hashed.
    #[error("link {0} was changed after it was written")]
    Changed(u64),
    /// The bytes of evidence are gone without a retention link.
    #[error("the bytes {hash} of link {seq} are missing")]
    Missing {
        /// Link.
        seq: u64,
        /// Hash of the bytes.
        hash: CaptureHash,
    },
    /// The bytes of evidence are not those that were hashed.
    #[error("the bytes {hash} of link {seq} are damaged")]
    Damaged {
        /// Link.
        seq: u64,
        /// Hash of the bytes.
        hash: CaptureHash,
    },
    /// The bytes are sealed and there is no key to check them.
    #[error("the bytes {hash} of link {seq} are sealed and were not checked: configure the key")]
    Unchecked {
        /// Link.
        seq: u64,
        /// Hash of the bytes.
        hash: CaptureHash,
    },
}

/// The result of checking everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// Links read.
    pub links: u64,
    /// Stored objects whose bytes are those that were hashed.
    pub objects: u64,
    /// Objects erased by retention, as the chain says.
    pub erased: u64,
    /// Hash of the last link: written down elsewhere, it proves later that nothing before it was exchanged.
    pub head: String,
    /// What is wrong. Empty when all is well.
    pub problems: Vec<ChainProblem>,
}

/// Recomputes the chain and the hash of every piece of evidence.
pub async fn verify(store: &Store, vault: &Vault) -> Result<Verification, StoreError> {
    let links = store.chain_entries().await?;
    let mut verification = check_links(&links);
    let (wanted, erased) = objects_of(&links)?;
    verification.erased = u64::try_from(erased.len()).unwrap_or(u64::MAX);
    let (objects, problems) = check_objects(vault, &wanted).await;
    verification.objects = objects;
    verification.problems.extend(problems);
    Ok(verification)
}

/// The links whose bodies are about something, and whether the whole chain is sound; stored bytes are not looked at.
///
/// # Errors
/// When the database cannot be read.
pub async fn chain_about(
    store: &Store,
    is_about: impl Fn(&str) -> bool + Send,
) -> Result<(Vec<ChainEntry>, Verification), StoreError> {
    let mut about = Vec::new();
    let mut checked = Links::default();
    let mut after = 0;
    loop {
        let links = store.chain_page(after).await?;
        let Some(last) = links.last() else { return Ok((about, checked.verification())) };
        after = last.seq;
        links.iter().for_each(|link| checked.take(link));
        about.extend(links.into_iter().filter(|link| is_about(&link.body)));
    }
}

/// Writes what an outsider needs to check the evidence into a folder, which must be empty or new:
/// `chain.jsonl` (a body a line), `chain.sha256` (a hash a line), `objects/<hash>` and `objects.sha256`; and the audit as
/// `audit.jsonl` and `audit.sha256`, which begins with the hash before the first line.
/// Objects that are sealed are written in clear when the vault has the key, and left out otherwise.
pub async fn export(store: &Store, vault: &Vault, folder: &Path) -> Result<Verification, StoreError> {
    let links = store.chain_entries().await?;
    let (wanted, _) = objects_of(&links)?;
    write_export(&links, &wanted, vault, folder).await?;
    write_audit(store, folder).await?;
    verify(store, vault).await
}

impl Store {
    /// The whole chain from its first link.
    pub async fn chain_entries(&self) -> Result<Vec<ChainEntry>, StoreError> {
        let mut links: Vec<ChainEntry> = Vec::new();
        loop {
            let page = self.chain_page(links.last().map_or(0, |link| link.seq)).await?;
            if page.is_empty() {
                return Ok(links);
            }
            links.extend(page);
        }
    }

    async fn chain_page(&self, after: u64) -> Result<Vec<ChainEntry>, StoreError> {
        let rows = query(PAGE).bind(i64::try_from(after).unwrap_or(i64::MAX)).fetch_all(&self.read).await?;
        rows.iter().map(entry).collect()
    }

    /// Hash of the last link, to be written down elsewhere; 64 zeros when the chain is empty.
    pub async fn chain_head(&self) -> Result<String, StoreError> {
        let row = query(HEAD).fetch_optional(&self.read).await?;
        Ok(row.map(|row| row.try_get("hash")).transpose()?.unwrap_or_else(|| GENESIS.to_owned()))
    }
}

impl Tx {
    /// Appends a link. Number, instant and kind are put into the body, so that they are hashed too.
    pub(super) async fn chain(&mut self, kind: ChainKind, at: Timestamp, body: Value) -> Result<(), StoreError> {
        let head = query(HEAD).fetch_optional(&mut self.inner).await?;
        let (last, prev_hash) = match head {
            Some(row) => (row.try_get::<i64>("seq")?, row.try_get::<String>("hash")?),
            None => (0, GENESIS.to_owned()),
        };
        let body = canonical(body, last + 1, kind, at);
        query(APPEND)
            .bind(last + 1)
            .bind(at.ms())
            .bind(word(&kind))
            .bind(&body)
            .bind(&prev_hash)
            .bind(link_hash(&prev_hash, &body))
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }
}

fn canonical(body: Value, seq: i64, kind: ChainKind, at: Timestamp) -> String {
    let mut sorted: BTreeMap<String, Value> = BTreeMap::new();
    if let Value::Object(fields) = body {
        sorted.extend(fields);
    }
    sorted.insert("seq".to_owned(), json!(seq));
    sorted.insert("kind".to_owned(), json!(kind));
    sorted.insert("at".to_owned(), json!(at));
    serde_json::to_string(&sorted).unwrap_or_default()
}

pub(super) fn link_hash(prev_hash: &str, body: &str) -> String {
    sha256_hex(format!("{prev_hash}\n{body}").as_bytes())
}

/// Links of a chain as they are read, one after the other.
#[derive(Debug)]
pub(super) struct Links {
    last: u64,
    /// Links read.
    pub(super) count: u64,
    /// Hash of the last one.
    pub(super) head: String,
    /// What is wrong.
    pub(super) problems: Vec<ChainProblem>,
}

impl Default for Links {
    fn default() -> Self {
        Self::after(0, GENESIS)
    }
}

impl Links {
    /// Begins after a link of that number and hash.
    pub(super) fn after(last: u64, head: &str) -> Self {
        Self { last, count: 0, head: head.to_owned(), problems: Vec::new() }
    }

    /// Checks the next link.
    pub(super) fn add(&mut self, seq: u64, prev_hash: &str, body: &str, hash: &str) {
        if seq != self.last + 1 {
            self.problems.push(ChainProblem::Gap { expected: self.last + 1, found: seq });
        }
        if prev_hash != self.head {
            self.problems.push(ChainProblem::Torn(seq));
        }
        if link_hash(prev_hash, body) != hash {
            self.problems.push(ChainProblem::Changed(seq));
        }
        hash.clone_into(&mut self.head);
        self.count += 1;
        self.last = seq;
    }

    fn take(&mut self, link: &ChainEntry) {
        let known = self.problems.len();
        self.add(link.seq, &link.prev_hash, &link.body, &link.hash);
        let is_changed = self.problems[known..].contains(&ChainProblem::Changed(link.seq));
        if !is_changed && !columns_agree(link) {
            self.problems.push(ChainProblem::Changed(link.seq));
        }
    }

    fn verification(self) -> Verification {
        Verification { links: self.count, head: self.head, problems: self.problems, ..Verification::default() }
    }
}

fn check_links(links: &[ChainEntry]) -> Verification {
    let mut checked = Links::default();
    links.iter().for_each(|link| checked.take(link));
    checked.verification()
}

/// The columns repeat what the hashed body says.
fn columns_agree(link: &ChainEntry) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&link.body) else { return false };
    body["seq"] == json!(link.seq) && body["kind"] == json!(link.kind) && body["at"] == json!(link.at)
}

type Objects = BTreeMap<CaptureHash, u64>;

/// The objects that must be there, each with the first link that cites it; and those that were erased since.
fn objects_of(links: &[ChainEntry]) -> Result<(Objects, BTreeSet<CaptureHash>), StoreError> {
    let (mut wanted, mut erased) = (Objects::new(), BTreeSet::new());
    for link in links {
        let body: Value = from_json(&link.body, "chain.body").unwrap_or_default();
        let Some(hash) = body["sha256"].as_str().map(CaptureHash::new) else { continue };
        match link.kind {
            ChainKind::Evidence if body["kept"] == json!(true) => {
                erased.remove(&hash);
                wanted.entry(hash).or_insert(link.seq);
            }
            ChainKind::Retention => {
                wanted.remove(&hash);
                erased.insert(hash);
            }
            ChainKind::Evidence | ChainKind::Decision => {}
        }
    }
    Ok((wanted, erased))
}

async fn check_objects(vault: &Vault, wanted: &Objects) -> (u64, Vec<ChainProblem>) {
    let (mut sound, mut problems) = (0, Vec::new());
    for (hash, &seq) in wanted {
        let hash = hash.clone();
        match vault.get(&hash).await {
            Ok(_) => sound += 1,
            Err(VaultError::Missing(_) | VaultError::NotAHash(_)) => problems.push(ChainProblem::Missing { seq, hash }),
            Err(VaultError::Sealed(_)) if !vault.can_seal() => problems.push(ChainProblem::Unchecked { seq, hash }),
            Err(_) => problems.push(ChainProblem::Damaged { seq, hash }),
        }
    }
    (sound, problems)
}

async fn write_export(links: &[ChainEntry], wanted: &Objects, vault: &Vault, folder: &Path) -> std::io::Result<()> {
    let objects = folder.join("objects");
    fs::create_dir_all(folder)?;
    fs::create_dir(&objects)?;
    let lines = |of: fn(&ChainEntry) -> &str| links.iter().map(|link| format!("{}\n", of(link))).collect::<String>();
    fs::write(folder.join("chain.jsonl"), lines(|link| &link.body))?;
    fs::write(folder.join("chain.sha256"), lines(|link| &link.hash))?;
    let mut sums = String::new();
    for hash in wanted.keys() {
        // What cannot be read is left out here and named by the verification that follows.
        if let Ok(bytes) = vault.get(hash).await {
            fs::write(objects.join(hash.as_str()), bytes)?;
            sums.push_str(&format!("{hash}  {hash}\n"));
        }
    }
    fs::write(folder.join("objects.sha256"), sums)
}

/// The audit's linked lines, and their hashes after the one before the first of them.
async fn write_audit(store: &Store, folder: &Path) -> Result<(), StoreError> {
    let mut lines = BufWriter::new(File::create(folder.join("audit.jsonl"))?);
    let mut hashes = BufWriter::new(File::create(folder.join("audit.sha256"))?);
    let mut last = 0;
    loop {
        let page = store.audit_links(last).await?;
        let (Some(first), Some(end)) = (page.first(), page.last()) else { break };
        if last == 0 {
            writeln!(hashes, "{}", first.prev_hash)?;
        }
        last = end.seq;
        for link in &page {
            writeln!(lines, "{}", link.body)?;
            writeln!(hashes, "{}", link.hash)?;
        }
    }
    lines.flush()?;
    Ok(hashes.flush()?)
}

fn entry(row: &Row) -> Result<ChainEntry, StoreError> {
    Ok(ChainEntry {
        seq: count(row.try_get("seq")?),
        at: Timestamp::from_ms(row.try_get("at_ms")?),
        kind: from_word(row.try_get("kind")?, "chain.kind")?,
        body: row.try_get("body")?,
        prev_hash: row.try_get("prev_hash")?,
        hash: row.try_get("hash")?,
    })
}
