//! 来源: what each source showed last, since when nothing was confirmed, what its site permits, and when it is visited next. The
//! operator also sees how the program itself stands. No person stands here.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use serde::Serialize;

use crate::casework::blocked::blocked_reason;
use crate::casework::rights::Right;
use crate::model::capture::Verdict;
use crate::model::source::Source;
use crate::pace::schedule::{self, Window};
use crate::store::SourceState;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::robots;
use crate::web::probe::Snapshot;
use crate::web::words;

/// One source; also as it is told to a page that stays open.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: String,
    name: String,
    /// Whether it is visited at this moment.
    now: &'static str,
    verdict: &'static str,
    class: &'static str,
    why: String,
    last_visit: String,
    last_confirmed: String,
    canary: &'static str,
    robots: String,
    pace: String,
    next_visit: String,
}

/// How the program stands, for the operator.
#[derive(Debug)]
struct Health {
    version: &'static str,
    /// Style and name of the level, name of the thing, sentence.
    probes: Vec<(&'static str, &'static str, &'static str, String)>,
    letters: Vec<(&'static str, &'static str, u64)>,
    oldest_due: Option<String>,
    jobs: Vec<(&'static str, String, u64)>,
}

#[derive(Debug, Template)]
#[template(path = "console/sources.html")]
struct Page {
    frame: Frame,
    /// None when the database does not answer.
    rows: Option<Vec<Row>>,
    /// Whether each leads to a page of its own.
    may_control: bool,
    health: Option<Health>,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeSources)?;
    let frame = Frame::of(&reader);
    let snapshot = console.watch.snapshot().await;
    let rows = rows_of(&console, &frame, &snapshot);
    let sees_health = reader.rights.may(Right::SeeHealth);
    let health = sees_health.then(|| health(&frame, &snapshot));
    let may_control = reader.rights.may(Right::ControlSources);
    Ok(Html(Page { rows, may_control, health, frame }.render()?))
}

/// How every enabled source stands now; none when the database does not answer.
pub(super) async fn rows(console: &Console, frame: &Frame) -> Option<Vec<Row>> {
    let snapshot = console.watch.snapshot().await;
    rows_of(console, frame, &snapshot)
}

fn rows_of(console: &Console, frame: &Frame, snapshot: &Snapshot) -> Option<Vec<Row>> {
    let rows = snapshot.sources.iter().map(|source| row(console, frame, snapshot, &source));
    snapshot.status.is_some().then(|| rows.collect())
}

fn row(console: &Console, frame: &Frame, snapshot: &Snapshot, source: &Source) -> Row {
    let voice = &frame.voice;
    let known = snapshot.status.iter().flat_map(|status| &status.sources).find(|state| state.source == source.id);
    let state = known.cloned().unwrap_or_else(|| SourceState::new(source.id.clone()));
    let never = || voice.say("从未", "never").to_owned();
    let (verdict, class) = words::seen(&state, &|zh, en| frame.voice.say(zh, en));
    Row {
        id: source.id.to_string(),
        name: console.source_name(&source.id),
        now: visiting(frame, snapshot, source),
        verdict,
        class,
        why: why(frame, &state),
        last_visit: state.last_visit.map_or_else(never, |at| voice.minute(at)),
        last_confirmed: state.last_confirmed.map_or_else(never, |at| voice.minute(at)),
        canary: canary(frame, snapshot, source),
        robots: robots::said_of(console, frame, source),
        pace: pace(console, frame, source, &state),
        next_visit: next_visit(console, frame, source, &state),
    }
}

fn visiting(frame: &Frame, snapshot: &Snapshot, source: &Source) -> &'static str {
    let mut held = snapshot.status.iter().flat_map(|status| &status.visiting);
    let is_visited = held.any(|host| host.source.as_ref() == Some(&source.id));
    if is_visited { frame.voice.say("正在访问", "visited now") } else { "" }
}

/// Why nothing was seen of a source; empty where there is no reason, or where it is paused.
fn why(frame: &Frame, state: &SourceState) -> String {
    match &state.verdict {
        Some(Verdict::Blocked { reason }) if !state.paused => {
            frame.voice.reason(&blocked_reason(reason, frame.voice.zone)).to_owned()
        }
        _ => String::new(),
    }
}

fn canary(frame: &Frame, snapshot: &Snapshot, source: &Source) -> &'static str {
    let mut canaries = snapshot.status.iter().flat_map(|status| &status.canaries);
    match canaries.find(|canary| canary.source == source.id).map(|canary| canary.contradiction.is_none()) {
        None => "—",
        Some(true) => frame.voice.say("相符", "as known"),
        Some(false) => frame.voice.say("不符", "contradicts"),
    }
}

/// The least time between two requests, the hours, and pages of the day.
fn pace(console: &Console, frame: &Frame, source: &Source, state: &SourceState) -> String {
    let catalog = console.shell.catalog();
    let of_platform = || catalog.get(&source.platform).map(|platform| platform.interval_min_s());
    let interval = source.interval_min_s.or_else(of_platform).unwrap_or_default();
    let is_today = state.day == frame.voice.at.date(frame.voice.zone).to_string();
    let pages = if is_today { state.pages_today } else { 0 };
    let cap = source.daily_page_cap.map(|cap| format!(" / {cap}")).unwrap_or_default();
    let hours = source.active_hours.as_ref().map(|hours| format!(" · {hours}")).unwrap_or_default();
    let (every, today) = (frame.say("间隔至少", "at least"), frame.say("今日页数", "pages today"));
    format!("{every} {interval} {}{hours} · {today} {pages}{cap}", frame.say("秒", "s"))
}

/// When its schedule lets it be visited next, within its hours.
fn next_visit(console: &Console, frame: &Frame, source: &Source, state: &SourceState) -> String {
    if state.paused {
        return frame.say("已暂停", "paused").to_owned();
    }
    let cron = source.schedule.as_deref().unwrap_or(&console.shell.config.schedule.scan);
    let next = schedule::next_visit(cron, Window::of(source), frame.voice.zone, frame.voice.at);
    next.map_or_else(|_| "—".to_owned(), |at| frame.voice.minute(at))
}

fn health(frame: &Frame, snapshot: &Snapshot) -> Health {
    let say = |zh: &'static str, en: &'static str| frame.voice.say(zh, en);
    let probes = snapshot.probes.iter().map(|probe| {
        let said = frame.voice.reason(&probe.said).to_owned();
        (words::level_class(probe.level), words::level(probe.level, &say), words::probe_name(probe.name, &say), said)
    });
    let jobs = snapshot.status.iter().flat_map(|status| &status.jobs).map(|(kind, state, count)| {
        let class = if state == "discarded" { "warn" } else { "plain" };
        (class, format!("{} · {}", words::job_kind(kind, &say), words::job_state(state, &say)), *count)
    });
    Health {
        version: env!("CARGO_PKG_VERSION"),
        probes: probes.collect(),
        letters: snapshot.status.iter().flat_map(|status| words::letters(status, &say)).collect(),
        oldest_due: snapshot.status.as_ref().and_then(|status| status.oldest_due).map(|at| frame.voice.minute(at)),
        jobs: jobs.collect(),
    }
}
