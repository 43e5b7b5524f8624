//! Platforms as data: a TOML file says how a kind of site is asked and read; this room checks the file and reads pages
//! by it. Nothing is fetched here, and nothing is decided about people.

pub mod address;
pub mod admission;
pub mod canary;
pub mod catalog;
pub mod date;
pub mod definition;
pub mod extract;
pub mod feed;
pub mod plain;
pub mod sample;
mod space;
pub mod verdict;

pub use canary::Canary;
pub use catalog::{Catalog, CatalogProblem};
pub use definition::{Class, Definition, DefinitionError, Sample, UrlError, Values};
pub use extract::{extract, extract_by_any};

use chrono_tz::Tz;
use url::Url;

use crate::model::account::{Account, Post};
use crate::model::capture::Verdict;
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;

/// Largest platform file that people hand in, bytes.
pub const FILE_BYTES_MAX: usize = 256 << 10;

/// A fetched page, already decoded to text.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Address after redirects; relative links are read against it.
    pub url: &'a Url,
    /// Entry of the platform file by which it is read.
    pub entry: EntryKind,
    /// HTTP status.
    pub status: u16,
    /// Content-Type as sent; empty when there was none.
    pub content_type: &'a str,
    /// The body as text.
    pub text: &'a str,
    /// When it was fetched; relative dates count from here.
    pub fetched_at: Timestamp,
    /// The group's time zone, for platforms that name none of their own.
    pub zone: Tz,
    /// The source's `{base}`, without a trailing slash.
    pub base: &'a str,
}

/// A link that leads to another entry of the same platform.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Follow {
    /// Entry by which the page behind the link is read.
    pub entry: EntryKind,
    /// The link, absolute.
    pub url: Url,
}

/// What one page gave.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Extraction {
    /// What the page turned out to be.
    pub verdict: Verdict,
    /// Accounts shown on it, each once.
    pub accounts: Vec<Account>,
    /// Posts shown on it, each once.
    pub posts: Vec<Post>,
    /// Links to visit next, each once.
    pub follow: Vec<Follow>,
    /// The next page of the same list, where a link names it.
    pub next: Option<Url>,
    /// Rows that could not be read, by number and field, without their content.
    pub problems: Vec<String>,
}
