//! What a letter shows of a case, already masked for its reader.

use std::ops::Range;

use crate::casework::told::due;
use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::model::alert::{CandidateBrief, CaseBrief, MarkedText};
use crate::model::case::{Case, CaseState, Judgement, Lane, Outcome, SubjectKind};
use crate::model::finding::{Band, Candidate};
use crate::model::term::{Field, Severity};
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, SubjectFacts, subject_key};

/// The brief of a case.
pub async fn brief(shell: &Shell, world: &World, case: &Case) -> Result<CaseBrief, StoreError> {
    let judgement = &case.judgement;
    let lead = subject_key(&judgement.subject);
    let stored = shell.store.subject(&lead).await?;
    let facts = stored.and_then(|s| s.facts).unwrap_or_default();
    let evidence = shell.store.evidence_of_case(&case.id).await?.into_iter().rfind(|one| one.subject == lead);
    let account = facts.account.clone().unwrap_or_default();
    let severity = judgement.severity.unwrap_or(Severity::Low);
    // After a re-check the account shows other words than those that the reasons point into.
    let is_changed = outcome_of(case) == Outcome::Rectified;
    let marked = |field, text: &str| match is_changed {
        true => MarkedText { text: masked(&world.watch, text), marks: Vec::new() },
        false => marked_text(world, judgement, field, text),
    };
    Ok(CaseBrief {
        number: case.number.clone(),
        case: case.id.clone(),
        outcome: outcome_of(case),
        lane: judgement.lane.clone(),
        severity,
        notify: judgement.notify,
        subject: judgement.subject.kind,
        platform_name: shell.platform_name(&judgement.subject.platform),
        account_name: match group_name(world, judgement) {
            Some(name) => MarkedText { text: name, marks: Vec::new() },
            None => marked(Field::AccountName, &account.display_name),
        },
        handle: masked(&world.watch, &judgement.subject.handle),
        url: masked(&world.watch, &judgement.subject.url),
        followers: (account.followers > 0).then_some(account.followers),
        ip_region: account.ip_region.clone(),
        bio: marked(Field::Bio, &account.bio),
        verification: marked(Field::Verification, &account.verification.text),
        text: content(world, judgement, &facts),
        published: facts.post.as_ref().and_then(|p| p.published),
        evidence: evidence.as_ref().map(|e| e.sha256.clone()),
        captured_at: evidence.map(|e| e.fetched_at),
        rules: judgement.rules(),
        clauses: judgement.clauses(),
        reasons: judgement.findings.iter().flat_map(|f| f.reasons.clone()).chain(judgement.reasons.clone()).collect(),
        candidates: candidates(world, judgement),
        due: due(world, severity, case.open_since),
        link: None,
    })
}

/// The name of the work group that a judgement is about, masked: it may have been written into the register by hand.
fn group_name(world: &World, judgement: &Judgement) -> Option<String> {
    let id = (judgement.subject.kind == SubjectKind::Group).then_some(&judgement.subject.handle)?;
    world.ledgers.groups.iter().find(|group| group.id.as_str() == id).map(|group| masked(&world.watch, &group.name))
}

/// A case whose marks are gone asks for another thing than it did at first.
fn outcome_of(case: &Case) -> Outcome {
    match case.state {
        CaseState::AwaitingConfirmation { .. } => Outcome::Rectified,
        CaseState::Open | CaseState::Locked { .. } | CaseState::Closed { .. } => case.judgement.outcome,
    }
}

/// A post's text, or the passage of it that the lane may see.
fn content(world: &World, judgement: &Judgement, facts: &SubjectFacts) -> MarkedText {
    if let Some(excerpt) = &judgement.excerpt {
        return MarkedText { text: masked(&world.watch, excerpt), marks: Vec::new() };
    }
    let text = facts.post.as_ref().map_or("", |p| p.text.as_str());
    marked_text(world, judgement, Field::Text, text)
}

/// The text with confidential expressions masked and the passages that reasons point at marked.
fn marked_text(world: &World, judgement: &Judgement, field: Field, text: &str) -> MarkedText {
    let places = judgement.findings.iter().flat_map(|f| &f.reasons).filter_map(|r| r.place.as_ref());
    let is_kind = judgement.subject.kind == SubjectKind::Post || !matches!(field, Field::Text | Field::Title);
    let of_subject = (field == Field::Text) == (judgement.subject.kind == SubjectKind::Post);
    let spans = places.filter(|p| p.field == field && is_kind && of_subject).map(|p| p.span.clone());
    let spans: Vec<Range<usize>> = spans.filter(|s| text.get(s.clone()).is_some_and(|t| !t.is_empty())).collect();
    masked_with_marks(world, text, &merged(spans))
}

/// Masking replaces characters one by one, so that marks move with what is before them.
fn masked_with_marks(world: &World, text: &str, spans: &[Range<usize>]) -> MarkedText {
    let hidden = masked(&world.watch, text);
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let moved: Vec<usize> = hidden.char_indices().map(|(at, _)| at).chain([hidden.len()]).collect();
    let place = |at: usize| starts.binary_search(&at).map_or(0, |index| moved[index]);
    let marks = spans.iter().map(|s| place(s.start)..place(s.end)).collect();
    MarkedText { text: hidden, marks }
}

/// Spans in order, those that touch or overlap as one.
fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|s| (s.start, s.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Possible owners; the leak lane is shown none.
fn candidates(world: &World, judgement: &Judgement) -> Vec<CandidateBrief> {
    if judgement.lane == Lane::Leak {
        return Vec::new();
    }
    judgement.candidates.iter().filter_map(|c| candidate(world, c)).collect()
}

fn candidate(world: &World, candidate: &Candidate) -> Option<CandidateBrief> {
    let employee = world.directory.get(&candidate.employee_id)?;
    let lowered = world.lowered.filter(|_| candidate.band == Band::High);
    let position = [&employee.company_name, &employee.department, &employee.title];
    Some(CandidateBrief {
        employee_id: employee.id.clone(),
        name: employee.name.clone(),
        position: position.into_iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join("·"),
        band: lowered.map_or(candidate.band, |lowered| lowered.shown(candidate.band)),
        score: candidate.score,
        reasons: candidate.reasons.iter().cloned().chain(lowered.map(|lowered| lowered.reason())).collect(),
        signed_on: employee.signed_on,
        left_on: employee.left_on,
    })
}
