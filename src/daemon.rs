//! The scheduled daemon: visits by the clock, letters when they are due, until it is told to stop.

mod notify;

use std::sync::Arc;

use serde_json::json;

use crate::daemon::notify::Manager;
use crate::jobs::{DaemonLock, Handlers, Job, JobError, LockError, Pulse, Runner, Schedule, run};
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::pipeline::crawl::host_of;
use crate::pipeline::letters::{deliver, queue_digests};
use crate::pipeline::progress::Listener;
use crate::pipeline::retain::retain;
use crate::pipeline::scan::{scan, take_up};
use crate::pipeline::shell::{Shell, ShellError};
use crate::web;

/// Kinds of jobs.
const VISIT: &str = "visit";
const LETTERS: &str = "letters";
const RETAIN: &str = "retain";

/// Tries of a visit before the next slot of its schedule.
const VISIT_ATTEMPTS: u32 = 3;

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// Another process works on the same database.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The installation failed.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

/// Runs until `shutdown` ends. What a killed run left behind is judged first.
pub async fn serve(
    shell: Arc<Shell>,
    listener: Listener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), DaemonError> {
    let _lock = DaemonLock::of(&shell.config.database()?)?;
    let pulse = Pulse::default();
    let _page = web::serve(&shell, &pulse).await;
    let manager = Manager::start(&pulse, shell.sources.iter().filter(|source| source.enabled).count());
    let shutdown = async {
        shutdown.await;
        manager.stopping();
    };
    take_up(&shell, &listener).await?;
    let settings = Runner {
        concurrency: shell.config.schedule.visits_at_once.max(1) + 2,
        schedules: schedules(&shell),
        pulse,
        ..Runner::default()
    };
    run(shell.store.clone(), shell.clock.clone(), handlers(&shell, &listener), settings, shutdown).await?;
    Ok(())
}

fn schedules(shell: &Shell) -> Vec<Schedule> {
    let general = |id: &str, cron: &str, kind: &str| Schedule {
        id: id.to_owned(),
        cron: cron.to_owned(),
        zone: shell.zone(),
        kind: kind.to_owned(),
        host: None,
        attempts_max: 1,
        payload: json!({}),
    };
    let visits = shell.sources.iter().filter(|s| s.enabled).map(|source| visits_of(shell, source));
    visits.chain([general("letters", "* * * * *", LETTERS), general("retain", "30 4 * * *", RETAIN)]).collect()
}

fn visits_of(shell: &Shell, source: &Source) -> Schedule {
    Schedule {
        id: format!("visit-{}", source.id),
        cron: source.schedule.clone().unwrap_or_else(|| shell.config.schedule.scan.clone()),
        zone: shell.zone(),
        kind: VISIT.to_owned(),
        host: Some(host_of(source)),
        attempts_max: VISIT_ATTEMPTS,
        payload: json!({"source": source.id}),
    }
}

fn handlers(shell: &Arc<Shell>, listener: &Listener) -> Handlers {
    let (visiting, sending, retaining) = (Arc::clone(shell), Arc::clone(shell), Arc::clone(shell));
    let listener = Arc::clone(listener);
    Handlers::default()
        .on(VISIT, move |job| visit(Arc::clone(&visiting), job, Arc::clone(&listener)))
        .on(LETTERS, move |_| send(Arc::clone(&sending)))
        .on(RETAIN, move |_| keep_house(Arc::clone(&retaining)))
}

async fn visit(shell: Arc<Shell>, job: Job, listener: Listener) -> Result<(), JobError> {
    let id = SourceId::new(job.payload["source"].as_str().unwrap_or_default());
    let Some(source) = shell.source(&id).filter(|s| s.enabled).cloned() else {
        return Err(JobError::GiveUp("the source is no longer configured".to_owned()));
    };
    let pass = scan(&shell, &[source], &listener).await.map_err(|e| JobError::Retry(e.to_string()))?;
    tracing::info!(source.id = %id, pages = pass.pages(), asking = pass.inspected.asking, "visited {id}");
    send(shell).await
}

async fn send(shell: Arc<Shell>) -> Result<(), JobError> {
    let world = shell.world();
    let retry = |e: crate::store::StoreError| JobError::Retry(e.to_string());
    queue_digests(&shell, &world).await.map_err(retry)?;
    let sent = deliver(&shell, &world).await.map_err(retry)?;
    if sent != crate::pipeline::letters::Sent::default() {
        tracing::info!(sent = sent.sent, later = sent.later, failed = sent.failed, "letters");
    }
    Ok(())
}

async fn keep_house(shell: Arc<Shell>) -> Result<(), JobError> {
    retain(&shell).await.map_err(|e| JobError::Retry(e.to_string()))
}
