//! Every state of the ledgers that was ever in force is kept as a version.

use crate::pipeline::shell::Shell;
use crate::store::StoreError;
use crate::watchlists::Loaded;

/// Keeps what is in force, file by file; an unchanged file makes no new version.
pub async fn keep(shell: &Shell, loaded: &Loaded) -> Result<(), StoreError> {
    for problem in &loaded.problems {
        tracing::warn!(file = %problem.file, row = problem.row, "{}", problem.place());
    }
    crate::watchlists::history::keep(&shell.store, loaded, shell.clock.now()).await
}
