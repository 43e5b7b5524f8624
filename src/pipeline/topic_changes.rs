//! A change of protected topics, by two people: one proposes it, another puts it in force. The file goes the way of every edit;
//! approved comes before written, so that nobody finds a change in force that nobody approved.

use crate::ledger::diff::{Change, diff};
use crate::ledger::export;
use crate::ledger::lines::{self, Lines};
use crate::ledger::problem::Problem;
use crate::ledger::protected_topics::PROTECTED_TOPICS;
use crate::ledger::table::Limits;
use crate::model::audit::AuditEntry;
use crate::model::ids::TopicChangeId;
use crate::model::topic_change::{TopicChange, TopicChangeState};
use crate::pipeline::edition::{EditionError, Proposal, accept, as_it_lies, propose};
use crate::pipeline::rewrite::put_in_force;
use crate::pipeline::shell::Shell;
use crate::store::new_id;
use crate::watchlists::WatchlistsError;

/// How long a change waits for another person, days.
pub const WAITING_DAYS: i64 = 14;

/// What became of an approval.
#[derive(Debug)]
pub enum Approval {
    /// The change is in force.
    InForce,
    /// It does not wait for this person: decided, expired, or the person's own.
    NotWaiting,
    /// The ledger would have an error, such as a line that somebody broke meanwhile.
    Broken(Problem),
}

/// Lets a change wait for another person; false when another one is open.
///
/// # Errors
/// [`WatchlistsError::Changed`] when the file is no longer the one that was compared; or when folder or database fail.
pub async fn file(shell: &Shell, proposal: &Proposal, reason: &str, audit: &AuditEntry) -> Result<bool, EditionError> {
    let (before, read, _) = as_it_lies(&shell.folder, &PROTECTED_TOPICS)?;
    if !proposal.is_of(&read) {
        return Err(changed().into());
    }
    let changes: Vec<Change> = proposal.diff.in_full(&before, &proposal.lines);
    let change = TopicChange {
        id: TopicChangeId::new(new_id(audit.at)),
        state: TopicChangeState::Waiting,
        // As lines, not as kept: the bytes of an earlier version may be of another encoding.
        text: String::from_utf8_lossy(&export::csv(&proposal.lines)).into_owned(),
        read,
        diff: serde_json::to_string(&changes).unwrap_or_default(),
        reason: reason.to_owned(),
        proposed_by: audit.actor.clone(),
        proposed_at: audit.at,
        expires_at: audit.at.plus_days(WAITING_DAYS),
        decided_by: String::new(),
        decided_at: None,
        answer: String::new(),
        version: None,
    };
    let audit = AuditEntry { object: change.id.to_string(), ..audit.clone() };
    Ok(shell.store.propose_topic_change(&change, &audit).await?)
}

/// Approves a change and puts it in force. One that was approved before and could not be written, such as before a crash, is written
/// now.
///
/// # Errors
/// [`WatchlistsError::Changed`] when the ledger has changed since the change was proposed; or when folder or database fail.
pub async fn approve(shell: &Shell, id: &TopicChangeId, audit: &AuditEntry) -> Result<Approval, EditionError> {
    let Some(change) = shell.store.topic_change(id).await? else { return Ok(Approval::NotWaiting) };
    let proposal = proposal_of(shell, &change).await?;
    if let Some(problem) = proposal.problems.iter().find(|problem| problem.is_error()) {
        return Ok(Approval::Broken(problem.clone()));
    }
    if !proposal.is_settled() && !proposal.is_of(&change.read) {
        return Err(changed().into());
    }
    if !shell.store.approve_topic_change(id, audit).await? {
        return Ok(Approval::NotWaiting);
    }
    write(shell, &change, &proposal, audit).await?;
    Ok(Approval::InForce)
}

/// Refuses a change, with the reason in `answer`; false when it does not wait for this person, or was approved and is in the file
/// already.
///
/// # Errors
/// When folder or database fail.
pub async fn refuse(shell: &Shell, id: &TopicChangeId, answer: &str, audit: &AuditEntry) -> Result<bool, EditionError> {
    let Some(change) = shell.store.topic_change(id).await? else { return Ok(false) };
    if change.is_unwritten() && standing(shell, &change)? == Standing::InForce {
        return Ok(false);
    }
    Ok(shell.store.refuse_topic_change(id, answer, audit).await?)
}

/// How the ledger stands to a change that nobody has finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is still as it was when the change was proposed.
    AsRead,
    /// It says what the change says already.
    InForce,
    /// It was changed otherwise: the change cannot come into force.
    Overtaken,
}

/// How the ledger stands to a change.
///
/// # Errors
/// When the folder cannot be read.
pub fn standing(shell: &Shell, change: &TopicChange) -> Result<Standing, EditionError> {
    let (lies, sha256, _) = as_it_lies(&shell.folder, &PROTECTED_TOPICS)?;
    Ok(match diff(&lies, &lines_of(change)).is_empty() {
        true => Standing::InForce,
        false if sha256 == change.read => Standing::AsRead,
        false => Standing::Overtaken,
    })
}

fn lines_of(change: &TopicChange) -> Lines {
    let (file, bytes) = (PROTECTED_TOPICS.file_name(), change.text.as_bytes());
    lines::read(&PROTECTED_TOPICS, &file, bytes, &Limits::default()).0
}

async fn proposal_of(shell: &Shell, change: &TopicChange) -> Result<Proposal, EditionError> {
    let (file, bytes) = (PROTECTED_TOPICS.file_name(), change.text.as_bytes());
    propose(&shell.folder, Some(&shell.store), &PROTECTED_TOPICS, &file, bytes).await
}

async fn write(
    shell: &Shell,
    change: &TopicChange,
    proposal: &Proposal,
    audit: &AuditEntry,
) -> Result<(), EditionError> {
    let file = PROTECTED_TOPICS.file_name();
    if !proposal.is_settled() {
        let detail = format!("{}, proposed by {}", proposal.diff.summary_en(), change.proposed_by);
        let saved = AuditEntry { action: "ledger.save".to_owned(), object: file.clone(), detail, ..audit.clone() };
        match accept(&shell.folder, Some(&shell.store), proposal, &saved).await {
            // Another approver was faster, with the same change.
            Err(EditionError::Watchlists(WatchlistsError::Changed(_)))
                if standing(shell, change)? == Standing::InForce => {}
            written => written?,
        }
    }
    put_in_force(shell).await?;
    let version = shell.store.latest_ledger_version(&file).await?.map_or(0, |(version, _)| version);
    Ok(shell.store.finish_topic_change(&change.id, version, audit).await?)
}

fn changed() -> WatchlistsError {
    WatchlistsError::Changed(PROTECTED_TOPICS.file_name())
}
