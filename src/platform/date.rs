//! Dates as people and machines write them, relative to the instant at which the page was fetched.

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
    use chrono::format::{Item, StrftimeItems};
    text.contains('%') && !StrftimeItems::new(text).any(|item| matches!(item, Item::Error))
}
