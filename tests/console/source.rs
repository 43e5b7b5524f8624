//! One source: who stops its visits, that a stopped one is not asked, and what trying one of its pages shows.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wanglou::model::capture::Verdict;
use wanglou::pipeline::canary::{Asked, ask_canary};
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::scan;

use crate::site_files::add;
use crate::world::{World, world_watching};

const FEED: &str = "<rss version='2.0'><channel><title>星河夜话</title><link>http://127.0.0.1/</link>\
    <item><title>一</title><link>http://127.0.0.1/1</link><description>灯火长明</description></item></channel></rss>";

/// A site on loopback that gives its feed for every address but robots.txt, and counts what it is asked.
async fn site() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let is_robots = head[..read].starts_with(b"GET /robots.txt ");
            count.fetch_add(usize::from(!is_robots), Ordering::SeqCst);
            let (status, body) = if is_robots { ("404 Not Found", "-") } else { ("200 OK", FEED) };
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}", body.len());
            let _sent = stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes()).await;
        }
    });
    (address, asked)
}

async fn watching(site: SocketAddr) -> World {
    let source = format!(
        "[[source]]\nid='feed'\nname='夜话'\nplatform='generic_feed'\nbase='http://{site}/feed.xml'\nbasis='test'\n"
    );
    world_watching(&source, &format!("[fetch]\nloopback_pace = 0.0\nallow_private = ['{site}']")).await
}

#[tokio::test]
async fn a_page_that_is_tried_shows_counts_and_nobody() {
    let (site, asked) = site().await;
    let w = watching(site).await;
    let admin = w.client("admin").await;
    let page = admin.post("/sources/feed/try", &format!("url=http://{site}/other.xml")).await.body;
    assert!(page.contains("有内容") && page.contains("<dt>内容</dt><dd>1</dd>"), "{page}");
    assert!(!page.contains("星河夜话") && !page.contains("灯火"), "{page}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(w.client("xh0012").await.get("/audit").await.body.contains("source.try"));
}

#[tokio::test]
async fn a_source_that_was_added_is_visited_and_tried_like_the_others() {
    let (site, asked) = site().await;
    let w = watching(site).await;
    let admin = w.client("admin").await;
    let added =
        format!("[[source]]\nid='later'\nplatform='generic_feed'\nbase='http://{site}/later.xml'\nbasis='test'\n");
    add(&admin, &added).await;
    let later = w.shell.source(&"later".into()).unwrap();
    let pass = scan(&w.shell, std::slice::from_ref(&later), &nobody()).await.unwrap();
    assert_eq!((pass.pages(), asked.load(Ordering::SeqCst)), (1, 1));
    assert_eq!(pass.visits.get(&later.id).unwrap().verdict, Verdict::Found);
    let page = admin.post("/sources/later/try", &format!("url=http://{site}/other.xml")).await.body;
    assert!(page.contains("有内容"), "{page}");
}

#[tokio::test]
async fn a_page_elsewhere_or_inside_is_not_tried() {
    let (site, asked) = site().await;
    let w = watching(site).await;
    let admin = w.client("admin").await;
    for address in ["https://other.example/", "file:///etc/passwd", "http://127.0.0.1:1/", "http://169.254.169.254/"] {
        let page = admin.post("/sources/feed/try", &format!("url={address}")).await.body;
        assert!(page.contains("没有取得"), "{address}: {page}");
    }
    assert_eq!(admin.post("/sources/feed/try", "url=feed").await.status, 422);
    let inside = "[[source]]\nid='feed'\nplatform='generic_feed'\nbase='http://127.0.0.1:1/feed.xml'\nbasis='test'\n";
    let w = world_watching(inside, "").await;
    let page = w.client("admin").await.post("/sources/feed/try", "url=http://127.0.0.1:1/feed.xml").await.body;
    assert!(page.contains("没有取得"), "the guard holds here too: {page}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_source_that_is_paused_is_asked_for_nothing_until_it_goes_on() {
    let (site, asked) = site().await;
    let w = watching(site).await;
    let hr = w.client("xh0009").await;
    assert_eq!(hr.post("/sources/feed/pause", "").await.status, 303);
    assert!(hr.get("/sources/feed?done=1").await.body.contains("已暂停。"));
    assert!(hr.get("/sources").await.body.contains("已暂停"));

    let pass = scan(&w.shell, w.shell.sources().iter(), &nobody()).await.unwrap();
    let verdict = &pass.visits.get(&"feed".into()).unwrap().verdict;
    assert!(matches!(verdict, Verdict::Blocked { reason } if reason.contains("paused")), "{verdict:?}");
    assert_eq!(ask_canary(&w.shell, &w.shell.sources().source(0)).await.unwrap(), Asked::Paused);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let state = w.shell.store.source_state(&"feed".into()).await.unwrap();
    assert!(state.paused && state.last_visit.is_none(), "it was not visited");

    assert_eq!(hr.post("/sources/feed/resume", "").await.status, 303);
    let pass = scan(&w.shell, w.shell.sources().iter(), &nobody()).await.unwrap();
    assert_eq!(pass.visits.get(&"feed".into()).unwrap().verdict, Verdict::Found);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let audit = w.client("xh0012").await.get("/audit").await.body;
    assert!(audit.contains("source.pause") && audit.contains("source.resume"));
}

#[tokio::test]
async fn only_the_operator_and_hr_of_the_listed_company_control_sources() {
    let (site, asked) = site().await;
    let w = watching(site).await;
    for (login, may) in [("admin", true), ("xh0009", true), ("xh0002", false), ("editor", false), ("xh0012", false)] {
        let client = w.client(login).await;
        assert_eq!(client.get("/sources/feed").await.status == 200, may, "{login}");
        assert_eq!(client.get("/sources").await.body.contains("href=\"/sources/feed\""), may, "{login}");
        assert_eq!(client.post("/sources/feed/resume", "").await.status, if may { 303 } else { 404 }, "{login}");
        assert_eq!(client.get("/sources/none").await.status, 404, "{login}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
