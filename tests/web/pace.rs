//! How often the fetcher asks a host, for how long it leaves one alone, and what a visit owes to the one before it.

use std::time::Duration;

use crate::fetch::{always, clock, fetcher, page, settings, with_robots};
use crate::site::{Asked, Reply, Site};
use wanglou::fetch::{FetchError, Fetcher, Request, Settings};
use wanglou::model::ids::SourceId;
use wanglou::model::time::Timestamp;
use wanglou::pace::schedule::Window;
use wanglou::store::Store;
use wanglou::workers::{Hold, Hosts, Member};

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
