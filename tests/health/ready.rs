//! Whether the work can go on, also while something is away.

use std::net::SocketAddr;

use wanglou::store::Store;

use crate::gate::{Gate, Way};
use crate::http::raw;
use crate::postgres::Database;
use crate::world::{NOW, World, world};

#[tokio::test]
async fn a_sound_installation_lives_and_is_ready() {
    let w = world("").await;
    let alive = w.get("/healthz").await;
    assert_eq!((alive.status, alive.body.as_str()), (200, "ok\n"));
    let ready = w.get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    for name in ["database", "writing", "engine", "mail"] {
        assert_eq!(w.probe(name).await["ok"], true, "{name}");
    }
    assert_eq!(w.probe("key").await["level"], "warn", "without a key the work goes on");
}

#[tokio::test]
async fn an_engine_that_has_not_started_is_not_ready() {
    let w = world("").await;
    let idle = wanglou::web::serve(&w.shell, &wanglou::jobs::Pulse::default()).await.unwrap();
    assert_eq!(crate::http::ask(idle.address(), "GET", "/readyz").await.status, 503);
    assert_eq!(crate::http::ask(idle.address(), "GET", "/healthz").await.status, 200);
}

#[tokio::test]
async fn a_file_that_another_writer_keeps_is_not_ready_until_it_lets_go() {
    kept_by_another_writer(world("").await).await;
}

#[tokio::test]
async fn a_server_that_another_writer_keeps_is_not_ready_until_it_lets_go() {
    let database = Database::new().await;
    kept_by_another_writer(world(&database.url()).await).await;
}

async fn kept_by_another_writer(w: World) {
    w.ready_is(200).await;
    let other = Store::open_at(&w.shell.config.database().unwrap()).await.unwrap();
    let writing = other.begin().await.unwrap();
    w.ready_is(503).await;
    assert_eq!(w.probe("database").await["ok"], true, "it can still be read");
    assert_eq!(w.probe("writing").await["level"], "fail");
    drop(writing);
    w.ready_is(200).await;
    w.shell.store.start_scan(NOW, &serde_json::json!({})).await.expect("writers were not kept waiting by the probes");
}

#[tokio::test]
async fn a_server_that_goes_away_or_hangs_is_not_ready_until_it_is_back() {
    let database = Database::new().await;
    let url = url::Url::parse(&database.url()).unwrap();
    let gate = Gate::to(SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()))).await;
    let mut by_gate = url;
    by_gate.set_port(Some(gate.address.port())).unwrap();
    let w = world(by_gate.as_str()).await;
    w.ready_is(200).await;
    for way in [Way::Broken, Way::Silent] {
        gate.turn(way);
        w.ready_is(503).await;
        assert_eq!(w.get("/healthz").await.status, 200, "the process lives");
        assert!(w.get("/").await.body.contains("数据库没有回答"));
        assert!(w.get("/metrics").await.body.contains("wanglou_probe_ok{probe=\"database\"} 0"));
        gate.turn(Way::Open);
        w.ready_is(200).await;
    }
}

#[tokio::test]
async fn a_broken_edit_of_a_ledger_is_told_and_stops_nothing() {
    let w = world("").await;
    let ledger = w.folder.path().join("watchlists/companies.csv");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/watchlists/companies.csv"), &ledger).unwrap();
    w.shell.reload().unwrap();
    std::fs::write(&ledger, "不是表头\n1\n").unwrap();
    w.shell.reload().unwrap();
    let ledgers = w.probe("ledgers").await;
    assert_eq!(ledgers["level"], "warn");
    assert!(ledgers["en"].as_str().unwrap().contains("1 by their last good version"), "{ledgers}");
    assert_eq!(w.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn nothing_but_reading_is_answered() {
    let w = world("").await;
    for path in ["/", "/healthz", "/readyz", "/metrics", "/style.css"] {
        assert_eq!(crate::http::ask(w.address(), "HEAD", path).await.status, 200, "{path}");
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            assert_eq!(crate::http::ask(w.address(), method, path).await.status, 405, "{method} {path}");
        }
    }
    for path in ["/admin", "/metrics/", "/../etc/passwd", "/healthz/x"] {
        assert_eq!(w.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_site_that_takes_the_address_of_this_machine_learns_nothing() {
    let w = world("").await;
    let as_host = |host: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for host in ["evil.example", "evil.example:8750", "127.0.0.1.evil.example"] {
        assert_eq!(raw(w.address(), &as_host(host)).await.status, 421, "{host}");
    }
    for host in ["127.0.0.1", "127.0.0.1:8750", "localhost:8750", "[::1]:8750", "[::1]"] {
        assert_eq!(raw(w.address(), &as_host(host)).await.status, 200, "{host}");
    }
    assert_eq!(raw(w.address(), "GET /readyz HTTP/1.0\r\n\r\n").await.status, 200, "an old client names no host");
}

#[tokio::test]
async fn every_answer_forbids_scripts_frames_and_guesses() {
    let w = world("").await;
    for path in ["/", "/readyz", "/nowhere"] {
        let head = w.get(path).await.head;
        let kept = ["content-security-policy: default-src 'none';", "x-content-type-options: nosniff"];
        let kept = kept.into_iter().chain(["x-frame-options: deny", "referrer-policy: no-referrer"]);
        kept.for_each(|line| assert!(head.contains(line), "{path} has no {line}:\n{head}"));
    }
}

#[tokio::test]
async fn a_request_beyond_the_limits_is_refused() {
    let w = world("").await;
    let headers: String = (0..100).map(|n| format!("X-{n}: y\r\n")).collect();
    let refused = raw(w.address(), &format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n")).await;
    assert_eq!(refused.status, 431);
    let refused = raw(w.address(), &format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(40_000))).await;
    assert!([414, 431].contains(&refused.status), "{}", refused.status);
}

#[tokio::test]
async fn many_askers_are_served_by_few_looks() {
    let w = std::sync::Arc::new(world("").await);
    let askers: Vec<_> = (0..100)
        .map(|_| {
            let w = std::sync::Arc::clone(&w);
            tokio::spawn(async move { w.get("/readyz").await.status })
        })
        .collect();
    for asker in askers {
        assert_eq!(asker.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_leaves_the_work_without_a_page() {
    let w = world("").await;
    let mut config = w.shell.config.clone();
    config.health.listen = w.address().to_string();
    let other = wanglou::pipeline::shell::Shell::open(config, w.shell.clock.clone()).await.unwrap();
    assert!(wanglou::web::serve(&std::sync::Arc::new(other), &w.pulse).await.is_none());
}
