//! Every state of a ledger that was ever in force, in the store: who, when, what changed, and the way back. Tables of
//! people keep only the latest and the one before, the register of groups its last hundred. No forbidden column gets here.

use std::collections::BTreeMap;

use crate::ledger::definition::{ALL, Ledger};
use crate::ledger::diff::{Diff, diff};
use crate::ledger::lines::{self, Lines};
use crate::ledger::problem::Problem;
use crate::ledger::table::Limits;
use crate::ledger::{export, read_files};
use crate::model::time::Timestamp;
use crate::store::{NewLedgerVersion, Store, StoreError, sha256_hex};
use crate::watchlists::{LedgerFile, Loaded};

/// Ledgers of which only some states are kept: those that hold personal data, and the register of groups, which owners change
/// every day.
const FEW_KEPT: [(&str, u32); 3] = [("employees", 2), ("group_rosters", 2), ("groups", 100)];

/// A state that was added to the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The ledger.
    pub ledger: &'static Ledger,
    /// Number of the state, from 1.
    pub version: u64,
    /// What changed against the one before.
    pub diff: Diff,
}

/// Keeps every ledger that is in force and differs from its latest kept state. The confidential list is left out when
/// the store has no key.
///
/// # Errors
/// When the store fails.
pub async fn keep(store: &Store, loaded: &Loaded, author: &str, at: Timestamp) -> Result<Vec<Kept>, StoreError> {
    let mut kept = Vec::new();
    for ledger in ALL {
        let (Some(lines), Some(file)) = (loaded.lines.get(ledger.name), loaded.files.get(ledger.name)) else {
            continue;
        };
        kept.extend(keep_file(store, lines, file, author, at).await?);
    }
    Ok(kept)
}

/// Whether a ledger's file is its latest kept state, byte for byte.
///
/// # Errors
/// When the store fails.
pub async fn is_kept(store: &Store, ledger: &Ledger, file: &LedgerFile) -> Result<bool, StoreError> {
    let latest = store.latest_ledger_version(&ledger.file_name()).await?;
    Ok(latest.is_some_and(|(_, sha256)| sha256 == sha256_hex(&file.bytes)))
}

/// Keeps one ledger as it lies in its file, if that differs from its latest kept state; `lines` are what was read of it.
///
/// # Errors
/// When the store fails.
pub async fn keep_file(
    store: &Store,
    lines: &Lines,
    file: &LedgerFile,
    author: &str,
    at: Timestamp,
) -> Result<Option<Kept>, StoreError> {
    // A workbook is kept as CSV: small, and readable without a spreadsheet. What holds a forbidden column is kept without it.
    let is_rewritten = file.file.ends_with(".xlsx") || lines.was_stripped;
    let kept = match is_rewritten {
        true => keep_one(store, lines, &export::csv(lines), author, at).await,
        false => keep_one(store, lines, &file.bytes, author, at).await,
    };
    match kept {
        Err(StoreError::Sealed(_)) if lines.ledger.is_confidential => Ok(None),
        other => other,
    }
}

async fn keep_one(
    store: &Store,
    lines: &Lines,
    bytes: &[u8],
    author: &str,
    at: Timestamp,
) -> Result<Option<Kept>, StoreError> {
    let ledger = lines.ledger;
    let file = ledger.file_name();
    let latest = store.latest_ledger_version(&file).await?;
    // Most of what is looked at is kept already: neither unpacked nor compared.
    if latest.as_ref().is_some_and(|(_, sha256)| *sha256 == sha256_hex(bytes)) {
        return Ok(None);
    }
    let before = match latest {
        Some((version, _)) => store.ledger_bytes(&file, version).await?.map(|bytes| lines_of(ledger, &bytes)),
        None => None,
    };
    let diff = diff(&before.unwrap_or_else(|| Lines::empty(ledger)), lines);
    let as_json = serde_json::to_value(&diff).unwrap_or_default();
    let new = NewLedgerVersion { file: &file, bytes, author, at, diff: &as_json, confidential: ledger.is_confidential };
    let version = store.add_ledger_version(&new).await?;
    let few = FEW_KEPT.iter().find(|(name, _)| *name == ledger.name && version.is_some());
    if let Some((_, kept)) = few {
        store.purge_ledger_versions(&file, *kept).await?;
    }
    Ok(version.map(|version| Kept { ledger, version, diff }))
}

async fn latest(store: &Store, ledger: &Ledger) -> Result<Option<Vec<u8>>, StoreError> {
    let file = ledger.file_name();
    match store.latest_ledger_version(&file).await? {
        Some((version, _)) => store.ledger_bytes(&file, version).await,
        None => Ok(None),
    }
}

fn lines_of(ledger: &'static Ledger, bytes: &[u8]) -> Lines {
    lines::read(ledger, &ledger.file_name(), bytes, &Limits::default()).0
}

/// The latest kept states, to begin with after a restart: ledgers whose latest state has errors are left out. None
/// when nothing was ever kept.
///
/// # Errors
/// When the store fails. A confidential list without its key is passed over.
pub async fn last_good(store: &Store) -> Result<Option<Loaded>, StoreError> {
    let mut files = BTreeMap::new();
    for ledger in ALL {
        match latest(store, ledger).await {
            Ok(found) => files.extend(found.map(|bytes| (ledger.file_name(), bytes))),
            Err(StoreError::Sealed(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let problems = read_files(&files).problems;
    let is_broken = |file: &str| problems.iter().any(|problem: &Problem| problem.is_error() && problem.file == file);
    files.retain(|file, _| !is_broken(file));
    Ok((!files.is_empty()).then(|| Loaded::of_files(files)))
}
