//! The installation at one glance.

use wanglou::model::alert::AlertState;
use wanglou::model::case::Outcome;
use wanglou::model::term::Severity;
use wanglou::store::{OpenCases, Status};

use crate::world::{NOW, account, job, manager, world};

#[tokio::test]
async fn an_empty_installation_has_nothing_to_show() {
    let w = world().await;
    assert_eq!(w.store.status(NOW).await.unwrap(), Status::default());
}

#[tokio::test]
async fn what_waits_and_what_is_open_is_counted() {
    let w = world().await;
    w.record_with_page(account(Outcome::Alert, manager()), "a page").await;
    w.receive("a page that nobody has inspected").await;
    wanglou::jobs::set_up_server(&w.store).await;
    w.store.enqueue(&job("visit", "k", None), NOW).await.unwrap();
    w.store.finish_scan(&w.scan, NOW.plus_ms(5), &serde_json::json!({})).await.unwrap();

    let status = w.store.status(NOW.plus_ms(60_000)).await.unwrap();
    assert_eq!(status.jobs, [("visit".to_owned(), "available".to_owned(), 1)]);
    assert_eq!(status.alerts, [(AlertState::Queued, 1)]);
    assert_eq!(status.oldest_due, Some(NOW));
    let open = OpenCases { severity: Some(Severity::Medium), lane_class: "conduct".into(), count: 1 };
    assert_eq!(status.open_cases, [open]);
    assert_eq!((status.findings, status.captures_pending, status.chain_links), (1, 1, 1));
    assert_eq!(status.last_scan_end, Some(NOW.plus_ms(5)));
}

#[tokio::test]
async fn a_letter_that_is_not_due_yet_does_not_wait() {
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    assert_eq!(w.store.status(NOW.plus_ms(-1)).await.unwrap().oldest_due, None);
}

#[tokio::test]
async fn who_visits_what_is_shown_while_it_lives() {
    let w = world().await;
    let rows = "INSERT INTO workers (id, name, version, may_do, beat, started_at_ms, seen_at_ms, ended_at_ms) VALUES
            ('w1', 'night-1', '0.1.0', '{}', 1, 10, 20, NULL), ('w2', 'night-2', '0.1.0', '{}', 1, 10, 20, 30);
        INSERT INTO hosts (host, worker_id, source_id, held_since_ms, promised_ms, closed_until_ms) VALUES
            ('a.example', 'w1', 'forum', 15, 0, 0), ('b.example', 'w2', 'forum', 15, 0, 0),
            ('c.example', NULL, NULL, NULL, 0, 0)";
    w.place.run(rows).await;

    let status = w.store.status(NOW).await.unwrap();
    assert_eq!(status.workers.iter().map(|worker| worker.name.as_str()).collect::<Vec<_>>(), ["night-1"]);
    let visiting = &status.visiting;
    assert_eq!(visiting.len(), 1, "a lost process holds nothing: {visiting:?}");
    assert_eq!((visiting[0].host.as_str(), visiting[0].worker.as_str()), ("a.example", "w1"));
}

#[tokio::test]
async fn a_try_to_write_is_written() {
    let w = world().await;
    w.store.try_write().await.unwrap();
    assert!(w.holds("write_probe").await);
    w.store.try_write().await.unwrap();
}

#[tokio::test]
async fn the_clock_of_a_server_can_be_compared_with_ours() {
    let w = world().await;
    let ours = wanglou::clock::Clock::system().now();
    let theirs = w.store.server_time().await.unwrap();
    assert_eq!(theirs.is_some(), w.store.is_on_server());
    assert!(theirs.is_none_or(|theirs| theirs.ms_since(ours).abs() < 600_000));
}
