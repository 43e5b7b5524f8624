//! How sources and the program stand: what everybody sees, and what the operator sees beside it.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wanglou::model::audit::AuditEntry;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::scan;

use crate::world::{Client, NOW, SOURCES, World, world_watching};

#[tokio::test]
async fn a_source_says_its_last_success_why_it_is_blocked_its_pace_and_when_it_is_visited_next() {
    let w = world_watching(SOURCES, "").await;
    w.sources_seen().await;
    let page = w.client("xh0002").await.get("/sources").await.body;
    let row = |name: &str| page.split("<tr data-source=").find(|row| row.contains(name)).unwrap().to_owned();
    let (forum, answers) = (row("星河论坛"), row("问答"));
    assert!(forum.contains("有内容") && forum.contains("间隔至少 30 秒 · 01:00-06:00 · 今日页数 0 / 200"), "{forum}");
    assert!(forum.contains("2026-11-21 01:00"), "the next night: {forum}");
    assert!(answers.contains("看不到") && answers.contains("captcha") && answers.contains("不符"), "{answers}");
    assert!(answers.contains("17:00"), "an hour ago it was confirmed: {answers}");
    assert!(answers.contains("本进程尚未读取"), "{answers}");
    assert!(!page.contains("任务引擎"), "how the program stands is for the operator");
}

#[tokio::test]
async fn a_paused_source_says_so_instead_of_what_it_showed_last() {
    let w = world_watching(SOURCES, "").await;
    w.sources_seen().await;
    let (action, object) = ("source.pause".to_owned(), "luntan".to_owned());
    let audit = AuditEntry { at: NOW, actor: "user:admin".into(), action, object, detail: String::new() };
    w.shell.store.pause_source(&"luntan".into(), true, &audit).await.unwrap();
    let client = w.client("xh0002").await;
    let page = client.get("/sources").await.body;
    let forum = page.split("<tr data-source=").find(|row| row.contains("星河论坛")).unwrap();
    assert!(forum.contains("tag warn\" data-cell=\"verdict\">已暂停") && !forum.contains("有内容"), "{forum}");
    let today = client.get("/").await.body;
    assert!(today.contains("其中看不到的：问答") && today.contains("其中已暂停的：星河论坛"), "{today}");
}

/// A site on loopback whose robots.txt keeps its lists to itself.
async fn site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _head = stream.read(&mut [0; 4096]).await;
            let body = "User-agent: *\nDisallow: /forum.php\n";
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}", body.len());
            let _sent = stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn robots_txt_is_judged_for_what_is_read_of_a_source() {
    let site = site().await;
    let source =
        format!("[[source]]\nid='luntan'\nplatform='discuz'\nvalues={{fid='2'}}\nbase='http://{site}'\nbasis='test'\n");
    let w = world_watching(&source, &format!("[fetch]\nloopback_pace = 0.0\nallow_private = ['{site}']")).await;
    scan(&w.shell, w.shell.sources().iter(), &nobody()).await.unwrap();
    let page = w.client("xh0002").await.get("/sources").await.body;
    assert!(page.contains("data-cell=\"robots\">禁止 Disallow: /forum.php"), "{page}");
}

#[tokio::test]
async fn the_operator_sees_how_the_program_stands_and_no_person() {
    let w = world_watching(SOURCES, "").await;
    w.sources_seen().await;
    w.file("acc-xh", "星河甲", crate::world::manager("XH")).await;
    let page = w.client("admin").await.get("/sources").await.body;
    for words in [env!("CARGO_PKG_VERSION"), "任务引擎", "数据库", "节假日", "待发", "还没有。"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("acc-xh") && !page.contains("XH0002") && !page.contains("嫌二一"));
}

/// Asks for events, and reads until one has come or the answer has ended; the connection stays open as long as it is kept.
async fn listen(w: &World, client: &Client<'_>) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(w.address()).await.unwrap();
    let (address, token) = (w.address(), &client.token);
    let request = format!("GET /sources/live HTTP/1.1\r\nHost: {address}\r\nCookie: wanglou={token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut said, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        said.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&said).into_owned();
        if read == 0 || (text.contains("data: ") && text.contains("\n\n")) {
            return (stream, text);
        }
    }
}

#[tokio::test]
async fn a_page_that_stays_open_is_told_how_sources_stand_and_few_are_told_at_once() {
    let w = world_watching(SOURCES, "").await;
    w.sources_seen().await;
    let client = w.client("xh0002").await;
    let (first, said) = listen(&w, &client).await;
    assert!(
        said.contains("text/event-stream") && said.contains("x-accel-buffering: no") && said.contains("retry: 2000"),
        "{said}"
    );
    let data = said.split("data: ").nth(1).unwrap().lines().next().unwrap();
    let rows: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        (&rows[1]["id"], &rows[1]["verdict"], &rows[1]["why"]),
        (&"wenda".into(), &"看不到".into(), &"captcha".into())
    );
    let mut others = Vec::new();
    for _ in 0..7 {
        others.push(listen(&w, &client).await);
    }
    let (_, none) = listen(&w, &client).await;
    assert!(none.starts_with("HTTP/1.1 204"), "there is no more room: {none}");
    drop((first, others));
    let nobody = w.client("clerk").await;
    assert_eq!(nobody.get("/sources/live").await.status, 404);
    assert_eq!(w.stranger().get("/sources/live").await.status, 303);
}

#[tokio::test]
async fn what_a_page_asks_for_by_itself_keeps_no_session_alive() {
    let w = world_watching(SOURCES, "").await;
    let client = w.client("xh0002").await;
    w.shell.clock.advance_ms(5 * 60_000);
    listen(&w, &client).await;
    let seen_at = async || w.shell.store.session(&client.token).await.unwrap().unwrap().seen_at;
    assert_eq!(seen_at().await, NOW);
    client.get("/sources").await;
    assert_eq!(seen_at().await, w.shell.clock.now());
}
