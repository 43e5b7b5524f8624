//! Asking sites for accounts of names: every host in its own turn, many hosts at a time. Nothing is stored here.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::config::Config;
use crate::discover::{Decision, Presence, Reply, Rule, Site, judge};
use crate::fetch::{Answer, FetchError, Fetcher, Request, decode, name_of};
use crate::model::ids::SourceId;
use crate::model::source::{EntryKind, Source};
use crate::pipeline::shell::{ShellError, platform_files};
use crate::platform::admission::admit;
use crate::platform::{Catalog, Class, Definition, Page, extract};

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
/// for by name. One of class B stands here only where a source of it is expressly enabled, one of class C never.
///
/// # Errors
/// When the folder of platform files cannot be read.
pub fn known_sites(config: &Config, sources: Vec<Source>) -> Result<Vec<Site>, ShellError> {
    let (catalog, _) = Catalog::with(&platform_files(config)?);
    let (admitted, _) = admit(sources, &catalog);
    let is_admitted = |definition: &&Definition| {
        definition.class() == Class::A || admitted.iter().any(|source| source.platform == *definition.id())
    };
    let fixed = catalog.iter().filter(is_admitted).filter_map(|definition| {
        let base = definition.base().unwrap_or_default();
        Site::of_platform(&Arc::new(definition.clone()), base)
    });
    let of_source = |source: &Source| {
        let definition = catalog.get(&source.platform).filter(|definition| definition.base() != Some(&source.base))?;
        let site = Site::of_platform(&Arc::new(definition.clone()), &source.base)?;
        Some(Site { name: source.id.to_string(), ..site })
    };
    Ok(fixed.chain(admitted.iter().filter_map(of_source)).collect())
}

/// Asks every site for every name, and tells each answer as it comes. What needs no request is told first.
pub async fn discover(
    fetcher: &Arc<Fetcher>,
    sites: &[Arc<Site>],
    names: &[String],
    manner: Manner,
    mut tell: impl FnMut(Checked),
) {
    let (questions, known) = questions(sites, names);
    known.into_iter().for_each(&mut tell);
    let (sender, mut answers) = mpsc::channel(256);
    let permits = Arc::new(Semaphore::new(manner.hosts_at_once.max(1)));
    let mut hosts = JoinSet::new();
    for questions in by_host(questions) {
        let (fetcher, permits, sender) = (Arc::clone(fetcher), Arc::clone(&permits), sender.clone());
        hosts.spawn(async move {
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
    drop(sender);
    while let Some(checked) = answers.recv().await {
        tell(checked);
    }
}

/// What must be asked, and what is known without asking.
fn questions(sites: &[Arc<Site>], names: &[String]) -> (Vec<Question>, Vec<Checked>) {
    let (mut questions, mut known) = (Vec::new(), Vec::new());
    for site in sites {
        for name in names {
            match question(site, name) {
                Ok(question) => questions.push(question),
                Err(decision) => known.push(checked(site, name, decision, None)),
            }
        }
    }
    (questions, known)
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
    // Hosts fail each for itself.
    let source = SourceId::new(format!("discover:{}", name_of(&url)));
    let request = Request {
        keeps_redirects: site.rule.reads_redirects(),
        is_last,
        interval_min_s: site.rule.interval_min_s(),
        ..Request::new(url.as_str(), source)
    };
    // On the heap: the compiler gives up on a task that holds the whole of a fetch.
    let outcome = Box::pin(fetcher.fetch(&request)).await;
    if is_last {
        fetcher.forget(&request.source);
    }
    match outcome {
        Ok(answer) => checked(&site, &name, decide(&site, &written, &url, &answer, zone), Some(answer.status)),
        Err(error) => checked(&site, &name, Decision::unknown(reason(&error)), None),
    }
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
    }
}
