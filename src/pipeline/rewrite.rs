//! An edit of a ledger by its lines: read as they lie in the folder, changed, checked, written, kept in the history. Whoever
//! was faster is not overwritten; the edit is made anew.

use std::fmt::Debug;

use crate::ledger::definition::Ledger;
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::audit::AuditEntry;
use crate::pipeline::edition::{EditionError, Proposal, accept, as_it_lies, propose_lines};
use crate::pipeline::shell::Shell;
use crate::watchlists::{WatchlistsError, versions};

/// How often an edit is made anew when others write the same file meanwhile.
const TRIES: usize = 5;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError<R: Debug> {
    /// What was asked for is not allowed; it says why.
    #[error("the edit is not allowed")]
    Refused(R),
    /// The ledger cannot be read whole, or would have an error, such as another line that somebody broke in the folder.
    #[error("the ledger has errors and was not written")]
    Broken(Problem),
    /// The folder or the database failed, or others wrote the file again and again.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

/// Changes the lines of a ledger and puts it in force, with a line of the audit about what came of it; where nothing changes,
/// nothing is written.
///
/// # Errors
/// When the change is refused, or the ledger cannot be written; nothing has changed then.
pub(super) async fn rewrite<T, R: Debug>(
    shell: &Shell,
    ledger: &'static Ledger,
    change: impl Fn(&mut Lines) -> Result<T, R>,
    audit: impl Fn(&T, &Proposal) -> AuditEntry,
) -> Result<T, RewriteError<R>> {
    for _ in 0..TRIES {
        let (mut lines, read) = whole(shell, ledger)?;
        let outcome = change(&mut lines).map_err(RewriteError::Refused)?;
        let proposal = propose_lines(&shell.folder, Some(&shell.store), lines, Vec::new()).await?;
        if !proposal.is_of(&read) {
            continue;
        }
        if let Some(problem) = proposal.problems.iter().find(|problem| problem.is_error()) {
            return Err(RewriteError::Broken(problem.clone()));
        }
        if proposal.is_settled() {
            return Ok(outcome);
        }
        match accept(&shell.folder, Some(&shell.store), &proposal, &audit(&outcome, &proposal)).await {
            Err(EditionError::Watchlists(WatchlistsError::Changed(_))) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                put_in_force(shell).await?;
                return Ok(outcome);
            }
        }
    }
    Err(EditionError::from(WatchlistsError::Changed(ledger.file_name())).into())
}

/// Puts the folder in force as it lies, and keeps in the history whatever else was saved in it meanwhile. A follower's copy may be
/// a moment old: the history is written where the files are kept.
///
/// # Errors
/// When the folder cannot be read, or the history not be written.
pub async fn put_in_force(shell: &Shell) -> Result<(), EditionError> {
    let loaded = shell.reload()?;
    if !shell.share.follows() {
        versions::keep(&shell.store, &loaded, "folder", shell.clock.now()).await?;
    }
    Ok(())
}

/// The ledger as it lies in the folder, and the hash by which it is known. One that cannot be read whole, such as one that a
/// spreadsheet is just saving, is nothing to build on: its lines would be lost.
///
/// # Errors
/// When it cannot be read, or not whole.
pub(super) fn whole<R: Debug>(shell: &Shell, ledger: &'static Ledger) -> Result<(Lines, String), RewriteError<R>> {
    match as_it_lies(&shell.folder, ledger)? {
        (lines, read, None) => Ok((lines, read)),
        (.., Some(problem)) => Err(RewriteError::Broken(problem)),
    }
}
