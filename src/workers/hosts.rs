//! The hosts that this process holds, so that nobody else visits them meanwhile. A host is given back only when what was
//! promised to it has been waited out: whoever takes it next may ask at once, whatever his clock says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::store::{Store, StoreError, TakenHost};
use crate::workers::Member;

/// Why a host is not held.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Another process visits it.
    #[error("another worker visits the host now")]
    Busy,
    /// The database failed, or this process was given up for lost.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The hosts that this process holds.
#[derive(Debug)]
pub struct Hosts {
    member: Arc<Member>,
    store: Store,
    held: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug, Default)]
struct Host {
    /// Held while the database is asked about the host.
    asking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    users: usize,
    is_held: bool,
    is_visited: bool,
    last_asked: Option<Instant>,
    promised: Duration,
}

/// A host in use. Given back some time after the last use has ended.
#[derive(Debug)]
pub struct Hold {
    hosts: Arc<Hosts>,
    name: String,
    host: Arc<Host>,
    taken: Option<TakenHost>,
    is_visit: bool,
}

impl Hosts {
    /// None held yet.
    pub fn new(member: Arc<Member>, store: Store) -> Arc<Self> {
        Arc::new(Self { member, store, held: Mutex::default() })
    }

    /// This process.
    pub const fn member(&self) -> &Arc<Member> {
        &self.member
    }

    /// Holds a host for a use.
    ///
    /// # Errors
    /// [`HoldError::Busy`] while another process holds it.
    pub async fn enter(self: &Arc<Self>, name: &str, source: Option<&SourceId>) -> Result<Hold, HoldError> {
        let host = Arc::clone(self.held().entry(name.to_owned()).or_default());
        let _asking = host.asking.lock().await;
        let taken = if host.state().is_held { None } else { Some(self.take(name, source).await?) };
        {
            let mut state = host.state();
            state.is_held = true;
            state.users += 1;
            if let Some(taken) = taken {
                state.promised = taken.promised;
            }
        }
        Ok(Hold { hosts: Arc::clone(self), name: name.to_owned(), host: Arc::clone(&host), taken, is_visit: false })
    }

    /// Holds a host for a visit: one at a time, also within this process.
    ///
    /// # Errors
    /// [`HoldError::Busy`] while another visit of the host goes on, here or elsewhere.
    pub async fn visit(self: &Arc<Self>, name: &str, source: &SourceId) -> Result<Hold, HoldError> {
        let mut hold = self.enter(name, Some(source)).await?;
        hold.is_visit = !std::mem::replace(&mut hold.host.state().is_visited, true);
        if hold.is_visit { Ok(hold) } else { Err(HoldError::Busy) }
    }

    async fn take(&self, name: &str, source: Option<&SourceId>) -> Result<TakenHost, HoldError> {
        let taken = self.store.take_host(name, self.member.id(), source, self.member.clock.now()).await;
        let found = taken?.ok_or(HoldError::Busy);
        if found.is_err() {
            self.forget(name);
        }
        found
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Host>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the memory of a host that is not held and that nobody is asking about.
    fn forget(&self, name: &str) {
        let mut held = self.held();
        if held.get(name).is_some_and(|host| Arc::strong_count(host) <= 2 && !host.state().is_held) {
            held.remove(name);
        }
    }

    /// Gives a host back when its promise has been waited out and nobody has come back to it.
    async fn give_back(self: Arc<Self>, name: String, host: Arc<Host>) {
        loop {
            let wait = host.state().quiet_for();
            if wait.is_zero() {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        let asking = host.asking.lock().await;
        {
            let mut state = host.state();
            if state.users > 0 || !state.is_held || !state.quiet_for().is_zero() {
                return;
            }
            state.is_held = false;
        }
        // When this fails, the host stays held until this process takes it again or ends.
        if let Err(error) = self.store.release_host(&name, self.member.id()).await {
            tracing::warn!(%error, "a host was not given back");
        }
        drop(asking);
        drop(host);
        self.forget(&name);
    }
}

impl Host {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn quiet_for(&self) -> Duration {
        self.last_asked.map_or(Duration::ZERO, |at| (at + self.promised).saturating_duration_since(Instant::now()))
    }
}

impl Hold {
    /// What was found when the host was taken; none when this process held it already.
    pub const fn taken(&self) -> Option<TakenHost> {
        self.taken
    }

    /// Right before a request: makes sure that others still count on this process, and notes which least time after the
    /// request is promised to the host, so that they keep it too.
    ///
    /// # Errors
    /// When this process was given up for lost, or the promise cannot be written. The request must not go out then.
    pub async fn promise(&self, promised: Duration) -> Result<(), HoldError> {
        self.hosts.member.check().await?;
        let is_known = self.host.state().promised == promised;
        if !is_known {
            self.hosts.store.promise_host(&self.name, self.hosts.member.id(), promised).await?;
            self.host.state().promised = promised;
        }
        Ok(())
    }

    /// Notes that a request goes out or was answered now.
    pub fn asked(&self) {
        self.host.state().last_asked = Some(Instant::now());
    }

    /// Notes that the host wants peace until an instant.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn close_until(&self, until: Timestamp) -> Result<(), StoreError> {
        self.hosts.store.close_host(&self.name, self.hosts.member.id(), until).await
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let is_last = {
            let mut state = self.host.state();
            state.users -= 1;
            state.is_visited &= !self.is_visit;
            state.users == 0
        };
        if !is_last {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let back = Arc::clone(&self.hosts).give_back(self.name.clone(), Arc::clone(&self.host));
            runtime.spawn(back);
        }
    }
}
