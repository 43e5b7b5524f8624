//! What is remembered of each source: pages of the day, and a circuit breaker for each host that it leads to.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::fetch::error::FetchError;
use crate::fetch::exchange::{Answer, Request};
use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::pace::schedule::{Breaker, BreakerRule, PagesToday};

/// Rest of a source after its circuit breaker opened for the first time, and at most.
const REST_FIRST_MS: i64 = 5 * 60_000;
const REST_LONGEST_MS: i64 = 6 * 3_600_000;

/// All sources, of which there may be a hundred thousand: by hashes with a key that nobody knows.
#[derive(Debug)]
pub(crate) struct Visits {
    rule: BreakerRule,
    hasher: RandomState,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    pages: HashMap<u64, PagesToday>,
    /// Those of hosts that failed last, by source and host. A picture elsewhere that cannot be had is no failure of the source's
    /// own host.
    breakers: HashMap<(u64, u64), Breaker>,
}

impl Visits {
    pub(crate) fn new(failures: u32) -> Self {
        let rule = BreakerRule { failures: failures.max(1), first_ms: REST_FIRST_MS, longest_ms: REST_LONGEST_MS };
        Self { rule, hasher: RandomState::new(), known: Mutex::default() }
    }

    /// Lets a request to a host in, or says why not: hours, pages of the day, circuit breaker.
    pub(crate) fn admit(&self, request: &Request, host: &str, now: Timestamp, zone: Tz) -> Result<(), FetchError> {
        if let Some(window) = request.window.filter(|window| !window.contains(now, zone)) {
            return Err(FetchError::OutsideWindow { opens_at: window.opens_after(now, zone) });
        }
        let (day, source, mut known) = (now.date(zone), self.hash(request.source.as_str()), self.known());
        let pages = known.pages.get(&source).copied().unwrap_or_default();
        if request.daily_page_cap.is_some_and(|cap| !pages.has_room(day, cap)) {
            return Err(FetchError::CapReached { until: next_day(day, zone, now) });
        }
        if let Some(breaker) = known.breakers.get_mut(&(source, self.hash(host))) {
            let open = |until| FetchError::CircuitOpen { host: host.to_owned(), until };
            *breaker = breaker.admit(now).map_err(open)?;
        }
        Ok(())
    }

    /// Takes note of how a visit ended.
    pub(crate) fn ended(&self, source: &SourceId, host: &str, outcome: &Result<Answer, FetchError>, now: Timestamp) {
        let (key, mut known) = ((self.hash(source.as_str()), self.hash(host)), self.known());
        let breaker = known.breakers.remove(&key).unwrap_or_default();
        let breaker = match outcome {
            Ok(answer) if answer.status < 500 => breaker.succeeded(),
            Ok(_) => breaker.failed(now, self.rule),
            Err(error) if is_failure(error) => breaker.failed(now, self.rule),
            Err(_) => breaker.undecided(now),
        };
        if breaker != Breaker::default() {
            known.breakers.insert(key, breaker);
        }
    }

    pub(crate) fn count_page(&self, source: &SourceId, day: NaiveDate) {
        self.known().pages.entry(self.hash(source.as_str())).or_default().count(day);
    }

    pub(crate) fn resume(&self, source: &SourceId, day: NaiveDate, pages: u32) {
        self.known().pages.insert(self.hash(source.as_str()), PagesToday::resumed(day, pages));
    }

    pub(crate) fn pages_on(&self, source: &SourceId, day: NaiveDate) -> u32 {
        self.known().pages.get(&self.hash(source.as_str())).map_or(0, |pages| pages.on(day))
    }

    pub(crate) fn forget(&self, source: &SourceId) {
        let (source, mut known) = (self.hash(source.as_str()), self.known());
        known.pages.remove(&source);
        known.breakers.retain(|(of, _), _| *of != source);
    }

    fn hash(&self, name: &str) -> u64 {
        self.hasher.hash_one(name)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_failure(error: &FetchError) -> bool {
    match error {
        FetchError::Unreachable { .. } | FetchError::TimedOut { .. } | FetchError::RobotsUnavailable { .. } => true,
        // A host that says for how long is closed for so long; one that only fails is a failure.
        FetchError::SlowDown { retry_after, .. } => retry_after.is_none(),
        _ => false,
    }
}

fn next_day(day: NaiveDate, zone: Tz, now: Timestamp) -> Timestamp {
    day.succ_opt().map_or_else(|| now.plus_days(1), |next| Timestamp::start_of(next, zone))
}
