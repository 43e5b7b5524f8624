//! Takes due jobs and runs their handlers, so many at a time, until it is told to stop.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::jobs::pulse::Pulse;
use crate::jobs::schedule::{Firing, Schedules};
use crate::model::time::Timestamp;
use crate::pace::host::backoff;
use crate::store::{Job, JobEnd, Store, StoreError};

/// Why a handler did not finish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Try again after the usual pause. The text holds no personal data.
    #[error("{0}")]
    Retry(String),
    /// Try again from an instant, for instance because a server said so.
    #[error("{error}")]
    RetryAt {
        /// When.
        at: Timestamp,
        /// Why.
        error: String,
    },
    /// Trying again is of no use.
    #[error("{0}")]
    GiveUp(String),
}

type Work = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Handler = Arc<dyn Fn(Job) -> Work + Send + Sync>;

/// What is done for each kind of job.
#[derive(Clone, Default)]
pub struct Handlers {
    by_kind: BTreeMap<&'static str, Handler>,
}

impl Handlers {
    /// The same handlers and one more.
    #[must_use]
    pub fn on<F, W>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Job) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.by_kind.insert(kind, Arc::new(move |job| Box::pin(handler(job))));
        self
    }
}

impl Handlers {
    /// Only the kinds that are named; all when none are.
    #[must_use]
    pub fn only(mut self, kinds: &[String]) -> Self {
        self.by_kind.retain(|kind, _| kinds.is_empty() || kinds.iter().any(|named| named == kind));
        self
    }

    /// Whether a kind of job is done here.
    pub(super) fn knows(&self, kind: &str) -> bool {
        self.by_kind.contains_key(kind)
    }

    /// The kinds of jobs that are done here.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.by_kind.keys().copied()
    }

    /// Does a job.
    pub(super) async fn handle(&self, job: Job) -> Result<(), JobError> {
        match self.by_kind.get(job.kind.as_str()) {
            Some(handler) => handler(job).await,
            None => Err(JobError::GiveUp("nobody here does such jobs".to_owned())),
        }
    }
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.by_kind.keys()).finish()
    }
}

/// How the engine runs.
#[derive(Debug, Clone)]
pub struct Runner {
    /// Jobs at a time.
    pub concurrency: usize,
    /// How long a killed process keeps a job from others. Extended while the job runs.
    pub lease: Duration,
    /// How often the queue is looked at when nothing happens.
    pub poll: Duration,
    /// How long running jobs may take after the stop.
    pub grace: Duration,
    /// First pause before another try; doubled each time.
    pub retry_first: Duration,
    /// Longest pause before another try.
    pub retry_longest: Duration,
    /// A random number from 0 to 1, to spread the tries.
    pub dice: fn() -> f64,
    /// What comes again by the clock.
    pub schedules: Schedules,
    /// Beats with every turn of the engine.
    pub pulse: Pulse,
}

impl Default for Runner {
    fn default() -> Self {
        Self {
            concurrency: 8,
            lease: Duration::from_secs(60),
            poll: Duration::from_millis(500),
            grace: Duration::from_secs(30),
            retry_first: Duration::from_secs(30),
            retry_longest: Duration::from_secs(6 * 3600),
            dice: || 1.0,
            schedules: Schedules::default(),
            pulse: Pulse::default(),
        }
    }
}

#[derive(Clone)]
struct Engine {
    store: Store,
    clock: Clock,
    handlers: Handlers,
    settings: Arc<Runner>,
    held: Arc<Mutex<BTreeMap<String, Held>>>,
}

/// A job that runs here, and until when its lease lasts.
#[derive(Debug)]
struct Held {
    job: Job,
    until: Timestamp,
}

/// Runs jobs until `shutdown` ends, then lets running ones finish for a while. What does not finish is given back. While
/// the database fails, it is tried again and again.
///
/// # Errors
/// When this process was given up for lost.
pub async fn run(
    store: Store,
    clock: Clock,
    handlers: Handlers,
    settings: Runner,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StoreError> {
    let engine = Engine { store, clock, handlers, settings: Arc::new(settings), held: Arc::default() };
    let mut running = JoinSet::new();
    let mut firing = Firing::default();
    let mut is_down = false;
    tokio::pin!(shutdown);
    loop {
        match engine.look(&mut firing, &mut running).await {
            Err(error @ StoreError::Ended(_)) => return Err(error),
            Err(error) if !is_down => {
                tracing::error!("the database fails; jobs wait until it is back: {}", because(&error));
                is_down = true;
            }
            Ok(()) if is_down => {
                tracing::info!("the database is back");
                is_down = false;
            }
            Ok(()) | Err(_) => {}
        }
        engine.settings.pulse.beat();
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(engine.settings.poll) => {}
        }
    }
    let _ = tokio::time::timeout(engine.settings.grace, async { while running.join_next().await.is_some() {} }).await;
    engine.give_back(running).await;
    Ok(())
}

/// An error with its causes, on one line.
fn because(error: &StoreError) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl Engine {
    async fn look(&self, firing: &mut Firing, running: &mut JoinSet<()>) -> Result<(), StoreError> {
        firing.fire(&self.store, &self.settings.schedules.in_force(), &self.clock).await?;
        // One instant for both: between two looks at the clock it may be set.
        let now = self.clock.now();
        self.keep_held(now).await?;
        self.fill(running, now).await
    }

    /// A clock that was set forward must not take a job from this process that still does it: leases that seem to have run
    /// out are extended before jobs of dead processes are taken back.
    async fn keep_held(&self, now: Timestamp) -> Result<(), StoreError> {
        let half = self.lease_ms() / 2;
        let is_worn = |held: &&Held| held.until.ms_since(now) < half;
        let worn: Vec<Job> = self.held().values().filter(is_worn).map(|held| held.job.clone()).collect();
        for job in worn {
            self.extend(&job, now).await?;
        }
        Ok(())
    }

    /// Holds a job for another lease; false when it was lost.
    async fn extend(&self, job: &Job, now: Timestamp) -> Result<bool, StoreError> {
        let is_held = self.store.extend_job(job, now, self.lease_ms()).await?;
        if let Some(held) = self.held().get_mut(&job.id) {
            held.until = now.plus_ms(self.lease_ms());
        }
        Ok(is_held)
    }

    async fn fill(&self, running: &mut JoinSet<()>, now: Timestamp) -> Result<(), StoreError> {
        let kinds: Vec<&str> = self.handlers.by_kind.keys().copied().collect();
        while running.len() < self.settings.concurrency {
            let Some(job) = self.store.claim_job(now, &kinds, self.lease_ms()).await? else { break };
            self.held().insert(job.id.clone(), Held { job: job.clone(), until: now.plus_ms(self.lease_ms()) });
            running.spawn(self.clone().work(job));
        }
        Ok(())
    }

    /// Runs one job to its end and writes the end. Database failures are logged: the lease brings the job back.
    async fn work(self, job: Job) {
        self.attempt_and_end(&job).await;
        self.held().remove(&job.id);
    }

    async fn attempt_and_end(&self, job: &Job) {
        let end = match self.attempt(job).await {
            Some(result) => self.end_of(job, result),
            None => return tracing::warn!(job.id = %job.id, "job {} was lost to another worker", job.id),
        };
        if let JobEnd::RetryAt { error, .. } | JobEnd::Discarded { error } = &end {
            tracing::warn!(job.id = %job.id, job.kind = %job.kind, attempt = job.attempt, "job {} failed: {error}", job.id);
        }
        match self.store.end_job(job, &end, self.clock.now()).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job.id = %job.id, "job {} ended after its lease", job.id),
            Err(error) => tracing::error!(job.id = %job.id, "the end of job {} was not written: {error}", job.id),
        }
    }

    /// Runs the handler while extending the lease; none when the lease was lost.
    async fn attempt(&self, job: &Job) -> Option<Result<(), JobError>> {
        let handler = self.handlers.by_kind.get(job.kind.as_str())?;
        // A set of one: dropping it stops the handler when the lease is lost or the engine is dropped.
        let mut task = JoinSet::new();
        task.spawn(handler(job.clone()));
        loop {
            tokio::select! {
                joined = task.join_next() => return Some(match joined? {
                    Ok(result) => result,
                    Err(_) => Err(JobError::Retry("the handler panicked".to_owned())),
                }),
                () = tokio::time::sleep(self.settings.lease / 3) => {
                    if matches!(self.extend(job, self.clock.now()).await, Ok(false)) {
                        return None;
                    }
                }
            }
        }
    }

    fn end_of(&self, job: &Job, result: Result<(), JobError>) -> JobEnd {
        match result {
            Ok(()) => JobEnd::Completed,
            Err(JobError::Retry(error)) => JobEnd::RetryAt { at: self.next_try(job), error },
            Err(JobError::RetryAt { at, error }) => JobEnd::RetryAt { at, error },
            Err(JobError::GiveUp(error)) => JobEnd::Discarded { error },
        }
    }

    fn next_try(&self, job: &Job) -> Timestamp {
        let Runner { retry_first, retry_longest, dice, .. } = &*self.settings;
        let pause = backoff(job.attempt, *retry_first, *retry_longest, dice());
        self.clock.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
    }

    fn lease_ms(&self) -> i64 {
        i64::try_from(self.settings.lease.as_millis()).unwrap_or(i64::MAX)
    }

    /// Stops what still runs and gives it back at once, without counting the try.
    async fn give_back(&self, mut running: JoinSet<()>) {
        running.shutdown().await;
        let held = std::mem::take(&mut *self.held());
        for Held { job, .. } in held.values() {
            tracing::warn!(job.id = %job.id, "job {} did not finish in time and was given back", job.id);
            if let Err(error) = self.store.end_job(job, &JobEnd::Released, self.clock.now()).await {
                tracing::error!(job.id = %job.id, "job {} was not given back: {error}", job.id);
            }
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
