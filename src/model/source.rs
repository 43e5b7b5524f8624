//! What is visited regularly.

use serde::{Deserialize, Serialize};

use crate::model::ids::{PlatformId, SourceId};

/// Way into a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Public search for a term.
    Search,
    /// List of recent posts or accounts.
    Listing,
    /// One profile.
    Account,
    /// One post.
    Post,
    /// A profile picture; no entry of a platform file leads to it.
    Avatar,
}

/// A thing visited regularly on a platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Identifier.
    pub id: SourceId,
    /// Platform file by which it is read.
    pub platform: PlatformId,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Address that stands for `{base}` in the platform's templates, without a trailing slash.
    pub base: String,
    /// Whether it is visited.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether its file says so itself, as platforms of class B demand.
    #[serde(skip)]
    pub enabled_expressly: bool,
    /// Least time between two requests to its host, seconds. The platform's default when none is given.
    #[serde(default)]
    pub interval_min_s: Option<f64>,
    /// Local time of day in which it may be visited, such as `01:00-06:00`; always when empty.
    #[serde(default)]
    pub active_hours: Option<String>,
    /// Most pages a day.
    #[serde(default)]
    pub daily_page_cap: Option<u32>,
    /// Name of the file with the operator's own token for an official interface, in the folder `paths.tokens` of each machine
    /// that visits it.
    #[serde(default)]
    pub token: Option<String>,
    /// How the token is sent: a header with `{token}` in it.
    #[serde(default = "bearer")]
    pub token_header: String,
    /// Label of the way out by which it is visited: only by processes whose `work.egress` is the same. Any when empty.
    #[serde(default)]
    pub egress: String,
    /// Cron expression in the group's time zone; the general schedule when none is given.
    #[serde(default)]
    pub schedule: Option<String>,
    /// Values for further placeholders of the platform's templates, such as a board code.
    #[serde(default)]
    pub values: std::collections::BTreeMap<String, String>,
    /// Why this may be read: terms of use, assessment number.
    #[serde(default)]
    pub basis: String,
}

fn bearer() -> String {
    "Authorization: Bearer {token}".to_owned()
}

const fn yes() -> bool {
    true
}
