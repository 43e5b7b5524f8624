//! When a host may be asked again: least intervals, closed hosts, pauses between attempts. No waiting is done here.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};

use crate::model::time::Timestamp;

/// Longest Retry-After that is taken at its word.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(86_400);

/// How long a host stays closed that asked for peace without saying for how long.
pub const UNSAID_RETRY_AFTER: Duration = Duration::from_secs(600);

const INTERVAL_MAX_S: f64 = 86_400.0;

/// How often the interval of a host that has trouble may double.
const DOUBLINGS_MAX: u32 = 5;
/// Good answers in a row after which an interval that was doubled is halved.
const CALM: u32 = 8;
/// A host is left alone for so many times as long as it took to answer: the default `delayFactor` of the Heritrix crawler.
const LATENCY_FACTOR: u32 = 5;
/// The longest interval for slow answers alone.
const LATENCY_PAUSE_MAX: Duration = Duration::from_secs(60);

/// What a host's last request leaves behind for the next one.
///
/// Moments are times on a steady clock that is not the time of day, so that moving the latter shortens no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostPace {
    last: Option<(Duration, Duration)>,
    closed_until: Option<Timestamp>,
    strain: Strain,
}

/// How hard a host finds it to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Strain {
    doublings: u32,
    calm: u32,
    latency: Duration,
}

impl Strain {
    /// One answer in four counts for the latency, so that one slow page changes little.
    fn answered(&mut self, took: Duration, status: u16) {
        if matches!(status, 429 | 502 | 503 | 504) {
            (self.doublings, self.calm) = ((self.doublings + 1).min(DOUBLINGS_MAX), 0);
            return;
        }
        self.latency = if self.latency.is_zero() { took } else { (self.latency * 3 + took) / 4 };
        self.calm += 1;
        if self.calm >= CALM {
            (self.doublings, self.calm) = (self.doublings.saturating_sub(1), 0);
        }
    }

    fn stretched(&self, interval: Duration) -> Duration {
        let longest = Duration::from_secs_f64(INTERVAL_MAX_S);
        let doubled = interval.saturating_mul(1 << self.doublings).min(longest);
        doubled.max((self.latency * LATENCY_FACTOR).min(LATENCY_PAUSE_MAX))
    }
}

impl HostPace {
    /// How long a request must still wait that wants `interval` before it. The longer one of its own interval and
    /// that of the request before counts, because both sources promised it to the host.
    pub fn wait(&self, now: Duration, interval: Duration) -> Duration {
        let Some((answered_at, promised)) = self.last else { return Duration::ZERO };
        answered_at.saturating_add(promised.max(interval)).saturating_sub(now)
    }

    /// Notes that a request with `interval` was answered, or failed, at `now`.
    pub fn asked(&mut self, now: Duration, interval: Duration) {
        self.last = Some((now, interval));
    }

    /// Takes note of an answer: how long it took, and its status. Trouble (429, 502, 503, 504) doubles the intervals that
    /// follow, up to 32 times; eight good answers in a row halve them again.
    pub fn answered(&mut self, took: Duration, status: u16) {
        self.strain.answered(took, status);
    }

    /// The interval that a host bears: longer than `interval` when it has trouble or takes long to answer. None stays none.
    pub fn borne(&self, interval: Duration) -> Duration {
        if interval.is_zero() { interval } else { self.strain.stretched(interval) }
    }

    /// Takes a host up that others asked before, who promised it `promised` between two requests. When nobody knows when
    /// they asked last (`was_left`), the promise counts from `now`; otherwise it was kept until `now`.
    pub fn taken_up(&mut self, now: Duration, promised: Duration, was_left: bool) {
        self.last = Some((if was_left { now } else { now.saturating_sub(promised) }, promised));
    }

    /// Closes the host; a later end already set stays.
    pub fn close_until(&mut self, until: Timestamp) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// How long the host is still closed, if it is.
    pub fn closed_for(&self, now: Timestamp) -> Option<Duration> {
        let left_ms = self.closed_until?.ms_since(now);
        u64::try_from(left_ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis)
    }

    /// Whether nothing would be lost by forgetting this host.
    pub fn is_at_rest(&self, now: Duration, today: Timestamp) -> bool {
        self.strain.doublings == 0 && self.wait(now, Duration::ZERO).is_zero() && self.closed_for(today).is_none()
    }
}

/// Reads seconds as an interval; what is no time at all (negative, not a number) gives `otherwise`.
pub fn interval(seconds: f64, otherwise: Duration) -> Duration {
    if seconds.is_finite() && seconds >= 0.0 { Duration::from_secs_f64(seconds.min(INTERVAL_MAX_S)) } else { otherwise }
}

/// Reads a Retry-After header (RFC 9110 §10.2.3): seconds, or a date in any of its three forms, from which `now`
/// is taken away. At most [`RETRY_AFTER_MAX`]; a date that has passed gives zero.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a very long time.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
    }
    let ms = http_date(value)?.ms_since(now).max(0);
    Some(Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(RETRY_AFTER_MAX))
}

/// Reads a date of an HTTP header (RFC 9110 §5.6.7) in its preferred and its two obsolete forms.
pub fn http_date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    if let Ok(instant) = DateTime::parse_from_rfc2822(value) {
        return Some(Timestamp::from_ms(instant.timestamp_millis()));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok())
        .map(|instant| Timestamp::from_ms(instant.and_utc().timestamp_millis()))
}

/// Pause before attempt number `attempt` (the first repetition is 1): doubling from `first`, at most `longest`,
/// of which a part between half and all is taken by `dice`, a random number from 0 to 1.
pub fn backoff(attempt: u32, first: Duration, longest: Duration, dice: f64) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    let dice = if dice.is_finite() { dice.clamp(0.0, 1.0) } else { 1.0 };
    doubled.min(longest).mul_f64(0.5 + dice / 2.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::proptest;

    use super::{HostPace, RETRY_AFTER_MAX, backoff, http_date, interval, retry_after};
    use crate::model::time::Timestamp;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_first_request_does_not_wait() {
        assert_eq!(HostPace::default().wait(SECOND, 5 * SECOND), Duration::ZERO);
    }

    #[test]
    fn the_longer_interval_of_two_neighbours_counts() {
        let mut pace = HostPace::default();
        pace.asked(10 * SECOND, 5 * SECOND);
        assert_eq!(pace.wait(11 * SECOND, SECOND), 4 * SECOND);
        assert_eq!(pace.wait(11 * SECOND, 8 * SECOND), 7 * SECOND);
        assert_eq!(pace.wait(30 * SECOND, 8 * SECOND), Duration::ZERO);
    }

    #[test]
    fn a_host_taken_over_is_left_alone_for_what_was_promised_to_it() {
        let mut pace = HostPace::default();
        pace.taken_up(100 * SECOND, 5 * SECOND, true);
        assert_eq!(pace.wait(100 * SECOND, SECOND), 5 * SECOND);
        assert_eq!(pace.wait(100 * SECOND, 8 * SECOND), 8 * SECOND);
        pace.taken_up(100 * SECOND, 5 * SECOND, false);
        assert_eq!(pace.wait(100 * SECOND, SECOND), Duration::ZERO, "who gave it back has waited");
        assert_eq!(pace.wait(100 * SECOND, 8 * SECOND), 3 * SECOND);
    }

    #[test]
    fn a_host_stays_closed_until_the_later_of_two_ends() {
        let mut pace = HostPace::default();
        pace.close_until(Timestamp::from_ms(5_000));
        pace.close_until(Timestamp::from_ms(3_000));
        assert_eq!(pace.closed_for(Timestamp::from_ms(4_000)), Some(SECOND));
        assert_eq!(pace.closed_for(Timestamp::from_ms(5_000)), None);
    }

    #[test]
    fn trouble_doubles_the_interval_and_good_answers_halve_it_again() {
        let mut pace = HostPace::default();
        assert_eq!(pace.borne(2 * SECOND), 2 * SECOND);
        for (status, expected) in [(429, 4), (503, 8), (502, 16), (504, 32), (429, 64), (429, 64)] {
            pace.answered(SECOND, status);
            assert_eq!(pace.borne(2 * SECOND), expected * SECOND, "{status}");
        }
        (0..8).for_each(|_| pace.answered(Duration::ZERO, 200));
        assert_eq!(pace.borne(2 * SECOND), 32 * SECOND);
        (0..40).for_each(|_| pace.answered(Duration::ZERO, 404));
        assert_eq!(pace.borne(2 * SECOND), 2 * SECOND);
    }

    #[test]
    fn a_host_that_takes_long_is_left_alone_for_five_times_as_long_but_a_minute_at_most() {
        let mut pace = HostPace::default();
        pace.answered(4 * SECOND, 200);
        assert_eq!(pace.borne(10 * SECOND), 20 * SECOND);
        assert_eq!(pace.borne(Duration::ZERO), Duration::ZERO);
        pace.answered(8 * SECOND, 200);
        assert_eq!(pace.borne(10 * SECOND), 25 * SECOND);
        (0..50).for_each(|_| pace.answered(100 * SECOND, 200));
        assert_eq!(pace.borne(10 * SECOND), 60 * SECOND);
        (0..50).for_each(|_| pace.answered(Duration::ZERO, 200));
        assert_eq!(pace.borne(10 * SECOND), 10 * SECOND);
    }

    #[test]
    fn a_host_with_trouble_is_not_forgotten() {
        let mut pace = HostPace::default();
        pace.answered(SECOND, 503);
        assert!(!pace.is_at_rest(100 * SECOND, Timestamp::default()));
        (0..8).for_each(|_| pace.answered(SECOND, 200));
        assert!(pace.is_at_rest(100 * SECOND, Timestamp::default()));
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_in_three_forms_of_date() {
        let now = Timestamp::parse("1994-11-06T08:49:00Z").unwrap();
        for value in
            ["37", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(retry_after(value, now), Some(37 * SECOND), "{value}");
        }
    }

    #[test]
    fn a_retry_after_in_the_past_is_zero_and_a_far_one_a_day() {
        let now = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999999", now), Some(RETRY_AFTER_MAX));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-3", now), None);
        assert_eq!(retry_after("", now), None);
    }

    #[test]
    fn backoff_doubles_up_to_its_limit_and_half_of_it_is_chance() {
        assert_eq!(backoff(1, SECOND, 60 * SECOND, 1.0), SECOND);
        assert_eq!(backoff(3, SECOND, 60 * SECOND, 1.0), 4 * SECOND);
        assert_eq!(backoff(3, SECOND, 60 * SECOND, 0.0), 2 * SECOND);
        assert_eq!(backoff(40, SECOND, 60 * SECOND, 1.0), 60 * SECOND);
    }

    #[test]
    fn an_interval_that_is_no_time_falls_back() {
        assert_eq!(interval(-1.0, SECOND), SECOND);
        assert_eq!(interval(f64::NAN, SECOND), SECOND);
        assert_eq!(interval(0.25, SECOND), Duration::from_millis(250));
    }

    proptest! {
        #[test]
        fn any_text_can_be_a_retry_after(value: String, now: i64) {
            if let Some(wait) = retry_after(&value, Timestamp::from_ms(now)) {
                assert!(wait <= RETRY_AFTER_MAX);
            }
            let _ = http_date(&value);
        }

        #[test]
        fn no_answer_shortens_an_interval(took_ms: u32, statuses: Vec<u16>, interval_ms in 0..10_000_000_u64) {
            let mut pace = HostPace::default();
            statuses.iter().for_each(|status| pace.answered(Duration::from_millis(took_ms.into()), *status));
            assert!(pace.borne(Duration::from_millis(interval_ms)) >= Duration::from_millis(interval_ms));
        }

        #[test]
        fn any_backoff_stays_within_its_limit(attempt: u32, dice: f64) {
            assert!(backoff(attempt, SECOND, 30 * SECOND, dice) <= 30 * SECOND);
        }
    }
}
