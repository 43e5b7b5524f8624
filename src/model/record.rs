//! Records from outside the crawl: JSON lines or an array, one account or post each.

use serde::{Deserialize, Serialize};

use crate::model::account::{Account, Post};

/// One account or one post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Record {
    /// A profile.
    Account(Account),
    /// A piece of content.
    Post(Post),
}
