//! What a visit fetched goes to the store in its order while the visit goes on. Whatever has gathered in a moment is stored in
//! one transaction: at the pace of a site that is each page by itself.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::model::ids::SourceId;
use crate::pipeline::readings::Readings;
use crate::pipeline::shell::Shell;
use crate::store::{Arrival, Store, StoreError, VisitStep};
use crate::vault::Vault;

/// Steps that are under way to the store at most, and stored at once at most.
const STEPS_MAX: usize = 128;
/// Bytes of pages that are under way to the store at most. One that is larger goes alone.
const BYTES_MAX: u32 = 4 << 20;
/// So long after a step those that follow it are waited for: to wake up for each of them, and to make each durable by itself, would
/// cost more than to judge it.
const MOMENT: Duration = Duration::from_millis(200);

/// Where a visit leaves its steps.
pub(super) struct Landing {
    steps: Option<mpsc::Sender<Step>>,
    room: Arc<Semaphore>,
    hurry: Arc<Notify>,
}

/// A step with the room that its page takes.
struct Step(VisitStep, Option<OwnedSemaphorePermit>);

/// Where they arrive.
pub(super) struct Landed {
    steps: mpsc::Receiver<Step>,
    /// Told when no step may follow until those that have come are stored.
    hurry: Arc<Notify>,
}

/// What stores them, in a task of its own: all others wait for whoever writes, and must not wait for the next page to be taken
/// apart and judged as well. Dropped with a visit that breaks off, it stores nothing more.
pub(super) struct Storing(JoinSet<Result<(), StoreError>>);

/// The two ends of the way to the store.
pub(super) fn open() -> (Landing, Landed) {
    let (steps, landed) = mpsc::channel(STEPS_MAX);
    let (room, hurry) = (Arc::new(Semaphore::new(BYTES_MAX as usize)), Arc::new(Notify::new()));
    (Landing { steps: Some(steps), room, hurry: Arc::clone(&hurry) }, Landed { steps: landed, hurry })
}

impl Landing {
    /// Leaves a step. Once storing has failed nothing more is taken.
    pub(super) async fn land(&self, step: VisitStep) {
        let Some(steps) = &self.steps else { return };
        let room = self.room_for(step.page.as_ref().map_or(0, Arrival::bytes)).await;
        // Whoever stores has the error and tells it.
        let _ = steps.send(Step(step, room)).await;
        if steps.capacity() == 0 {
            self.hurry.notify_one();
        }
    }

    /// Room for a page of so many bytes, as soon as there is.
    async fn room_for(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(BYTES_MAX);
        if let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(bytes) {
            return Some(room);
        }
        self.hurry.notify_one();
        Arc::clone(&self.room).acquire_many_owned(bytes).await.ok()
    }

    /// Whether storing has failed, so that the visit must end.
    pub(super) fn is_broken(&self) -> bool {
        self.steps.as_ref().is_none_or(mpsc::Sender::is_closed)
    }

    /// Says that no step follows.
    pub(super) fn close(&mut self) {
        self.steps = None;
        self.hurry.notify_one();
    }
}

impl Landed {
    /// Stores steps of a visit of a source from now on.
    /// What is let go is counted by the readings of the run.
    pub(super) fn store(self, shell: &Shell, source: &SourceId, readings: &Readings) -> Storing {
        let (store, vault) = (shell.store.clone(), shell.vault.clone());
        let mut storing = JoinSet::new();
        storing.spawn(self.store_all(store, vault, source.clone(), readings.clone()));
        Storing(storing)
    }

    /// Stores steps until no one follows.
    async fn store_all(
        mut self,
        store: Store,
        vault: Vault,
        source: SourceId,
        readings: Readings,
    ) -> Result<(), StoreError> {
        while let Some(gathered) = self.gathered().await {
            let (steps, _room): (Vec<_>, Vec<_>) = gathered.into_iter().map(|Step(step, room)| (step, room)).unzip();
            let let_go = store.visit_steps(&vault, &source, steps).await?;
            readings.let_go(&source, let_go);
        }
        Ok(())
    }

    /// The steps of a moment; none when no one follows.
    async fn gathered(&mut self) -> Option<Vec<Step>> {
        let mut steps = vec![self.steps.recv().await?];
        // Whether they were in a hurry or the moment has passed makes no difference.
        let _ = tokio::time::timeout(MOMENT, self.hurry.notified()).await;
        while steps.len() < STEPS_MAX
            && let Ok(step) = self.steps.try_recv()
        {
            steps.push(step);
        }
        Some(steps)
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
