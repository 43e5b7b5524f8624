//! Cells as people write them: full-width digits, Excel serials, stray spaces, lists with five separators.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::model::time::Timestamp;

/// The text without surrounding white space of any width, byte order marks and zero-width characters.
pub(crate) fn clean(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\0'))
}

/// Full-width ASCII and the ideographic space become ordinary characters.
pub(crate) fn fold_width(text: &str) -> String {
    text.chars().map(ordinary).collect()
}

fn ordinary(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// A header for comparison: no white space, no case, no width.
pub(crate) fn fold_header(header: &str) -> String {
    fold_width(clean(header)).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// An allowed value for comparison: as a header, and without a remark in trailing brackets.
pub(crate) fn fold_choice(text: &str) -> String {
    let folded = fold_header(text);
    match folded.split_once('(') {
        Some((word, rest)) if rest.ends_with(')') && !word.is_empty() => word.to_owned(),
        _ => folded,
    }
}

/// The remark in trailing brackets, such as the day in `撤销(2026-07-15)`.
pub(crate) fn bracketed(text: &str) -> Option<String> {
    let folded = fold_width(clean(text));
    let (_, rest) = folded.split_once('(')?;
    rest.strip_suffix(')').map(|inner| clean(inner).to_owned())
}

/// The parts of a list cell, without empty ones and repetitions.
pub(crate) fn list(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(['、', ',', ';', '，', '；', '|', '\n', '\r']) {
        let part = clean(part);
        if !part.is_empty() && !parts.iter().any(|known| known == part) {
            parts.push(part.to_owned());
        }
    }
    parts
}

/// A calendar day: `2026-09-01`, `2026/9/1`, `2026.9.1`, `2026年9月1日`, `20260901`, an Excel serial; a time behind it
/// is dropped.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let folded = fold_width(clean(text));
    serial(&folded).map(|instant| instant.date()).or_else(|| written_date(day_part(&folded)))
}

fn day_part(text: &str) -> &str {
    let end = text.find(['T', ' ']).filter(|end| text[*end..].contains(':'));
    clean(&text[..end.unwrap_or(text.len())])
}

fn written_date(text: &str) -> Option<NaiveDate> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let text = text.strip_suffix(['日', '号']).unwrap_or(text);
    let mut parts = text.split(['-', '/', '.', '年', '月', '－', '—']).map(clean);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// An Excel serial of the 1900 system between 1954 and 2119. Smaller and larger numbers are not taken for days.
fn serial(text: &str) -> Option<NaiveDateTime> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let number: f64 = text.parse().ok().filter(|number| (20_000.0..80_000.0).contains(number))?;
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number.trunc() as u64))?;
    let seconds = (number.fract() * 86_400.0).round() as i64;
    Some(day.and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds))
}

/// A time of day: `09:00`, `9：00`, `9:00:00`, or a fraction of a day as Excel keeps it.
pub(crate) fn time(text: &str) -> Option<NaiveTime> {
    let folded = fold_width(clean(text));
    if let Some(fraction) = folded.parse::<f64>().ok().filter(|number| (0.0..1.0).contains(number)) {
        return NaiveTime::from_num_seconds_from_midnight_opt((fraction * 86_400.0).round() as u32, 0);
    }
    ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(&folded, format).ok())
}

/// An instant, and whether its offset was written. Without one it is read as Beijing time.
pub(crate) fn instant(text: &str) -> Option<(Timestamp, bool)> {
    instant_in(text, chrono_tz::Asia::Shanghai)
}

/// An instant, and whether its offset was written. Without one it is read by the clocks of `zone`.
pub(crate) fn instant_in(text: &str, zone: Tz) -> Option<(Timestamp, bool)> {
    let folded = fold_width(clean(text));
    if let Ok(instant) = Timestamp::parse(&folded) {
        return Some((instant, true));
    }
    let local = serial(&folded).or_else(|| written_instant(&folded))?;
    let zoned = local.and_local_timezone(zone).earliest()?;
    Some((Timestamp::from(zoned.to_utc()), false))
}

fn written_instant(text: &str) -> Option<NaiveDateTime> {
    let at = text.find(['T', ' '])?;
    Some(written_date(clean(&text[..at]))?.and_time(time(&text[at + 1..])?))
}

/// A whole number; thousands separators, a trailing `.0` and a trailing unit such as 人 or 字 are dropped.
pub(crate) fn whole(text: &str) -> Option<u64> {
    let folded = fold_width(clean(text)).replace([',', ' ', '_'], "");
    let digits = folded.trim_end_matches(['人', '个', '字', '符', '位', '天']);
    digits.strip_suffix(".0").unwrap_or(digits).parse().ok()
}

/// 是 or 否 in the usual writings.
pub(crate) fn yes_no(text: &str) -> Option<bool> {
    match fold_header(text).as_str() {
        "是" | "yes" | "y" | "true" | "1" | "√" | "✓" | "有" => Some(true),
        "否" | "no" | "n" | "false" | "0" | "×" | "x" | "无" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::{any, proptest};

    use super::{date, instant, list, time, whole};

    fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, month, day)
    }

    #[test]
    fn days_are_read_in_every_usual_writing() {
        let writings =
            ["2026-09-01", "2026/9/1", "2026.9.1", "2026年9月1日", "20260901", "２０２６－０９－０１", "46266"];
        for text in writings {
            assert_eq!(date(text), day(2026, 9, 1), "{text}");
        }
        assert_eq!(date(" 2026-09-01 00:00:00 "), day(2026, 9, 1));
    }

    #[test]
    fn what_is_not_a_day_is_refused() {
        for text in ["2026-13-01", "待定", "1260", "26-9-1", "2026-09", ""] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_is_split_on_every_separator_and_keeps_each_part_once() {
        assert_eq!(list("甲、乙,丙;丁，戊；己|庚\n 辛 、甲、"), ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"]);
    }

    #[test]
    fn times_are_read_with_any_colon_and_as_a_fraction() {
        for text in ["08:45", "8：45", "8:45:00", "0.364583333333333"] {
            assert_eq!(time(text), chrono::NaiveTime::from_hms_opt(8, 45, 0), "{text}");
        }
    }

    #[test]
    fn an_instant_without_offset_is_beijing_time_and_says_so() {
        let (written, exact) = instant("2026-11-12T09:30:00+08:00").unwrap();
        let (assumed, guessed) = instant("2026/11/12 9:30").unwrap();
        assert_eq!(written, assumed);
        assert!(exact && !guessed);
    }

    #[test]
    fn numbers_lose_separators_and_units() {
        assert_eq!(whole("１，２６０"), Some(1260));
        assert_eq!(whole("126人"), Some(126));
        assert_eq!(whole("8.0"), Some(8));
        assert_eq!(whole("-1"), None);
    }

    proptest! {
        #[test]
        fn no_cell_text_panics(text in any::<String>()) {
            let _ = (date(&text), time(&text), instant(&text), whole(&text), list(&text), super::bracketed(&text));
        }
    }
}
