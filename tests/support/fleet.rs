//! Many small hosts on loopback that write down who asked when, and `wanglou` processes that visit them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Accounts of each host; the first one uses the group's name.
const ACCOUNTS: usize = 4;

/// One request as its host saw it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) agent: String,
    pub(crate) path: String,
    pub(crate) came: Instant,
    pub(crate) answered: Instant,
}

/// Requests by host, in the order in which they came.
pub(crate) type Log = BTreeMap<String, Vec<Asked>>;

/// The hosts, and the folder of the installation that visits them.
pub(crate) struct Fleet {
    pub(crate) folder: tempfile::TempDir,
    database: String,
    ports: BTreeMap<String, u16>,
    log: Arc<Mutex<Log>>,
    settings: Settings,
}

/// How the hosts are visited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// How many hosts.
    pub(crate) hosts: usize,
    /// Least time between two requests.
    pub(crate) interval: Duration,
    /// Visits of one process at a time.
    pub(crate) at_once: usize,
    /// Cron expression of the visits.
    pub(crate) schedule: &'static str,
}

impl Fleet {
    pub(crate) async fn new(database: String, settings: Settings) -> Self {
        let log = Arc::new(Mutex::new(Log::new()));
        let mut ports = BTreeMap::new();
        for number in 0..settings.hosts {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let host = format!("h{number:02}.example");
            ports.insert(host.clone(), listener.local_addr().unwrap().port());
            tokio::spawn(serve(listener, host, Arc::clone(&log)));
        }
        let fleet = Self { folder: tempfile::tempdir().unwrap(), database, ports, log, settings };
        fleet.write_keeper();
        fleet
    }

    /// The folder of the process that keeps the ledgers.
    pub(crate) fn keeper(&self) -> PathBuf {
        self.folder.path().join("keeper")
    }

    fn write_keeper(&self) {
        let keeper = self.keeper();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("watchlists"), &keeper.join("watchlists"));
        std::fs::create_dir_all(keeper.join("platforms")).unwrap();
        std::fs::write(keeper.join("platforms/yard.toml"), PLATFORM).unwrap();
        std::fs::write(keeper.join("sources.toml"), self.sources()).unwrap();
        self.configuration(&keeper, "keeper");
    }

    fn sources(&self) -> String {
        let source = |host: &String| {
            let (id, seconds) = (host.trim_end_matches(".example"), self.settings.interval.as_secs_f64());
            let schedule = self.settings.schedule;
            format!(
                "[[source]]\nid = \"{id}\"\nplatform = \"yard\"\nbase = \"http://{host}\"\n\
                 interval_min_s = {seconds}\nschedule = \"{schedule}\"\n\n"
            )
        };
        self.ports.keys().map(source).collect()
    }

    fn configuration(&self, folder: &Path, name: &str) {
        std::fs::create_dir_all(folder).unwrap();
        let resolve: String =
            self.ports.iter().map(|(host, port)| format!("\"{host}\" = \"127.0.0.1:{port}\"\n")).collect();
        let (database, at_once) = (&self.database, self.settings.at_once);
        let text = format!(
            "[database]\nurl = \"{database}\"\n\n[schedule]\nvisits_at_once = {at_once}\n\n[work]\nlost_after_s = 2.0\n\n\
             [health]\nlisten = \"\"\n\n[fetch]\nuser_agent = \"worker-{name}\"\ncontact = \"watch@corp.example\"\n\
             about_url = \"https://corp.example/bot\"\nallow_private = [\"127.0.0.1\"]\n\n[fetch.resolve]\n{resolve}\n\
             [mail]\ntransport = \"none\"\n"
        );
        std::fs::write(folder.join("wanglou.toml"), text).unwrap();
    }

    /// Starts `wanglou serve` where the ledgers are; it fires schedules and visits nothing.
    pub(crate) fn serve(&self) -> Process {
        let file = self.keeper().join("wanglou.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        if !text.contains("kinds") {
            std::fs::write(&file, text.replace("[work]\n", "[work]\nkinds = [\"letters\"]\n")).unwrap();
        }
        self.start("keeper", &["serve"])
    }

    /// Starts one more `wanglou work` on a machine of its own.
    pub(crate) fn work(&self, name: &str) -> Process {
        self.configuration(&self.folder.path().join(name), name);
        self.start(name, &["work", "--kinds", "visit", "--name", name])
    }

    fn start(&self, name: &str, call: &[&str]) -> Process {
        let folder = self.folder.path().join(name);
        let log = folder.join("log");
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_wanglou"))
            .args(call)
            .current_dir(&folder)
            .env("WANGLOU_LOG", "info,graphile_worker=warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        Process { child, log }
    }

    /// Runs a command of the program where the ledgers are, and gives what it prints.
    pub(crate) fn ask(&self, call: &[&str]) -> String {
        let output =
            Command::new(env!("CARGO_BIN_EXE_wanglou")).args(call).current_dir(self.keeper()).output().unwrap();
        assert!(output.status.success(), "{call:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until the keeper has shared the files of the installation.
    pub(crate) async fn wait_until_shared(&self) {
        let config = wanglou::config::Config::read(&self.keeper().join("wanglou.toml")).unwrap();
        let store = wanglou::store::Store::open_at(&config.database().unwrap()).await.unwrap();
        for _ in 0..1_000 {
            if !store.shared_digests().await.unwrap().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("nothing was shared");
    }

    pub(crate) fn log(&self) -> Log {
        self.log.lock().unwrap().clone()
    }

    /// Waits until something is true of the hosts' log.
    pub(crate) async fn wait_for(&self, what: &str, longest: Duration, is_true: impl Fn(&Log) -> bool) {
        let until = Instant::now() + longest;
        while !is_true(&self.log.lock().unwrap()) {
            assert!(Instant::now() < until, "{what}: not within {longest:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// How often the last page of a host was asked for: so many visits came to their end.
pub(crate) fn visits(asked: &[Asked]) -> usize {
    let last = format!("/u/{}", ACCOUNTS - 1);
    asked.iter().filter(|one| one.path == last).count()
}

/// What is wrong with how hosts were asked: two at a time, or sooner than promised.
pub(crate) fn impolite(log: &Log, interval: Duration) -> Vec<String> {
    let mut wrong = Vec::new();
    for (host, asked) in log {
        for pair in asked.windows(2) {
            let gap = pair[1].came.checked_duration_since(pair[0].answered);
            if gap.is_none_or(|gap| gap < interval) {
                wrong.push(format!(
                    "{host}: {} by {} came {gap:?} after {} by {}",
                    pair[1].path, pair[1].agent, pair[0].path, pair[0].agent
                ));
            }
        }
    }
    wrong
}

/// A process of the product, killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to stop; gives how long that took and whether it ended well.
    pub(crate) fn stop(mut self) -> (Duration, bool) {
        let since = Instant::now();
        self.signal("TERM");
        let ended = self.child.wait().unwrap();
        (since.elapsed(), ended.success())
    }

    /// Waits for it to end by itself.
    pub(crate) async fn ended(&mut self, longest: Duration) -> Option<std::process::ExitStatus> {
        let until = Instant::now() + longest;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

async fn serve(listener: TcpListener, host: String, log: Arc<Mutex<Log>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, host.clone(), Arc::clone(&log)));
    }
}

async fn answer(mut stream: TcpStream, host: String, log: Arc<Mutex<Log>>) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 && head.len() < 65_536 => head.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let came = Instant::now();
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let agent = head.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap_or_default().to_owned();
    // Long enough that a second visitor at the same time would be seen.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let (status, page) = page(&host, &path);
    let mut reply = Vec::new();
    write!(
        reply,
        "HTTP/1.1 {status} -\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    )
    .unwrap();
    let asked = Asked { agent, path, came, answered: Instant::now() };
    log.lock().unwrap().entry(host).or_default().push(asked);
    _ = stream.write_all(&reply).await;
}

fn page(host: &str, path: &str) -> (u16, String) {
    if path == "/users" {
        let links: String = (0..ACCOUNTS).map(|n| format!("<a class=\"who\" href=\"/u/{n}\">u{n}</a>")).collect();
        return (200, format!("<main class=\"list\">{links}</main>"));
    }
    match path.strip_prefix("/u/").and_then(|n| n.parse().ok()).filter(|n| *n < ACCOUNTS) {
        Some(0) => (200, profile(host, 0, "远岱集团官方客服", "远岱集团客服，退款找我")),
        Some(n) => (200, profile(host, n, "爱喝茶的小李", "喜欢爬山")),
        None => (404, String::new()),
    }
}

fn profile(host: &str, number: usize, name: &str, bio: &str) -> String {
    format!("<article class=\"user\" data-id=\"{host}-{number}\"><h1>{name}</h1><p class=\"bio\">{bio}</p></article>")
}

const PLATFORM: &str = r#"
id = "yard"
name = "院子"
robots = "obey"
interval_min_s = 0.1
time_zone = "Asia/Shanghai"

[entry.listing]
url = "{base}/users"
follow = { account = "a.who@href" }

[entry.account]
url = "{base}/u/{handle}"
[entry.account.account]
handle = "article.user@data-id"
display_name = "article.user h1"
bio = "article.user .bio"

[verdict]
found = ["css:main.list", "css:article.user"]
"#;
