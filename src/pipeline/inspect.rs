//! Judging what was fetched: pages into subjects, subjects into outcomes, each filed in one transaction.
//! Can be stopped at any point and begun again: what was filed before is recognised.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use daachorse::CharwiseDoubleArrayAhoCorasick;
use regex::{Captures, Regex};
use url::Url;

use crate::casework::account::judge_account;
use crate::casework::post::judge_post;
use crate::casework::world::World;
use crate::detect::avatar::picture_mark;
use crate::detect::phash::phash_of;
use crate::detect::picture::grey;
use crate::fetch::decode_as;
use crate::model::account::{Account, PictureMark, Post};
use crate::model::capture::{Capture, Verdict};
use crate::model::case::{Outcome, SubjectKind};
use crate::model::ids::{CaptureId, ScanId, SourceId, TopicId};
use crate::model::silence::Silences;
use crate::model::source::{EntryKind, Source};
use crate::pipeline::crawl::{Run, fetched_since, page_digest, subject_kind};
use crate::pipeline::filing::{Judged, compare, file_judgements, is_private, named_author, rectify, rectify_gone};
use crate::pipeline::progress::{Event, Listener};
use crate::pipeline::readings::{Reading, Readings};
use crate::pipeline::shell::Shell;
use crate::platform::definition::Definition;
use crate::platform::{Extraction, Page, extract};
use crate::store::{PageDone, StoreError, SubjectFacts};
use crate::text::fold;

/// Captures that are taken up at once; a visit is far smaller.
const PENDING_MAX: u32 = 20_000;
/// Characters of a protected text by which a page that repeats it is known.
const TRACE_CHARS: usize = 12;

/// What an inspection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inspected {
    /// Subjects judged.
    pub subjects: usize,
    /// Of these, those that ask for attention.
    pub asking: usize,
}

/// Which waiting pages are inspected.
#[derive(Debug, Clone, Copy)]
pub enum Waiting<'a> {
    /// What earlier visits of a source left. Only while no visit of it is under way.
    OfSource(&'a SourceId),
    /// What one run fetched.
    OfRun(&'a Run),
}

/// Inspects what waits, source by source. A source whose platform file is gone stays waiting.
pub async fn inspect_pending(
    shell: &Shell,
    world: &World,
    waiting: Waiting<'_>,
    listener: &Listener,
) -> Result<Inspected, StoreError> {
    let mut visits: BTreeMap<(ScanId, SourceId), Vec<Capture>> = BTreeMap::new();
    let (scan, source, readings) = match waiting {
        Waiting::OfSource(source) => (None, Some(source), Readings::default()),
        Waiting::OfRun(run) => (Some(&run.scan), None, run.readings.clone()),
    };
    let mut let_go = readings.take_let_go();
    shell.store.count_silences(shell.clock.now(), &readings.take_silences()).await?;
    if let Some(scan) = scan {
        visits.extend(let_go.keys().map(|source| ((scan.clone(), source.clone()), Vec::new())));
    }
    for capture in shell.store.pending_captures(scan, source, PENDING_MAX).await? {
        visits.entry((capture.scan.clone(), capture.source.clone())).or_default().push(capture);
    }
    let mut total = Inspected::default();
    for ((scan, source), captures) in visits {
        let mut inspected = inspect_visit(shell, world, (&scan, &source), &captures, &readings).await?;
        inspected.subjects += let_go.remove(&source).unwrap_or_default();
        listener(Event::Judged { source, subjects: inspected.subjects, asking: inspected.asking });
        total.add(inspected);
    }
    Ok(total)
}

impl Inspected {
    /// Counts another inspection as well.
    pub const fn add(&mut self, other: Self) {
        self.subjects += other.subjects;
        self.asking += other.asking;
    }
}

/// Bytes of posts' texts that a visit holds while it is inspected; those of further posts are read again when their turn comes.
const TEXTS_MAX: usize = 16 << 20;

/// An account or post with the captures that show it, the telling one first.
struct Seen<T> {
    subject: T,
    captures: Vec<CaptureId>,
    /// Every page on which it stands, also those that are no evidence of it.
    shown_on: Vec<CaptureId>,
    has_own_page: bool,
}

/// Everything that one visit showed.
#[derive(Default)]
struct Sight {
    accounts: BTreeMap<String, Seen<Account>>,
    posts: BTreeMap<String, Seen<Post>>,
    /// Bytes of the texts of posts that are held.
    texts: usize,
    /// Addresses of posts whose texts are not held.
    unheld: HashSet<String>,
    avatars: HashMap<String, Face>,
    /// Own pages of accounts and posts on which there is nothing: address, what it was for, the page.
    gone: Vec<(String, SubjectKind, CaptureId)>,
}

async fn inspect_visit(
    shell: &Shell,
    world: &World,
    (scan, source): (&ScanId, &SourceId),
    captures: &[Capture],
    readings: &Readings,
) -> Result<Inspected, StoreError> {
    let (source, catalog) = (shell.source(source), shell.catalog());
    let known = source.as_ref().and_then(|source| Some((source, catalog.get(&source.platform)?)));
    let Some((source, definition)) = known else { return Ok(Inspected::default()) };
    let pages = Pages { shell, scan, source, definition };
    let mut visit = judge_visit(&pages, world, captures, readings).await?;
    if !is_stored_as_read(shell, &visit).await {
        visit = judge_visit(&pages, world, captures, &Readings::default()).await?;
    }
    let unclean = unclean_captures(shell, definition, &visit.captures, &visit.judged).await;
    let mut inspected = file_judgements(shell, world, scan, &visit.judged, &unclean).await?;
    inspected.subjects += visit.passed_over;
    finish(shell, visit.captures, &visit.judged, &page_digest(world, definition)).await?;
    shell.store.count_silences(shell.clock.now(), &visit.silences).await?;
    Ok(inspected)
}

/// What a visit showed, as judged.
struct JudgedVisit<'a> {
    /// The pages that could be read.
    captures: Vec<&'a Capture>,
    judged: Vec<Judged>,
    /// Subjects about which there is nothing to say.
    passed_over: usize,
    /// What of the visit was let go, and why.
    silences: Silences,
}

async fn judge_visit<'a>(
    pages: &Pages<'_>,
    world: &World,
    captures: &'a [Capture],
    readings: &Readings,
) -> Result<JudgedVisit<'a>, StoreError> {
    let (mut sight, captures) = look(pages, captures, readings).await;
    pages.leave_let_go(&mut sight).await?;
    let gone = std::mem::take(&mut sight.gone);
    let mut all = judge_all(pages, world, sight, &captures).await?;
    all.judged.extend(rectify_gone(pages.shell, pages.source, pages.definition, &gone).await?);
    Ok(JudgedVisit { captures, judged: all.judged, passed_over: all.passed_over, silences: all.silences })
}

/// The stored pages of one visit, and how they are read.
struct Pages<'a> {
    shell: &'a Shell,
    scan: &'a ScanId,
    source: &'a Source,
    definition: &'a Definition,
}

impl Pages<'_> {
    fn read(&self, capture: &Capture, bytes: &[u8]) -> Option<Extraction> {
        let url = Url::parse(&capture.final_url).ok()?;
        let page = Page {
            url: &url,
            entry: capture.entry,
            status: capture.status,
            content_type: &capture.content_type,
            text: &text_of(self.definition, capture, &url, bytes),
            fetched_at: capture.fetched_at,
            zone: self.shell.zone(),
            base: &self.source.base,
        };
        Some(extract(self.definition, &page))
    }

    /// Leaves out posts of which lists show a row and whose own page was let go when it came: it said more.
    async fn leave_let_go(&self, sight: &mut Sight) -> Result<(), StoreError> {
        let rows = sight.posts.iter().filter(|(_, seen)| !seen.has_own_page).map(|(url, _)| url.as_str());
        let rows: Vec<&str> = rows.collect();
        if rows.is_empty() {
            return Ok(());
        }
        let Some(scan) = self.shell.store.scan(self.scan).await? else { return Ok(()) };
        let let_go = self.shell.store.let_go_in((&scan.id, &self.source.id), fetched_since(&scan), &rows).await?;
        let let_go: Vec<String> = let_go.into_iter().map(str::to_owned).collect();
        let_go.iter().for_each(|url| drop(sight.posts.remove(url)));
        Ok(())
    }

    /// A post whose text is not held, from the page that tells of it. Where that cannot be read now, nothing of the visit is
    /// judged, and all of it waits.
    async fn post_again(&self, post: Post, telling: Option<&&Capture>) -> Result<Post, StoreError> {
        let Some(capture) = telling else { return Ok(post) };
        let extraction = self.read(capture, &self.shell.vault.get(&capture.sha256).await?);
        let again = extraction.and_then(|read| read.posts.into_iter().find(|again| again.url == post.url));
        Ok(again.unwrap_or(post))
    }
}

/// Takes the subjects out of the captures, which are read where what they gave is not held. Those whose bytes cannot be read now
/// stay waiting; the others are returned.
async fn look<'a>(pages: &Pages<'_>, captures: &'a [Capture], readings: &Readings) -> (Sight, Vec<&'a Capture>) {
    let mut sight = Sight::default();
    let mut readable = Vec::with_capacity(captures.len());
    for capture in captures {
        if let Some(reading) = readings.take(&capture.id) {
            readable.push(capture);
            sight.add_page(capture, reading);
            continue;
        }
        let Some(bytes) = bytes_of(pages.shell, capture).await else { continue };
        readable.push(capture);
        if capture.entry == EntryKind::Avatar {
            let face = face(&pages.shell.world(), &bytes, capture);
            sight.avatars.extend(face.map(|face| (capture.url.clone(), face)));
        } else if let Some(extraction) = pages.read(capture, &bytes) {
            sight.add_page(capture, extraction.into());
        }
    }
    sight.give_faces();
    (sight, readable)
}

/// A profile picture that was fetched.
struct Face {
    phash64: u64,
    mark: Option<Box<PictureMark>>,
    capture: CaptureId,
}

/// What a profile picture shows; none when it cannot be read.
fn face(world: &World, bytes: &[u8], capture: &Capture) -> Option<Face> {
    let picture = grey(bytes).ok()?;
    let mark = world.logos.find(&picture).map(|hit| Box::new(picture_mark(&world.ledgers.brand_marks, hit)));
    Some(Face { phash64: phash_of(&picture), mark, capture: capture.id.clone() })
}

/// The stored bytes of a page; none, and a line in the log, where they cannot be read now.
async fn bytes_of(shell: &Shell, capture: &Capture) -> Option<Vec<u8>> {
    let bytes = shell.vault.get(&capture.sha256).await;
    if let Err(error) = &bytes {
        tracing::error!(capture.id = %capture.id, %error, "capture {} cannot be read and waits", capture.id);
    }
    bytes.ok()
}

fn text_of<'a>(definition: &Definition, capture: &Capture, url: &Url, bytes: &'a [u8]) -> Cow<'a, str> {
    decode_as(definition.encoding(), bytes, &capture.content_type, url.host_str().unwrap_or_default())
}

impl Sight {
    fn add_page(&mut self, capture: &Capture, reading: Reading) {
        if let (Verdict::Empty, Some(kind)) = (&reading.verdict, subject_kind(capture.entry)) {
            self.gone.push((capture.url.clone(), kind, capture.id.clone()));
        }
        reading.accounts.into_iter().for_each(|account| self.add_account(capture, account));
        reading.posts.into_iter().for_each(|post| self.add_post(capture, post));
    }

    /// A profile of its own says more than a row of a list.
    fn add_account(&mut self, capture: &Capture, account: Account) {
        let key = if account.handle.is_empty() { account.url.clone() } else { account.handle.clone() };
        add(&mut self.accounts, key, account, capture, capture.entry == EntryKind::Account);
    }

    fn add_post(&mut self, capture: &Capture, mut post: Post) {
        let is_own_page = capture.entry == EntryKind::Post;
        self.texts += post.text.len();
        if self.texts > TEXTS_MAX {
            self.texts -= std::mem::take(&mut post.text).len();
            self.unheld.insert(post.url.clone());
        }
        add(&mut self.posts, post.url.clone(), post, capture, is_own_page);
    }

    /// Profile pictures that were fetched are hashed; the platform's own hash, where one is given, stays.
    fn give_faces(&mut self) {
        for seen in self.accounts.values_mut() {
            let avatar = &mut seen.subject.avatar;
            if let Some(face) = avatar.url.as_ref().and_then(|url| self.avatars.get(url)) {
                avatar.phash64.get_or_insert_with(|| format!("{:016x}", face.phash64));
                avatar.mark.clone_from(&face.mark);
                seen.captures.push(face.capture.clone());
            }
        }
    }
}

fn add<T>(seen: &mut BTreeMap<String, Seen<T>>, key: String, subject: T, capture: &Capture, is_own_page: bool) {
    match seen.get_mut(&key) {
        Some(known) if is_own_page => {
            known.subject = subject;
            known.captures.insert(0, capture.id.clone());
            known.shown_on.push(capture.id.clone());
            known.has_own_page = true;
        }
        Some(known) => known.shown_on.push(capture.id.clone()),
        None => {
            let shown_on = vec![capture.id.clone()];
            seen.insert(key, Seen { subject, captures: shown_on.clone(), shown_on, has_own_page: is_own_page });
        }
    }
}

/// What a visit came to: judgements that say something; of all others only counts, so that a visit's texts do not stay in memory.
#[derive(Default)]
struct Kept {
    judged: Vec<Judged>,
    passed_over: usize,
    silences: Silences,
}

/// Judges everything seen, and compares it with what was known.
async fn judge_all(pages: &Pages<'_>, world: &World, sight: Sight, captures: &[&Capture]) -> Result<Kept, StoreError> {
    let has_profiles = pages.definition.has(EntryKind::Account);
    let mut all = Kept::default();
    for seen in sight.accounts.values() {
        let judged = account_judged(world, seen, has_profiles);
        all.keep(pages.shell, judged).await?;
    }
    let by_id: HashMap<&CaptureId, &Capture> = captures.iter().map(|capture| (&capture.id, *capture)).collect();
    for mut seen in sight.posts.into_values() {
        if sight.unheld.contains(&seen.subject.url) {
            let telling = seen.captures.first().and_then(|id| by_id.get(id));
            seen.subject = pages.post_again(seen.subject, telling).await?;
        }
        let judged = post_judged(world, seen, &sight.accounts);
        all.keep(pages.shell, judged).await?;
    }
    Ok(all)
}

impl Kept {
    /// Compares a judgement with what was known, and keeps it where there is something to say.
    async fn keep(&mut self, shell: &Shell, mut judged: Judged) -> Result<(), StoreError> {
        compare(shell, &mut judged).await?;
        rectify(shell, &mut judged).await?;
        self.silences.note(&judged.judgement);
        if judged.judgement.outcome != Outcome::Ignore || is_private(&judged.judgement) {
            self.judged.push(judged);
        } else {
            self.passed_over += 1;
        }
        Ok(())
    }
}

fn account_judged(world: &World, seen: &Seen<Account>, has_profiles: bool) -> Judged {
    Judged {
        judgement: judge_account(world, &seen.subject),
        facts: SubjectFacts { account: Some(seen.subject.clone()), post: None },
        captures: seen.captures.clone(),
        shown_on: seen.shown_on.clone(),
        is_whole: seen.has_own_page || !has_profiles,
        is_edited: false,
        is_handed_in: false,
    }
}

fn post_judged(world: &World, seen: Seen<Post>, accounts: &BTreeMap<String, Seen<Account>>) -> Judged {
    let author = seen.subject.account.as_ref().and_then(|handle| accounts.get(handle));
    let author = author.map(|a| a.subject.clone()).or_else(|| named_author(&seen.subject));
    Judged {
        judgement: judge_post(world, &seen.subject, author.as_ref()),
        facts: SubjectFacts { account: author, post: Some(seen.subject) },
        captures: seen.captures,
        shown_on: seen.shown_on,
        is_whole: seen.has_own_page,
        is_edited: false,
        is_handed_in: false,
    }
}

/// Whether what may become evidence is stored as it was read. Where it is not, the visit is read from what is stored, and a page
/// that cannot be read waits.
async fn is_stored_as_read(shell: &Shell, visit: &JudgedVisit<'_>) -> bool {
    for capture in cited(&visit.captures, &visit.judged) {
        if shell.vault.get(&capture.sha256).await.is_err() {
            return false;
        }
    }
    true
}

/// Captures that judgements cite.
fn cited<'a>(captures: &[&'a Capture], judged: &[Judged]) -> Vec<&'a Capture> {
    let filed = judged.iter().filter(|one| one.judgement.outcome.may_be_stored());
    let cited: HashSet<&CaptureId> = filed.flat_map(|one| &one.captures).collect();
    captures.iter().copied().filter(|capture| cited.contains(&capture.id)).collect()
}

/// Captures of which no byte may be kept: they show a protected or a child's text, or repeat one. Where there is such a text, the
/// pages that would be kept are read once more, since a visit's pages together would fill the memory.
async fn unclean_captures(
    shell: &Shell,
    definition: &Definition,
    captures: &[&Capture],
    judged: &[Judged],
) -> HashSet<CaptureId> {
    let private: Vec<&Judged> = judged.iter().filter(|j| is_private(&j.judgement)).collect();
    let mut unclean: HashSet<CaptureId> = private.iter().flat_map(|j| j.shown_on.iter().cloned()).collect();
    let traces: BTreeSet<String> = private.iter().flat_map(|j| traces(&j.facts)).collect();
    let Ok(automaton) = CharwiseDoubleArrayAhoCorasick::<u32>::new(&traces) else { return unclean };
    for capture in cited(captures, judged).into_iter().filter(|capture| capture.entry != EntryKind::Avatar) {
        let Ok(url) = Url::parse(&capture.final_url) else { continue };
        // What cannot be read any more cannot be shown to be clean.
        let bytes = bytes_of(shell, capture).await;
        let text = bytes.map(|bytes| fold::dense(&shown(&text_of(definition, capture, &url, &bytes))));
        if text.is_none_or(|text| automaton.find_iter(&text).next().is_some()) {
            unclean.insert(capture.id.clone());
        }
    }
    unclean
}

/// The beginning of what a subject says, by which other pages that show it are known.
fn traces(facts: &SubjectFacts) -> Vec<String> {
    let beginning = |text: &String| fold::dense(text).chars().take(TRACE_CHARS).collect::<String>();
    let trace = |text: &String| Some(beginning(text)).filter(|trace| trace.chars().count() >= 4);
    match (&facts.post, &facts.account) {
        (Some(post), _) => [&post.text, &post.title].into_iter().filter_map(trace).collect(),
        (None, Some(account)) => trace(&account.bio).or_else(|| trace(&account.display_name)).into_iter().collect(),
        (None, None) => Vec::new(),
    }
}

/// The text of a page as it would be read: without tags, and with JSON's and HTML's numbered characters in clear.
fn shown(page: &str) -> String {
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new("<[^<>]{0,400}>").expect("the pattern is a constant"));
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\\u(?P<json>[0-9a-fA-F]{4})|&#x(?P<hex>[0-9a-fA-F]{1,6});|&#(?P<decimal>[0-9]{1,7});|\\[nrt]")
            .expect("the pattern is a constant")
    });
    let clear = NUMBERED.replace_all(page, |found: &Captures<'_>| {
        let number = |name: &str, radix| found.name(name).and_then(|m| u32::from_str_radix(m.as_str(), radix).ok());
        let code = number("json", 16).or_else(|| number("hex", 16)).or_else(|| number("decimal", 10));
        code.and_then(char::from_u32).map_or_else(|| " ".to_owned(), String::from)
    });
    TAG.replace_all(&clear, "").into_owned()
}

/// Ends every page of the visit. Topics are counted once, with the page that shows them best.
///
/// Lists end before posts and posts before their authors: what a crash leaves waiting is then judged again as it was.
async fn finish(shell: &Shell, mut captures: Vec<&Capture>, judged: &[Judged], digest: &str) -> Result<(), StoreError> {
    let at = shell.clock.now();
    let mut topics: HashMap<&CaptureId, Vec<TopicId>> = HashMap::new();
    for one in judged.iter().filter(|j| j.judgement.outcome == Outcome::Protected) {
        if let Some(capture) = one.captures.first() {
            topics.entry(capture).or_default().extend(one.judgement.topics.iter().cloned());
        }
    }
    captures.sort_by_key(|capture| rank(capture.entry));
    let done = captures.into_iter().map(|capture| PageDone {
        capture: capture.id.clone(),
        digest: Some(digest.to_owned()),
        topics: topics.remove(&capture.id).unwrap_or_default(),
        at,
    });
    let done: Vec<PageDone> = done.collect();
    shell.store.finish_pages(&shell.vault, &done).await.map(drop)
}

const fn rank(entry: EntryKind) -> u8 {
    match entry {
        EntryKind::Search | EntryKind::Listing => 0,
        EntryKind::Post => 1,
        EntryKind::Account => 2,
        EntryKind::Avatar => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_page_is_read_as_people_see_it() {
        assert_eq!(shown("<b>没发</b><em class='hit'>加班</em>费"), "没发加班费");
        assert_eq!(shown(r#"{"t":"\u6ca1\u53d1\n加班&#36153;"}"#), "{\"t\":\"没发 加班费\"}");
    }
}
