//! Platform files and sources that somebody added in the console, beside those in the folder of the installation.

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// What was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddedKind {
    /// A platform file.
    Platform,
    /// One source, as the list of sources has it.
    Source,
}

impl AddedKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Platform, Self::Source];

    /// Its word in addresses and in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Source => "source",
        }
    }
}

/// One state of what was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// What it is.
    pub kind: AddedKind,
    /// Identifier of the platform or source.
    pub name: String,
    /// Number of the state, from 1.
    pub version: u64,
    /// Whether it was removed with this state; the text is that of before.
    pub is_removed: bool,
    /// TOML, as it was handed in: a platform file, or one `[[source]]`.
    pub text: String,
    /// Login of who did it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}
