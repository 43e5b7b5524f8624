//! Asking sites for accounts of names: every host in its own turn, many hosts at a time. Nothing is stored here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use tokio::sync::{Semaphore, mpsc};

use crate::config::Config;
use crate::discover::lists::LIST_BYTES_MAX;
use crate::discover::{Decision, ListProblem, Presence, Reply, Rule, Site, SiteList, judge};
use crate::fetch::{Answer, FetchError, Fetcher, Request, decode, name_of};
use crate::model::ids::SourceId;
use crate::model::source::{EntryKind, Source};
use crate::pipeline::shell::{ShellError, platform_files};
use crate::platform::admission::admit;
use crate::platform::{Catalog, Class, Definition, Page, extract};

/// Answers that wait to be taken at most; who is slow to take them slows down the asking.
const WAITING_MAX: usize = 256;

/// What a site said about a name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// Site of the list.
    pub site: String,
    /// Name that was asked for.
    pub name: String,
    /// Address at which people look at the account; empty where no address comes of the name.
    pub url: String,
    /// Found, absent or unknown.
    pub presence: Presence,
    /// Why.
    pub reason: String,
    /// Status of the answer, where one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the site was not asked now, by its hours, its cap or its wish: the question stands.
    #[serde(skip)]
    pub is_put_off: bool,
}

/// How sites are asked.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Hosts that are asked at the same time; each gets one request at a time.
    pub hosts_at_once: usize,
    /// Zone of the group, by which platform files read dates.
    pub zone: Tz,
}

/// One question: a site, and a name as it was given.
#[derive(Debug, Clone)]
struct Question {
    site: Arc<Site>,
    name: String,
    written: String,
    url: url::Url,
}

/// Sites that are known without a list: the operator's sources, and platforms at a fixed address whose profiles can be asked
/// for by name. One of class B stands here only where a source of it is expressly enabled, one of class C never. Several
/// sources of one site, such as the boards of a forum, are one.
///
/// # Errors
/// When the folder of platform files cannot be read.
pub fn known_sites(config: &Config, sources: impl IntoIterator<Item = Source>) -> Result<Vec<Site>, ShellError> {
    let (catalog, _) = Catalog::with(&platform_files(config)?);
    let (admitted, _): (Vec<Source>, _) = admit(sources, &catalog);
    let mut taken = BTreeSet::new();
    let is_new = |source: &&Source| taken.insert((source.platform.clone(), source.base.clone()));
    let admitted: Vec<&Source> = admitted.iter().filter(is_new).collect();
    let is_taken = |definition: &Definition, base: &str| {
        admitted.iter().any(|source| source.platform == *definition.id() && source.base == base)
    };
    let fixed = catalog.iter().filter(|definition| definition.class() == Class::A).filter_map(|definition| {
        let base = definition.base().unwrap_or_default();
        let site = Site::of_platform(&Arc::new(definition.clone()), base)?;
        (!is_taken(definition, base)).then_some(site)
    });
    let of_source = |source: &&Source| Site::of_source(&Arc::new(catalog.get(&source.platform)?.clone()), source);
    Ok(fixed.chain(admitted.iter().filter_map(of_source)).collect())
}

/// Reads a list of sites that the operator brought.
///
/// # Errors
/// When the file cannot be read, is too large or of no known form.
pub fn read_list(file: &Path) -> Result<SiteList, ListProblem> {
    let name = file.display().to_string();
    let wrong = |problem: String| ListProblem::File { file: name.clone(), problem };
    let size = std::fs::metadata(file).map_err(|error| wrong(error.to_string()))?.len();
    if size > LIST_BYTES_MAX as u64 {
        return Err(wrong(format!("it is larger than {LIST_BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    SiteList::read(&name, &text)
}

/// Asks each site for the name beside it; the answers come in no order, those that need no request first. Who drops the
/// receiver ends it.
pub fn discover(
    fetcher: &Arc<Fetcher>,
    wanted: impl IntoIterator<Item = (Arc<Site>, String)>,
    manner: Manner,
) -> mpsc::Receiver<Checked> {
    let (questions, known) = questions(wanted);
    let (sender, answers) = mpsc::channel(known.len().max(WAITING_MAX));
    for checked in known {
        // There is room for all of them.
        let _sent = sender.try_send(checked);
    }
    let permits = Arc::new(Semaphore::new(manner.hosts_at_once.max(1)));
    for questions in by_host(questions) {
        let (fetcher, permits, sender) = (Arc::clone(fetcher), Arc::clone(&permits), sender.clone());
        tokio::spawn(async move {
            let _permit = permits.acquire_owned().await;
            let last = questions.len() - 1;
            for (place, question) in questions.into_iter().enumerate() {
                // Nobody listens any more: the rest need not be asked.
                if sender.send(ask(&fetcher, question, place == last, manner.zone).await).await.is_err() {
                    return;
                }
            }
        });
    }
    answers
}

/// What must be asked, and what is known without asking.
fn questions(wanted: impl IntoIterator<Item = (Arc<Site>, String)>) -> (Vec<Question>, Vec<Checked>) {
    let (mut questions, mut known) = (Vec::new(), Vec::new());
    for (site, name) in wanted {
        match question(&site, &name) {
            Ok(question) => questions.push(question),
            Err(decision) => known.push(checked(&site, &name, decision, None)),
        }
    }
    (questions, known)
}

/// Every site with every name.
pub fn each_with_each<'a>(
    sites: &'a [Arc<Site>],
    names: &'a [String],
) -> impl Iterator<Item = (Arc<Site>, String)> + 'a {
    sites.iter().flat_map(move |site| names.iter().map(move |name| (Arc::clone(site), name.clone())))
}

fn question(site: &Arc<Site>, name: &str) -> Result<Question, Decision> {
    if let Some(reason) = &site.left_out {
        return Err(Decision::unknown(format!("not asked: {reason}")));
    }
    let written = site.written(name)?;
    let url = site.asked_at.of(&written).map_err(Decision::unknown)?;
    Ok(Question { site: Arc::clone(site), name: name.to_owned(), written, url })
}

fn by_host(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut hosts = BTreeMap::<String, Vec<Question>>::new();
    for question in questions {
        hosts.entry(name_of(&question.url)).or_default().push(question);
    }
    hosts.into_values().collect()
}

async fn ask(fetcher: &Fetcher, question: Question, is_last: bool, zone: Tz) -> Checked {
    let Question { site, name, written, url } = question;
    let request = Request { keeps_redirects: site.rule.reads_redirects(), is_last, ..request(&site, &url) };
    // On the heap: the compiler gives up on a task that holds the whole of a fetch.
    let outcome = Box::pin(fetcher.fetch(&request)).await;
    if is_last && site.source.is_none() {
        fetcher.forget(&request.source);
    }
    match outcome {
        Ok(answer) => checked(&site, &name, decide(&site, &written, &url, &answer, zone), Some(answer.status)),
        Err(error) => {
            Checked { is_put_off: is_put_off(&error), ..checked(&site, &name, Decision::unknown(reason(&error)), None) }
        }
    }
}

/// A question within the limits of the operator's source, or for a host that fails for itself.
fn request(site: &Site, url: &url::Url) -> Request {
    let interval_min_s = site.rule.interval_min_s();
    match &site.source {
        Some(source) => Request::of_source(url.as_str(), source, interval_min_s.unwrap_or_default()),
        None => Request {
            interval_min_s,
            ..Request::new(url.as_str(), SourceId::new(format!("discover:{}", name_of(url))))
        },
    }
}

/// Whether the host was not asked now and may be another time.
fn is_put_off(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::OutsideWindow { .. }
            | FetchError::CapReached { .. }
            | FetchError::SlowDown { .. }
            | FetchError::NotHeld { .. }
            | FetchError::CircuitOpen { .. }
            | FetchError::RobotsUnavailable { .. }
    )
}

fn decide(site: &Site, name: &str, asked: &url::Url, answer: &Answer, zone: Tz) -> Decision {
    let host = answer.final_url.host_str().unwrap_or_default();
    let text = decode(&answer.body, &answer.content_type, host);
    let (status, url, location) = (answer.status, &answer.final_url, answer.location.as_deref());
    let reply = Reply { name, status, asked, url, location, text: &text };
    let Rule::Platform(definition) = &site.rule else { return judge(site, &reply) };
    let page = Page {
        url: &answer.final_url,
        entry: EntryKind::Account,
        status: answer.status,
        content_type: &answer.content_type,
        text: &text,
        fetched_at: answer.fetched_at,
        zone,
        base: site.asked_at.base(),
    };
    Decision::of_page(&extract(definition, &page).verdict, &reply)
}

/// Why a site was not asked or did not answer, without its address, which the result names already.
fn reason(error: &FetchError) -> String {
    match error {
        FetchError::Disallowed { rule, .. } => format!("robots.txt forbids it ({rule})"),
        other => other.to_string(),
    }
}

fn checked(site: &Site, name: &str, decision: Decision, status: Option<u16>) -> Checked {
    let shown = site.written(name).ok().and_then(|written| site.shown_at.of(&written).ok());
    Checked {
        site: site.name.clone(),
        name: name.to_owned(),
        url: shown.map(String::from).unwrap_or_default(),
        presence: decision.presence,
        reason: decision.reason,
        status,
        is_put_off: false,
    }
}
