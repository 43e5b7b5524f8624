//! The same for Prometheus, as OpenMetrics text. Labels are identifiers, kinds and states, never people.

use std::collections::{BTreeMap, HashMap};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge as Cell;
use prometheus_client::registry::Registry;
use serde::Serialize;

use crate::model::alert::AlertState;
use crate::model::capture::Verdict;
use crate::model::time::Timestamp;
use crate::store::{SourceState, Status};
use crate::web::probe::{Level, Snapshot};

/// How the answer names its form.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Gauge = Cell<f64, std::sync::atomic::AtomicU64>;
type Labels = Vec<(&'static str, String)>;

const ALERT_STATES: [AlertState; 5] =
    [AlertState::Queued, AlertState::Sent, AlertState::Folded, AlertState::Failed, AlertState::Uncertain];

/// The text of one answer.
pub(super) fn render(snapshot: &Snapshot) -> String {
    let mut figures = Figures::default();
    process(&mut figures, snapshot);
    probes(&mut figures, snapshot);
    if let Some(status) = &snapshot.status {
        work(&mut figures, status, snapshot.at);
        cases(&mut figures, status);
        sources(&mut figures, status, snapshot);
        workers(&mut figures, status, snapshot.at);
    }
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = encode(&mut text, &figures.0);
    text
}

/// What is told, made anew for each answer from what was seen.
#[derive(Debug, Default)]
struct Figures(Registry);

impl Figures {
    fn one(&mut self, name: &str, help: &str, value: impl Into<Option<f64>>) {
        let Some(value) = value.into() else { return };
        let gauge = Gauge::default();
        gauge.set(value);
        self.0.register(name, help, gauge);
    }

    fn many(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, f64)>) {
        let family = Family::<Labels, Gauge>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, help, family);
    }
}

fn process(figures: &mut Figures, snapshot: &Snapshot) {
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    figures.many("wanglou_build_info", "Version of the program", [(version, 1.0)]);
    let started = snapshot.started_at.ms() as f64 / 1000.0;
    figures.one("process_start_time_seconds", "When the process began, seconds since 1970", started);
    let process = &snapshot.process;
    figures.one("process_resident_memory_bytes", "Memory that the process holds", process.resident_bytes.map(float));
    figures.one("process_open_fds", "Files and sockets that the process holds open", process.open_files.map(float));
    let engine = snapshot.engine_age.map(|age| age.as_secs_f64());
    figures.one("wanglou_engine_age_seconds", "Since the job engine last looked for work", engine);
    figures.one("wanglou_store_free_bytes", "Room on the disk of the store", snapshot.free_bytes.map(float));
}

fn probes(figures: &mut Figures, snapshot: &Snapshot) {
    figures.one("wanglou_ready", "1 when the work can go on", truth(snapshot.is_ready()));
    let of = |level: Level| {
        let probes = snapshot.probes.iter();
        probes.map(move |probe| (vec![("probe", probe.name.to_owned())], truth(probe.level < level)))
    };
    figures.many("wanglou_probe_ok", "1 when nobody needs to look at it", of(Level::Warn));
    figures.many("wanglou_probe_working", "1 when the work can go on as far as it depends on it", of(Level::Fail));
}

fn work(figures: &mut Figures, status: &Status, now: Timestamp) {
    let jobs = status.jobs.iter().map(|(kind, state, n)| (labels([("kind", kind), ("state", state)]), float(*n)));
    figures.many("wanglou_jobs", "Jobs by kind and state", jobs);
    let of = |state| status.alerts.iter().find(|(known, _)| *known == state).map_or(0, |(_, n)| *n);
    let alerts = ALERT_STATES.map(|state| (labels([("state", &word(&state))]), float(of(state))));
    figures.many("wanglou_alerts", "Letters by state", alerts);
    let late = status.oldest_due.map_or(0.0, |due| seconds(now, due));
    figures.one("wanglou_alert_late_seconds", "How long the letter waits that has been due longest", late);
    let scan = status.last_scan_end.map(|end| seconds(now, end));
    figures.one("wanglou_last_scan_age_seconds", "Since a scan ended last", scan);
    figures.one("wanglou_captures_pending", "Captures fetched and not yet inspected", float(status.captures_pending));
}

fn cases(figures: &mut Figures, status: &Status) {
    let cases = status.open_cases.iter().map(|open| {
        let severity = open.severity.map_or_else(|| "none".to_owned(), |severity| word(&severity));
        (labels([("severity", &severity), ("lane", &open.lane_class)]), float(open.count))
    });
    figures.many("wanglou_cases_open", "Cases that nobody has closed, by severity and class of lane", cases);
    figures.one("wanglou_findings", "Findings of the cases that are kept", float(status.findings));
    figures.one("wanglou_chain_links", "Links of the chain over the evidence", float(status.chain_links));
}

fn sources(figures: &mut Figures, status: &Status, snapshot: &Snapshot) {
    let day = snapshot.at.date(snapshot.zone).to_string();
    let mut verdicts: BTreeMap<&str, u64> = ["found", "empty", "blocked", "unvisited"].map(|word| (word, 0)).into();
    let mut states: Vec<SourceState> = Vec::new();
    let known: HashMap<&str, &SourceState> =
        status.sources.iter().map(|state| (state.source.as_str(), state)).collect();
    for id in snapshot.sources.ids() {
        let state = known.get(id).map_or_else(|| SourceState::new(id.into()), |state| (*state).clone());
        *verdicts.entry(verdict_word(state.verdict.as_ref())).or_default() += 1;
        states.push(state);
    }
    let verdicts = verdicts.into_iter().map(|(verdict, n)| (labels([("verdict", verdict)]), float(n)));
    figures.many("wanglou_sources", "Enabled sources by what their last page turned out to be", verdicts);
    let of = |value: fn(&SourceState, Timestamp, &str) -> Option<f64>| {
        let (day, now) = (day.clone(), snapshot.at);
        let pair =
            move |state: &SourceState| Some((labels([("source", state.source.as_str())]), value(state, now, &day)?));
        states.iter().filter_map(pair).collect::<Vec<_>>()
    };
    let confirmed = of(|state, now, _| state.last_confirmed.map(|at| seconds(now, at)));
    figures.many(
        "wanglou_source_confirmed_age_seconds",
        "Since a page of the source was last found or empty",
        confirmed,
    );
    let blocked = of(|state, _, _| Some(truth(matches!(state.verdict, Some(Verdict::Blocked { .. })))));
    figures.many("wanglou_source_blocked", "1 when the last page of the source was blocked", blocked);
    let canaries = status
        .canaries
        .iter()
        .map(|canary| (labels([("source", canary.source.as_str())]), truth(canary.contradiction.is_none())));
    figures.many("wanglou_source_canary_ok", "1 when the source answered its canary as known", canaries);
    let failures = of(|state, _, _| Some(f64::from(state.failures)));
    figures.many("wanglou_source_failures", "Visits in a row without a confirmed page", failures);
    let pages = of(|state, _, day| Some(if state.day == day { f64::from(state.pages_today) } else { 0.0 }));
    figures.many("wanglou_source_pages_today", "Pages asked for on the group's present day", pages);
    let answers = status.discoveries.iter().map(|(presence, n)| (labels([("presence", &word(presence))]), float(*n)));
    figures.many("wanglou_discoveries", "Answers of the last seven days about names of the watchlist", answers);
}

fn workers(figures: &mut Figures, status: &Status, now: Timestamp) {
    figures.one("wanglou_workers", "Processes that have not ended", status.workers.len() as f64);
    figures.one("wanglou_hosts_held", "Hosts that somebody visits now", status.visiting.len() as f64);
    let silent = status.workers.iter().map(|worker| (labels([("worker", &worker.name)]), seconds(now, worker.seen_at)));
    figures.many("wanglou_worker_silent_seconds", "Since the process last gave a sign of life", silent);
    let held = status.workers.iter().map(|worker| {
        let held = status.visiting.iter().filter(|visiting| visiting.worker == worker.id).count();
        (labels([("worker", &worker.name)]), held as f64)
    });
    figures.many("wanglou_worker_hosts", "Hosts that the process visits now", held);
}

/// `found`, `empty`, `blocked`, or `unvisited` where nothing was asked yet.
pub(super) const fn verdict_word(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        None => "unvisited",
        Some(Verdict::Found) => "found",
        Some(Verdict::Empty) => "empty",
        Some(Verdict::Blocked { .. }) => "blocked",
    }
}

fn labels<const N: usize>(pairs: [(&'static str, &str); N]) -> Labels {
    pairs.map(|(name, value)| (name, value.to_owned())).to_vec()
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn seconds(now: Timestamp, then: Timestamp) -> f64 {
    now.ms_since(then).max(0) as f64 / 1000.0
}

/// Figures of monitoring are floating-point numbers; what is lost above 2^53 nobody sees.
const fn float(count: u64) -> f64 {
    count as f64
}

const fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}
