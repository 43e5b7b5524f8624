//! How the visits of each source went: silence must not look like innocence.

use crate::model::audit::AuditEntry;
use crate::model::capture::Verdict;
use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::store::column::{count, from_json, json};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ALL: &str = "SELECT source_id, last_visit_ms, last_confirmed_ms, verdict, failures, day, \
    pages_today, paused FROM source_states ORDER BY source_id";
const ONE: &str = "SELECT source_id, last_visit_ms, last_confirmed_ms, verdict, failures, day, \
    pages_today, paused FROM source_states WHERE source_id = $1";
const SAVE: &str = "INSERT INTO source_states (source_id, last_visit_ms, last_confirmed_ms, verdict, failures, \
    day, pages_today, paused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
    ON CONFLICT (source_id) DO UPDATE SET last_visit_ms = excluded.last_visit_ms, \
    last_confirmed_ms = excluded.last_confirmed_ms, verdict = excluded.verdict, failures = excluded.failures, \
    day = excluded.day, pages_today = excluded.pages_today";
const PAUSE: &str = "INSERT INTO source_states (source_id, failures, day, pages_today, paused) \
    VALUES ($1, 0, '', 0, $2) ON CONFLICT (source_id) DO UPDATE SET paused = excluded.paused";
const COUNT_PAGES: &str = "INSERT INTO source_states (source_id, failures, day, pages_today, paused) \
    VALUES ($1, 0, $2, $3, FALSE) ON CONFLICT (source_id) DO UPDATE SET \
    pages_today = excluded.pages_today + CASE WHEN source_states.day = excluded.day THEN source_states.pages_today \
    ELSE 0 END, day = excluded.day RETURNING pages_today";

/// How the visits of one source went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    /// Source.
    pub source: SourceId,
    /// Last try.
    pub last_visit: Option<Timestamp>,
    /// Last visit whose page was found or empty, never blocked.
    pub last_confirmed: Option<Timestamp>,
    /// What the last page turned out to be.
    pub verdict: Option<Verdict>,
    /// Visits in a row without a confirmed page.
    pub failures: u32,
    /// Local day that `pages_today` counts, `2026-11-20`.
    pub day: String,
    /// Pages asked for on that day.
    pub pages_today: u32,
    /// Not visited until somebody lets it go on.
    pub paused: bool,
}

impl SourceState {
    /// A source that was never visited.
    pub fn new(source: SourceId) -> Self {
        Self {
            source,
            last_visit: None,
            last_confirmed: None,
            verdict: None,
            failures: 0,
            day: String::new(),
            pages_today: 0,
            paused: false,
        }
    }

    /// The state after a visit: a found or empty page confirms the source and clears its failures.
    #[must_use]
    pub fn visited(mut self, now: Timestamp, verdict: Verdict) -> Self {
        self.last_visit = Some(now);
        if matches!(verdict, Verdict::Blocked { .. }) {
            self.failures = self.failures.saturating_add(1);
        } else {
            self.last_confirmed = Some(now);
            self.failures = 0;
        }
        self.verdict = Some(verdict);
        self
    }
}

impl Store {
    /// The states of all sources that were ever visited.
    pub async fn source_states(&self) -> Result<Vec<SourceState>, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(state).collect()
    }

    /// The state of one source; as never visited when nothing is known.
    pub async fn source_state(&self, source: &SourceId) -> Result<SourceState, StoreError> {
        let row = query(ONE).bind(source.as_str()).fetch_optional(&self.read).await?;
        row.as_ref().map_or_else(|| Ok(SourceState::new(source.clone())), state)
    }

    /// Stops visits of a source, or lets them go on.
    pub async fn pause_source(&self, source: &SourceId, is_paused: bool, audit: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(PAUSE).bind(source.as_str()).bind(is_paused).execute(&mut tx.inner).await?;
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Writes the state of one source after a visit; whether it is paused stays as it is.
    pub async fn save_source_state(&self, state: &SourceState) -> Result<(), StoreError> {
        let verdict = state.verdict.as_ref().map(|v| json(v, "source_states.verdict")).transpose()?;
        let mut tx = self.begin().await?;
        query(SAVE)
            .bind(state.source.as_str())
            .bind(state.last_visit.map(Timestamp::ms))
            .bind(state.last_confirmed.map(Timestamp::ms))
            .bind(verdict)
            .bind(i64::from(state.failures))
            .bind(&state.day)
            .bind(i64::from(state.pages_today))
            .bind(state.paused)
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await
    }

    /// Counts one page of a source on a local day, and returns the day's count with it.
    pub async fn count_page(&self, source: &SourceId, day: &str) -> Result<u32, StoreError> {
        let mut tx = self.begin().await?;
        let pages = tx.count_pages(source, day, 1).await?;
        tx.commit().await?;
        Ok(pages)
    }
}

impl Tx {
    pub(super) async fn count_pages(&mut self, source: &SourceId, day: &str, pages: u32) -> Result<u32, StoreError> {
        let statement = query(COUNT_PAGES).bind(source.as_str()).bind(day).bind(i64::from(pages));
        let row = statement.fetch_one(&mut self.inner).await?;
        Ok(count(row.try_get("pages_today")?))
    }
}

fn state(row: &Row) -> Result<SourceState, StoreError> {
    let instant = |column| row.try_get::<Option<i64>>(column).map(|ms| ms.map(Timestamp::from_ms));
    let verdict: Option<String> = row.try_get("verdict")?;
    Ok(SourceState {
        source: SourceId::new(row.try_get::<String>("source_id")?),
        last_visit: instant("last_visit_ms")?,
        last_confirmed: instant("last_confirmed_ms")?,
        verdict: verdict.map(|v| from_json(&v, "source_states.verdict")).transpose()?,
        failures: count(row.try_get("failures")?),
        day: row.try_get("day")?,
        pages_today: count(row.try_get("pages_today")?),
        paused: row.try_get("paused")?,
    })
}
