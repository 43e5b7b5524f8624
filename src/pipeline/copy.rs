//! An installation's facts brought elsewhere: rows and stored bytes, from either engine to either, compared and verified.

use crate::model::ids::CaptureHash;
use crate::model::time::Timestamp;
use crate::store::{ChainEnd, ChainProblem, Snapshot, Store, StoreError, Tallies, verify};
use crate::vault::{Vault, VaultError};

/// Hashes of stored bytes that are in memory at a time.
const OBJECTS_AT_ONCE: u32 = 500;
/// Most states that are begun with while evidence is being erased at the same time.
const STATES_MAX: usize = 5;
/// Later than any file was written: the year 3000.
const FAR: Timestamp = Timestamp::from_ms(32_503_680_000_000);

/// What was brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What each table holds.
    pub tables: Tallies,
    /// Stored bytes.
    pub objects: u64,
    /// End of the chain.
    pub chain: ChainEnd,
    /// What was wrong with the evidence before, and is so in the copy. Who has a damaged disk needs a copy most of all.
    pub problems: Vec<ChainProblem>,
}

/// Why nothing was brought over. The target is as it was then, but for stored bytes that nothing refers to; only after
/// [`CopyError::Unsound`] it holds a copy that is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The target is in use.
    #[error("the target is not empty ({0}): name an empty database")]
    NotEmpty(String),
    /// What was read back differs from what was written.
    #[error("table {0} came out otherwise than it went in; nothing was kept")]
    Differs(String),
    /// The evidence of the target does not verify.
    #[error("the copy does not verify: {0}")]
    Unsound(String),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Rows and the stored bytes that they refer to.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Rows.
    pub store: &'a Store,
    /// Stored bytes.
    pub vault: &'a Vault,
}

/// Brings everything from one place to an empty one, as it is at this moment. `told` hears of each table with its rows.
pub async fn copy(
    from: Facts<'_>,
    to: Facts<'_>,
    told: &(dyn Fn(&str, u64) + Send + Sync),
) -> Result<Copied, CopyError> {
    refuse_filled(to.store).await?;
    let Brought { mut snapshot, objects, states } = bring_objects(from, to).await?;
    told("objects", objects);
    let mut tx = to.store.begin().await?;
    let (read, written) = tx.copy_from(&mut snapshot, told).await?;
    if let Some(table) = read.keys().find(|table| read.get(*table) != written.get(*table)) {
        return Err(CopyError::Differs(table.clone()));
    }
    let chain = snapshot.chain_end().await?;
    tx.commit().await?;
    to.store.drop_lost_captures(to.vault).await?;
    if states > 1 {
        // What was brought over for an earlier state and erased since must not lie in the copy.
        to.store.sweep(to.vault, FAR).await?;
    }
    let problems = check(from, to, &chain).await?;
    Ok(Copied { tables: written, objects, chain, problems })
}

/// Refuses a database that holds something.
///
/// # Errors
/// [`CopyError::NotEmpty`] with the names of its filled tables.
pub async fn refuse_filled(store: &Store) -> Result<(), CopyError> {
    let filled = store.begin().await?.filled_tables().await?;
    if filled.is_empty() { Ok(()) } else { Err(CopyError::NotEmpty(filled.join(", "))) }
}

/// A state of the database whose stored bytes were brought over.
struct Brought {
    snapshot: Snapshot,
    objects: u64,
    /// States that were begun with, this one included.
    states: usize,
}

/// Brings the stored bytes over that a state of the database refers to. Evidence may be erased between the state and its
/// bytes; then a later state is taken, which knows of the erasure.
async fn bring_objects(from: Facts<'_>, to: Facts<'_>) -> Result<Brought, CopyError> {
    let mut states = 0;
    loop {
        let mut snapshot = from.store.snapshot().await?;
        let (objects, gone) = objects_of(&mut snapshot, from, to).await?;
        states += 1;
        if states == STATES_MAX || !was_erased(&mut snapshot, from, &gone).await? {
            return Ok(Brought { snapshot, objects, states });
        }
    }
}

/// Brings over what a state refers to; returns how many there are, and which are gone.
async fn objects_of(
    snapshot: &mut Snapshot,
    from: Facts<'_>,
    to: Facts<'_>,
) -> Result<(u64, Vec<CaptureHash>), CopyError> {
    let (mut objects, mut gone, mut after) = (0, Vec::new(), String::new());
    loop {
        let hashes = snapshot.referred_after(&after, OBJECTS_AT_ONCE).await?;
        let Some(last) = hashes.last() else { return Ok((objects, gone)) };
        after = last.to_string();
        for hash in hashes {
            match from.vault.object(&hash).await? {
                Some(object) => {
                    to.vault.put_object(object).await?;
                    objects += 1;
                }
                None => gone.push(hash),
            }
        }
    }
}

/// Whether evidence of the state went by an erasure. A page that was no evidence may go at any time, and bytes to which
/// the database refers until today were lost, which no later state mends.
async fn was_erased(snapshot: &mut Snapshot, from: Facts<'_>, gone: &[CaptureHash]) -> Result<bool, CopyError> {
    if gone.is_empty() {
        return Ok(false);
    }
    let mut today = from.store.snapshot().await?;
    for hash in gone {
        if snapshot.is_evidence(hash).await? && !today.is_evidence(hash).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The chain ends where it should, and all evidence is there that was there before; what is wrong is returned. The rows
/// were compared already, so that a broken link was broken before. Sealed bytes can be checked only with the key.
async fn check(from: Facts<'_>, to: Facts<'_>, chain: &ChainEnd) -> Result<Vec<ChainProblem>, CopyError> {
    let mut found = verify(to.store, to.vault).await?;
    if (found.links, &found.head) != (chain.links, &chain.head) {
        return Err(CopyError::Unsound("its chain ends elsewhere".to_owned()));
    }
    found.problems.retain(|problem| !matches!(problem, ChainProblem::Unchecked { .. }));
    for problem in &found.problems {
        if let ChainProblem::Missing { hash, .. } | ChainProblem::Damaged { hash, .. } = problem
            && from.vault.get(hash).await.is_ok()
        {
            return Err(CopyError::Unsound(problem.to_string()));
        }
    }
    Ok(found.problems)
}
