//! What was done just before a page is shown.

use serde::Deserialize;

/// Says so in the address of the page: `?done=1`, or a word for what it was.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    pub(super) done: String,
}

impl Done {
    /// Whether something was done.
    pub(super) fn is_done(&self) -> bool {
        !self.done.is_empty()
    }
}
