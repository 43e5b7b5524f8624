//! An answer of a site before it becomes HTTP: bytes, their type, and what a revisit may be compared with.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::demo::site::dates;
use crate::model::time::Timestamp;

const HTML: &str = "text/html; charset=utf-8";

/// What a site says to one request.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    /// Whether a revisit may be answered with 304.
    validated: bool,
    /// Newest change of what is shown, where that is known.
    modified: Option<Timestamp>,
}

impl Answer {
    fn new(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: StatusCode::OK, content_type, body: body.into(), validated: false, modified: None }
    }

    pub(crate) fn html(page: String) -> Self {
        Self::new(HTML, page)
    }

    /// A page in GBK, as old boards send it. Characters that GBK lacks become numeric references.
    pub(crate) fn gbk(page: &str) -> Self {
        let (body, _, _) = encoding_rs::GBK.encode(page);
        Self::new("text/html; charset=gbk", body.into_owned())
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::new("text/plain; charset=utf-8", text)
    }

    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self { validated: true, ..Self::new("application/json; charset=utf-8", value.to_string()) }
    }

    pub(crate) fn rss(feed: String, modified: Option<Timestamp>) -> Self {
        Self { validated: true, modified, ..Self::new("application/rss+xml; charset=utf-8", feed) }
    }

    pub(crate) fn image(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { validated: true, ..Self::new(content_type, bytes) }
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The HTTP answer to a request with these headers: 304 when the visitor already has these bytes.
    pub(crate) fn respond(self, asked: &HeaderMap) -> Response<Body> {
        let tag = self.tag();
        let known = self.validated && self.status == StatusCode::OK && self.is_known(asked, &tag);
        let mut response = Response::new(if known { Body::empty() } else { Body::from(self.body) });
        *response.status_mut() = if known { StatusCode::NOT_MODIFIED } else { self.status };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if self.validated {
            insert(headers, ETAG, &tag);
        }
        if let Some(modified) = self.modified {
            insert(headers, LAST_MODIFIED, &dates::http(modified));
        }
        response
    }

    fn tag(&self) -> String {
        let digest = Sha256::digest(&self.body);
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("\"{hex}\"")
    }

    fn is_known(&self, asked: &HeaderMap, tag: &str) -> bool {
        if let Some(tags) = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) {
            return tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
        }
        let since = asked.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
        since.is_some_and(|since| self.modified.is_some_and(|modified| since == dates::http(modified)))
    }
}

fn insert(headers: &mut HeaderMap, name: axum::http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
