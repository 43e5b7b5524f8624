//! Reads a page by its platform file.

use crate::model::capture::Verdict;
use crate::platform::{Definition, Extraction, Page};

/// Reads a page by one entry of a platform file. Never fails: what cannot be read is `blocked`, with the problems named.
pub fn extract(definition: &Definition, page: &Page<'_>) -> Extraction {
    let reason = if definition.has(page.entry) { "layout" } else { "no such entry" };
    Extraction {
        verdict: Verdict::Blocked { reason: reason.to_owned() },
        accounts: Vec::new(),
        posts: Vec::new(),
        follow: Vec::new(),
        next: None,
        problems: Vec::new(),
    }
}
