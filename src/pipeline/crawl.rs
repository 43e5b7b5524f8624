//! Visiting one source: fetch, keep the bytes, follow the links. Nothing is judged here but what has nothing to say.
//! Pages and where the visit stands are stored together, in their order: a visit that broke off asks again at most for what
//! was not stored yet.

mod follow;
mod landing;
mod own;
mod refusal;
mod seed;
mod settle;

use std::collections::{HashSet, VecDeque};
use std::hash::RandomState;

use url::Url;

use crate::casework::world::World;
use crate::fetch::{Answer, Request, Token, Validators, name_of};
use crate::model::capture::{Capture, CaptureState, Verdict};
use crate::model::case::SubjectKind;
use crate::model::ids::{CaptureId, ScanId, SourceId};
use crate::model::source::{EntryKind, Source};
use crate::model::time::Timestamp;
use crate::pipeline::crawl::landing::Landing;
use crate::pipeline::crawl::settle::silent_posts;
use crate::pipeline::progress::{Event, Listener};
use crate::pipeline::readings::Readings;
use crate::pipeline::rhythm;
use crate::pipeline::shell::Shell;
use crate::platform::Extraction;
use crate::platform::definition::Definition;
use crate::store::{Arrival, Asked, PageMemo, Scan, StoreError, Task, VisitStep, new_id, sha256_hex};
use crate::workers::HoldError;

pub(crate) use crate::pipeline::crawl::own::own_page;

/// Addresses that wait in one visit at most; what they lead to is come across again another time.
const FRONTIER_MAX: usize = 20_000;
/// What a visit could not ask for waits for the next ones, but not longer than this, milliseconds.
const WAITING_MS: i64 = 7 * 86_400_000;
/// A visit that broke off is gone on with for so long, milliseconds; later it begins anew.
const BROKEN_OFF_MS: i64 = 3_600_000;

/// What came of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Pages fetched.
    pub pages: u32,
    /// What the source turned out to be.
    pub verdict: Verdict,
    /// Pages that robots.txt keeps to itself.
    pub disallowed: u32,
    /// Pages that could not be fetched, by reason.
    pub troubles: Vec<String>,
    /// Whether it did not take place, because another worker visits the host.
    pub is_postponed: bool,
}

impl Visit {
    /// A visit that did not take place, because another worker visits the host.
    pub fn postponed() -> Self {
        Self { is_postponed: true, ..refused(HoldError::Busy.to_string()) }
    }

    /// A visit that did not take place, because visits of the source are stopped.
    pub fn paused() -> Self {
        refused("the source is paused".to_owned())
    }
}

/// A visit under way.
struct Visitor<'a> {
    shell: &'a Shell,
    source: &'a Source,
    definition: &'a Definition,
    world: &'a World,
    token: Option<Token>,
    run: &'a Run,
    listener: &'a Listener,
    digest: String,
    /// Whether everything that the lists lead to has been read.
    is_whole: bool,
    /// Lists that were looked at, and what they showed; none where they said "unchanged".
    looks: Vec<(String, Option<String>)>,
    /// Lists that may answer "unchanged" next time, if the visit turns out whole.
    memos: Vec<(String, PageMemo)>,
    queue: VecDeque<Task>,
    /// Hashes of the addresses that were ever in the queue.
    known: HashSet<String>,
    /// Addresses that were met in this part of the visit, by a quicker hash: pages share most of their links.
    met: HashSet<u64>,
    /// Hashes of what the pages of each list showed: entry, term, and address or handle.
    shown: HashSet<u64>,
    /// Hashes of what the own pages of posts said.
    said: HashSet<u64>,
    hasher: RandomState,
    /// The way to the store.
    landing: Landing,
    /// Addresses that the frontier does not know yet.
    led_to: Vec<Task>,
    pages: u32,
    disallowed: u32,
    found: bool,
    empty: bool,
    blocked: Option<String>,
    troubles: Vec<String>,
    /// Hosts elsewhere that are not asked any more: another worker keeps them, or they want peace or fail.
    left_alone: HashSet<String>,
}

/// The run to which visits belong.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its number.
    pub scan: ScanId,
    /// What its pages gave, as far as it is held.
    pub readings: Readings,
}

/// Visits a source and the given accounts and posts on it. Everything fetched waits in the store for its inspection.
pub async fn visit(
    shell: &Shell,
    run: &Run,
    source: &Source,
    world: &World,
    rechecks: &[(EntryKind, String)],
    listener: &Listener,
) -> Result<Visit, StoreError> {
    listener(Event::Visiting { source: source.id.clone() });
    let catalog = shell.catalog();
    let Some(definition) = catalog.get(&source.platform) else {
        return Ok(refused(format!("there is no platform file {}", source.platform)));
    };
    let token = match shell.config.token_of(source) {
        Ok(token) => token,
        Err(error) => return Ok(refused(error.to_string())),
    };
    let (landing, landed) = landing::open();
    let mut visitor = Visitor {
        shell,
        source,
        definition,
        world,
        token,
        run,
        listener,
        digest: page_digest(world, definition),
        is_whole: true,
        looks: Vec::new(),
        memos: Vec::new(),
        queue: VecDeque::new(),
        known: HashSet::new(),
        met: HashSet::new(),
        shown: HashSet::new(),
        said: HashSet::new(),
        hasher: RandomState::new(),
        landing,
        led_to: Vec::new(),
        pages: 0,
        disallowed: 0,
        found: false,
        empty: false,
        blocked: None,
        troubles: Vec::new(),
        left_alone: HashSet::new(),
    };
    let storing = landed.store(shell, &source.id, &run.readings);
    let visited = visitor.go(rechecks).await;
    storing.end().await?;
    visited?;
    visitor.remember().await?;
    shell.store.end_visit(&source.id).await?;
    let visit = visitor.end();
    listener(Event::Visited { source: source.id.clone(), verdict: visit.verdict.clone(), pages: visit.pages });
    Ok(visit)
}

/// Whether the last visit of a source broke off a moment ago: the next one goes on with it, and what it fetched is judged then.
pub(crate) async fn has_broken_off(shell: &Shell, source: &SourceId) -> Result<bool, StoreError> {
    shell.store.has_broken_off(source, broken_off_since(shell)).await
}

/// What was asked for before this belongs to no visit that is gone on with now.
pub(crate) fn broken_off_since(shell: &Shell) -> Timestamp {
    shell.clock.now().plus_ms(-BROKEN_OFF_MS)
}

/// Before this neither the visits of a run fetched anything, nor those did with which they went on.
pub(crate) fn fetched_since(scan: &Scan) -> Timestamp {
    scan.started_at.plus_ms(-BROKEN_OFF_MS)
}

/// By what a page is read and judged: ledgers, day, platform file.
pub(crate) fn page_digest(world: &World, definition: &Definition) -> String {
    sha256_hex(format!("{}\n{definition:?}", world.digest).as_bytes())
}

fn refused(reason: String) -> Visit {
    Visit {
        pages: 0,
        verdict: Verdict::Blocked { reason: reason.clone() },
        disallowed: 0,
        troubles: vec![reason],
        is_postponed: false,
    }
}

impl Visitor<'_> {
    /// From what an earlier visit left to the last page.
    async fn go(&mut self, rechecks: &[(EntryKind, String)]) -> Result<(), StoreError> {
        let begun = self.begin(self.world, rechecks).await;
        let gone = if begun.is_ok() { self.run().await } else { begun };
        self.landing.close();
        gone
    }

    /// Notes what an address turned out to be and where it led.
    async fn step(&mut self, asked: Option<(&Task, Asked)>) {
        let step = self.standing(asked);
        self.landing.land(step).await;
    }

    /// Where the visit stands once an address has been asked for.
    fn standing(&mut self, asked: Option<(&Task, Asked)>) -> VisitStep {
        VisitStep {
            asked: asked.map(|(task, asked)| (task.clone(), asked)),
            leads_to: std::mem::take(&mut self.led_to),
            page: None,
            fetched_on: None,
            at: self.shell.clock.now(),
        }
    }

    /// Lets lists answer "unchanged" next time. Not when something that they led to was not read: an unchanged list
    /// leads nowhere, and what was missed would stay missed.
    async fn remember(&self) -> Result<(), StoreError> {
        for (url, memo) in self.memos.iter().filter(|_| self.is_whole) {
            self.shell.store.remember_page(url, memo).await?;
        }
        for (url, shown) in self.looks.iter().filter(|_| self.is_whole) {
            rhythm::note(self.shell, url, &self.digest, shown.clone()).await?;
        }
        Ok(())
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        let pages_max = self.shell.config.schedule.pages_a_visit_max as usize;
        for _ in 0..pages_max {
            let Some(task) = self.next_task().filter(|_| !self.landing.is_broken()) else { return Ok(()) };
            let memo = if is_list(&task) { self.shell.store.page(&task.url).await? } else { None };
            let goes_on = match self.shell.fetcher.fetch(&self.request(&task, memo.as_ref())).await {
                Ok(answer) => self.take(&task, memo, answer).await?,
                Err(error) => self.give_up(&task, &error).await?,
            };
            (self.listener)(Event::Page {
                source: self.source.id.clone(),
                pages: self.pages,
                waiting: self.queue.len(),
            });
            if !goes_on {
                return Ok(());
            }
        }
        self.is_whole &= self.queue.is_empty();
        Ok(())
    }

    /// What lies on a host that is left alone waits for the next visit.
    fn next_task(&mut self) -> Option<Task> {
        loop {
            let task = self.queue.pop_front()?;
            if self.left_alone.is_empty() || !self.left_alone.contains(&host_at(&task.url)) {
                return Some(task);
            }
        }
    }

    /// Lists may answer "unchanged"; profiles and posts are read whole, since a post is judged with its author.
    fn request(&self, task: &Task, memo: Option<&PageMemo>) -> Request {
        let known = memo.filter(|m| m.ledger_digest == self.digest);
        Request {
            conditional: known.map(|m| Validators { etag: m.etag.clone(), last_modified: m.last_modified.clone() }),
            token: self.token.clone(),
            ..Request::of_source(&task.url, self.source, self.definition.interval_min_s())
        }
    }

    async fn take(&mut self, task: &Task, memo: Option<PageMemo>, answer: Answer) -> Result<bool, StoreError> {
        self.pages += 1;
        if let (true, Some(memo)) = (answer.not_modified, memo) {
            self.found = true;
            let memo = PageMemo { fetched_at: answer.fetched_at, ..memo };
            self.shell.store.remember_page(&task.url, &memo).await?;
            self.looks.extend(is_first_of_list(task).then(|| (task.url.clone(), None)));
            self.unchanged(task, &answer).await;
            return Ok(true);
        }
        // Where a redirect led is the same page under its own address.
        if answer.final_url.as_str() != task.url {
            self.known.insert(sha256_hex(answer.final_url.as_str().as_bytes()));
        }
        if task.entry == EntryKind::Avatar {
            let capture = self.capture(task, &answer);
            let page = self.waiting(task, capture, answer);
            self.receive(task, Asked::Skipped, page).await;
        } else if let Some((asked, extraction)) = self.follow(task, &answer) {
            let page = self.settle(task, extraction, answer);
            self.receive(task, asked, page).await;
        } else {
            self.unchanged(task, &answer).await;
        }
        Ok(true)
    }

    /// Notes a page that brought nothing new.
    async fn unchanged(&mut self, task: &Task, answer: &Answer) {
        let at = answer.fetched_at;
        let fetched_on = Some(self.day_of(at));
        let step = VisitStep { fetched_on, at, ..self.standing(Some((task, Asked::Found))) };
        self.landing.land(step).await;
    }

    /// Notes a page, and with it where the visit stands.
    async fn receive(&mut self, task: &Task, asked: Asked, page: Arrival) {
        let at = page.fetched_at();
        let fetched_on = Some(self.day_of(at));
        let step = VisitStep { page: Some(page), fetched_on, at, ..self.standing(Some((task, asked))) };
        self.landing.land(step).await;
    }

    fn day_of(&self, at: Timestamp) -> String {
        at.date(self.shell.zone()).to_string()
    }

    /// A page that has nothing to say is to be let go. What any other gave is held until its inspection.
    fn settle(&mut self, task: &Task, extraction: Extraction, answer: Answer) -> Arrival {
        let capture = self.capture(task, &answer);
        if let Some((posts, silences)) = silent_posts(self.world, &capture, &extraction) {
            self.run.readings.note_silences(silences);
            return Arrival::silent(capture, answer.body, posts);
        }
        self.run.readings.hold(&capture.id, extraction.into());
        self.waiting(task, capture, answer)
    }

    fn waiting(&mut self, task: &Task, capture: Capture, answer: Answer) -> Arrival {
        let memo = self.memo(task, &capture, &answer);
        Arrival::waiting(capture, answer.body, memo)
    }

    fn capture(&self, task: &Task, answer: &Answer) -> Capture {
        Capture {
            id: CaptureId::new(new_id(self.shell.clock.now())),
            scan: self.run.scan.clone(),
            source: self.source.id.clone(),
            entry: task.entry,
            url: task.url.clone(),
            final_url: answer.final_url.to_string(),
            status: answer.status,
            content_type: answer.content_type.clone(),
            fetched_at: answer.fetched_at,
            sha256: sha256_hex(&answer.body).as_str().into(),
            size: answer.body.len() as u64,
            state: CaptureState::Pending,
        }
    }

    /// What is remembered of a list that can say next time that it has not changed. Until the visit is whole and the inspection
    /// has ended, neither the validators nor the digest are kept, so that a crash in between leads to a full fetch.
    fn memo(&mut self, task: &Task, capture: &Capture, answer: &Answer) -> Option<PageMemo> {
        let bare = PageMemo {
            source: self.source.id.clone(),
            etag: None,
            last_modified: None,
            status: answer.status,
            sha256: capture.sha256.clone(),
            fetched_at: answer.fetched_at,
            ledger_digest: String::new(),
        };
        let (etag, last_modified) = (answer.etag.clone(), answer.last_modified.clone());
        let can_tell = is_list(task) && (etag.is_some() || last_modified.is_some());
        let bare = can_tell.then_some(bare)?;
        self.memos.push((task.url.clone(), PageMemo { etag, last_modified, ..bare.clone() }));
        Some(bare)
    }

    fn end(self) -> Visit {
        let verdict = match (self.found, self.blocked, self.empty) {
            (true, _, _) => Verdict::Found,
            (false, Some(reason), _) => Verdict::Blocked { reason },
            (false, None, true) => Verdict::Empty,
            (false, None, false) if self.disallowed > 0 => Verdict::Blocked { reason: "robots.txt forbids it".into() },
            (false, None, false) => Verdict::Blocked {
                reason: self.troubles.first().cloned().unwrap_or_else(|| "nothing could be fetched".into()),
            },
        };
        Visit { pages: self.pages, verdict, disallowed: self.disallowed, troubles: self.troubles, is_postponed: false }
    }
}

const fn is_list(task: &Task) -> bool {
    matches!(task.entry, EntryKind::Listing | EntryKind::Search)
}

const fn is_first_of_list(task: &Task) -> bool {
    is_list(task) && task.page == 0
}

/// A visit stays on its source's host; only pictures may lie elsewhere.
fn is_at_home(url: &Url, home: &str) -> bool {
    url.host_str() == Some(home) || name_of(url) == home
}

/// The host by which visits exclude one another.
pub fn host_of(source: &Source) -> String {
    host_at(&source.base)
}

fn host_at(address: &str) -> String {
    Url::parse(address).map_or_else(|_| address.to_owned(), |url| name_of(&url))
}

/// Whose own page an entry is.
pub(crate) const fn subject_kind(entry: EntryKind) -> Option<SubjectKind> {
    match entry {
        EntryKind::Account => Some(SubjectKind::Account),
        EntryKind::Post => Some(SubjectKind::Post),
        EntryKind::Search | EntryKind::Listing | EntryKind::Avatar => None,
    }
}
