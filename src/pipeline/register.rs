//! Edits of the register of work groups and of its rosters, as people make them in forms: read from the file as it lies
//! there, changed, checked, written, kept in the history. Whoever was faster is not overwritten; the edit is made anew.

use crate::groups::edits::{Edit, NewGroup, Refused, apply, register};
use crate::groups::member_list::{Export, Listed, Source, mark, replaced};
use crate::groups::register::is_dissolved;
use crate::groups::responsibility::Responsibility;
use crate::ledger::definition::Ledger;
use crate::ledger::group_rosters::GROUP_ROSTERS;
use crate::ledger::groups::GROUPS;
use crate::ledger::lines::{self, Lines};
use crate::ledger::problem::Problem;
use crate::ledger::table::Limits;
use crate::model::audit::AuditEntry;
use crate::model::group::Group;
use crate::model::ids::GroupId;
use crate::pipeline::edition::{EditionError, accept, ever_numbered, propose_lines};
use crate::pipeline::shell::Shell;
use crate::watchlists::{Folder, WatchlistsError};

/// How often an edit is made anew when others write the same file meanwhile.
const TRIES: usize = 5;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What was asked for is not allowed; it says why.
    #[error("{}", .0.en)]
    Refused(Refused),
    /// The ledger would have errors, such as another line that somebody broke in the folder.
    #[error("the ledger has errors and was not written")]
    Broken(Vec<Problem>),
    /// The folder or the database failed, or others wrote the file again and again.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

impl From<Refused> for RegisterError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Adds a group; gives its number. The audit's line gets it as its object.
///
/// # Errors
/// When the form lacks something, or the register cannot be written.
pub async fn register_group(shell: &Shell, new: &NewGroup, audit: &AuditEntry) -> Result<GroupId, RegisterError> {
    let loaded = shell.loaded();
    let day = audit.at.date(shell.zone());
    let people = Responsibility::of(&loaded.ledgers, day);
    without_secrets(shell, &new.texts())?;
    let taken = ever_numbered(&shell.folder, Some(&shell.store), &["groups"]).await?;
    let add = |lines: &mut Lines| register(lines, new, &people, &taken, day);
    rewrite(shell, &GROUPS, add, |id| AuditEntry { object: id.to_string(), ..audit.clone() }).await
}

/// Changes one group. A dissolved one keeps its line and loses its roster: nothing is asked of its members any more.
///
/// # Errors
/// When the change is not allowed, or a ledger cannot be written.
pub async fn edit_group(shell: &Shell, group: &Group, edit: &Edit, audit: &AuditEntry) -> Result<(), RegisterError> {
    let loaded = shell.loaded();
    let day = audit.at.date(shell.zone());
    let people = Responsibility::of(&loaded.ledgers, day);
    without_secrets(shell, &edit.texts())?;
    let change = |lines: &mut Lines| apply(lines, &group.id, edit, &people, day);
    let done = rewrite(shell, &GROUPS, change, |()| audit.clone()).await;
    // Also of a group that was dissolved before, in case that did not come to its end then.
    let is_gone = matches!(edit, Edit::Dissolve { .. }) && (done.is_ok() || is_dissolved(group, day));
    if is_gone {
        write_roster(shell, group, &[], None, audit).await?;
    }
    done
}

/// The register and the letters about it are no place for confidential expressions.
fn without_secrets(shell: &Shell, texts: &[&str]) -> Result<(), Refused> {
    let world = shell.world();
    if texts.iter().any(|text| world.is_secret(text)) {
        return Err(Refused::new(
            "内容含保密词，没有写入。",
            "It holds a confidential expression; nothing was written.",
        ));
    }
    Ok(())
}

/// Puts a member list in the place of a group's roster, and its length into the register. `before` is the mark of the
/// roster with which the list was compared.
///
/// # Errors
/// When somebody has saved another list meanwhile, or a ledger cannot be written.
pub async fn replace_roster(
    shell: &Shell,
    group: &Group,
    listed: &[Listed],
    before: &str,
    audit: &AuditEntry,
) -> Result<(), RegisterError> {
    let edit = Edit::Listed { members: listed.len() as u64 };
    may_edit(shell, group, &edit, audit)?;
    write_roster(shell, group, listed, Some(before), audit).await?;
    edit_group(shell, group, &edit, audit).await
}

/// Refuses what the register would refuse, before anything else is written for it.
fn may_edit(shell: &Shell, group: &Group, edit: &Edit, audit: &AuditEntry) -> Result<(), RegisterError> {
    let (loaded, day) = (shell.loaded(), audit.at.date(shell.zone()));
    let (mut lines, _) = on_disk(&shell.folder, &GROUPS)?;
    Ok(apply(&mut lines, &group.id, edit, &Responsibility::of(&loaded.ledgers, day), day)?)
}

async fn write_roster(
    shell: &Shell,
    group: &Group,
    listed: &[Listed],
    before: Option<&str>,
    audit: &AuditEntry,
) -> Result<(), RegisterError> {
    let source = Source { file: "", bytes: &[], export: Export::of_platform(&group.platform), group };
    let change = |lines: &mut Lines| {
        if before.is_some_and(|before| mark(lines, &group.id) != before) {
            return Err(Refused::new(
                "您查看期间，这个群的成员表已被别人更新。请重新上传核对。",
                "Somebody has saved another list of this group meanwhile. Hand yours in again.",
            ));
        }
        *lines = replaced(lines, source, listed);
        Ok(())
    };
    rewrite(shell, &GROUP_ROSTERS, change, |()| audit.clone()).await
}

async fn rewrite<T>(
    shell: &Shell,
    ledger: &'static Ledger,
    change: impl Fn(&mut Lines) -> Result<T, Refused>,
    audit: impl Fn(&T) -> AuditEntry,
) -> Result<T, RegisterError> {
    let changed = || EditionError::from(WatchlistsError::Changed(ledger.file_name()));
    for _ in 0..TRIES {
        let (mut lines, read) = on_disk(&shell.folder, ledger)?;
        let outcome = change(&mut lines)?;
        let proposal = propose_lines(&shell.folder, Some(&shell.store), lines, Vec::new()).await?;
        if !proposal.is_of(&read) {
            continue;
        }
        if proposal.has_errors() {
            return Err(RegisterError::Broken(proposal.problems));
        }
        if proposal.is_settled() {
            return Ok(outcome);
        }
        match accept(&shell.folder, Some(&shell.store), &proposal, &audit(&outcome)).await {
            Err(EditionError::Watchlists(WatchlistsError::Changed(_))) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                shell.reload().map_err(EditionError::from)?;
                return Ok(outcome);
            }
        }
    }
    Err(changed().into())
}

/// The ledger's file as it lies on disk, and the hash by which it is known; empty when there is none. A file that cannot be
/// read whole, such as one that a spreadsheet is just saving, is nothing to build on: its lines would be lost.
fn on_disk(folder: &Folder, ledger: &'static Ledger) -> Result<(Lines, String), RegisterError> {
    let Some(file) = folder.read(ledger).map_err(EditionError::from)? else {
        return Ok((Lines::empty(ledger), String::new()));
    };
    let (lines, problems) = lines::read(ledger, &file.file, &file.bytes, &Limits::default());
    if problems.iter().any(Problem::is_error) {
        return Err(RegisterError::Broken(problems));
    }
    Ok((lines, file.sha256))
}
