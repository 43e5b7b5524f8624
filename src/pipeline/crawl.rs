//! Visiting one source: fetch, keep the bytes, follow the links. Nothing is judged here.
//! A page that was fetched is durable before the next one is asked for.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use url::Url;

use crate::casework::world::World;
use crate::fetch::{Answer, FetchError, Request, Token, Validators, name_of};
use crate::model::audit::AuditEntry;
use crate::model::capture::{Capture, CaptureState, Verdict};
use crate::model::case::{Judgement, Outcome, Subject, SubjectKind};
use crate::model::finding::Reason;
use crate::model::ids::{CaptureId, PlatformId, ScanId, SourceId};
use crate::model::source::{EntryKind, Source};
use crate::pipeline::progress::{Event, Listener};
use crate::pipeline::rhythm;
use crate::pipeline::shell::Shell;
use crate::platform::definition::{Definition, Values};
use crate::platform::{Extraction, Page, extract};
use crate::store::{
    AlertOccasion, Arrival, Asked, JudgementBatch, PageMemo, StoreError, SubjectFacts, Task, VisitStep, new_id,
    sha256_hex,
};
use crate::workers::HoldError;

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
}

/// A visit under way.
struct Visitor<'a> {
    shell: &'a Shell,
    source: &'a Source,
    definition: &'a Definition,
    token: Option<Token>,
    scan: &'a ScanId,
    listener: &'a Listener,
    digest: String,
    /// Whether everything that the lists lead to has been read.
    is_whole: bool,
    /// Lists that were looked at, and what they showed; none where they said "unchanged".
    looks: Vec<(String, Option<String>)>,
    /// Pages that may answer "unchanged" next time, if the visit turns out whole.
    memos: Vec<(String, PageMemo)>,
    queue: VecDeque<Task>,
    /// Hashes of the addresses that were ever in the queue.
    known: HashSet<String>,
    /// Hashes of what the pages of each list showed: entry, term, and address or handle.
    shown: HashSet<u64>,
    hasher: RandomState,
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

/// Visits a source and the given accounts and posts on it. Everything fetched waits in the store for its inspection.
pub async fn visit(
    shell: &Shell,
    scan: &ScanId,
    source: &Source,
    world: &World,
    rechecks: &[(EntryKind, String)],
    listener: &Listener,
) -> Result<Visit, StoreError> {
    listener(Event::Visiting { source: source.id.clone() });
    let Some(definition) = shell.catalog.get(&source.platform) else {
        return Ok(refused(format!("there is no platform file {}", source.platform)));
    };
    let token = match shell.config.token_of(source) {
        Ok(token) => token,
        Err(error) => return Ok(refused(error.to_string())),
    };
    let mut visitor = Visitor {
        shell,
        source,
        definition,
        token,
        scan,
        listener,
        digest: page_digest(world, definition),
        is_whole: true,
        looks: Vec::new(),
        memos: Vec::new(),
        queue: VecDeque::new(),
        known: HashSet::new(),
        shown: HashSet::new(),
        hasher: RandomState::new(),
        led_to: Vec::new(),
        pages: 0,
        disallowed: 0,
        found: false,
        empty: false,
        blocked: None,
        troubles: Vec::new(),
        left_alone: HashSet::new(),
    };
    visitor.begin(world, rechecks).await?;
    visitor.run().await?;
    visitor.remember().await?;
    shell.store.end_visit(&source.id).await?;
    let visit = visitor.end();
    listener(Event::Visited { source: source.id.clone(), verdict: visit.verdict.clone(), pages: visit.pages });
    Ok(visit)
}

/// Whether the last visit of a source broke off a moment ago: the next one goes on with it, and what it fetched is judged then.
pub(crate) async fn has_broken_off(shell: &Shell, source: &SourceId) -> Result<bool, StoreError> {
    shell.store.has_broken_off(source, shell.clock.now().plus_ms(-BROKEN_OFF_MS)).await
}

/// Where the own page of an account or post is read on a source: what it is for, and its address.
pub(crate) fn own_page(definition: &Definition, source: &Source, subject: &Subject) -> Option<(EntryKind, String)> {
    match subject.kind {
        SubjectKind::Account if subject.platform == *definition.accounts_of() => {
            let values = Values {
                base: source.base.clone(),
                handle: Some(subject.handle.clone()).filter(|handle| !handle.is_empty()),
                further: source.values.clone(),
                ..Values::default()
            };
            Some((EntryKind::Account, definition.account_address(&values, &subject.url)?.to_string()))
        }
        SubjectKind::Post if subject.platform == source.platform && subject.url.starts_with(&source.base) => {
            Some((EntryKind::Post, subject.url.clone()))
        }
        SubjectKind::Account | SubjectKind::Post => None,
    }
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
    /// Takes up what an earlier visit left. Lists come first, since they show what is new; one that broke off a moment ago is
    /// gone on with, and asks for nothing twice.
    async fn begin(&mut self, world: &World, rechecks: &[(EntryKind, String)]) -> Result<(), StoreError> {
        let terms: Vec<String> = world.outbound_terms().map(|term| term.text.clone()).collect();
        let now = self.shell.clock.now();
        let (waiting_since, asked_since) = (now.plus_ms(-WAITING_MS), now.plus_ms(-BROKEN_OFF_MS));
        let left = self.shell.store.frontier(&self.source.id, waiting_since, asked_since).await?;
        self.go_on_from(&left.asked);
        self.seed(&terms, rechecks);
        self.leave_quiet_lists().await?;
        for task in left.waiting {
            if self.is_still_meant(&task, &terms) {
                self.admit(task);
            }
        }
        if self.queue.is_empty() {
            self.go_on_from(&[]);
            self.seed(&terms, rechecks);
        }
        self.step(None).await
    }

    fn go_on_from(&mut self, asked: &[(String, Asked)]) {
        let is_any = |state: Asked| asked.iter().any(|(_, asked)| *asked == state);
        (self.found, self.empty) = (is_any(Asked::Found), is_any(Asked::Empty));
        self.blocked = is_any(Asked::Blocked).then(|| "a page of the visit that broke off was blocked".to_owned());
        // What the earlier part of the visit remembered of its lists is gone with its process.
        self.is_whole = asked.is_empty();
        self.known = asked.iter().map(|(hash, _)| hash.clone()).collect();
    }

    /// Whether an address that an earlier visit left would be asked for today: a term may have become confidential since.
    fn is_still_meant(&self, task: &Task, terms: &[String]) -> bool {
        let is_meant = |url: &Url| task.entry == EntryKind::Avatar || is_at_home(url, &host_of(self.source));
        let is_known = task.entry == EntryKind::Avatar || self.definition.has(task.entry);
        (task.term.is_empty() || terms.contains(&task.term))
            && is_known
            && Url::parse(&task.url).is_ok_and(|url| is_meant(&url))
    }

    fn seed(&mut self, terms: &[String], rechecks: &[(EntryKind, String)]) {
        if self.definition.has(EntryKind::Listing) {
            self.enqueue_entry(EntryKind::Listing, 0, "");
        }
        if self.definition.has(EntryKind::Search) {
            terms.iter().for_each(|term| self.enqueue_entry(EntryKind::Search, 0, term));
        }
        for (entry, url) in rechecks.iter().filter(|(entry, _)| self.definition.has(*entry)) {
            self.enqueue(Task { entry: *entry, url: url.clone(), page: 0, term: String::new() });
        }
    }

    /// Lists that rarely change are left for another visit, but never all of them: a visit shows that the source answers.
    async fn leave_quiet_lists(&mut self) -> Result<(), StoreError> {
        let mut due = VecDeque::with_capacity(self.queue.len());
        let mut quiet = Vec::new();
        for task in std::mem::take(&mut self.queue) {
            if !is_first_of_list(&task) || rhythm::is_due(self.shell, &task.url, &self.digest).await? {
                due.push_back(task);
            } else {
                quiet.push(task);
            }
        }
        let left = if due.is_empty() { quiet.split_off(quiet.len().min(1)) } else { std::mem::take(&mut quiet) };
        due.extend(quiet);
        self.led_to.retain(|task| !left.contains(task));
        self.queue = due;
        Ok(())
    }

    /// Notes in the frontier what an address turned out to be and where it led.
    async fn step(&mut self, asked: Option<(&Task, Asked)>) -> Result<(), StoreError> {
        let leads_to = std::mem::take(&mut self.led_to);
        let at = self.shell.clock.now();
        let step = VisitStep { source: &self.source.id, asked, leads_to: &leads_to, fetched_on: None, at };
        self.shell.store.visit_step(&step).await
    }

    fn enqueue_entry(&mut self, entry: EntryKind, page: u32, term: &str) {
        // An entry that asks for a value which the source does not give, such as a board, is not meant for it.
        let known = ["base", "term", "page"];
        let is_given = |name: &&str| known.contains(name) || self.source.values.contains_key(*name);
        if !self.definition.placeholders(entry).iter().all(is_given) {
            return;
        }
        let values = Values {
            base: self.source.base.clone(),
            term: Some(term.to_owned()).filter(|term| !term.is_empty()),
            page,
            further: self.source.values.clone(),
            ..Values::default()
        };
        match self.definition.url(entry, &values) {
            Ok(url) => {
                self.enqueue(Task { entry, url: url.to_string(), page, term: term.to_owned() });
            }
            Err(error) => self.troubles.push(error.to_string()),
        }
    }

    /// Puts an address into queue and frontier, unless it has been there; whether it is new.
    fn enqueue(&mut self, task: Task) -> bool {
        let is_new = self.admit(task.clone());
        if is_new {
            self.led_to.push(task);
        }
        is_new
    }

    /// Puts an address into the queue, unless it has been there.
    fn admit(&mut self, task: Task) -> bool {
        if self.queue.len() >= FRONTIER_MAX {
            self.is_whole = false;
            return false;
        }
        let is_new = self.known.insert(task.hash());
        if is_new {
            self.queue.push_back(task);
        }
        is_new
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
            let Some(task) = self.next_task() else { return Ok(()) };
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
            if !self.left_alone.contains(&host_at(&task.url)) {
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
            self.unchanged(task, &answer).await?;
            return Ok(true);
        }
        // Where a redirect led is the same page under its own address.
        self.known.insert(sha256_hex(answer.final_url.as_str().as_bytes()));
        let asked = if task.entry == EntryKind::Avatar { Asked::Skipped } else { self.follow(task, &answer) };
        self.receive(task, asked, answer).await?;
        Ok(true)
    }

    async fn unchanged(&self, task: &Task, answer: &Answer) -> Result<(), StoreError> {
        let day = answer.fetched_at.date(self.shell.zone()).to_string();
        let (asked, fetched_on) = (Some((task, Asked::Found)), Some(day.as_str()));
        let step = VisitStep { source: &self.source.id, asked, leads_to: &[], fetched_on, at: self.shell.clock.now() };
        self.shell.store.visit_step(&step).await
    }

    fn follow(&mut self, task: &Task, answer: &Answer) -> Asked {
        let text = answer.text_as(self.definition.encoding());
        let page = Page {
            url: &answer.final_url,
            entry: task.entry,
            status: answer.status,
            content_type: &answer.content_type,
            text: &text,
            fetched_at: answer.fetched_at,
            zone: self.shell.zone(),
            base: &self.source.base,
        };
        let extraction = extract(self.definition, &page);
        match &extraction.verdict {
            Verdict::Found => self.found = true,
            Verdict::Empty => self.empty = true,
            // A further page without anything is the end of a list that has no mark for its end.
            Verdict::Blocked { .. } if task.page > 0 && self.found => {}
            Verdict::Blocked { reason } => {
                self.is_whole = false;
                self.blocked = Some(reason.clone());
            }
        }
        self.troubles.extend(extraction.problems.iter().take(3).cloned());
        let home = host_of(self.source);
        for follow in extraction.follow.iter().filter(|f| is_at_home(&f.url, &home)) {
            self.enqueue(Task { entry: follow.entry, url: follow.url.to_string(), page: 0, term: String::new() });
        }
        for avatar in extraction.accounts.iter().filter_map(|a| a.avatar.url.clone()) {
            let face = Task { entry: EntryKind::Avatar, url: avatar, page: 0, term: String::new() };
            // A face is judged with its profile, and a visit may end at any page: it is asked for next.
            if self.enqueue(face) && task.entry == EntryKind::Account {
                self.queue.rotate_right(1);
            }
        }
        if is_first_of_list(task) && !matches!(extraction.verdict, Verdict::Blocked { .. }) {
            self.looks.push((task.url.clone(), Some(rhythm::fingerprint(&extraction))));
        }
        // A server that does not know further pages may show the first one again and again.
        let shows_more = self.shows_more(task, &extraction) || task.page == 0;
        self.next_page(task, &extraction.next, extraction.verdict == Verdict::Found && shows_more);
        match extraction.verdict {
            Verdict::Found => Asked::Found,
            Verdict::Empty => Asked::Empty,
            Verdict::Blocked { .. } => Asked::Blocked,
        }
    }

    /// Whether a page shows something that no page of the same list showed before; other lists may well show the same.
    fn shows_more(&mut self, task: &Task, extraction: &Extraction) -> bool {
        let links = extraction.follow.iter().map(|follow| follow.url.as_str());
        let posts = extraction.posts.iter().map(|post| post.url.as_str());
        let accounts = extraction.accounts.iter().map(|account| account.handle.as_str());
        let hash = |one: &str| self.hasher.hash_one((task.entry, &task.term, one));
        let hashes: Vec<u64> = links.chain(posts).chain(accounts).map(hash).collect();
        let before = self.shown.len();
        self.shown.extend(hashes);
        self.shown.len() > before
    }

    fn next_page(&mut self, task: &Task, next: &Option<Url>, found: bool) {
        let page = task.page + 1;
        if page >= self.definition.pages_max(task.entry) || !found {
            return;
        }
        if let Some(url) = next.as_ref().filter(|url| is_at_home(url, &host_of(self.source))) {
            self.enqueue(Task { url: url.to_string(), page, ..task.clone() });
        } else if self.definition.numbers_pages(task.entry) {
            self.enqueue_entry(task.entry, page, &task.term);
        }
    }

    /// The page and where the visit stands are durable before the next one is asked for.
    async fn receive(&mut self, task: &Task, asked: Asked, answer: Answer) -> Result<(), StoreError> {
        let capture = self.capture(task, &answer);
        let memo = self.memo(&capture, &answer);
        // Until the visit is whole and the inspection has ended, neither the validators nor the digest are kept, so that a
        // crash in between leads to a full fetch.
        let bare = memo.as_ref().map(|memo| PageMemo { etag: None, last_modified: None, ..memo.clone() });
        let day = answer.fetched_at.date(self.shell.zone()).to_string();
        let leads_to = std::mem::take(&mut self.led_to);
        let step = VisitStep {
            source: &self.source.id,
            asked: Some((task, asked)),
            leads_to: &leads_to,
            fetched_on: Some(&day),
            at: self.shell.clock.now(),
        };
        let arrival = Arrival { capture: &capture, bytes: answer.body, memo: bare.as_ref(), step };
        self.shell.store.arrive(&self.shell.vault, arrival).await?;
        self.memos.extend(memo.map(|memo| (task.url.clone(), memo)));
        Ok(())
    }

    fn capture(&self, task: &Task, answer: &Answer) -> Capture {
        Capture {
            id: CaptureId::new(new_id(self.shell.clock.now())),
            scan: self.scan.clone(),
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

    /// What to remember of a page that can say next time that it has not changed.
    fn memo(&self, capture: &Capture, answer: &Answer) -> Option<PageMemo> {
        (answer.etag.is_some() || answer.last_modified.is_some()).then(|| PageMemo {
            source: self.source.id.clone(),
            etag: answer.etag.clone(),
            last_modified: answer.last_modified.clone(),
            status: answer.status,
            sha256: capture.sha256.clone(),
            fetched_at: answer.fetched_at,
            ledger_digest: String::new(),
        })
    }

    /// Notes why a page was not fetched; returns whether the visit goes on.
    async fn give_up(&mut self, task: &Task, error: &FetchError) -> Result<bool, StoreError> {
        match error {
            FetchError::Disallowed { rule, .. } => {
                self.disallowed += 1;
                self.not_fetched(task, rule).await?;
                self.skip(task).await
            }
            error if self.is_of_a_host_elsewhere(task, error) => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.left_alone.insert(host_at(&task.url));
                Ok(true)
            }
            FetchError::TimedOut { .. } | FetchError::Unreachable { .. } => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.skip(task).await
            }
            FetchError::TooLarge { .. } | FetchError::Refused { .. } | FetchError::BadAddress { .. } => {
                self.troubles.push(error.to_string());
                self.skip(task).await
            }
            FetchError::RobotsUnavailable { .. }
            | FetchError::SlowDown { .. }
            | FetchError::OutsideWindow { .. }
            | FetchError::CapReached { .. }
            | FetchError::NotHeld { .. }
            | FetchError::CircuitOpen { .. } => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.blocked.get_or_insert_with(|| error.to_string());
                Ok(false)
            }
        }
    }

    /// Whether a picture may wait for the next visit because the host elsewhere on which it lies cannot be asked for some
    /// time. The source's own host is held by the visit itself.
    fn is_of_a_host_elsewhere(&self, task: &Task, error: &FetchError) -> bool {
        let is_elsewhere = || host_at(&task.url) != host_of(self.source);
        match error {
            FetchError::NotHeld { source, .. } => matches!(**source, HoldError::Busy),
            FetchError::RobotsUnavailable { .. } | FetchError::SlowDown { .. } | FetchError::CircuitOpen { .. } => {
                is_elsewhere()
            }
            _ => false,
        }
    }

    /// The visit goes on without this address; the next one may be led to it again.
    async fn skip(&mut self, task: &Task) -> Result<bool, StoreError> {
        self.step(Some((task, Asked::Skipped))).await?;
        Ok(true)
    }

    /// A profile or post that the site asks not to read: no request, one line in the audit, one outcome.
    async fn not_fetched(&mut self, task: &Task, rule: &str) -> Result<(), StoreError> {
        let at = self.shell.clock.now();
        let audit = AuditEntry {
            at,
            actor: "wanglou".into(),
            action: "fetch.disallowed".into(),
            object: self.source.id.to_string(),
            detail: rule.to_owned(),
        };
        let Some(kind) = subject_kind(task.entry) else { return self.shell.store.audit(&audit).await };
        let batch = JudgementBatch {
            scan: self.scan.clone(),
            at,
            judgement: not_fetched(kind, self.definition.accounts_of(), &task.url, rule),
            facts: SubjectFacts::default(),
            captures: Vec::new(),
            alerts: Vec::new(),
            occasion: AlertOccasion::default(),
            adds_evidence: false,
            audit: vec![audit],
        };
        self.shell.store.record_judgement(&self.shell.vault, &batch).await.map(|_| ())
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
    name_of(url) == home
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

fn not_fetched(kind: SubjectKind, platform: &PlatformId, url: &str, rule: &str) -> Judgement {
    let subject = Subject { kind, id: None, platform: platform.clone(), handle: String::new(), url: url.to_owned() };
    let reason = Reason::new(
        format!("robots.txt 禁止访问（{rule}），未请求"),
        format!("robots.txt forbids it ({rule}); not asked for"),
    );
    Judgement { reasons: vec![reason], ..Judgement::silent(subject, Outcome::NotFetched) }
}
