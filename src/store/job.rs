//! Rows of the embedded job engine (`crate::jobs`): who works on what, until when. On a server jobs go to the engine there
//! (`engine.rs`).

use serde_json::Value;

use crate::model::time::Timestamp;
use crate::store::column::{count, from_json, json, new_id};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ADD: &str = "INSERT INTO jobs (id, kind, job_key, host, run_at_ms, attempts, attempts_max, state, payload, \
    created_at_ms) VALUES ($1, $2, $3, $4, $5, 0, $6, 'available', $7, $8) ON CONFLICT DO NOTHING";
// A lease that ran out belongs to a worker that was killed or hangs; its job is tried again, unless it has had its tries.
const EXPIRE: &str = "UPDATE jobs SET state = CASE WHEN attempts < attempts_max THEN 'retryable' ELSE 'discarded' END, \
    ended_at_ms = CASE WHEN attempts < attempts_max THEN NULL ELSE $1 END, lease_owner = NULL, lease_until_ms = NULL, \
    last_error = 'the worker stopped before the end' WHERE state = 'running' AND lease_until_ms <= $1";
// The kinds arrive as one text, `,crawl,mail,`: a list cannot be bound in portable SQL.
// Differs from Postgres: one writer, so no row lock.
const NEXT: &str = "SELECT j.id FROM jobs AS j WHERE j.state IN ('available', 'retryable') AND j.run_at_ms <= $1 \
    AND $2 LIKE '%,' || j.kind || ',%' AND (j.host IS NULL OR NOT EXISTS \
    (SELECT 1 FROM jobs AS r WHERE r.host = j.host AND r.state = 'running')) ORDER BY j.run_at_ms, j.id LIMIT 1";
const LEASE: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_owner = $2, \
    lease_until_ms = $3 WHERE id = $1 RETURNING id, kind, job_key, host, attempts, attempts_max, lease_owner, payload";
const EXTEND: &str = "UPDATE jobs SET lease_until_ms = $3 WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
const END: &str = "UPDATE jobs SET state = $3, run_at_ms = COALESCE($4, run_at_ms), last_error = $5, \
    attempts = attempts - $6, ended_at_ms = $7, lease_owner = NULL, lease_until_ms = NULL \
    WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
const COUNTS: &str = "SELECT kind, state, COUNT(*) AS n FROM jobs GROUP BY kind, state ORDER BY kind, state";
const NEXT_RUN: &str = "SELECT MIN(run_at_ms) AS at FROM jobs WHERE state IN ('available', 'retryable')";
const PURGE: &str = "DELETE FROM jobs WHERE state IN ('completed', 'discarded') AND ended_at_ms < $1";
const SLOT_FIRST: &str = "INSERT INTO schedule_slots (schedule_id, slot_at_ms) VALUES ($1, $2) \
    ON CONFLICT (schedule_id) DO NOTHING";
const SLOT_TAKE: &str = "UPDATE schedule_slots SET slot_at_ms = $2 WHERE schedule_id = $1 AND slot_at_ms < $2";

/// A job to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which handler does it.
    pub kind: String,
    /// Unique among unfinished jobs; a second job of the same key is not taken.
    pub key: String,
    /// At most one job of a host runs at a time.
    pub host: Option<String>,
    /// Label of the way out that a process must have to take it; any when empty.
    pub egress: String,
    /// Not done before.
    pub run_at: Timestamp,
    /// Tries until it is given up.
    pub attempts_max: u32,
    /// What the handler needs to know. Identifiers only, no content.
    pub payload: Value,
}

/// A job held by a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Identifier.
    pub id: String,
    /// Which handler does it.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Its host.
    pub host: Option<String>,
    /// Label of the way out that a process must have to take it; any when empty. The embedded engine, for one process, knows
    /// none.
    pub egress: String,
    /// This try, from 1.
    pub attempt: u32,
    /// Tries until it is given up.
    pub attempts_max: u32,
    /// Proof of holding it. Another claim of the same job has another one.
    pub lease: String,
    /// What the handler needs to know.
    pub payload: Value,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Done.
    Completed,
    /// Failed; again from this instant, unless it has had its tries.
    RetryAt {
        /// When.
        at: Timestamp,
        /// Why, without personal data.
        error: String,
    },
    /// Not begun in earnest, such as at shutdown; does not count as a try.
    Released,
    /// Given up.
    Discarded {
        /// Why, without personal data.
        error: String,
    },
}

impl Store {
    /// Adds a job; false when an unfinished one has the same key.
    pub async fn enqueue(&self, job: &NewJob, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let added = tx.enqueue(job, now).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Takes the job that has been due longest among `kinds` whose host is free, for `lease_ms`.
    /// Jobs whose lease ran out come back first.
    pub async fn claim_job(&self, now: Timestamp, kinds: &[&str], lease_ms: i64) -> Result<Option<Job>, StoreError> {
        let mut tx = self.begin().await?;
        query(EXPIRE).bind(now.ms()).execute(&mut tx.inner).await?;
        let kinds = format!(",{},", kinds.join(","));
        let next = query(NEXT).bind(now.ms()).bind(kinds).fetch_optional(&mut tx.inner).await?;
        let claimed = match next {
            Some(row) => Some(tx.lease_job(row.try_get("id")?, now, lease_ms).await?),
            None => None,
        };
        tx.commit().await?;
        Ok(claimed)
    }

    /// Holds a job for `lease_ms` from now on; false when it is no longer held.
    pub async fn extend_job(&self, job: &Job, now: Timestamp, lease_ms: i64) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let until = now.plus_ms(lease_ms).ms();
        let done = query(EXTEND).bind(&job.id).bind(&job.lease).bind(until).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(done == 1)
    }

    /// Writes how a try ended; false when the job is no longer held, and then nothing is written.
    pub async fn end_job(&self, job: &Job, end: &JobEnd, now: Timestamp) -> Result<bool, StoreError> {
        let is_last = job.attempt >= job.attempts_max;
        let (state, run_at, error, given_back) = match end {
            JobEnd::Completed => ("completed", None, None, 0),
            JobEnd::RetryAt { error, .. } if is_last => ("discarded", None, Some(error), 0),
            JobEnd::RetryAt { at, error } => ("retryable", Some(at.ms()), Some(error), 0),
            JobEnd::Released => ("available", None, None, 1_i64),
            JobEnd::Discarded { error } => ("discarded", None, Some(error), 0),
        };
        let is_over = matches!(state, "completed" | "discarded");
        let mut tx = self.begin().await?;
        let done = query(END)
            .bind(&job.id)
            .bind(&job.lease)
            .bind(state)
            .bind(run_at)
            .bind(error)
            .bind(given_back)
            .bind(is_over.then(|| now.ms()))
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await?;
        Ok(done == 1)
    }

    /// How many jobs of each kind stand where (`available`, `running`, `retryable`, `completed`, `discarded`).
    pub async fn job_counts(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        if let Some(engine) = &self.engine {
            return self.engine_counts(engine).await;
        }
        let rows = query(COUNTS).fetch_all(&self.read).await?;
        let triple = |row: &Row| Ok((row.try_get("kind")?, row.try_get("state")?, count(row.try_get::<i64>("n")?)));
        rows.iter().map(triple).collect()
    }

    /// When the next job is due; none when nothing waits.
    pub async fn next_job_at(&self) -> Result<Option<Timestamp>, StoreError> {
        if let Some(engine) = &self.engine {
            return self.engine_next_at(engine).await;
        }
        let row = query(NEXT_RUN).fetch_one(&self.read).await?;
        Ok(row.try_get::<Option<i64>>("at")?.map(Timestamp::from_ms))
    }

    /// Forgets jobs that ended before an instant; returns how many.
    pub async fn purge_jobs(&self, before: Timestamp) -> Result<u64, StoreError> {
        if let Some(engine) = &self.engine {
            return self.engine_purge(engine, before).await;
        }
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

impl Tx {
    /// Adds a job as part of a transaction; false when an unfinished one has the same key.
    pub async fn enqueue(&mut self, job: &NewJob, now: Timestamp) -> Result<bool, StoreError> {
        if let Some(engine) = self.engine.clone() {
            return self.enqueue_on(&engine, job, now).await;
        }
        let added = query(ADD)
            .bind(new_id(now))
            .bind(&job.kind)
            .bind(&job.key)
            .bind(&job.host)
            .bind(job.run_at.ms())
            .bind(i64::from(job.attempts_max))
            .bind(json(&job.payload, "jobs.payload")?)
            .bind(now.ms())
            .execute(&mut self.inner)
            .await?;
        Ok(added == 1)
    }

    /// Adds the job of a schedule's slot as part of a transaction, once for each slot in all processes; false when the slot was
    /// taken before. A schedule that is seen for the first time starts from `now` and does not look back.
    pub async fn enqueue_slot(
        &mut self,
        schedule: &str,
        slot: Timestamp,
        job: &NewJob,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        query(SLOT_FIRST).bind(schedule).bind(now.ms()).execute(&mut self.inner).await?;
        let taken = query(SLOT_TAKE).bind(schedule).bind(slot.ms()).execute(&mut self.inner).await?;
        Ok(taken == 1 && self.enqueue(job, now).await?)
    }

    async fn lease_job(&mut self, id: String, now: Timestamp, lease_ms: i64) -> Result<Job, StoreError> {
        let until = now.plus_ms(lease_ms).ms();
        let row = query(LEASE).bind(id).bind(new_id(now)).bind(until).fetch_one(&mut self.inner).await?;
        Ok(Job {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            key: row.try_get("job_key")?,
            host: row.try_get("host")?,
            egress: String::new(),
            attempt: count(row.try_get("attempts")?),
            attempts_max: count(row.try_get("attempts_max")?),
            lease: row.try_get("lease_owner")?,
            payload: from_json(row.try_get("payload")?, "jobs.payload")?,
        })
    }
}
