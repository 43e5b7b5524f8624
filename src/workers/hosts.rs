//! The hosts that this process holds, so that nobody else visits them meanwhile. A host is given back only when what was
//! promised to it has been waited out: whoever takes it next may ask at once, whatever his clock says.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::store::{Store, StoreError, TakenHost};
use crate::workers::Member;

/// Pause after a host could not be given back.
const GIVE_BACK_AGAIN: Duration = Duration::from_secs(1);

/// Hosts that are given back at once at most. Behind hundreds of visits a writer waits for seconds, in which as many hosts come.
const GIVEN_BACK_AT_ONCE: usize = 2_048;

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
    leaving: Mutex<Leaving>,
    /// Told when a host is to be given back before all others that wait for it.
    sooner: Notify,
}

/// Hosts that wait to be given back. One task gives back all of them, several at once: a task of its own would take more room than a
/// host, and one by one they would wait for a writer behind every visit, the longer the more hosts there are.
#[derive(Debug, Default)]
struct Leaving {
    /// By the instant when what was promised has been waited out, and in the order in which they came.
    waiting: BTreeMap<(Instant, u64), (String, Arc<Host>)>,
    came: u64,
    /// Whether the task is under way.
    is_served: bool,
}

/// What is done next about hosts that wait to be given back.
enum Next {
    GiveBack(BTreeMap<String, Arc<Host>>),
    WaitUntil(Instant),
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
        let (held, leaving) = Default::default();
        Arc::new(Self { member, store, held, leaving, sooner: Notify::new() })
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
                self.leave(name, host);
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

    /// Lets a host be given back when its promise has been waited out and nobody has come back to it.
    fn leave(self: &Arc<Self>, name: &str, host: &Arc<Host>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        // Read before the clock: the instant must not lie before the end of the promise.
        let quiet = host.state().quiet_for();
        let due = Instant::now() + quiet;
        let mut leaving = self.leaving();
        if leaving.add(due, name, host) {
            self.sooner.notify_one();
        }
        if !std::mem::replace(&mut leaving.is_served, true) {
            runtime.spawn(Arc::clone(self).give_back_all());
        }
    }

    fn leaving(&self) -> std::sync::MutexGuard<'_, Leaving> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what waits until nothing does. While the database fails, it is tried again.
    async fn give_back_all(self: Arc<Self>) {
        loop {
            let next = self.leaving().next(Instant::now());
            match next {
                None => return,
                // Whether another one is due before or the instant has come makes no difference.
                Some(Next::WaitUntil(due)) => {
                    let _ = timeout_at(due, self.sooner.notified()).await;
                }
                Some(Next::GiveBack(hosts)) => self.give_back(hosts).await,
            }
        }
    }

    /// Gives back those to which nobody has come back.
    async fn give_back(self: &Arc<Self>, hosts: BTreeMap<String, Arc<Host>>) {
        let mut asking = Vec::with_capacity(hosts.len());
        for (name, host) in &hosts {
            let alone = host.asking.lock().await;
            if host.state().lets_go() {
                asking.push((name.as_str(), host, alone));
            }
        }
        let names: Vec<&str> = asking.iter().map(|(name, ..)| *name).collect();
        match self.store.release_hosts(&names, self.member.id()).await {
            Ok(()) => asking.iter().for_each(|(_, host, _)| host.state().is_owed = false),
            // This process closes its connections only at its end, and then the hosts are free anyway.
            Err(StoreError::Database(sqlx::Error::PoolClosed)) => {}
            Err(error) => {
                tracing::warn!(%error, "hosts were not given back yet");
                let again = Instant::now() + GIVE_BACK_AGAIN;
                for (name, host, _) in &asking {
                    self.leaving().add(again, name, host);
                }
            }
        }
        drop(asking);
        hosts.keys().for_each(|name| self.forget(name));
    }
}

impl Leaving {
    /// Lets a host wait until an instant; whether it is the first.
    fn add(&mut self, due: Instant, name: &str, host: &Arc<Host>) -> bool {
        self.came += 1;
        self.waiting.insert((due, self.came), (name.to_owned(), Arc::clone(host)));
        self.waiting.first_key_value().is_some_and(|((_, number), _)| *number == self.came)
    }

    /// What is done next; none when nothing waits, and then the task ends.
    fn next(&mut self, now: Instant) -> Option<Next> {
        let mut hosts = BTreeMap::new();
        while hosts.len() < GIVEN_BACK_AT_ONCE
            && let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= now)
        {
            let (name, host) = first.remove();
            hosts.insert(name, host);
        }
        if !hosts.is_empty() {
            return Some(Next::GiveBack(hosts));
        }
        let due = self.waiting.first_key_value().map(|((due, _), _)| *due);
        self.is_served = due.is_some();
        due.map(Next::WaitUntil)
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
        self.hosts.leave(&self.name, &self.host);
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
    async fn hosts_are_given_back_by_one_task_in_the_order_of_their_promises() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let hosts = hosts(&store).await;
        for (name, promised) in [("late.example", 300), ("a.example", 0), ("b.example", 0)] {
            let hold = hosts.enter(name, None).await.unwrap();
            hold.promise(Duration::from_secs(promised)).await.unwrap();
            hold.asked();
        }
        let until_one_is_left = async {
            while hosts.held().len() > 1 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), until_one_is_left).await.unwrap();
        let held: Vec<String> = store.held_hosts().await.unwrap().into_iter().map(|held| held.host).collect();
        assert_eq!(held, ["late.example"]);
        let leaving = hosts.leaving();
        assert_eq!((leaving.waiting.len(), leaving.is_served), (1, true));
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
