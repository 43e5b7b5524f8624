//! Stored answers of servers, and what the pages turned out to be.

use serde::{Deserialize, Serialize};

use crate::model::ids::{CaptureHash, CaptureId, ScanId, SourceId};
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;

/// What a page turned out to be. Blocked is never taken for empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Accounts or posts stand on it.
    Found,
    /// The site says that there is nothing, or the subject is gone.
    Empty,
    /// Captcha, login wall, soft block, changed layout.
    Blocked {
        /// Which mark or absence showed it.
        reason: String,
    },
}

/// What becomes of a capture's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureState {
    /// Fetched, not yet inspected.
    Pending,
    /// Pinned as evidence.
    Kept,
    /// Inspected without a finding: hash, status and time only.
    Dropped,
}

/// Facts about one fetched answer. The bytes are in the vault under `sha256`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Identifier.
    pub id: CaptureId,
    /// The run that fetched it.
    pub scan: ScanId,
    /// Source.
    pub source: SourceId,
    /// Kind of entry of the platform file by which the page is read.
    pub entry: EntryKind,
    /// Address asked for.
    pub url: String,
    /// Address after redirects.
    pub final_url: String,
    /// HTTP status.
    pub status: u16,
    /// Content-Type as sent.
    pub content_type: String,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
    /// SHA-256 of the body after content decoding.
    pub sha256: CaptureHash,
    /// Size of the body in bytes.
    pub size: u64,
    /// What becomes of it.
    pub state: CaptureState,
}
