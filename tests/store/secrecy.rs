//! What only the leak lane may read is not readable by anybody else who holds the files.

use wanglou::model::case::{Lane, Outcome};
use wanglou::store::{subject_key, verify};

use crate::world::{SECRET, account, key, manager, post, sealed_world, world};

#[tokio::test]
async fn text_of_a_leak_is_not_in_the_raw_files_but_opens_with_the_key() {
    let w = sealed_world().await;
    let leak = post(1, Outcome::Alert, Lane::Leak);
    let (recorded, capture) = w.record_with_page(leak.clone(), &format!("<p>{SECRET}</p>")).await;

    assert!(!w.holds(SECRET).await);
    let case = w.store.case(&recorded.case.unwrap()).await.unwrap().unwrap();
    assert_eq!(case.judgement, leak);
    assert_eq!(w.vault.get(&capture.sha256).await.unwrap(), format!("<p>{SECRET}</p>").as_bytes());
    assert_eq!(w.store.outcomes_of_scan(&w.scan).await.unwrap(), vec![leak.to_outcome_json()]);
    let facts = w.store.subject(&subject_key(&leak.subject)).await.unwrap().unwrap().facts.unwrap();
    assert_eq!(facts.post.unwrap().text, SECRET);
    assert_eq!(verify(&w.store, &w.vault).await.unwrap().problems, vec![]);
}

#[tokio::test]
async fn without_the_key_a_sealed_case_shows_that_it_exists_and_how_grave_it_is() {
    let w = sealed_world().await;
    let recorded = w.record(post(1, Outcome::Alert, Lane::Leak)).await;
    let stranger = w.other().await;

    let case = stranger.case(&recorded.case.unwrap()).await.unwrap().unwrap();

    assert_eq!((case.judgement.lane, case.judgement.outcome), (Lane::Leak, Outcome::Alert));
    assert!(case.judgement.findings.is_empty() && case.judgement.subject.url.is_empty());
    let outcomes = stranger.latest_outcomes().await.unwrap();
    assert_eq!(outcomes, vec![serde_json::json!({"outcome": "sealed", "lane": "leak"})]);
    let key_of = subject_key(&post(1, Outcome::Alert, Lane::Leak).subject);
    assert_eq!(stranger.subject(&key_of).await.unwrap().unwrap().facts, None);
}

#[tokio::test]
async fn another_key_is_an_error_and_not_an_empty_case() {
    let w = sealed_world().await;
    let recorded = w.record(post(1, Outcome::Alert, Lane::Leak)).await;
    let other = std::sync::Arc::new(wanglou::seal::Key::from_bytes(&[8; 32]));
    let store = w.other().await.with_key(other);
    assert!(store.case(&recorded.case.unwrap()).await.is_err());
}

#[tokio::test]
async fn a_leak_found_without_any_key_keeps_identifiers_only() {
    let w = world().await;
    let (recorded, capture) = w.record_with_page(post(1, Outcome::Alert, Lane::Leak), SECRET).await;

    assert!(!w.holds(SECRET).await);
    assert!(!w.vault.contains(&capture.sha256).await.unwrap());
    let evidence = w.store.evidence_of_case(recorded.case.as_ref().unwrap()).await.unwrap();
    assert_eq!((evidence.len(), evidence[0].kept), (1, false));
    let outcome = w.store.outcomes_of_scan(&w.scan).await.unwrap().pop().unwrap();
    assert_eq!(
        (outcome["rules"].clone(), outcome["reasons"].clone()),
        (serde_json::json!(["R-NAME"]), serde_json::json!([]))
    );
    assert_eq!(verify(&w.store, &w.vault).await.unwrap().problems, vec![]);
}

#[tokio::test]
async fn what_once_stood_in_the_leak_lane_stays_sealed() {
    let mut w = sealed_world().await;
    w.record(post(1, Outcome::Alert, Lane::Leak)).await;
    w.next_scan().await;
    let mut milder = w.batch(post(1, Outcome::Record, Lane::None), &[]);
    milder.judgement.findings.clear();
    milder.judgement.candidates.clear();
    w.store.record_judgement(&w.vault, &milder).await.unwrap();
    assert!(!w.holds(SECRET).await);
}

#[tokio::test]
async fn other_lanes_are_stored_in_clear_also_with_a_key() {
    let w = sealed_world().await;
    w.record(account(Outcome::Alert, manager())).await;
    assert!(w.holds(SECRET).await);
}

#[tokio::test]
async fn a_case_number_month_follows_the_zone_of_the_group() {
    let w = sealed_world().await;
    let store = w.other().await.with_key(key()).in_zone(chrono_tz::Pacific::Auckland);
    let mut batch = w.batch(account(Outcome::Alert, manager()), &[]);
    batch.at = wanglou::model::time::Timestamp::parse("2026-11-30T20:00:00+08:00").unwrap();
    let recorded = store.record_judgement(&w.vault, &batch).await.unwrap();
    assert_eq!(recorded.number.as_deref(), Some("XS-2612-0001"));
}
