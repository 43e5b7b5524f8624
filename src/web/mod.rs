//! What a running process shows: the console, where people sign in and work on cases; and the health page, what people
//! and monitoring may know of the process, which takes no orders and has no personal data.

pub mod console;
mod metrics;
mod page;
mod probe;
mod process;
mod server;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::jobs::Pulse;
use crate::pipeline::shell::Shell;
use crate::web::page::Language;
use crate::web::probe::Watch;

/// Headers of every answer: nothing is loaded but our own style, nothing is framed, kept or guessed.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Something that answers. It ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    _answering: JoinSet<()>,
}

impl Server {
    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers at `health.listen` of the configuration; none when that is empty. An address that cannot be had is a warning in
/// the log and nothing more: the work goes on without a page.
pub async fn serve(shell: &Arc<Shell>, pulse: &Pulse) -> Option<Server> {
    let listen = shell.config.health.listen.trim();
    if listen.is_empty() {
        return None;
    }
    match listen_at(listen).await {
        Ok((listener, address)) => {
            tracing::info!(%address, "the health page answers at http://{address}/");
            let mut answering = JoinSet::new();
            let router = router(Watch::new(Arc::clone(shell), pulse.clone()), address.ip().is_loopback());
            answering.spawn(server::accept(listener, router));
            Some(Server { address, _answering: answering })
        }
        Err(error) => {
            tracing::warn!(
                "no health page: {listen} cannot be had ({error}); set health.listen to a free port of this machine, \
                 or to \"\" for none"
            );
            None
        }
    }
}

async fn listen_at(listen: &str) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn router(watch: Watch, is_loopback: bool) -> Router {
    let router = Router::new()
        .route("/", get(people))
        .route("/style.css", get(style))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .with_state(Arc::new(watch));
    let router = if is_loopback { router.layer(from_fn(for_this_machine)) } else { router };
    router.layer(map_response(with_headers))
}

/// A site elsewhere may give its own name this machine's address, to read the page by the browser of somebody here. Its
/// name then stands in the request.
async fn for_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    if host.is_none_or(is_this_machine) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "ask for 127.0.0.1 or localhost\n").into_response()
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a reader may ask for.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Wish {
    lang: String,
}

async fn people(State(watch): State<Arc<Watch>>, Query(wish): Query<Wish>) -> Response {
    let language = if wish.lang == "en" { Language::English } else { Language::Chinese };
    match page::render(watch.snapshot().await.as_ref(), language) {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!("the health page was not written: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/web/style.css")).into_response()
}

async fn ready(State(watch): State<Arc<Watch>>) -> Response {
    let snapshot = watch.snapshot().await;
    let status = if snapshot.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], snapshot.to_json().to_string()).into_response()
}

async fn figures(State(watch): State<Arc<Watch>>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::render(watch.snapshot().await.as_ref())).into_response()
}
