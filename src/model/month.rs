//! Calendar months, and what is known of one from before the program counted.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::model::ids::CompanyCode;
use crate::model::time::Timestamp;

/// A calendar month, from 0000-01 to 9999-12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Default for Month {
    fn default() -> Self {
        Self(1970 * 12)
    }
}

impl Month {
    /// The month of a day; a day outside the range counts to the nearest month of it.
    pub fn of(day: NaiveDate) -> Self {
        Self((day.year() * 12 + day.month0() as i32).clamp(0, 10_000 * 12 - 1))
    }

    /// Reads `2026-08`, `2026/8`, `2026.8` or `2026年8月`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.trim().trim_end_matches('月').split_once(['-', '/', '.', '年'])?;
        let is_plain = |part: &str, most: usize| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || !is_plain(year, 4) || month.is_empty() || !is_plain(month, 2) {
            return None;
        }
        let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self(year * 12 + month - 1))
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, 1..=12.
    pub const fn number(self) -> u32 {
        self.0.rem_euclid(12) as u32 + 1
    }

    /// The month so many months later; earlier when negative.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months).clamp(0, 10_000 * 12 - 1))
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.number(), 1).unwrap_or_default()
    }

    /// The last day.
    pub fn last_day(self) -> NaiveDate {
        self.plus(1).first_day().pred_opt().unwrap_or_default()
    }

    /// The instant at which the month begins in a zone.
    pub fn start(self, zone: Tz) -> Timestamp {
        Timestamp::start_of(self.first_day(), zone)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

/// What HR knows of a company's month from before the program counted.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMonth {
    /// Month.
    pub month: Month,
    /// Company.
    pub company: CompanyCode,
    /// Cases.
    pub cases: u64,
    /// Cases that were decided to be right.
    pub confirmed: u64,
    /// Cases that were decided to be no matter, permitted ones among them.
    pub refuted: u64,
    /// Mean time until the decision, hours.
    pub hours: Option<f64>,
    /// Cases that were late.
    pub overdue: u64,
    /// Groups in which something was put right.
    pub groups_rectified: u64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::Month;

    #[test]
    fn a_month_is_read_in_the_usual_writings() {
        for text in ["2026-08", "2026/8", "2026.08", "2026年8月", " 2026-8 "] {
            assert_eq!(Month::parse(text).map(|month| month.to_string()).as_deref(), Some("2026-08"), "{text}");
        }
        for text in ["", "2026", "2026-13", "2026-00", "26-08", "2026-008", "-026-08", "2026-+8", "二〇二六-08"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_follow_each_other_over_the_year() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!(month.plus(1).to_string(), "2027-01");
        assert_eq!(month.plus(-12).to_string(), "2025-12");
        assert_eq!(month.last_day().to_string(), "2026-12-31");
        assert_eq!(Month::parse("2028-02").unwrap().last_day().to_string(), "2028-02-29");
    }

    proptest! {
        #[test]
        fn any_text_is_a_month_or_none_and_what_is_written_reads_back(text in any::<String>(), at in 0_i32..120_000) {
            let _ = Month::parse(&text);
            let month = Month::default().plus(at - 1970 * 12);
            assert_eq!(Month::parse(&month.to_string()), Some(month));
        }
    }
}
