//! The engine runs handlers, tries again, and stops cleanly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use wanglou::clock::Clock;
use wanglou::jobs::{Handlers, JobError, Pulse, Runner, run};

use crate::world::{NOW, World, job, world};

fn settings() -> Runner {
    Runner { poll: Duration::from_millis(1), retry_first: Duration::ZERO, grace: Duration::ZERO, ..Runner::default() }
}

async fn run_until(w: &World, handlers: Handlers, settings: Runner, stop: Arc<Notify>) {
    let clock = Clock::standing_at(NOW);
    run(w.store.clone(), clock, handlers, settings, async move { stop.notified().await }).await.unwrap();
}

#[tokio::test]
async fn a_failed_and_a_panicking_try_are_tried_again() {
    for panics in [false, true] {
        let w = world().await;
        w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
        let (tries, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (count, done) = (tries.clone(), stop.clone());
        let handlers = Handlers::default().on("crawl", move |_| {
            let (count, done) = (count.clone(), done.clone());
            async move {
                match count.fetch_add(1, Ordering::SeqCst) {
                    0 if panics => panic!("a handler's fault"),
                    0 => Err(JobError::Retry("503".into())),
                    _ => {
                        done.notify_one();
                        Ok(())
                    }
                }
            }
        });
        let patient = Runner { grace: Duration::from_secs(30), ..settings() };
        run_until(&w, handlers, patient, stop).await;
        assert_eq!(tries.load(Ordering::SeqCst), 2);
        assert_eq!(w.store.job_counts().await.unwrap(), vec![("crawl".into(), "completed".into(), 1)]);
    }
}

#[tokio::test]
async fn no_more_jobs_run_at_a_time_than_allowed() {
    let w = world().await;
    for n in 0..6 {
        w.store.enqueue(&job("crawl", &n.to_string(), None), NOW).await.unwrap();
    }
    let (permits, left, stop) = (Arc::new(Semaphore::new(2)), Arc::new(AtomicUsize::new(6)), Arc::new(Notify::new()));
    let done = stop.clone();
    let handlers = Handlers::default().on("crawl", move |_| {
        let (permits, left, done) = (permits.clone(), left.clone(), done.clone());
        async move {
            let _permit = permits.try_acquire().expect("a third job runs beside two");
            tokio::task::yield_now().await;
            if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                done.notify_one();
            }
            Ok(())
        }
    });
    let two = Runner { concurrency: 2, grace: Duration::from_secs(30), ..settings() };
    run_until(&w, handlers, two, stop).await;
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("crawl".into(), "completed".into(), 6)]);
}

#[tokio::test]
async fn a_job_that_does_not_end_is_given_back_at_the_stop() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", Some("a.example")), NOW).await.unwrap();
    let stop = Arc::new(Notify::new());
    let begun = stop.clone();
    let handlers = Handlers::default().on("crawl", move |_| {
        begun.notify_one();
        std::future::pending()
    });
    run_until(&w, handlers, settings(), stop).await;
    let again = w.store.claim_job(NOW, &["crawl"], 1).await.unwrap().unwrap();
    assert_eq!(again.attempt, 1);
}

#[tokio::test]
async fn a_job_that_is_given_up_is_not_tried_again() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
    let stop = Arc::new(Notify::new());
    let done = stop.clone();
    let handlers = Handlers::default().on("crawl", move |_| {
        done.notify_one();
        async { Err(JobError::GiveUp("no such source".into())) }
    });
    let patient = Runner { grace: Duration::from_secs(30), ..settings() };
    run_until(&w, handlers, patient, stop).await;
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("crawl".into(), "discarded".into(), 1)]);
}

struct Farewell(Arc<Notify>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn a_handler_whose_lease_went_to_another_worker_is_stopped() {
    let w = world().await;
    w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
    let (begun, stop) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (here, farewell) = (begun.clone(), stop.clone());
    let handlers = Handlers::default().on("crawl", move |_| {
        let farewell = Farewell(farewell.clone());
        here.notify_one();
        async move {
            let _farewell = farewell;
            std::future::pending().await
        }
    });
    let (store, later) = (w.store.clone(), NOW.plus_days(1));
    let thief = tokio::spawn(async move {
        begun.notified().await;
        store.claim_job(later, &["crawl"], 1).await.unwrap().unwrap()
    });
    run_until(&w, handlers, Runner { lease: Duration::from_millis(3), ..settings() }, stop).await;

    let stolen = thief.await.unwrap();
    assert_eq!(stolen.attempt, 2);
    assert!(w.store.end_job(&stolen, &wanglou::store::JobEnd::Completed, later).await.unwrap());
}

#[tokio::test]
async fn a_clock_that_is_set_back_and_on_again_takes_no_job_from_the_process_that_does_it() {
    const HOUR_MS: i64 = 3_600_000;
    let (w, clock, pulse) = (world().await, Clock::standing_at(NOW), Pulse::default());
    w.store.enqueue(&job("crawl", "k", None), NOW).await.unwrap();
    let (tries, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (count, gone) = (tries.clone(), go.clone());
    let handlers = Handlers::default().on("crawl", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let gone = gone.clone();
        async move {
            gone.notified().await;
            Ok(())
        }
    });
    let settings =
        Runner { lease: Duration::from_millis(90), grace: Duration::from_secs(30), pulse: pulse.clone(), ..settings() };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(w.store.clone(), clock.clone(), handlers, settings, async { drop(stopped.await) }));

    leased(&w, "lease_until_ms > 0").await;
    clock.advance_ms(-HOUR_MS);
    leased(&w, &format!("lease_until_ms < {}", NOW.ms())).await;
    clock.advance_ms(HOUR_MS);
    for _ in 0..3 {
        pulse.next().await;
    }
    drop(stop);
    go.notify_one();
    running.await.unwrap().unwrap();

    assert_eq!(tries.load(Ordering::SeqCst), 1);
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("crawl".into(), "completed".into(), 1)]);
}

/// Waits until the one job is held in a certain way.
async fn leased(w: &World, how: &str) {
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", w.file("wanglou.db").display())).await.unwrap();
    let sql = format!("SELECT COUNT(*) FROM jobs WHERE {how}");
    for _ in 0..10_000 {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.as_str())).fetch_one(&pool).await.unwrap();
        if count > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("no job has {how}");
}
