//! robots.txt of each origin: fetched through the same pace and guard as pages, kept for a day at most.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::fetch::Fetcher;
use crate::fetch::error::FetchError;
use crate::fetch::exchange::Request;
use crate::fetch::redirect::{self, Next};
use crate::fetch::wire::{self, ms};
use crate::model::time::Timestamp;
use crate::pace::host::UNSAID_RETRY_AFTER;
use crate::pace::robots::{ROBOTS_BYTES_MAX, Reading, Robots};

/// Redirects that are followed for a robots.txt (RFC 9309 §2.3.1.2).
const ROBOTS_REDIRECTS_MAX: u32 = 5;

/// A robots.txt as it was read, to be kept as evidence of what was permitted when.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotsCopy {
    /// Its address before redirects.
    pub url: Url,
    /// HTTP status of the last answer.
    pub status: u16,
    /// Its bytes, at most 500 KiB; empty when the status is not 2xx.
    pub body: Vec<u8>,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
    /// When it must be asked for again.
    pub expires_at: Timestamp,
    /// What it says to us; none when it cannot be read and the site is left alone.
    pub robots: Option<Robots>,
}

impl Fetcher {
    /// The robots.txt that rules a page, from memory or from its site. Network trouble is an error.
    pub async fn robots(&self, page: &Url, interval_min_s: Option<f64>) -> Result<Arc<RobotsCopy>, FetchError> {
        let slot = self.host(page).robots(page);
        let mut kept = slot.lock().await;
        if let Some(copy) = kept.as_ref().filter(|copy| copy.holds_at(self.clock.now())) {
            return Ok(Arc::clone(copy));
        }
        let copy = Arc::new(self.fetch_robots(page, interval_min_s).await?);
        *kept = Some(Arc::clone(&copy));
        Ok(copy)
    }

    /// The robots.txt that rules a page as far as it is in memory and holds; nothing is asked for.
    pub fn known_robots(&self, page: &Url) -> Option<Arc<RobotsCopy>> {
        let slot = self.host(page).robots(page);
        let kept = slot.try_lock().ok()?;
        kept.as_ref().filter(|copy| copy.holds_at(self.clock.now())).map(Arc::clone)
    }

    /// Refuses a page that robots.txt forbids; gives the delay that it asks for otherwise.
    pub(super) async fn ask_robots(&self, page: &Url, wanted_s: Option<f64>) -> Result<Option<Duration>, FetchError> {
        let copy = self.robots(page, wanted_s).await?;
        let Some(robots) = &copy.robots else {
            let problem = format!("status {}", copy.status);
            return Err(FetchError::RobotsUnavailable { url: page.clone(), problem });
        };
        let decision = robots.allows(&page[url::Position::BeforePath..url::Position::AfterQuery]);
        if decision.allowed {
            return Ok(robots.crawl_delay());
        }
        let rule = decision.rule.unwrap_or_default();
        Err(FetchError::Disallowed { url: page.clone(), rule })
    }

    async fn fetch_robots(&self, page: &Url, wanted_s: Option<f64>) -> Result<RobotsCopy, FetchError> {
        let unavailable =
            |problem: &str| FetchError::RobotsUnavailable { url: page.clone(), problem: problem.to_owned() };
        let first = page.join("/robots.txt").map_err(|_| unavailable("no address"))?;
        let mut url = first.clone();
        for _ in 0..=ROBOTS_REDIRECTS_MAX {
            self.guard
                .check(&url)
                .map_err(|reason| unavailable(&format!("it leads to an address that is not visited: {reason}")))?;
            let (status, headers, body) = self.robots_at(&url, wanted_s).await?;
            match Reading::of_status(status) {
                Reading::Follow => match redirect::next(&url, &headers, &self.settings) {
                    Next::At(next) => url = next,
                    // A redirect to nowhere is an answer that cannot be read, so the site is left alone.
                    Next::Nowhere => return Ok(self.copy(first, status, Vec::new())),
                    Next::Refused(reason) => return Err(unavailable(&reason)),
                },
                Reading::Parse => return Ok(self.copy(first, status, body)),
                Reading::AllowAll | Reading::StayAway => return Ok(self.copy(first, status, Vec::new())),
            }
        }
        Err(unavailable("too many redirects"))
    }

    async fn robots_at(
        &self,
        url: &Url,
        wanted_s: Option<f64>,
    ) -> Result<(u16, reqwest::header::HeaderMap, Vec<u8>), FetchError> {
        let mut attempt = 0;
        loop {
            let outcome = self.robots_once(url, wanted_s).await;
            let again = match &outcome {
                Ok((status, headers, _)) => Self::is_passing_status(*status, headers),
                Err(error) => Self::is_passing(error),
            };
            if !again || !self.pause_before_retry(&mut attempt).await {
                return outcome;
            }
        }
    }

    async fn robots_once(
        &self,
        url: &Url,
        wanted_s: Option<f64>,
    ) -> Result<(u16, reqwest::header::HeaderMap, Vec<u8>), FetchError> {
        let host = self.host(url);
        let mut turn = self.turn(&host, url, self.settings.interval(wanted_s)).await?;
        self.hosts.count(url, |count| count.robots += 1);
        let request = Request { accept: Some("text/plain,*/*;q=0.5".to_owned()), ..Request::default() };
        let mut response = self.ask(&mut turn, url, wire::headers(&request, url)).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        tracing::debug!(host = url.host_str(), status, "asked for robots.txt");
        self.heed(&mut turn, status, &headers).await;
        let mut body = Vec::new();
        if Reading::of_status(status) == Reading::Parse {
            // One byte more than is read, so that a line cut in two is seen to be one.
            body = wire::body_up_to(&mut response, url, ROBOTS_BYTES_MAX + 1).await?.0;
        }
        Ok((status, headers, body))
    }

    fn copy(&self, url: Url, status: u16, body: Vec<u8>) -> RobotsCopy {
        let robots = match Reading::of_status(status) {
            Reading::Parse => Some(Robots::parse(&body, &self.settings.user_agent)),
            Reading::AllowAll => Some(Robots::allow_all()),
            Reading::Follow | Reading::StayAway => None,
        };
        let kept_ms = self.settings.robots_age_ms();
        let kept_ms = if robots.is_some() { kept_ms } else { kept_ms.min(ms(UNSAID_RETRY_AFTER)) };
        let fetched_at = self.clock.now();
        RobotsCopy { url, status, body, fetched_at, expires_at: fetched_at.plus_ms(kept_ms), robots }
    }
}

impl RobotsCopy {
    fn holds_at(&self, now: Timestamp) -> bool {
        // A clock that was set back must not keep a copy for longer than was meant.
        self.fetched_at <= now && now < self.expires_at
    }
}
