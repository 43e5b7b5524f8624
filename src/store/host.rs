//! Who visits a host: one process at a time, anywhere. A host is free when nobody holds it, or whoever holds it has ended.

use std::time::Duration;

use crate::model::ids::{SourceId, WorkerId};
use crate::model::time::Timestamp;
use crate::store::column::{big, count};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, dialect};

const LOOK: &str = "SELECT h.worker_id, h.promised_ms, h.closed_until_ms, w.ended_at_ms FROM hosts AS h \
    LEFT JOIN workers AS w ON w.id = h.worker_id WHERE h.host = $1";
const TAKE: &str = "INSERT INTO hosts (host, worker_id, source_id, held_since_ms, promised_ms, closed_until_ms) \
    VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (host) DO UPDATE SET worker_id = excluded.worker_id, \
    source_id = excluded.source_id, held_since_ms = excluded.held_since_ms";
const PROMISE: &str = "UPDATE hosts SET promised_ms = $3 WHERE host = $1 AND worker_id = $2";
const CLOSE: &str = "UPDATE hosts SET closed_until_ms = $3 WHERE host = $1 AND worker_id = $2 AND closed_until_ms < $3";
const RELEASE: &str = "UPDATE hosts SET worker_id = NULL, source_id = NULL, held_since_ms = NULL \
    WHERE worker_id = $1 AND host IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const HELD: &str = "SELECT h.host, h.worker_id, h.source_id, h.held_since_ms FROM hosts AS h \
    JOIN workers AS w ON w.id = h.worker_id WHERE w.ended_at_ms IS NULL ORDER BY h.host";
const PURGE: &str = "DELETE FROM hosts WHERE worker_id IS NULL AND closed_until_ms < $1";

/// Hosts that one statement gives back.
const RELEASED_AT_ONCE: usize = 16;

/// What a process finds when it takes a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenHost {
    /// Whether the one before did not give it back: nobody knows when its last request went out.
    pub was_left: bool,
    /// Least time after the last request, as the one before promised it.
    pub promised: Duration,
    /// Not asked before, because the host wanted peace.
    pub closed_until: Timestamp,
}

/// A host that is being visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldHost {
    /// Host.
    pub host: String,
    /// Who visits it.
    pub worker: WorkerId,
    /// For which source; none for a page elsewhere, such as a picture.
    pub source: Option<SourceId>,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// Takes a host for a process; none while another one that lives holds it. Taking it again changes nothing but the
    /// source.
    pub async fn take_host(
        &self,
        host: &str,
        worker: &WorkerId,
        source: Option<&SourceId>,
        now: Timestamp,
    ) -> Result<Option<TakenHost>, StoreError> {
        let mut tx = self.begin().await?;
        let found = query(LOOK).bind(host).fetch_optional(&mut tx.inner).await?;
        let Some(taken) = found.map_or(Ok(Some(FRESH)), |row| taken(&row, worker))? else { return Ok(None) };
        query(TAKE)
            .bind(host)
            .bind(worker.as_str())
            .bind(source.map(SourceId::as_str))
            .bind(now.ms())
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await?;
        Ok(Some(taken))
    }

    /// Notes the least time after a request that is promised to a host.
    pub async fn promise_host(&self, host: &str, worker: &WorkerId, promised: Duration) -> Result<(), StoreError> {
        let ms = big(promised.as_millis());
        query(PROMISE).bind(host).bind(worker.as_str()).bind(ms).execute(self.beside()).await?;
        Ok(())
    }

    /// Notes that a host wants peace until an instant; a later one already noted stays.
    pub async fn close_host(&self, host: &str, worker: &WorkerId, until: Timestamp) -> Result<(), StoreError> {
        query(CLOSE).bind(host).bind(worker.as_str()).bind(until.ms()).execute(self.beside()).await?;
        Ok(())
    }

    /// Gives hosts back. Whoever does has waited out what it promised to them.
    pub async fn release_hosts(&self, hosts: &[&str], worker: &WorkerId) -> Result<(), StoreError> {
        if hosts.is_empty() {
            return Ok(());
        }
        let mut session = dialect::begin_beside(&self.read, &self.write).await?;
        for hosts in hosts.chunks(RELEASED_AT_ONCE) {
            // The last one stands for those that are missing.
            let filled = (0..RELEASED_AT_ONCE).map(|place| hosts[place.min(hosts.len() - 1)]);
            let release = filled.fold(query(RELEASE).bind(worker.as_str()), |release, host| release.bind(host));
            release.execute(&mut session).await?;
        }
        Ok(session.commit().await?)
    }

    /// Hosts that are being visited.
    pub async fn held_hosts(&self) -> Result<Vec<HeldHost>, StoreError> {
        query(HELD).fetch_all(&self.read).await?.iter().map(held).collect()
    }

    /// Forgets hosts that nobody holds and that do not want peace any more; returns how many.
    pub async fn purge_hosts(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(query(PURGE).bind(now.ms()).execute(self.beside()).await?)
    }
}

const FRESH: TakenHost = TakenHost { was_left: false, promised: Duration::ZERO, closed_until: Timestamp::from_ms(0) };

fn taken(row: &Row, worker: &WorkerId) -> Result<Option<TakenHost>, StoreError> {
    let holder: Option<String> = row.try_get("worker_id")?;
    let has_ended = row.try_get::<Option<i64>>("ended_at_ms")?.is_some();
    let is_held = holder.as_ref().is_some_and(|holder| holder != worker.as_str() && !has_ended);
    let taken = TakenHost {
        was_left: holder.is_some_and(|holder| holder != worker.as_str()),
        promised: Duration::from_millis(count(row.try_get("promised_ms")?)),
        closed_until: Timestamp::from_ms(row.try_get("closed_until_ms")?),
    };
    Ok((!is_held).then_some(taken))
}

fn held(row: &Row) -> Result<HeldHost, StoreError> {
    let source: Option<String> = row.try_get("source_id")?;
    Ok(HeldHost {
        host: row.try_get("host")?,
        worker: WorkerId::new(row.try_get::<String>("worker_id")?),
        source: source.map(SourceId::new),
        since: Timestamp::from_ms(row.try_get("held_since_ms")?),
    })
}
