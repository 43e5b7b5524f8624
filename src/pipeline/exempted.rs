//! Exemptions of the ledger against cases: one in force closes the open cases that it covers, one that has ended opens those
//! again that it had closed. However the line came into the ledger, and however often it is asked: what is settled stays as it is.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::casework::account::Reading;
use crate::casework::keys::{account_key, subject_key};
use crate::casework::standing::{Standing, standing};
use crate::casework::unlinking::is_recused;
use crate::casework::world::World;
use crate::detect::name::holds_inside;
use crate::detect::scan::Hit;
use crate::model::account::Account;
use crate::model::audit::AuditEntry;
use crate::model::case::{Case, CaseState, Judgement, Lane, Outcome, Subject, SubjectKind};
use crate::model::exemption::{Exemption, ExemptionStatus};
use crate::model::finding::Rule;
use crate::model::time::Timestamp;
use crate::pipeline::replay::{file_again, judge_again};
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, SubjectFacts};
use crate::text::fold::dense;

/// An account that was not seen under its exemption for so many days before that ended is not spoken of before it is seen again.
const SEEN_DAYS: i64 = 7;

/// What came of comparing exemptions with cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Open cases that were closed.
    pub closed: usize,
    /// Closed cases whose exemption has ended and whose account was judged again.
    pub opened: usize,
}

/// Exemptions by the key of their account.
type ByAccount<'w> = HashMap<String, Vec<&'w Exemption>>;

/// Compares the exemptions of the ledger with the cases of their accounts. A case that somebody else decides in between is passed
/// over; one that cannot be read is logged, and comes again with the next round.
///
/// # Errors
/// When the cases cannot be listed.
pub async fn settle_exemptions(shell: &Shell, world: &World) -> Result<Settled, StoreError> {
    let (in_force, ended) = by_account(world);
    let mut settled = Settled::default();
    for case in shell.store.open_cases_of(&keys(&in_force)).await? {
        let covering = close(shell, world, &case, granted(&in_force, &case)).await;
        settled.closed += usize::from(is_done(&case, covering));
    }
    for case in shell.store.cases_exempted(&keys(&ended)).await? {
        let opened = open(shell, world, &case).await;
        settled.opened += usize::from(is_done(&case, opened));
    }
    Ok(settled)
}

/// The exemptions that are in force, and those that have ended of accounts that have none in force.
fn by_account(world: &World) -> (ByAccount<'_>, ByAccount<'_>) {
    let (mut in_force, mut ended) = (ByAccount::new(), ByAccount::new());
    for exemption in &world.ledgers.exemptions {
        let exemptions = match exemption.status_on(world.day()) {
            ExemptionStatus::Valid if exemption.approved_on.is_none_or(|day| day <= world.day()) => &mut in_force,
            ExemptionStatus::Expired | ExemptionStatus::Revoked(_) => &mut ended,
            ExemptionStatus::Valid | ExemptionStatus::Pending => continue,
        };
        exemptions.entry(key_of(exemption)).or_default().push(exemption);
    }
    ended.retain(|account, _| !in_force.contains_key(account));
    (in_force, ended)
}

fn key_of(exemption: &Exemption) -> String {
    let (platform, handle) = (exemption.platform.clone(), exemption.handle.trim().to_owned());
    account_key(&Subject { kind: SubjectKind::Account, id: None, platform, handle, url: String::new() })
}

fn keys<'a>(exemptions: &'a ByAccount<'_>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = exemptions.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn granted<'a, 'w>(exemptions: &'a ByAccount<'w>, case: &Case) -> &'a [&'w Exemption] {
    exemptions.get(&account_key(&case.judgement.subject)).map_or(&[], Vec::as_slice)
}

fn is_done(case: &Case, done: Result<bool, StoreError>) -> bool {
    match done {
        Ok(is_done) => is_done,
        Err(StoreError::Transition(_)) => false,
        Err(error) => {
            tracing::error!(%error, number = case.number, "a case was not compared with the exemption of its account");
            false
        }
    }
}

/// Closes a case that one of these exemptions covers, unless whoever granted it is kept away from the case, or somebody opened it
/// again; whether it did.
async fn close(shell: &Shell, world: &World, case: &Case, granted: &[&Exemption]) -> Result<bool, StoreError> {
    if !is_asked_about(case) {
        return Ok(false);
    }
    for exemption in granted.iter().filter(|exemption| !is_of_whom_it_concerns(world, case, exemption)) {
        if is_covered(shell, world, case, exemption).await? {
            if is_opened_by_somebody(&shell.store.audit_of(case.id.as_str()).await?) {
                return Ok(false);
            }
            shell.store.close_exempted(&case.id, &exemption.id, shell.clock.now()).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a case was closed as exempted, and it was a person who opened it again: what people decided is not undone.
fn is_opened_by_somebody(history: &[AuditEntry]) -> bool {
    let opens = |line: &AuditEntry| ["case.reopen", "case.unlock"].contains(&line.action.as_str());
    let Some(opened) = history.iter().rposition(opens) else { return false };
    let closed = history[..opened].iter().rfind(|line| line.action == "case.close");
    history[opened].actor != "wanglou" && closed.is_some_and(|line| line.detail.starts_with("exempted"))
}

/// Leaks and impostors are nobody's leave; an objection waits for its answer.
fn is_asked_about(case: &Case) -> bool {
    let is_open = matches!(case.state, CaseState::Open | CaseState::AwaitingConfirmation { .. });
    is_open && matches!(case.judgement.lane, Lane::Manager(_) | Lane::GroupHr) && is_of_marks(&case.judgement)
}

/// Whether nothing but the use of marks was found.
fn is_of_marks(judgement: &Judgement) -> bool {
    judgement.findings.iter().all(|found| found.clause == "四.2" && found.rule != Rule::Coi)
}

/// Whether somebody checked or approved an exemption who applied for it, or is kept away from the case.
fn is_of_whom_it_concerns(world: &World, case: &Case, exemption: &Exemption) -> bool {
    let mut granters = [&exemption.checked_by, &exemption.approved_by].into_iter().flatten();
    granters.any(|one| is_recused(world, &case.judgement, one))
        || exemption.approved_by.as_ref().is_some_and(|one| *one == exemption.employee)
}

/// Whether all that the case is about would be exempt if it were seen today, and shows no mark that was not granted.
async fn is_covered(shell: &Shell, world: &World, case: &Case, exemption: &Exemption) -> Result<bool, StoreError> {
    let keys = shell.store.subjects_of_case(&case.id).await?;
    for key in &keys {
        let subject = shell.store.subject(key).await?;
        let judged = subject.and_then(|subject| judge_again(world, &subject));
        let is_granted = judged.is_some_and(|(judgement, facts)| {
            let shows_no_other = facts.account.is_some_and(|account| shows_only(world, &account, &exemption.marks));
            judgement.outcome == Outcome::Exempt && is_of_marks(&judgement) && shows_no_other
        });
        if !is_granted {
            return Ok(false);
        }
    }
    Ok(!keys.is_empty())
}

/// Whether every mark and title of an account is among those granted, in one of its writings, or a part of one that is. A
/// picture is none of them.
fn shows_only(world: &World, account: &Account, granted: &[String]) -> bool {
    let reading = Reading::of(world, account, &[]);
    let granted: Vec<String> = granted.iter().map(|mark| dense(mark)).collect();
    let is_granted = |hit: &&Hit| {
        let term = &world.watch.terms()[hit.term];
        [&term.text].into_iter().chain(&term.aliases).any(|writing| granted.contains(&dense(writing)))
    };
    let titles = reading.profile.titles.iter().map(|title| &title.word);
    let (leave, other): (Vec<&Hit>, Vec<&Hit>) = reading.profile.marks.iter().chain(titles).partition(is_granted);
    reading.avatar.is_none() && other.iter().all(|hit| leave.iter().any(|longer| holds_inside(longer, hit)))
}

/// Judges the account of a case again whose exemption has ended, from what was last seen of it, and files what came of it as a
/// scan would; whether there was something to file.
async fn open(shell: &Shell, world: &World, case: &Case) -> Result<bool, StoreError> {
    let Some(subject) = shell.store.subject(&subject_key(&case.judgement.subject)).await? else { return Ok(false) };
    let Some((judgement, facts)) = judge_again(world, &subject) else { return Ok(false) };
    let was_seen = facts.account.as_ref().is_some_and(|account| was_seen_under(world, account, subject.last_seen));
    if !was_seen || !judgement.outcome.opens_case() || says_nothing_new(&case.judgement, &judgement) {
        return Ok(false);
    }
    file(shell, world, judgement, facts).await.map(|()| true)
}

/// Whether an account was seen shortly before that exemption ended by which it stands today, or since.
fn was_seen_under(world: &World, account: &Account, seen: Timestamp) -> bool {
    let Standing::Exemption(exemption, status) = standing(world, account) else { return false };
    let end = match status {
        ExemptionStatus::Revoked(day) => day,
        _ => exemption.until,
    };
    seen.date(world.zone) >= end.unwrap_or_else(|| world.day()) - TimeDelta::days(SEEN_DAYS)
}

/// Whether everything that is claimed of the end of an exemption stood in the case when it was decided.
fn says_nothing_new(before: &Judgement, now: &Judgement) -> bool {
    let is_end = |rule: Rule| matches!(rule, Rule::ExemptExpired | Rule::ExemptRevoked);
    let known = |rule: Rule, claims: &[String]| before.findings.iter().any(|f| f.rule == rule && f.claims == claims);
    now.findings.iter().filter(|found| is_end(found.rule)).all(|found| known(found.rule, &found.claims))
}

async fn file(shell: &Shell, world: &World, judgement: Judgement, facts: SubjectFacts) -> Result<(), StoreError> {
    let scan = shell.store.start_scan(shell.clock.now(), &serde_json::json!({"exemptions": 1})).await?;
    let filed = file_again(shell, world, &scan, judgement, facts).await?;
    let summary = serde_json::json!({"exemptions": 1, "subjects": filed.subjects, "asking": filed.asking});
    shell.store.finish_scan(&scan, shell.clock.now(), &summary).await
}
