//! 今日待办: what is due first, what is new, what was kept silent and why.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::casework::rights::Right;
use crate::casework::silence::{TOLD_FROM, words};
use crate::model::capture::Verdict;
use crate::model::case::Lane;
use crate::model::silence::SilentCause;
use crate::model::term::Severity;
use crate::store::{CaseQuery, SilentCount, SourceState};
use crate::web::console::Console;
use crate::web::console::cases::{CaseRow, row_of};
use crate::web::console::exemption_requests::waiting_for;
use crate::web::console::frame::Frame;
use crate::web::console::ledgers::{Item, items};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::requests::waiting as waiting_requests;
use crate::web::console::topic_changes::waits_for;

/// Cases of each severity among which the first that are due are sought, and how many are shown.
const LOOKED_AT: u32 = 50;
const SHOWN: usize = 12;

/// How sources stand, by their names.
#[derive(Debug)]
struct Sources {
    /// False while the database does not answer.
    is_known: bool,
    total: usize,
    blocked: Vec<String>,
    paused: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "console/today.html")]
struct Page {
    frame: Frame,
    sees_cases: bool,
    due: Vec<CaseRow>,
    counts: Vec<(&'static str, &'static str, u64)>,
    unfinished: u64,
    waiting: u64,
    /// Topics of protected speech this month, with counts.
    silent: Vec<(String, String)>,
    /// What else this month kept silent, by cause: the month and today.
    let_go: Vec<(&'static str, String, String)>,
    sources: Option<Sources>,
    /// Requests that wait for an answer, and how many of them are late; none for those who answer none.
    requests: Option<(usize, usize)>,
    /// Applications for exemptions that wait for the reader.
    applications: usize,
    /// What the ledgers ask of the reader.
    ledgers: Vec<Item>,
    /// Whether a change of protected topics waits for the reader.
    topic_change: bool,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    let frame = Frame::of(&reader);
    let wish = CaseQuery {
        scope: reader.rights.scope(Right::SeeCases),
        state: "unfinished".to_owned(),
        size: LOOKED_AT,
        ..CaseQuery::default()
    };
    let store = &console.shell.store;
    let counts = store.case_counts(&wish).await?;
    let sees_sources = reader.rights.may(Right::SeeSources);
    let page = Page {
        sees_cases: reader.rights.may(Right::SeeCases),
        due: due(&console, &reader, &wish).await?,
        unfinished: counts.by_severity.iter().map(|(_, count)| count).sum(),
        counts: counts.by_severity.into_iter().map(|(severity, count)| named(&frame, severity, count)).collect(),
        waiting: counts.awaiting_confirmation,
        silent: silent(&console, &reader).await?,
        let_go: let_go(&console, &reader, &frame).await?,
        sources: if sees_sources { Some(sources(&console).await) } else { None },
        requests: if reader.rights.may(Right::SeeRequests) {
            Some(waiting_requests(&console, &reader).await?)
        } else {
            None
        },
        applications: waiting_for(&console, &reader).await?,
        ledgers: items(&console, &reader, &frame).await,
        topic_change: waits_for(&console, &reader).await?,
        frame,
    };
    Ok(Html(page.render()?))
}

fn named(frame: &Frame, severity: Option<Severity>, count: u64) -> (&'static str, &'static str, u64) {
    let (class, name) = match severity {
        Some(Severity::Critical) => ("critical", frame.voice.severity(Severity::Critical)),
        Some(Severity::High) => ("high", frame.voice.severity(Severity::High)),
        Some(Severity::Medium) => ("medium", frame.voice.severity(Severity::Medium)),
        Some(Severity::Low) => ("low", frame.voice.severity(Severity::Low)),
        None => ("open", frame.voice.say("未定", "Open to judgement")),
    };
    (class, name, count)
}

/// The unfinished cases that are due first.
async fn due(console: &Console, reader: &Reader, wish: &CaseQuery) -> Result<Vec<CaseRow>, Refusal> {
    // Of each severity the oldest: what is grave is due sooner than what is old.
    let mut cases = console.shell.store.oldest_cases(wish).await?;
    for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
        let wish = CaseQuery { severity: Some(severity), ..wish.clone() };
        cases.extend(console.shell.store.oldest_cases(&wish).await?);
    }
    let seen = cases.iter().filter(|case| reader.rights.may_with(Right::SeeCases, case));
    let mut rows: Vec<CaseRow> = seen.map(|case| row_of(console, reader, case)).collect();
    rows.sort_by_key(|row| (row.due_at, row.number.clone()));
    rows.dedup_by(|a, b| a.number == b.number);
    rows.truncate(SHOWN);
    Ok(rows)
}

/// Protected speech of this month by topic: counts are all there is. Only for those who answer for the whole group.
async fn silent(console: &Console, reader: &Reader) -> Result<Vec<(String, String)>, Refusal> {
    if !reader.rights.scope(Right::SeeCases).every_manager {
        return Ok(Vec::new());
    }
    let month = reader.world.at.local(reader.world.zone).format("%Y-%m").to_string();
    let counts = console.shell.store.topic_counts(&month).await?;
    let topics = &reader.world.ledgers.protected_topics;
    let name = |id: &crate::model::ids::TopicId| {
        topics.iter().find(|topic| topic.id == *id).map_or_else(|| id.to_string(), |topic| topic.name.clone())
    };
    Ok(counts.iter().map(|(id, count)| (name(id), hidden_if_few(*count))).collect())
}

/// Few might be known to somebody.
fn hidden_if_few(count: u64) -> String {
    if (1..TOLD_FROM).contains(&count) { format!("<{TOLD_FROM}") } else { count.to_string() }
}

/// What was let go this month without a case, by cause, within the reader's lanes; of children only for the whole group.
async fn let_go(
    console: &Console,
    reader: &Reader,
    frame: &Frame,
) -> Result<Vec<(&'static str, String, String)>, Refusal> {
    let scope = reader.rights.scope(Right::SeeCases);
    let today = reader.world.day();
    let counts = console.shell.store.silent_counts(today).await?;
    let is_seen = |lane: &Lane| scope.has(lane) || (*lane == Lane::None && scope.every_manager);
    let seen: Vec<&SilentCount> = counts.iter().filter(|one| is_seen(&one.silence.lane)).collect();
    let of_cause = |cause: SilentCause| {
        let of_it = || seen.iter().filter(|one| one.silence.cause == cause);
        let (month, day): (u64, u64) = (of_it().map(|one| one.count).sum(), of_it().map(|one| one.on_the_day).sum());
        let shown = |count: u64| if cause == SilentCause::Minor { hidden_if_few(count) } else { count.to_string() };
        let (zh, en) = words(cause);
        (month > 0).then(|| (frame.say(zh, en), shown(month), shown(day)))
    };
    Ok(SilentCause::ALL.into_iter().filter_map(of_cause).collect())
}

/// How many sources are watched, and which of them show nothing at the moment.
async fn sources(console: &Console) -> Sources {
    let snapshot = console.watch.snapshot().await;
    let is_watched = |state: &&SourceState| snapshot.sources.contains(&state.source);
    let states = snapshot.status.iter().flat_map(|status| &status.sources).filter(is_watched);
    let (paused, visited): (Vec<&SourceState>, Vec<&SourceState>) = states.partition(|state| state.paused);
    let blocked = visited.into_iter().filter(|state| matches!(state.verdict, Some(Verdict::Blocked { .. })));
    let name = |state: &SourceState| console.source_name(&state.source);
    Sources {
        is_known: snapshot.status.is_some(),
        total: snapshot.sources.len(),
        blocked: blocked.map(name).collect(),
        paused: paused.into_iter().map(name).collect(),
    }
}
