//! The scheduled daemon in a process of its own, on a clock that its parent moves: this test program once more, told by its
//! environment to serve. It ends when its parent does.

use std::io::{BufRead, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use sqlx::{PgPool, SqlitePool};
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::daemon::serve;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::shell::Shell;

use crate::http::ask;
use crate::installation::Installation;

const FOLDER: &str = "WANGLOU_SERVE_FOLDER";
const AT: &str = "WANGLOU_SERVE_AT";
/// As in `deploy/`: what is freed goes back to the system, so that what the process holds is what it uses.
const MALLOC: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_TRIM_THRESHOLD_", "131072")];
const MINUTE_MS: i64 = 60_000;
/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(100);
const GLANCE: Duration = Duration::from_millis(20);

/// In the child: serves when the environment says so, until its standard input ends.
pub(crate) fn serve_if_told() {
    let (Ok(folder), Ok(at)) = (std::env::var(FOLDER), std::env::var(AT)) else { return };
    let clock = Clock::standing_at(Timestamp::from_ms(at.parse().unwrap()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Err(error) = runtime.block_on(served(Path::new(&folder), clock)) {
        eprintln!("wanglou: {error:#}");
        std::process::exit(1);
    }
}

async fn served(folder: &Path, clock: Clock) -> anyhow::Result<()> {
    let config = Config::read(&folder.join("wanglou.toml"))?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let hands = clock.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            hands.advance_ms(line.parse().unwrap());
        }
        drop(stop);
    });
    let shell = Shell::open_to_work(config, clock).await?;
    serve(shell, nobody(), async { drop(stopped.await) }).await?;
    Ok(())
}

/// The daemon as its parent sees it.
pub(crate) struct Daemon {
    process: Child,
    hands: ChildStdin,
    health: SocketAddr,
    shows: Timestamp,
    look: Look,
}

/// A look at what the daemon has written down about its schedules and jobs.
enum Look {
    File(SqlitePool),
    Server(PgPool),
}

impl Daemon {
    /// Starts it on an installation that visits every source by this schedule.
    pub(crate) async fn start(installation: &Installation, schedule: &str, at: Timestamp) -> Self {
        let health = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let lines = format!("[health]\nlisten = \"{health}\"\n[schedule]\nscan = \"{schedule}\"\n[group]");
        installation.edit("wanglou.toml", &[("[group]", &lines)]);
        Self::again(installation, at)
    }

    /// Starts it once more, or beside another one, on an installation where it was started before.
    pub(crate) fn again(installation: &Installation, at: Timestamp) -> Self {
        let config = Config::read(&installation.path().join("wanglou.toml")).unwrap();
        // With the signal ignored, a write beyond the limit of a file's size fails as on a full disk.
        let mut command = Command::new("bash");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "bash"]).arg(std::env::current_exe().unwrap());
        command.args(["--exact", "daemon", "--nocapture"]);
        command.env(FOLDER, installation.path()).env(AT, at.ms().to_string());
        command.envs(MALLOC);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let hands = process.stdin.take().unwrap();
        let health = config.health.listen.parse().unwrap();
        Self { process, hands, health, shows: at, look: Look::at(&config) }
    }

    /// Sets its clock.
    pub(crate) fn move_to(&mut self, at: Timestamp) {
        writeln!(self.hands, "{}", at.ms_since(self.shows)).unwrap();
        self.shows = at;
    }

    /// Waits until the schedules have fired for what the clock shows and no job is due.
    pub(crate) async fn settled(&mut self) {
        self.settled_but(0).await;
    }

    /// The same, but for so many jobs that do not end.
    pub(crate) async fn settled_but(&mut self, open: i64) {
        let minute = self.shows.ms() / MINUTE_MS * MINUTE_MS;
        let now = self.shows.ms();
        for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
            assert!(self.is_running(), "the daemon ended");
            if self.look.is_settled(minute, now, open).await {
                return;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("jobs were still open at {}", self.shows);
    }

    /// Whether the process lives.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Waits until `/readyz` answers with a status.
    pub(crate) async fn ready_is(&mut self, status: u16) {
        let mut said = String::new();
        for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
            assert!(self.is_running(), "the daemon ended");
            if tokio::net::TcpStream::connect(self.health).await.is_ok() {
                let answer = ask(self.health, "GET", "/readyz").await;
                if answer.status == status {
                    return;
                }
                said = answer.head + &answer.body;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("/readyz never answered {status} but {said}");
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Memory that it holds, KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Files, sockets and the like that it holds open.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }

    /// Tells it to stop, and waits for its end, which must be a good one.
    pub(crate) fn stop(self) {
        let Self { mut process, hands, .. } = self;
        drop(hands);
        assert!(process.wait().unwrap().success(), "the daemon ended badly");
    }
}

impl Look {
    fn at(config: &Config) -> Self {
        if config.database.url.is_empty() {
            let file = config.paths.store.join("wanglou.db");
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE);
            return Self::File(sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options));
        }
        let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
        Self::Server(options.connect_lazy(&config.database.url).unwrap())
    }

    /// An error is a table that is not there yet.
    async fn is_settled(&self, minute: i64, now: i64, but: i64) -> bool {
        let slot = "SELECT slot_at_ms FROM schedule_slots WHERE schedule_id = 'letters'";
        let of_file = "SELECT COUNT(*) FROM jobs WHERE state = 'running' \
            OR (state IN ('available', 'retryable') AND run_at_ms <= $1)";
        let of_server = "SELECT COUNT(*) FROM wanglou_jobs._private_jobs \
            WHERE attempts < max_attempts OR locked_at IS NOT NULL";
        let found: sqlx::Result<(i64, i64)> = match self {
            Self::File(pool) => {
                async {
                    let slot = sqlx::query_scalar(slot).fetch_one(pool).await?;
                    Ok((slot, sqlx::query_scalar(of_file).bind(now).fetch_one(pool).await?))
                }
                .await
            }
            Self::Server(pool) => {
                async {
                    let slot = sqlx::query_scalar(slot).fetch_one(pool).await?;
                    Ok((slot, sqlx::query_scalar(of_server).fetch_one(pool).await?))
                }
                .await
            }
        };
        found.is_ok_and(|(slot, open)| slot >= minute && open == but)
    }
}
