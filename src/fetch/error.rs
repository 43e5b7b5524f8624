//! Why a page was not fetched. Messages name the host only: the rest of an address may name a person.

use std::error::Error;
use std::time::Duration;

use url::Url;

use crate::model::time::Timestamp;
use crate::workers::HoldError;

/// Why there is no answer. Each case is one that a caller treats differently.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The site's robots.txt forbids the page. Not a fault; no request was made for it.
    #[error("robots.txt of {} forbids the page: {rule}", host(.url))]
    Disallowed {
        /// The page.
        url: Url,
        /// The line that forbids it.
        rule: String,
    },
    /// The site's robots.txt cannot be read at present, so nothing is asked for there.
    #[error("robots.txt of {} cannot be read ({problem}), so the site is left alone for now", host(.url))]
    RobotsUnavailable {
        /// The page.
        url: Url,
        /// What happened to robots.txt.
        problem: String,
    },
    /// The host wants peace (429, 503), or its pace would take longer than a visit should last.
    #[error("{} asks for slower visits; come back later", host(.url))]
    SlowDown {
        /// The page.
        url: Url,
        /// For how long it is left alone; none when it only said that it cannot answer (503 without a time).
        retry_after: Option<Duration>,
    },
    /// The source may not be visited at this hour.
    #[error("outside the hours of the source, which begin at {opens_at}")]
    OutsideWindow {
        /// When its hours begin.
        opens_at: Timestamp,
    },
    /// The source gave all the pages that it may be asked for on a day.
    #[error("the daily page cap of the source is reached until {until}")]
    CapReached {
        /// When the next day begins.
        until: Timestamp,
    },
    /// The address is one that must not be visited, such as a private one, or leads to one.
    #[error("{} is not visited: {reason}", host(.url))]
    Refused {
        /// The address that was refused.
        url: Url,
        /// Why.
        reason: String,
    },
    /// Another process visits the host, or this one may not visit any more.
    #[error("{} is left alone: {source}", host(.url))]
    NotHeld {
        /// The page.
        url: Url,
        /// Why the host is not held.
        source: Box<HoldError>,
    },
    /// The body is larger than allowed.
    #[error("the answer of {} is larger than {bytes_max} bytes", host(.url))]
    TooLarge {
        /// The page.
        url: Url,
        /// Largest size allowed, after decompression.
        bytes_max: usize,
    },
    /// The answer was not complete in time.
    #[error("{} did not answer in time", host(.url))]
    TimedOut {
        /// The page.
        url: Url,
    },
    /// No connection, or one that broke.
    #[error("{} cannot be reached: {}", host(.url), root_cause(.source))]
    Unreachable {
        /// The page.
        url: Url,
        /// What went wrong; names no path.
        source: reqwest::Error,
    },
    /// Not the address of a web page.
    #[error("not the address of a web page: {problem}")]
    BadAddress {
        /// What was given.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The host failed too often and rests.
    #[error("{host} failed several times in a row and rests until {until}")]
    CircuitOpen {
        /// The host.
        host: String,
        /// When it is tried again.
        until: Timestamp,
    },
}

/// Settings with which no fetcher can be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A setting cannot be used.
    #[error("`fetch.{setting}` cannot be used: {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The file of root certificates cannot be read.
    #[error("`fetch.ca_file` {} cannot be read", .path.display())]
    CaFile {
        /// The file.
        path: std::path::PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// What lies at the bottom of a failure, such as an expired certificate; no page's address stands in it.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// What a failure comes from, the nearest first.
pub(crate) fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Error::source(error), |cause| Error::source(*cause))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the address")
}
