//! What reports are made of: counted cases, and how much went through in a month. Nobody is named.

use crate::model::case::{Disposition, Lane};
use crate::model::finding::Rule;
use crate::model::ids::TermId;
use crate::model::term::Severity;
use crate::model::time::Timestamp;

/// A case as it is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFigure {
    /// Who works on it.
    pub lane: Lane,
    /// How grave; none where a person is to say so.
    pub severity: Option<Severity>,
    /// Rules of its findings.
    pub rules: Vec<Rule>,
    /// Terms that were found.
    pub terms: Vec<TermId>,
    /// When it was opened first.
    pub opened_at: Timestamp,
    /// When it was opened last.
    pub open_since: Timestamp,
    /// What was decided, and when.
    pub decided: Option<(Disposition, Timestamp)>,
    /// Whether an objection waits for its answer, so that nobody may decide.
    pub is_locked: bool,
}

/// How much went through in a month, for the whole group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passage {
    /// Pages that were fetched.
    pub pages: u64,
    /// Accounts and posts of which something was found, each counted when it was first seen.
    pub found: u64,
    /// Of these, those about which nobody was asked: permitted, official, recorded only.
    pub passed_over: u64,
}

/// Whether a decision says that the case was right; nothing for cases that time closed.
pub const fn is_right(disposition: Disposition) -> Option<bool> {
    match disposition {
        Disposition::Rectified | Disposition::CaseFiled | Disposition::ToLegal => Some(true),
        Disposition::FalseAlarm
        | Disposition::SameName
        | Disposition::Exempted
        | Disposition::Official
        | Disposition::Published
        | Disposition::NotEmployee => Some(false),
        Disposition::ProtectedSpeech | Disposition::Unreviewed => None,
    }
}
