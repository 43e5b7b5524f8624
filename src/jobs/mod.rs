//! Work that is due. At least once, so that handlers must be idempotent; one job a host at a time; retries with backoff; a
//! process that dies keeps no job from the others. A file has an engine of its own over the store's job table, for one
//! process; a server has `graphile_worker`, for many. Handlers are the same.

mod lock;
mod pulse;
mod runner;
mod schedule;
mod server;
mod under_way;

pub use crate::jobs::lock::{DaemonLock, LockError};
pub use crate::jobs::pulse::Pulse;
pub use crate::jobs::runner::{Handlers, JobError, Runner, run};
pub use crate::jobs::schedule::{Firing, Schedule, Schedules};
pub use crate::jobs::server::{Takes, run as run_on_server, set_up as set_up_server};
pub use crate::store::{Job, JobEnd, NewJob};
