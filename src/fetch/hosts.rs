//! The hosts that were visited lately: whose turn it is, when the next request may go out, what their robots say.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;

use crate::fetch::guard::plain_host;
use crate::fetch::rules::RobotsCopy;
use crate::model::time::Timestamp;
use crate::pace::host::HostPace;

/// Hosts that are remembered; beyond that, those at rest are forgotten.
const HOSTS_MAX: usize = 4_096;
/// So many more are taken in before the next look for those at rest, which goes over all of them.
const HOSTS_STEP: usize = HOSTS_MAX / 4;

/// Origins (scheme and port) of one host whose robots.txt is remembered.
const ORIGINS_MAX: usize = 16;

/// The robots.txt of an origin. Held while it is fetched, so that it is fetched once.
pub(crate) type RobotsSlot = Arc<tokio::sync::Mutex<Option<Arc<RobotsCopy>>>>;

/// One host.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// Whoever holds it may send the next request.
    pub(crate) turn: tokio::sync::Mutex<HostPace>,
    robots: Mutex<BTreeMap<String, RobotsSlot>>,
}

/// How often a host was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Requests for pages, each redirect and repetition counted.
    pub pages: u64,
    /// Requests for robots.txt.
    pub robots: u64,
}

/// All hosts.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    known: Mutex<Known>,
    counts: Mutex<BTreeMap<String, Count>>,
}

#[derive(Debug)]
struct Known {
    hosts: HashMap<String, Arc<Host>>,
    /// How many there may be before those at rest are looked for.
    room: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self { hosts: HashMap::new(), room: HOSTS_MAX }
    }
}

impl Known {
    fn forget_those_at_rest(&mut self, now: Duration, today: Timestamp) {
        self.hosts.retain(|_, host| Arc::strong_count(host) > 1 || !host.is_at_rest(now, today));
        self.room = HOSTS_MAX.max(self.hosts.len() + HOSTS_STEP);
    }
}

impl Host {
    /// The slot for the robots.txt of an origin of this host.
    pub(crate) fn robots(&self, url: &Url) -> RobotsSlot {
        let mut slots = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin().ascii_serialization();
        if slots.len() >= ORIGINS_MAX && !slots.contains_key(&origin) {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(origin).or_default())
    }

    fn is_at_rest(&self, now: Duration, today: Timestamp) -> bool {
        self.turn.try_lock().is_ok_and(|pace| pace.is_at_rest(now, today))
    }
}

impl Hosts {
    /// The host of an address; scheme and port make no difference to its pace.
    pub(crate) fn of(&self, url: &Url, now: Duration, today: Timestamp) -> Arc<Host> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name_of(url);
        if known.hosts.len() >= known.room && !known.hosts.contains_key(&name) {
            known.forget_those_at_rest(now, today);
        }
        Arc::clone(known.hosts.entry(name).or_default())
    }

    /// Counts a request that is about to be sent.
    pub(crate) fn count(&self, url: &Url, count: impl FnOnce(&mut Count)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name_of(url);
        if counts.len() < HOSTS_MAX || counts.contains_key(&name) {
            count(counts.entry(name).or_default());
        }
    }

    /// How often each host was asked since the start.
    pub(crate) fn counts(&self) -> BTreeMap<String, Count> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The name by which visits to a host exclude one another.
pub fn name_of(url: &Url) -> String {
    plain_host(url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use url::Url;

    use super::{HOSTS_MAX, Hosts};
    use crate::model::time::Timestamp;

    fn visit(hosts: &Hosts, name: &str) -> Arc<super::Host> {
        let url = Url::parse(&format!("https://{name}/")).unwrap();
        hosts.of(&url, Duration::ZERO, Timestamp::default())
    }

    #[test]
    fn scheme_port_and_the_last_dot_do_not_make_another_host() {
        let hosts = Hosts::default();
        let first = visit(&hosts, "a.example");
        assert!(Arc::ptr_eq(&first, &visit(&hosts, "A.example.:8443")));
    }

    #[test]
    fn hosts_at_rest_are_forgotten_and_busy_ones_are_not() {
        let hosts = Hosts::default();
        let busy = visit(&hosts, "busy.example");
        let paced = visit(&hosts, "paced.example");
        paced.turn.try_lock().unwrap().asked(Duration::ZERO, Duration::from_secs(5));
        let paced = Arc::downgrade(&paced);
        for number in 0..HOSTS_MAX {
            visit(&hosts, &format!("h{number}.example"));
        }
        assert!(hosts.known.lock().unwrap().hosts.len() < HOSTS_MAX);
        assert!(Arc::ptr_eq(&busy, &visit(&hosts, "busy.example")));
        assert!(paced.upgrade().is_some());
    }
}
