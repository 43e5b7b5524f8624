//! From judgements to the store: what is kept of a subject, who is told at once, what a re-check confirms.

use std::collections::HashSet;

use crate::casework::account::without_private_words;
use crate::casework::recheck::recheck;
use crate::casework::told::{immediate_at, recipients};
use crate::casework::world::World;
use crate::model::account::Post;
use crate::model::alert::AlertKind;
use crate::model::case::{CaseState, Judgement, Lane, Notify, Outcome};
use crate::model::ids::{CaptureId, ScanId};
use crate::model::time::Timestamp;
use crate::pipeline::inspect::Inspected;
use crate::pipeline::shell::Shell;
use crate::store::{AlertOccasion, AlertRequest, JudgementBatch, StoreError, SubjectFacts};

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
    for one in judged.iter().filter(|j| j.judgement.outcome.may_be_stored()) {
        inspected.asking += usize::from(one.judgement.outcome.opens_case());
        shell.store.record_judgement(&shell.vault, &batch(world, scan, one, unclean, at)).await?;
    }
    Ok(inspected)
}

/// An account that was an open case and bears no mark any more is rectified. A mere row of a list proves nothing.
pub async fn rectify(shell: &Shell, one: &mut Judged) -> Result<(), StoreError> {
    let is_account = one.facts.post.is_none();
    if !is_account || !one.is_whole || !matches!(one.judgement.outcome, Outcome::Ignore | Outcome::Record) {
        return Ok(());
    }
    let cases = shell.store.cases_of_account(&one.judgement.subject).await?;
    let open = cases.into_iter().find(|c| {
        matches!(c.state, CaseState::Open | CaseState::AwaitingConfirmation { .. })
            && c.judgement.subject.kind == one.judgement.subject.kind
    });
    if let Some(after) = open.and_then(|case| recheck(&case.judgement, &one.judgement)) {
        one.judgement = after;
    }
    Ok(())
}

/// Whether no byte of the page may be kept because of this subject: protected or a child's text, or a mixed post.
pub(crate) fn is_private(judgement: &Judgement) -> bool {
    matches!(judgement.outcome, Outcome::Protected | Outcome::Minor) || judgement.excerpt.is_some()
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
        audit: Vec::new(),
    }
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
