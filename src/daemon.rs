//! The scheduled daemon: visits by the clock, letters when they are due, until it is told to stop. Alone on a file, or one
//! of several workers on a database server.

mod notify;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::config::Discover;
use crate::daemon::notify::Manager;
use crate::jobs::{Handlers, Job, JobError, Pulse, Runner, Schedule, Schedules, Takes, run, run_on_server};
use crate::mail::MailboxKind;
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::pace::schedule::{Turn, Window, turn};
use crate::pipeline::canary::{Asked, ask_canary};
use crate::pipeline::channels::tell_channels;
use crate::pipeline::crawl::host_of;
use crate::pipeline::digests::queue_digests;
use crate::pipeline::discovery::{discover_at, discover_on_lists, site_of};
use crate::pipeline::exempted::{Settled, settle_exemptions};
use crate::pipeline::group_letters::{look_after_groups, queue_weekly};
use crate::pipeline::leavers::shut_out_leavers;
use crate::pipeline::letters::{deliver_for, follow_up_cases};
use crate::pipeline::lowering::watch_band;
use crate::pipeline::member_attestation::look_after_members;
use crate::pipeline::progress::Listener;
use crate::pipeline::retain::retain;
use crate::pipeline::returned::{read_mailbox, tell_operators};
use crate::pipeline::scan::{judge_left, refresh_changed, scan, take_up};
use crate::pipeline::shell::{Shell, ShellError};
use crate::store::{NewJob, StoreError};
use crate::web;
use crate::workers::Hosts;

/// Kinds of jobs. Judging what a lost visit left, asking what is known, and discovery go with visiting; following up, work
/// groups, mail that comes back and channels beside mail go with letters.
const VISIT: &str = "visit";
const JUDGE: &str = "judge";
const CANARY: &str = "canary";
const DISCOVER: &str = "discover";
const LETTERS: &str = "letters";
const FOLLOW_UP: &str = "follow_up";
const CHAT: &str = "chat";
const RETAIN: &str = "retain";
const GROUPS: &str = "groups";
const RETURNED: &str = "returned";

/// Kinds by which an operator chooses what a worker does.
pub const KINDS: [&str; 3] = [VISIT, LETTERS, RETAIN];

/// What owners and members confirmed is kept as long as the audit, days.
const ATTESTATIONS_KEPT_DAYS: i64 = 3 * 365;
/// What a mail in the mailbox turned out to be is remembered for so long, days.
const RETURNED_KEPT_DAYS: i64 = 400;
/// Tries of a visit before the next slot of its schedule.
const VISIT_ATTEMPTS: u32 = 3;
/// How often it is looked whether somebody added or removed a source in the console.
const SITES_EVERY: Duration = Duration::from_secs(5);
/// A visit of a host that another worker visits is put off for so long, milliseconds.
const POSTPONED_MS: i64 = 15_000;
/// Letters are sent for so long before it is looked again which digests are due.
const A_ROUND: Duration = Duration::from_secs(60);
/// Running jobs may take so long after the stop; service managers give thirty seconds in all.
const GRACE: Duration = Duration::from_secs(24);
/// Others are told within this time that this worker stops; else they find out.
const LEAVE: Duration = Duration::from_secs(3);

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The installation was opened to look only.
    #[error("the installation was not opened to work")]
    OnlyLooking,
    /// The configuration or the call names jobs that nobody knows.
    #[error("there are no jobs of kind {0}; there are: {list}", list = KINDS.join(", "))]
    UnknownKind(String),
    /// The installation failed.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// The database failed, or this worker was given up for lost.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs until `shutdown` ends. What a killed run left behind is judged first.
pub async fn serve(
    shell: Arc<Shell>,
    listener: Listener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), DaemonError> {
    check_kinds(&shell.config.work.kinds)?;
    let hosts = shell.hosts.clone().ok_or(DaemonError::OnlyLooking)?;
    let pulse = Pulse::default();
    let _page = web::serve(&shell, &pulse).await;
    // People work where the ledgers are; further workers only visit and send.
    let _console = if shell.share.follows() { None } else { web::console::serve(&shell, &pulse).await };
    let manager = Manager::start(&pulse, shell.sources().iter().filter(|source| source.enabled).count());
    let shutdown = async {
        shutdown.await;
        manager.stopping();
    };
    take_up(&shell, &listener).await?;
    let outcome = work(&shell, &hosts, &listener, pulse, shutdown).await;
    // Also when the work failed: others need not wait for this process then.
    match tokio::time::timeout(LEAVE, shell.leave()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "others were not told that this worker stops"),
        Err(_) => tracing::warn!("others were not told that this worker stops: the database did not answer in time"),
    }
    Ok(outcome?)
}

/// Refuses kinds of jobs that nobody knows: a slip would leave them undone without a word.
///
/// # Errors
/// [`DaemonError::UnknownKind`] with the first such kind.
pub fn check_kinds(kinds: &[String]) -> Result<(), DaemonError> {
    match kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        Some(unknown) => Err(DaemonError::UnknownKind(unknown.clone())),
        None => Ok(()),
    }
}

async fn work(
    shell: &Arc<Shell>,
    hosts: &Arc<Hosts>,
    listener: &Listener,
    pulse: Pulse,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StoreError> {
    // Taken before the schedules: what is saved in between is another.
    let known = shell.sources();
    let in_force = Schedules::from(schedules(shell));
    let settings = Runner {
        concurrency: shell.config.schedule.visits_at_once.max(1) + 2,
        schedules: in_force.clone(),
        grace: GRACE,
        pulse,
        ..Runner::default()
    };
    let handlers = handlers(shell, listener).only(&chosen_kinds(shell));
    let member = hosts.member();
    let working = async {
        if shell.store.is_on_server() {
            run_on_server(&shell.store, &shell.clock, &handlers, &settings, &takes(shell), member, shutdown).await
        } else {
            run(shell.store.clone(), shell.clock.clone(), handlers, settings, shutdown).await
        }
    };
    tokio::select! {
        ended = working => ended,
        never = follow_sites(shell, &in_force, known) => match never {},
    }
}

/// Sources that are added or removed in the console, here or elsewhere, are visited by their schedule from then on, or no more.
async fn follow_sites(shell: &Shell, in_force: &Schedules, mut known: Arc<SourceList>) -> Infallible {
    loop {
        tokio::time::sleep(SITES_EVERY).await;
        if let Err(error) = shell.refresh_sites().await {
            tracing::debug!(%error, "it could not be seen whether sources were added");
        }
        let now = shell.sources();
        if !Arc::ptr_eq(&known, &now) {
            tracing::info!(sources = now.len(), "other sources are in force");
            in_force.set(schedules(shell));
            known = now;
        }
    }
}

fn chosen_kinds(shell: &Shell) -> Vec<String> {
    let mut kinds = shell.config.work.kinds.clone();
    if kinds.iter().any(|kind| kind == VISIT) {
        kinds.extend([JUDGE, CANARY, DISCOVER].map(str::to_owned));
    }
    if kinds.iter().any(|kind| kind == LETTERS) {
        kinds.extend([FOLLOW_UP, CHAT, GROUPS, RETURNED].map(str::to_owned));
    }
    kinds
}

/// Which hosts and ways out the configuration leaves to this worker.
fn takes(shell: &Shell) -> Takes {
    let work = &shell.config.work;
    let known: BTreeSet<String> = shell.sources().iter().map(|source| host_of(&source)).collect();
    let is_chosen = |host: &String| work.hosts.iter().any(|pattern| matches_host(pattern, host));
    Takes {
        hosts: (!work.hosts.is_empty()).then(|| known.into_iter().filter(is_chosen).collect()),
        egress: work.egress.clone(),
        labels: shell.sources().iter().map(|source| source.egress).filter(|label| !label.is_empty()).collect(),
    }
}

/// Whether a host is meant: by its name, or by `*.` and the end of it.
fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == pattern,
    }
}

fn schedules(shell: &Shell) -> Vec<Schedule> {
    let general = |id, cron, kind| general(shell, id, cron, kind);
    let sources = shell.sources();
    let visits = sources.iter().filter(|source| source.enabled).map(|source| visits_of(shell, &source));
    let others = [
        general("letters", "* * * * *", LETTERS),
        general("follow-up", "5-59/10 * * * *", FOLLOW_UP),
        general("groups", "40 8 * * *", GROUPS),
        Schedule { payload: json!({"weekly": true}), ..general("groups-weekly", "45 8 * * 1", GROUPS) },
        general("left", "*/10 * * * *", JUDGE),
        general("retain", "30 4 * * *", RETAIN),
    ];
    let returned = reads_mailbox(shell).then(|| general("returned", "*/10 * * * *", RETURNED));
    let channels = (!shell.channels.is_empty()).then(|| general("chat", "* * * * *", CHAT));
    visits
        .chain(canaries(shell, &sources))
        .chain(discoveries(shell))
        .chain(others)
        .chain(returned)
        .chain(channels)
        .collect()
}

fn reads_mailbox(shell: &Shell) -> bool {
    shell.config.mail.returned.kind != MailboxKind::None
}

/// Each source whose profiles can be asked for by name, in its own turn with its visits; and the lists, where there are any.
fn discoveries(shell: &Shell) -> Vec<Schedule> {
    let Discover { schedule, lists, .. } = &shell.config.discover;
    if schedule.is_empty() {
        return Vec::new();
    }
    let of_source = |source: Source| Schedule {
        id: format!("discover-{}", source.id),
        cron: schedule.clone(),
        kind: DISCOVER.to_owned(),
        ..visits_of(shell, &source)
    };
    let sources = shell.sources();
    let asked = sources.iter().filter(|source| source.enabled && site_of(shell, source).is_some());
    let of_lists = (!lists.is_empty()).then(|| general(shell, "discover", schedule, DISCOVER));
    asked.map(of_source).chain(of_lists).collect()
}

fn general(shell: &Shell, id: &str, cron: &str, kind: &str) -> Schedule {
    Schedule {
        id: id.to_owned(),
        cron: cron.to_owned(),
        zone: shell.zone(),
        kind: kind.to_owned(),
        host: None,
        egress: String::new(),
        attempts_max: 1,
        payload: json!({}),
    }
}

/// Each source is asked what is known of it, in its own turn with its visits.
fn canaries(shell: &Shell, sources: &SourceList) -> impl Iterator<Item = Schedule> {
    let catalog = shell.catalog();
    let has_canary = move |source: &Source| {
        source.enabled && catalog.get(&source.platform).is_some_and(|definition| definition.canary().is_some())
    };
    let of_source = |source: Source| Schedule {
        id: format!("canary-{}", source.id),
        cron: shell.config.schedule.canary.clone(),
        kind: CANARY.to_owned(),
        ..visits_of(shell, &source)
    };
    sources.iter().filter(has_canary).map(of_source)
}

fn visits_at<'a>(shell: &'a Shell, source: &'a Source) -> &'a str {
    source.schedule.as_ref().unwrap_or(&shell.config.schedule.scan)
}

fn visits_of(shell: &Shell, source: &Source) -> Schedule {
    Schedule {
        id: format!("visit-{}", source.id),
        cron: visits_at(shell, source).to_owned(),
        zone: shell.zone(),
        kind: VISIT.to_owned(),
        host: Some(host_of(source)),
        egress: source.egress.clone(),
        attempts_max: VISIT_ATTEMPTS,
        payload: json!({"source": source.id}),
    }
}

fn handlers(shell: &Arc<Shell>, listener: &Listener) -> Handlers {
    let (visiting, judging) = (Arc::clone(shell), Arc::clone(shell));
    let (sending, retaining, asking) = (Arc::clone(shell), Arc::clone(shell), Arc::clone(shell));
    let (discovering, following) = (Arc::clone(shell), Arc::clone(shell));
    let (telling, grouping, returning) = (Arc::clone(shell), Arc::clone(shell), Arc::clone(shell));
    let (of_visits, of_judgements) = (Arc::clone(listener), Arc::clone(listener));
    Handlers::default()
        .on(VISIT, move |job| visit(Arc::clone(&visiting), job, Arc::clone(&of_visits)))
        .on(JUDGE, move |job| judge(Arc::clone(&judging), job, Arc::clone(&of_judgements)))
        .on(CANARY, move |job| canary(Arc::clone(&asking), job))
        .on(DISCOVER, move |job| look_for_accounts(Arc::clone(&discovering), job))
        .on(LETTERS, move |_| send(Arc::clone(&sending)))
        .on(FOLLOW_UP, move |_| follow_up(Arc::clone(&following)))
        .on(CHAT, move |_| tell(Arc::clone(&telling)))
        .on(RETURNED, move |_| take_returned(Arc::clone(&returning)))
        .on(GROUPS, move |job| look_after(Arc::clone(&grouping), job))
        .on(RETAIN, move |_| keep_house(Arc::clone(&retaining)))
}

fn source_of(job: &Job) -> SourceId {
    SourceId::new(job.payload["source"].as_str().unwrap_or_default())
}

/// A source that is visited; another process may have fired for one that was added a moment ago.
async fn source_in_force(shell: &Shell, id: &SourceId) -> Result<Option<Source>, JobError> {
    let known = shell.source(id);
    if known.is_none() {
        shell.refresh_sites().await.map_err(|error| JobError::Retry(error.to_string()))?;
    }
    Ok(known.or_else(|| shell.source(id)).filter(|source| source.enabled))
}

fn postponed(shell: &Shell) -> JobError {
    let error = "another worker visits the host now".to_owned();
    JobError::RetryAt { at: shell.clock.now().plus_ms(POSTPONED_MS), error }
}

/// What becomes of a job of a source that has come outside its hours, where it has.
fn outside_hours(shell: &Shell, source: &Source, cron: &str) -> Option<Result<(), JobError>> {
    match turn(cron, Window::of(source), shell.zone(), shell.clock.now()) {
        Turn::Now => None,
        Turn::OfNextSlot => Some(Ok(())),
        Turn::At(at) => Some(Err(JobError::RetryAt { at, error: "the hours of the source begin later".to_owned() })),
    }
}

async fn visit(shell: Arc<Shell>, job: Job, listener: Listener) -> Result<(), JobError> {
    let id = source_of(&job);
    let Some(source) = source_in_force(&shell, &id).await? else {
        return Err(JobError::GiveUp("the source is no longer configured".to_owned()));
    };
    if let Some(later) = outside_hours(&shell, &source, visits_at(&shell, &source)) {
        return later;
    }
    let pass = scan(&shell, &[source], &listener).await.map_err(|e| JobError::Retry(e.to_string()))?;
    if pass.has_postponed() {
        return Err(postponed(&shell));
    }
    tracing::info!(source.id = %id, pages = pass.pages(), asking = pass.inspected.asking, "visited {id}");
    Ok(())
}

/// Asks a source what is known of it.
async fn canary(shell: Arc<Shell>, job: Job) -> Result<(), JobError> {
    let id = source_of(&job);
    let Some(source) = source_in_force(&shell, &id).await? else {
        return Err(JobError::GiveUp("the source is no longer configured".to_owned()));
    };
    if let Some(later) = outside_hours(&shell, &source, &shell.config.schedule.canary) {
        return later;
    }
    match ask_canary(&shell, &source).await.map_err(|error| JobError::Retry(error.to_string()))? {
        Asked::Postponed => return Err(postponed(&shell)),
        Asked::Contradicts(how) => tracing::warn!(source.id = %id, "the canary of {id} contradicts: {how}"),
        Asked::AsKnown | Asked::NoCanary | Asked::Paused => {}
    }
    Ok(())
}

/// Asks one source, or the sites of the lists, for accounts of the marks.
async fn look_for_accounts(shell: Arc<Shell>, job: Job) -> Result<(), JobError> {
    let id = source_of(&job);
    let source = if id.is_empty() { None } else { source_in_force(&shell, &id).await? };
    let outcome = match (id.is_empty(), source) {
        (true, _) => discover_on_lists(&shell).await,
        (false, Some(source)) => discover_at(&shell, &source).await,
        (false, None) => return Err(JobError::GiveUp("the source is no longer configured".to_owned())),
    };
    let done = outcome.map_err(|error| JobError::Retry(error.to_string()))?;
    if done.is_postponed {
        return Err(postponed(&shell));
    }
    tracing::info!(source.id = %id, told = done.told, found = done.found, "discovery");
    Ok(())
}

/// Judges what a visit left that did not come to its end: of one source, or looks for such sources.
async fn judge(shell: Arc<Shell>, job: Job, listener: Listener) -> Result<(), JobError> {
    let retry = |error: StoreError| JobError::Retry(error.to_string());
    let id = source_of(&job);
    if !id.is_empty() {
        let judged = judge_left(&shell, &id, &listener).await.map_err(retry)?;
        return judged.map_or_else(|| Err(postponed(&shell)), |_| Ok(()));
    }
    for id in shell.store.waiting_sources().await.map_err(retry)? {
        let Some(source) = shell.source(&id) else { continue };
        let job = NewJob {
            kind: JUDGE.to_owned(),
            key: format!("judge:{id}"),
            host: Some(host_of(&source)),
            egress: String::new(),
            run_at: shell.clock.now(),
            attempts_max: VISIT_ATTEMPTS,
            payload: json!({"source": id}),
        };
        shell.store.enqueue(&job, shell.clock.now()).await.map_err(retry)?;
    }
    Ok(())
}

async fn send(shell: Arc<Shell>) -> Result<(), JobError> {
    // Letters do not wait for a folder that cannot be read: the ledgers of before stay in force.
    if let Err(error) = refresh_changed(&shell).await {
        tracing::warn!(%error, "the ledgers were not read again before the letters");
    }
    let retry = |e: StoreError| JobError::Retry(e.to_string());
    shell.recall_unlinkings().await.map_err(retry)?;
    let world = shell.world();
    queue_digests(&shell, &world).await.map_err(retry)?;
    let sent = deliver_for(&shell, &world, A_ROUND).await.map_err(retry)?;
    if sent != crate::pipeline::letters::Sent::default() {
        tracing::info!(sent = sent.sent, later = sent.later, failed = sent.failed, "letters");
    }
    Ok(())
}

/// Settles cases by the exemptions of the ledger, writes again about what nobody has decided, and holds the highest band to what was.
async fn follow_up(shell: Arc<Shell>) -> Result<(), JobError> {
    let retry = |e: StoreError| JobError::Retry(e.to_string());
    shell.recall_unlinkings().await.map_err(retry)?;
    let world = shell.world();
    if watch_band(&shell, &world).await.map_err(retry)? {
        tracing::warn!("the highest band of certainty was lowered or brought back, by what was decided");
    }
    let exempted = settle_exemptions(&shell, &world).await.map_err(retry)?;
    if exempted != Settled::default() {
        tracing::info!(closed = exempted.closed, opened = exempted.opened, "exemptions of the ledger and cases");
    }
    let (queued, closed) = follow_up_cases(&shell, &world).await.map_err(retry)?;
    if (queued, closed) != (0, 0) {
        tracing::info!(queued, closed, "follow-up of open cases");
    }
    Ok(())
}

/// Reads what came back to the mailbox of the sender.
async fn take_returned(shell: Arc<Shell>) -> Result<(), JobError> {
    let retry = |error: StoreError| JobError::Retry(error.to_string());
    shell.recall_unlinkings().await.map_err(retry)?;
    let reading = read_mailbox(&shell, &shell.world()).await.map_err(retry)?;
    if reading.read > 0 {
        tracing::info!(read = reading.read, failed = reading.failed, "mail that came back");
    }
    Ok(())
}

/// Tells channels beside mail what happened to cases.
async fn tell(shell: Arc<Shell>) -> Result<(), JobError> {
    let world = shell.world();
    let told = tell_channels(&shell, &world).await.map_err(|error| JobError::Retry(error.to_string()))?;
    if told > 0 {
        tracing::info!(told, "messages to channels");
    }
    Ok(())
}

/// Checks work groups and registers: every day what has a date or became a case, on Monday one letter to each.
async fn look_after(shell: Arc<Shell>, job: Job) -> Result<(), JobError> {
    // A worker that visits nothing would else judge by the ledgers with which it began.
    refresh_changed(&shell).await.map_err(|error| JobError::Retry(error.to_string()))?;
    let world = shell.world();
    let retry = |error: StoreError| JobError::Retry(error.to_string());
    if job.payload["weekly"] == true {
        let queued = queue_weekly(&shell, &world).await.map_err(retry)?;
        let told = tell_operators(&shell, &world).await.map_err(retry)?;
        tracing::info!(queued, told, "weekly letters about work groups and mail");
        return Ok(());
    }
    let (filed, reminded) = look_after_groups(&shell, &world).await.map_err(retry)?;
    tracing::info!(open = filed.open, settled = filed.settled, escalated = filed.escalated, reminded, "work groups");
    let asked = look_after_members(&shell, &world).await.map_err(retry)?;
    if asked > 0 {
        tracing::info!(asked, "letters about the yearly confirmation of members");
    }
    Ok(())
}

async fn keep_house(shell: Arc<Shell>) -> Result<(), JobError> {
    let now = shell.clock.now();
    shell.store.purge_links(now).await.map_err(|error| JobError::Retry(error.to_string()))?;
    let read_before = now.plus_days(-RETURNED_KEPT_DAYS);
    shell.store.purge_returned_mails(read_before).await.map_err(|error| JobError::Retry(error.to_string()))?;
    shut_out_leavers(&shell).await.map_err(|error| JobError::Retry(error.to_string()))?;
    let over = now.plus_days(-ATTESTATIONS_KEPT_DAYS);
    shell.store.purge_attestations(over).await.map_err(|error| JobError::Retry(error.to_string()))?;
    let done = retain(&shell.store, &shell.vault, shell.clock.now(), "wanglou").await;
    done.map(drop).map_err(|e| JobError::Retry(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::matches_host;

    #[test]
    fn hosts_are_meant_by_name_or_by_their_end() {
        assert!(matches_host("forum.example", "forum.example") && !matches_host("forum.example", "a.forum.example"));
        assert!(matches_host("*.example", "a.example") && !matches_host("*.example", "example"));
        assert!(matches_host("*", "anything.example"));
    }
}
