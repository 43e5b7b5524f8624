//! Who did or read what.

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// One line of the audit. Holds identifiers only: no names, no text, no terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: an employee number, `cli:` with the login name, or `wanglou` for the program itself.
    pub actor: String,
    /// What was done, such as `case.close` or `fetch.disallowed`.
    pub action: String,
    /// To what: an identifier of the store, a source, a ledger file.
    pub object: String,
    /// More, without content.
    pub detail: String,
}
