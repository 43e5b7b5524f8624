//! From judgements to the store: what is kept of a subject, who is told at once, what a re-check confirms.

use std::collections::HashSet;

use crate::casework::account::without_private_words;
use crate::casework::recheck::{self, recheck};
use crate::casework::told::{immediate_at, recipients};
use crate::casework::world::World;
use crate::model::account::{Account, Post};
use crate::model::alert::AlertKind;
use crate::model::audit::AuditEntry;
use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use crate::model::finding::Rule;
use crate::model::ids::{CaptureId, ScanId};
use crate::model::source::Source;
use crate::model::time::Timestamp;
use crate::pipeline::crawl::own_page;
use crate::pipeline::inspect::Inspected;
use crate::pipeline::repost::case_repeated;
use crate::pipeline::shell::Shell;
use crate::platform::Definition;
use crate::store::{AlertOccasion, AlertRequest, CaseFilter, JudgementBatch, StoreError, SubjectFacts, subject_key};

/// A judgement with what belongs to it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The judgement.
    pub judgement: Judgement,
    /// What is known of the subject.
    pub facts: SubjectFacts,
    /// Pages that show it, the telling one first.
    pub captures: Vec<CaptureId>,
    /// Every page on which it stands, also those that are no evidence of it.
    pub shown_on: Vec<CaptureId>,
    /// Whether the subject was seen on the page that shows it best; a row of a list leaves parts out.
    pub is_whole: bool,
    /// Whether a known post says something else than before.
    pub is_edited: bool,
    /// Whether a person handed it in, so that what lies beside it is evidence also of a known case.
    pub is_handed_in: bool,
}

/// Files judgements in a run, each in one transaction with the letters it causes. What may not be kept is passed over.
/// Of `unclean` captures no byte becomes evidence.
pub async fn file_judgements(
    shell: &Shell,
    world: &World,
    scan: &ScanId,
    judged: &[Judged],
    unclean: &HashSet<CaptureId>,
) -> Result<Inspected, StoreError> {
    let at = shell.clock.now();
    let mut inspected = Inspected { subjects: judged.len(), asking: 0 };
    for one in in_order(judged) {
        inspected.asking += usize::from(one.judgement.outcome.opens_case());
        let repost_of = case_repeated(shell, world, one).await?;
        let batch = JudgementBatch { repost_of, ..batch(world, scan, one, unclean, at) };
        shell.store.record_judgement(&shell.vault, &batch).await?;
    }
    Ok(inspected)
}

/// Files in the same way what is stored of one subject, judged again; when it was last seen stays as it is.
pub(super) async fn file_stored(
    shell: &Shell,
    world: &World,
    scan: &ScanId,
    one: &Judged,
) -> Result<Inspected, StoreError> {
    let repost_of = case_repeated(shell, world, one).await?;
    let batch = JudgementBatch { repost_of, ..batch(world, scan, one, &HashSet::new(), shell.clock.now()) };
    shell.store.record_stored(&shell.vault, &batch).await?;
    Ok(Inspected { subjects: 1, asking: usize::from(one.judgement.outcome.opens_case()) })
}

/// What may be kept: accounts, then posts by the time of their publication, so that the first one has the case that others repeat.
fn in_order(judged: &[Judged]) -> Vec<&Judged> {
    let mut kept: Vec<&Judged> = judged.iter().filter(|one| one.judgement.outcome.may_be_stored()).collect();
    kept.sort_by_key(|one| one.facts.post.as_ref().and_then(|post| post.published));
    kept
}

/// An account or post that was an open case and bears no mark any more is rectified. A mere row of a list proves nothing, nor
/// does a post that says what it said before, and one of several posts does not settle a case. Of a case that was closed as
/// exempted it is remembered that there is nothing any more.
pub async fn rectify(shell: &Shell, one: &mut Judged) -> Result<(), StoreError> {
    let outcome = one.judgement.outcome;
    let is_clean = matches!(outcome, Outcome::Ignore | Outcome::Record) || !outcome.may_be_stored();
    if !is_clean || !one.is_whole || (one.facts.post.is_some() && !one.is_edited) {
        return Ok(());
    }
    let cases = shell.store.cases_of_account(&one.judgement.subject).await?;
    if !outcome.may_be_stored() && shows_no_more(&cases, &one.facts) {
        shell.store.see_clean(&subject_key(&one.judgement.subject), shell.clock.now()).await?;
    }
    for case in cases.into_iter().filter(is_undecided) {
        if let Some(after) = recheck(&case.judgement, &one.judgement)
            && !hides_its_face(&case.judgement, &one.facts)
            && stands_for(shell, &case, &one.judgement.subject).await?
        {
            one.judgement = after;
            break;
        }
    }
    Ok(())
}

/// Whether some of these cases were closed as exempted, and nothing of what those are about stayed unseen.
fn shows_no_more(cases: &[Case], facts: &SubjectFacts) -> bool {
    let mut exempted = cases.iter().filter(|case| is_exempted(case)).peekable();
    exempted.peek().is_some() && exempted.all(|case| !hides_its_face(&case.judgement, facts))
}

const fn is_exempted(case: &Case) -> bool {
    matches!(case.state, CaseState::Closed { disposition: Disposition::Exempted, .. })
}

/// Rectifies the cases of accounts and posts whose own pages are gone: address, what it was for, and the page that says so.
pub async fn rectify_gone(
    shell: &Shell,
    source: &Source,
    definition: &Definition,
    gone: &[(String, SubjectKind, CaptureId)],
) -> Result<Vec<Judged>, StoreError> {
    let mut judged = Vec::new();
    if gone.is_empty() {
        return Ok(judged);
    }
    see_gone(shell, source, definition, gone).await?;
    let filter = CaseFilter { with_leak_lane: true, limit: Some(u32::MAX >> 1), ..CaseFilter::default() };
    for case in shell.store.cases(&filter).await?.into_iter().filter(is_undecided) {
        let subject = &case.judgement.subject;
        let Some((_, page)) = own_page(definition, source, subject) else { continue };
        let is_it = |(url, kind, _): &&(String, SubjectKind, CaptureId)| *url == page && *kind == subject.kind;
        if let (Some((_, _, capture)), Some(judgement)) = (gone.iter().find(is_it), recheck::gone(&case.judgement))
            && stands_for(shell, &case, subject).await?
        {
            judged.push(sight_of_nothing(shell, judgement, capture).await?);
        }
    }
    Ok(judged)
}

/// Remembers of cases that were closed as exempted that the page of their account or post is gone.
async fn see_gone(
    shell: &Shell,
    source: &Source,
    definition: &Definition,
    gone: &[(String, SubjectKind, CaptureId)],
) -> Result<(), StoreError> {
    for case in shell.store.all_cases_exempted().await? {
        let subject = &case.judgement.subject;
        let Some((_, page)) = own_page(definition, source, subject) else { continue };
        if gone.iter().any(|(url, kind, _)| *url == page && *kind == subject.kind) {
            shell.store.see_clean(&subject_key(subject), shell.clock.now()).await?;
        }
    }
    Ok(())
}

async fn sight_of_nothing(shell: &Shell, judgement: Judgement, capture: &CaptureId) -> Result<Judged, StoreError> {
    let stored = shell.store.subject(&subject_key(&judgement.subject)).await?;
    let facts = stored.and_then(|subject| subject.facts).unwrap_or_default();
    let captures = vec![capture.clone()];
    Ok(Judged {
        judgement,
        facts,
        shown_on: captures.clone(),
        captures,
        is_whole: true,
        is_edited: false,
        is_handed_in: false,
    })
}

/// Whether a case is about a picture that was not seen this time, because it could not be fetched.
fn hides_its_face(earlier: &Judgement, facts: &SubjectFacts) -> bool {
    let avatar = facts.account.as_ref().map(|account| &account.avatar);
    earlier.rules().contains(&Rule::Avatar)
        && avatar.is_some_and(|avatar| avatar.url.is_some() && avatar.phash64.is_none())
}

const fn is_undecided(case: &Case) -> bool {
    matches!(case.state, CaseState::Open | CaseState::AwaitingConfirmation { .. })
}

/// Whether what became of a subject settles a case: an account that leads it, or its only post.
async fn stands_for(shell: &Shell, case: &Case, subject: &Subject) -> Result<bool, StoreError> {
    if case.judgement.subject.kind != subject.kind {
        return Ok(false);
    }
    Ok(match subject.kind {
        SubjectKind::Account => true,
        SubjectKind::Group => false,
        SubjectKind::Post => shell.store.own_subjects_of_case(&case.id).await? == [subject_key(subject)],
    })
}

/// Notes of posts seen on their own pages whether they say something else than when they were seen before.
pub async fn compare(shell: &Shell, one: &mut Judged) -> Result<(), StoreError> {
    let Some(post) = one.facts.post.as_ref().filter(|_| one.is_whole) else { return Ok(()) };
    let before = shell.store.subject(&subject_key(&one.judgement.subject)).await?;
    let before = before.and_then(|subject| subject.facts?.post);
    one.is_edited = before.is_some_and(|before| (&before.title, &before.text) != (&post.title, &post.text));
    Ok(())
}

/// Whether no byte of the page may be kept because of this subject: protected or a child's text, or a mixed post.
pub(crate) fn is_private(judgement: &Judgement) -> bool {
    matches!(judgement.outcome, Outcome::Protected | Outcome::Minor) || judgement.excerpt.is_some()
}

/// An author of whom only the post's page tells.
pub(crate) fn named_author(post: &Post) -> Option<Account> {
    let is_named = post.account.is_some() || !post.author_name.is_empty();
    is_named.then(|| Account {
        platform: post.platform.clone(),
        handle: post.account.clone().unwrap_or_default(),
        display_name: post.author_name.clone(),
        ..Account::default()
    })
}

fn batch(world: &World, scan: &ScanId, one: &Judged, unclean: &HashSet<CaptureId>, at: Timestamp) -> JudgementBatch {
    let facts = kept_facts(world, one);
    JudgementBatch {
        scan: scan.clone(),
        at,
        judgement: one.judgement.clone(),
        facts,
        captures: one.captures.iter().filter(|c| !unclean.contains(c)).cloned().collect(),
        alerts: immediate_alerts(world, &one.judgement, at),
        occasion: if one.judgement.lane == Lane::Leak { AlertOccasion::AnyNews } else { AlertOccasion::Opened },
        adds_evidence: one.is_edited || one.is_handed_in,
        audit: one.is_edited.then(|| edited(&one.judgement.subject, at)).into_iter().collect(),
        repost_of: None,
    }
}

fn edited(subject: &Subject, at: Timestamp) -> AuditEntry {
    let (actor, action) = ("wanglou".to_owned(), "post.edited".to_owned());
    AuditEntry { at, actor, action, object: subject_key(subject), detail: String::new() }
}

/// What may be kept: a post's author without words that are protected or a child's, a mixed post without its text.
fn kept_facts(world: &World, one: &Judged) -> SubjectFacts {
    let facts = if one.judgement.excerpt.is_some() { without_text(&one.facts) } else { one.facts.clone() };
    if facts.post.is_none() {
        return facts;
    }
    let account = facts.account.as_ref().map(|account| without_private_words(world, account));
    SubjectFacts { account, ..facts }
}

/// Of a mixed post only the judgement's masked excerpt is kept.
fn without_text(facts: &SubjectFacts) -> SubjectFacts {
    let post = facts.post.clone().map(|post| Post { title: String::new(), text: String::new(), ..post });
    SubjectFacts { post, ..facts.clone() }
}

fn immediate_alerts(world: &World, judgement: &Judgement, at: Timestamp) -> Vec<AlertRequest> {
    if judgement.notify != Notify::Immediate {
        return Vec::new();
    }
    let due_at = immediate_at(world, judgement, at);
    let request =
        |recipient| AlertRequest { kind: AlertKind::Immediate, recipient, lane: judgement.lane.clone(), due_at };
    recipients(world, judgement).into_iter().map(request).collect()
}
