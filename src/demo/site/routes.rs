//! The paths that every site has, and the log of who asked for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request as HttpRequest, State};
use axum::http::header::{HOST, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::get;

use crate::clock::Clock;
use crate::demo::site::answer::Answer;
use crate::demo::site::faces::Face;
use crate::demo::site::view::{View, World};
use crate::demo::site::{Request, RequestLog, avatar};

/// One site: what it looks like, what it knows, and what time it is.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) face: &'static dyn Face,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Clock,
    pub(crate) log: RequestLog,
}

impl Site {
    fn view(&self) -> View<'_> {
        self.world.view(self.face.id(), self.clock.now())
    }

    fn missing(&self) -> Answer {
        self.face.missing().with_status(StatusCode::NOT_FOUND)
    }
}

/// All paths of a site. A walled one answers every path but its robots file with the wall.
pub(crate) fn router(site: Site) -> Router {
    let router = Router::new().route("/robots.txt", get(robots));
    let router = match site.face.wall() {
        Some(_) => router.fallback(wall),
        None => open_paths(router).fallback(missing),
    };
    router.layer(from_fn_with_state(site.clone(), log)).with_state(site)
}

fn open_paths(router: Router<Site>) -> Router<Site> {
    router
        .route("/", get(latest))
        .route("/latest", get(latest))
        .route("/users", get(users))
        .route("/search", get(search))
        .route("/u/{handle}", get(profile))
        .route("/p/{handle}/{number}", get(post))
        .route("/feed/{file}", get(feed))
        .route("/avatar/{file}", get(picture))
        .route("/private/{*rest}", get(private))
        .route("/api/latest", get(latest_data))
        .route("/api/users", get(users_data))
        .route("/api/u/{handle}", get(profile_data))
        .route("/api/p/{handle}/{number}", get(post_data))
}

/// Writes every request down, and refuses those meant for another host.
async fn log(State(site): State<Site>, asked: HttpRequest, next: Next) -> Response<Body> {
    let (host, at) = (site.face.host(), site.clock.now());
    let path = asked.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let user_agent = header(&asked, USER_AGENT);
    let here = header(&asked, HOST).split(':').next() == Some(host.as_str());
    let response = if here { next.run(asked).await } else { misdirected() };
    site.log.add(Request { host, path, at, user_agent, status: response.status().as_u16() });
    response
}

fn header(asked: &HttpRequest, name: HeaderName) -> String {
    asked.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn misdirected() -> Response<Body> {
    Answer::text("another host lives here\n").with_status(StatusCode::MISDIRECTED_REQUEST).respond(&HeaderMap::new())
}

type Params = Query<BTreeMap<String, String>>;

fn page_number(params: &Params) -> usize {
    params.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
}

async fn robots(State(site): State<Site>, headers: HeaderMap) -> Response<Body> {
    Answer::text(site.face.robots()).respond(&headers)
}

async fn wall(State(site): State<Site>, headers: HeaderMap) -> Response<Body> {
    site.face.wall().unwrap_or_else(|| site.missing()).respond(&headers)
}

async fn missing(State(site): State<Site>, headers: HeaderMap) -> Response<Body> {
    site.missing().respond(&headers)
}

async fn latest(State(site): State<Site>, params: Params, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    site.face.latest(&view, &view.latest(page_number(&params))).respond(&headers)
}

async fn users(State(site): State<Site>, params: Params, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    site.face.users(&view, &view.users(page_number(&params))).respond(&headers)
}

async fn search(State(site): State<Site>, params: Params, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let words = params.get("q").map_or("", |words| words.trim());
    site.face.search(&view, words, &view.search(words, page_number(&params))).respond(&headers)
}

async fn profile(State(site): State<Site>, Path(handle): Path<String>, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let answer = view.account(&handle).map(|account| site.face.profile(&view, account));
    answer.unwrap_or_else(|| site.missing()).respond(&headers)
}

async fn post(State(site): State<Site>, Path(key): Path<(String, String)>, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let found = view.post(&key.0, &key.1).and_then(|post| Some((view.author(post)?, post)));
    let answer = found.map(|(author, post)| site.face.post(&view, author, post));
    answer.unwrap_or_else(|| site.missing()).respond(&headers)
}

async fn feed(State(site): State<Site>, Path(file): Path<String>, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let account = file.strip_suffix(".xml").and_then(|handle| view.account(handle));
    let answer = account.and_then(|account| site.face.feed(&view, account));
    answer.unwrap_or_else(|| site.missing()).respond(&headers)
}

async fn picture(State(site): State<Site>, Path(file): Path<String>, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let account = file.split('.').next().and_then(|handle| view.account(handle));
    account.map_or_else(|| site.missing(), avatar::answer).respond(&headers)
}

async fn private(State(site): State<Site>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    site.face.private(uri.path()).respond(&headers)
}

async fn latest_data(State(site): State<Site>, params: Params, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let data = site.face.latest_data(&view, &view.latest(page_number(&params)));
    data.unwrap_or_else(|| site.missing()).respond(&headers)
}

async fn users_data(State(site): State<Site>, params: Params, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let data = site.face.users_data(&view, &view.users(page_number(&params)));
    data.unwrap_or_else(|| site.missing()).respond(&headers)
}

async fn profile_data(State(site): State<Site>, Path(handle): Path<String>, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let data = view.account(&handle).and_then(|account| site.face.profile_data(&view, account));
    data.unwrap_or_else(|| site.face.missing_data()).respond(&headers)
}

async fn post_data(State(site): State<Site>, Path(key): Path<(String, String)>, headers: HeaderMap) -> Response<Body> {
    let view = site.view();
    let found = view.post(&key.0, &key.1).and_then(|post| Some((view.author(post)?, post)));
    let data = found.and_then(|(author, post)| site.face.post_data(&view, author, post));
    data.unwrap_or_else(|| site.face.missing_data()).respond(&headers)
}
