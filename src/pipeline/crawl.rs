//! Visiting one source: fetch, keep the bytes, follow the links. Nothing is judged here.
//! A page that was fetched is durable before the next one is asked for.

use std::collections::{HashSet, VecDeque};

use url::Url;

use crate::casework::world::World;
use crate::detect::context::is_mark;
use crate::detect::leak::masked;
use crate::fetch::{Answer, FetchError, Request, Validators, name_of};
use crate::model::audit::AuditEntry;
use crate::model::capture::{Capture, CaptureState, Verdict};
use crate::model::case::{Judgement, Outcome, Subject, SubjectKind};
use crate::model::finding::Reason;
use crate::model::ids::{CaptureId, PlatformId, ScanId};
use crate::model::source::{EntryKind, Source};
use crate::model::term::TermStatus;
use crate::pace::schedule::Window;
use crate::pipeline::progress::{Event, Listener};
use crate::pipeline::shell::Shell;
use crate::platform::definition::{Definition, Values};
use crate::platform::{Page, extract};
use crate::store::{AlertOccasion, JudgementBatch, PageMemo, StoreError, SubjectFacts, new_id, sha256_hex};
use crate::workers::HoldError;

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

/// One address to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Task {
    entry: EntryKind,
    url: String,
    page: u32,
    term: Option<String>,
}

impl Task {
    fn host(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| self.url.clone(), |url| name_of(&url))
    }
}

/// A visit under way.
struct Visitor<'a> {
    shell: &'a Shell,
    source: &'a Source,
    definition: &'a Definition,
    scan: &'a ScanId,
    listener: &'a Listener,
    digest: String,
    /// Whether everything that the lists lead to has been read.
    is_whole: bool,
    /// Pages that may answer "unchanged" next time, if the visit turns out whole.
    memos: Vec<(String, PageMemo)>,
    queue: VecDeque<Task>,
    known: HashSet<String>,
    pages: u32,
    disallowed: u32,
    found: bool,
    empty: bool,
    blocked: Option<String>,
    troubles: Vec<String>,
    /// Hosts elsewhere that other workers kept: each was waited for once.
    kept_by_others: HashSet<String>,
}

/// Visits a source and the given accounts on it. Everything fetched waits in the store for its inspection.
pub async fn visit(
    shell: &Shell,
    scan: &ScanId,
    source: &Source,
    world: &World,
    accounts: &[String],
    listener: &Listener,
) -> Result<Visit, StoreError> {
    listener(Event::Visiting { source: source.id.clone() });
    let Some(definition) = shell.catalog.get(&source.platform) else {
        return Ok(refused(format!("there is no platform file {}", source.platform)));
    };
    let mut visitor = Visitor {
        shell,
        source,
        definition,
        scan,
        listener,
        digest: page_digest(world, definition),
        is_whole: true,
        memos: Vec::new(),
        queue: VecDeque::new(),
        known: HashSet::new(),
        pages: 0,
        disallowed: 0,
        found: false,
        empty: false,
        blocked: None,
        troubles: Vec::new(),
        kept_by_others: HashSet::new(),
    };
    visitor.seed(world, accounts);
    visitor.run().await?;
    visitor.remember().await?;
    let visit = visitor.end();
    listener(Event::Visited { source: source.id.clone(), verdict: visit.verdict.clone(), pages: visit.pages });
    Ok(visit)
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

/// Terms that may be typed into a site's public search: marks in force that neither are confidential nor hold what is.
fn outbound_terms(world: &World) -> Vec<String> {
    let is_outbound = |t: &&crate::model::term::Term| {
        t.outbound
            && t.mask.is_none()
            && is_mark(t.kind)
            && t.status == TermStatus::Active
            && t.is_in_force(world.day())
            && masked(&world.watch, &t.text) == t.text
    };
    world.ledgers.terms.iter().filter(is_outbound).map(|t| t.text.clone()).collect()
}

impl Visitor<'_> {
    fn seed(&mut self, world: &World, accounts: &[String]) {
        if self.definition.has(EntryKind::Listing) {
            self.enqueue_entry(EntryKind::Listing, 0, None);
        }
        if self.definition.has(EntryKind::Search) {
            for term in outbound_terms(world) {
                self.enqueue_entry(EntryKind::Search, 0, Some(term));
            }
        }
        for url in accounts {
            self.enqueue(Task { entry: EntryKind::Account, url: url.clone(), page: 0, term: None });
        }
    }

    fn enqueue_entry(&mut self, entry: EntryKind, page: u32, term: Option<String>) {
        // An entry that asks for a value which the source does not give, such as a board, is not meant for it.
        let known = ["base", "term", "page"];
        let is_given = |name: &&str| known.contains(name) || self.source.values.contains_key(*name);
        if !self.definition.placeholders(entry).iter().all(is_given) {
            return;
        }
        let values = Values {
            base: self.source.base.clone(),
            term: term.clone(),
            page,
            further: self.source.values.clone(),
            ..Values::default()
        };
        match self.definition.url(entry, &values) {
            Ok(url) => self.enqueue(Task { entry, url: url.to_string(), page, term }),
            Err(error) => self.troubles.push(error.to_string()),
        }
    }

    fn enqueue(&mut self, task: Task) {
        let limit = self.shell.config.schedule.pages_a_visit_max as usize;
        if self.known.contains(&task.url) {
            return;
        }
        if self.known.len() >= limit {
            self.is_whole = false;
            return;
        }
        self.known.insert(task.url.clone());
        self.queue.push_back(task);
    }

    /// Lets lists answer "unchanged" next time. Not when something that they led to was not read: an unchanged list
    /// leads nowhere, and what was missed would stay missed.
    async fn remember(&self) -> Result<(), StoreError> {
        for (url, memo) in self.memos.iter().filter(|_| self.is_whole) {
            self.shell.store.remember_page(url, memo).await?;
        }
        Ok(())
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        while let Some(task) = self.queue.pop_front() {
            if self.kept_by_others.contains(&task.host()) {
                continue;
            }
            let memo = self.shell.store.page(&task.url).await?;
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
                break;
            }
        }
        Ok(())
    }

    /// Lists may answer "unchanged"; profiles and posts are read whole, since a post is judged with its author.
    fn request(&self, task: &Task, memo: Option<&PageMemo>) -> Request {
        let is_list = matches!(task.entry, EntryKind::Listing | EntryKind::Search);
        let known = memo.filter(|m| is_list && m.ledger_digest == self.digest);
        let source = self.source;
        Request {
            url: task.url.clone(),
            source: source.id.clone(),
            interval_min_s: source.interval_min_s.or(Some(self.definition.interval_min_s())),
            window: source.active_hours.as_deref().and_then(|hours| Window::parse(hours).ok()),
            daily_page_cap: source.daily_page_cap,
            conditional: known.map(|m| Validators { etag: m.etag.clone(), last_modified: m.last_modified.clone() }),
            accept: None,
        }
    }

    async fn take(&mut self, task: &Task, memo: Option<PageMemo>, answer: Answer) -> Result<bool, StoreError> {
        let day = answer.fetched_at.date(self.shell.zone()).to_string();
        self.shell.store.count_page(&self.source.id, &day).await?;
        self.pages += 1;
        if let (true, Some(memo)) = (answer.not_modified, memo) {
            self.found = true;
            let memo = PageMemo { fetched_at: answer.fetched_at, ..memo };
            self.shell.store.remember_page(&task.url, &memo).await?;
            return Ok(true);
        }
        if task.entry != EntryKind::Avatar {
            self.follow(task, &answer);
        }
        self.receive(task, answer).await?;
        Ok(true)
    }

    fn follow(&mut self, task: &Task, answer: &Answer) {
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
            self.enqueue(Task { entry: follow.entry, url: follow.url.to_string(), page: 0, term: None });
        }
        for avatar in extraction.accounts.iter().filter_map(|a| a.avatar.url.clone()) {
            self.enqueue(Task { entry: EntryKind::Avatar, url: avatar, page: 0, term: None });
        }
        self.next_page(task, &extraction.next, extraction.verdict == Verdict::Found);
    }

    fn next_page(&mut self, task: &Task, next: &Option<Url>, found: bool) {
        let page = task.page + 1;
        if page >= self.definition.pages_max(task.entry) || !found {
            return;
        }
        if let Some(url) = next.as_ref().filter(|url| is_at_home(url, &host_of(self.source))) {
            self.enqueue(Task { url: url.to_string(), page, ..task.clone() });
        } else if self.definition.numbers_pages(task.entry) {
            self.enqueue_entry(task.entry, page, task.term.clone());
        }
    }

    async fn receive(&mut self, task: &Task, answer: Answer) -> Result<(), StoreError> {
        let capture = Capture {
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
        };
        self.shell.store.receive(&self.shell.vault, &capture, answer.body).await?;
        if let (Some(_), _) | (_, Some(_)) = (&answer.etag, &answer.last_modified) {
            // Until the visit is whole and the inspection has ended, neither the validators nor the digest are kept, so
            // that a crash in between leads to a full fetch.
            let memo = PageMemo {
                source: self.source.id.clone(),
                etag: answer.etag.clone(),
                last_modified: answer.last_modified.clone(),
                status: answer.status,
                sha256: capture.sha256.clone(),
                fetched_at: answer.fetched_at,
                ledger_digest: String::new(),
            };
            let bare = PageMemo { etag: None, last_modified: None, ..memo.clone() };
            self.shell.store.remember_page(&task.url, &bare).await?;
            self.memos.push((task.url.clone(), memo));
        }
        Ok(())
    }

    /// Notes why a page was not fetched; returns whether the visit goes on.
    async fn give_up(&mut self, task: &Task, error: &FetchError) -> Result<bool, StoreError> {
        match error {
            FetchError::Disallowed { rule, .. } => {
                self.disallowed += 1;
                self.not_fetched(task, rule).await?;
                Ok(true)
            }
            // A picture elsewhere may wait for the next visit; the source's own host is held by the visit itself.
            FetchError::NotHeld { source, .. } if matches!(**source, HoldError::Busy) => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                self.kept_by_others.insert(task.host());
                Ok(true)
            }
            FetchError::TimedOut { .. } | FetchError::Unreachable { .. } => {
                self.is_whole = false;
                self.troubles.push(error.to_string());
                Ok(true)
            }
            FetchError::TooLarge { .. } | FetchError::Refused { .. } | FetchError::BadAddress { .. } => {
                self.troubles.push(error.to_string());
                Ok(true)
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

/// A visit stays on its source's host; only pictures may lie elsewhere.
fn is_at_home(url: &Url, home: &str) -> bool {
    name_of(url) == home
}

/// The host by which visits exclude one another.
pub fn host_of(source: &Source) -> String {
    Url::parse(&source.base).map_or_else(|_| source.base.clone(), |url| name_of(&url))
}

const fn subject_kind(entry: EntryKind) -> Option<SubjectKind> {
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
