//! What is asked for, and what came back.

use std::borrow::Cow;

use url::Url;

use crate::fetch::charset::{decode, decode_as};
use crate::fetch::token::Token;
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::model::time::Timestamp;
use crate::pace::schedule::Window;

/// One page to fetch, with what its source allows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// Address of the page.
    pub url: String,
    /// Source on whose behalf it is fetched; hours and cap are counted by it, and the failures of each host.
    pub source: SourceId,
    /// Least time between two requests to the host, seconds; that of the settings when none is given.
    pub interval_min_s: Option<f64>,
    /// Hours in which the source may be visited; always when none are given.
    pub window: Option<Window>,
    /// Most pages of the source a day; no limit when none is given.
    pub daily_page_cap: Option<u32>,
    /// What is known of the last answer, so that the server may say that nothing changed.
    pub conditional: Option<Validators>,
    /// Accept header; one that suits pages and feeds when none is given.
    pub accept: Option<String>,
    /// The operator's token, for pages of its own origin; never for robots.txt.
    pub token: Option<Token>,
    /// Whether a redirect is the answer, and is not followed.
    pub keeps_redirects: bool,
    /// Whether nothing more is asked of the host soon: its connection need not be kept.
    pub is_last: bool,
}

/// By what a server recognises the copy that we have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// ETag of the last answer.
    pub etag: Option<String>,
    /// Last-Modified of the last answer, as sent.
    pub last_modified: Option<String>,
}

/// The complete answer of a server, of whatever status (but 429 and 503, which are errors).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Address after redirects.
    pub final_url: Url,
    /// Content-Type as sent; empty when none was.
    pub content_type: String,
    /// Body after decompression.
    pub body: Vec<u8>,
    /// ETag as sent.
    pub etag: Option<String>,
    /// Last-Modified as sent.
    pub last_modified: Option<String>,
    /// Where a redirect that was not followed leads, as sent.
    pub location: Option<String>,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
    /// Whether the server said that our copy still holds (304); the body is empty then.
    pub not_modified: bool,
}

/// One call of a service, which is no page.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Where it goes. It may hold a secret.
    pub url: url::Url,
    /// Headers. They may hold a secret.
    pub headers: Vec<(&'static str, String)>,
    /// What is posted; asked for without, when there is nothing.
    pub body: Option<String>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call to {}", self.url.host_str().unwrap_or_default())
    }
}

impl Request {
    /// A page of a source, with the settings' pace and no further limits.
    pub fn new(url: impl Into<String>, source: SourceId) -> Self {
        Self { url: url.into(), source, ..Self::default() }
    }

    /// A page of a source, within its hours, cap and pace; `interval_min_s` is that of its platform.
    pub fn of_source(url: impl Into<String>, source: &Source, interval_min_s: f64) -> Self {
        Self {
            interval_min_s: source.interval_min_s.or(Some(interval_min_s)),
            window: Window::of(source),
            daily_page_cap: source.daily_page_cap,
            ..Self::new(url, source.id.clone())
        }
    }
}

impl Answer {
    /// The body as text, by the encoding of that label where one is given.
    pub fn text_as(&self, label: Option<&str>) -> Cow<'_, str> {
        decode_as(label, &self.body, &self.content_type, self.final_url.host_str().unwrap_or_default())
    }

    /// The body as text; see [`decode`].
    pub fn text(&self) -> String {
        decode(&self.body, &self.content_type, self.final_url.host_str().unwrap_or_default())
    }
}
