//! Instants. The clock is never read here: an instant is always handed in.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in milliseconds since 1970-01-01T00:00:00Z. Compared as an instant, never as wall-clock text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 instant with an offset.
#[derive(Debug, thiserror::Error)]
#[error("「{0}」 is not an instant such as 2026-11-20T18:00:00+08:00")]
pub struct NotAnInstant(pub String);

impl Timestamp {
    /// From milliseconds since the epoch (UTC).
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch (UTC).
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 text; the offset is required.
    pub fn parse(text: &str) -> Result<Self, NotAnInstant> {
        DateTime::parse_from_rfc3339(text.trim())
            .map(|instant| Self(instant.timestamp_millis()))
            .map_err(|_| NotAnInstant(text.to_owned()))
    }

    /// This instant later by `ms` milliseconds (earlier when negative), saturating.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This instant later by whole days of 24 hours.
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_ms(days.saturating_mul(86_400_000))
    }

    /// Milliseconds from `earlier` to this instant; negative when this one is earlier.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a chrono instant in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// As wall-clock time in a zone.
    pub fn local(self, zone: Tz) -> DateTime<Tz> {
        self.utc().with_timezone(&zone)
    }

    /// The calendar day in a zone.
    pub fn date(self, zone: Tz) -> NaiveDate {
        self.local(zone).date_naive()
    }

    /// The instant at which a calendar day begins in a zone.
    pub fn start_of(date: NaiveDate, zone: Tz) -> Self {
        let midnight = date.and_time(chrono::NaiveTime::MIN);
        let local = midnight.and_local_timezone(zone).earliest();
        // A zone may skip midnight on a day of clock change; the first hour that exists is close enough.
        let local = local.or_else(|| (midnight + TimeDelta::hours(1)).and_local_timezone(zone).earliest());
        Self(local.map_or_else(|| midnight.and_utc().timestamp_millis(), |l| l.timestamp_millis()))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_millis())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn the_same_instant_in_two_offsets_is_equal() {
        let shanghai = Timestamp::parse("2026-11-12T09:30:00+08:00").unwrap();
        let utc = Timestamp::parse("2026-11-12T01:30:00Z").unwrap();
        assert_eq!(shanghai, utc);
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let start = Timestamp::start_of(date, chrono_tz::Asia::Shanghai);
        assert_eq!(start.to_string(), "2026-11-19T16:00:00Z");
    }

    #[test]
    fn an_instant_without_offset_is_refused() {
        assert!(Timestamp::parse("2026-11-12T09:30:00").is_err());
    }
}
