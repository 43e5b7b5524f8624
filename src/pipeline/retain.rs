//! What is kept no longer than needed: memories of pages without a finding, finished jobs, orphaned bytes.

use crate::pipeline::shell::Shell;
use crate::store::StoreError;

/// Days for which hash, status and time of a page are remembered.
const PAGE_DAYS: i64 = 30;
/// Days for which finished jobs are shown.
const JOB_DAYS: i64 = 7;
/// Bytes without an owner are removed after this time, so that a capture being taken in is left alone, milliseconds.
const ORPHAN_MS: i64 = 3_600_000;

/// Runs the clocks of retention once.
pub async fn retain(shell: &Shell) -> Result<(), StoreError> {
    let now = shell.clock.now();
    let pages = shell.store.purge_pages(now.plus_days(-PAGE_DAYS)).await?;
    let jobs = shell.store.purge_jobs(now.plus_days(-JOB_DAYS)).await?;
    let swept = shell.store.sweep(&shell.vault, now.plus_ms(-ORPHAN_MS)).await?;
    tracing::info!(pages, jobs, ?swept, "retention");
    Ok(())
}
