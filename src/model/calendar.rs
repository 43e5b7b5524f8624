//! Days that are not what their weekday says.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What a day is, whatever its weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// 放假
    Off,
    /// 上班: a weekend day that is worked in exchange for a holiday (调休).
    Working,
}

/// A holiday, or a weekend day that is worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialDay {
    /// The day.
    pub day: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// Name of the holiday that it belongs to.
    pub name: String,
}
