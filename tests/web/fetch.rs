//! The fetcher against scripted sites on loopback: what it asks, what it never asks, and what it makes of answers.

use std::time::{Duration, Instant};

use crate::site::{Asked, Reply, Site};
use wanglou::clock::Clock;
use wanglou::fetch::{FetchError, Fetcher, Request, Settings, Validators};
use wanglou::model::ids::SourceId;
use wanglou::model::time::Timestamp;
use wanglou::pace::schedule::Window;
use wanglou::store::Store;
use wanglou::workers::{Hold, Hosts, Member};

fn clock() -> Clock {
    Clock::standing_at(Timestamp::parse("2026-11-20T02:00:00+08:00").unwrap())
}

/// Quick settings that may visit the given sites.
fn settings(sites: &[&Site]) -> Settings {
    Settings {
        allow_private: sites.iter().map(|site| site.address.to_string()).collect(),
        interval_min_s: 0.0,
        retry_first_s: 0.001,
        ..Settings::default()
    }
}

fn fetcher(sites: &[&Site]) -> Fetcher {
    Fetcher::new(settings(sites), clock()).unwrap()
}

fn page(url: impl Into<String>) -> Request {
    Request::new(url, SourceId::new("board"))
}

/// A script that has no robots.txt and answers everything else alike.
fn always(reply: Reply) -> impl Fn(&Asked, usize) -> Reply {
    move |asked, _| if asked.path == "/robots.txt" { Reply::status(404) } else { reply.clone() }
}

/// A script with a robots.txt that answers everything else with a page.
fn with_robots(robots: Reply) -> impl Fn(&Asked, usize) -> Reply {
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

// Pace

fn gaps(site: &Site) -> Vec<Duration> {
    site.asked().windows(2).map(|pair| pair[1].at.duration_since(pair[0].at)).collect()
}

#[tokio::test]
async fn all_sources_of_a_host_share_its_interval() {
    let site = Site::start(always(Reply::page("hello"))).await;
    let fetcher = Fetcher::new(Settings { interval_min_s: 0.05, ..settings(&[&site]) }, clock()).unwrap();
    let other = Request::new(site.url("/b"), SourceId::new("other"));
    let (first, second, third) = (page(site.url("/a")), other, page(site.url("/c")));
    let (a, b, c) = tokio::join!(fetcher.fetch(&first), fetcher.fetch(&second), fetcher.fetch(&third));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(site.asked().len(), 4);
    assert!(gaps(&site).iter().all(|gap| *gap >= Duration::from_millis(50)), "{:?}", gaps(&site));
}

#[tokio::test]
async fn crawl_delay_raises_the_interval() {
    let site = Site::start(with_robots(Reply::page("User-agent: *\nCrawl-delay: 0.08"))).await;
    let fetcher = fetcher(&[&site]);
    fetcher.fetch(&page(site.url("/a"))).await.unwrap();
    fetcher.fetch(&page(site.url("/b"))).await.unwrap();
    assert!(gaps(&site).iter().all(|gap| *gap >= Duration::from_millis(80)), "{:?}", gaps(&site));
}

#[tokio::test]
async fn a_site_of_this_machine_may_be_visited_faster() {
    let site = Site::start(with_robots(Reply::page("User-agent: *\nCrawl-delay: 60"))).await;
    let fetcher = Fetcher::new(Settings { loopback_pace: 0.0005, ..settings(&[&site]) }, clock()).unwrap();
    fetcher.fetch(&page(site.url("/a"))).await.unwrap();
    assert!(gaps(&site)[0] >= Duration::from_millis(30), "{:?}", gaps(&site));
}

#[tokio::test]
async fn a_host_that_has_trouble_is_asked_more_slowly() {
    let site = Site::start(|asked, number| match (asked.path.as_str(), number) {
        ("/robots.txt", _) => Reply::status(404),
        (_, 0 | 1) => Reply::status(502),
        _ => Reply::page("hello"),
    })
    .await;
    let fetcher = Fetcher::new(Settings { interval_min_s: 0.05, ..settings(&[&site]) }, clock()).unwrap();
    fetcher.fetch(&page(site.url("/a"))).await.unwrap();
    fetcher.fetch(&page(site.url("/b"))).await.unwrap();
    let least = [50, 100, 200, 200].map(Duration::from_millis);
    assert!(gaps(&site).iter().zip(least).all(|(gap, least)| *gap >= least), "{:?}", gaps(&site));
}

#[tokio::test]
async fn a_wait_longer_than_a_visit_goes_back_to_the_planner() {
    let site = Site::start(with_robots(Reply::page("User-agent: *\nCrawl-delay: 3600"))).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::SlowDown { retry_after: Some(left), .. } if left > Duration::from_secs(3500)));
    assert_eq!(site.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn a_host_serves_one_request_at_a_time() {
    let site = Site::start(always(Reply::page("slowly").dripping(Duration::from_millis(2)))).await;
    let fetcher = fetcher(&[&site]);
    let pages = ["/a", "/b", "/c"].map(|path| page(site.url(path)));
    let _ = tokio::join!(fetcher.fetch(&pages[0]), fetcher.fetch(&pages[1]), fetcher.fetch(&pages[2]));
    assert_eq!((site.asked().len(), site.in_flight_max()), (4, 1));
}

#[tokio::test]
async fn retry_after_closes_the_host_for_all_sources() {
    for value in ["120", "Thu, 19 Nov 2026 18:02:00 GMT"] {
        let value = value.to_owned();
        let site = Site::start(move |asked: &Asked, before| match asked.path.as_str() {
            "/robots.txt" => Reply::status(404),
            _ if before == 0 => Reply::status(429).header("Retry-After", value.clone()),
            _ => Reply::page("hello"),
        })
        .await;
        let clock = clock();
        let fetcher = Fetcher::new(settings(&[&site]), clock.clone()).unwrap();
        let two_minutes =
            |error| matches!(error, FetchError::SlowDown { retry_after: Some(left), .. } if left.as_secs() == 120);
        assert!(two_minutes(fetcher.fetch(&page(site.url("/a"))).await.unwrap_err()));
        let other = Request::new(site.url("/a"), SourceId::new("other"));
        assert!(two_minutes(fetcher.fetch(&other).await.unwrap_err()));
        assert_eq!(site.asked().len(), 2);
        clock.advance_ms(120_000);
        assert!(fetcher.fetch(&other).await.is_ok());
    }
}

#[tokio::test]
async fn a_retry_date_is_read_by_the_clock_of_the_server() {
    let reply = Reply::status(503)
        .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT");
    let site = Site::start(always(reply)).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::SlowDown { retry_after: Some(left), .. } if left.as_secs() == 60));
}

// Sources

#[tokio::test]
async fn nothing_is_asked_outside_the_hours_of_a_source() {
    let site = Site::start(always(Reply::page("hello"))).await;
    let request = Request { window: Some(Window::parse("03:00-06:00").unwrap()), ..page(site.url("/a")) };
    let clock = clock();
    let fetcher = Fetcher::new(settings(&[&site]), clock.clone()).unwrap();
    let error = fetcher.fetch(&request).await.unwrap_err();
    let opening = Timestamp::parse("2026-11-20T03:00:00+08:00").unwrap();
    assert!(matches!(error, FetchError::OutsideWindow { opens_at } if opens_at == opening));
    assert!(site.asked().is_empty());
    clock.advance_ms(3_600_000);
    assert!(fetcher.fetch(&request).await.is_ok());
}

#[tokio::test]
async fn the_daily_cap_ends_with_the_day_of_the_zone() {
    let site = Site::start(always(Reply::page("hello"))).await;
    let request = Request { daily_page_cap: Some(2), ..page(site.url("/a")) };
    let clock = clock();
    let fetcher = Fetcher::new(settings(&[&site]), clock.clone()).unwrap();
    fetcher.resume_pages_today(&request.source, 1);
    assert!(fetcher.fetch(&request).await.is_ok());
    let error = fetcher.fetch(&request).await.unwrap_err();
    let midnight = Timestamp::parse("2026-11-21T00:00:00+08:00").unwrap();
    assert!(matches!(error, FetchError::CapReached { until } if until == midnight));
    assert_eq!(fetcher.pages_today(&request.source), 2);
    clock.advance_ms(22 * 3_600_000);
    assert!(fetcher.fetch(&request).await.is_ok());
}

#[tokio::test]
async fn a_source_that_keeps_failing_rests_and_is_tried_again() {
    let site = Site::start(|asked: &Asked, before| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ if before < 3 => Reply::status(500),
        _ => Reply::page("hello"),
    })
    .await;
    let clock = clock();
    let fetcher = Fetcher::new(Settings { breaker_failures: 2, ..settings(&[&site]) }, clock.clone()).unwrap();
    let visit = async || fetcher.fetch(&page(site.url("/a"))).await;
    assert_eq!(visit().await.unwrap().status, 500);
    assert_eq!(visit().await.unwrap().status, 500);
    let until = clock.now().plus_ms(300_000);
    assert!(matches!(visit().await.unwrap_err(), FetchError::CircuitOpen { until: end, .. } if end == until));
    clock.advance_ms(300_000);
    assert_eq!(visit().await.unwrap().status, 500);
    assert!(matches!(visit().await.unwrap_err(), FetchError::CircuitOpen { .. }));
    clock.advance_ms(600_000);
    assert_eq!(visit().await.unwrap().status, 200);
    assert_eq!(visit().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_forbidden_page_is_no_failure_of_its_source() {
    let site = Site::start(with_robots(Reply::page("User-agent: *\nDisallow: /x"))).await;
    let fetcher = Fetcher::new(Settings { breaker_failures: 1, ..settings(&[&site]) }, clock()).unwrap();
    for _ in 0..3 {
        let error = fetcher.fetch(&page(site.url("/x"))).await.unwrap_err();
        assert!(matches!(error, FetchError::Disallowed { .. }), "{error}");
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

// Addresses

#[tokio::test]
async fn no_writing_of_a_private_address_is_visited() {
    let site = Site::start(always(Reply::page("secret"))).await;
    let fetcher = Fetcher::new(Settings::default(), clock()).unwrap();
    let port = site.address.port();
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "localhost", "0.0.0.0"] {
        let error = fetcher.fetch(&page(format!("http://{host}:{port}/"))).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{host}: {error}");
    }
    assert!(site.asked().is_empty());
}

#[tokio::test]
async fn an_allowed_address_opens_no_other_port() {
    let (open, secret) =
        (Site::start(always(Reply::page("open"))).await, Site::start(always(Reply::page("secret"))).await);
    let fetcher = fetcher(&[&open]);
    assert!(fetcher.fetch(&page(open.url("/"))).await.is_ok());
    assert!(matches!(fetcher.fetch(&page(secret.url("/"))).await, Err(FetchError::Refused { .. })));
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn addresses_that_are_no_web_pages_are_named_as_such() {
    let fetcher = Fetcher::new(Settings::default(), clock()).unwrap();
    for address in [
        "",
        "board.example/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        &"http://a.example/".repeat(400),
    ] {
        let error = fetcher.fetch(&page(address)).await.unwrap_err();
        assert!(matches!(error, FetchError::BadAddress { .. }), "{error}");
    }
    for address in ["http://user:word@a.example/", "http://a.example:25/"] {
        let error = fetcher.fetch(&page(address)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    }
}

// Redirects

#[tokio::test]
async fn a_redirect_is_followed_to_its_page() {
    let site = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/a" => Reply::redirect("/b?c=云"),
        "/b?c=%E4%BA%91" => Reply::page("hello"),
        _ => Reply::status(404),
    })
    .await;
    let answer = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap();
    assert_eq!(answer.final_url.as_str(), site.url("/b?c=%E4%BA%91"));
    assert_eq!(answer.text(), "hello");
}

#[tokio::test]
async fn a_redirect_is_an_answer_where_it_is_not_to_be_followed() {
    let site = Site::start(always(Reply::redirect("/elsewhere"))).await;
    let request = Request { keeps_redirects: true, ..page(site.url("/a")) };
    let answer = fetcher(&[&site]).fetch(&request).await.unwrap();
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/elsewhere")));
    assert_eq!(site.paths(), ["/robots.txt", "/a"]);
}

#[tokio::test]
async fn redirects_to_places_that_must_not_be_visited_are_refused() {
    let secret = Site::start(always(Reply::page("secret"))).await;
    let port = secret.address.port();
    let targets = [
        secret.url("/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:70/".to_owned(),
        "http://user:word@a.example/".to_owned(),
    ];
    for target in targets {
        let site = Site::start(always(Reply::redirect(target.clone()))).await;
        let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{target}: {error}");
    }
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn a_robots_txt_that_leads_to_a_private_place_is_not_followed() {
    let secret = Site::start(always(Reply::page("secret"))).await;
    let site = Site::start(with_robots(Reply::redirect(secret.url("/robots.txt")))).await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnavailable { .. }), "{error}");
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn redirects_end_in_circles_and_after_five() {
    let circle = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/a" => Reply::redirect("/b"),
        "/b" => Reply::redirect("/a"),
        _ => Reply::status(404),
    })
    .await;
    let error = fetcher(&[&circle]).fetch(&page(circle.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    assert_eq!(circle.paths(), ["/robots.txt", "/a", "/b"]);

    let endless = Site::start(|asked: &Asked, _| {
        if asked.path == "/robots.txt" { Reply::status(404) } else { Reply::redirect(format!("{}x", asked.path)) }
    })
    .await;
    let error = fetcher(&[&endless]).fetch(&page(endless.url("/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    assert_eq!(endless.asked().len(), 7);
}

#[tokio::test]
async fn a_redirect_to_a_forbidden_path_is_not_followed() {
    let site = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::page("User-agent: *\nDisallow: /x"),
        _ => Reply::redirect("/x"),
    })
    .await;
    let error = fetcher(&[&site]).fetch(&page(site.url("/a"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Disallowed { .. }), "{error}");
    assert_eq!(site.paths(), ["/robots.txt", "/a"]);
}

// Names and TLS

/// A certificate authority of our own: its PEM file, and a server with a certificate for `name`.
fn own_authority(name: &str) -> (tempfile::NamedTempFile, tokio_rustls::TlsAcceptor) {
    wanglou::fetch::install_crypto();
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let server = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (file, std::sync::Arc::new(server).into())
}

fn resolving(name: &str, site: &Site, ca: &tempfile::NamedTempFile) -> Settings {
    Settings {
        resolve: [(name.to_owned(), site.address.to_string())].into(),
        ca_file: Some(ca.path().to_owned()),
        ..settings(&[])
    }
}

#[tokio::test]
async fn a_fixed_name_is_visited_over_tls_with_an_own_authority() {
    let (ca, acceptor) = own_authority("cloud-boat.example");
    let site = Site::start_tls(acceptor, always(Reply::page("hello"))).await;
    let fetcher = Fetcher::new(resolving("cloud-boat.example", &site, &ca), clock()).unwrap();
    let answer = fetcher.fetch(&page("https://cloud-boat.example/a")).await.unwrap();
    assert_eq!((answer.text().as_str(), answer.final_url.as_str()), ("hello", "https://cloud-boat.example/a"));
    assert!(site.asked()[1].head.to_lowercase().contains("host: cloud-boat.example\r\n"));
    assert_eq!(fetcher.counters()["cloud-boat.example"].robots, 1);
}

#[tokio::test]
async fn a_server_of_another_name_or_authority_is_not_trusted() {
    let (ca, acceptor) = own_authority("other.example");
    let site = Site::start_tls(acceptor, always(Reply::page("hello"))).await;
    let wrong_name = Settings { retries_max: 0, ..resolving("cloud-boat.example", &site, &ca) };
    let wrong_ca = Settings { ca_file: None, retries_max: 0, ..resolving("other.example", &site, &ca) };
    for (settings, url) in [(wrong_name, "https://cloud-boat.example/"), (wrong_ca, "https://other.example/")] {
        let error = Fetcher::new(settings, clock()).unwrap().fetch(&page(url)).await.unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    }
    assert!(site.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let (ca, acceptor) = own_authority("cloud-boat.example");
    let site = Site::start_tls(acceptor, always(Reply::redirect("http://cloud-boat.example/b"))).await;
    let fetcher = Fetcher::new(resolving("cloud-boat.example", &site, &ca), clock()).unwrap();
    let error = fetcher.fetch(&page("https://cloud-boat.example/a")).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_proxy_carries_public_names_and_neither_private_ones_nor_fixed_ones() {
    let proxy =
        Site::start(
            |asked: &Asked, _| {
                if asked.path.ends_with("/robots.txt") { Reply::status(404) } else { Reply::page("carried") }
            },
        )
        .await;
    let site = Site::start(always(Reply::page("direct"))).await;
    let settings = Settings {
        proxy: Some(proxy.url("")),
        resolve: [("fixed.example".to_owned(), site.address.to_string())].into(),
        ..settings(&[])
    };
    let fetcher = Fetcher::new(settings, clock()).unwrap();
    assert_eq!(fetcher.fetch(&page("http://far.example/a")).await.unwrap().text(), "carried");
    assert_eq!(fetcher.fetch(&page("http://fixed.example/a")).await.unwrap().text(), "direct");
    for private in [site.url("/a"), "http://db.internal/a".to_owned(), "http://10.0.0.1/a".to_owned()] {
        let error = fetcher.fetch(&page(private)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    }
    assert_eq!(proxy.paths(), ["http://far.example/robots.txt", "http://far.example/a"]);
}

#[tokio::test]
async fn a_caller_who_gives_up_still_leaves_the_interval_behind() {
    let site = Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        "/slow" => Reply::page(vec![b'x'; 10_000]).dripping(Duration::from_millis(5)),
        _ => Reply::page("hello"),
    })
    .await;
    let fetcher = Fetcher::new(Settings { interval_min_s: 0.2, ..settings(&[&site]) }, clock()).unwrap();
    let slow = page(site.url("/slow"));
    assert!(tokio::time::timeout(Duration::from_millis(300), fetcher.fetch(&slow)).await.is_err());
    fetcher.fetch(&page(site.url("/a"))).await.unwrap();
    assert!(gaps(&site).iter().all(|gap| *gap >= Duration::from_millis(200)), "{:?}", gaps(&site));
}

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

// Among other processes

/// A fetcher among others, and the hold of its visit, after another process visited the site and went away.
async fn after_another(site: &Site, promised: Duration, closed_until: Timestamp) -> (tempfile::TempDir, Fetcher, Hold) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("wanglou.db")).await.unwrap();
    let (now, nothing, host) = (clock().now(), serde_json::json!({}), "127.0.0.1");
    let before = store.join_worker("before", "0.1.0", &nothing, now).await.unwrap();
    store.take_host(host, &before, None, now).await.unwrap().unwrap();
    store.promise_host(host, &before, promised).await.unwrap();
    store.close_host(host, &before, closed_until).await.unwrap();
    store.end_worker(&before, now).await.unwrap();
    let member = Member::join(&store, &clock(), "us", &nothing, Duration::from_secs(60)).await.unwrap();
    let hosts = Hosts::new(member, store);
    let visit = hosts.visit(host, &SourceId::new("board")).await.unwrap();
    (folder, fetcher(&[site]).among(hosts), visit)
}

#[tokio::test]
async fn a_visit_keeps_what_the_one_before_it_promised_to_the_host() {
    let site = Site::start(always(Reply::page("hello"))).await;
    let (_folder, fetcher, _visit) = after_another(&site, Duration::from_secs(600), Timestamp::from_ms(0)).await;
    let refused = fetcher.fetch(&page(site.url("/"))).await.unwrap_err();
    assert!(
        matches!(refused, FetchError::SlowDown { retry_after: Some(left), .. } if left.as_secs() > 500),
        "{refused}"
    );
    assert_eq!(site.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn a_visit_heeds_the_peace_for_which_a_host_asked_the_one_before_it() {
    let site = Site::start(always(Reply::page("hello"))).await;
    let (_folder, fetcher, _visit) = after_another(&site, Duration::ZERO, clock().now().plus_ms(60_000)).await;
    let refused = fetcher.fetch(&page(site.url("/"))).await.unwrap_err();
    assert!(matches!(refused, FetchError::SlowDown { .. }), "{refused}");
    assert_eq!(site.paths(), Vec::<String>::new());
}
