//! What an operator wants to know of the whole installation at once: counts, ages, who does what. No person stands in it.

use std::cmp::Reverse;

use crate::discover::Presence;
use crate::model::alert::AlertState;
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::store::column::{count, from_word};
use crate::store::sql::{Row, query};
use crate::store::{CanaryState, HeldHost, SourceState, Store, StoreError, Worker};

const OPEN_CASES: &str = "SELECT severity, lane_class, COUNT(*) AS n FROM cases WHERE state <> 'closed' \
    GROUP BY severity, lane_class ORDER BY severity, lane_class";
const FINDINGS: &str = "SELECT COUNT(*) AS n FROM findings";
const PENDING: &str = "SELECT COUNT(*) AS n FROM captures WHERE state = 'pending'";
const LINKS: &str = "SELECT COALESCE(MAX(seq), 0) AS n FROM chain";
const OLDEST_DUE: &str = "SELECT MIN(due_at_ms) AS at FROM alerts WHERE state = 'queued' AND due_at_ms <= $1";
const LAST_END: &str = "SELECT MAX(ended_at_ms) AS at FROM scans";
// The one statement that asks an engine for its clock: to compare it with ours.
const SERVER_TIME: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS at";
// Another value each time: an engine may leave out what changes nothing.
const TRY: &str = "INSERT INTO counters (name, value) VALUES ('write_probe', 0) \
    ON CONFLICT (name) DO UPDATE SET value = counters.value + 1";

/// The installation at one glance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// Jobs by kind and state.
    pub jobs: Vec<(String, String, u64)>,
    /// Letters by state.
    pub alerts: Vec<(AlertState, u64)>,
    /// Since when the letter that has been due longest waits.
    pub oldest_due: Option<Timestamp>,
    /// Cases that nobody has closed, the gravest first.
    pub open_cases: Vec<OpenCases>,
    /// How the visits of each source went.
    pub sources: Vec<SourceState>,
    /// What each source answered to the query whose answer is known.
    pub canaries: Vec<CanaryState>,
    /// Answers about names of the watchlist in the last seven days, by what they said.
    pub discoveries: Vec<(Presence, u64)>,
    /// Findings of all cases that are kept.
    pub findings: u64,
    /// Captures that were fetched and not yet inspected.
    pub captures_pending: u64,
    /// Links of the chain over the evidence.
    pub chain_links: u64,
    /// When a scan ended last.
    pub last_scan_end: Option<Timestamp>,
    /// Processes that have not ended.
    pub workers: Vec<Worker>,
    /// Hosts that somebody visits now.
    pub visiting: Vec<HeldHost>,
}

/// Open cases of one severity and one class of lanes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCases {
    /// How grave; none where a person is to say so.
    pub severity: Option<Severity>,
    /// `leak` or `conduct`; which manager is not told.
    pub lane_class: String,
    /// How many.
    pub count: u64,
}

impl Store {
    /// Counts and ages at an instant. Read one after the other, so that numbers may differ by what happens meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn status(&self, now: Timestamp) -> Result<Status, StoreError> {
        Ok(Status {
            jobs: self.job_counts().await?,
            alerts: self.alert_counts().await?,
            oldest_due: instant(&query(OLDEST_DUE).bind(now.ms()).fetch_one(&self.read).await?, "at")?,
            open_cases: self.open_cases().await?,
            sources: self.source_states().await?,
            canaries: self.canaries().await?,
            discoveries: self.discoveries(now.plus_days(-7)).await?,
            findings: self.number(FINDINGS).await?,
            captures_pending: self.number(PENDING).await?,
            chain_links: self.number(LINKS).await?,
            last_scan_end: instant(&query(LAST_END).fetch_one(&self.read).await?, "at")?,
            workers: self.workers(now).await?.into_iter().filter(|worker| worker.ended.is_none()).collect(),
            visiting: self.held_hosts().await?,
        })
    }

    /// The time of day by the clock of the database server; none for a file, which goes by this machine's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        if !self.is_on_server() {
            return Ok(None);
        }
        instant(&query(SERVER_TIME).fetch_one(&self.read).await?, "at")
    }

    /// Writes something and makes it durable: whoever can do this can write. A transaction that is taken back would reach
    /// no disk, and a disk that takes nothing more would go unnoticed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn try_write(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(TRY).execute(&mut tx.inner).await?;
        tx.commit().await
    }

    async fn open_cases(&self) -> Result<Vec<OpenCases>, StoreError> {
        let rows = query(OPEN_CASES).fetch_all(&self.read).await?;
        let mut open: Vec<OpenCases> = rows.iter().map(open_cases).collect::<Result<_, _>>()?;
        open.sort_by_key(|open| Reverse(open.severity));
        Ok(open)
    }

    async fn number(&self, sql: &'static str) -> Result<u64, StoreError> {
        Ok(count(query(sql).fetch_one(&self.read).await?.try_get("n")?))
    }
}

fn open_cases(row: &Row) -> Result<OpenCases, StoreError> {
    let severity: String = row.try_get("severity")?;
    let severity = Some(severity).filter(|word| !word.is_empty());
    Ok(OpenCases {
        severity: severity.map(|word| from_word(&word, "cases.severity")).transpose()?,
        lane_class: row.try_get("lane_class")?,
        count: count(row.try_get("n")?),
    })
}

fn instant(row: &Row, column: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.try_get::<Option<i64>>(column)?.map(Timestamp::from_ms))
}
