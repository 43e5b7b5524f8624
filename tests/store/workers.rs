//! Processes on one database: signs of life, hosts of which each is visited by one, and writes that come too late.

use std::time::Duration;

use serde_json::json;
use wanglou::clock::Clock;
use wanglou::model::ids::WorkerId;
use wanglou::model::time::Timestamp;
use wanglou::store::{Store, StoreError};
use wanglou::workers::{Hosts, Member};

use crate::world::{NOW, World, world};

async fn joined(w: &World, name: &str) -> WorkerId {
    w.store.join_worker(name, "0.1.0", &json!({"kinds": ["visit"]}), NOW).await.unwrap()
}

/// The promise to a host of whoever takes it, and whether it had been left behind.
async fn take(store: &Store, host: &str, worker: &WorkerId) -> Option<(bool, Duration)> {
    let taken = store.take_host(host, worker, Some(&"forum".into()), NOW).await.unwrap();
    taken.map(|taken| (taken.was_left, taken.promised))
}

#[tokio::test]
async fn a_worker_lives_by_its_signs_and_ends_once() {
    let w = world().await;
    let one = joined(&w, "one").await;
    assert!(w.store.beat_worker(&one, NOW.plus_ms(5)).await.unwrap());
    let seen = w.store.workers(NOW).await.unwrap().remove(0);
    assert_eq!((seen.name.as_str(), seen.beat, seen.seen_at, seen.ended), ("one", 1, NOW.plus_ms(5), None));
    w.store.end_worker(&one, NOW.plus_ms(9)).await.unwrap();
    assert!(!w.store.beat_worker(&one, NOW.plus_ms(10)).await.unwrap(), "who has ended does not come back");
    let ended = w.store.workers(NOW).await.unwrap().remove(0).ended;
    assert_eq!(ended, Some((NOW.plus_ms(9), "stopped".to_owned())));
    assert_eq!(w.store.workers(NOW.plus_ms(10)).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_worker_that_gave_a_sign_meanwhile_is_not_lost() {
    let w = world().await;
    let one = joined(&w, "one").await;
    w.store.beat_worker(&one, NOW).await.unwrap();
    assert!(!w.store.lose_worker(&one, 0, NOW).await.unwrap());
    assert!(w.store.lose_worker(&one, 1, NOW).await.unwrap());
    assert!(!w.store.lose_worker(&one, 1, NOW).await.unwrap(), "once");
}

#[tokio::test]
async fn the_late_write_of_a_lost_worker_is_refused_and_leaves_nothing() {
    let w = world().await;
    let (one, two) = (joined(&w, "one").await, joined(&w, "two").await);
    let (late, other) = (w.store.clone().as_worker(&one), w.other().await.as_worker(&two));
    let scan = late.start_scan(NOW, &json!({})).await.unwrap();
    assert!(w.store.lose_worker(&one, 0, NOW).await.unwrap());

    let refused = late.finish_scan(&scan, NOW, &json!({"late": true})).await.unwrap_err();

    assert!(matches!(&refused, StoreError::Ended(id) if *id == one), "{refused}");
    assert!(late.take_host("a.example", &one, None, NOW).await.is_err());
    assert_eq!(w.store.scan(&scan).await.unwrap().unwrap().ended_at, None);
    other.finish_scan(&scan, NOW, &json!({})).await.unwrap();
}

#[tokio::test]
async fn a_host_is_visited_by_one_worker_at_a_time() {
    let w = world().await;
    let (one, two) = (joined(&w, "one").await, joined(&w, "two").await);
    assert_eq!(take(&w.store, "a.example", &one).await, Some((false, Duration::ZERO)));
    assert_eq!(take(&w.store, "a.example", &two).await, None);
    assert!(take(&w.store, "b.example", &two).await.is_some());
    assert!(take(&w.store, "a.example", &one).await.is_some(), "whoever holds it may take it again");
    let held: Vec<_> = w.store.held_hosts().await.unwrap().into_iter().map(|held| (held.host, held.worker)).collect();
    assert_eq!(held, [("a.example".to_owned(), one.clone()), ("b.example".to_owned(), two.clone())]);
    w.store.release_hosts(&["a.example"], &two).await.unwrap();
    assert_eq!(take(&w.store, "a.example", &two).await, None, "nobody gives back what another one holds");
    w.store.release_hosts(&["a.example"], &one).await.unwrap();
    assert_eq!(take(&w.store, "a.example", &two).await, Some((false, Duration::ZERO)));
}

#[tokio::test]
async fn many_hosts_are_given_back_at_once_and_none_of_another_worker() {
    let w = world().await;
    let (one, two) = (joined(&w, "one").await, joined(&w, "two").await);
    let hosts: Vec<String> = (0..17).map(|number| format!("h{number}.example")).collect();
    for host in &hosts {
        take(&w.store, host, &one).await;
    }
    take(&w.store, "other.example", &two).await;
    let names: Vec<&str> = hosts.iter().map(String::as_str).chain(["other.example"]).collect();
    w.store.release_hosts(&[], &one).await.unwrap();
    w.store.release_hosts(&names, &one).await.unwrap();
    let held: Vec<String> = w.store.held_hosts().await.unwrap().into_iter().map(|held| held.host).collect();
    assert_eq!(held, ["other.example"]);
}

#[tokio::test]
async fn the_host_of_a_lost_worker_is_free_and_its_promise_is_known() {
    let w = world().await;
    let (one, two) = (joined(&w, "one").await, joined(&w, "two").await);
    take(&w.store, "a.example", &one).await;
    w.store.promise_host("a.example", &one, Duration::from_secs(7)).await.unwrap();
    w.store.close_host("a.example", &one, NOW.plus_ms(90)).await.unwrap();
    w.store.close_host("a.example", &one, NOW.plus_ms(50)).await.unwrap();
    w.store.lose_worker(&one, 0, NOW).await.unwrap();
    assert_eq!(w.store.held_hosts().await.unwrap(), vec![]);
    let taken = w.store.take_host("a.example", &two, None, NOW).await.unwrap().unwrap();
    assert_eq!((taken.was_left, taken.promised), (true, Duration::from_secs(7)));
    assert_eq!(taken.closed_until, NOW.plus_ms(90));
    w.store.promise_host("a.example", &one, Duration::ZERO).await.unwrap();
    w.store.release_hosts(&["a.example"], &two).await.unwrap();
    let taken = w.store.take_host("a.example", &two, None, NOW).await.unwrap().unwrap();
    assert_eq!(taken.promised, Duration::from_secs(7), "whoever lost a host promises nothing for it");
}

#[tokio::test]
async fn a_host_that_cannot_be_given_back_now_is_given_back_later() {
    let w = world().await;
    let (clock, nothing) = (Clock::standing_at(NOW), json!({}));
    let member = Member::join(&w.store, &clock, "one", &nothing, Duration::from_secs(60)).await.unwrap();
    let hold = Hosts::new(member, w.store.clone()).enter("a.example", None).await.unwrap();
    w.place.run("ALTER TABLE hosts RENAME TO away").await;
    drop(hold);
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    w.place.run("ALTER TABLE away RENAME TO hosts").await;
    for _ in 0..500 {
        if w.store.held_hosts().await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the host is held for ever");
}

#[tokio::test]
async fn who_knows_that_it_is_alone_ends_all_others() {
    let w = world().await;
    let (one, two) = (joined(&w, "one").await, joined(&w, "two").await);
    assert_eq!(w.store.lose_other_workers(&two, NOW).await.unwrap(), 1);
    assert!(!w.store.beat_worker(&one, NOW).await.unwrap() && w.store.beat_worker(&two, NOW).await.unwrap());
}

#[tokio::test]
async fn ended_workers_and_free_hosts_are_forgotten_after_their_time() {
    let w = world().await;
    let (one, two) = (joined(&w, "one").await, joined(&w, "two").await);
    take(&w.store, "a.example", &one).await;
    take(&w.store, "b.example", &two).await;
    w.store.close_host("b.example", &two, NOW.plus_ms(50)).await.unwrap();
    w.store.release_hosts(&["b.example"], &two).await.unwrap();
    w.store.end_worker(&one, NOW).await.unwrap();
    w.store.end_worker(&two, NOW).await.unwrap();
    assert_eq!(w.store.purge_workers(NOW.plus_ms(1)).await.unwrap(), 1, "a host that was left needs the name");
    assert_eq!(w.store.purge_hosts(NOW).await.unwrap(), 0, "it still wants peace");
    assert_eq!(w.store.purge_hosts(NOW.plus_ms(51)).await.unwrap(), 1);
}

#[tokio::test]
async fn shared_files_are_replaced_all_at_once() {
    let w = world().await;
    let files = |pairs: &[(&str, &str)]| -> std::collections::BTreeMap<String, Vec<u8>> {
        pairs.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    };
    let first = files(&[("sources.toml", "a"), ("watchlists/terms.csv", "b")]);
    assert_eq!(w.store.share_files(&first, NOW).await.unwrap(), 2);
    assert_eq!(w.store.share_files(&first, NOW).await.unwrap(), 0);
    let second = files(&[("watchlists/terms.csv", "c")]);
    assert_eq!(w.store.share_files(&second, NOW).await.unwrap(), 2);
    assert_eq!(w.store.shared_digests().await.unwrap().keys().collect::<Vec<_>>(), ["watchlists/terms.csv"]);
    assert_eq!(w.store.shared_file("watchlists/terms.csv").await.unwrap(), Some(b"c".to_vec()));
    assert_eq!(w.store.shared_file("sources.toml").await.unwrap(), None);
}

#[tokio::test]
async fn a_file_has_no_queues_to_mend_and_a_server_none_yet() {
    let w = world().await;
    assert!(!w.store.is_on_server() || w.store.mend_queues().await.is_err());
    assert!(w.store.is_on_server() || w.store.mend_queues().await.unwrap() == 0);
    assert_eq!(w.store.waiting_sources().await.unwrap(), vec![]);
    w.receive("waits").await;
    assert_eq!(w.store.waiting_sources().await.unwrap(), vec!["forum".into()]);
    let nothing = Timestamp::default();
    assert_eq!(w.store.purge_jobs(nothing).await.unwrap(), 0);
}
