//! Pages, sources and runs; bytes are kept only as evidence.

use serde_json::json;
use wanglou::model::audit::AuditEntry;
use wanglou::model::capture::{Capture, CaptureState, Verdict};
use wanglou::model::case::{Lane, Outcome};
use wanglou::model::ids::SourceId;
use wanglou::store::{PageDone, PageMemo, SourceState, StoreError};
use wanglou::vault::{Swept, VaultError};

use crate::world::{NOW, account, manager, sealed_world, world};

fn memo(sha256: &str) -> PageMemo {
    PageMemo {
        source: "forum".into(),
        etag: Some("\"v1\"".into()),
        last_modified: None,
        status: 200,
        sha256: sha256.into(),
        fetched_at: NOW,
        ledger_digest: "d1".into(),
    }
}

#[tokio::test]
async fn a_page_without_finding_leaves_neither_bytes_nor_address() {
    let w = world().await;
    let capture = w.receive("a page about the weather").await;
    let memo = memo(capture.sha256.as_str());
    w.store.remember_page(&capture.url, &PageMemo { ledger_digest: String::new(), ..memo.clone() }).await.unwrap();
    let done = PageDone {
        capture: capture.id.clone(),
        digest: Some(memo.ledger_digest.clone()),
        topics: vec!["P01".into(), "P01".into(), "P02".into()],
        at: NOW,
    };

    assert_eq!(w.store.finish_pages(&w.vault, std::slice::from_ref(&done)).await.unwrap(), [CaptureState::Dropped]);
    assert_eq!(
        w.store.finish_pages(&w.vault, std::slice::from_ref(&done)).await.unwrap(),
        [CaptureState::Dropped],
        "again, after a crash"
    );

    assert!(!w.vault.contains(&capture.sha256).await.unwrap());
    assert!(!w.holds("a page about the weather").await, "nor do they linger in a log");
    let stored = w.store.capture(&capture.id).await.unwrap().unwrap();
    assert!(stored.url.starts_with("sha256:") && stored.final_url.starts_with("sha256:"));
    assert_eq!(w.store.page(&capture.url).await.unwrap(), Some(memo));
    let counts = w.store.topic_counts("2026-11").await.unwrap();
    assert_eq!(counts, vec![("P01".into(), 2), ("P02".into(), 1)], "the second call counts nothing");
    assert_eq!(w.store.pending_captures(None, None, 9).await.unwrap(), vec![]);
}

#[tokio::test]
async fn topics_of_records_are_counted_without_a_page() {
    let w = world().await;
    w.store.count_topics("2026-11", &["P01".into()]).await.unwrap();
    assert_eq!(w.store.topic_counts("2026-11").await.unwrap(), vec![("P01".into(), 1)]);
    assert_eq!(w.store.topic_counts("2026-12").await.unwrap(), vec![]);
}

#[tokio::test]
async fn equal_bytes_stay_as_long_as_another_page_needs_them() {
    let w = world().await;
    let (evidence, other) = (w.receive("same bytes").await, w.receive("same bytes").await);
    let batch = w.batch(account(Outcome::Alert, manager()), &[&evidence]);
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    assert_eq!(w.finish(&other, &[]).await, CaptureState::Dropped);
    assert_eq!(w.finish(&evidence, &[]).await, CaptureState::Kept);
    assert_eq!(w.vault.get(&evidence.sha256).await.unwrap(), b"same bytes");
}

#[tokio::test]
async fn received_bytes_must_be_those_that_were_hashed() {
    let w = world().await;
    let mut capture = w.receive("page").await;
    capture.id = "another".into();
    let refused = w.store.receive(&w.vault, &capture, b"other bytes".to_vec()).await;
    assert!(matches!(refused, Err(StoreError::Vault(VaultError::Damaged(_)))));
    assert_eq!(w.store.capture(&capture.id).await.unwrap(), None);
}

#[tokio::test]
async fn evidence_of_an_unknown_capture_is_refused_and_nothing_is_written() {
    let w = world().await;
    let capture = w.receive("page").await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[&capture]);
    batch.captures.push("unknown".into());
    let refused = w.store.record_judgement(&w.vault, &batch).await;
    assert!(matches!(refused, Err(StoreError::NoCapture(_))));
    assert_eq!(w.store.latest_alerts(9).await.unwrap(), vec![]);
    batch.judgement.lane = Lane::Leak;
    assert!(w.store.record_judgement(&w.vault, &batch).await.is_err());
}

#[tokio::test]
async fn a_sweep_removes_what_a_killed_process_left_and_keeps_what_is_pending() {
    let w = world().await;
    w.receive("pending").await;
    let orphan = w.vault.put(b"stored, but the process was killed before the row").await.unwrap();
    let later = wanglou::clock::Clock::system().now().plus_days(1);
    let swept = w.store.sweep(&w.vault, later).await.unwrap();
    assert_eq!(swept, Swept { kept: 1, removed: 1, leftovers: 0 });
    assert!(!w.vault.contains(&orphan).await.unwrap());
}

#[tokio::test]
async fn a_page_is_remembered_by_the_hash_of_its_address_for_a_while() {
    let w = world().await;
    let url = "https://forum.example/very-telling-address";
    w.store.remember_page(url, &memo("h1")).await.unwrap();
    let newer = PageMemo { ledger_digest: "d2".into(), etag: None, ..memo("h2") };
    w.store.remember_page(url, &newer).await.unwrap();
    assert_eq!(w.store.page(url).await.unwrap(), Some(newer));
    assert!(!w.holds("very-telling-address").await);
    assert_eq!(w.store.purge_pages(NOW).await.unwrap(), 0);
    assert_eq!(w.store.purge_pages(NOW.plus_ms(1)).await.unwrap(), 1);
    assert_eq!(w.store.page(url).await.unwrap(), None);
}

#[tokio::test]
async fn a_blocked_page_never_confirms_a_source() {
    let w = world().await;
    let source = SourceId::new("forum");
    let fresh = w.store.source_state(&source).await.unwrap();
    assert_eq!(fresh, SourceState::new(source.clone()));
    let blocked = Verdict::Blocked { reason: "login wall".into() };
    let state = fresh.visited(NOW, Verdict::Empty).visited(NOW.plus_days(1), blocked.clone());
    w.store.save_source_state(&state).await.unwrap();

    let stored = w.store.source_state(&source).await.unwrap();
    assert_eq!((stored.last_confirmed, stored.last_visit), (Some(NOW), Some(NOW.plus_days(1))));
    assert_eq!((stored.failures, &stored.verdict), (1, &Some(blocked)));
    assert_eq!(w.store.source_states().await.unwrap(), vec![stored]);
}

#[tokio::test]
async fn a_source_stays_paused_whatever_a_visit_under_way_writes() {
    let w = world().await;
    let source = SourceId::new("forum");
    let before = w.store.source_state(&source).await.unwrap();
    let (actor, action, object) = ("U1".to_owned(), "source.pause".to_owned(), source.to_string());
    let audit = AuditEntry { at: NOW, actor, action, object, detail: String::new() };
    w.store.pause_source(&source, true, &audit).await.unwrap();
    w.store.save_source_state(&before.visited(NOW, Verdict::Found)).await.unwrap();
    assert!(w.store.source_state(&source).await.unwrap().paused);
    w.store.pause_source(&source, false, &audit).await.unwrap();
    let state = w.store.source_state(&source).await.unwrap();
    assert!(!state.paused && state.last_confirmed == Some(NOW));
}

#[tokio::test]
async fn pages_of_a_source_are_counted_by_day() {
    let w = world().await;
    let source = SourceId::new("forum");
    let mut counts = Vec::new();
    for day in ["2026-11-20", "2026-11-20", "2026-11-21"] {
        counts.push(w.store.count_page(&source, day).await.unwrap());
    }
    assert_eq!(counts, [1, 2, 1]);
}

#[tokio::test]
async fn a_scan_that_was_killed_has_no_end() {
    let mut w = world().await;
    let first = w.scan.clone();
    w.store.finish_scan(&first, NOW.plus_ms(5), &json!({"pages": 3})).await.unwrap();
    w.next_scan().await;
    let scans = w.store.latest_scans(9).await.unwrap();
    assert_eq!((&scans[0].id, scans[0].ended_at), (&w.scan, None));
    assert_eq!((&scans[1].id, scans[1].ended_at), (&first, Some(NOW.plus_ms(5))));
    assert_eq!(w.store.scan(&first).await.unwrap().unwrap().summary, json!({"pages": 3}));
    assert_eq!(w.store.scan(&"none".into()).await.unwrap(), None);
}

#[tokio::test]
async fn audit_lines_come_back_newest_first() {
    let w = world().await;
    for action in ["fetch.disallowed", "case.read"] {
        let (actor, action, object) = ("wanglou".into(), action.to_owned(), "forum".into());
        w.store.audit(&AuditEntry { at: NOW, actor, action, object, detail: String::new() }).await.unwrap();
    }
    let actions: Vec<_> = w.store.latest_audit(9).await.unwrap().into_iter().map(|line| line.action).collect();
    assert_eq!(actions, ["case.read", "fetch.disallowed"]);
    assert_eq!(w.store.purge_audit(NOW, NOW).await.unwrap(), 0);
    assert_eq!(w.store.purge_audit(NOW.plus_ms(1), NOW.plus_ms(1)).await.unwrap(), 2);
}

#[tokio::test]
async fn only_dropped_captures_are_forgotten_after_their_time() {
    let w = world().await;
    w.record_with_page(account(Outcome::Alert, manager()), "evidence").await;
    let (dropped, pending) = (w.receive("nothing on it").await, w.receive("not yet read").await);
    w.finish(&dropped, &[]).await;
    assert_eq!(w.store.purge_captures(NOW).await.unwrap(), 0);
    assert_eq!(w.store.purge_captures(NOW.plus_ms(1)).await.unwrap(), 1);
    assert_eq!(w.store.capture(&dropped.id).await.unwrap(), None);
    assert!(w.store.capture(&pending.id).await.unwrap().is_some());
}

#[tokio::test]
async fn bytes_in_the_database_come_back_and_what_is_sealed_stays_sealed() {
    let w = sealed_world().await;
    let vault = wanglou::vault::Vault::in_database(&w.store, Some(crate::world::key()));
    let hash = vault.put("网页".as_bytes()).await.unwrap();
    assert_eq!(w.store.object(&hash).await.unwrap().map(|object| object.is_sealed), Some(false));
    vault.seal_stored(&hash).await.unwrap();
    assert_eq!(vault.put("网页".as_bytes()).await.unwrap(), hash);
    let object = w.store.object(&hash).await.unwrap().unwrap();
    w.store.put_object(&wanglou::store::Object { is_sealed: false, bytes: b"x".to_vec(), ..object }).await.unwrap();
    assert_eq!(w.store.object_is_sealed(&hash).await.unwrap(), Some(true), "a plain copy never takes its place");
    assert_eq!(vault.get(&hash).await.unwrap(), "网页".as_bytes());
    let stranger = wanglou::vault::Vault::in_database(&w.store, None);
    assert!(matches!(stranger.get(&hash).await, Err(wanglou::vault::VaultError::Sealed(_))));
    assert!(w.store.remove_object(&hash).await.unwrap() && !vault.remove(&hash).await.unwrap());
    assert!(matches!(vault.get(&hash).await, Err(wanglou::vault::VaultError::Missing(_))));
    vault.put(b"nobody refers to it").await.unwrap();
    assert_eq!(w.store.sweep_objects().await.unwrap().removed, 1);
}

#[tokio::test]
async fn pages_that_end_together_end_as_one_by_one_in_the_order_given() {
    let w = world().await;
    let (ended, evidence) = (w.receive("ended before").await, w.receive("same bytes").await);
    let batch = w.batch(account(Outcome::Alert, manager()), &[&evidence]);
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    w.finish(&ended, &[]).await;
    let mut pages = vec![ended, evidence, w.receive("same bytes").await];
    for number in pages.len()..101 {
        pages.push(w.receive(&format!("page {number}")).await);
    }
    let done =
        |page: &Capture| PageDone { capture: page.id.clone(), digest: Some("d1".into()), topics: vec![], at: NOW };

    let states = w.store.finish_pages(&w.vault, &pages.iter().map(done).collect::<Vec<_>>()).await.unwrap();

    assert_eq!(states[..3], [CaptureState::Dropped, CaptureState::Kept, CaptureState::Dropped]);
    assert!(states.len() == 101 && states[3..].iter().all(|state| *state == CaptureState::Dropped));
    assert!(w.vault.contains(&pages[1].sha256).await.unwrap(), "evidence has the bytes of a page that was dropped");
    assert!(!w.vault.contains(&pages[100].sha256).await.unwrap());
    assert_eq!(w.store.pending_captures(None, None, 9).await.unwrap(), vec![]);
}

#[tokio::test]
async fn an_unknown_page_ends_none_of_those_beside_it() {
    let w = world().await;
    let known = w.receive("known").await;
    let done = |capture| PageDone { capture, digest: None, topics: vec![], at: NOW };
    let pages = [done(known.id.clone()), done("nowhere".into())];

    assert!(w.store.finish_pages(&w.vault, &pages).await.is_err());

    assert_eq!(w.store.pending_captures(None, None, 9).await.unwrap(), vec![known]);
}
