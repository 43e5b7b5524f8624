//! Instants as the fictional platforms write them, in the group's time zone.

use chrono::{DateTime, Datelike};
use chrono_tz::Asia::Shanghai;
use chrono_tz::Tz;

use crate::model::time::Timestamp;

const HOUR_MS: i64 = 3_600_000;

fn local(instant: Timestamp) -> DateTime<Tz> {
    instant.local(Shanghai)
}

/// As people write it: `刚刚`, `5分钟前`, `3小时前`, `昨天 22:41`, `11-16 23:05`, `2025-12-31 08:00`.
pub(crate) fn spoken(then: Timestamp, now: Timestamp) -> String {
    let (at, today) = (local(then), local(now).date_naive());
    match now.ms_since(then) {
        ..60_000 => "刚刚".to_owned(),
        age if age < HOUR_MS => format!("{}分钟前", age / 60_000),
        age if at.date_naive() == today => format!("{}小时前", age / HOUR_MS),
        _ if Some(at.date_naive()) == today.pred_opt() => at.format("昨天 %H:%M").to_string(),
        _ if at.year() == today.year() => at.format("%m-%d %H:%M").to_string(),
        _ => plain(then),
    }
}

/// `2026-11-16 23:05`
pub(crate) fn plain(then: Timestamp) -> String {
    local(then).format("%Y-%m-%d %H:%M").to_string()
}

/// `2026年11月16日 23:05`
pub(crate) fn chinese(then: Timestamp) -> String {
    local(then).format("%Y年%-m月%-d日 %H:%M").to_string()
}

/// `2026-11-16T23:05:00+08:00`
pub(crate) fn rfc3339(then: Timestamp) -> String {
    local(then).to_rfc3339()
}

/// `Mon, 16 Nov 2026 23:05:00 +0800`
pub(crate) fn rfc2822(then: Timestamp) -> String {
    local(then).to_rfc2822()
}

/// As HTTP headers want it: `Mon, 16 Nov 2026 15:05:00 GMT`
pub(crate) fn http(then: Timestamp) -> String {
    then.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::{chinese, http, spoken};
    use crate::model::time::Timestamp;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("an instant")
    }

    #[test]
    fn a_date_is_written_the_more_loosely_the_nearer_it_is() {
        let then = at("2026-11-16T23:05:00+08:00");
        assert_eq!(spoken(then, at("2026-11-16T23:05:59+08:00")), "刚刚");
        assert_eq!(spoken(then, at("2026-11-16T23:10:00+08:00")), "5分钟前");
        assert_eq!(spoken(at("2026-11-16T03:00:00+08:00"), at("2026-11-16T06:10:00+08:00")), "3小时前");
        assert_eq!(spoken(then, at("2026-11-17T18:00:00+08:00")), "昨天 23:05");
        assert_eq!(spoken(then, at("2026-11-20T18:00:00+08:00")), "11-16 23:05");
        assert_eq!(spoken(then, at("2027-01-20T18:00:00+08:00")), "2026-11-16 23:05");
    }

    #[test]
    fn http_dates_are_in_gmt_and_chinese_ones_in_the_zone() {
        let then = at("2026-11-16T23:05:00+08:00");
        assert_eq!(http(then), "Mon, 16 Nov 2026 15:05:00 GMT");
        assert_eq!(chinese(then), "2026年11月16日 23:05");
    }
}
