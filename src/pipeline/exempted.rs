//! An exemption that was granted closes the open cases of its account that it covers. What it does not cover stays open.

use crate::casework::account::Reading;
use crate::casework::unlinking::is_recused;
use crate::casework::world::World;
use crate::detect::name::holds_inside;
use crate::detect::scan::Hit;
use crate::model::account::Account;
use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, Outcome, Subject, SubjectKind};
use crate::model::exemption_request::Application;
use crate::model::finding::Rule;
use crate::model::ids::EmployeeId;
use crate::pipeline::replay::judge_again;
use crate::pipeline::shell::Shell;
use crate::store::{Decision, Step, StoreError};
use crate::text::fold::dense;

/// Closes them in the name of whoever granted it; how many there were. One that somebody else decides in between is passed over.
///
/// # Errors
/// When the cases of the account cannot be read.
pub(super) async fn close_covered(shell: &Shell, granted: &Application, by: &str) -> Result<usize, StoreError> {
    let (platform, handle) = (granted.platform.clone(), granted.handle.clone());
    let account = Subject { kind: SubjectKind::Account, id: None, platform, handle, url: String::new() };
    let world = shell.world();
    let mut closed = 0;
    for case in shell.store.cases_of_account(&account).await? {
        let number = case.number.clone();
        match close(shell, &world, case, granted, by).await {
            Ok(is_closed) => closed += usize::from(is_closed),
            Err(error) => tracing::error!(%error, number, "a case that an exemption may cover stays open"),
        }
    }
    Ok(closed)
}

/// Closes a case that is covered, unless whoever granted it is kept away from the case; whether it did.
async fn close(shell: &Shell, world: &World, case: Case, granted: &Application, by: &str) -> Result<bool, StoreError> {
    let is_kept_away = is_recused(world, &case.judgement, &EmployeeId::new(by));
    if is_kept_away || !is_asked_about(&case) || !is_covered(shell, world, &case, granted).await? {
        return Ok(false);
    }
    let (step, by, at) = (Step::Close(Disposition::Exempted), by.to_owned(), shell.clock.now());
    shell.store.decide(&Decision { case: case.id, step, by, at, alerts: Vec::new() }).await?;
    Ok(true)
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

/// Whether all that the case is about would be exempt if it were seen today, and shows no mark that was not granted.
async fn is_covered(shell: &Shell, world: &World, case: &Case, granted: &Application) -> Result<bool, StoreError> {
    let keys = shell.store.subjects_of_case(&case.id).await?;
    for key in &keys {
        let subject = shell.store.subject(key).await?;
        let judged = subject.and_then(|subject| judge_again(world, &subject));
        let is_granted = judged.is_some_and(|(judgement, facts)| {
            let shows_no_other = facts.account.is_some_and(|account| shows_only(world, &account, &granted.marks));
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
