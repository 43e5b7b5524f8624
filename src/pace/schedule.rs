//! When a source may be visited: hours of the day, pages of a day, circuit breaker, cron slots. Pure decisions.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use croner::Cron;

use crate::model::source::Source;
use crate::model::time::Timestamp;

const MINUTES_A_DAY: u32 = 24 * 60;
const CRON_LENGTH_MAX: usize = 200;

/// Text of a schedule that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not hours of the day.
    #[error("「{0}」 is not a time window; write it as 01:00-06:00")]
    Window(String),
    /// Not a cron expression.
    #[error("「{pattern}」 is not a cron expression such as `0 2 * * *`: {problem}")]
    Cron {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Hours of the day in which a source may be visited, such as `01:00-06:00`; it may run over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    opens_min: u32,
    closes_min: u32,
}

impl Window {
    /// The hours of a source; none where it may be visited at any.
    pub fn of(source: &Source) -> Option<Self> {
        source.active_hours.as_deref().and_then(|hours| Self::parse(hours).ok())
    }

    /// Reads `HH:MM-HH:MM`. The end is no longer part of it; `24:00` is the end of the day. Full-width colons and
    /// other dashes are understood.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let wrong = || ScheduleError::Window(text.to_owned());
        let (opens, closes) = text.split_once(['-', '–', '—', '~', '～', '至']).ok_or_else(wrong)?;
        let opens_min = minute_of_day(opens).filter(|min| *min < MINUTES_A_DAY).ok_or_else(wrong)?;
        let closes_min = minute_of_day(closes).ok_or_else(wrong)?;
        if opens_min == closes_min {
            return Err(wrong());
        }
        Ok(Self { opens_min, closes_min })
    }

    /// Whether an instant lies within, by the clocks of a zone.
    pub fn contains(&self, instant: Timestamp, zone: Tz) -> bool {
        let local = instant.local(zone);
        let minute = local.hour() * 60 + local.minute();
        if self.opens_min < self.closes_min {
            (self.opens_min..self.closes_min).contains(&minute)
        } else {
            minute >= self.opens_min || minute < self.closes_min
        }
    }

    /// The next time it opens after an instant.
    pub fn opens_after(&self, instant: Timestamp, zone: Tz) -> Timestamp {
        let today = instant.date(zone);
        (0..3)
            .filter_map(|days| today.checked_add_days(chrono::Days::new(days)))
            .map(|day| self.opening(day, zone))
            .find(|opening| *opening > instant)
            .unwrap_or_else(|| instant.plus_days(1))
    }

    fn opening(&self, day: NaiveDate, zone: Tz) -> Timestamp {
        let local = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(self.opens_min));
        // The hour may not exist on a day of clock change; it opens with the next one that does.
        let exists = local.and_local_timezone(zone).earliest();
        let exists = exists.or_else(|| (local + TimeDelta::hours(1)).and_local_timezone(zone).earliest());
        exists.map_or_else(|| Timestamp::start_of(day, zone), |opening| Timestamp::from_ms(opening.timestamp_millis()))
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (opens, closes) = (self.opens_min, self.closes_min);
        write!(f, "{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)
    }
}

impl FromStr for Window {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

fn minute_of_day(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once([':', '：'])?;
    let number = |digits: &str| {
        let well_formed = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|_| well_formed)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= MINUTES_A_DAY).then_some(hour * 60 + minute)
}

/// Pages that a source gave on a calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PagesToday {
    day: Option<NaiveDate>,
    pages: u32,
}

impl PagesToday {
    /// A count taken up again, for example after a restart.
    pub const fn resumed(day: NaiveDate, pages: u32) -> Self {
        Self { day: Some(day), pages }
    }

    /// Pages counted on `day`.
    pub fn on(&self, day: NaiveDate) -> u32 {
        if self.day == Some(day) { self.pages } else { 0 }
    }

    /// Whether one more page on `day` stays within `cap`.
    pub fn has_room(&self, day: NaiveDate, cap: u32) -> bool {
        self.on(day) < cap
    }

    /// Counts one page on `day`; a new day begins at one.
    pub fn count(&mut self, day: NaiveDate) {
        *self = Self { day: Some(day), pages: self.on(day).saturating_add(1) };
    }
}

/// When a circuit breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRule {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open at first, milliseconds; twice as long each time it opens again.
    pub first_ms: i64,
    /// How long it stays open at most, milliseconds.
    pub longest_ms: i64,
}

/// Circuit breaker of a host: rests one that keeps failing, and tries it with one visit afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// Visits go through; so many have failed in a row.
    Closed {
        /// Failures in a row.
        failures: u32,
    },
    /// No visits until then.
    Open {
        /// When one visit is tried.
        until: Timestamp,
        /// How often it has opened without a success between.
        times: u32,
    },
    /// One visit is being tried; a second one is let in only when the first was never heard of again.
    Trying {
        /// When the visit counts as lost.
        lost_at: Timestamp,
        /// How often it has opened without a success between.
        times: u32,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

/// How long a trial visit may take before another one is let in, milliseconds.
const TRIAL_MS: i64 = 10 * 60_000;

impl Breaker {
    /// Lets a visit in, or says until when it must wait.
    pub fn admit(self, now: Timestamp) -> Result<Self, Timestamp> {
        match self {
            Self::Closed { .. } => Ok(self),
            Self::Open { until: end, times } | Self::Trying { lost_at: end, times } if end <= now => {
                Ok(Self::Trying { lost_at: now.plus_ms(TRIAL_MS), times })
            }
            Self::Open { until: end, .. } | Self::Trying { lost_at: end, .. } => Err(end),
        }
    }

    /// After a visit that was answered.
    pub const fn succeeded(self) -> Self {
        Self::Closed { failures: 0 }
    }

    /// After a visit that failed.
    pub fn failed(self, now: Timestamp, rule: BreakerRule) -> Self {
        match self {
            Self::Closed { failures } if failures.saturating_add(1) < rule.failures => {
                Self::Closed { failures: failures + 1 }
            }
            Self::Closed { .. } => Self::opened(now, rule, 1),
            Self::Trying { times, .. } => Self::opened(now, rule, times.saturating_add(1)),
            Self::Open { .. } => self,
        }
    }

    /// After a visit that says nothing about the site, such as one that its robots forbid.
    pub const fn undecided(self, now: Timestamp) -> Self {
        match self {
            Self::Trying { times, .. } => Self::Open { until: now, times },
            other => other,
        }
    }

    fn opened(now: Timestamp, rule: BreakerRule, times: u32) -> Self {
        let doubled = rule.first_ms.saturating_mul(2_i64.saturating_pow(times.saturating_sub(1)));
        Self::Open { until: now.plus_ms(doubled.min(rule.longest_ms)), times }
    }
}

/// The first slot of a cron expression strictly after an instant, by the clocks of a zone. Five fields, or six with
/// seconds in front.
pub fn next_after(cron: &str, zone: Tz, instant: Timestamp) -> Result<Timestamp, ScheduleError> {
    let pattern = pattern(cron)?;
    let slot = pattern.find_next_occurrence(&instant.local(zone), false).map_err(|error| wrong(cron, error))?;
    Ok(Timestamp::from_ms(slot.timestamp_millis()))
}

/// The last slot of a cron expression at or before an instant, by the clocks of a zone.
pub fn last_until(cron: &str, zone: Tz, instant: Timestamp) -> Result<Timestamp, ScheduleError> {
    let pattern = pattern(cron)?;
    let slot = pattern.find_previous_occurrence(&instant.local(zone), true).map_err(|error| wrong(cron, error))?;
    Ok(Timestamp::from_ms(slot.timestamp_millis()))
}

/// When a visit takes place that is due at an instant: then, or when the hours begin next.
pub fn within(hours: Option<Window>, due: Timestamp, zone: Tz) -> Timestamp {
    hours.filter(|hours| !hours.contains(due, zone)).map_or(due, |hours| hours.opens_after(due, zone))
}

/// When a schedule lets a visit take place next, after an instant. A slot outside the hours waits for their beginning, the last
/// one as well.
pub fn next_visit(cron: &str, hours: Option<Window>, zone: Tz, now: Timestamp) -> Result<Timestamp, ScheduleError> {
    let waiting = last_until(cron, zone, now).map(|slot| within(hours, slot, zone)).ok().filter(|at| *at > now);
    waiting.map_or_else(|| Ok(within(hours, next_after(cron, zone, now)?, zone)), Ok)
}

/// What becomes of a visit whose slot has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It takes place.
    Now,
    /// It takes place when the hours begin.
    At(Timestamp),
    /// It does not: another slot comes before the hours begin, or with them.
    OfNextSlot,
}

/// What becomes of a visit whose slot has come at an instant.
pub fn turn(cron: &str, hours: Option<Window>, zone: Tz, now: Timestamp) -> Turn {
    match within(hours, now, zone) {
        at if at <= now => Turn::Now,
        at if next_after(cron, zone, now).is_ok_and(|next| next <= at) => Turn::OfNextSlot,
        at => Turn::At(at),
    }
}

fn pattern(cron: &str) -> Result<Cron, ScheduleError> {
    if cron.len() > CRON_LENGTH_MAX {
        return Err(wrong(cron, format!("longer than {CRON_LENGTH_MAX} bytes")));
    }
    Cron::from_str(cron.trim()).map_err(|error| wrong(cron, error))
}

fn wrong(cron: &str, problem: impl std::fmt::Display) -> ScheduleError {
    ScheduleError::Cron { pattern: cron.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    use proptest::prelude::proptest;

    use super::{Breaker, BreakerRule, PagesToday, Turn, Window, last_until, next_after, next_visit, turn};
    use crate::model::time::Timestamp;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    const RULE: BreakerRule = BreakerRule { failures: 3, first_ms: 1_000, longest_ms: 3_000 };

    #[test]
    fn a_night_window_is_open_from_its_beginning_to_just_before_its_end() {
        let window = Window::parse("01:00-06:00").unwrap();
        assert!(!window.contains(at("2026-11-20T00:59:59+08:00"), Shanghai));
        assert!(window.contains(at("2026-11-20T01:00:00+08:00"), Shanghai));
        assert!(window.contains(at("2026-11-20T05:59:59+08:00"), Shanghai));
        assert!(!window.contains(at("2026-11-20T06:00:00+08:00"), Shanghai));
    }

    #[test]
    fn a_window_may_run_over_midnight() {
        let window = Window::parse("22：30—05:00").unwrap();
        assert!(window.contains(at("2026-11-20T23:00:00+08:00"), Shanghai));
        assert!(window.contains(at("2026-11-20T04:59:00+08:00"), Shanghai));
        assert!(!window.contains(at("2026-11-20T12:00:00+08:00"), Shanghai));
    }

    #[test]
    fn the_window_goes_by_the_clocks_of_the_zone() {
        let window = Window::parse("01:00-06:00").unwrap();
        assert!(window.contains(at("2026-11-19T18:00:00Z"), Shanghai));
        assert!(!window.contains(at("2026-11-19T18:00:00Z"), New_York));
    }

    #[test]
    fn a_closed_window_says_when_it_opens() {
        let window = Window::parse("01:00-06:00").unwrap();
        assert_eq!(window.opens_after(at("2026-11-20T00:30:00+08:00"), Shanghai), at("2026-11-20T01:00:00+08:00"));
        assert_eq!(window.opens_after(at("2026-11-20T09:00:00+08:00"), Shanghai), at("2026-11-21T01:00:00+08:00"));
    }

    #[test]
    fn a_window_in_an_hour_that_the_clock_change_skips_opens_in_the_next() {
        let window = Window::parse("02:30-06:00").unwrap();
        assert_eq!(window.opens_after(at("2026-03-08T00:00:00-05:00"), New_York), at("2026-03-08T03:30:00-04:00"));
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for text in [
            "",
            "01:00",
            "1-6",
            "25:00-26:00",
            "01:60-02:00",
            "01:00-01:00",
            "24:00-02:00",
            "01:00-24:01",
            "+1:00-2:00",
        ] {
            assert!(Window::parse(text).is_err(), "{text}");
        }
        assert!(Window::parse("00:00-24:00").unwrap().contains(at("2026-11-20T23:59:59Z"), chrono_tz::UTC));
    }

    #[test]
    fn the_daily_count_begins_again_with_the_day() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let mut pages = PagesToday::default();
        pages.count(day);
        pages.count(day);
        assert!(!pages.has_room(day, 2));
        assert!(pages.has_room(day.succ_opt().unwrap(), 1));
        assert!(!PagesToday::resumed(day, 7).has_room(day, 7));
    }

    #[test]
    fn a_slot_outside_the_hours_waits_for_their_beginning_and_the_last_one_before_it_alone() {
        let (hours, night) = (Window::parse("01:00-06:00").ok(), at("2026-11-20T01:00:00+08:00"));
        let (morning, tomorrow) = (at("2026-11-20T09:00:00+08:00"), at("2026-11-21T01:00:00+08:00"));
        assert_eq!(turn("0 9 * * *", hours, Shanghai, morning), Turn::At(tomorrow));
        assert_eq!(turn("0 9 * * *", None, Shanghai, morning), Turn::Now);
        assert_eq!(turn("0 1 * * *", hours, Shanghai, night), Turn::Now);
        assert_eq!(turn("0 * * * *", hours, Shanghai, morning), Turn::OfNextSlot);
        assert_eq!(turn("0 1,9 * * *", hours, Shanghai, morning), Turn::OfNextSlot, "it is read at one anyway");
        for (cron, now, expected) in [
            ("0 9 * * *", morning, tomorrow),
            ("0 9 * * *", night.plus_ms(-1), night),
            ("0 9 * * *", night, tomorrow),
            ("0 2 * * *", night, at("2026-11-20T02:00:00+08:00")),
        ] {
            assert_eq!(next_visit(cron, hours, Shanghai, now).unwrap(), expected, "{cron} after {now}");
        }
        assert_eq!(next_visit("0 9 * * *", None, Shanghai, night).unwrap(), morning);
        assert!(next_visit("no", None, Shanghai, night).is_err());
    }

    #[test]
    fn the_breaker_opens_after_failures_in_a_row() {
        let now = at("2026-11-20T00:00:00Z");
        let twice = Breaker::default().failed(now, RULE).failed(now, RULE);
        assert_eq!(twice.admit(now), Ok(Breaker::Closed { failures: 2 }));
        assert_eq!(twice.succeeded().failed(now, RULE), Breaker::Closed { failures: 1 });
        assert_eq!(twice.failed(now, RULE).admit(now), Err(now.plus_ms(1_000)));
    }

    #[test]
    fn one_visit_is_tried_after_the_rest_and_a_failed_one_doubles_it() {
        let now = at("2026-11-20T00:00:00Z");
        let open = (0..3).fold(Breaker::default(), |breaker, _| breaker.failed(now, RULE));
        let later = now.plus_ms(1_000);
        let trying = open.admit(later).unwrap();
        assert!(trying.admit(later).is_err());
        assert_eq!(trying.succeeded(), Breaker::default());
        assert_eq!(trying.failed(later, RULE), Breaker::Open { until: later.plus_ms(2_000), times: 2 });
        let again = later.plus_ms(2_000);
        let third = trying.failed(later, RULE).admit(again).unwrap().failed(again, RULE);
        assert_eq!(third, Breaker::Open { until: again.plus_ms(3_000), times: 3 });
    }

    #[test]
    fn a_visit_that_says_nothing_leaves_the_trial_to_the_next() {
        let now = at("2026-11-20T00:00:00Z");
        let trying = Breaker::Open { until: now, times: 1 }.admit(now).unwrap();
        assert!(trying.undecided(now).admit(now).is_ok());
        assert!(trying.admit(now.plus_ms(super::TRIAL_MS)).is_ok());
    }

    #[test]
    fn cron_slots_go_by_the_clocks_of_the_zone() {
        let now = at("2026-11-20T18:00:00+08:00");
        assert_eq!(next_after("0 2 * * *", Shanghai, now).unwrap(), at("2026-11-21T02:00:00+08:00"));
        assert_eq!(next_after("0 9 * * MON", Shanghai, now).unwrap(), at("2026-11-23T09:00:00+08:00"));
        assert_eq!(next_after("*/15 * * * *", Shanghai, now).unwrap(), at("2026-11-20T18:15:00+08:00"));
        assert_eq!(next_after("0 2 * * *", New_York, now).unwrap(), at("2026-11-21T02:00:00-05:00"));
    }

    #[test]
    fn a_slot_in_a_skipped_hour_still_comes_the_same_day() {
        let slot = next_after("30 2 * * *", New_York, at("2026-03-08T00:00:00-05:00")).unwrap();
        assert!(slot > at("2026-03-08T00:00:00-05:00") && slot < at("2026-03-09T00:00:00-04:00"), "{slot}");
    }

    #[test]
    fn what_is_no_cron_expression_is_refused_by_name() {
        for pattern in ["", "soon", "61 * * * *", "* * * *", "0 0 31 2 *"] {
            let error = next_after(pattern, Shanghai, at("2026-11-20T18:00:00+08:00")).unwrap_err();
            assert!(error.to_string().contains(pattern), "{error}");
        }
        assert!(next_after(&"*".repeat(500), Shanghai, Timestamp::default()).is_err());
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text: String) {
            let _ = Window::parse(&text);
            let _ = next_after(&text, Shanghai, Timestamp::from_ms(1_700_000_000_000));
        }

        #[test]
        fn a_window_is_open_when_it_opens(from in 0_u32..1440, to in 0_u32..=1440, now in 0_i64..4_000_000_000_000) {
            if let Ok(window) = Window::parse(&format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)) {
                let opening = window.opens_after(Timestamp::from_ms(now), Shanghai);
                assert!(opening > Timestamp::from_ms(now));
                assert!(window.contains(opening, Shanghai));
                assert_eq!(Window::parse(&window.to_string()), Ok(window));
            }
        }
    }

    #[test]
    fn the_last_slot_is_the_one_at_or_before_the_instant() {
        let friday = at("2026-11-20T09:00:00+08:00");
        assert_eq!(last_until("0 9 * * *", Shanghai, friday), Ok(friday));
        assert_eq!(last_until("0 9 * * *", Shanghai, friday.plus_ms(-1)), Ok(friday.plus_days(-1)));
        assert!(last_until("often", Shanghai, friday).is_err());
    }
}
