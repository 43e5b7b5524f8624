//! A day of scheduled operation in a few minutes: the daemon runs in a process of its own on a clock that is moved, and says each
//! hour how much memory and how many files it has. In `./test` a few hours; as many as `WANGLOU_SOAK_HOURS` says otherwise.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::daemon::serve;
use wanglou::demo::data::as_of;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::shell::Shell;

use crate::installation::{Engine, Installation};

const FOLDER: &str = "WANGLOU_SOAK_FOLDER";
const HOURS: &str = "WANGLOU_SOAK_HOURS";
/// Hours when nobody asks for more.
const FEW: u32 = 5;
/// Steps of an hour, and how long each takes: the daemon looks at its queue twice a second.
const STEPS: i64 = 12;
const STEP: Duration = Duration::from_millis(120);
const HOUR_MS: i64 = 3_600_000;
/// Every source each hour, letters each minute, retention once a day.
const SETTINGS: &str = "\n[schedule]\nscan = \"0 * * * *\"\n\n[health]\nlisten = \"\"\n";
const MAIL: &str = "transport = \"file\"\nfrom = \"品牌账号提醒 <brandwatch@yuandai.example>\"\ndir = \"mail\"\n";

/// What the daemon had at the end of an hour.
#[derive(Debug, Clone, Copy)]
struct Sample {
    hour: u32,
    memory_kb: u64,
    files: u64,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_operation_leaves_memory_and_files_flat_on_a_file() {
    a_day(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_operation_leaves_memory_and_files_flat_on_a_server() {
    a_day(Engine::Postgres).await;
}

async fn a_day(engine: Engine) {
    let hours: u32 = std::env::var(HOURS).map_or(FEW, |hours| hours.parse().expect("WANGLOU_SOAK_HOURS is a number"));
    let installation = Installation::new(engine, MAIL).await;
    let file = installation.path().join("wanglou.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + SETTINGS).unwrap();
    let asked_before = installation.web().requests().len();

    let samples = samples_of(&installation.path(), hours).await;

    println!("{engine:?}");
    samples.iter().for_each(|sample| println!("hour {} {} kB {} files", sample.hour, sample.memory_kb, sample.files));
    assert_eq!(samples.len() as u32, hours);
    assert!(installation.web().requests().len() - asked_before > 10 * hours as usize, "it visited each hour");
    let (second, last) = (median(&samples[1..3]), median(&samples[samples.len() - 2..]));
    let growth = last.memory_kb as f64 / second.memory_kb as f64 - 1.0;
    println!("growth from hour 2 to hour {hours}: {:.1} %", growth * 100.0);
    // In few hours, what is filled once weighs more.
    let most = if hours >= 24 { 0.10 } else { 0.25 };
    assert!(growth < most, "memory grew by {growth:.2}");
    assert!(last.files <= second.files + 3, "open files grew from {} to {}", second.files, last.files);
}

fn median(samples: &[Sample]) -> Sample {
    let mut sorted = samples.to_vec();
    sorted.sort_by_key(|sample| sample.memory_kb);
    sorted[sorted.len() / 2]
}

/// Runs the daemon for some hours of the moved clock.
async fn samples_of(folder: &Path, hours: u32) -> Vec<Sample> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "soak::daemon", "--nocapture"]).env(FOLDER, folder).env(HOURS, hours.to_string());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed.lines().filter_map(|line| sample(line.strip_prefix("sample ")?)).collect()
}

fn sample(line: &str) -> Option<Sample> {
    let mut numbers = line.split(' ').map(|number| number.parse::<u64>().ok());
    let hour = u32::try_from(numbers.next()??).ok()?;
    Some(Sample { hour, memory_kb: numbers.next()??, files: numbers.next()?? })
}

/// Not a test but the daemon that the tests watch. On its own it has nothing to do.
#[test]
fn daemon() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let hours = std::env::var(HOURS).unwrap().parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let config = Config::read(&Path::new(&folder).join("wanglou.toml")).unwrap();
        let shell = Shell::open_to_work(config, Clock::starting_at(as_of())).await.unwrap();
        let (clock, store) = (shell.clock.clone(), shell.store.clone());
        let driven = async move {
            for hour in 1..=hours {
                for _ in 0..STEPS {
                    clock.advance_ms(HOUR_MS / STEPS);
                    tokio::time::sleep(STEP).await;
                }
                settled(&store).await;
                let (memory_kb, files) = (memory_kb(), std::fs::read_dir("/proc/self/fd").unwrap().count());
                println!("\nsample {hour} {memory_kb} {files}");
                std::io::stdout().flush().unwrap();
            }
        };
        serve(shell, nobody(), driven).await.unwrap();
    });
}

/// Waits until the jobs of the hour are done.
async fn settled(store: &wanglou::store::Store) {
    let until = std::time::Instant::now() + Duration::from_secs(60);
    let is_open = |state: &str| matches!(state, "available" | "running" | "retryable");
    while store.job_counts().await.unwrap().iter().any(|(_, state, _)| is_open(state)) {
        assert!(std::time::Instant::now() < until, "{:?}", store.job_counts().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
