//! Working days: Monday to Friday, but for holidays and the weekend days that are worked for them (调休). The years that the
//! State Council has published are built in; the ledger of holidays goes over them, day by day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

use crate::model::calendar::{DayKind, SpecialDay};

const DAYS_A_WEEK: i64 = 7;
const WORKING_DAYS_A_WEEK: i64 = 5;
/// Holidays by which the ledger is taken to hold a whole year; the law gives thirteen since 2025.
const HOLIDAYS_OF_A_YEAR_MIN: usize = 10;
/// Month of the year from which the next one should be known: it is usually published in November.
const NEXT_YEAR_KNOWN_FROM: u32 = 12;

/// One holiday as it was published: name, first day, days off in a row, weekend days worked for it.
type Published = (&'static str, &'static str, u64, &'static [&'static str]);

/// 国办发明电〔2024〕12号 and 〔2025〕7号, by which 2025 and 2026 are arranged.
const PUBLISHED: [Published; 13] = [
    ("元旦", "2025-01-01", 1, &[]),
    ("春节", "2025-01-28", 8, &["2025-01-26", "2025-02-08"]),
    ("清明节", "2025-04-04", 3, &[]),
    ("劳动节", "2025-05-01", 5, &["2025-04-27"]),
    ("端午节", "2025-05-31", 3, &[]),
    ("国庆节、中秋节", "2025-10-01", 8, &["2025-09-28", "2025-10-11"]),
    ("元旦", "2026-01-01", 3, &["2026-01-04"]),
    ("春节", "2026-02-15", 9, &["2026-02-14", "2026-02-28"]),
    ("清明节", "2026-04-04", 3, &[]),
    ("劳动节", "2026-05-01", 5, &["2026-05-09"]),
    ("端午节", "2026-06-19", 3, &[]),
    ("中秋节", "2026-09-25", 3, &[]),
    ("国庆节", "2026-10-01", 7, &["2026-09-20", "2026-10-10"]),
];

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, SpecialDay>,
    known: BTreeSet<i32>,
}

impl Calendar {
    /// The published years with the lines of the ledger over them.
    pub fn of(ledger: &[SpecialDay]) -> Self {
        let published: Vec<SpecialDay> = published().collect();
        let days = published.iter().chain(ledger).map(|special| (special.day, special.clone())).collect();
        let years = ledger.iter().map(|special| special.day.year());
        let is_whole = |year: &i32| {
            let is_off = |special: &&SpecialDay| special.kind == DayKind::Off && special.day.year() == *year;
            ledger.iter().filter(is_off).count() >= HOLIDAYS_OF_A_YEAR_MIN
        };
        let known = published.iter().map(|special| special.day.year()).chain(years.filter(is_whole)).collect();
        Self { days, known }
    }

    /// Whether people work on a day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.days.get(&day).map_or_else(|| is_weekday(day), |special| special.kind == DayKind::Working)
    }

    /// The last day of a time of so many working days that begins after a day: the fifth working day after a Monday without
    /// holidays is the Monday that follows.
    pub fn after_working_days(&self, day: NaiveDate, working_days: u32) -> NaiveDate {
        let mut left = working_days;
        let mut end = day;
        while left > 0 {
            let Some(next) = end.checked_add_days(Days::new(1)) else { return end };
            end = next;
            left -= u32::from(self.is_working_day(end));
        }
        end
    }

    /// Working days after `from` up to and including `until`; 0 when `until` is no later.
    pub fn working_days_between(&self, from: NaiveDate, until: NaiveDate) -> i64 {
        let days = (until - from).num_days();
        if days <= 0 {
            return 0;
        }
        let (weeks, rest) = (days / DAYS_A_WEEK, days % DAYS_A_WEEK);
        let rest = (0..rest).filter(|back| is_weekday(until - TimeDelta::days(*back))).count();
        let within = self.days.range(from..=until).filter(|(day, _)| **day > from);
        let moved: i64 = within.map(|(day, special)| gained(*day, special.kind)).sum();
        weeks * WORKING_DAYS_A_WEEK + rest as i64 + moved
    }

    /// The days of a year that are not what their weekday says, in order.
    pub fn special_days(&self, year: i32) -> impl Iterator<Item = &SpecialDay> {
        self.days.values().filter(move |special| special.day.year() == year)
    }

    /// Years whose holidays are known, in order.
    pub fn known_years(&self) -> impl Iterator<Item = i32> {
        self.known.iter().copied()
    }

    /// The year whose holidays should be known on a day and are not: its own, or from December on the next one.
    pub fn missing_year(&self, day: NaiveDate) -> Option<i32> {
        let next = (day.month() >= NEXT_YEAR_KNOWN_FROM).then_some(day.year() + 1);
        std::iter::once(day.year()).chain(next).find(|year| !self.known.contains(year))
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::of(&[])
    }
}

fn is_weekday(day: NaiveDate) -> bool {
    day.weekday().num_days_from_monday() < 5
}

/// Working days that a special day adds to what its weekday says.
fn gained(day: NaiveDate, kind: DayKind) -> i64 {
    match (kind, is_weekday(day)) {
        (DayKind::Off, true) => -1,
        (DayKind::Working, false) => 1,
        _ => 0,
    }
}

fn published() -> impl Iterator<Item = SpecialDay> {
    let day = |text: &str| text.parse::<NaiveDate>().expect("the published days are checked by a test");
    PUBLISHED.iter().flat_map(move |(name, first, days, worked)| {
        let special = |day, kind| SpecialDay { day, kind, name: (*name).to_owned() };
        let off = (0..*days).map(move |after| special(day(first) + Days::new(after), DayKind::Off));
        off.chain(worked.iter().map(move |text| special(day(text), DayKind::Working)))
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::{prop, proptest};

    use super::{Calendar, is_weekday, published};
    use crate::model::calendar::{DayKind, SpecialDay};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn special(text: &str, kind: DayKind) -> SpecialDay {
        SpecialDay { day: day(text), kind, name: String::new() }
    }

    #[test]
    fn a_weekend_does_not_count() {
        let calendar = Calendar::default();
        // A Monday, and a Friday.
        assert_eq!(calendar.after_working_days(day("2026-11-16"), 5), day("2026-11-23"));
        assert_eq!(calendar.after_working_days(day("2026-11-20"), 1), day("2026-11-23"));
        assert_eq!(calendar.working_days_between(day("2026-11-16"), day("2026-11-20")), 4);
        assert_eq!(calendar.working_days_between(day("2026-11-20"), day("2026-11-22")), 0);
        assert_eq!(calendar.working_days_between(day("2026-11-20"), day("2026-11-16")), 0);
    }

    #[test]
    fn the_national_day_is_passed_over_and_the_saturday_after_it_is_worked() {
        let calendar = Calendar::default();
        assert_eq!(calendar.after_working_days(day("2026-09-30"), 1), day("2026-10-08"));
        assert_eq!(calendar.after_working_days(day("2026-09-30"), 3), day("2026-10-10"));
        assert_eq!(calendar.working_days_between(day("2026-09-30"), day("2026-10-11")), 3);
    }

    #[test]
    fn every_weekend_day_that_is_worked_stands_on_a_weekend_and_a_year_has_what_the_law_gives() {
        assert!(published().all(|special| special.kind == DayKind::Off || !is_weekday(special.day)));
        for (year, off) in [(2025, 28), (2026, 33)] {
            let calendar = Calendar::default();
            let days = calendar.special_days(year).filter(|special| special.kind == DayKind::Off).count();
            assert_eq!(days, off, "{year}");
        }
    }

    #[test]
    fn the_ledger_goes_over_what_is_published_day_by_day() {
        let calendar = Calendar::of(&[special("2026-10-05", DayKind::Working), special("2026-11-20", DayKind::Off)]);
        assert!(calendar.is_working_day(day("2026-10-05")) && !calendar.is_working_day(day("2026-10-06")));
        assert!(!calendar.is_working_day(day("2026-11-20")));
    }

    #[test]
    fn the_next_year_is_missed_from_december_until_the_ledger_has_it() {
        let calendar = Calendar::default();
        assert_eq!(calendar.missing_year(day("2026-11-30")), None);
        assert_eq!(calendar.missing_year(day("2026-12-01")), Some(2027));
        assert_eq!(calendar.missing_year(day("2027-01-01")), Some(2027));
        let one = Calendar::of(&[special("2027-01-01", DayKind::Off)]);
        assert_eq!(one.missing_year(day("2026-12-01")), Some(2027), "one line is no year");
        let lines: Vec<SpecialDay> = (1..=10).map(|n| special(&format!("2027-10-{n:02}"), DayKind::Off)).collect();
        assert_eq!(Calendar::of(&lines).missing_year(day("2026-12-01")), None);
    }

    proptest! {
        #[test]
        fn adding_and_counting_agree(
            start in 739_000_i32..740_000,
            days in 0_u32..300,
            lines in prop::collection::vec((739_000_i32..740_400, prop::bool::ANY), 0..40),
        ) {
            let on = |number: i32| NaiveDate::from_num_days_from_ce_opt(number).unwrap();
            let special = |(number, is_worked): &(i32, bool)| {
                let kind = if *is_worked { DayKind::Working } else { DayKind::Off };
                SpecialDay { day: on(*number), kind, name: String::new() }
            };
            let calendar = Calendar::of(&lines.iter().map(special).collect::<Vec<_>>());
            let (from, until) = (on(start), calendar.after_working_days(on(start), days));
            assert_eq!(calendar.working_days_between(from, until), i64::from(days));
        }
    }
}
