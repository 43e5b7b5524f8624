//! Scheduled discovery: which names sites are asked for and when, and what becomes of an account that is found.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::daemon::serve;
use wanglou::discover::Presence;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::discovery::{Discovered, discover_at, discover_on_lists, names};
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::scan;
use wanglou::pipeline::shell::Shell;
use wanglou::store::CaseFilter;

use crate::site::{Reply, Site};

const NOON: Timestamp = Timestamp::from_ms(1_795_147_200_000);
const DAY_MS: i64 = 86_400_000;
const PLATFORM: &str = r#"
id = "luntan"
name = "论坛"
interval_min_s = 0
[entry.listing]
url = "{base}/"
each = "article"
[entry.listing.account]
handle = ".handle"
display_name = "h1"
[entry.listing.verdict]
empty = ["暂无内容"]
[entry.account]
url = "{base}/u/{handle}"
[entry.account.account]
handle = ".handle"
display_name = "h1"
bio = "p"
"#;
const COMPANIES: &str =
    "代码,全称,简称,别名,角色,邮件域名\nXH,星河科技股份有限公司,星河科技,星河,上市公司,xinghe.example\n";
const TERMS: &str = "\
编号,词条,类别,公司,别名,匹配方式,命中位置,必含语境,严重度,外发检索,状态
W001,星河科技,公司名称,XH,,模糊,账号名、简介、认证、正文,,高,是,启用
W002,{公司词}+{职务},职务头衔,XH,客服、经理、工程师,组合,账号名、简介、认证,公司词≤12字内,高,是,启用
";
const PROFILE: &str = "<h1>星河科技官方客服</h1><b class=handle>xinghekeji</b><p>官方客服，办理退款</p>";
/// A list in Sherlock's form.
const LIST: &str = r#"{"Elsewhere":{"errorType":"status_code","url":"http://elsewhere.example/u/{}","urlMain":"http://elsewhere.example/","username_claimed":"a"}}"#;

struct World {
    folder: TempDir,
    site: Site,
    is_busy: Arc<AtomicBool>,
    clock: Clock,
}

/// A forum that has one account of a mark, and an installation with it as its source and another site on a list.
async fn world(settings: &str) -> World {
    let is_busy = Arc::new(AtomicBool::new(false));
    let busy = Arc::clone(&is_busy);
    let site = Site::start(move |asked, _| match asked.path.as_str() {
        "/" => Reply::page("暂无内容"),
        path if path.starts_with("/u/") && busy.load(Ordering::SeqCst) => Reply::status(429),
        "/u/xinghekeji" => Reply::page(PROFILE),
        _ => Reply::status(404),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["platforms", "watchlists"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let address = site.address;
    write("platforms/luntan.toml", PLATFORM);
    write("watchlists/companies.csv", COMPANIES);
    write("watchlists/terms.csv", TERMS);
    write("list.json", LIST);
    write(
        "sources.toml",
        &format!("[[source]]\nid='luntan'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n"),
    );
    write(
        "wanglou.toml",
        &format!(
            "[discover]\n{settings}\n[fetch]\nallow_private = ['{address}']\nloopback_pace = 0.0\nretries_max = 0\n\
             [fetch.resolve]\n'elsewhere.example' = '{address}'\n"
        ),
    );
    World { folder, site, is_busy, clock: Clock::standing_at(NOON) }
}

impl World {
    fn config(&self) -> Config {
        Config::read(&self.folder.path().join("wanglou.toml")).unwrap()
    }

    async fn shell(&self) -> Arc<Shell> {
        Arc::new(Shell::open(self.config(), self.clock.clone()).await.unwrap())
    }

    /// How often profiles were asked for.
    fn asked(&self) -> usize {
        self.site.paths().iter().filter(|path| path.starts_with("/u/")).count()
    }
}

async fn case_handles(shell: &Shell) -> Vec<String> {
    let cases = shell.store.cases(&CaseFilter::default()).await.unwrap();
    cases.into_iter().map(|case| case.judgement.subject.handle).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_a_source_has_is_read_and_judged_by_its_next_visit() {
    let w = world("names_a_round_max = 1000").await;
    let shell = w.shell().await;
    let source = shell.sources().source(0);
    let done = discover_at(&shell, &source).await.unwrap();
    let all = names(&shell.world()).len();
    assert_eq!(done, Discovered { told: all, found: 1, is_postponed: false });
    assert!(case_handles(&shell).await.is_empty(), "nothing is judged without its page");
    scan(&shell, &[source], &nobody()).await.unwrap();
    assert_eq!(case_handles(&shell).await, ["xinghekeji"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_asked_for_a_name_again_only_when_it_is_due() {
    let w = world("names_a_round_max = 3\nagain_days = 7").await;
    let shell = w.shell().await;
    let source = shell.sources().source(0);
    let mut told = Vec::new();
    for later_days in [0, 1, 6, 1] {
        w.clock.advance_ms(later_days * DAY_MS);
        told.push(discover_at(&shell, &source).await.unwrap().told);
    }
    assert_eq!(told, [3, 3, 3, 3]);
    let paths = w.site.paths();
    let asked: Vec<&String> = paths.iter().filter(|path| path.starts_with("/u/")).collect();
    assert_ne!(asked[..3], asked[3..6], "the next round asks for the next names");
    assert_eq!(asked[..3], asked[6..9], "after a week the first ones are due again");
    assert_eq!(asked[3..6], asked[9..], "and then the next");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_wants_peace_is_left_alone_and_its_names_stay_due() {
    let w = world("").await;
    let shell = w.shell().await;
    let source = shell.sources().source(0);
    w.is_busy.store(true, Ordering::SeqCst);
    assert_eq!(discover_at(&shell, &source).await.unwrap().told, 0);
    assert_eq!(w.asked(), 1, "the first refusal ends the round");
    assert!(shell.store.discoveries(NOON).await.unwrap().is_empty());
    w.is_busy.store(false, Ordering::SeqCst);
    w.clock.advance_ms(DAY_MS);
    assert_eq!(discover_at(&shell, &source).await.unwrap().found, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cap_of_a_source_holds_for_names_and_pages_together() {
    let w = world("").await;
    let sources = w.folder.path().join("sources.toml");
    fs::write(&sources, fs::read_to_string(&sources).unwrap() + "daily_page_cap = 4\n").unwrap();
    let shell = w.shell().await;
    let source = shell.sources().source(0);
    assert_eq!(discover_at(&shell, &source).await.unwrap().told, 4);
    scan(&shell, &[source], &nobody()).await.unwrap();
    assert!(!w.site.paths().contains(&"/".to_owned()), "the day's pages are used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_on_a_site_of_a_list_is_judged_by_its_name() {
    let w = world("lists = ['list.json']").await;
    let shell = w.shell().await;
    for round in ["first", "second"] {
        let done = discover_on_lists(&shell).await.unwrap();
        assert_eq!(done.found, usize::from(round == "first"), "{round}");
    }
    assert_eq!(case_handles(&shell).await, ["xinghekeji"]);
    let counts = shell.store.discoveries(NOON).await.unwrap();
    assert!(counts.contains(&(Presence::Found, 1)), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_there_is_named() {
    let w = world("lists = ['nowhere.json']").await;
    let shell = w.shell().await;
    let error = discover_on_lists(&shell).await.unwrap_err();
    assert!(error.to_string().contains("nowhere.json"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_looks_for_accounts_at_its_hours() {
    // Few names a round: while one lasts, days pass here.
    let w = world("names_a_round_max = 3").await;
    let shell = Shell::open_to_work(w.config(), w.clock.clone()).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watched = Arc::clone(&shell);
    let daemon = tokio::spawn(serve(shell, nobody(), async {
        let _ = stopped.await;
    }));
    // Its schedules look forward from when they are first seen, whenever that is.
    for _ in 0..4_000 {
        w.clock.advance_ms(3_600_000);
        if !case_handles(&watched).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(case_handles(&watched).await, ["xinghekeji"]);
    stop.send(()).unwrap();
    daemon.await.unwrap().unwrap();
}
