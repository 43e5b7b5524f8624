//! Jobs on a database server, shared by several processes: `graphile_worker` hands them out, one of a host at a time, and
//! gives those of a process that died to others. What the engine does not promise is promised here: a job that was taken up
//! by another process is not ended by the first one, and an instant at which to try again is kept.

use std::sync::Arc;
use std::time::Duration;

use graphile_worker::{
    IntoTaskHandlerResult, TaskHandler, Worker, WorkerContext, WorkerOptions, WorkerRecoveryConfig, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::jobs::runner::{Handlers, JobError, Runner};
use crate::jobs::schedule::Firing;
use crate::jobs::under_way::UnderWay;
use crate::store::{Job, NewJob, Store, StoreError, egress_flag, host_flag};
use crate::workers::Member;

/// Which jobs a process takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Takes {
    /// Hosts that it visits; all when none are named.
    pub hosts: Option<Vec<String>>,
    /// Label of its way out.
    pub egress: String,
    /// Labels that jobs may have.
    pub labels: Vec<String>,
}

/// Pause after the engine failed, such as when the database is away.
const PAUSE: Duration = Duration::from_secs(2);
/// For so long after the grace for running jobs the engine may take to say what became of them.
const AFTER_GRACE: Duration = Duration::from_secs(2);
/// How often queues are looked after.
const MEND_EVERY: Duration = Duration::from_secs(60);

/// What every handler needs; handed on by the engine.
#[derive(Debug, Clone)]
struct Hand {
    handlers: Handlers,
    store: Store,
    clock: Clock,
    member: Arc<Member>,
    under_way: Arc<UnderWay<Result<(), JobError>>>,
}

/// Takes jobs until `shutdown` ends, then lets running ones finish for a while. Goes on when the database was away.
///
/// # Errors
/// When this process was given up for lost.
pub async fn run(
    store: &Store,
    clock: &Clock,
    handlers: &Handlers,
    settings: &Runner,
    takes: &Takes,
    member: &Arc<Member>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StoreError> {
    let hand = Hand {
        handlers: handlers.clone(),
        store: store.clone(),
        clock: clock.clone(),
        member: Arc::clone(member),
        under_way: Arc::default(),
    };
    set_up(store).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = work(&hand, settings, takes, stopped.clone());
    let firing = fire(&hand, settings, stopped.clone());
    let mending = mend(&hand, stopped);
    let all = async { tokio::try_join!(working, firing, mending).map(drop) };
    tokio::pin!(all);
    tokio::select! {
        ended = &mut all => return ended,
        () = member.lost() => {
            _ = stop.send(true);
            return Err(StoreError::Ended(member.id().clone()));
        }
        () = shutdown => {
            _ = stop.send(true);
        }
    }
    // The engine keeps its grace by itself; while the database is away, what waits for it must not be waited for.
    tokio::time::timeout(settings.grace + AFTER_GRACE, all).await.unwrap_or(Ok(()))
}

/// Brings the engine's tables up to date before anybody adds a job. What fails now is tried again when the engine begins.
pub async fn set_up(store: &Store) {
    let Some((pool, schema)) = store.engine() else { return };
    if let Err(error) = WorkerUtils::new(pool, schema.as_str()).migrate().await {
        tracing::warn!(%error, "the job engine's tables could not be brought up to date");
    }
}

type Stop = tokio::sync::watch::Receiver<bool>;

async fn stopped(stop: &mut Stop) {
    _ = stop.wait_for(|stop| *stop).await;
}

/// Sleeps, or ends early at the stop; whether to go on.
async fn pause(stop: &mut Stop, length: Duration) -> bool {
    tokio::select! {
        () = stopped(stop) => false,
        () = tokio::time::sleep(length) => true,
    }
}

/// The engine ends when the database fails; it begins anew until the stop.
async fn work(hand: &Hand, settings: &Runner, takes: &Takes, mut stop: Stop) -> Result<(), StoreError> {
    while !*stop.borrow() {
        let outcome = match begin(hand, settings, takes, stop.clone()).await {
            Ok(worker) => worker.run().await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "the job engine stopped and begins anew");
            hand.still_counts().await?;
            pause(&mut stop, PAUSE).await;
        }
    }
    Ok(())
}

async fn begin(hand: &Hand, settings: &Runner, takes: &Takes, mut stop: Stop) -> Result<Worker, String> {
    let (pool, schema) = hand.store.engine().ok_or("a file has no such engine")?;
    let lost_after = hand.member.lost_after();
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(lost_after / 6)
        .sweep_interval(lost_after / 3)
        .sweep_threshold(lost_after)
        .recovery_delay(Duration::ZERO);
    let options = WorkerOptions::default()
        .pg_pool(pool)
        .schema(schema.as_str())
        .concurrency(settings.concurrency.max(1))
        .poll_interval(settings.poll)
        .worker_recovery(recovery)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { stopped(&mut stop).await })
        .shutdown_grace_period(settings.grace)
        .shutdown_interrupted_job_retry_delay(Duration::ZERO)
        .add_extension(hand.clone());
    let options = choosing(options, takes);
    let strange = hand.handlers.kinds().find(|kind| KINDS.iter().all(|known| known.name != *kind));
    debug_assert_eq!(strange, None, "the engine must be told of every kind");
    let options = KINDS.iter().filter(|kind| hand.handlers.knows(kind.name)).fold(options, |o, kind| (kind.define)(o));
    options.init().await.map_err(|error| error.to_string())
}

/// A process that visits certain hosts takes jobs of those and of none; jobs with the label of another way out are left.
fn choosing(options: WorkerOptions, takes: &Takes) -> WorkerOptions {
    let is_other = |label: &&String| **label != takes.egress;
    let options = takes.labels.iter().filter(is_other).fold(options, |o, l| o.add_forbidden_flag(&egress_flag(l)));
    match &takes.hosts {
        None => options,
        Some(hosts) => {
            let own = Some(takes.egress.as_str()).filter(|label| !label.is_empty()).map(egress_flag);
            options.job_flag_allowlist(hosts.iter().map(|host| host_flag(host)).chain(own))
        }
    }
}

/// Schedules fire once: the slot is taken and the job added in one transaction.
async fn fire(hand: &Hand, settings: &Runner, mut stop: Stop) -> Result<(), StoreError> {
    let mut firing = Firing::default();
    loop {
        match firing.fire(&hand.store, &settings.schedules.in_force(), &hand.clock).await {
            Err(error @ StoreError::Ended(_)) => return Err(error),
            // The engine has not made its tables yet, or the database is away.
            Err(error) => tracing::debug!(%error, "schedules could not be looked at"),
            Ok(_) => {}
        }
        settings.pulse.beat();
        if !pause(&mut stop, settings.poll).await {
            return Ok(());
        }
    }
}

async fn mend(hand: &Hand, mut stop: Stop) -> Result<(), StoreError> {
    while pause(&mut stop, MEND_EVERY.min(hand.member.lost_after())).await {
        match hand.store.mend_queues().await {
            Ok(0) => {}
            Ok(mended) => tracing::warn!(mended, "queues of hosts were held for jobs that had ended"),
            Err(error) => tracing::debug!(%error, "queues could not be looked after"),
        }
    }
    Ok(())
}

impl Hand {
    /// Only being given up for lost ends the work; a database that is away comes back.
    async fn still_counts(&self) -> Result<(), StoreError> {
        match self.member.check().await {
            Err(error @ StoreError::Ended(_)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn handle(&self, ctx: &WorkerContext, kind: &str, given: Given) -> Result<(), String> {
        let job = job_of(ctx, kind, given);
        // After the database was away for long, the engine takes its own worker for dead and gives it the same job again.
        let attempt = self.under_way.begin(&job.id);
        let outcome = attempt.outcome(self.handlers.handle(job.clone())).await;
        // The engine would take the end of a job from anybody. One that was given up for lost keeps silent.
        if let Err(error) = self.member.confirm().await {
            return Err(error.to_string());
        }
        match outcome {
            Ok(()) => Ok(()),
            Err(JobError::GiveUp(error)) => {
                tracing::warn!(job.id = %job.id, job.kind = kind, "job {} was given up: {error}", job.id);
                Ok(())
            }
            Err(JobError::RetryAt { at, error }) => self.again(&job, at, &error).await,
            Err(JobError::Retry(error)) => {
                tracing::warn!(job.id = %job.id, job.kind = kind, attempt = job.attempt, "job {} failed: {error}", job.id);
                Err(error)
            }
        }
    }

    /// The engine knows no instant for another try: a job of its own takes the place of this one.
    async fn again(&self, job: &Job, at: crate::model::time::Timestamp, error: &str) -> Result<(), String> {
        tracing::info!(job.id = %job.id, job.kind = %job.kind, "job {} is tried again later: {error}", job.id);
        let next = NewJob {
            kind: job.kind.clone(),
            key: other_key(&job.key),
            host: job.host.clone(),
            egress: job.egress.clone(),
            run_at: at,
            attempts_max: job.attempts_max,
            payload: job.payload.clone(),
        };
        self.store.enqueue(&next, self.clock.now()).await.map(drop).map_err(|error| error.to_string())
    }
}

/// A key that differs from that of the job under way, and is the same again for the one after.
fn other_key(key: &str) -> String {
    key.strip_suffix('+').map_or_else(|| format!("{key}+"), str::to_owned)
}

/// What a job carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Given {
    host: Option<String>,
    #[serde(default)]
    egress: String,
    job: Value,
}

fn job_of(ctx: &WorkerContext, kind: &str, given: Given) -> Job {
    let job = ctx.job();
    Job {
        id: job.id().to_string(),
        kind: kind.to_owned(),
        key: job.key().clone().unwrap_or_default(),
        host: given.host,
        egress: given.egress,
        attempt: u32::try_from(*job.attempts()).unwrap_or(1),
        attempts_max: u32::try_from(*job.max_attempts()).unwrap_or(1),
        lease: ctx.worker_id().to_owned(),
        payload: given.job,
    }
}

/// A kind of job that the engine can be told of: it wants a type for each.
struct Kind {
    name: &'static str,
    define: fn(WorkerOptions) -> WorkerOptions,
}

macro_rules! kinds {
    ($($type:ident $name:literal,)*) => {
        $(
            #[derive(Serialize, Deserialize)]
            #[serde(transparent)]
            struct $type(Given);

            impl TaskHandler for $type {
                const IDENTIFIER: &'static str = $name;

                async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
                    let hand = ctx.get_ext::<Hand>().cloned().ok_or_else(|| "the engine lost its hand".to_owned())?;
                    hand.handle(&ctx, $name, self.0).await
                }
            }
        )*

        const KINDS: &[Kind] = &[$(Kind { name: $name, define: |options| options.define_job::<$type>() },)*];
    };
}

kinds! {
    Visit "visit",
    Judge "judge",
    Canary "canary",
    Discover "discover",
    FollowUp "follow_up",
    Chat "chat",
    Letters "letters",
    Retain "retain",
    Groups "groups",
    Returned "returned",
}
