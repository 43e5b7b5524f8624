//! Remarks that people leave on a case.

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Anything.
    Note,
    /// Somebody was asked whether the account is theirs.
    Asked,
    /// Somebody says that it is theirs; it is to be changed.
    Admitted,
    /// The platform has the complaint.
    ComplaintFiled,
    /// The platform has done as asked.
    ComplaintUpheld,
    /// The platform has refused.
    ComplaintRefused,
}

/// One remark. It is never changed, and erased with its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// Who wrote it: an employee number, or `user:` with a login.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// The text; none when it is sealed and there is no key.
    pub words: Option<String>,
}
