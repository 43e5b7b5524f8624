//! An exemption that was granted closes the open cases of its account that it covers. What it does not cover stays open.

use crate::casework::world::World;
use crate::model::case::{Case, CaseState, Disposition, Lane, Outcome, Subject, SubjectKind};
use crate::model::exemption_request::Application;
use crate::pipeline::replay::judge_again;
use crate::pipeline::shell::Shell;
use crate::store::{Decision, Step, StoreError};

/// Closes them in the name of whoever granted it; how many there were.
///
/// # Errors
/// When the database fails.
pub(super) async fn close_covered(shell: &Shell, granted: &Application, by: &str) -> Result<usize, StoreError> {
    let (platform, handle) = (granted.platform.clone(), granted.handle.clone());
    let account = Subject { kind: SubjectKind::Account, id: None, platform, handle, url: String::new() };
    let world = shell.world();
    let mut closed = 0;
    for case in shell.store.cases_of_account(&account).await? {
        if is_asked_about(&case) && is_covered(shell, &world, &case).await? {
            let (step, by, at) = (Step::Close(Disposition::Exempted), by.to_owned(), shell.clock.now());
            shell.store.decide(&Decision { case: case.id, step, by, at, alerts: Vec::new() }).await?;
            closed += 1;
        }
    }
    Ok(closed)
}

/// Leaks and impostors are nobody's leave; an objection waits for its answer.
fn is_asked_about(case: &Case) -> bool {
    let is_open = matches!(case.state, CaseState::Open | CaseState::AwaitingConfirmation { .. });
    is_open && matches!(case.judgement.lane, Lane::Manager(_) | Lane::GroupHr)
}

/// Whether all that the case is about would be exempt if it were seen today.
async fn is_covered(shell: &Shell, world: &World, case: &Case) -> Result<bool, StoreError> {
    let keys = shell.store.subjects_of_case(&case.id).await?;
    for key in &keys {
        let subject = shell.store.subject(key).await?;
        let judged = subject.and_then(|subject| judge_again(world, &subject));
        if !judged.is_some_and(|(judgement, _)| judgement.outcome == Outcome::Exempt) {
            return Ok(false);
        }
    }
    Ok(!keys.is_empty())
}
