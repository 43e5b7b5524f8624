//! One pass over sources: visits side by side (never two on one host), then judgement.

use std::borrow::Borrow;
use std::sync::Arc;

use serde_json::json;
use tokio::task::{JoinError, JoinSet};

use crate::casework::world::World;
use crate::model::case::{Case, CaseState};
use crate::model::ids::{ScanId, SourceId};
use crate::model::source::{EntryKind, Source};
use crate::model::source_list::SourceList;
use crate::pipeline::crawl::{Run, Visit, broken_off_since, has_broken_off, host_of, own_page, visit};
use crate::pipeline::inspect::{Inspected, Waiting, inspect_pending};
use crate::pipeline::progress::Listener;
use crate::pipeline::readings::Readings;
use crate::pipeline::shell::{Shell, ShellError};
use crate::pipeline::visited::Visited;
use crate::store::{CaseFilter, StoreError};
use crate::workers::{Hold, HoldError};

/// How often a host is asked for that another worker visits.
const BUSY_PAUSE: std::time::Duration = std::time::Duration::from_millis(250);

/// What came of a pass.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The run.
    pub scan: ScanId,
    /// Visits by source.
    pub visits: Visited,
    /// What was judged.
    pub inspected: Inspected,
}

impl Pass {
    /// Pages fetched.
    pub fn pages(&self) -> u32 {
        self.visits.pages()
    }

    /// Whether a source was not visited because another worker visits its host.
    pub fn has_postponed(&self) -> bool {
        self.visits.has_postponed()
    }

    /// Whether a source that was asked gave nothing that can be relied on.
    pub fn has_blocked(&self) -> bool {
        self.visits.has_blocked()
    }
}

/// Takes up the work: reads the ledgers, keeps their state as a version, and judges what a killed run left behind, host by
/// host. What belongs to a visit that goes on elsewhere is left to it.
pub async fn take_up(shell: &Arc<Shell>, listener: &Listener) -> Result<Inspected, ShellError> {
    refresh(shell).await?;
    let mut inspected = Inspected::default();
    for source in shell.store.waiting_sources().await? {
        let (shell, listener) = (Arc::clone(shell), Arc::clone(listener));
        // A task of its own: a page that ends it by a defect of ours must not keep the daemon from its start.
        let judged = tokio::spawn(async move { judge_left(&shell, &source, &listener).await });
        match judged.await {
            Ok(judged) => inspected.add(judged?.unwrap_or_default()),
            Err(error) => tracing::error!(panicked = error.is_panic(), "what a visit left was not judged to its end"),
        }
    }
    Ok(inspected)
}

/// Judges what earlier visits of a source left; none while a visit of its host is under way. What a source left that is no
/// longer configured stays waiting, and so does what belongs to a visit that is gone on with.
pub async fn judge_left(
    shell: &Shell,
    source: &SourceId,
    listener: &Listener,
) -> Result<Option<Inspected>, StoreError> {
    let Some(source) = shell.source(source) else { return Ok(Some(Inspected::default())) };
    let _hold = match hold(shell, &source).await {
        Err(HoldError::Busy) => return Ok(None),
        Err(HoldError::Store(error)) => return Err(error),
        Ok(hold) => hold,
    };
    if has_broken_off(shell, &source.id).await? {
        return Ok(Some(Inspected::default()));
    }
    shell.recall_unlinkings().await?;
    inspect_pending(shell, &shell.world(), Waiting::OfSource(&source.id), listener).await.map(Some)
}

/// Holds the host of a source for a visit, where others may visit it too. One that is held by somebody who was killed is
/// waited for: it is free as soon as that one is given up.
pub(crate) async fn hold(shell: &Shell, source: &Source) -> Result<Option<Hold>, HoldError> {
    let Some(hosts) = &shell.hosts else { return Ok(None) };
    let until = tokio::time::Instant::now() + hosts.member().lost_after() * 2;
    loop {
        match hosts.visit(&host_of(source), &source.id).await {
            Err(HoldError::Busy) if tokio::time::Instant::now() < until => tokio::time::sleep(BUSY_PAUSE).await,
            held => return held.map(Some),
        }
    }
}

/// Reads the ledgers anew, here or from where they are kept, so that an edit takes effect without a restart. A broken edit changes nothing.
async fn refresh(shell: &Shell) -> Result<(), ShellError> {
    shell.share.refresh(&shell.config, &shell.folder, &shell.store, shell.clock.now()).await?;
    let loaded = shell.reload()?;
    shell.recall_unlinkings().await?;
    for problem in &loaded.problems {
        tracing::warn!(place = %problem.place(), "a ledger has a problem");
    }
    // A follower's copy may be a moment old; the history is written where the files are kept.
    if !shell.share.follows() {
        crate::watchlists::versions::keep(&shell.store, &loaded, "folder", shell.clock.now()).await?;
    }
    Ok(())
}

/// The same where something was saved since; cheap enough for every minute.
///
/// # Errors
/// When the folder, or what is shared of it, cannot be read.
pub async fn refresh_changed(shell: &Shell) -> Result<(), ShellError> {
    shell.share.refresh(&shell.config, &shell.folder, &shell.store, shell.clock.now()).await?;
    if shell.is_current()? { Ok(()) } else { refresh(shell).await }
}

/// Visits sources and judges what they show.
pub async fn scan(
    shell: &Arc<Shell>,
    sources: impl IntoIterator<Item: Borrow<Source>>,
    listener: &Listener,
) -> Result<Pass, ShellError> {
    let sources: SourceList = sources.into_iter().map(|source| source.borrow().clone()).collect();
    let count = sources.len();
    refresh(shell).await?;
    let world = shell.world();
    let scan = shell.store.start_scan(shell.clock.now(), &json!({"sources": count})).await?;
    let run = Run { scan, readings: Readings::default() };
    let visits = visit_all(shell, &run, &world, &Arc::new(sources), listener).await;
    // What was fetched is judged also where another visit of the pass failed.
    let inspected = inspect_pending(shell, &world, Waiting::OfRun(&run), listener).await?;
    let visits = visits?.by_source;
    let pass = Pass { scan: run.scan, visits, inspected };
    let summary =
        json!({"sources": count, "pages": pass.pages(), "subjects": inspected.subjects, "asking": inspected.asking});
    shell.store.finish_scan(&pass.scan, shell.clock.now(), &summary).await?;
    Ok(pass)
}

/// Visits that took place. Their hosts are held until what they brought is judged: whoever takes a host next judges what
/// was left of it.
struct Visits {
    by_source: Visited,
    holds: Vec<Hold>,
}

/// The same of one host.
#[derive(Default)]
struct HostVisits {
    by_source: Vec<(SourceId, Visit)>,
    holds: Vec<Hold>,
}

/// Sources of one host are visited one after the other, hosts side by side.
async fn visit_all(
    shell: &Arc<Shell>,
    run: &Run,
    world: &Arc<World>,
    sources: &Arc<SourceList>,
    listener: &Listener,
) -> Result<Visits, StoreError> {
    // What waits is held as numbers: there may be a hundred thousand hosts.
    let host_at = |number: &usize| host_of(&sources.source(*number));
    let mut waiting: Vec<usize> = (0..sources.len()).collect();
    waiting.sort_by_cached_key(host_at);
    let at_once = shell.config.schedule.visits_at_once.max(1);
    let mut all = Visits { by_source: Visited::of(Arc::clone(sources)), holds: Vec::new() };
    let mut running = JoinSet::new();
    for numbers in waiting.chunk_by(|one, next| host_at(one) == host_at(next)) {
        // A visit begins when another has ended, so that memory does not grow with the hosts that wait.
        if running.len() >= at_once
            && let Some(done) = running.join_next().await
        {
            all.take(done)?;
        }
        let sources: Vec<Source> = numbers.iter().map(|number| sources.source(*number)).collect();
        let (shell, run, world, listener) = (Arc::clone(shell), run.clone(), Arc::clone(world), Arc::clone(listener));
        running.spawn(async move { visit_host(&shell, &run, &world, &sources, &listener).await });
    }
    while let Some(done) = running.join_next().await {
        all.take(done)?;
    }
    Ok(all)
}

impl Visits {
    /// A visit that panicked is a defect of ours; it must not take the others with it.
    fn take(&mut self, done: Result<Result<HostVisits, StoreError>, JoinError>) -> Result<(), StoreError> {
        match done {
            Ok(visits) => self.add(visits?),
            Err(error) => tracing::error!(panicked = error.is_panic(), "a visit ended early"),
        }
        Ok(())
    }

    fn add(&mut self, host: HostVisits) {
        host.by_source.iter().for_each(|(source, visit)| self.by_source.note(source, visit));
        self.holds.extend(host.holds);
    }
}

impl HostVisits {
    /// A host that gave no page leaves nothing to be judged and need not be held until then.
    fn give_back_unused(&mut self) {
        if self.by_source.iter().all(|(_, visit)| visit.pages == 0) {
            self.holds = Vec::new();
        }
    }
}

async fn visit_host(
    shell: &Shell,
    run: &Run,
    world: &World,
    sources: &[Source],
    listener: &Listener,
) -> Result<HostVisits, StoreError> {
    let Some(first) = sources.first() else { return Ok(HostVisits::default()) };
    let mut visits = HostVisits::default();
    match hold(shell, first).await {
        Err(HoldError::Busy) => {
            visits.by_source.extend(sources.iter().map(|source| (source.id.clone(), Visit::postponed())));
            return Ok(visits);
        }
        Err(HoldError::Store(error)) => return Err(error),
        Ok(hold) => visits.holds.extend(hold),
    }
    for source in sources {
        if has_broken_off(shell, &source.id).await? {
            shell.store.adopt_captures(&source.id, &run.scan, broken_off_since(shell)).await?;
        } else {
            inspect_pending(shell, world, Waiting::OfSource(&source.id), listener).await?;
        }
        let state = shell.store.source_state(&source.id).await?;
        if state.paused {
            visits.by_source.push((source.id.clone(), Visit::paused()));
            continue;
        }
        shell.fetcher.resume_pages_today(&source.id, pages_today(&state, shell));
        let rechecks = rechecks(shell, source).await?;
        let visit = visit(shell, run, source, world, &rechecks, listener).await?;
        let state = shell.store.source_state(&source.id).await?.visited(shell.clock.now(), visit.verdict.clone());
        shell.store.save_source_state(&state).await?;
        visits.by_source.push((source.id.clone(), visit));
    }
    visits.give_back_unused();
    Ok(visits)
}

/// Pages for which a source was asked on the group's present day.
pub(crate) fn pages_today(state: &crate::store::SourceState, shell: &Shell) -> u32 {
    let today = shell.clock.now().date(shell.zone()).to_string();
    if state.day == today { state.pages_today } else { 0 }
}

/// Own pages of accounts and posts of open cases that were last looked at a while ago: whether the marks are gone.
async fn rechecks(shell: &Shell, source: &Source) -> Result<Vec<(EntryKind, String)>, StoreError> {
    let before = shell.clock.now().plus_days(-shell.config.schedule.recheck_days);
    let filter = CaseFilter { with_leak_lane: true, limit: Some(u32::MAX >> 1), ..CaseFilter::default() };
    let catalog = shell.catalog();
    let Some(definition) = catalog.get(&source.platform) else { return Ok(Vec::new()) };
    let is_due = |case: &&Case| case.state == CaseState::Open && case.updated_at <= before;
    let cases = shell.store.cases(&filter).await?;
    let subjects = cases.iter().filter(is_due).map(|case| &case.judgement.subject);
    Ok(subjects.filter_map(|subject| own_page(definition, source, subject)).collect())
}
