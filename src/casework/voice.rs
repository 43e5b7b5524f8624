//! Language and dates of what people read.

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;

use crate::model::finding::Reason;
use crate::model::time::Timestamp;

/// Language of a letter or page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// How a letter or page speaks: its language, the wall clock of its reader, and the moment of writing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) language: Language,
    pub(crate) zone: Tz,
    pub(crate) at: Timestamp,
}

impl Voice {
    /// `en` and its regions are English; everything else is Chinese, the language of the house.
    pub(crate) fn new(language: &str, zone: Tz, at: Timestamp) -> Self {
        let is_english = language.trim().to_ascii_lowercase().starts_with("en");
        let language = if is_english { Language::English } else { Language::Chinese };
        Self { language, zone, at }
    }

    /// The one of two texts that is in the reader's language.
    pub(crate) fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    pub(crate) fn reason<'a>(&self, reason: &'a Reason) -> &'a str {
        self.say(&reason.zh, &reason.en)
    }

    /// Value of HTML's `lang`.
    pub(crate) fn code(&self) -> &'static str {
        match self.language {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// `11月23日(周一)18:00` or `Mon 23 Nov 18:00`; with the year where it is not the year of writing.
    pub(crate) fn deadline(&self, due: Timestamp) -> String {
        let due = due.local(self.zone);
        let other_year = due.year() != self.at.local(self.zone).year();
        match self.language {
            Language::Chinese => {
                let year = if other_year { format!("{}年", due.year()) } else { String::new() };
                format!("{year}{}月{}日({}){}", due.month(), due.day(), weekday(due.weekday()), due.format("%H:%M"))
            }
            Language::English if other_year => due.format("%a %-d %b %Y %H:%M").to_string(),
            Language::English => due.format("%a %-d %b %H:%M").to_string(),
        }
    }

    /// `11月20日` or `20 Nov`.
    pub(crate) fn short_day(&self, instant: Timestamp) -> String {
        let day = instant.date(self.zone);
        match self.language {
            Language::Chinese => format!("{}月{}日", day.month(), day.day()),
            Language::English => day.format("%-d %b").to_string(),
        }
    }

    /// `2026年8月31日` or `31 Aug 2026`.
    pub(crate) fn day(&self, day: NaiveDate) -> String {
        match self.language {
            Language::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Language::English => day.format("%-d %b %Y").to_string(),
        }
    }

    /// `2026-11-20 03:10:22 +08:00`: exact, the same in both languages.
    pub(crate) fn instant(&self, instant: Timestamp) -> String {
        instant.local(self.zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    /// `2026-11-20 18:00`: the same in both languages.
    pub(crate) fn minute(&self, instant: Timestamp) -> String {
        instant.local(self.zone).format("%Y-%m-%d %H:%M").to_string()
    }

    /// Calendar days from the day of writing to the day of `instant`; negative when it has passed.
    pub(crate) fn days_until(&self, instant: Timestamp) -> i64 {
        (instant.date(self.zone) - self.at.date(self.zone)).num_days()
    }

    /// `甲、乙和丙` or `a, b and c`.
    pub(crate) fn list(&self, items: &[&str]) -> String {
        let (comma, and) = (self.say("、", ", "), self.say("和", " and "));
        match items {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{}{and}{last}", first.join(comma)),
        }
    }
}

/// `1,260`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

#[cfg(test)]
mod tests {
    use super::{Voice, thousands};
    use crate::model::time::Timestamp;

    fn voice(language: &str) -> Voice {
        Voice::new(language, chrono_tz::Asia::Shanghai, Timestamp::parse("2026-11-20T09:00:00+08:00").unwrap())
    }

    #[test]
    fn a_deadline_is_told_on_the_reader_s_clock() {
        let due = Timestamp::parse("2026-11-23T10:00:00Z").unwrap();
        assert_eq!(voice("zh-CN").deadline(due), "11月23日(周一)18:00");
        assert_eq!(voice("en").deadline(due), "Mon 23 Nov 18:00");
    }

    #[test]
    fn a_deadline_of_next_year_names_the_year() {
        let due = Timestamp::parse("2027-01-04T18:00:00+08:00").unwrap();
        assert_eq!(voice("zh-CN").deadline(due), "2027年1月4日(周一)18:00");
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_260), "1,260");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
