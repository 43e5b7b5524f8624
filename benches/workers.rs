//! How the time of a pass over many hosts falls with the number of workers. Prints seconds and ratios; asserts nothing of speed.
//!
//!     cargo bench --bench workers

#[expect(dead_code, reason = "the test of the same hosts uses the rest")]
#[path = "../tests/support/fleet.rs"]
mod fleet;
#[path = "../tests/support/postgres.rs"]
mod postgres;

use std::time::{Duration, Instant};

use fleet::{Fleet, Settings, impolite, visits};

const SETTINGS: Settings =
    Settings { hosts: 48, interval: Duration::from_millis(400), at_once: 4, schedule: "*/2 * * * * *" };

#[tokio::main]
async fn main() {
    let mut alone = None;
    for workers in [1, 2, 3] {
        let seconds = pass(workers).await;
        let ratio = *alone.get_or_insert(seconds) / seconds;
        println!(
            "{workers} workers: {seconds:.1} s for 48 hosts of 6 requests, 400 ms apart; {ratio:.2} times one worker"
        );
    }
}

/// Seconds from the first request until every host was visited to the end.
async fn pass(workers: usize) -> f64 {
    let database = postgres::Database::new().await;
    let fleet = Fleet::new(database.url(), SETTINGS).await;
    let mut processes = vec![fleet.serve()];
    fleet.wait_until_shared().await;
    processes.extend((0..workers).map(|number| fleet.work(&format!("w{}", char::from(b'a' + number as u8)))));
    fleet.wait_for("the first request", Duration::from_secs(60), |log| !log.is_empty()).await;
    let since = Instant::now();
    fleet
        .wait_for("every host visited", Duration::from_secs(300), |log| {
            log.len() == SETTINGS.hosts && log.values().all(|asked| visits(asked) >= 1)
        })
        .await;
    let seconds = since.elapsed().as_secs_f64();
    assert_eq!(impolite(&fleet.log(), SETTINGS.interval), Vec::<String>::new());
    seconds
}
