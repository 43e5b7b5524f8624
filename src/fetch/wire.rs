//! One request over the wire, with its limits. Neither robots nor pace are known here.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONNECTION, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy, Response, StatusCode, redirect, retry};
use url::Url;

use crate::fetch::error::{FetchError, SetupError, causes};
use crate::fetch::exchange::{Call, Request};
use crate::fetch::guard::{Guard, GuardedResolver, NotPublic};
use crate::fetch::settings::{Settings, seconds};

/// Most bytes of a body that are set aside before any has arrived.
const SET_ASIDE_MAX: usize = 64 * 1024;

/// Installs the cryptography behind TLS for the whole process. Calling it again does nothing.
pub fn install_crypto() {
    // An error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Makes the HTTP client: no cookies, no Referer, no redirects of its own, every name through the guard.
pub(crate) fn client(settings: &Settings, guard: &Arc<Guard>) -> Result<Client, SetupError> {
    install_crypto();
    if let Some(path) = &settings.ca_file {
        return builder(settings, guard)?.tls_certs_merge(certificates(path)?).build().map_err(SetupError::Client);
    }
    builder(settings, guard)?.build().or_else(|_| {
        // A machine without any root certificate can still visit plain HTTP; https then fails page by page.
        let without_roots = builder(settings, guard)?.tls_certs_only([]).build().map_err(SetupError::Client)?;
        tracing::warn!(
            "the system has no root certificates, so no https page can be fetched; install them or set fetch.ca_file"
        );
        Ok(without_roots)
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes a client for the fetcher")]
fn builder(settings: &Settings, guard: &Arc<Guard>) -> Result<ClientBuilder, SetupError> {
    let builder = Client::builder()
        .user_agent(user_agent(settings)?)
        .default_headers(default_headers())
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(seconds(settings.connect_timeout_s, 10.0))
        .timeout(seconds(settings.total_timeout_s, 30.0))
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(seconds(settings.idle_timeout_s, 60.0))
        // The time-outs above find a dead connection sooner; each of these is a call to the kernel for every connection.
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .tcp_user_timeout(None)
        .dns_resolver(GuardedResolver(Arc::clone(guard)));
    Ok(match &settings.proxy {
        None => builder.no_proxy(),
        Some(address) => builder.proxy(proxy(address, guard)?),
    })
}

fn user_agent(settings: &Settings) -> Result<HeaderValue, SetupError> {
    let wrong = |setting, problem: &str| SetupError::Setting { setting, problem: problem.to_owned() };
    let token = &settings.user_agent;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_')) {
        return Err(wrong("user_agent", "a product token is made of letters, `-` and `_`"));
    }
    let header = HeaderValue::from_str(&settings.user_agent_header());
    header
        .ok()
        .filter(|header| header.to_str().is_ok())
        .ok_or_else(|| wrong("contact", "it or `fetch.about_url` has characters beyond ASCII"))
}

fn default_headers() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static("zh-CN,zh;q=0.9,en;q=0.5"))])
}

fn proxy(address: &str, guard: &Guard) -> Result<Proxy, SetupError> {
    let proxy = Proxy::all(address)
        // The address may hold a password, so it is not repeated.
        .map_err(|_| SetupError::Setting {
            setting: "proxy",
            problem: "it is not the address of a proxy".to_owned(),
        })?;
    Ok(proxy.no_proxy(NoProxy::from_string(&guard.without_proxy())))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, SetupError> {
    let pem = std::fs::read(path).map_err(|source| SetupError::CaFile { path: path.to_owned(), source })?;
    let wrong = |problem: String| SetupError::Setting { setting: "ca_file", problem };
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.to_string()))?;
    if certificates.is_empty() { Err(wrong("it holds no certificate".to_owned())) } else { Ok(certificates) }
}

/// Headers of a request that differ from page to page; `url` is where it goes after redirects.
pub(crate) fn headers(request: &Request, url: &Url) -> Vec<(HeaderName, HeaderValue)> {
    const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5";
    let known = request.conditional.as_ref();
    let wanted = [
        (ACCEPT, Some(request.accept.as_deref().unwrap_or(PAGES))),
        (IF_NONE_MATCH, known.and_then(|known| known.etag.as_deref())),
        (IF_MODIFIED_SINCE, known.and_then(|known| known.last_modified.as_deref())),
        // HTTP/2 has no such header and the library leaves it out there.
        (CONNECTION, request.is_last.then_some("close")),
    ];
    let given = wanted.into_iter().filter_map(|(name, value)| Some((name, value?)));
    // A stored value that is no header any more only costs the saving it was to bring.
    let given = given.filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?)));
    given.chain(request.token.as_ref().and_then(|token| token.header_for(url))).collect()
}

/// Sends a request and waits for the head of the answer. What the proxy itself refuses is no answer of the site.
pub(crate) async fn ask(
    client: &Client,
    url: &Url,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Result<Response, FetchError> {
    let request = client.get(url.clone()).headers(HeaderMap::from_iter(headers));
    let response = request.send().await.map_err(|error| failure(url, error))?;
    if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        let reason = "the proxy wants another name or password; see `fetch.proxy`".to_owned();
        return Err(FetchError::Refused { url: url.clone(), reason });
    }
    Ok(response)
}

/// Calls a service and waits for the head of the answer.
pub(crate) async fn call(client: &Client, call: Call) -> Result<Response, FetchError> {
    let Call { url, headers, body } = call;
    let request = match body {
        Some(body) => client.post(url.clone()).body(body),
        None => client.get(url.clone()),
    };
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send().await.map_err(|error| failure(&url, error))
}

/// Reads a body after decompression; more than `bytes_max` is an error.
pub(crate) async fn body(mut response: Response, url: &Url, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
    let (body, complete) = body_up_to(&mut response, url, bytes_max).await?;
    if complete { Ok(body) } else { Err(FetchError::TooLarge { url: url.clone(), bytes_max }) }
}

/// Reads a body after decompression up to `bytes_max`, and says whether that was all.
pub(crate) async fn body_up_to(
    response: &mut Response,
    url: &Url,
    bytes_max: usize,
) -> Result<(Vec<u8>, bool), FetchError> {
    let announced = response.content_length().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
    let mut body = Vec::with_capacity(announced.min(SET_ASIDE_MAX));
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(url, error))? {
        let room = bytes_max - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

fn failure(url: &Url, error: reqwest::Error) -> FetchError {
    let url = url.clone();
    if causes(&error).any(|cause| cause.is::<NotPublic>()) {
        return FetchError::Refused { url, reason: NotPublic.to_string() };
    }
    if error.is_timeout() {
        return FetchError::TimedOut { url };
    }
    FetchError::Unreachable { url, source: error.without_url() }
}

/// A header as text, when it is readable.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A length of time as milliseconds.
pub(crate) fn ms(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
