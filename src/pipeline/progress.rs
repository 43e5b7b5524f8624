//! What a scan tells while it runs. Identifiers and counts only.

use crate::model::capture::Verdict;
use crate::model::ids::SourceId;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A visit begins.
    Visiting {
        /// Source.
        source: SourceId,
    },
    /// A page was fetched, or is unchanged.
    Page {
        /// Source.
        source: SourceId,
        /// Pages so far.
        pages: u32,
        /// Pages known to come.
        waiting: usize,
    },
    /// A visit ended.
    Visited {
        /// Source.
        source: SourceId,
        /// What came of it.
        verdict: Verdict,
        /// Pages fetched.
        pages: u32,
    },
    /// A source's pages were judged.
    Judged {
        /// Source.
        source: SourceId,
        /// Subjects that were judged.
        subjects: usize,
        /// Of these, those that ask for attention.
        asking: usize,
    },
}

/// Where a scan tells what happens.
pub type Listener = std::sync::Arc<dyn Fn(Event) + Send + Sync>;

/// A listener that does not listen.
pub fn nobody() -> Listener {
    std::sync::Arc::new(|_| {})
}
