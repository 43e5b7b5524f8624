//! What a visit fetched goes to the store in its order while the visit goes on. Whatever has gathered meanwhile is stored in
//! one transaction: at the pace of a site that is each page by itself, at once.

use tokio::sync::mpsc;

use crate::model::ids::SourceId;
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, VisitStep};

/// Steps that are under way to the store at most, and stored at once at most.
const STEPS_MAX: usize = 64;
/// Bytes of a page that is waited for until what came before it is stored, so that few large ones are held.
const LARGE_BYTES: usize = 64 * 1024;

/// Where a visit leaves its steps.
pub(super) struct Landing {
    steps: Option<mpsc::Sender<VisitStep>>,
}

/// Where they are stored.
pub(super) struct Landed(mpsc::Receiver<VisitStep>);

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
    /// Stores steps until no one follows.
    pub(super) async fn store(mut self, shell: &Shell, source: &SourceId) -> Result<(), StoreError> {
        loop {
            let mut steps = Vec::new();
            if self.0.recv_many(&mut steps, STEPS_MAX).await == 0 {
                return Ok(());
            }
            shell.store.visit_steps(&shell.vault, source, steps).await?;
        }
    }
}
