//! Through a company's proxy (squid), which resolves names itself and may want a name and a password.

use wanglou::clock::Clock;
use wanglou::fetch::{FetchError, Fetcher, Request, Settings};
use wanglou::model::ids::SourceId;

use crate::server::{Server, home};

const OPEN: &str = "http://127.0.0.1:3128";

/// A fetcher behind that proxy.
fn behind(proxy: &str) -> Fetcher {
    let settings = Settings {
        proxy: Some(proxy.to_owned()),
        ca_file: Some(home().join("adversity/tls/ca.pem")),
        interval_min_s: 0.0,
        retries_max: 0,
        ..Settings::default()
    };
    Fetcher::new(settings, Clock::system()).unwrap()
}

fn page(url: &str) -> Request {
    // No robots.txt of the site asks for a pause here.
    Request { interval_min_s: Some(0.0), ..Request::new(url, SourceId::new("board")) }
}

/// What a plain page, and one over TLS, come to: their status, or what went wrong.
async fn both_ways(proxy: &str) -> [String; 2] {
    let fetcher = behind(proxy);
    let mut told = Vec::new();
    for url in ["http://forum.xinghe.example:8090/etag", "https://tls.xinghe.example:8443/index.html"] {
        let outcome = fetcher.fetch(&page(url)).await;
        told.push(outcome.map_or_else(|error| error.to_string(), |answer| answer.status.to_string()));
    }
    told.try_into().unwrap()
}

#[tokio::test]
async fn a_proxy_carries_plain_pages_and_pages_over_tls() {
    let _server = Server::up("proxy");
    assert_eq!(both_ways(OPEN).await, ["200", "200"]);
}

#[tokio::test]
async fn a_proxy_with_a_password_lets_through_only_who_has_it() {
    let _server = Server::up("proxy");
    assert_eq!(both_ways("http://crawler:proxy-pass-1@127.0.0.1:3129").await, ["200", "200"]);
    for wrong in ["http://crawler:bad@127.0.0.1:3129", "http://127.0.0.1:3129"] {
        let [plain, over_tls] = both_ways(wrong).await;
        assert_eq!(
            plain,
            "forum.xinghe.example is not visited: the proxy wants another name or password; see `fetch.proxy`"
        );
        assert_eq!(over_tls, "tls.xinghe.example cannot be reached: tunnel error: proxy authorization required");
    }
}

#[tokio::test]
async fn what_the_proxy_refuses_or_cannot_reach_is_no_page() {
    let _server = Server::up("proxy");
    let fetcher = behind(OPEN);
    let forbidden = fetcher.fetch(&page("http://forum.xinghe.example:8614/")).await.unwrap();
    assert_eq!(forbidden.status, 403);
    let nobody = fetcher.fetch(&page("http://forum.xinghe.example:8099/")).await;
    assert!(matches!(nobody, Err(FetchError::RobotsUnavailable { .. })), "a site whose robots.txt is a 503");
}
