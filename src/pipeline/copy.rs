//! An installation's facts brought elsewhere: rows and stored bytes, from either engine to either, compared and verified.

use crate::store::{ChainEnd, ChainProblem, Store, StoreError, Tallies, verify};
use crate::vault::{Vault, VaultError};

/// Hashes of stored bytes that are in memory at a time.
const OBJECTS_AT_ONCE: u32 = 500;

/// What was brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What each table holds.
    pub tables: Tallies,
    /// Stored bytes.
    pub objects: u64,
    /// End of the chain.
    pub chain: ChainEnd,
}

/// Why nothing was brought over. The target is as it was then, but for stored bytes that nothing refers to.
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
    let mut tx = to.store.begin().await?;
    let filled = tx.filled_tables().await?;
    drop(tx);
    if !filled.is_empty() {
        return Err(CopyError::NotEmpty(filled.join(", ")));
    }
    let mut snapshot = from.store.snapshot().await?;
    let (mut objects, mut after) = (0, String::new());
    loop {
        let hashes = snapshot.referred_after(&after, OBJECTS_AT_ONCE).await?;
        let Some(last) = hashes.last() else { break };
        after = last.to_string();
        for hash in &hashes {
            // Bytes of a page that was inspected meanwhile, and was no evidence, are gone.
            if let Some(object) = from.vault.object(hash).await? {
                to.vault.put_object(object).await?;
                objects += 1;
            }
        }
    }
    told("objects", objects);
    let mut tx = to.store.begin().await?;
    let (read, written) = tx.copy_from(&mut snapshot, told).await?;
    if let Some(table) = read.keys().find(|table| read.get(*table) != written.get(*table)) {
        return Err(CopyError::Differs(table.clone()));
    }
    let chain = snapshot.chain_end().await?;
    tx.commit().await?;
    to.store.drop_lost_captures(to.vault).await?;
    check(to, &chain).await?;
    Ok(Copied { tables: written, objects, chain })
}

/// The chain ends where it should, and all evidence is there. Sealed bytes can be checked only with the key.
async fn check(facts: Facts<'_>, chain: &ChainEnd) -> Result<(), CopyError> {
    let found = verify(facts.store, facts.vault).await?;
    let problem = found.problems.iter().find(|problem| !matches!(problem, ChainProblem::Unchecked { .. }));
    if let Some(problem) = problem {
        return Err(CopyError::Unsound(problem.to_string()));
    }
    if (found.links, &found.head) != (chain.links, &chain.head) {
        return Err(CopyError::Unsound("its chain ends elsewhere".to_owned()));
    }
    Ok(())
}
