//! A change of the ledger of protected topics on its way through two people.

use serde::{Deserialize, Serialize};

use crate::model::ids::TopicChangeId;
use crate::model::time::Timestamp;

/// What became of a proposed change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicChangeState {
    /// Waits for another person, until it expires.
    Waiting,
    /// Another person has approved it; it is in force once it has the number of its version.
    Approved,
    /// Another person has refused it.
    Refused,
    /// Whoever proposed it has taken it back.
    Withdrawn,
}

/// A proposed change of protected topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicChange {
    /// Identifier.
    pub id: TopicChangeId,
    /// What became of it.
    pub state: TopicChangeState,
    /// The ledger as it would be, as CSV.
    pub text: String,
    /// SHA-256 of the file with which it was compared; empty where there was none.
    pub read: String,
    /// What would change, as JSON of a [`Diff`](crate::ledger::diff::Diff).
    pub diff: String,
    /// Why it is proposed.
    pub reason: String,
    /// Who proposed it: an employee number, or `user:` with a login.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
    /// Who decided; empty while nobody has.
    pub decided_by: String,
    /// When somebody decided.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused; may be empty otherwise.
    pub answer: String,
    /// Number of the version that it became in the history of the ledger, once it is in force.
    pub version: Option<u64>,
}

impl TopicChange {
    /// Whether it waits for another person at an instant.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.state == TopicChangeState::Waiting && now < self.expires_at
    }

    /// Whether it was approved and is not in force: the program was interrupted, or the file has changed.
    pub fn is_unwritten(&self) -> bool {
        self.state == TopicChangeState::Approved && self.version.is_none()
    }
}
