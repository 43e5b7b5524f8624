//! What is watched: ledgers, managers, sources, and how politely.

use chrono::NaiveDate;

use crate::casework::calendar::Calendar;
use crate::cli::doctor::Report;
use crate::config::{Config, read_sources};
use crate::discover::Presence;
use crate::ledger::problem::ProblemKind;
use crate::model::capture::Verdict;
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::model::time::Timestamp;
use crate::pipeline::shell::platform_files;
use crate::platform::Catalog;
use crate::platform::admission::admit;
use crate::seal::Key;
use crate::store::{SourceState, Store};
use crate::watchlists::{Folder, Loaded};

/// Ledgers without which nothing is found or nobody is told.
const NEEDED: [&str; 4] = ["companies", "terms", "employees", "managers"];
/// Days without a confirmed visit after which a source is named.
const DAYS_WITHOUT: i64 = 7;

pub(super) fn ledgers(report: &mut Report, config: &Config, key: Option<&Key>) -> Option<Loaded> {
    let loaded = match Folder::open(&config.paths.watchlists, key).and_then(|folder| folder.load(None)) {
        Ok(loaded) => loaded,
        Err(error) => {
            report.fail("ledgers", error.to_string(), "");
            return None;
        }
    };
    let lines: Vec<String> = loaded.lines.iter().map(|(name, lines)| format!("{name} {}", lines.rows.len())).collect();
    report.ok("ledgers", format!("lines: {}", lines.join(", ")));
    for name in NEEDED {
        if loaded.lines.get(name).is_none_or(|lines| lines.rows.is_empty()) {
            let todo = "fill it in with Excel or WPS, or bring one in with `wanglou ledger import`";
            report.warn("ledgers", format!("{name} has no line yet"), todo);
        }
    }
    problems(report, &loaded);
    Some(loaded)
}

fn problems(report: &mut Report, loaded: &Loaded) {
    let errors: Vec<String> = loaded.problems.iter().filter(|p| p.is_error()).map(|p| p.place()).collect();
    let refused = loaded.problems.iter().filter(|p| p.kind == ProblemKind::Refused).count();
    let advice = loaded.advice().len() + loaded.problems.iter().filter(|p| p.kind == ProblemKind::Warning).count();
    let todo = "`wanglou ledger check` says what to write instead";
    for place in errors.iter().take(10) {
        report.fail("ledgers", format!("{place} cannot be used"), todo);
    }
    if errors.len() > 10 {
        report.fail("ledgers", format!("{} more places cannot be used", errors.len() - 10), todo);
    }
    if refused + advice > 0 {
        let text = format!("{advice} pieces of advice, {refused} refused columns");
        report.warn("ledgers", text, "`wanglou ledger check` lists them");
    }
}

/// Whether the holidays are known by which due dates are counted.
pub(super) fn calendar(report: &mut Report, loaded: &Loaded, today: NaiveDate) {
    let calendar = Calendar::of(&loaded.ledgers.holidays);
    match calendar.missing_year(today) {
        None => {
            let years: Vec<String> = calendar.known_years().map(|year| year.to_string()).collect();
            report.ok("calendar", format!("holidays of {}", years.join(", ")));
        }
        Some(year) => {
            let text = format!("the holidays of {year} are not known: due dates go by weekdays and will be wrong");
            report.warn("calendar", text, "enter them in watchlists/holidays.csv, or in the console's settings");
        }
    }
}

/// Whether every company has somebody who is told.
pub(super) fn managers(report: &mut Report, loaded: &Loaded) {
    let gaps: Vec<String> = loaded.advice().into_iter().filter(|p| p.file == "managers.csv").map(|p| p.en).collect();
    let companies = loaded.ledgers.companies.len();
    if gaps.is_empty() && companies > 0 {
        report.ok("managers", format!("every one of {companies} companies has a designated manager and a deputy"));
    }
    gaps.into_iter().for_each(|gap| report.warn("managers", gap, "complete watchlists/managers.csv"));
}

pub(super) async fn sources(report: &mut Report, config: &Config, store: Option<&Store>, now: Timestamp) {
    let (sources, broken) = match read_sources(&config.paths.sources) {
        Ok(read) => read,
        Err(error) => return report.fail("sources", format!("{:#}", anyhow::Error::from(error)), ""),
    };
    broken.iter().for_each(|problem| report.fail("sources", problem.to_string(), "repair it; the others are used"));
    let catalog = catalog(report, config);
    let (sources, refused): (SourceList, _) = admit(sources.iter(), &catalog);
    refused.iter().for_each(|refusal| report.warn("sources", refusal.to_string(), "`wanglou platform show` says more"));
    let enabled = sources.iter().filter(|source| source.enabled).count();
    if enabled == 0 {
        let todo = format!("name what may be visited in {}", config.paths.sources.display());
        return report.warn("sources", "none is enabled: nothing is watched", todo);
    }
    report.ok("sources", format!("{} of {} enabled", enabled, sources.len()));
    let states = match store {
        Some(store) => store.source_states().await.unwrap_or_default(),
        None => Vec::new(),
    };
    for source in sources.iter().filter(|source| source.enabled) {
        if catalog.get(&source.platform).is_none() {
            let todo = "`wanglou platform list` shows the known ones";
            report.fail("sources", format!("{}: there is no platform {}", source.id, source.platform), todo);
        }
        if let Err(error) = config.token_of(&source) {
            report.fail("sources", format!("{}: {error}", source.id), "it is not visited until then");
        }
        state(report, &source, states.iter().find(|state| state.source == source.id), now);
    }
    if let Some(store) = store {
        canaries(report, store, now).await;
        discoveries(report, store, now).await;
    }
}

fn catalog(report: &mut Report, config: &Config) -> Catalog {
    let files = platform_files(config).unwrap_or_else(|error| {
        report.fail("platforms", error.to_string(), "");
        Vec::new()
    });
    let (catalog, problems) = Catalog::with(&files);
    problems.iter().for_each(|problem| {
        report.fail("platforms", problem.to_string(), "`wanglou platform check` says more");
    });
    report.ok("platforms", format!("{} known, {} files of your own", catalog.iter().count(), files.len()));
    catalog
}

fn state(report: &mut Report, source: &Source, state: Option<&SourceState>, now: Timestamp) {
    let id = &source.id;
    let Some(state) = state.filter(|state| state.last_visit.is_some()) else {
        return report.warn("sources", format!("{id}: not visited yet"), "`wanglou scan` visits it");
    };
    let days = state.last_confirmed.map(|at| now.ms_since(at) / 86_400_000);
    let confirmed = days.map_or_else(|| "never confirmed".to_owned(), |days| format!("confirmed {days} days ago"));
    match &state.verdict {
        Some(Verdict::Blocked { reason }) => {
            report.warn("sources", format!("{id}: blocked ({reason}), {confirmed}"), "its silence means nothing");
        }
        _ if days.is_none_or(|days| days >= DAYS_WITHOUT) => {
            report.warn("sources", format!("{id}: {confirmed}"), "its silence means nothing; look at its page");
        }
        _ => report.ok("sources", format!("{id}: {confirmed}")),
    }
}

/// Sources that answer otherwise than is known of them.
async fn canaries(report: &mut Report, store: &Store, now: Timestamp) {
    let canaries = store.canaries().await.unwrap_or_default();
    let (wrong, as_known): (Vec<_>, Vec<_>) = canaries.iter().partition(|canary| canary.contradiction.is_some());
    if !as_known.is_empty() {
        report.ok("canaries", format!("{} sources answer as known", as_known.len()));
    }
    for canary in wrong {
        let days = now.ms_since(canary.since) / 86_400_000;
        let how = canary.contradiction.as_deref().unwrap_or_default();
        let todo = "its silence means nothing; `wanglou platform try` asks it again";
        report.warn("canaries", format!("{}: {how}, for {days} days", canary.source), todo);
    }
}

/// What sites said lately about the names of the watchlist.
async fn discoveries(report: &mut Report, store: &Store, now: Timestamp) {
    let answers = store.discoveries(now.plus_days(-DAYS_WITHOUT)).await.unwrap_or_default();
    let of = |presence| answers.iter().find(|(known, _)| *known == presence).map_or(0, |(_, n)| *n);
    if !answers.is_empty() {
        let [found, absent, unknown] = [Presence::Found, Presence::Absent, Presence::Unknown].map(of);
        report.ok("discovery", format!("{DAYS_WITHOUT} days: {found} found, {absent} absent, {unknown} unknown"));
    }
}

/// What webmasters should be told.
pub(super) fn fetching(report: &mut Report, config: &Config) {
    let gaps = config.fetch.gaps();
    if gaps.is_empty() {
        report.ok("fetch", format!("we are known as {}", config.fetch.user_agent_header()));
    }
    gaps.into_iter().for_each(|gap| report.warn("fetch", gap, "see [fetch] in wanglou.toml"));
}
