//! This process among others on one database: it gives signs of life, finds those that were lost, and holds the hosts that
//! it visits. No clock that could be set decides here, only how long nothing was heard, on a clock that nobody moves.

mod hosts;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::model::ids::WorkerId;
use crate::model::time::Timestamp;
use crate::store::{Store, StoreError};

pub use crate::workers::hosts::{Hold, HoldError, Hosts};

/// Signs of life within the time after which a process counts as lost.
const BEATS: u32 = 6;

/// This process, from when it joined until it leaves.
#[derive(Debug)]
pub struct Member {
    id: WorkerId,
    store: Store,
    clock: Clock,
    lost_after: Duration,
    last_beat: Mutex<Beat>,
    beating: Mutex<Option<tokio::task::AbortHandle>>,
    is_lost: tokio::sync::watch::Sender<bool>,
}

/// A sign of life that the database took: when it was sent, on the steady clock and by the time of day.
#[derive(Debug, Clone, Copy)]
struct Beat {
    at: Instant,
    time: Timestamp,
}

impl Member {
    /// Joins, and gives signs of life from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn join(
        store: &Store,
        clock: &Clock,
        name: &str,
        may_do: &Value,
        lost_after: Duration,
    ) -> Result<Arc<Self>, StoreError> {
        let beat = Beat { at: Instant::now(), time: clock.now() };
        let id = store.join_worker(name, env!("CARGO_PKG_VERSION"), may_do, clock.now()).await?;
        let member = Arc::new(Self {
            id,
            store: store.clone(),
            clock: clock.clone(),
            lost_after,
            last_beat: Mutex::new(beat),
            beating: Mutex::default(),
            is_lost: tokio::sync::watch::Sender::new(false),
        });
        let task = tokio::spawn(live(Arc::downgrade(&member), lost_after / BEATS)).abort_handle();
        *member.beating.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        Ok(member)
    }

    /// Identifier under which this process works.
    pub const fn id(&self) -> &WorkerId {
        &self.id
    }

    /// How long nothing is heard of a process before it counts as lost.
    pub const fn lost_after(&self) -> Duration {
        self.lost_after
    }

    /// Makes sure that others still count on this process, before it does something that only one may do. Asks the
    /// database only when the last sign of life is a while ago, by the steady clock or by the time of day: the first stands
    /// still while a machine sleeps.
    ///
    /// # Errors
    /// [`StoreError::Ended`] when the process was given up for lost; the database's own when it cannot be asked.
    pub async fn check(&self) -> Result<(), StoreError> {
        if *self.is_lost.borrow() {
            return Err(StoreError::Ended(self.id.clone()));
        }
        let Beat { at, time } = *self.beat_of();
        let fresh = self.lost_after / 2;
        let by_day = Duration::from_millis(self.clock.now().ms_since(time).unsigned_abs());
        if at.elapsed() < fresh && by_day < fresh { Ok(()) } else { self.beat().await }
    }

    /// Like [`Member::check`], but asks the database in any case.
    ///
    /// # Errors
    /// See [`Member::check`].
    pub async fn confirm(&self) -> Result<(), StoreError> {
        self.beat().await
    }

    /// Waits until this process is found to have been given up for lost. It must do nothing more then.
    pub async fn lost(&self) {
        _ = self.is_lost.subscribe().wait_for(|is_lost| *is_lost).await;
    }

    /// Says that this process ends by its own will. Its hosts are free then, so that it asks them nothing more.
    ///
    /// # Errors
    /// When the database fails; others find it lost after a while.
    pub async fn leave(&self) -> Result<(), StoreError> {
        self.stop_beating();
        self.is_lost.send_replace(true);
        self.store.end_worker(&self.id, self.clock.now()).await
    }

    async fn beat(&self) -> Result<(), StoreError> {
        let beat = Beat { at: Instant::now(), time: self.clock.now() };
        if !self.store.beat_worker(&self.id, beat.time).await? {
            self.is_lost.send_replace(true);
            return Err(StoreError::Ended(self.id.clone()));
        }
        *self.beat_of() = beat;
        Ok(())
    }

    fn beat_of(&self) -> std::sync::MutexGuard<'_, Beat> {
        self.last_beat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop_beating(&self) {
        if let Some(task) = self.beating.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.stop_beating();
    }
}

/// Gives signs of life and watches those of others, until the process is given up or gone.
async fn live(member: std::sync::Weak<Member>, every: Duration) {
    let mut others = Others::default();
    loop {
        tokio::time::sleep(every).await;
        let Some(member) = member.upgrade() else { return };
        match member.beat().await {
            Ok(()) => {}
            Err(error @ StoreError::Ended(_)) => return tracing::error!("{error}"),
            Err(error) => {
                tracing::warn!(%error, "no sign of life could be given");
                continue;
            }
        }
        if let Err(error) = others.watch(&member, every).await {
            tracing::warn!(%error, "the signs of life of others could not be read");
        }
    }
}

/// What was heard of the other processes.
#[derive(Debug, Default)]
struct Others {
    heard: HashMap<WorkerId, (u64, Instant)>,
    looked_at: Option<Instant>,
}

impl Others {
    /// Ends those of whom nothing was heard for too long.
    async fn watch(&mut self, member: &Member, every: Duration) -> Result<(), StoreError> {
        let workers = member.store.workers(member.clock.now()).await?;
        let now = Instant::now();
        // Who could not look, because the database or this process was away, knows nothing of the others: it begins anew.
        if self.looked_at.is_none_or(|at| now - at > every * 2) {
            self.heard.clear();
        }
        self.looked_at = Some(now);
        let alive = workers.into_iter().filter(|worker| worker.ended.is_none() && worker.id != member.id);
        let mut heard = HashMap::new();
        for worker in alive {
            let before = self.heard.get(&worker.id).filter(|(beat, _)| *beat == worker.beat);
            let since = before.map_or(now, |(_, since)| *since);
            if now - since < member.lost_after {
                heard.insert(worker.id, (worker.beat, since));
            } else if member.store.lose_worker(&worker.id, worker.beat, member.clock.now()).await? {
                tracing::warn!(worker.id = %worker.id, "worker {} was given up for lost", worker.id);
            }
        }
        self.heard = heard;
        Ok(())
    }
}
