//! The one fetcher: nothing is fetched except through it.
//!
//! Hours and cap of the source → guard → robots → pace of the host → request → redirect, from the guard on again →
//! limits while the body arrives. It keeps no cookie, sends no Referer, and never tries to look like a person.

mod charset;
mod error;
mod exchange;
mod guard;
mod hosts;
mod redirect;
mod rules;
mod settings;
mod token;
mod visits;
mod wire;

pub use crate::fetch::charset::{decode, decode_as};
pub use crate::fetch::error::{FetchError, SetupError};
pub use crate::fetch::exchange::{Answer, Call, Request, Validators};
pub(crate) use crate::fetch::guard::{is_outside, leads_inside};
pub use crate::fetch::hosts::{Count, name_of};
pub use crate::fetch::rules::RobotsCopy;
pub use crate::fetch::settings::Settings;
pub use crate::fetch::token::{Token, TokenError};
pub use crate::fetch::wire::install_crypto;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use reqwest::header::{
    CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use tokio::sync::MutexGuard;
use tokio::time::Instant;
use url::Url;

use crate::clock::Clock;
use crate::fetch::guard::Guard;
use crate::fetch::hosts::{Host, Hosts};
use crate::fetch::redirect::{Next, is_redirect};
use crate::fetch::settings::seconds;
use crate::fetch::visits::Visits;
use crate::fetch::wire::{header, ms};
use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::pace::host::{self, HostPace, UNSAID_RETRY_AFTER};
use crate::workers::{self, Hold, HoldError};

/// Longest wait for a host's pace within one visit. Longer ones go back to whoever plans the work.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a host is asked for that another process visits.
const BUSY_PAUSE: Duration = Duration::from_millis(250);

/// The steady clock's time at the start; longer than any interval.
const BEFORE_THE_START: Duration = Duration::from_secs(2 * 86_400);

/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Bytes that are read of what a service answers.
const CALL_ANSWER_MAX: usize = 64 * 1024;

/// Longest address that is asked for.
const ADDRESS_LENGTH_MAX: usize = 4_096;

/// Fetches pages politely. One serves the whole process: pace and caps are counted in it.
#[derive(Debug)]
pub struct Fetcher {
    settings: Settings,
    clock: Clock,
    zone: Tz,
    guard: Arc<Guard>,
    client: reqwest::Client,
    hosts: Hosts,
    visits: Visits,
    /// Where other processes may visit the same hosts.
    held: Option<Arc<workers::Hosts>>,
    // Pace is counted on a clock that nobody moves.
    started: Instant,
}

/// The right to send the next request to a host.
struct Turn<'a> {
    pace: MutexGuard<'a, HostPace>,
    hold: Option<Hold>,
    /// What is promised to the host between this request and the next.
    interval: Duration,
}

enum Hop {
    Arrived(Answer),
    Sent(Url),
}

impl Fetcher {
    /// Makes a fetcher. Hours and days are those of Asia/Shanghai unless [`Fetcher::in_zone`] says otherwise.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, SetupError> {
        let guard = Arc::new(Guard::new(&settings)?);
        let client = wire::client(&settings, &guard)?;
        let visits = Visits::new(settings.breaker_failures);
        let (hosts, started) = (Hosts::default(), Instant::now());
        Ok(Self { settings, clock, zone: chrono_tz::Asia::Shanghai, guard, client, hosts, visits, held: None, started })
    }

    /// The same fetcher, with hours and days by the clocks of `zone`.
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// The same fetcher among others: it asks a host only while it holds it.
    #[must_use]
    pub fn among(self, held: Arc<workers::Hosts>) -> Self {
        Self { held: Some(held), ..self }
    }

    /// Calls a service of the operator's own choice once, which is no page: neither robots nor pace are asked, the guard is.
    /// Returns the status and the first bytes of the answer.
    ///
    /// # Errors
    /// When the guard forbids the address or no answer comes; the message names its host alone.
    pub async fn call(&self, call: Call) -> Result<(u16, Vec<u8>), FetchError> {
        let url = call.url.clone();
        self.guard.check(&url).map_err(|reason| FetchError::Refused { url: url.clone(), reason })?;
        let mut response = wire::call(&self.client, call).await?;
        let (body, _) = wire::body_up_to(&mut response, &url, CALL_ANSWER_MAX).await?;
        Ok((response.status().as_u16(), body))
    }

    /// Fetches a page. Waits for the host's turn, follows redirects, repeats what may pass. Any answer counts as one,
    /// also 401, 403 and 404; only 429 and 503 are [`FetchError::SlowDown`].
    pub async fn fetch(&self, request: &Request) -> Result<Answer, FetchError> {
        let url = address(&request.url)?;
        let host = name_of(&url);
        self.visits.admit(request, &host, self.clock.now(), self.zone)?;
        let outcome = self.follow(url, request).await;
        self.visits.ended(&request.source, &host, &outcome, self.clock.now());
        outcome
    }

    /// How often each host was asked since the start.
    pub fn counters(&self) -> BTreeMap<String, Count> {
        self.hosts.counts()
    }

    /// Pages that a source gave today.
    pub fn pages_today(&self, source: &SourceId) -> u32 {
        self.visits.pages_on(source, self.clock.now().date(self.zone))
    }

    /// Takes up the day's count of a source again, as a store remembers it after a restart.
    pub fn resume_pages_today(&self, source: &SourceId, pages: u32) {
        self.visits.resume(source, self.clock.now().date(self.zone), pages);
    }

    /// Forgets a source that is not visited again: its pages of the day, its failures.
    pub fn forget(&self, source: &SourceId) {
        self.visits.forget(source);
    }

    async fn follow(&self, first: Url, request: &Request) -> Result<Answer, FetchError> {
        let refused = |url: &Url, reason: String| FetchError::Refused { url: url.clone(), reason };
        let mut seen = vec![first];
        loop {
            let url = &seen[seen.len() - 1];
            self.guard.check(url).map_err(|reason| refused(url, reason))?;
            let crawl_delay = self.ask_robots(url, request.interval_min_s).await?;
            let next = match self.page(url, request, crawl_delay).await? {
                Hop::Arrived(answer) => return Ok(answer),
                Hop::Sent(next) => next,
            };
            if seen.contains(&next) {
                return Err(refused(url, "it redirects in a circle".to_owned()));
            }
            if seen.len() > usize::try_from(self.settings.redirects_max).unwrap_or(usize::MAX) {
                return Err(refused(url, format!("it redirects more than {} times", self.settings.redirects_max)));
            }
            seen.push(next);
        }
    }

    async fn page(&self, url: &Url, request: &Request, crawl_delay: Option<Duration>) -> Result<Hop, FetchError> {
        let mut attempt = 0;
        loop {
            let outcome = self.page_once(url, request, crawl_delay).await;
            let again = match &outcome {
                Ok(Hop::Arrived(answer)) => matches!(answer.status, 502 | 504),
                Ok(Hop::Sent(_)) => false,
                Err(error) => Self::is_passing(error),
            };
            if !again || !self.pause_before_retry(&mut attempt).await {
                return outcome;
            }
        }
    }

    async fn page_once(&self, url: &Url, request: &Request, crawl_delay: Option<Duration>) -> Result<Hop, FetchError> {
        let interval = self.settings.interval(request.interval_min_s).max(crawl_delay.unwrap_or_default());
        let host = self.host(url);
        let mut turn = self.turn(&host, url, interval).await?;
        self.hosts.count(url, |count| count.pages += 1);
        self.visits.count_page(&request.source, self.clock.now().date(self.zone));
        let asked_at = Instant::now();
        let response = self.ask(&mut turn, url, wire::headers(request, url)).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        tracing::info!(source.id = %request.source, host = url.host_str(), status, ms = ms(asked_at.elapsed()), "asked");
        if let Some(retry_after) = self.heed(&mut turn, status, &headers).await {
            return Err(FetchError::SlowDown { url: url.clone(), retry_after });
        }
        if is_redirect(status) && !request.keeps_redirects {
            match redirect::next(url, &headers, &self.settings) {
                Next::At(next) => return Ok(Hop::Sent(next)),
                Next::Refused(reason) => return Err(FetchError::Refused { url: url.clone(), reason }),
                Next::Nowhere => {}
            }
        }
        let body = wire::body(response, url, self.settings.body_max_bytes).await?;
        Ok(Hop::Arrived(self.answer(url, status, &headers, body)))
    }

    fn answer(&self, url: &Url, status: u16, headers: &HeaderMap, body: Vec<u8>) -> Answer {
        let text = |name: HeaderName| header(headers, &name).map(str::to_owned);
        Answer {
            status,
            final_url: url.clone(),
            content_type: text(CONTENT_TYPE).unwrap_or_default(),
            body,
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
            location: text(LOCATION),
            fetched_at: self.clock.now(),
            not_modified: status == 304,
        }
    }

    /// Waits until the next request to a host may go out. Nobody else may send one while the turn is held.
    async fn turn<'a>(&self, host: &'a Host, url: &Url, interval: Duration) -> Result<Turn<'a>, FetchError> {
        let mut pace = host.turn.lock().await;
        let hold = self.hold(url).await?;
        if let Some(found) = hold.as_ref().and_then(Hold::found) {
            pace.taken_up(self.steady_now(), found.promised, found.was_left);
            pace.close_until(found.closed_until);
        }
        let interval = self.of_loopback(url, pace.borne(interval));
        let wait = pace.wait(self.steady_now(), interval);
        let closed = pace.closed_for(self.clock.now()).or(Some(wait).filter(|wait| *wait > PATIENCE));
        if let Some(left) = closed {
            return Err(FetchError::SlowDown { url: url.clone(), retry_after: Some(left) });
        }
        tokio::time::sleep(wait).await;
        if let Some(hold) = &hold {
            hold.promise(interval)
                .await
                .map_err(|source| FetchError::NotHeld { url: url.clone(), source: Box::new(source) })?;
        }
        Ok(Turn { pace, hold, interval })
    }

    /// Holds a host among other processes; waits a while for one that visits it.
    async fn hold(&self, url: &Url) -> Result<Option<Hold>, FetchError> {
        let Some(held) = &self.held else { return Ok(None) };
        let given_up_at = Instant::now() + PATIENCE;
        loop {
            match held.enter(&name_of(url), None).await {
                Ok(hold) => return Ok(Some(hold)),
                Err(HoldError::Busy) if Instant::now() < given_up_at => tokio::time::sleep(BUSY_PAUSE).await,
                Err(source) => return Err(FetchError::NotHeld { url: url.clone(), source: Box::new(source) }),
            }
        }
    }

    async fn ask(
        &self,
        turn: &mut Turn<'_>,
        url: &Url,
        headers: Vec<(HeaderName, HeaderValue)>,
    ) -> Result<reqwest::Response, FetchError> {
        let asked_at = self.steady_now();
        // Noted before as well, because a caller may give up while the answer is on its way.
        turn.asked(asked_at);
        let outcome = wire::ask(&self.client, url, headers).await;
        turn.asked(self.steady_now());
        if let Ok(response) = &outcome {
            turn.pace.answered(self.steady_now().saturating_sub(asked_at), response.status().as_u16());
        }
        outcome
    }

    /// Closes a host that asks for peace. The inner value is for how long; none for a 503 without a time.
    async fn heed(&self, turn: &mut Turn<'_>, status: u16, headers: &HeaderMap) -> Option<Option<Duration>> {
        if !matches!(status, 429 | 503) {
            return None;
        }
        let now = self.clock.now();
        // A date is meant by the clock of the server, which may differ from ours.
        let server_now = header(headers, &DATE).and_then(host::http_date).unwrap_or(now);
        let asked = header(headers, &RETRY_AFTER).and_then(|value| host::retry_after(value, server_now));
        let pause = asked.or((status == 429).then_some(UNSAID_RETRY_AFTER));
        if let Some(pause) = pause {
            turn.close_until(now.plus_ms(ms(pause))).await;
        }
        Some(pause)
    }

    /// Whether trouble may be over after a pause: no connection, no answer in time, 503 without a time.
    fn is_passing(error: &FetchError) -> bool {
        match error {
            FetchError::TimedOut { .. } => true,
            FetchError::Unreachable { source, .. } => !source.is_decode() && !source.is_builder(),
            FetchError::SlowDown { retry_after, .. } => retry_after.is_none(),
            _ => false,
        }
    }

    fn is_passing_status(status: u16, headers: &HeaderMap) -> bool {
        matches!(status, 502 | 504) || (status == 503 && !headers.contains_key(RETRY_AFTER))
    }

    async fn pause_before_retry(&self, attempt: &mut u32) -> bool {
        *attempt += 1;
        if *attempt > self.settings.retries_max {
            return false;
        }
        let first = seconds(self.settings.retry_first_s, 2.0);
        tokio::time::sleep(host::backoff(*attempt, first, PAUSE_MAX, dice())).await;
        true
    }

    /// The interval for a host of this machine, which may be visited faster.
    fn of_loopback(&self, url: &Url, interval: Duration) -> Duration {
        if !self.guard.is_loopback(url) {
            return interval;
        }
        let pace = self.settings.loopback_pace;
        interval.mul_f64(if pace.is_finite() { pace.clamp(0.0, 1.0) } else { 1.0 })
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        self.hosts.of(url, self.steady_now(), self.clock.now())
    }

    /// Counted from long before the start, so that what others did before can be told.
    fn steady_now(&self) -> Duration {
        BEFORE_THE_START + self.started.elapsed()
    }
}

impl Turn<'_> {
    fn asked(&mut self, now: Duration) {
        self.pace.asked(now, self.interval);
        if let Some(hold) = &self.hold {
            hold.asked();
        }
    }

    async fn close_until(&mut self, until: Timestamp) {
        self.pace.close_until(until);
        if let Some(hold) = &self.hold
            && let Err(error) = hold.close_until(until).await
        {
            tracing::warn!(%error, "others were not told that a host wants peace");
        }
    }
}

fn address(text: &str) -> Result<Url, FetchError> {
    let bad = |problem: String| FetchError::BadAddress { address: text.to_owned(), problem };
    if text.len() > ADDRESS_LENGTH_MAX {
        return Err(bad(format!("it is longer than {ADDRESS_LENGTH_MAX} bytes")));
    }
    let mut url = Url::parse(text.trim()).map_err(|error| bad(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(format!("its scheme is {}, not http or https", url.scheme())));
    }
    url.set_fragment(None);
    Ok(url)
}

/// A random number from 0 to 1, good enough to spread attempts.
fn dice() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0_u8) >> 32).unwrap_or(0);
    f64::from(bits) / f64::from(u32::MAX)
}
