//! The job engine of a server (`graphile_worker`): its tables lie in a schema of their own beside ours. Jobs are added by
//! its own function, in the transaction of whatever causes them.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::model::time::Timestamp;
use crate::store::column::{count, json};
use crate::store::sql::{Pool, Query, query};
use crate::store::{NewJob, Store, StoreError, Tx};

/// Connections of the engine: one listens, the others take and end jobs.
const CONNECTIONS: u32 = 4;

/// Where the engine keeps its jobs. Two installations in one database have two.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    schema: Arc<str>,
}

impl Engine {
    /// The engine of a server; none for a file.
    pub(super) async fn of(pool: &Pool) -> sqlx::Result<Option<Self>> {
        let Pool::Postgres(_) = pool else { return Ok(None) };
        let ours: String =
            query("SELECT CAST(current_schema() AS TEXT) AS name").fetch_one(pool).await?.try_get("name")?;
        let schema = if ours == "public" { "wanglou_jobs".to_owned() } else { format!("{ours}_jobs") };
        Ok(Some(Self { schema: schema.into() }))
    }

    /// A statement in which `@` stands for the engine's schema. The name comes from the database itself.
    fn query(&self, sql: &str) -> Query {
        query(AssertSqlSafe(sql.replace('@', &format!("\"{}\"", self.schema.replace('"', ""))))).fresh()
    }
}

impl Store {
    /// Connections for the engine and the schema that it works in; none for a file, which has the embedded engine.
    pub(crate) fn engine(&self) -> Option<(PgPool, String)> {
        let (Some(engine), Pool::Postgres(pool)) = (&self.engine, &self.read) else { return None };
        let options = pool.connect_options().as_ref().clone();
        let connections = PgPoolOptions::new().max_connections(CONNECTIONS).connect_lazy_with(options);
        Some((connections, engine.schema.to_string()))
    }

    /// Frees queues that are held for a job that is no longer there. The engine leaves one behind when a worker that was
    /// given up for lost ends its job late, after another one has taken it up.
    pub async fn mend_queues(&self) -> Result<u64, StoreError> {
        let Some(engine) = &self.engine else { return Ok(0) };
        let mend = "UPDATE @._private_job_queues AS q SET locked_by = NULL, locked_at = NULL WHERE q.locked_by IS NOT NULL \
            AND NOT EXISTS (SELECT 1 FROM @._private_jobs AS j WHERE j.job_queue_id = q.id AND j.locked_by = q.locked_by)";
        Ok(engine.query(mend).execute(&self.read).await?)
    }

    pub(super) async fn engine_counts(&self, engine: &Engine) -> Result<Vec<(String, String, u64)>, StoreError> {
        if !self.has_tables(engine).await? {
            return Ok(Vec::new());
        }
        let counts = "SELECT task_identifier AS kind, CASE WHEN locked_at IS NOT NULL THEN 'running' \
            WHEN attempts >= max_attempts THEN 'discarded' WHEN attempts > 0 THEN 'retryable' ELSE 'available' END AS state, \
            COUNT(*) AS n FROM @.jobs GROUP BY 1, 2 ORDER BY 1, 2";
        let rows = engine.query(counts).fetch_all(&self.read).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("kind")?, row.try_get("state")?, count(row.try_get::<i64>("n")?))))
            .collect()
    }

    pub(super) async fn engine_next_at(&self, engine: &Engine) -> Result<Option<Timestamp>, StoreError> {
        if !self.has_tables(engine).await? {
            return Ok(None);
        }
        let next = "SELECT CAST(EXTRACT(EPOCH FROM MIN(run_at)) * 1000 AS BIGINT) AS at FROM @.jobs \
            WHERE locked_at IS NULL AND attempts < max_attempts";
        let at: Option<i64> = engine.query(next).fetch_one(&self.read).await?.try_get("at")?;
        Ok(at.map(Timestamp::from_ms))
    }

    /// Forgets jobs that were given up before an instant. Those that were done are gone already.
    pub(super) async fn engine_purge(&self, engine: &Engine, before: Timestamp) -> Result<u64, StoreError> {
        if !self.has_tables(engine).await? {
            return Ok(0);
        }
        let purge = "DELETE FROM @._private_jobs WHERE attempts >= max_attempts AND locked_at IS NULL \
            AND updated_at < to_timestamp(CAST($1 AS DOUBLE PRECISION) / 1000)";
        Ok(engine.query(purge).bind(before.ms()).execute(&self.read).await?)
    }

    /// The engine makes its tables when a worker starts for the first time.
    async fn has_tables(&self, engine: &Engine) -> Result<bool, StoreError> {
        let row = query("SELECT to_regclass($1) IS NOT NULL AS there")
            .bind(format!("\"{}\".jobs", engine.schema))
            .fetch_one(&self.read)
            .await?;
        Ok(row.try_get("there")?)
    }
}

impl Tx {
    /// Adds a job; false when an unfinished one has the same key. Instants are counted from now on: the engine goes by the
    /// server's clock.
    pub(super) async fn enqueue_on(
        &mut self,
        engine: &Engine,
        job: &NewJob,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let add = "SELECT revision FROM @.add_job(identifier => $1, payload => CAST($2 AS json), queue_name => $3, \
            run_at => now() + $4 * interval '1 millisecond', max_attempts => CAST($5 AS INTEGER), job_key => $6, \
            flags => string_to_array($7, ' '), job_key_mode => 'unsafe_dedupe')";
        // Given up jobs stay as they are until they are purged, but not their keys: nobody else would be let in for days.
        let free =
            "UPDATE @._private_jobs SET key = NULL WHERE key = $1 AND attempts >= max_attempts AND locked_at IS NULL";
        engine.query(free).bind(&job.key).execute(&mut self.inner).await?;
        let payload = serde_json::json!({"host": job.host, "egress": job.egress, "job": job.payload});
        let row = engine
            .query(add)
            .bind(&job.kind)
            .bind(json(&payload, "jobs.payload")?)
            .bind(job.host.as_ref().map(|host| format!("host:{host}")))
            .bind(job.run_at.ms_since(now).max(0))
            .bind(i64::from(job.attempts_max))
            .bind(&job.key)
            .bind(flags(job))
            .fetch_one(&mut self.inner)
            .await?;
        // A job that was there before has its revision raised.
        Ok(row.try_get::<i32>("revision")? == 0)
    }
}

/// By these words a process chooses among jobs: which host, which way out.
fn flags(job: &NewJob) -> Option<String> {
    let host = job.host.as_deref().map(host_flag);
    let egress = Some(job.egress.as_str()).filter(|label| !label.is_empty()).map(egress_flag);
    let flags: Vec<String> = host.into_iter().chain(egress).collect();
    (!flags.is_empty()).then(|| flags.join(" "))
}

/// The word of a host among the words by which jobs are chosen.
pub(crate) fn host_flag(host: &str) -> String {
    format!("host:{}", host.replace(' ', "%20"))
}

/// The word of a way out among the words by which jobs are chosen.
pub(crate) fn egress_flag(label: &str) -> String {
    format!("egress:{}", label.replace(' ', "%20"))
}
