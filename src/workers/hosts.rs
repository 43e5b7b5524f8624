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

/// Pause after a host could not be given back.
const GIVE_BACK_AGAIN: Duration = Duration::from_secs(1);

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
    /// Held while a host is given back: a statement under way takes room, and thousands of hosts may be free at once.
    giving_back: tokio::sync::Mutex<()>,
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
    /// Not held here any more, but perhaps still in the database.
    is_owed: bool,
    is_visited: bool,
    /// What was found when the host was taken, until somebody who asks the host heeds it.
    found: Option<TakenHost>,
    last_asked: Option<Instant>,
    promised: Duration,
}

/// A host in use. Given back some time after the last use has ended.
#[derive(Debug)]
pub struct Hold {
    hosts: Arc<Hosts>,
    name: String,
    host: Arc<Host>,
    is_visit: bool,
}

impl Hosts {
    /// None held yet.
    pub fn new(member: Arc<Member>, store: Store) -> Arc<Self> {
        Arc::new(Self { member, store, held: Mutex::default(), giving_back: tokio::sync::Mutex::default() })
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
        if !host.state().is_held {
            let found = self.take(name, source, &host).await?;
            host.state().taken(found);
        }
        host.state().users += 1;
        Ok(Hold { hosts: Arc::clone(self), name: name.to_owned(), host: Arc::clone(&host), is_visit: false })
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

    async fn take(
        self: &Arc<Self>,
        name: &str,
        source: Option<&SourceId>,
        host: &Arc<Host>,
    ) -> Result<TakenHost, HoldError> {
        match self.store.take_host(name, self.member.id(), source, self.member.clock.now()).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                self.forget(name);
                Err(HoldError::Busy)
            }
            Err(error) => {
                // The database may have given the host and only its answer was lost.
                host.state().is_owed = true;
                tokio::spawn(Arc::clone(self).give_back(name.to_owned(), Arc::clone(host)));
                Err(error.into())
            }
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Host>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the memory of a host that is not held and that nobody else is asking about. The caller has the memory in
    /// hand as well, so that a third one is seen: it would go on with a memory that nobody else knows.
    fn forget(&self, name: &str) {
        let mut held = self.held();
        if held.get(name).is_some_and(|host| Arc::strong_count(host) <= 2 && !host.state().is_held) {
            held.remove(name);
        }
    }

    /// Gives a host back when its promise has been waited out and nobody has come back to it. While the database fails, it
    /// is tried again.
    async fn give_back(self: Arc<Self>, name: String, host: Arc<Host>) {
        loop {
            let quiet = host.state().quiet_for();
            if !quiet.is_zero() {
                tokio::time::sleep(quiet).await;
            }
            let turn = self.giving_back.lock().await;
            let asking = host.asking.lock().await;
            if !host.state().lets_go() {
                break;
            }
            match self.store.release_host(&name, self.member.id()).await {
                Ok(()) => {
                    host.state().is_owed = false;
                    break;
                }
                // This process closes its connections only at its end, and then the host is free anyway.
                Err(StoreError::Database(sqlx::Error::PoolClosed)) => break,
                Err(error) => tracing::warn!(%error, "a host was not given back yet"),
            }
            drop((asking, turn));
            tokio::time::sleep(GIVE_BACK_AGAIN).await;
        }
        self.forget(&name);
    }
}

impl Host {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn taken(&mut self, found: TakenHost) {
        (self.is_held, self.is_owed) = (true, false);
        self.promised = found.promised;
        self.found = Some(found);
        if found.was_left {
            // Nobody knows when the one before asked last; the promise is waited out also by who does not ask at all.
            self.last_asked = Some(Instant::now());
        }
    }

    /// Whether the host is to be given back now; it counts as given back then.
    fn lets_go(&mut self) -> bool {
        let is_wanted = self.users > 0 || !self.quiet_for().is_zero();
        if is_wanted || !(self.is_held || self.is_owed) {
            return false;
        }
        (self.is_held, self.is_owed, self.found) = (false, true, None);
        true
    }

    fn quiet_for(&self) -> Duration {
        self.last_asked.map_or(Duration::ZERO, |at| (at + self.promised).saturating_duration_since(Instant::now()))
    }
}

impl Hold {
    /// What was found when this process took the host, whichever hold it was for; given once, to whoever asks the host
    /// first.
    pub fn found(&self) -> Option<TakenHost> {
        self.host.state().found.take()
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{HoldError, Hosts};
    use crate::clock::Clock;
    use crate::model::time::Timestamp;
    use crate::store::Store;
    use crate::workers::Member;

    const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);

    async fn hosts(store: &Store) -> Arc<Hosts> {
        let nothing = serde_json::json!({});
        let clock = Clock::standing_at(NOW);
        let member = Member::join(store, &clock, "us", &nothing, Duration::from_secs(60)).await.unwrap();
        Hosts::new(member, store.clone())
    }

    async fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("wanglou.db")).await.unwrap()
    }

    #[tokio::test]
    async fn who_comes_while_a_host_is_given_back_is_known_to_those_after() {
        let folder = tempfile::tempdir().unwrap();
        let hosts = hosts(&store(&folder).await).await;
        let first = hosts.enter("a.example", None).await.unwrap();
        let host = Arc::clone(&first.host);
        let asking = host.asking.lock().await;
        drop(first);
        // It waits in line to give the host back; the visit comes right behind it.
        tokio::task::yield_now().await;
        let (ours, source) = (Arc::clone(&hosts), "forum".into());
        let second = tokio::spawn(async move { ours.visit("a.example", &source).await });
        tokio::task::yield_now().await;
        drop(asking);
        drop(host);
        let _second = second.await.unwrap().unwrap();
        let third = hosts.visit("a.example", &"forum".into()).await;
        assert!(matches!(third, Err(HoldError::Busy)), "{third:?}");
    }

    #[tokio::test]
    async fn a_host_that_was_left_is_given_back_only_when_its_promise_has_been_waited_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let before = store.join_worker("before", "0.1.0", &serde_json::json!({}), NOW).await.unwrap();
        store.take_host("a.example", &before, None, NOW).await.unwrap().unwrap();
        store.promise_host("a.example", &before, Duration::from_secs(300)).await.unwrap();
        store.end_worker(&before, NOW).await.unwrap();
        let visit = hosts(&store).await.visit("a.example", &"forum".into()).await.unwrap();
        assert!(visit.host.state().quiet_for() > Duration::from_secs(240), "also when no request was sent");
    }
}
