//! A source is asked something whose answer is known, and one that answers otherwise is named.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::daemon::serve;
use wanglou::model::added::{Added, AddedKind};
use wanglou::model::audit::AuditEntry;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::canary::{Asked, ask_canary};
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::shell::Shell;
use wanglou::store::Store;

use crate::site::{Reply, Site};

const NOON: Timestamp = Timestamp::from_ms(1_795_147_200_000);
const PLATFORM: &str = r#"
id = "luntan"
name = "论坛"
interval_min_s = 0
[entry.account]
url = "{base}/u/{handle}"
[entry.account.account]
handle = ".handle"
display_name = "h1"
[canary]
entry = "account"
handle = "guanli"
contains = ["论坛管理员"]
"#;
const PAGES: [&str; 3] = [
    "<h1>论坛管理员</h1><b class=handle>guanli</b>",
    "<p>请登录后查看</p>",
    "<h1>另一个人</h1><b class=handle>guanli</b>",
];

/// A forum whose page is the first until it is told otherwise, and an installation that knows it.
async fn world() -> (TempDir, Site, Arc<AtomicUsize>, Clock) {
    let shown = Arc::new(AtomicUsize::new(0));
    let page = Arc::clone(&shown);
    let site = Site::start(move |asked, _| match asked.path.as_str() {
        "/u/guanli" => Reply::page(PAGES[page.load(Ordering::SeqCst)]),
        _ => Reply::status(404),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["platforms", "watchlists"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let (file, address) = (|name: &str| folder.path().join(name), site.address);
    fs::write(file("platforms/luntan.toml"), PLATFORM).unwrap();
    let source = format!("[[source]]\nid='luntan'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n");
    fs::write(file("sources.toml"), source).unwrap();
    let config = format!("[fetch]\nallow_private = ['{address}']\nloopback_pace = 0.0\n");
    fs::write(file("wanglou.toml"), config).unwrap();
    (folder, site, shown, Clock::standing_at(NOON))
}

fn config(folder: &TempDir) -> Config {
    Config::read(&folder.path().join("wanglou.toml")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_answers_otherwise_than_known_is_named_since_when() {
    let (folder, _site, shown, clock) = world().await;
    let shell = Shell::open(config(&folder), clock.clone()).await.unwrap();
    let source = shell.sources().source(0);
    assert_eq!(ask_canary(&shell, &source).await.unwrap(), Asked::AsKnown);
    let mut answers = Vec::new();
    for page in [1, 2] {
        shown.store(page, Ordering::SeqCst);
        clock.advance_ms(3_600_000);
        let Asked::Contradicts(how) = ask_canary(&shell, &source).await.unwrap() else { panic!("it contradicts") };
        answers.push(how);
    }
    assert!(
        answers[0].starts_with("expected found, is blocked") && answers[1].contains("「论坛管理员」"),
        "{answers:?}"
    );
    let state = &shell.store.canaries().await.unwrap()[0];
    assert_eq!((state.since, state.asked_at), (NOON.plus_ms(3_600_000), NOON.plus_ms(7_200_000)));
    assert_eq!(state.contradiction.as_ref(), Some(&answers[1]));
}

/// Whether the daemon, running over an installation while hours go by, asks a source its canary before so many looks are over;
/// something may be done once it runs.
async fn is_asked(
    folder: &TempDir,
    clock: &Clock,
    source: &str,
    looks: u32,
    meanwhile: impl AsyncFnOnce(&Store),
) -> bool {
    let shell = Shell::open_to_work(config(folder), clock.clone()).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let store = shell.store.clone();
    let daemon = tokio::spawn(serve(shell, nobody(), async {
        let _ = stopped.await;
    }));
    meanwhile(&store).await;
    let asked = async || store.canaries().await.unwrap().iter().any(|canary| canary.source.as_str() == source);
    // Schedules look forward from when they are first seen, whenever that is.
    for _ in 0..looks {
        clock.advance_ms(3_600_000);
        if asked().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let is_asked = asked().await;
    stop.send(()).unwrap();
    daemon.await.unwrap().unwrap();
    is_asked
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_asks_at_its_hours() {
    let (folder, site, _shown, clock) = world().await;
    assert!(is_asked(&folder, &clock, "luntan", 2_000, async |_| {}).await);
    assert!(site.paths().contains(&"/u/guanli".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_added_while_the_daemon_runs_is_asked_without_a_restart() {
    let (folder, site, _shown, clock) = world().await;
    let address = site.address;
    let text = format!("[[source]]\nid='later'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n");
    let (name, author, at) = ("later".to_owned(), "user:admin".to_owned(), NOON);
    let audit = AuditEntry {
        at,
        actor: author.clone(),
        action: "source.add".to_owned(),
        object: name.clone(),
        detail: String::new(),
    };
    let added = Added { kind: AddedKind::Source, name, version: 1, is_removed: false, text, author, at };
    let add = async |store: &Store| assert!(store.add_files(&[(added, audit)]).await.unwrap());
    assert!(is_asked(&folder, &clock, "later", 12_000, add).await);
}
