//! The job table of the embedded engine: unique keys, one job a host, leases.

use serde_json::json;
use wanglou::clock::Clock;
use wanglou::jobs::{Firing, Schedule};
use wanglou::model::time::Timestamp;
use wanglou::store::{JobEnd, NewJob};

use crate::world::{NOW, job, world};

const LEASE_MS: i64 = 60_000;

#[tokio::test]
async fn a_key_is_unique_among_unfinished_jobs() {
    let w = world().await;
    assert!(w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap());
    assert!(!w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap());
    let held = w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap().unwrap();
    assert!(!w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap(), "still unfinished while it runs");
    assert!(w.store.end_job(&held, &JobEnd::Completed, NOW).await.unwrap());
    assert!(w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap());
    assert_eq!(w.store.job_counts().await.unwrap().len(), 2);
    assert_eq!(w.store.purge_jobs(NOW.plus_ms(1)).await.unwrap(), 1);
}

#[tokio::test]
async fn one_job_of_a_host_runs_at_a_time() {
    let w = world().await;
    for (key, host) in [("a1", "a.example"), ("a2", "a.example"), ("b1", "b.example")] {
        w.store.enqueue(&job("crawl", key, Some(host)), NOW).await.unwrap();
    }
    let mut claimed = Vec::new();
    while let Some(job) = w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap() {
        claimed.push(job);
    }
    assert_eq!(claimed.iter().map(|j| j.key.as_str()).collect::<Vec<_>>(), ["a1", "b1"]);
    w.store.end_job(&claimed[0], &JobEnd::Completed, NOW).await.unwrap();
    assert_eq!(w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap().unwrap().key, "a2");
}

#[tokio::test]
async fn claims_at_the_same_moment_never_share_a_host_or_a_job() {
    let w = world().await;
    for n in 0..20 {
        let host = format!("h{}.example", n % 4);
        w.store.enqueue(&job("crawl", &n.to_string(), Some(&host)), NOW).await.unwrap();
    }
    // Two connections to one file, as two processes have them.
    let other = w.other().await;
    let mut claims = tokio::task::JoinSet::new();
    for n in 0..12 {
        let store = if n % 2 == 0 { w.store.clone() } else { other.clone() };
        claims.spawn(async move { store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap() });
    }
    let claimed = claims.join_all().await;
    let mut hosts: Vec<_> = claimed.into_iter().flatten().map(|job| job.host.unwrap()).collect();
    hosts.sort();
    assert_eq!(hosts, ["h0.example", "h1.example", "h2.example", "h3.example"]);
}

#[tokio::test]
async fn only_known_kinds_that_are_due_are_claimed() {
    let w = world().await;
    w.store.enqueue(&job("mail", "m", None), NOW).await.unwrap();
    let later = NewJob { run_at: NOW.plus_ms(1), ..job("crawl", "c", None) };
    w.store.enqueue(&later, NOW).await.unwrap();
    assert_eq!(w.store.claim_job(NOW, &["crawl", "retain"], LEASE_MS).await.unwrap(), None);
    let due = w.store.claim_job(NOW.plus_ms(1), &["retain", "crawl"], LEASE_MS).await.unwrap().unwrap();
    assert_eq!((due.kind.as_str(), due.attempt, due.payload), ("crawl", 1, json!({"source": "forum"})));
}

#[tokio::test]
async fn the_job_of_a_killed_process_comes_back_and_its_late_end_is_refused() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", Some("a.example")), NOW).await.unwrap();
    let lost = w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap().unwrap();
    let half = NOW.plus_ms(LEASE_MS / 2);
    assert!(w.store.extend_job(&lost, half, LEASE_MS).await.unwrap());
    assert_eq!(w.store.claim_job(NOW.plus_ms(LEASE_MS), &["crawl"], LEASE_MS).await.unwrap(), None);

    let after = half.plus_ms(LEASE_MS);
    let again = w.store.claim_job(after, &["crawl"], LEASE_MS).await.unwrap().unwrap();

    assert_eq!((again.id.as_str(), again.attempt), (lost.id.as_str(), 2));
    assert!(!w.store.end_job(&lost, &JobEnd::Completed, after).await.unwrap());
    assert!(!w.store.extend_job(&lost, after, LEASE_MS).await.unwrap());
    assert!(w.store.end_job(&again, &JobEnd::Completed, after).await.unwrap());
}

#[tokio::test]
async fn a_job_is_given_up_after_its_tries() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
    let retry = |at: Timestamp| JobEnd::RetryAt { at, error: "503".into() };
    let first = w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap().unwrap();
    w.store.end_job(&first, &retry(NOW.plus_ms(1_000)), NOW).await.unwrap();
    assert_eq!(w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap(), None, "it waits for its time");
    let second = w.store.claim_job(NOW.plus_ms(1_000), &["crawl"], LEASE_MS).await.unwrap().unwrap();
    w.store.end_job(&second, &retry(NOW), NOW).await.unwrap();
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("crawl".into(), "discarded".into(), 1)]);
}

#[tokio::test]
async fn a_job_whose_workers_keep_dying_is_given_up_too() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
    for n in 0..3 {
        w.store.claim_job(NOW.plus_ms(n * LEASE_MS), &["crawl"], LEASE_MS).await.unwrap();
    }
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("crawl".into(), "discarded".into(), 1)]);
}

#[tokio::test]
async fn a_released_job_does_not_count_as_tried() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
    for _ in 0..5 {
        let held = w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap().unwrap();
        assert_eq!(held.attempt, 1);
        w.store.end_job(&held, &JobEnd::Released, NOW).await.unwrap();
    }
    let held = w.store.claim_job(NOW, &["crawl"], LEASE_MS).await.unwrap().unwrap();
    w.store.end_job(&held, &JobEnd::Discarded { error: "no such source".into() }, NOW).await.unwrap();
    assert_eq!(w.store.next_job_at().await.unwrap(), None);
}

fn every_morning() -> Schedule {
    Schedule {
        id: "crawl".into(),
        cron: "0 9 * * *".into(),
        zone: chrono_tz::Asia::Shanghai,
        kind: "crawl".into(),
        host: None,
        egress: String::new(),
        attempts_max: 3,
        payload: json!({}),
    }
}

#[tokio::test]
async fn a_slot_fires_once_and_of_missed_slots_only_the_latest_is_made_up_for() {
    let w = world().await;
    let schedules = [every_morning()];
    let fired =
        async |at: Timestamp| Firing::default().fire(&w.store, &schedules, &Clock::standing_at(at)).await.unwrap();

    assert_eq!(fired(NOW).await, 0, "a new schedule does not look back");
    let morning = Timestamp::parse("2026-11-21T09:00:00+08:00").unwrap();
    assert_eq!(fired(morning.plus_ms(-1)).await, 0);
    assert_eq!(fired(morning).await, 1);
    let held = w.store.claim_job(morning, &["crawl"], LEASE_MS).await.unwrap().unwrap();
    w.store.end_job(&held, &JobEnd::Completed, morning).await.unwrap();
    assert_eq!(fired(morning.plus_ms(5)).await, 0, "also after the job is done");
    assert_eq!(fired(morning.plus_days(6).plus_ms(5)).await, 1, "down for six days");
    let slot = morning.plus_days(7);
    let mut tx = w.store.begin().await.unwrap();
    assert!(tx.enqueue_slot("crawl", slot, &job("crawl", "x", None), slot).await.unwrap());
    assert!(!tx.enqueue_slot("crawl", slot, &job("crawl", "y", None), slot).await.unwrap());
}

#[tokio::test]
async fn who_had_to_wait_for_the_database_makes_up_for_the_latest_slot_alone() {
    let w = world().await;
    let morning = Timestamp::parse("2026-11-21T09:00:00+08:00").unwrap();
    let (clock, schedules, mut firing) = (Clock::standing_at(NOW), [every_morning()], Firing::default());
    firing.fire(&w.store, &schedules, &clock).await.unwrap();
    clock.advance_ms(morning.ms_since(NOW));
    let away = w.store.begin().await.unwrap();
    let back = async {
        clock.advance_ms(86_400_000);
        drop(away);
    };
    let (fired, ()) = tokio::join!(firing.fire(&w.store, &schedules, &clock), back);
    assert_eq!(fired.unwrap(), 1);
    assert_eq!(firing.fire(&w.store, &schedules, &clock).await.unwrap(), 0);
    assert_eq!(w.store.next_job_at().await.unwrap(), Some(morning.plus_days(1)));
}

#[tokio::test]
async fn a_job_that_outlasts_its_slot_does_for_the_next_one_too() {
    let w = world().await;
    let schedules = [every_morning()];
    let mut firing = Firing::default();
    let morning = Timestamp::parse("2026-11-21T09:00:00+08:00").unwrap();
    let mut fired = async |at: Timestamp| firing.fire(&w.store, &schedules, &Clock::standing_at(at)).await.unwrap();
    assert_eq!([fired(NOW).await, fired(morning).await], [0, 1]);
    let held = w.store.claim_job(morning, &["crawl"], 3 * 86_400_000).await.unwrap().unwrap();
    assert_eq!(fired(morning.plus_days(1)).await, 0);
    w.store.end_job(&held, &JobEnd::Completed, morning.plus_days(1)).await.unwrap();
    assert_eq!([fired(morning.plus_days(1)).await, fired(morning.plus_days(2)).await], [0, 1]);
}

#[tokio::test]
async fn a_broken_schedule_is_named_and_the_others_fire() {
    let w = world().await;
    let schedules = [Schedule { id: "broken".into(), cron: "often".into(), ..every_morning() }, every_morning()];
    let mut firing = Firing::default();
    firing.fire(&w.store, &schedules, &Clock::standing_at(NOW)).await.unwrap();
    assert_eq!(firing.fire(&w.store, &schedules, &Clock::standing_at(NOW.plus_days(1))).await.unwrap(), 1);
    assert_eq!(firing.unreadable().iter().collect::<Vec<_>>(), ["broken"]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_fires_no_slot_again() {
    let w = world().await;
    let schedules = [every_morning()];
    let mut firing = Firing::default();
    firing.fire(&w.store, &schedules, &Clock::standing_at(NOW)).await.unwrap();
    let morning = Timestamp::parse("2026-11-21T09:00:00+08:00").unwrap();
    assert_eq!(firing.fire(&w.store, &schedules, &Clock::standing_at(morning)).await.unwrap(), 1);
    for at in [morning.plus_ms(-3_600_000), morning.plus_days(-2), morning.plus_ms(1)] {
        assert_eq!(firing.fire(&w.store, &schedules, &Clock::standing_at(at)).await.unwrap(), 0);
        assert_eq!(
            Firing::default().fire(&w.store, &schedules, &Clock::standing_at(at)).await.unwrap(),
            0,
            "also after a restart"
        );
    }
}

#[tokio::test]
async fn a_transaction_that_is_not_committed_leaves_no_trace() {
    let w = world().await;
    let one = job("crawl", "k", None);
    let mut tx = w.store.begin().await.unwrap();
    assert!(tx.enqueue(&one, NOW).await.unwrap());
    drop(tx);
    assert_eq!(w.store.job_counts().await.unwrap(), vec![]);

    let mut tx = w.store.begin().await.unwrap();
    assert!(tx.enqueue(&one, NOW).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(w.store.next_job_at().await.unwrap(), Some(NOW));
}
