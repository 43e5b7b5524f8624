//! A day of the daemon on the moved clock: it holds no more memory and no more open files at its end than at its beginning. A
//! few hours in `./test`, as many as `WANGLOU_SOAK_HOURS` says otherwise.

use wanglou::demo::data::as_of;
use wanglou::mail::Settings;

use crate::daemon::Daemon;
use crate::installation::{Engine, Installation, mail_lines};
use crate::smtp_script::{Mood, Server};

/// Hours when nobody asks for more.
const HOURS: usize = 3;
const HOURS_OF_A_DAY: usize = 24;
/// How often the clock moves in an hour, when a day is asked for and when not.
const STEPS_AN_HOUR: usize = 12;
const STEPS_AN_HOUR_OF_FEW: usize = 4;
/// Visits of every source; every other hour what is read is judged by a ledger that has changed.
const SCHEDULE: &str = "*/30 * * * *";
/// More memory than this at the end, percent, is a leak; a few hours are too short to be strict.
const GROWTH_MAX: f64 = 10.0;
const GROWTH_MAX_OF_HOURS: f64 = 30.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_service_leaves_memory_and_open_files_flat_on_a_file() {
    a_day_of_service(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_service_leaves_memory_and_open_files_flat_on_a_server() {
    a_day_of_service(Engine::Postgres).await;
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    memory_kib: u64,
    open_files: usize,
}

async fn a_day_of_service(engine: Engine) {
    let hours = std::env::var("WANGLOU_SOAK_HOURS")
        .map_or(HOURS, |hours| hours.parse().expect("WANGLOU_SOAK_HOURS is a number"));
    let server = Server::open(Mood::Takes).await;
    let mail = mail_lines(&Settings { timeout_s: 30, ..server.settings() });
    let installation = Installation::new(engine, &mail).await;
    installation.edit("sources.toml", &[("daily_page_cap = 2000", "daily_page_cap = 2000000")]);
    let mut daemon = Daemon::start(&installation, SCHEDULE, as_of()).await;

    let steps = if hours < HOURS_OF_A_DAY { STEPS_AN_HOUR_OF_FEW } else { STEPS_AN_HOUR };
    let mut samples = Vec::new();
    for step in 0..=hours * steps {
        if step % steps == 0 {
            change_a_ledger(&installation, step / steps);
        }
        daemon.move_to(as_of().plus_ms(i64::try_from(step * 3_600_000 / steps).unwrap()));
        daemon.settled().await;
        samples.push(Sample { memory_kib: daemon.memory_kib(), open_files: daemon.open_files() });
    }
    daemon.ready_is(200).await;
    daemon.stop();

    let visits = installation.web().requests().len();
    println!("{engine:?}: {hours} h, {visits} requests, {} letters", server.received().len());
    let by_hour: Vec<Sample> = (1..=hours).map(|hour| around(&samples, hour * steps)).collect();
    for (hour, sample) in (1..).zip(&by_hour) {
        println!("  hour {hour:2}: {:6} KiB, {} open files", sample.memory_kib, sample.open_files);
    }
    assert!(visits > hours * 20, "{visits} requests are not a day's work");
    assert_flat(&by_hour);
}

/// A note in a ledger has other words every hour: everything is read whole and judged anew.
fn change_a_ledger(installation: &Installation, hour: usize) {
    let words = ["集团统称，歧义低", "集团统称，很少歧义"];
    installation.edit("watchlists/terms.csv", &[(words[hour % 2], words[(hour + 1) % 2])]);
}

/// The median of the samples around a full hour.
fn around(samples: &[Sample], middle: usize) -> Sample {
    let near = &samples[middle - 3..(middle + 4).min(samples.len())];
    let (mut memory, mut files): (Vec<u64>, Vec<usize>) = near.iter().map(|s| (s.memory_kib, s.open_files)).unzip();
    memory.sort_unstable();
    files.sort_unstable();
    Sample { memory_kib: memory[memory.len() / 2], open_files: files[files.len() / 2] }
}

/// From the second hour on: by then every kind of work has been done once.
fn assert_flat(by_hour: &[Sample]) {
    let (first, last) = (by_hour[1], by_hour[by_hour.len() - 1]);
    let growth = (last.memory_kib as f64 / first.memory_kib as f64 - 1.0) * 100.0;
    let most = if by_hour.len() < HOURS_OF_A_DAY { GROWTH_MAX_OF_HOURS } else { GROWTH_MAX };
    println!("  memory grew by {growth:.1} % from hour 2 to hour {}", by_hour.len());
    assert!(growth < most, "memory grew by {growth:.1} %: {by_hour:?}");
    // The engine's pools may open a connection more for a while.
    assert!(last.open_files <= first.open_files + 3, "open files rose: {by_hour:?}");
}
