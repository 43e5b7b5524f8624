//! No mail lost, none doubled.

use wanglou::model::alert::{AlertKind, AlertState};
use wanglou::model::case::{Notify, Outcome};
use wanglou::store::{AlertRequest, DigestRequest, Outgoing, StoreError};

use crate::world::{NOW, World, account, manager, to_manager, world};

const LEASE_MS: i64 = 60_000;

async fn with_one_alert() -> World {
    let w = world().await;
    w.record(account(Outcome::Alert, manager())).await;
    w
}

#[tokio::test]
async fn a_claimed_message_is_not_claimed_by_another_worker() {
    let w = with_one_alert().await;
    assert_eq!(w.store.claim_alerts(NOW.plus_ms(-1), "a", LEASE_MS, 9).await.unwrap(), vec![], "not due yet");
    let claimed = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    assert_eq!(w.store.claim_alerts(NOW, "b", LEASE_MS, 9).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_sent_message_is_sent_once() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0).id;
    w.store.hand_over_alert(&id, "a").await.unwrap();
    w.store.settle_alert(&id, "a", &Outgoing::Sent, NOW).await.unwrap();
    assert_eq!(w.store.claim_alerts(NOW.plus_days(9), "a", LEASE_MS, 9).await.unwrap(), vec![]);
    assert_eq!(w.store.alert_counts().await.unwrap(), vec![(AlertState::Sent, 1)]);
}

#[tokio::test]
async fn a_failed_try_comes_again_at_its_time_and_keeps_its_identity() {
    let w = with_one_alert().await;
    let first = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0);
    let later = NOW.plus_ms(5_000);
    let retry = Outgoing::RetryAt { at: later, error: "451".into() };
    w.store.settle_alert(&first.id, "a", &retry, NOW).await.unwrap();

    assert_eq!(w.store.claim_alerts(later.plus_ms(-1), "a", LEASE_MS, 9).await.unwrap(), vec![]);
    let second = w.store.claim_alerts(later, "a", LEASE_MS, 9).await.unwrap().remove(0);
    assert_eq!((second.id, second.attempts, second.last_error), (first.id, 2, Some("451".into())));
}

#[tokio::test]
async fn refused_and_unclear_messages_are_not_tried_again() {
    for (end, state) in [
        (Outgoing::Failed { error: "550".into() }, AlertState::Failed),
        (Outgoing::Uncertain { error: "connection lost".into() }, AlertState::Uncertain),
    ] {
        let w = with_one_alert().await;
        let id = w.store.claim_alerts(NOW, "a", LEASE_MS, 9).await.unwrap().remove(0).id;
        w.store.settle_alert(&id, "a", &end, NOW).await.unwrap();
        assert_eq!(w.store.claim_alerts(NOW.plus_days(9), "a", LEASE_MS, 9).await.unwrap(), vec![]);
        assert_eq!(w.store.latest_alerts(1).await.unwrap()[0].state, state);
    }
}

#[tokio::test]
async fn a_worker_that_died_before_the_hand_over_loses_nothing() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "dead", LEASE_MS, 9).await.unwrap().remove(0).id;
    let after = NOW.plus_ms(LEASE_MS);
    assert_eq!(w.store.claim_alerts(after, "b", LEASE_MS, 9).await.unwrap()[0].id, id);
    let late = w.store.settle_alert(&id, "dead", &Outgoing::Sent, after).await;
    assert!(matches!(late, Err(StoreError::AlertLost(_))));
    assert!(matches!(w.store.hand_over_alert(&id, "dead").await, Err(StoreError::AlertLost(_))));
}

#[tokio::test]
async fn a_worker_that_died_after_the_hand_over_leaves_an_uncertain_message() {
    let w = with_one_alert().await;
    let id = w.store.claim_alerts(NOW, "dead", LEASE_MS, 9).await.unwrap().remove(0).id;
    w.store.hand_over_alert(&id, "dead").await.unwrap();
    assert_eq!(w.store.claim_alerts(NOW.plus_ms(LEASE_MS), "b", LEASE_MS, 9).await.unwrap(), vec![]);
    assert_eq!(w.store.alert_counts().await.unwrap(), vec![(AlertState::Uncertain, 1)]);
}

#[tokio::test]
async fn one_occasion_is_queued_once_for_each_recipient() {
    let w = with_one_alert().await;
    let case = w.store.latest_alerts(1).await.unwrap().remove(0).cases.remove(0);
    let request = to_manager(manager());
    let deputy = AlertRequest { recipient: "M2".into(), ..request.clone() };
    assert!(w.store.queue_alert(&case, &request, "reminder:1", NOW).await.unwrap().is_some());
    assert!(w.store.queue_alert(&case, &request, "reminder:1", NOW).await.unwrap().is_none());
    assert!(w.store.queue_alert(&case, &deputy, "reminder:1", NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_digest_of_a_day_is_queued_once_and_tells_what_was_untold() {
    let w = world().await;
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[]);
    batch.alerts.clear();
    let case = w.store.record_judgement(&w.vault, &batch).await.unwrap().case.unwrap();
    let untold = w.store.cases_untold(&manager(), Notify::Daily).await.unwrap();
    assert_eq!(untold.iter().map(|c| &c.id).collect::<Vec<_>>(), vec![&case]);

    let digest = DigestRequest {
        request: AlertRequest { kind: AlertKind::Daily, ..to_manager(manager()) },
        cases: vec![case.clone()],
        occasion: "2026-11-20".into(),
    };
    let id = w.store.queue_digest(&digest, NOW).await.unwrap();
    assert!(id.is_some());
    assert_eq!(w.store.queue_digest(&digest, NOW).await.unwrap(), None);
    assert_eq!(w.store.cases_untold(&manager(), Notify::Daily).await.unwrap(), vec![]);
    assert_eq!(w.store.latest_alerts(9).await.unwrap()[0].cases, vec![case]);
}

#[tokio::test]
async fn a_case_that_changed_after_its_message_is_untold_again() {
    let mut w = with_one_alert().await;
    assert_eq!(w.store.cases_untold(&manager(), Notify::Daily).await.unwrap(), vec![]);
    w.next_scan().await;
    let mut batch = w.batch(crate::world::post(1, Outcome::Alert, manager()), &[]);
    batch.at = NOW.plus_days(1);
    w.store.record_judgement(&w.vault, &batch).await.unwrap();
    assert_eq!(w.store.cases_untold(&manager(), Notify::Daily).await.unwrap().len(), 1);
}
