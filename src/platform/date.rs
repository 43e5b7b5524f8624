//! Dates as people and machines write them, relative to the instant at which the page was fetched.

use std::sync::LazyLock;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use crate::model::time::Timestamp;

/// How a date is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DateFormat {
    /// Any of the forms known here.
    #[default]
    Auto,
    /// `2026-11-20T20:12:00+08:00`.
    Rfc3339,
    /// `Fri, 20 Nov 2026 20:12:00 +0800`.
    Rfc2822,
    /// 刚刚, 3小时前, 昨天 12:30, `3 hours ago`.
    Relative,
    /// Seconds since 1970-01-01 UTC.
    UnixSeconds,
    /// Milliseconds since 1970-01-01 UTC.
    UnixMilliseconds,
    /// A pattern in the manner of `strftime`, such as `%d.%m.%Y %H:%M`.
    Pattern(String),
}

impl DateFormat {
    /// The format of that name in platform files.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "rfc3339" => Some(Self::Rfc3339),
            "rfc2822" => Some(Self::Rfc2822),
            "relative" => Some(Self::Relative),
            "unix_s" => Some(Self::UnixSeconds),
            "unix_ms" => Some(Self::UnixMilliseconds),
            pattern => is_pattern(pattern).then(|| Self::Pattern(pattern.to_owned())),
        }
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains('%') && !StrftimeItems::new(text).any(|item| matches!(item, Item::Error))
}

const CHARS_MAX: usize = 200;
const DAY_MS: i64 = 86_400_000;

/// Reads a date. `now` is when the page was fetched, `zone` is where its wall-clock times are meant. None when the text is
/// not of the given format.
pub fn parse(text: &str, format: &DateFormat, now: Timestamp, zone: Tz) -> Option<Timestamp> {
    let text = tidy(text)?;
    let seen = Seen { now, zone };
    match format {
        DateFormat::Auto => seen.any(&text),
        DateFormat::Rfc3339 => Timestamp::parse(&text).ok(),
        DateFormat::Rfc2822 => rfc2822(&text),
        DateFormat::Relative => seen.relative(&text.to_lowercase()),
        DateFormat::UnixSeconds => unix(&text, 1_000.0),
        DateFormat::UnixMilliseconds => unix(&text, 1.0),
        DateFormat::Pattern(pattern) => seen.by_pattern(&text, pattern),
    }
}

/// Full-width digits and colons become plain, white space single, invisible characters vanish.
fn tidy(text: &str) -> Option<String> {
    let visible = text.trim().chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'));
    let plain: String = visible.take(CHARS_MAX).nfkc().collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn rfc2822(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc2822(text).ok().map(|instant| Timestamp::from_ms(instant.timestamp_millis()))
}

/// Years 1900 to 5138 in round numbers; what lies outside is no instant but some other number.
fn unix(text: &str, ms_per_unit: f64) -> Option<Timestamp> {
    let ms = text.parse::<f64>().ok()? * ms_per_unit;
    // The range makes the cast exact.
    (ms.abs() <= 1e14).then_some(Timestamp::from_ms(ms as i64))
}

const TIME: &str = concat!(
    r"(?:(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|am|pm)\s*)?",
    r"(?P<hour>\d{1,2})\s*(?::|点|时)\s*(?P<minute>\d{1,2})?\s*(?:(?::|分)\s*(?P<second>\d{1,2})?)?\s*秒?(?:\.\d+)?",
    r"\s*(?P<half_after>am|pm|a\.m\.|p\.m\.)?"
);
const MONTH: &str = r"(?P<month_name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?";

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and tested")
}

static YEAR_MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:^|[^\d])(?P<year>\d{{4}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*日?(?:[t,\s]*{TIME}\s*(?P<offset>z|[+-]\d{{2}}:?\d{{2}})?)?"
    ))
});
static SHORT_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"^(?P<short_year>\d{{2}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:\s+{TIME})?$"))
});
static COMPACT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})$"));
static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"\b{MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?\b(?:(?:,|\s|at)*{TIME})?"
    ))
});
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{MONTH},?(?:\s+(?P<year>\d{{4}}))?\b(?:(?:,|\s|at)*{TIME})?"
    ))
});
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"^(?:[^\d]{{1,12}})?(?P<month>\d{{1,2}})(?:[-/.](?P<day>\d{{1,2}})|\s*月\s*(?P<day_zh>\d{{1,2}})\s*[日号]?)(?:\s*{TIME})?(?:[^\d]|$)"
    ))
});
static AGO_ZH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?P<count>\d{1,9}|半|一|两|二|三|几|数)\s*个?\s*(?P<unit>秒|分|小时|钟头|天|日|星期|周|礼拜|月|年)钟?\s*[以之]?前",
    )
});
static AGO_EN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?P<count>\d{1,9}|an?|one|half an|a few)\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|mos?|months?|y|yrs?|years?)\s+ago\b",
    )
});
static DAY_WORD: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"(?P<word>今天|今日|昨天|昨日|大前天|前天|today|yesterday)(?:\s*(?:at\s+)?{TIME})?"))
});
static WEEKDAY: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?P<last>上)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?:\s*{TIME})?")));
static TIME_ALONE: LazyLock<Regex> = LazyLock::new(|| regex(&format!(r"^{TIME}$")));
static NOW: LazyLock<Regex> = LazyLock::new(|| regex(r"刚刚|刚才|片刻之前|\bjust now\b|^now$|\bmoments? ago\b"));

/// The instant and the place from which a page was seen.
#[derive(Clone, Copy)]
struct Seen {
    now: Timestamp,
    zone: Tz,
}

impl Seen {
    fn any(self, text: &str) -> Option<Timestamp> {
        let lower = text.to_lowercase();
        Timestamp::parse(text)
            .ok()
            .or_else(|| rfc2822(text))
            .or_else(|| bare_number(text))
            .or_else(|| asctime(text))
            .or_else(|| self.absolute(&lower))
            .or_else(|| self.relative(&lower))
            .or_else(|| self.without_year(&lower))
    }

    fn absolute(self, text: &str) -> Option<Timestamp> {
        let forms = [&YEAR_MONTH_DAY, &SHORT_YEAR, &COMPACT, &MONTH_FIRST, &DAY_FIRST];
        forms.into_iter().find_map(|form| self.date_and_time(&form.captures(text)?))
    }

    fn without_year(self, text: &str) -> Option<Timestamp> {
        if let Some(found) = MONTH_DAY.captures(text) {
            return self.date_and_time(&found);
        }
        let time = time_of(&TIME_ALONE.captures(text)?)?;
        let today = self.at(self.today(), time)?;
        if today <= self.now { Some(today) } else { self.at(self.today().pred_opt()?, time) }
    }

    /// Forms that count from now. What they give is at most a day ahead of now (今天 23:59 seen in the morning).
    fn relative(self, text: &str) -> Option<Timestamp> {
        let instant = self
            .ago(text)
            .or_else(|| self.day_word(text))
            .or_else(|| NOW.is_match(text).then_some(self.now))
            .or_else(|| self.weekday(text))?;
        Some(instant.min(self.now.plus_ms(DAY_MS)))
    }

    fn ago(self, text: &str) -> Option<Timestamp> {
        let found = AGO_ZH.captures(text).or_else(|| AGO_EN.captures(text))?;
        let (count, unit) = (&found["count"], &found["unit"]);
        let halves: i64 = match count {
            "半" | "half an" => 1,
            "一" | "a" | "an" | "one" => 2,
            "两" | "二" => 4,
            "三" | "几" | "数" | "a few" => 6,
            digits => digits.parse::<i64>().ok()?.checked_mul(2)?,
        };
        match unit_of(unit)? {
            Unit::Milliseconds(ms) => Some(self.now.plus_ms(halves.checked_mul(ms)?.checked_neg()? / 2)),
            Unit::Months(months) => self.months_ago(u32::try_from(halves.checked_mul(months)? / 2).ok()?),
        }
    }

    fn months_ago(self, months: u32) -> Option<Timestamp> {
        let earlier = self.now.utc().checked_sub_months(Months::new(months))?;
        Some(Timestamp::from(earlier))
    }

    fn day_word(self, text: &str) -> Option<Timestamp> {
        let found = DAY_WORD.captures(text)?;
        let days = match &found["word"] {
            "昨天" | "昨日" | "yesterday" => 1,
            "前天" => 2,
            "大前天" => 3,
            _ => 0,
        };
        self.at(self.today().checked_sub_days(Days::new(days))?, time_or_midnight(&found)?)
    }

    fn weekday(self, text: &str) -> Option<Timestamp> {
        let found = WEEKDAY.captures(text)?;
        let wanted = "一二三四五六日".find(&found["weekday"]).map_or(6, |at| at / '一'.len_utf8());
        let today = self.today();
        let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
        let this_week = monday.checked_add_days(Days::new(wanted as u64))?;
        let is_last_week = found.name("last").is_some() || this_week > today;
        let day = if is_last_week { this_week.checked_sub_days(Days::new(7))? } else { this_week };
        self.at(day, time_or_midnight(&found)?)
    }

    fn date_and_time(self, found: &Captures<'_>) -> Option<Timestamp> {
        let time = time_or_midnight(found)?;
        let month = number(found, "month").or_else(|| month_named(found.name("month_name")?.as_str()))?;
        let day = number(found, "day").or_else(|| number(found, "day_zh"))?;
        let year = number(found, "year").or_else(|| Some(2000 + number(found, "short_year")?));
        let Some(year) = year else { return self.latest(month, day, time) };
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        match found.name("offset") {
            Some(offset) => with_offset(date.and_time(time), offset.as_str()),
            None => self.at(date, time),
        }
    }

    /// The latest such day that is not in the future. 29 February may lie up to eight years back.
    fn latest(self, month: u32, day: u32, time: NaiveTime) -> Option<Timestamp> {
        let year = self.today().year();
        let in_year = |back: i32| self.at(NaiveDate::from_ymd_opt(year - back, month, day)?, time);
        (0..=8).filter_map(in_year).find(|instant| *instant <= self.now)
    }

    fn by_pattern(self, text: &str, pattern: &str) -> Option<Timestamp> {
        if let Ok(instant) = DateTime::parse_from_str(text, pattern) {
            return Some(Timestamp::from_ms(instant.timestamp_millis()));
        }
        let with_time = NaiveDateTime::parse_from_str(text, pattern).ok();
        let midnight = || NaiveDate::parse_from_str(text, pattern).ok().map(|date| date.and_time(NaiveTime::MIN));
        let local = with_time.or_else(midnight)?;
        self.at(local.date(), local.time())
    }

    fn today(self) -> NaiveDate {
        self.now.date(self.zone)
    }

    fn at(self, date: NaiveDate, time: NaiveTime) -> Option<Timestamp> {
        let wall = date.and_time(time);
        let local = wall.and_local_timezone(self.zone).earliest();
        // An hour that a change of clocks skips does not exist; the next one does.
        let local = local.or_else(|| (wall + TimeDelta::hours(1)).and_local_timezone(self.zone).earliest())?;
        Some(Timestamp::from_ms(local.timestamp_millis()))
    }
}

/// Ten digits are seconds, thirteen are milliseconds, as every API writes them until the year 2286.
fn bare_number(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole.len() {
        9 | 10 => unix(text, 1_000.0),
        12 | 13 => unix(text, 1.0),
        _ => None,
    }
}

/// `Fri Nov 20 20:12:00 +0800 2026`.
fn asctime(text: &str) -> Option<Timestamp> {
    let instant = DateTime::parse_from_str(text, "%a %b %d %H:%M:%S %z %Y").ok()?;
    Some(Timestamp::from_ms(instant.timestamp_millis()))
}

enum Unit {
    Milliseconds(i64),
    Months(i64),
}

fn unit_of(name: &str) -> Option<Unit> {
    const MINUTE_MS: i64 = 60_000;
    Some(match name {
        "秒" | "s" | "sec" | "secs" | "second" | "seconds" => Unit::Milliseconds(1_000),
        "分" | "m" | "min" | "mins" | "minute" | "minutes" => Unit::Milliseconds(MINUTE_MS),
        "小时" | "钟头" | "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Milliseconds(60 * MINUTE_MS),
        "天" | "日" | "d" | "day" | "days" => Unit::Milliseconds(DAY_MS),
        "星期" | "周" | "礼拜" | "w" | "week" | "weeks" => Unit::Milliseconds(7 * DAY_MS),
        "月" | "mo" | "mos" | "month" | "months" => Unit::Months(1),
        "年" | "y" | "yr" | "yrs" | "year" | "years" => Unit::Months(12),
        _ => return None,
    })
}

fn number(found: &Captures<'_>, name: &str) -> Option<u32> {
    found.name(name)?.as_str().parse().ok()
}

fn month_named(name: &str) -> Option<u32> {
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    names.iter().zip(1..).find(|(own, _)| **own == name).map(|(_, month)| month)
}

fn time_or_midnight(found: &Captures<'_>) -> Option<NaiveTime> {
    if found.name("hour").is_some() { time_of(found) } else { Some(NaiveTime::MIN) }
}

fn time_of(found: &Captures<'_>) -> Option<NaiveTime> {
    let half = found.name("half").or_else(|| found.name("half_after")).map_or("", |half| half.as_str());
    let hour = match (half, number(found, "hour")?) {
        ("下午" | "傍晚" | "晚上" | "pm" | "p.m.", hour @ 1..=11) => hour + 12,
        ("中午", hour @ 1..=2) => hour + 12,
        ("凌晨" | "am" | "a.m.", 12) => 0,
        (_, hour) => hour,
    };
    let minute = number(found, "minute").unwrap_or(0);
    NaiveTime::from_hms_opt(hour, minute, number(found, "second").unwrap_or(0))
}

fn with_offset(wall: NaiveDateTime, offset: &str) -> Option<Timestamp> {
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let minutes = match digits.len() {
        4 => digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?,
        _ => 0,
    };
    let east = if offset.starts_with('-') { -minutes } else { minutes };
    Some(Timestamp::from_ms(wall.and_utc().timestamp_millis()).plus_ms(-east * 60_000))
}

#[cfg(test)]
mod tests;
