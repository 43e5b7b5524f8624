//! Working days: Monday to Friday. Public holidays and the Saturdays worked for them are not known here.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

const DAYS_A_WEEK: i64 = 7;
const WORKING_DAYS_A_WEEK: i64 = 5;

/// Whether people work on a day.
pub fn is_working_day(day: NaiveDate) -> bool {
    day.weekday().num_days_from_monday() < 5
}

/// The last day of a time of so many working days that begins after a day: the fifth working day after a Monday is the
/// Monday that follows.
pub fn after_working_days(day: NaiveDate, working_days: u32) -> NaiveDate {
    let mut left = working_days;
    let mut end = day;
    while left > 0 {
        let Some(next) = end.checked_add_days(Days::new(1)) else { return end };
        end = next;
        left -= u32::from(is_working_day(end));
    }
    end
}

/// Working days after `from` up to and including `until`; 0 when `until` is no later.
pub fn working_days_between(from: NaiveDate, until: NaiveDate) -> i64 {
    let days = (until - from).num_days();
    if days <= 0 {
        return 0;
    }
    let (weeks, rest) = (days / DAYS_A_WEEK, days % DAYS_A_WEEK);
    let rest = (0..rest).filter(|back| is_working_day(until - TimeDelta::days(*back))).count();
    weeks * WORKING_DAYS_A_WEEK + rest as i64
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::proptest;

    use super::{after_working_days, working_days_between};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_weekend_does_not_count() {
        // A Monday, and a Friday.
        assert_eq!(after_working_days(day("2026-11-16"), 5), day("2026-11-23"));
        assert_eq!(after_working_days(day("2026-11-20"), 1), day("2026-11-23"));
        assert_eq!(working_days_between(day("2026-11-16"), day("2026-11-20")), 4);
        assert_eq!(working_days_between(day("2026-11-20"), day("2026-11-22")), 0);
        assert_eq!(working_days_between(day("2026-11-20"), day("2026-11-16")), 0);
    }

    proptest! {
        #[test]
        fn adding_and_counting_agree(start in 730_000_i32..740_000, days in 0_u32..300) {
            let from = NaiveDate::from_num_days_from_ce_opt(start).unwrap();
            assert_eq!(working_days_between(from, after_working_days(from, days)), i64::from(days));
        }
    }
}
