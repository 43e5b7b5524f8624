//! Where an answer sends us. Redirects are followed by our own code, one at a time, each through all checks.

use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use crate::fetch::guard::leads_inside;
use crate::fetch::settings::Settings;
use crate::fetch::wire::header;

/// What a redirect leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another address, not yet checked by the guard.
    At(Url),
    /// Nowhere: the header is missing or no address.
    Nowhere,
    /// Somewhere that is never followed.
    Refused(String),
}

/// Whether a status is a redirect that a GET follows.
pub(crate) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Reads where a redirect from `url` leads.
pub(crate) fn next(url: &Url, headers: &HeaderMap, settings: &Settings) -> Next {
    let Some(location) = location(headers) else { return Next::Nowhere };
    let Ok(next) = url.join(&location) else { return Next::Nowhere };
    if !matches!(next.scheme(), "http" | "https") {
        return Next::Refused(format!("it redirects to an address of scheme {}", next.scheme()));
    }
    if url.scheme() == "https" && next.scheme() == "http" {
        return Next::Refused("it redirects from https to http".to_owned());
    }
    if leads_inside(url, &next, settings) {
        return Next::Refused("it redirects from the open web to the inside".to_owned());
    }
    Next::At(next)
}

fn location(headers: &HeaderMap) -> Option<String> {
    // Servers write raw UTF-8 here, which is no readable header but a readable address.
    let raw = headers.get(LOCATION)?;
    let text = header(headers, &LOCATION).map(str::to_owned);
    text.or_else(|| std::str::from_utf8(raw.as_bytes()).ok().map(str::to_owned))
}
