//! The frontier of a visit: addresses that it still has to ask for, and what has been asked for. It outlives the process.

use std::collections::BTreeMap;

use crate::model::ids::{ScanId, SourceId};
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;
use crate::store::arrival::Arrival;
use crate::store::column::{count, first_id, from_word, new_id, sha256_hex, word};
use crate::store::sql::{Query, Row, query, query_of_rows};
use crate::store::{Store, StoreError, Tx};
use crate::vault::Vault;

const OF_SOURCE: &str = "SELECT url_hash, url, entry, page, term, state FROM frontier WHERE source_id = $1 ORDER BY id";
const ADD: &str = "INSERT INTO frontier (source_id, url_hash, id, url, entry, page, term, state, at_ms) \
    VALUES @ ON CONFLICT (source_id, url_hash) DO NOTHING";
const ASKED: &str = "UPDATE frontier SET url = '', term = '', state = v.column3, at_ms = v.column4 \
    FROM (VALUES @) AS v WHERE frontier.source_id = v.column1 AND frontier.url_hash = v.column2";
const STALE: &str = "DELETE FROM frontier WHERE source_id = $1 AND (at_ms < $2 OR state <> 'waiting' AND at_ms < $3)";
const ENDED: &str = "DELETE FROM frontier WHERE source_id = $1 AND state <> 'waiting'";
const ASKED_SINCE: &str =
    "SELECT COUNT(*) AS n FROM frontier WHERE source_id = $1 AND state <> 'waiting' AND at_ms >= $2";
const ADOPT: &str = "UPDATE captures SET scan_id = $2 WHERE source_id = $1 AND (state = 'pending' \
    OR state = 'dropped' AND entry = 'post' AND id >= $3 AND fetched_at_ms >= (SELECT MIN(at_ms) FROM frontier \
    WHERE source_id = $1 AND state <> 'waiting' AND at_ms >= $4))";
const PURGE: &str = "DELETE FROM frontier WHERE at_ms < $1";

/// Rows that one statement adds or changes.
pub(super) const ROWS_AT_ONCE: usize = 16;

/// How far an address of the frontier has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Not asked for.
    Waiting,
    /// Something was found.
    Found,
    /// There was nothing.
    Empty,
    /// Another page came.
    Blocked,
    /// It could not be fetched, or is not to be.
    Skipped,
}

/// An address to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What it is for.
    pub entry: EntryKind,
    /// Address.
    pub url: String,
    /// Which page of a list, from 0.
    pub page: u32,
    /// The term that a search asks for; empty for everything else.
    pub term: String,
}

impl Task {
    /// Hash by which it is known once it has been asked for.
    pub fn hash(&self) -> String {
        sha256_hex(self.url.as_bytes())
    }
}

/// What an earlier visit left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Addresses that wait, in their order.
    pub waiting: Vec<Task>,
    /// Hashes of addresses that were asked for, and what they turned out to be.
    pub asked: Vec<(String, Asked)>,
}

/// A step of a visit: what an address turned out to be, where it leads, and the page that came.
#[derive(Debug)]
pub struct VisitStep {
    /// The address that was asked for; none when the visit begins.
    pub asked: Option<(Task, Asked)>,
    /// Addresses that it leads to.
    pub leads_to: Vec<Task>,
    /// The page; none where none came, or nothing new.
    pub page: Option<Arrival>,
    /// The local day on which a page was fetched, as the daily cap counts it.
    pub fetched_on: Option<String>,
    /// When: where a page came, when it was fetched.
    pub at: Timestamp,
}

impl Store {
    /// What earlier visits of a source left. What has waited since before `waiting_since` is forgotten, and so is what was asked
    /// for before `asked_since`: that visit is not gone on with.
    pub async fn frontier(
        &self,
        source: &SourceId,
        waiting_since: Timestamp,
        asked_since: Timestamp,
    ) -> Result<Left, StoreError> {
        let mut tx = self.begin().await?;
        let (waiting, asked) = (waiting_since.ms(), asked_since.ms());
        query(STALE).bind(source.as_str()).bind(waiting).bind(asked).execute(&mut tx.inner).await?;
        let rows = query(OF_SOURCE).bind(source.as_str()).fetch_all(&mut tx.inner).await?;
        tx.commit().await?;
        let mut left = Left::default();
        rows.iter().try_for_each(|row| left.take(row))?;
        Ok(left)
    }

    /// Whether a visit of a source broke off that asked for something since an instant.
    pub async fn has_broken_off(&self, source: &SourceId, since: Timestamp) -> Result<bool, StoreError> {
        let row = query(ASKED_SINCE).bind(source.as_str()).bind(since.ms()).fetch_one(&self.read).await?;
        Ok(row.try_get::<i64>("n")? > 0)
    }

    /// Gives the pages that wait for inspection to the run that goes on with their visit, so that they are judged together
    /// with what it fetches, and those of posts that the visit let go. What was asked for before `since` does not belong to it.
    pub async fn adopt_captures(&self, source: &SourceId, scan: &ScanId, since: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let statement = query(ADOPT).bind(source.as_str()).bind(scan.as_str()).bind(first_id(since)).bind(since.ms());
        statement.execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// Takes in steps of a visit in their order, with the pages that they brought: all of them, or none. Returns how many posts
    /// were let go with their pages.
    pub async fn visit_steps(
        &self,
        vault: &Vault,
        source: &SourceId,
        mut steps: Vec<VisitStep>,
    ) -> Result<usize, StoreError> {
        let mut pages: Vec<Arrival> = steps.iter_mut().filter_map(|step| step.page.take()).collect();
        let let_go = self.let_go_silent(&mut pages).await?;
        let _storing = vault.storing().await;
        let mut tx = self.take_in(vault, pages).await?;
        tx.note_steps(source, &steps).await?;
        tx.commit().await?;
        Ok(let_go)
    }

    /// Ends a visit: what was asked for is forgotten, what waits stays for the next one.
    pub async fn end_visit(&self, source: &SourceId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(ENDED).bind(source.as_str()).execute(&mut tx.inner).await?;
        tx.commit().await
    }
}

impl Tx {
    /// What is led to comes first: it may be asked for in a later one of the steps.
    async fn note_steps(&mut self, source: &SourceId, steps: &[VisitStep]) -> Result<(), StoreError> {
        let led_to: Vec<_> = steps.iter().flat_map(|step| step.leads_to.iter().map(|task| (task, step.at))).collect();
        for tasks in led_to.chunks(ROWS_AT_ONCE) {
            self.add_tasks(source.as_str(), tasks).await?;
        }
        let asked: Vec<_> = steps.iter().filter_map(|step| Some((step.asked.as_ref()?, step.at))).collect();
        for asked in asked.chunks(ROWS_AT_ONCE) {
            self.note_asked(source.as_str(), asked).await?;
        }
        let mut days: BTreeMap<&str, u32> = BTreeMap::new();
        steps.iter().filter_map(|step| step.fetched_on.as_deref()).for_each(|day| *days.entry(day).or_default() += 1);
        for (day, pages) in days {
            self.count_pages(source, day, pages).await?;
        }
        Ok(())
    }

    async fn add_tasks(&mut self, source: &str, tasks: &[(&Task, Timestamp)]) -> Result<(), StoreError> {
        let with_task = |statement: Query, (task, at): &(&Task, Timestamp)| {
            statement
                .bind(source)
                .bind(task.hash())
                .bind(new_id(*at))
                .bind(&task.url)
                .bind(word(&task.entry))
                .bind(i64::from(task.page))
                .bind(&task.term)
                .bind(word(&Asked::Waiting))
                .bind(at.ms())
        };
        let statement = query_of_rows(ADD, tasks.len(), 9);
        tasks.iter().fold(statement, with_task).execute(&mut self.inner).await?;
        Ok(())
    }

    async fn note_asked(&mut self, source: &str, asked: &[(&(Task, Asked), Timestamp)]) -> Result<(), StoreError> {
        let with_task = |statement: Query, ((task, asked), at): &(&(Task, Asked), Timestamp)| {
            statement.bind(source).bind(task.hash()).bind(word(asked)).bind(at.ms())
        };
        let statement = query_of_rows(ASKED, asked.len(), 4);
        asked.iter().fold(statement, with_task).execute(&mut self.inner).await?;
        Ok(())
    }

    /// Forgets what nobody has gone on with since an instant.
    pub(super) async fn purge_frontier(&mut self, before: Timestamp) -> Result<(), StoreError> {
        query(PURGE).bind(before.ms()).execute(&mut self.inner).await?;
        Ok(())
    }
}

impl Left {
    fn take(&mut self, row: &Row) -> Result<(), StoreError> {
        let state: Asked = from_word(row.try_get("state")?, "frontier.state")?;
        if state != Asked::Waiting {
            self.asked.push((row.try_get("url_hash")?, state));
            return Ok(());
        }
        self.waiting.push(Task {
            entry: from_word(row.try_get("entry")?, "frontier.entry")?,
            url: row.try_get("url")?,
            page: count(row.try_get("page")?),
            term: row.try_get("term")?,
        });
        Ok(())
    }
}
