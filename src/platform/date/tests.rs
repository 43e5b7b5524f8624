//! Facts about dates.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::{DAY_MS, DateFormat, parse};
use crate::model::time::Timestamp;

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T18:00:00+08:00").unwrap()
}

fn expect(text: &str, instant: &str) {
    let read = parse(text, &DateFormat::Auto, now(), ZONE);
    let expected = Timestamp::parse(instant).unwrap();
    assert_eq!(read.map(|read| read.to_string()), Some(expected.to_string()), "「{text}」");
}

#[test]
fn forms_that_count_from_now_are_read() {
    expect("刚刚", "2026-11-20T18:00:00+08:00");
    expect("30秒前", "2026-11-20T17:59:30+08:00");
    expect("5分钟前", "2026-11-20T17:55:00+08:00");
    expect("半小时前", "2026-11-20T17:30:00+08:00");
    expect("3 小时前 来自网页版", "2026-11-20T15:00:00+08:00");
    expect("２天前", "2026-11-18T18:00:00+08:00");
    expect("1个月前", "2026-10-20T18:00:00+08:00");
    expect("3 hours ago", "2026-11-20T15:00:00+08:00");
    expect("an hour ago", "2026-11-20T17:00:00+08:00");
    expect("2d ago", "2026-11-18T18:00:00+08:00");
}

#[test]
fn days_by_name_are_read_in_the_zone() {
    expect("今天 08:05", "2026-11-20T08:05:00+08:00");
    expect("昨天 12:30", "2026-11-19T12:30:00+08:00");
    expect("昨天12:30", "2026-11-19T12:30:00+08:00");
    expect("前天 下午3:20", "2026-11-18T15:20:00+08:00");
    expect("yesterday at 8:15 pm", "2026-11-19T20:15:00+08:00");
    expect("昨天", "2026-11-19T00:00:00+08:00");
}

#[test]
fn weekdays_are_the_latest_that_have_come() {
    // 20 November 2026 is a Friday.
    expect("周五 09:00", "2026-11-20T09:00:00+08:00");
    expect("星期三", "2026-11-18T00:00:00+08:00");
    expect("周日 20:00", "2026-11-15T20:00:00+08:00");
    expect("上周五", "2026-11-13T00:00:00+08:00");
}

#[test]
fn full_dates_are_read_in_the_zone() {
    expect("2026-11-20", "2026-11-20T00:00:00+08:00");
    expect("2026/11/20 8:15", "2026-11-20T08:15:00+08:00");
    expect("2026年11月20日 20:12", "2026-11-20T20:12:00+08:00");
    expect("发布于：2026年11月2日 下午8时12分", "2026-11-02T20:12:00+08:00");
    expect("2026-11-20 20:12:33.120", "2026-11-20T20:12:33+08:00");
    expect("2026-11-20T20:12:33", "2026-11-20T20:12:33+08:00");
    expect("2026-11-20 12:12:33 +0000", "2026-11-20T20:12:33+08:00");
    expect("26-11-20 20:12", "2026-11-20T20:12:00+08:00");
    expect("20261120", "2026-11-20T00:00:00+08:00");
    expect("Nov 20, 2026 8:15 PM", "2026-11-20T20:15:00+08:00");
    expect("20 November 2026", "2026-11-20T00:00:00+08:00");
}

#[test]
fn a_month_and_day_is_the_latest_that_is_not_in_the_future() {
    expect("11-20 08:15", "2026-11-20T08:15:00+08:00");
    expect("11-20 20:12", "2025-11-20T20:12:00+08:00");
    expect("12-01", "2025-12-01T00:00:00+08:00");
    expect("2月29日", "2024-02-29T00:00:00+08:00");
    expect("发表于 11-18 07:00", "2026-11-18T07:00:00+08:00");
}

#[test]
fn a_time_alone_is_of_today_or_yesterday() {
    expect("08:15", "2026-11-20T08:15:00+08:00");
    expect("23:15", "2026-11-19T23:15:00+08:00");
}

#[test]
fn what_machines_write_is_read() {
    expect("2026-11-20T12:12:00Z", "2026-11-20T20:12:00+08:00");
    expect("Fri, 20 Nov 2026 20:12:00 +0800", "2026-11-20T20:12:00+08:00");
    expect("Fri, 20 Nov 2026 12:12:00 GMT", "2026-11-20T20:12:00+08:00");
    expect("Fri Nov 20 20:12:00 +0800 2026", "2026-11-20T20:12:00+08:00");
    expect("1795176720", "2026-11-20T20:12:00+08:00");
    expect("1795176720000", "2026-11-20T20:12:00+08:00");
}

#[test]
fn a_pattern_reads_what_nothing_else_can() {
    let format = DateFormat::from_name("%d.%m.%Y %H:%M").unwrap();
    let read = parse("03.11.2026 07:05", &format, now(), ZONE).unwrap();
    assert_eq!(read, Timestamp::parse("2026-11-03T07:05:00+08:00").unwrap());
}

#[test]
fn what_is_no_date_is_none() {
    for text in ["", "望楼", "13-45", "2026-13-01", "2026-02-30", "昨天 25:00", "1260", "99999999999999999999"] {
        assert_eq!(parse(text, &DateFormat::Auto, now(), ZONE), None, "「{text}」");
    }
}

#[test]
fn an_unknown_name_of_a_format_is_refused() {
    assert_eq!(DateFormat::from_name("iso"), None);
    assert_eq!(DateFormat::from_name("%Q%"), None);
}

fn formats() -> [DateFormat; 7] {
    let pattern = DateFormat::Pattern("%Y-%m-%d %H:%M".to_owned());
    [
        DateFormat::Auto,
        DateFormat::Rfc3339,
        DateFormat::Rfc2822,
        DateFormat::Relative,
        DateFormat::UnixSeconds,
        DateFormat::UnixMilliseconds,
        pattern,
    ]
}

/// From 1990 to 2100.
fn instants() -> impl Strategy<Value = Timestamp> {
    (631_152_000_000_i64..4_102_444_800_000).prop_map(Timestamp::from_ms)
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), now in instants()) {
        for format in formats() {
            let _ = parse(&text, &format, now, ZONE);
        }
    }

    #[test]
    fn nothing_that_looks_like_a_date_makes_it_panic(
        text in "[0-9０-９年月日时点分秒昨今前天周上下午:：\\-/.TZ+ amp一二半个agohur]{0,24}",
        now in instants(),
    ) {
        for format in formats() {
            let _ = parse(&text, &format, now, chrono_tz::America::New_York);
        }
    }

    #[test]
    fn relative_forms_are_at_most_a_day_ahead(
        text in "([0-9]{1,9}(秒|分钟|小时|天|周|个月|年)前|(今天|昨天|周[一二三四五六日]) ?[0-2]?[0-9]:[0-5][0-9])",
        now in instants(),
    ) {
        let read = parse(&text, &DateFormat::Auto, now, chrono_tz::America::New_York);
        prop_assert!(read.is_none_or(|read| read <= now.plus_ms(DAY_MS)));
    }

    #[test]
    fn an_instant_in_rfc_3339_is_read_back(instant in instants(), now in instants()) {
        prop_assert_eq!(parse(&instant.to_string(), &DateFormat::Auto, now, ZONE), Some(instant));
        prop_assert_eq!(parse(&instant.to_string(), &DateFormat::Rfc3339, now, ZONE), Some(instant));
    }
}
