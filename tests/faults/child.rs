//! A process of its own that runs the product's code: this test program once more, told by its environment what to do.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::digests::queue_digests;
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::progress::{Event, Listener};
use wanglou::pipeline::scan::{scan, take_up};
use wanglou::pipeline::shell::Shell;

const FOLDER: &str = "WANGLOU_FAULT_FOLDER";
const AT: &str = "WANGLOU_FAULT_AT";
const WORK: &str = "WANGLOU_FAULT_WORK";
const MARK: &str = "phase: ";

/// What a child does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// A whole pass and the letters that follow from it.
    Scan,
    /// The digests and letters that are due.
    Letters,
}

/// How far a child had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Opening,
    TakingUp,
    Fetching,
    Judging,
    Sending,
    Done,
}

const PHASES: [(Phase, &str); 6] = [
    (Phase::Opening, "opening"),
    (Phase::TakingUp, "taking up"),
    (Phase::Fetching, "fetching"),
    (Phase::Judging, "judging"),
    (Phase::Sending, "sending"),
    (Phase::Done, "done"),
];

/// In the child: works when the environment says so.
pub(crate) fn work_if_told() {
    let (Ok(folder), Ok(at), Ok(work)) = (std::env::var(FOLDER), std::env::var(AT), std::env::var(WORK)) else {
        return;
    };
    let at = Timestamp::from_ms(at.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let work = if work == "scan" { Work::Scan } else { Work::Letters };
    if let Err(error) = runtime.block_on(worked(Path::new(&folder), at, work)) {
        eprintln!("wanglou: {error:#}");
        std::process::exit(1);
    }
}

async fn worked(folder: &Path, at: Timestamp, work: Work) -> anyhow::Result<()> {
    say(Phase::Opening);
    let config = Config::read(&folder.join("wanglou.toml"))?;
    let shell = Shell::open_to_work(config, Clock::starting_at(at)).await?;
    if work == Work::Scan {
        say(Phase::TakingUp);
        let listener = listener(shell.sources().len());
        take_up(&shell, &listener).await?;
        say(Phase::Fetching);
        scan(&shell, shell.sources().iter(), &listener).await?;
    }
    say(Phase::Sending);
    let world = shell.world();
    queue_digests(&shell, &world).await?;
    deliver(&shell, &world).await?;
    shell.leave().await?;
    say(Phase::Done);
    Ok(())
}

/// Judging begins when the last source has been visited.
fn listener(sources: usize) -> Listener {
    let visited = AtomicUsize::new(0);
    Arc::new(move |event| {
        if matches!(event, Event::Visited { .. }) && visited.fetch_add(1, Ordering::SeqCst) + 1 == sources {
            say(Phase::Judging);
        }
    })
}

fn say(phase: Phase) {
    let (_, word) = PHASES.iter().find(|(known, _)| *known == phase).unwrap();
    // The test runner leaves its own line open.
    println!("\n{MARK}{word}");
    std::io::stdout().flush().unwrap();
}

/// A child as its parent sees it.
pub(crate) struct Running {
    process: Child,
    phases: Receiver<Phase>,
    began: Instant,
    seen: Vec<(Phase, Duration)>,
    complaints: Arc<Mutex<String>>,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Phases, and when each began.
    pub(crate) phases: Vec<(Phase, Duration)>,
    /// What it wrote to standard error.
    pub(crate) complaints: String,
}

impl Ended {
    /// In which phase it was killed; none when it had ended by itself before.
    pub(crate) fn killed_in(&self) -> Option<Phase> {
        self.status.signal()?;
        Some(self.phases.last().map_or(Phase::Opening, |(phase, _)| *phase))
    }
}

/// How to begin a child.
pub(crate) fn command(folder: &Path, at: Timestamp, work: Work) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]);
    command.env(FOLDER, folder).env(AT, at.ms().to_string());
    command.env(WORK, if work == Work::Scan { "scan" } else { "letters" });
    command
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, phases) = channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            let phase = |line: String| PHASES.iter().find(|(_, word)| line.strip_prefix(MARK) == Some(word)).copied();
            output.lines().map_while(Result::ok).filter_map(phase).for_each(|(phase, _)| {
                let _heard = sender.send(phase);
            });
        });
        let complaints = Arc::new(Mutex::new(String::new()));
        let (heard, errors) = (Arc::clone(&complaints), BufReader::new(process.stderr.take().unwrap()));
        std::thread::spawn(move || {
            errors.lines().map_while(Result::ok).for_each(|line| *heard.lock().unwrap() += &format!("{line}\n"));
        });
        Self { process, phases, began: Instant::now(), seen: Vec::new(), complaints }
    }

    /// Waits until the child is in a phase, or has ended.
    pub(crate) fn wait_for(&mut self, phase: Phase) {
        while self.seen.last().is_none_or(|(seen, _)| *seen < phase) {
            let Ok(next) = self.phases.recv_timeout(Duration::from_secs(120)) else { return };
            self.seen.push((next, self.began.elapsed()));
        }
    }

    /// Lets it run for so long, or until it has ended.
    pub(crate) fn wait_some(&mut self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            match self.phases.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(next) => self.seen.push((next, self.began.elapsed())),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(mut self) -> Ended {
        self.process.kill().unwrap();
        self.ended()
    }

    /// Waits for the end.
    pub(crate) fn ended(mut self) -> Ended {
        while let Ok(next) = self.phases.recv_timeout(Duration::from_secs(120)) {
            self.seen.push((next, self.began.elapsed()));
        }
        let status = self.process.wait().unwrap();
        let complaints = self.complaints.lock().unwrap().clone();
        Ended { status, phases: self.seen, complaints }
    }
}
