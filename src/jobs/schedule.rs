//! Schedules put their jobs into the queue, each slot once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use chrono_tz::Tz;
use serde_json::Value;

use crate::clock::Clock;
use crate::model::time::Timestamp;
use crate::pace::schedule::last_until;
use crate::store::{NewJob, Store, StoreError};

/// A job that comes again by a cron expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Identifier; the slots are remembered under it.
    pub id: String,
    /// Cron expression of five fields, or six with seconds in front.
    pub cron: String,
    /// Whose wall clock it follows.
    pub zone: Tz,
    /// Which handler does the job.
    pub kind: String,
    /// At most one job of a host runs at a time.
    pub host: Option<String>,
    /// Label of the way out that a process must have to take it; any when empty.
    pub egress: String,
    /// Tries until a slot's job is given up.
    pub attempts_max: u32,
    /// What the handler needs to know.
    pub payload: Value,
}

/// The schedules in force, for whoever fires them and whoever puts others in their place.
#[derive(Debug, Clone, Default)]
pub struct Schedules(Arc<RwLock<Arc<Vec<Schedule>>>>);

impl Schedules {
    /// From now on these.
    pub fn set(&self, schedules: Vec<Schedule>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(schedules);
    }

    /// Those of now.
    pub(super) fn in_force(&self) -> Arc<Vec<Schedule>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<Vec<Schedule>> for Schedules {
    fn from(schedules: Vec<Schedule>) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(schedules))))
    }
}

/// Puts the jobs of slots that have come into the queue. Of the slots missed while no program ran only the latest is made
/// up for, and none from before the schedule was first seen. While a job of a schedule is unfinished no second one is added.
#[derive(Debug, Default)]
pub struct Firing {
    /// The slot last asked for, by schedule: no use in asking the database again.
    asked: BTreeMap<String, Timestamp>,
    /// Schedules that cannot be read, so that each is said once.
    unreadable: BTreeSet<String>,
}

impl Firing {
    /// Adds the jobs of all slots that have come since the last time; returns how many. A schedule that cannot be read is
    /// logged once and never keeps the others waiting.
    ///
    /// # Errors
    /// When the database fails; the slots are asked for again then.
    pub async fn fire(&mut self, store: &Store, schedules: &[Schedule], clock: &Clock) -> Result<usize, StoreError> {
        let mut fired = 0;
        for schedule in schedules {
            fired += usize::from(self.fire_one(store, schedule, clock).await?);
        }
        Ok(fired)
    }

    /// Schedules that could not be read.
    pub const fn unreadable(&self) -> &BTreeSet<String> {
        &self.unreadable
    }

    async fn fire_one(&mut self, store: &Store, schedule: &Schedule, clock: &Clock) -> Result<bool, StoreError> {
        if self.slot_to_ask(schedule, clock.now()).is_none() {
            return Ok(false);
        }
        let mut tx = store.begin().await?;
        // Whoever waited for a database that was away asks for the slot of now, not for the one of then.
        let now = clock.now();
        let Some(slot) = self.slot_to_ask(schedule, now) else { return Ok(false) };
        let is_first = tx.enqueue_slot(&schedule.id, slot, &job_of(schedule, slot), now).await?;
        tx.commit().await?;
        self.asked.insert(schedule.id.clone(), slot);
        Ok(is_first)
    }

    /// The slot that has come, unless it has been asked for. A clock that was set back shows earlier slots; they have been
    /// taken.
    fn slot_to_ask(&mut self, schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
        match last_until(&schedule.cron, schedule.zone, now) {
            Ok(slot) => self.asked.get(&schedule.id).is_none_or(|asked| *asked < slot).then_some(slot),
            Err(problem) => {
                if self.unreadable.insert(schedule.id.clone()) {
                    tracing::error!(schedule.id = %schedule.id, "schedule {} is skipped: {problem}", schedule.id);
                }
                None
            }
        }
    }
}

fn job_of(schedule: &Schedule, slot: Timestamp) -> NewJob {
    NewJob {
        kind: schedule.kind.clone(),
        key: format!("sched:{}", schedule.id),
        host: schedule.host.clone(),
        egress: schedule.egress.clone(),
        run_at: slot,
        attempts_max: schedule.attempts_max,
        payload: schedule.payload.clone(),
    }
}
