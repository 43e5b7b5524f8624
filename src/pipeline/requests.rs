//! What people ask about their own data: taken in, looked up, answered. Cases of the leak lane are never told of here, neither
//! that they are nor that they are not.

use crate::casework::answer::{Answered, letter};
use crate::casework::keys::account_key;
use crate::casework::notice::{ANSWERED_WITHIN_DAYS, notice};
use crate::casework::told::working_days_after;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::model::case::{Case, Judgement, Lane, Subject, SubjectKind};
use crate::model::finding::Reason;
use crate::model::ids::{EmployeeId, RequestId};
use crate::model::request::{Asked, RequestKind, RequestRecord, RequestState, RightsRequest};
use crate::model::time::Timestamp;
use crate::pipeline::retain::erase_on_request;
use crate::pipeline::shell::Shell;
use crate::retention::{CaseStanding, Keeping, Stage, Standing};
use crate::store::{Answer, Objection, StoreError, new_id, subject_key};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What is asked for.
    pub kind: RequestKind,
    /// Who asks, and about which account.
    pub asked: Asked,
    /// Number of the case that an objection is about; empty where none was named.
    pub case_number: String,
}

/// Why a request cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum IncomingError {
    /// Neither a case nor an account was named.
    #[error("name the case or the account")]
    NoAccount,
    /// There is no such case, or none that is told of here.
    #[error("there is no such case")]
    NoCase,
    /// Neither an employee nor a way to answer.
    #[error("name the employee, or how to reach the person")]
    Nobody,
    /// The directory does not know the employee number.
    #[error("there is no such employee number")]
    UnknownEmployee,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Files a request. An objection locks its cases and ends the link within the same transaction.
///
/// # Errors
/// When something is missing, or the database fails.
pub async fn take_in(
    shell: &Shell,
    world: &World,
    incoming: &Incoming,
    by: &str,
) -> Result<RightsRequest, IncomingError> {
    checked(world, &incoming.asked)?;
    let at = shell.clock.now();
    if incoming.kind != RequestKind::Object {
        let needs_account = incoming.kind == RequestKind::Erase || incoming.asked.employee.is_empty();
        if needs_account && account_of(&incoming.asked).is_none() {
            return Err(IncomingError::NoAccount);
        }
        let request = filed(world, incoming.kind, incoming.asked.clone(), at);
        return Ok(shell.store.file_request(&request, by).await?);
    }
    let case = named_case(shell, &incoming.case_number).await?;
    let named = case.as_ref().map(|case| case.judgement.subject.clone());
    let account = named.or_else(|| account_of(&incoming.asked)).ok_or(IncomingError::NoAccount)?;
    let (platform, handle) = (account.platform.clone(), account.handle.clone());
    let asked = Asked { platform, handle, ..incoming.asked.clone() };
    let request = filed(world, incoming.kind, asked, at);
    let objection = Objection { request, account, case: case.map(|case| case.id), by: by.to_owned() };
    let request = shell.store.file_objection(&objection).await?;
    shell.recall_unlinkings().await?;
    Ok(request)
}

fn checked(world: &World, asked: &Asked) -> Result<(), IncomingError> {
    match (asked.employee.is_empty(), asked.contact.is_empty()) {
        (true, true) => Err(IncomingError::Nobody),
        (false, _) if world.directory.get(&asked.employee).is_none() => Err(IncomingError::UnknownEmployee),
        _ => Ok(()),
    }
}

fn filed(world: &World, kind: RequestKind, asked: Asked, at: Timestamp) -> RightsRequest {
    RightsRequest {
        id: RequestId::new(new_id(at)),
        number: String::new(),
        kind,
        state: RequestState::Open,
        asked: Some(asked),
        asked_at: at,
        due_at: working_days_after(world, at, ANSWERED_WITHIN_DAYS),
        answer: String::new(),
        answered_by: String::new(),
        answered_at: None,
    }
}

async fn named_case(shell: &Shell, number: &str) -> Result<Option<Case>, IncomingError> {
    let number = number.trim().to_ascii_uppercase();
    if number.is_empty() {
        return Ok(None);
    }
    let case = shell.store.case_by_number(&number).await?.filter(is_told);
    case.map(Some).ok_or(IncomingError::NoCase)
}

fn is_told(case: &Case) -> bool {
    case.judgement.lane != Lane::Leak
}

/// The account that somebody named by platform and identifier.
pub(super) fn account_of(asked: &Asked) -> Option<Subject> {
    let is_named = !asked.platform.is_empty() && !asked.handle.is_empty();
    is_named.then(|| Subject {
        kind: SubjectKind::Account,
        id: None,
        platform: asked.platform.clone(),
        handle: asked.handle.clone(),
        url: String::new(),
    })
}

/// Whether a request names an account of which nothing is kept that is told of here: perhaps platform or identifier are written
/// otherwise than there. Whether there is a leak makes no difference.
///
/// # Errors
/// When the database fails.
pub async fn meets_nothing(shell: &Shell, asked: &Asked) -> Result<bool, StoreError> {
    let Some(account) = account_of(asked) else { return Ok(false) };
    let has_case = shell.store.cases_of_account(&account).await?.iter().any(is_told);
    Ok(!has_case && shell.store.reposts_of_account(&account).await?.is_empty())
}

/// What is kept that concerns whoever asks: cases that name the employee, cases of the account, and its posts that stand as reposts
/// in cases of others, of which nothing else is told.
///
/// # Errors
/// When the database fails.
pub async fn records(shell: &Shell, world: &World, asked: &Asked) -> Result<Vec<RequestRecord>, StoreError> {
    let (mut cases, mut reposts) = (Vec::new(), Vec::new());
    if !asked.employee.is_empty() {
        cases.extend(shell.store.cases_naming(&asked.employee).await?);
    }
    // Whose an account is nobody here can know: an employee is told only of what names them.
    if let Some(account) = account_of(asked).filter(|_| asked.employee.is_empty()) {
        cases.extend(shell.store.cases_of_account(&account).await?);
        reposts = shell.store.reposts_of_account(&account).await?;
    }
    let mut records = Vec::new();
    for case in cases.into_iter().filter(is_told) {
        let keeping = keeping(shell, &case).await?;
        records.push(record(shell, world, &case.judgement, (&case.number, case.opened_at), keeping, &asked.employee));
    }
    for repost in reposts {
        let Some(standing) = shell.store.standing(&repost.key).await? else { continue };
        let told_as = (NUMBER_OF_OTHERS, repost.first_seen);
        records.push(record(shell, world, &repost.judgement, told_as, standing.keeping(), &asked.employee));
    }
    Ok(records)
}

/// In the place of the number of somebody else's case.
const NUMBER_OF_OTHERS: &str = "–";

/// Until when a case is kept as it stands itself. Another case on the same account or post may keep it longer; that would give
/// the other one away.
async fn keeping(shell: &Shell, case: &Case) -> Result<Keeping, StoreError> {
    let subject = shell.store.standing(&subject_key(&case.judgement.subject)).await?;
    let last_seen = subject.map_or(case.updated_at, |standing| standing.last_seen);
    let is_held = shell.store.held_cases().await?.contains(&case.number);
    let own = CaseStanding { stage: Stage::of(&case.state), changed_at: case.updated_at, is_held };
    let is_group = case.judgement.subject.kind == SubjectKind::Group;
    Ok(Standing { is_group, last_seen, cases: vec![own] }.keeping())
}

/// One record; it is told under a number, with the instant at which it was found.
fn record(
    shell: &Shell,
    world: &World,
    judgement: &Judgement,
    (number, found_at): (&str, Timestamp),
    keeping: Keeping,
    employee: &EmployeeId,
) -> RequestRecord {
    let subject = &judgement.subject;
    let you = judgement.candidates.iter().find(|candidate| candidate.employee_id == *employee);
    let hidden = |reason: &Reason| {
        let (zh, en) = (masked(&world.watch, &reason.zh), masked(&world.watch, &reason.en));
        Reason { zh, en, ..reason.clone() }
    };
    RequestRecord {
        number: number.to_owned(),
        platform: shell.platform_name(&subject.platform),
        account: masked(&world.watch, &subject.handle),
        address: masked(&world.watch, &subject.url),
        found_at,
        why: judgement.findings.iter().flat_map(|finding| &finding.reasons).map(hidden).collect(),
        why_you: you.iter().flat_map(|candidate| &candidate.reasons).map(hidden).collect(),
        kept_until: match keeping {
            Keeping::Until(at, _) => Some(at),
            Keeping::Held => None,
        },
    }
}

/// Answers a request: does what was asked where it is granted, and writes the letter.
///
/// # Errors
/// When it was answered before, or the database fails. What was erased stays erased then; the answer can be given again.
pub async fn answer(
    shell: &Shell,
    world: &World,
    request: &RightsRequest,
    state: RequestState,
    words: &str,
    by: &str,
) -> Result<RightsRequest, StoreError> {
    if request.state != RequestState::Open {
        return Err(StoreError::Answered(request.number.clone()));
    }
    let asked = request.asked.clone().unwrap_or_default();
    let is_granted = state == RequestState::Granted;
    let tells = matches!(request.kind, RequestKind::Know | RequestKind::Copy);
    let records = if is_granted && tells { records(shell, world, &asked).await? } else { Vec::new() };
    if is_granted && request.kind == RequestKind::Erase {
        erase(shell, &asked, by).await?;
    }
    let at = shell.clock.now();
    let sender = world.listed().map(|company| company.name.clone()).unwrap_or_default();
    let answered = Answered { request, sender: &sender, state, records: &records, words };
    let text = letter(&answered, shell.zone(), at);
    let answer = Answer { number: request.number.clone(), state, text, by: by.to_owned(), at };
    let request = shell.store.answer_request(&answer).await?;
    shell.recall_unlinkings().await?;
    Ok(request)
}

async fn erase(shell: &Shell, asked: &Asked, by: &str) -> Result<(), StoreError> {
    let Some(account) = account_of(asked) else { return Ok(()) };
    let keys = shell.store.subjects_of_account(&account_key(&account)).await?;
    erase_on_request(&shell.store, &shell.vault, &keys, shell.clock.now(), by).await
}

/// The notice to employees as the configuration in force has it, in Chinese and English.
pub fn notice_texts(shell: &Shell, world: &World) -> (String, String) {
    let all = shell.sources();
    let enabled = all.iter().filter(|source| source.enabled);
    let mut sources: Vec<String> = enabled.map(|source| shell.platform_name(&source.platform)).collect();
    sources.sort();
    sources.dedup();
    let text = |language| notice(world, &sources, &Voice::new(language, world.zone, world.at));
    (text("zh-CN"), text("en"))
}
