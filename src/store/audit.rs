//! Who did or read what. Without content: identifiers only. Each line holds the hash of the one before, so that a changed,
//! missing or inserted line shows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::chain::{GENESIS, Links, link_hash};
use crate::store::column::{count, new_id};
use crate::store::sql::{Row, query};
use crate::store::{ChainProblem, Store, StoreError, Tx};

const HEAD: &str = "SELECT seq, hash FROM audit WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1";
const ADD: &str = "INSERT INTO audit (id, at_ms, actor, action, object, detail, seq, prev_hash, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
// Links go from the beginning only: clocks of several machines may differ, and a chain has no holes.
macro_rules! over {
    () => {
        "FROM audit WHERE at_ms < $1 AND (seq IS NULL \
         OR seq < COALESCE((SELECT MIN(a.seq) FROM audit AS a WHERE a.at_ms >= $1), 9223372036854775807))"
    };
}
const OVER: &str = concat!("SELECT COUNT(*) AS n, COALESCE(MAX(seq), 0) AS seq ", over!());
const PURGE: &str = concat!("DELETE ", over!());
const LINKED: &str = "SELECT at_ms, actor, action, object, detail, seq, prev_hash, hash FROM audit WHERE seq > $1 \
    ORDER BY seq LIMIT 1000";
const UNLINKED: &str = "SELECT COUNT(*) AS n FROM audit WHERE seq IS NULL";
const LATEST: &str = "SELECT at_ms, actor, action, object, detail FROM audit ORDER BY id DESC LIMIT $1";
// An empty value asks for nothing. That there is a leak is for its readers.
const PAGE: &str = "SELECT at_ms, actor, action, object, detail FROM audit \
    WHERE ($1 = '' OR actor = $1) AND ($2 = '' OR action = $2) AND ($3 = '' OR object = $3) \
    AND object NOT IN (SELECT c.id FROM cases AS c WHERE c.lane_class = 'leak') AND at_ms <= $6 \
    ORDER BY id DESC LIMIT $4 OFFSET $5";
const OF_OBJECT: &str = "SELECT at_ms, actor, action, object, detail FROM audit WHERE object = $1 ORDER BY id";

/// What was done when lines were forgotten; the detail is the number of the last one that is gone.
const PURGED: &str = "audit.purge";

/// Which lines of the audit somebody wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditQuery {
    /// Only by this actor; by everybody when empty.
    pub actor: String,
    /// Only this action; every action when empty.
    pub action: String,
    /// Only about this thing; about everything when empty.
    pub object: String,
    /// Only what was noted until then, so that pages read one after the other do not shift; everything without it.
    pub until: Option<Timestamp>,
    /// Page, from 0.
    pub page: u32,
    /// Lines of a page.
    pub size: u32,
}

/// One line as a link of its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLink {
    /// Number, without gaps.
    pub seq: u64,
    /// The line as JSON on one line, keys in alphabetical order.
    pub body: String,
    /// Hash of the link before.
    pub prev_hash: String,
    /// SHA-256 over `prev_hash`, a line feed and `body`.
    pub hash: String,
    entry: AuditEntry,
}

/// What checking the audit came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditVerification {
    /// Lines that are linked.
    pub lines: u64,
    /// Lines that an older program wrote, which nothing links.
    pub unlinked: u64,
    /// Hash of the last line.
    pub head: String,
    /// What is wrong. Empty when all is well.
    pub problems: Vec<ChainProblem>,
}

impl Store {
    /// One page of the audit without what was done to cases of the leak lane, newest first.
    pub async fn audit_page(&self, wish: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let skipped = i64::from(wish.page) * i64::from(wish.size);
        let page = query(PAGE).bind(wish.actor.as_str()).bind(wish.action.as_str()).bind(wish.object.as_str());
        let page = page.bind(i64::from(wish.size)).bind(skipped).bind(wish.until.map_or(i64::MAX, Timestamp::ms));
        page.fetch_all(&self.read).await?.iter().map(entry).collect()
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

    /// Forgets lines from before an instant, and says so in a line; returns how many.
    pub async fn purge_audit(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let row = query(OVER).bind(before.ms()).fetch_one(&mut tx.inner).await?;
        let (purged, last): (i64, i64) = (row.try_get("n")?, row.try_get("seq")?);
        if purged > 0 {
            // Before anything goes, so that the number of the last line is known.
            tx.audit(&purge_line(last, now)).await?;
            query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        }
        tx.commit().await?;
        Ok(count(purged))
    }

    /// All lines about one thing, oldest first.
    pub async fn audit_of(&self, object: &str) -> Result<Vec<AuditEntry>, StoreError> {
        query(OF_OBJECT).bind(object).fetch_all(&self.read).await?.iter().map(entry).collect()
    }

    /// At most 1,000 linked lines after a number, in their order.
    pub async fn audit_links(&self, after: u64) -> Result<Vec<AuditLink>, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        query(LINKED).bind(after).fetch_all(&self.read).await?.iter().map(link).collect()
    }

    /// Recomputes the chain of the audit. It begins with the first line or after those that were forgotten.
    pub async fn verify_audit(&self) -> Result<AuditVerification, StoreError> {
        let mut links: Option<Links> = None;
        let (mut first, mut forgotten, mut last) = (1, 0, 0);
        loop {
            let page = self.audit_links(last).await?;
            let Some(end) = page.last() else { break };
            last = end.seq;
            for link in page {
                let links = links.get_or_insert_with(|| {
                    first = link.seq;
                    Links::after(link.seq - 1, &link.prev_hash)
                });
                links.add(link.seq, &link.prev_hash, &link.body, &link.hash);
                if link.entry.action == PURGED {
                    forgotten = link.entry.detail.parse().unwrap_or(forgotten).max(forgotten);
                }
            }
        }
        let mut links = links.unwrap_or_default();
        // A purge while this is read leaves fewer than it says.
        if first > forgotten + 1 {
            links.problems.insert(0, ChainProblem::Gap { expected: forgotten + 1, found: first });
        }
        let unlinked = count(query(UNLINKED).fetch_one(&self.read).await?.try_get("n")?);
        Ok(AuditVerification { lines: links.count, unlinked, head: links.head, problems: links.problems })
    }
}

impl Tx {
    pub(super) async fn audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let head = query(HEAD).fetch_optional(&mut self.inner).await?;
        let (last, prev_hash) = match head {
            Some(row) => (row.try_get::<i64>("seq")?, row.try_get::<String>("hash")?),
            None => (0, GENESIS.to_owned()),
        };
        let hash = link_hash(&prev_hash, &body(entry, count(last + 1)));
        query(ADD)
            .bind(new_id(entry.at))
            .bind(entry.at.ms())
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.object)
            .bind(&entry.detail)
            .bind(last + 1)
            .bind(prev_hash)
            .bind(hash)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }
}

/// A line as it is hashed.
fn body(entry: &AuditEntry, seq: u64) -> String {
    let fields: [(&str, Value); 6] = [
        ("action", json!(entry.action)),
        ("actor", json!(entry.actor)),
        ("at", json!(entry.at)),
        ("detail", json!(entry.detail)),
        ("object", json!(entry.object)),
        ("seq", json!(seq)),
    ];
    serde_json::to_string(&BTreeMap::from(fields)).unwrap_or_default()
}

fn purge_line(last: i64, at: Timestamp) -> AuditEntry {
    let (actor, action, object) = ("wanglou".to_owned(), PURGED.to_owned(), "audit".to_owned());
    AuditEntry { at, actor, action, object, detail: last.to_string() }
}

pub(super) fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        at: Timestamp::from_ms(row.try_get("at_ms")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: row.try_get("detail")?,
    })
}

fn link(row: &Row) -> Result<AuditLink, StoreError> {
    let (entry, seq) = (entry(row)?, count(row.try_get("seq")?));
    let (prev_hash, hash) = (row.try_get("prev_hash")?, row.try_get("hash")?);
    Ok(AuditLink { seq, body: body(&entry, seq), prev_hash, hash, entry })
}
