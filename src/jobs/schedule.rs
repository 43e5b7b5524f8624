//! Schedules put their jobs into the queue, each slot once.

use chrono_tz::Tz;
use serde_json::Value;

use crate::model::time::Timestamp;
use crate::pace::schedule::{ScheduleError, last_until};
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
    /// Tries until a slot's job is given up.
    pub attempts_max: u32,
    /// What the handler needs to know.
    pub payload: Value,
}

/// Adds the jobs of all slots that have come. Of the slots missed while the program was down only the latest is made
/// up for, and none from before the schedule was first seen. Returns how many jobs were added, and the schedules whose
/// cron expression cannot be read; those never keep the others waiting.
pub async fn fire_due(
    store: &Store,
    schedules: &[Schedule],
    now: Timestamp,
) -> Result<(usize, Vec<(String, ScheduleError)>), StoreError> {
    let (mut fired, mut problems) = (0, Vec::new());
    for schedule in schedules {
        match last_until(&schedule.cron, schedule.zone, now) {
            Ok(slot) => fired += usize::from(fire(store, schedule, slot, now).await?),
            Err(problem) => problems.push((schedule.id.clone(), problem)),
        }
    }
    Ok((fired, problems))
}

async fn fire(store: &Store, schedule: &Schedule, slot: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
    let job = NewJob {
        kind: schedule.kind.clone(),
        key: format!("sched:{}:{}", schedule.id, slot.ms()),
        host: schedule.host.clone(),
        run_at: slot,
        attempts_max: schedule.attempts_max,
        payload: schedule.payload.clone(),
    };
    store.enqueue_slot(&schedule.id, slot, &job, now).await
}
