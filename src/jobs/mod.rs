//! Work that is due: a small engine over the store's job table. At least once, so that handlers must be idempotent;
//! one job a host at a time; retries with backoff; leases that outlive a killed process.

mod lock;
mod pulse;
mod runner;
mod schedule;

pub use crate::jobs::lock::{DaemonLock, LockError};
pub use crate::jobs::pulse::Pulse;
pub use crate::jobs::runner::{Handlers, JobError, Runner, run};
pub use crate::jobs::schedule::{Schedule, fire_due};
pub use crate::store::{Job, JobEnd, NewJob};
