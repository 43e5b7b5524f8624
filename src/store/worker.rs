//! Processes that visit and send: who lives, who was lost. A process that has ended writes no more: what it began is taken
//! up by others, and what it writes late is refused.

use serde_json::Value;

use crate::model::ids::WorkerId;
use crate::model::time::Timestamp;
use crate::store::column::{big, count, from_json, json, new_id};
use crate::store::sql::{Row, Session, query};
use crate::store::{Store, StoreError};

const JOIN: &str = "INSERT INTO workers (id, name, version, may_do, beat, started_at_ms, seen_at_ms) \
    VALUES ($1, $2, $3, $4, 0, $5, $5)";
const BEAT: &str = "UPDATE workers SET beat = beat + 1, seen_at_ms = $2 WHERE id = $1 AND ended_at_ms IS NULL";
const END: &str = "UPDATE workers SET ended_at_ms = $2, ended_why = $3 WHERE id = $1 AND ended_at_ms IS NULL";
const LOSE: &str = "UPDATE workers SET ended_at_ms = $2, ended_why = 'lost' WHERE id = $1 AND beat = $3 \
    AND ended_at_ms IS NULL";
const LOSE_OTHERS: &str =
    "UPDATE workers SET ended_at_ms = $2, ended_why = 'lost' WHERE id <> $1 AND ended_at_ms IS NULL";
const HAS_ENDED: &str = "SELECT ended_at_ms FROM workers WHERE id = $1";
const ALL: &str = "SELECT id, name, version, may_do, beat, started_at_ms, seen_at_ms, ended_at_ms, ended_why FROM workers \
    WHERE ended_at_ms IS NULL OR ended_at_ms >= $1 ORDER BY id";
const PURGE: &str = "DELETE FROM workers WHERE ended_at_ms < $1 \
    AND NOT EXISTS (SELECT 1 FROM hosts AS h WHERE h.worker_id = workers.id)";

/// A process that visits and sends, or did so.
#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// Identifier; a process that joins again has another one.
    pub id: WorkerId,
    /// Name by which people know it.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// What it takes on: kinds of jobs, hosts, label of its way out.
    pub may_do: Value,
    /// Rises with each sign of life.
    pub beat: u64,
    /// When it joined.
    pub started_at: Timestamp,
    /// Last sign of life, by its own clock.
    pub seen_at: Timestamp,
    /// When and why it ended: `stopped` by itself, `lost` when it gave no sign of life; none while it lives.
    pub ended: Option<(Timestamp, String)>,
}

impl Store {
    /// Enters a process; returns its identifier.
    pub async fn join_worker(
        &self,
        name: &str,
        version: &str,
        may_do: &Value,
        now: Timestamp,
    ) -> Result<WorkerId, StoreError> {
        let id = WorkerId::new(new_id(now));
        let may_do = json(may_do, "workers.may_do")?;
        let mut tx = self.begin().await?;
        query(JOIN)
            .bind(id.as_str())
            .bind(name)
            .bind(version)
            .bind(may_do)
            .bind(now.ms())
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A sign of life; false when the process has been ended, and then it must stop. Waits for no writer.
    pub async fn beat_worker(&self, id: &WorkerId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(query(BEAT).bind(id.as_str()).bind(now.ms()).execute(self.beside()).await? == 1)
    }

    /// Ends a process by its own will.
    pub async fn end_worker(&self, id: &WorkerId, now: Timestamp) -> Result<(), StoreError> {
        query(END).bind(id.as_str()).bind(now.ms()).bind("stopped").execute(self.beside()).await?;
        Ok(())
    }

    /// Ends a process that has given no sign of life since the one with number `beat`; false when it has meanwhile.
    pub async fn lose_worker(&self, id: &WorkerId, beat: u64, now: Timestamp) -> Result<bool, StoreError> {
        let lost = query(LOSE).bind(id.as_str()).bind(now.ms()).bind(big(beat)).execute(self.beside()).await?;
        Ok(lost == 1)
    }

    /// Ends every other process. Only for one that knows by other means that it is alone.
    pub async fn lose_other_workers(&self, than: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        Ok(query(LOSE_OTHERS).bind(than.as_str()).bind(now.ms()).execute(self.beside()).await?)
    }

    /// Processes that live, and those that ended since an instant; oldest first.
    pub async fn workers(&self, ended_since: Timestamp) -> Result<Vec<Worker>, StoreError> {
        query(ALL).bind(ended_since.ms()).fetch_all(&self.read).await?.iter().map(worker).collect()
    }

    /// Forgets processes that ended before an instant; returns how many.
    pub async fn purge_workers(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(query(PURGE).bind(before.ms()).execute(self.beside()).await?)
    }

    /// The same store, writing as a process that has joined: once it has been ended, every write is refused with
    /// [`StoreError::Ended`].
    #[must_use]
    pub fn as_worker(mut self, id: &WorkerId) -> Self {
        self.worker = Some(id.clone());
        self
    }
}

/// Refuses a transaction of a process that has been ended. Called when the transaction has its turn to write, so that the
/// answer holds until its end.
pub(super) async fn check(session: &mut Session, id: &WorkerId) -> Result<(), StoreError> {
    let row = query(HAS_ENDED).bind(id.as_str()).fetch_optional(session).await?;
    let ended = row.map(|row| row.try_get::<Option<i64>>("ended_at_ms")).transpose()?;
    if matches!(ended, Some(None)) { Ok(()) } else { Err(StoreError::Ended(id.clone())) }
}

fn worker(row: &Row) -> Result<Worker, StoreError> {
    let ended_at: Option<i64> = row.try_get("ended_at_ms")?;
    let why: Option<String> = row.try_get("ended_why")?;
    Ok(Worker {
        id: WorkerId::new(row.try_get::<String>("id")?),
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        may_do: from_json(row.try_get("may_do")?, "workers.may_do")?,
        beat: count(row.try_get("beat")?),
        started_at: Timestamp::from_ms(row.try_get("started_at_ms")?),
        seen_at: Timestamp::from_ms(row.try_get("seen_at_ms")?),
        ended: ended_at.map(|at| (Timestamp::from_ms(at), why.unwrap_or_default())),
    })
}
