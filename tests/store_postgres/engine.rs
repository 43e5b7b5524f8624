//! The job engine of a server: handed out once, one of a host at a time, taken over from a worker that was lost, chosen by
//! host and way out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::{Notify, Semaphore};
use wanglou::clock::Clock;
use wanglou::jobs::{Firing, Handlers, Job, JobError, Runner, Schedule, Takes, run_on_server, set_up_server};
use wanglou::store::{NewJob, Store, StoreError};
use wanglou::workers::Member;

use crate::world::{NOW, World, world};

/// Shortest time after which a worker counts as lost in these tests.
const LOST_AFTER: Duration = Duration::from_secs(1);

fn job(key: &str, host: Option<&str>) -> NewJob {
    NewJob {
        kind: "visit".into(),
        key: key.into(),
        host: host.map(str::to_owned),
        egress: String::new(),
        run_at: NOW,
        attempts_max: 3,
        payload: json!({"source": key}),
    }
}

/// One worker of several on the same database.
struct Running {
    member: Arc<Member>,
    stop: Arc<Notify>,
    task: tokio::task::JoinHandle<Result<(), StoreError>>,
}

impl Running {
    async fn new(w: &World, handlers: Handlers) -> Self {
        Self::taking(w, handlers, Takes::default(), 4).await
    }

    async fn taking(w: &World, handlers: Handlers, takes: Takes, concurrency: usize) -> Self {
        let (store, clock) = (w.other().await, Clock::standing_at(NOW));
        set_up_server(&store).await;
        let member = Member::join(&store, &clock, "a worker", &json!({}), LOST_AFTER).await.unwrap();
        let store = store.as_worker(member.id());
        let stop = Arc::new(Notify::new());
        let (us, stopped) = (Arc::clone(&member), Arc::clone(&stop));
        let task = tokio::spawn(async move {
            let settings = Runner { concurrency, ..settings() };
            run_on_server(&store, &clock, &handlers, &settings, &takes, &us, stopped.notified()).await
        });
        Self { member, stop, task }
    }

    async fn stop(self) {
        self.stop.notify_one();
        self.task.await.unwrap().unwrap();
    }

    /// Ends it as a kill does: no sign of life, nothing given back.
    fn kill(self) {
        self.task.abort();
    }
}

fn settings() -> Runner {
    Runner { poll: Duration::from_millis(50), grace: Duration::from_secs(5), ..Runner::default() }
}

async fn enqueue(store: &Store, job: &NewJob) -> bool {
    store.enqueue(job, NOW).await.unwrap()
}

/// Handlers that note the keys of the jobs that they do, and let the test go on.
#[derive(Clone)]
struct Done {
    keys: Arc<Mutex<Vec<String>>>,
    count: Arc<Semaphore>,
}

impl Done {
    fn new() -> Self {
        Self { keys: Arc::default(), count: Arc::new(Semaphore::new(0)) }
    }

    fn note(&self, job: &Job) {
        self.keys.lock().unwrap().push(job.payload["source"].as_str().unwrap().to_owned());
        self.count.add_permits(1);
    }

    fn handlers(&self) -> Handlers {
        let done = self.clone();
        Handlers::default().on("visit", move |job| {
            done.note(&job);
            async { Ok(()) }
        })
    }

    async fn wait_for(&self, count: u32) {
        let all = self.count.acquire_many(count);
        tokio::time::timeout(Duration::from_secs(30), all).await.expect("the jobs are done in time").unwrap().forget();
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = self.keys.lock().unwrap().clone();
        keys.sort();
        keys
    }
}

#[tokio::test]
async fn each_job_is_done_once_by_one_of_several_workers() {
    let w = world().await;
    let done = Done::new();
    let workers = [Running::new(&w, done.handlers()).await, Running::new(&w, done.handlers()).await];
    for n in 0..12 {
        assert!(enqueue(&w.store, &job(&format!("k{n:02}"), None)).await);
    }
    done.wait_for(12).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(done.keys(), (0..12).map(|n| format!("k{n:02}")).collect::<Vec<_>>());
    assert_eq!(w.store.job_counts().await.unwrap(), vec![]);
    assert_eq!(w.store.next_job_at().await.unwrap(), None);
}

#[tokio::test]
async fn a_key_is_unique_among_unfinished_jobs() {
    let w = world().await;
    let (gate, started) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (open, begun) = (gate.clone(), started.clone());
    let handlers = Handlers::default().on("visit", move |_| {
        let (open, begun) = (open.clone(), begun.clone());
        async move {
            begun.notify_one();
            open.notified().await;
            Ok(())
        }
    });
    let worker = Running::new(&w, handlers).await;
    assert!(enqueue(&w.store, &job("k", None)).await);
    started.notified().await;
    assert!(!enqueue(&w.store, &job("k", None)).await, "still unfinished while it runs");
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("visit".into(), "running".into(), 1)]);
    gate.notify_one();
    worker.stop().await;
}

#[tokio::test]
async fn the_key_of_a_job_that_was_given_up_is_free_again() {
    let w = world().await;
    set_up_server(&w.store).await;
    assert!(enqueue(&w.store, &job("k", None)).await);
    w.place.run("UPDATE wanglou_jobs._private_jobs SET attempts = max_attempts").await;
    assert!(enqueue(&w.store, &job("k", None)).await);
    let counts = w.store.job_counts().await.unwrap();
    assert_eq!(counts, [("visit".into(), "available".into(), 1), ("visit".into(), "discarded".into(), 1)]);
}

#[tokio::test]
async fn one_job_of_a_host_runs_at_a_time_anywhere() {
    let w = world().await;
    let done = Done::new();
    let at_once = Arc::new(Mutex::new((0, 0)));
    let handlers = || {
        let (done, at_once) = (done.clone(), at_once.clone());
        Handlers::default().on("visit", move |job| {
            let (done, at_once) = (done.clone(), at_once.clone());
            async move {
                {
                    let mut now = at_once.lock().unwrap();
                    now.0 += 1;
                    now.1 = now.1.max(now.0);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                at_once.lock().unwrap().0 -= 1;
                done.note(&job);
                Ok(())
            }
        })
    };
    let workers = [Running::new(&w, handlers()).await, Running::new(&w, handlers()).await];
    for n in 0..6 {
        enqueue(&w.store, &job(&format!("k{n}"), Some("a.example"))).await;
    }
    done.wait_for(6).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(at_once.lock().unwrap().1, 1);
}

#[tokio::test]
async fn failed_jobs_are_tried_again_given_up_ones_are_not_and_postponed_ones_wait() {
    let w = world().await;
    let done = Done::new();
    let tries = Arc::new(Mutex::new(Vec::new()));
    let (noted, seen) = (done.clone(), tries.clone());
    let handlers = Handlers::default().on("visit", move |job: Job| {
        let key = job.payload["source"].as_str().unwrap().to_owned();
        let count = {
            let mut seen = seen.lock().unwrap();
            seen.push(key.clone());
            seen.iter().filter(|k| **k == key).count()
        };
        let noted = noted.clone();
        async move {
            if count == 1 {
                match key.as_str() {
                    "fails" => return Err(JobError::Retry("503".into())),
                    "panics" => panic!("a handler's fault"),
                    "waits" => return Err(JobError::RetryAt { at: NOW.plus_ms(100), error: "busy".into() }),
                    _ => {}
                }
            }
            noted.note(&job);
            if key == "ends" { Err(JobError::GiveUp("no such source".into())) } else { Ok(()) }
        }
    });
    let worker = Running::new(&w, handlers).await;
    for key in ["fails", "panics", "waits", "ends"] {
        enqueue(&w.store, &job(key, None)).await;
    }
    done.wait_for(4).await;
    worker.stop().await;
    let mut tries = tries.lock().unwrap().clone();
    tries.sort();
    assert_eq!(tries, ["ends", "fails", "fails", "panics", "panics", "waits", "waits"]);
    assert_eq!(w.store.job_counts().await.unwrap(), vec![]);
}

#[tokio::test]
async fn the_job_of_a_killed_worker_is_taken_over() {
    let w = world().await;
    let done = Done::new();
    let started = Arc::new(Notify::new());
    let begun = started.clone();
    let hangs = Handlers::default().on("visit", move |_| {
        begun.notify_one();
        std::future::pending()
    });
    let killed = Running::new(&w, hangs).await;
    enqueue(&w.store, &job("k", Some("a.example"))).await;
    started.notified().await;
    let id = killed.member.id().clone();
    killed.kill();

    let heir = Running::new(&w, done.handlers()).await;
    done.wait_for(1).await;

    let lost =
        || async { w.store.workers(NOW).await.unwrap().into_iter().find(|worker| worker.id == id).unwrap().ended };
    for _ in 0..500 {
        if lost().await.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(lost().await.map(|(_, why)| why), Some("lost".to_owned()));
    heir.stop().await;
}

#[tokio::test]
async fn a_worker_that_was_given_up_ends_no_job_that_another_one_has_taken_up() {
    let w = world().await;
    let (started, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begun, open) = (started.clone(), gate.clone());
    let slow = Handlers::default().on("visit", move |_| {
        let (begun, open) = (begun.clone(), open.clone());
        async move {
            begun.notify_one();
            open.notified().await;
            Ok(())
        }
    });
    // One job at a time: it cannot take up again itself what is taken from it.
    let late = Running::taking(&w, slow, Takes::default(), 1).await;
    enqueue(&w.store, &job("k", Some("a.example"))).await;
    started.notified().await;
    // As if nothing had been heard of it for long, by us and by the engine.
    w.place.run("UPDATE workers SET ended_at_ms = 1, ended_why = 'lost'").await;
    w.place
        .run("SELECT wanglou_jobs.recover_dead_worker_jobs((SELECT array_agg(id) FROM wanglou_jobs._private_workers))")
        .await;
    let (going, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (is_going, may_end) = (going.clone(), end.clone());
    let done = Done::new();
    let noted = done.clone();
    let heir = Handlers::default().on("visit", move |job: Job| {
        let (is_going, may_end, noted) = (is_going.clone(), may_end.clone(), noted.clone());
        async move {
            is_going.notify_one();
            if job.payload["source"] == "k" {
                may_end.notified().await;
            }
            noted.note(&job);
            Ok(())
        }
    });
    let heir = Running::new(&w, heir).await;
    tokio::time::timeout(Duration::from_secs(20), going.notified()).await.expect("the heir takes the job up");

    gate.notify_one();
    let ended = late.task.await.unwrap();

    assert!(matches!(ended, Err(StoreError::Ended(_))), "{ended:?}");
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("visit".into(), "running".into(), 1)]);
    end.notify_one();
    enqueue(&w.store, &job("next", Some("a.example"))).await;
    done.wait_for(2).await;
    assert_eq!(done.keys(), ["k", "next"], "the host is not left locked");
    heir.stop().await;
}

#[tokio::test]
async fn a_job_that_a_worker_is_given_again_while_it_does_it_is_done_once() {
    let w = world().await;
    let (done, gate) = (Done::new(), Arc::new(Semaphore::new(0)));
    let (noted, open) = (done.clone(), gate.clone());
    let slow = Handlers::default().on("visit", move |job: Job| {
        let (noted, open) = (noted.clone(), open.clone());
        async move {
            noted.note(&job);
            open.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let worker = Running::new(&w, slow).await;
    enqueue(&w.store, &job("k", Some("a.example"))).await;
    done.wait_for(1).await;
    // As when the database was away for so long that the engine takes its own worker for dead.
    w.place
        .run("SELECT wanglou_jobs.recover_dead_worker_jobs((SELECT array_agg(id) FROM wanglou_jobs._private_workers))")
        .await;
    wait_for_jobs(&w, &[("visit", "running", 1)]).await;
    enqueue(&w.store, &job("next", None)).await;
    done.wait_for(1).await;

    gate.add_permits(9);
    wait_for_jobs(&w, &[]).await;

    assert_eq!(done.keys(), ["k", "next"]);
    worker.stop().await;
}

async fn wait_for_jobs(w: &World, wanted: &[(&str, &str, u64)]) {
    for _ in 0..1_000 {
        let counts = w.store.job_counts().await.unwrap();
        if counts.iter().map(|(kind, state, count)| (kind.as_str(), state.as_str(), *count)).eq(wanted.iter().copied())
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the jobs are never {wanted:?}");
}

#[tokio::test]
async fn a_queue_left_locked_by_a_late_end_is_freed() {
    let w = world().await;
    let done = Done::new();
    let worker = Running::new(&w, done.handlers()).await;
    enqueue(&w.store, &job("first", Some("a.example"))).await;
    done.wait_for(1).await;
    w.place
        .run("UPDATE wanglou_jobs._private_job_queues SET locked_at = now(), locked_by = 'a worker that lives'")
        .await;
    enqueue(&w.store, &job("next", Some("a.example"))).await;
    assert_eq!(w.store.mend_queues().await.unwrap(), 1);
    done.wait_for(1).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_slot_fires_once_however_many_ask() {
    let w = world().await;
    let done = Done::new();
    let worker = Running::new(&w, done.handlers()).await;
    let schedule = Schedule {
        id: "visit".into(),
        cron: "0 9 * * *".into(),
        zone: chrono_tz::Asia::Shanghai,
        kind: "visit".into(),
        host: None,
        egress: String::new(),
        attempts_max: 1,
        payload: json!({"source": "slot"}),
    };
    let mut asking = tokio::task::JoinSet::new();
    Firing::default().fire(&w.store, std::slice::from_ref(&schedule), &Clock::standing_at(NOW)).await.unwrap();
    for _ in 0..6 {
        let (store, schedule) = (w.other().await, schedule.clone());
        let tomorrow = Clock::standing_at(NOW.plus_days(1));
        asking.spawn(async move { Firing::default().fire(&store, &[schedule], &tomorrow).await.unwrap() });
    }
    assert_eq!(asking.join_all().await.into_iter().sum::<usize>(), 1);
    done.wait_for(1).await;
    worker.stop().await;
    assert_eq!(done.keys(), ["slot"]);
}

#[tokio::test]
async fn workers_choose_by_host_and_way_out() {
    let w = world().await;
    let (here, there, any) = (Done::new(), Done::new(), Done::new());
    let labels = vec!["dmz".to_owned()];
    let of_host = Takes { hosts: Some(vec!["a.example".into()]), egress: String::new(), labels: labels.clone() };
    let of_dmz = Takes { hosts: Some(vec!["b.example".into()]), egress: "dmz".into(), labels: labels.clone() };
    let first = Running::taking(&w, here.handlers(), of_host, 4).await;
    let second = Running::taking(&w, there.handlers(), of_dmz, 4).await;
    let through_dmz = |key: &str, host: &str| NewJob { egress: "dmz".into(), ..job(key, Some(host)) };
    enqueue(&w.store, &job("a", Some("a.example"))).await;
    enqueue(&w.store, &job("c", Some("c.example"))).await;
    enqueue(&w.store, &through_dmz("a-dmz", "a.example")).await;
    enqueue(&w.store, &through_dmz("b-dmz", "b.example")).await;
    here.wait_for(1).await;
    there.wait_for(1).await;
    for worker in [first, second] {
        worker.stop().await;
    }
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("visit".into(), "available".into(), 2)]);
    let third = Running::taking(&w, any.handlers(), Takes { labels, ..Takes::default() }, 4).await;
    any.wait_for(1).await;
    third.stop().await;
    assert_eq!((here.keys(), there.keys(), any.keys()), (vec!["a".into()], vec!["b-dmz".into()], vec!["c".into()]));
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("visit".into(), "available".into(), 1)], "a-dmz");
}

#[tokio::test]
async fn a_job_that_does_not_end_is_given_back_at_the_stop() {
    let w = world().await;
    let started = Arc::new(Notify::new());
    let begun = started.clone();
    let hangs = Handlers::default().on("visit", move |_| {
        begun.notify_one();
        std::future::pending()
    });
    let (store, clock) = (w.other().await, Clock::standing_at(NOW));
    let member = Member::join(&store, &clock, "a worker", &json!({}), LOST_AFTER).await.unwrap();
    let settings = Runner { grace: Duration::from_millis(100), ..settings() };
    set_up_server(&store).await;
    let other = w.other().await;
    let stopping = async move {
        enqueue(&other, &job("k", None)).await;
        started.notified().await;
    };
    run_on_server(&store, &clock, &hangs, &settings, &Takes::default(), &member, stopping).await.unwrap();
    assert_eq!(w.store.job_counts().await.unwrap(), vec![("visit".into(), "available".into(), 1)]);
}
