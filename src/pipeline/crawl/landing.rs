//! What a visit fetched goes to the store in its order while the visit goes on. Whatever has gathered meanwhile is stored in
//! one transaction: at the pace of a site that is each page by itself, at once.

use std::panic::resume_unwind;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::model::ids::SourceId;
use crate::pipeline::shell::Shell;
use crate::store::{Store, StoreError, VisitStep};
use crate::vault::Vault;

/// Steps that are under way to the store at most, and stored at once at most.
const STEPS_MAX: usize = 64;
/// Bytes of a page that is waited for until what came before it is stored, so that few large ones are held.
const LARGE_BYTES: usize = 64 * 1024;

/// Where a visit leaves its steps.
pub(super) struct Landing {
    steps: Option<mpsc::Sender<VisitStep>>,
}

/// Where they arrive.
pub(super) struct Landed(mpsc::Receiver<VisitStep>);

/// What stores them, in a task of its own: all others wait for whoever writes, and must not wait for the next page to be taken
/// apart and judged as well. Dropped with a visit that breaks off, it stores nothing more.
pub(super) struct Storing(JoinSet<Result<(), StoreError>>);

/// The two ends of the way to the store.
pub(super) fn open() -> (Landing, Landed) {
    let (steps, landed) = mpsc::channel(STEPS_MAX);
    (Landing { steps: Some(steps) }, Landed(landed))
}

impl Landing {
    /// Leaves a step. Once storing has failed nothing more is taken.
    pub(super) async fn land(&self, step: VisitStep) {
        let Some(steps) = &self.steps else { return };
        if step.page.as_ref().is_some_and(|page| page.bytes() > LARGE_BYTES) {
            drop(steps.reserve_many(STEPS_MAX).await);
        }
        // Whoever stores has the error and tells it.
        let _ = steps.send(step).await;
    }

    /// Whether storing has failed, so that the visit must end.
    pub(super) fn is_broken(&self) -> bool {
        self.steps.as_ref().is_none_or(mpsc::Sender::is_closed)
    }

    /// Says that no step follows.
    pub(super) fn close(&mut self) {
        self.steps = None;
    }
}

impl Landed {
    /// Stores steps of a visit of a source from now on.
    pub(super) fn store(self, shell: &Shell, source: &SourceId) -> Storing {
        let mut storing = JoinSet::new();
        storing.spawn(self.store_all(shell.store.clone(), shell.vault.clone(), source.clone()));
        Storing(storing)
    }

    /// Stores steps until no one follows.
    async fn store_all(mut self, store: Store, vault: Vault, source: SourceId) -> Result<(), StoreError> {
        loop {
            let mut steps = Vec::new();
            if self.0.recv_many(&mut steps, STEPS_MAX).await == 0 {
                return Ok(());
            }
            store.visit_steps(&vault, &source, steps).await?;
        }
    }
}

impl Storing {
    /// Waits until all steps are stored.
    ///
    /// # Errors
    /// The error at which storing ended, if it did.
    pub(super) async fn end(mut self) -> Result<(), StoreError> {
        match self.0.join_next().await {
            Some(Ok(stored)) => stored,
            Some(Err(error)) => resume_unwind(error.into_panic()),
            None => Ok(()),
        }
    }
}
