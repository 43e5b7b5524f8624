//! Edits of the register of work groups and of its rosters, as people make them in forms.

use crate::groups::edits::{Edit, NewExternal, NewGroup, Refused, apply, register, register_external};
use crate::groups::member_list::{Export, Listed, Source, mark, replaced};
use crate::groups::register::is_dissolved;
use crate::groups::responsibility::Responsibility;
use crate::ledger::group_rosters::GROUP_ROSTERS;
use crate::ledger::groups::GROUPS;
use crate::ledger::lines::Lines;
use crate::model::audit::AuditEntry;
use crate::model::group::Group;
use crate::model::ids::GroupId;
use crate::pipeline::edition::ever_numbered;
use crate::pipeline::rewrite::{RewriteError, rewrite, whole};
use crate::pipeline::shell::Shell;

/// Why an edit was not made.
pub type RegisterError = RewriteError<Refused>;

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
    rewrite(shell, &GROUPS, add, |id, _| AuditEntry { object: id.to_string(), ..audit.clone() }).await
}

/// Adds an external group; gives its number. The audit's line gets it as its object.
///
/// # Errors
/// When the form lacks something, or the register cannot be written.
pub async fn register_external_group(
    shell: &Shell,
    new: &NewExternal,
    audit: &AuditEntry,
) -> Result<GroupId, RegisterError> {
    let loaded = shell.loaded();
    let people = Responsibility::of(&loaded.ledgers, audit.at.date(shell.zone()));
    without_secrets(shell, &[&new.name])?;
    let taken = ever_numbered(&shell.folder, Some(&shell.store), &["groups"]).await?;
    let add = |lines: &mut Lines| register_external(lines, new, &people, &taken);
    rewrite(shell, &GROUPS, add, |id, _| AuditEntry { object: id.to_string(), ..audit.clone() }).await
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
    let done = rewrite(shell, &GROUPS, change, |(), _| audit.clone()).await;
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
    let (mut lines, _) = whole(shell, &GROUPS)?;
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
    rewrite(shell, &GROUP_ROSTERS, change, |(), _| audit.clone()).await
}
