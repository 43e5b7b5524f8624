//! The fetcher against scripted sites on loopback: what it asks, what it never asks, and what it makes of answers.

use std::time::{Duration, Instant};

use crate::site::{Asked, Reply, Site};
use wanglou::clock::Clock;
use wanglou::fetch::{FetchError, Fetcher, Request, Settings, Validators};
use wanglou::model::ids::SourceId;
use wanglou::model::time::Timestamp;

pub(crate) fn clock() -> Clock {
    Clock::standing_at(Timestamp::parse("2026-11-20T02:00:00+08:00").unwrap())
}

/// Quick settings that may visit the given sites.
pub(crate) fn settings(sites: &[&Site]) -> Settings {
    Settings {
        allow_private: sites.iter().map(|site| site.address.to_string()).collect(),
        interval_min_s: 0.0,
        retry_first_s: 0.001,
        ..Settings::default()
    }
}

pub(crate) fn fetcher(sites: &[&Site]) -> Fetcher {
    Fetcher::new(settings(sites), clock()).unwrap()
}

pub(crate) fn page(url: impl Into<String>) -> Request {
    Request::new(url, SourceId::new("board"))
}

/// A script that has no robots.txt and answers everything else alike.
pub(crate) fn always(reply: Reply) -> impl Fn(&Asked, usize) -> Reply {
    move |asked, _| if asked.path == "/robots.txt" { Reply::status(404) } else { reply.clone() }
}

/// A script with a robots.txt that answers everything else with a page.
pub(crate) fn with_robots(robots: Reply) -> impl Fn(&Asked, usize) -> Reply {
    move |asked, _| if asked.path == "/robots.txt" { robots.clone() } else { Reply::page("hello") }
}

// What is asked and what is not

#[tokio::test]
async fn a_page_is_fetched_with_its_headers() {
    let reply = Reply::page("hello").header("ETag", "\"v1\"").header("Last-Modified", "Fri, 20 Nov 2026 00:00:00 GMT");
    let site = Site::start(always(reply)).await;
    let answer = fetcher(&[&site]).fetch(&page(site.url("/a?b=1#c"))).await.unwrap();
    assert_eq!((answer.status, answer.text().as_str(), answer.not_modified), (200, "hello", false));
    assert_eq!(answer.etag.as_deref(), Some("\"v1\""));
    assert_eq!(answer.content_type, "text/html");
    assert_eq!(answer.fetched_at, clock().now());
    assert_eq!(site.paths(), ["/robots.txt", "/a?b=1"]);
}

#[tokio::test]
async fn a_forbidden_path_gets_no_request() {
    let site = Site::start(with_robots(Reply::page("User-agent: *\nDisallow: /search"))).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/search?q=1"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Disallowed { rule, .. } if rule == "Disallow: /search"));
    assert_eq!(site.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn our_own_group_of_robots_txt_is_obeyed() {
    let robots = "User-agent: wanglou\nDisallow: /b\n\nUser-agent: *\nDisallow: /";
    let site = Site::start(with_robots(Reply::page(robots))).await;
    let fetcher = fetcher(&[&site]);
    assert!(fetcher.fetch(&page(site.url("/a"))).await.is_ok());
    assert!(fetcher.fetch(&page(site.url("/b"))).await.is_err());
}

#[tokio::test]
async fn a_site_whose_robots_txt_fails_is_left_alone_for_a_while() {
    let site = Site::start(|asked: &Asked, before| match asked.path.as_str() {
        "/robots.txt" if before == 0 => Reply::status(500),
        "/robots.txt" => Reply::status(404),
        _ => Reply::page("hello"),
    })
    .await;
    let clock = clock();
    let fetcher = Fetcher::new(settings(&[&site]), clock.clone()).unwrap();
    for _ in 0..2 {
        let error = fetcher.fetch(&page(site.url("/a"))).await.unwrap_err();
        assert!(matches!(error, FetchError::RobotsUnavailable { .. }), "{error}");
    }
    assert_eq!(site.paths(), ["/robots.txt"]);
    clock.advance_ms(600_000);
    assert!(fetcher.fetch(&page(site.url("/a"))).await.is_ok());
}

#[tokio::test]
async fn robots_txt_that_is_refused_or_missing_forbids_nothing() {
    for status in [401, 403, 404, 410] {
        let site = Site::start(with_robots(Reply::status(status))).await;
        assert!(fetcher(&[&site]).fetch(&page(site.url("/a"))).await.is_ok(), "{status}");
    }
}

#[tokio::test]
async fn a_busy_robots_txt_means_stay_away() {
    let site = Site::start(with_robots(Reply::status(429))).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnavailable { .. }), "{error}");
    assert_eq!(site.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn robots_txt_is_followed_to_another_address_but_not_in_circles() {
    let site = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::redirect("/real-robots.txt"),
        "/real-robots.txt" => Reply::page("User-agent: *\nDisallow: /x"),
        _ => Reply::page("hello"),
    })
    .await;
    assert!(fetcher(&[&site]).fetch(&page(site.url("/x"))).await.is_err());

    let circle = Site::start(with_robots(Reply::redirect("/robots.txt"))).await;
    let error = fetcher(&[&circle]).fetch(&page(circle.url("/x"))).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnavailable { .. }), "{error}");
    assert_eq!(circle.paths().len(), 6);
}

#[tokio::test]
async fn robots_txt_is_asked_for_once_a_day() {
    let site = Site::start(always(Reply::page("hello"))).await;
    let clock = clock();
    let fetcher = Fetcher::new(settings(&[&site]), clock.clone()).unwrap();
    for path in ["/a", "/b"] {
        fetcher.fetch(&page(site.url(path))).await.unwrap();
    }
    clock.advance_ms(86_400_000);
    fetcher.fetch(&page(site.url("/c"))).await.unwrap();
    assert_eq!(site.paths(), ["/robots.txt", "/a", "/b", "/robots.txt", "/c"]);
}

#[tokio::test]
async fn visitors_tell_who_they_are_and_keep_nothing() {
    let site = Site::start(always(Reply::page("hello").header("Set-Cookie", "id=1"))).await;
    let settings = Settings { contact: "watch@corp.example".to_owned(), ..settings(&[&site]) };
    let fetcher = Fetcher::new(settings, clock()).unwrap();
    fetcher.fetch(&page(site.url("/a"))).await.unwrap();
    fetcher.fetch(&page(site.url("/b"))).await.unwrap();
    for asked in site.asked() {
        let head = asked.head.to_lowercase();
        assert!(head.contains("user-agent: wanglou/0.1 (contact=watch@corp.example)\r\n"), "{head}");
        for name in ["\r\ncookie:", "\r\nreferer:", "\r\nauthorization:"] {
            assert!(!head.contains(name), "{head}");
        }
    }
}

// Answers

#[tokio::test]
async fn a_login_wall_is_an_answer_and_is_asked_once() {
    for status in [401, 403, 404, 410, 451] {
        let site = Site::start(always(Reply::status(status))).await;
        assert_eq!(fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap().status, status);
        assert_eq!(site.asked().len(), 2);
    }
}

#[tokio::test]
async fn trouble_that_passes_is_tried_again() {
    for trouble in [Reply::status(502), Reply::status(503), Reply::status(504), Reply::hang_up()] {
        let site = Site::start(move |asked: &Asked, before| match asked.path.as_str() {
            "/robots.txt" => Reply::status(404),
            _ if before < 2 => trouble.clone(),
            _ => Reply::page("hello"),
        })
        .await;
        let fetcher = fetcher(&[&site]);
        assert_eq!(fetcher.fetch(&page(site.url("/a"))).await.unwrap().text(), "hello");
        assert_eq!(fetcher.counters()["127.0.0.1"].pages, 3);
    }
}

#[tokio::test]
async fn trouble_that_stays_is_reported_after_two_repetitions() {
    let site = Site::start(always(Reply::status(503))).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::SlowDown { retry_after: None, .. }), "{error}");
    assert_eq!(site.asked().len(), 4);

    let site = Site::start(always(Reply::hang_up())).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/who/someone"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    let whole = format!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    assert!(!whole.contains("someone"), "{whole}");
}

#[tokio::test]
async fn a_copy_that_still_holds_is_not_sent_again() {
    let site = Site::start(|asked: &Asked, _| {
        let known = asked.head.contains("if-none-match: \"v1\"\r\n") && asked.head.contains("if-modified-since: Fri");
        if known { Reply::status(304).header("ETag", "\"v1\"") } else { Reply::status(404) }
    })
    .await;
    let conditional = Some(Validators {
        etag: Some("\"v1\"".to_owned()),
        last_modified: Some("Fri, 20 Nov 2026 00:00:00 GMT".to_owned()),
    });
    let answer = fetcher(&[&site]).fetch(&Request { conditional, ..page(site.url("/a")) }).await.unwrap();
    assert!(answer.not_modified && answer.body.is_empty());
    assert_eq!(answer.etag.as_deref(), Some("\"v1\""));
}

#[tokio::test]
async fn gbk_without_a_declaration_is_read() {
    let prose = "云舟的同事周末在江边跑步，顺手拍了几张照片发出来。";
    let site = Site::start(always(Reply::page(encoding_rs::GBK.encode(prose).0.into_owned()))).await;
    assert_eq!(fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap().text(), prose);
}

#[tokio::test]
async fn an_answer_larger_than_allowed_is_cut_off() {
    let site = Site::start(always(Reply::page(vec![b'x'; 2_001]))).await;
    let fetcher = Fetcher::new(Settings { body_max_bytes: 2_000, ..settings(&[&site]) }, clock()).unwrap();
    let error = fetcher.fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { bytes_max: 2_000, .. }), "{error}");
    let exact = Site::start(always(Reply::page(vec![b'x'; 2_000]))).await;
    let fetcher = Fetcher::new(Settings { body_max_bytes: 2_000, ..settings(&[&exact]) }, clock()).unwrap();
    assert_eq!(fetcher.fetch(&page(exact.url("/a"))).await.unwrap().body.len(), 2_000);
}

#[tokio::test]
async fn a_compressed_bomb_stops_at_the_limit() {
    let zstd = zstd::encode_all(std::io::Read::take(std::io::repeat(0), 200_000_000), 1).unwrap();
    for (encoding, bomb) in [("gzip", gzip_bomb(200_000_000)), ("zstd", zstd)] {
        assert!(bomb.len() < 2_000_000, "{encoding}: {}", bomb.len());
        let site = Site::start(always(Reply::page(bomb).header("Content-Encoding", encoding))).await;
        let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { .. }), "{encoding}: {error}");
    }
}

/// One zero, and then "the same 258 times" again and again, in the fixed code of RFC 1951; the checksum is left out.
fn gzip_bomb(size: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut code = |value: u16, length: u16| bits.extend((0..length).rev().map(|at| value >> at & 1 == 1));
    code(0b0011_0000, 8);
    for _ in 0..size / 258 {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    let octets = bits.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |octet, bit| octet << 1 | u8::from(*bit)));
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3].into_iter().chain(octets).collect()
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up() {
    let site = Site::start(always(Reply::page(vec![b'x'; 100_000]).dripping(Duration::from_millis(5)))).await;
    let settings = Settings { total_timeout_s: 0.2, retries_max: 1, ..settings(&[&site]) };
    let began = Instant::now();
    let error = Fetcher::new(settings, clock()).unwrap().fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

// Settings

#[test]
fn settings_that_cannot_be_used_are_named() {
    let broken = [
        ("user_agent", Settings { user_agent: "望楼/1".to_owned(), ..Settings::default() }),
        ("proxy", Settings { proxy: Some("not a proxy".to_owned()), ..Settings::default() }),
        ("ca_file", Settings { ca_file: Some("/nowhere/ca.pem".into()), ..Settings::default() }),
        ("allow_private", Settings { allow_private: vec!["10.0.0.0/8".to_owned()], ..Settings::default() }),
        ("resolve", Settings { resolve: [("a.example".to_owned(), "home".to_owned())].into(), ..Settings::default() }),
        ("contact", Settings { contact: "a\nb".to_owned(), ..Settings::default() }),
    ];
    for (name, settings) in broken {
        let error = Fetcher::new(settings, clock()).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
