//! A ledger is edited in two steps: what is proposed is read, checked and compared first; only then is it put in place of
//! the file, if nobody has changed that meanwhile, and kept in the history.

use crate::ledger::definition::Ledger;
use crate::ledger::diff::{Diff, diff};
use crate::ledger::lines::{self, Line, Lines};
use crate::ledger::number::number_lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::table::Limits;
use crate::ledger::{Ledgers, export, from_lines, lint};
use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::{Store, StoreError};
use crate::watchlists::{Folder, LedgerFile, SEALED_FILE, WatchlistsError, versions};

/// Ledgers whose lines get numbers, of one row of numbers together.
const NUMBERED: [&str; 2] = ["terms", "confidential_terms"];

/// Why an edit failed.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// The folder; [`WatchlistsError::Changed`] when somebody else was faster.
    #[error(transparent)]
    Watchlists(#[from] WatchlistsError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A ledger as somebody wants it, compared with the file as it is.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The lines.
    pub lines: Lines,
    /// What is wrong with them, and advice.
    pub problems: Vec<Problem>,
    /// What would change.
    pub diff: Diff,
    /// Lines that had no number and got one.
    pub numbered: usize,
    /// All ledgers as they would be.
    pub ledgers: Ledgers,
    /// The file as it was read.
    read: Option<LedgerFile>,
    /// The file as it is to be written.
    bytes: Vec<u8>,
}

impl Proposal {
    /// The same, written byte for byte as it was kept: what is brought back is what was there.
    #[must_use]
    pub fn as_kept(self, bytes: Vec<u8>) -> Self {
        Self { bytes, ..self }
    }

    /// Whether the file, known by its hash, was still this one when it was compared; empty where there was none.
    pub fn is_of(&self, sha256: &str) -> bool {
        self.read.as_ref().map_or("", |file| &file.sha256) == sha256
    }

    /// The file as it is to be written.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether something cannot be used; it is not written then.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// Whether writing would change nothing.
    pub fn is_settled(&self) -> bool {
        let needs_sealing =
            self.lines.ledger.is_confidential && self.read.as_ref().is_some_and(|file| file.file != SEALED_FILE);
        self.diff.is_empty() && !needs_sealing
    }
}

/// What a file would make of a ledger. Terms without a number get one that was never used before.
///
/// # Errors
/// When the folder or the history cannot be read.
pub async fn propose(
    folder: &Folder,
    history: Option<&Store>,
    ledger: &'static Ledger,
    file: &str,
    bytes: &[u8],
) -> Result<Proposal, EditionError> {
    let (lines, problems) = lines::read(ledger, file, bytes, &Limits::default());
    propose_lines(folder, history, lines, problems).await
}

/// What lines would make of their ledger; `problems` are those of reading them.
///
/// # Errors
/// When the folder or the history cannot be read.
pub async fn propose_lines(
    folder: &Folder,
    history: Option<&Store>,
    mut lines: Lines,
    mut problems: Vec<Problem>,
) -> Result<Proposal, EditionError> {
    let taken = match NUMBERED.contains(&lines.ledger.name) {
        true => ever_numbered(folder, history, &NUMBERED).await?,
        false => Vec::new(),
    };
    let numbered = number_lines(&mut lines, &taken);
    let read = folder.read(lines.ledger)?;
    let (ledgers, found) = trial(folder, &lines)?;
    problems.extend(found);
    let before = read.as_ref().map_or_else(|| Lines::empty(lines.ledger), |file| lines_of(lines.ledger, file));
    let diff = diff(&before, &lines);
    let bytes = export::csv(&lines);
    Ok(Proposal { lines, problems, diff, numbered, ledgers, read, bytes })
}

/// Puts what was proposed in place and keeps it, and what it replaces, in the history where there is one.
///
/// # Errors
/// [`WatchlistsError::Changed`] when the file is no longer the one that was compared; nothing is written then.
pub async fn accept(
    folder: &Folder,
    history: Option<&Store>,
    proposal: &Proposal,
    audit: &AuditEntry,
) -> Result<(), EditionError> {
    if let Some(store) = history {
        // The state that is about to go must be in the history first; where somebody was faster, that is theirs.
        let lies = folder.read(proposal.lines.ledger)?;
        keep(store, proposal.lines.ledger, lies.as_ref(), "", audit.at).await?;
    }
    folder.write(proposal.lines.ledger, &proposal.bytes, proposal.read.as_ref())?;
    if let Some(store) = history {
        let written = folder.read(proposal.lines.ledger)?;
        keep(store, proposal.lines.ledger, written.as_ref(), &audit.actor, audit.at).await?;
        store.audit(audit).await?;
    }
    Ok(())
}

async fn keep(
    store: &Store,
    ledger: &'static Ledger,
    file: Option<&LedgerFile>,
    author: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(file) = file else { return Ok(()) };
    // Usually it was kept when it came: it need not be read for that.
    if versions::is_kept(store, ledger, file).await? {
        return Ok(());
    }
    versions::keep_file(store, &lines_of(ledger, file), file, author, at).await.map(drop)
}

/// The ledger's file as it lies on disk, the hash by which it is known, and what keeps it from being read whole; empty when there
/// is none. Who writes lines back must look at the problems: lines that could not be read would be gone.
///
/// # Errors
/// When it cannot be read at all.
pub fn as_it_lies(folder: &Folder, ledger: &'static Ledger) -> Result<(Lines, String, Option<Problem>), EditionError> {
    let Some(file) = folder.read(ledger)? else { return Ok((Lines::empty(ledger), String::new(), None)) };
    let (lines, problems) = lines::read(ledger, &file.file, &file.bytes, &Limits::default());
    Ok((lines, file.sha256, problems.into_iter().find(Problem::is_error)))
}

/// The lines of a ledger with one line put in the place of another, or behind all.
pub fn with_line(mut lines: Lines, key: Option<&str>, cells: Vec<String>) -> Option<Lines> {
    match key {
        Some(key) => {
            let at = lines.rows.iter().position(|line| lines.key(line) == key)?;
            lines.rows[at].cells = cells;
        }
        None => {
            let row = lines.rows.last().map_or(2, |line| line.row + 1);
            let extra = vec![String::new(); lines.extra.len()];
            lines.rows.push(Line { row, cells, extra });
        }
    }
    Some(lines)
}

/// The lines of a ledger without one.
pub fn without_line(mut lines: Lines, key: &str) -> Option<Lines> {
    let at = lines.rows.iter().position(|line| lines.key(line) == key)?;
    lines.rows.remove(at);
    Some(lines)
}

/// Keys of lines that are or ever were in any of some ledgers, as far as the history goes.
///
/// # Errors
/// When the folder or the history cannot be read.
pub(super) async fn ever_numbered(
    folder: &Folder,
    history: Option<&Store>,
    ledgers: &[&str],
) -> Result<Vec<String>, EditionError> {
    let mut taken = Vec::new();
    for ledger in ledgers.iter().filter_map(|name| Ledger::named(name)) {
        let file = match folder.read(ledger) {
            // What nobody can read is not numbered by anybody.
            Err(WatchlistsError::NoKey | WatchlistsError::Sealed { .. }) => None,
            read => read?,
        };
        let lines = file.map_or_else(|| Lines::empty(ledger), |file| lines_of(ledger, &file));
        taken.extend(lines.rows.iter().map(|line| lines.key(line)));
    }
    let Some(store) = history else { return Ok(taken) };
    for name in ledgers {
        let versions = store.ledger_versions(Some(&format!("{name}.csv"))).await?;
        let diffs = versions.into_iter().filter_map(|version| serde_json::from_value::<Diff>(version.diff?).ok());
        // What the first version had shows when it goes.
        taken.extend(diffs.flat_map(|diff| diff.added.into_iter().chain(diff.removed)).map(|entry| entry.key));
    }
    Ok(taken)
}

fn lines_of(ledger: &'static Ledger, file: &LedgerFile) -> Lines {
    lines::read(ledger, &file.file, &file.bytes, &Limits::default()).0
}

/// Reads the folder as it would be, and gives the problems and advice of the new file.
fn trial(folder: &Folder, lines: &Lines) -> Result<(Ledgers, Vec<Problem>), WatchlistsError> {
    let name = lines.ledger.file_name();
    let mut all = folder.lines_beside(lines.ledger)?;
    let (own, of_text) = lines::read(lines.ledger, &name, &export::csv(lines), &Limits::default());
    all.insert(lines.ledger.name, own);
    let (ledgers, of_lines) = from_lines(&all);
    let advice = lint::lint(&ledgers, &all);
    let mut problems: Vec<Problem> = of_text.into_iter().chain(of_lines).collect();
    problems.sort_by_key(|problem| problem.row);
    problems.extend(advice);
    problems.retain(|problem| problem.file == name);
    // Unknown columns were named when the file itself was read.
    problems.retain(|problem| problem.row.is_some() || problem.kind == ProblemKind::Error || problem.column.is_none());
    problems.iter_mut().for_each(|problem| at_home(problem, lines));
    Ok((ledgers, problems))
}

/// Gives a problem of the trial the file name and row of the file that HR handed in.
fn at_home(problem: &mut Problem, lines: &Lines) {
    let row = problem.row.and_then(|row| lines.rows.get((row as usize).checked_sub(2)?)).map(|line| line.row);
    let name = lines.ledger.file_name();
    if let (Some(trial), Some(real)) = (problem.row, row) {
        problem.zh = problem.zh.replacen(&format!("第{trial}行"), &format!("第{real}行"), 1);
        problem.en = problem.en.replacen(&format!("row {trial}"), &format!("row {real}"), 1);
        problem.row = Some(real);
    }
    problem.zh = problem.zh.replacen(&name, &lines.file, 1);
    problem.en = problem.en.replacen(&name, &lines.file, 1);
    problem.file = lines.file.clone();
}
