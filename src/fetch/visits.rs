//! What is remembered of each source: pages of the day, and a circuit breaker for each host that it leads to.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

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

#[derive(Debug, Default)]
struct Visit {
    pages: PagesToday,
    /// Those of hosts that failed last. A picture elsewhere that cannot be had is no failure of the source's own host.
    breakers: HashMap<String, Breaker>,
}

/// All sources.
#[derive(Debug)]
pub(crate) struct Visits {
    rule: BreakerRule,
    sources: Mutex<HashMap<SourceId, Visit>>,
}

impl Visits {
    pub(crate) fn new(failures: u32) -> Self {
        let rule = BreakerRule { failures: failures.max(1), first_ms: REST_FIRST_MS, longest_ms: REST_LONGEST_MS };
        Self { rule, sources: Mutex::default() }
    }

    /// Lets a request to a host in, or says why not: hours, pages of the day, circuit breaker.
    pub(crate) fn admit(&self, request: &Request, host: &str, now: Timestamp, zone: Tz) -> Result<(), FetchError> {
        if let Some(window) = request.window.filter(|window| !window.contains(now, zone)) {
            return Err(FetchError::OutsideWindow { opens_at: window.opens_after(now, zone) });
        }
        let day = now.date(zone);
        self.with(&request.source, |visit| {
            if request.daily_page_cap.is_some_and(|cap| !visit.pages.has_room(day, cap)) {
                return Err(FetchError::CapReached { until: next_day(day, zone, now) });
            }
            if let Some(breaker) = visit.breakers.get_mut(host) {
                let open = |until| FetchError::CircuitOpen { host: host.to_owned(), until };
                *breaker = breaker.admit(now).map_err(open)?;
            }
            Ok(())
        })
    }

    /// Takes note of how a visit ended.
    pub(crate) fn ended(&self, source: &SourceId, host: &str, outcome: &Result<Answer, FetchError>, now: Timestamp) {
        self.with(source, |visit| {
            let breaker = visit.breakers.remove(host).unwrap_or_default();
            let breaker = match outcome {
                Ok(answer) if answer.status < 500 => breaker.succeeded(),
                Ok(_) => breaker.failed(now, self.rule),
                Err(error) if is_failure(error) => breaker.failed(now, self.rule),
                Err(_) => breaker.undecided(now),
            };
            if breaker != Breaker::default() {
                visit.breakers.insert(host.to_owned(), breaker);
            }
        });
    }

    pub(crate) fn count_page(&self, source: &SourceId, day: NaiveDate) {
        self.with(source, |visit| visit.pages.count(day));
    }

    pub(crate) fn resume(&self, source: &SourceId, day: NaiveDate, pages: u32) {
        self.with(source, |visit| visit.pages = PagesToday::resumed(day, pages));
    }

    pub(crate) fn pages_on(&self, source: &SourceId, day: NaiveDate) -> u32 {
        self.with(source, |visit| visit.pages.on(day))
    }

    pub(crate) fn forget(&self, source: &SourceId) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).remove(source);
    }

    fn with<T>(&self, source: &SourceId, act: impl FnOnce(&mut Visit) -> T) -> T {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        act(sources.entry(source.clone()).or_default())
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
