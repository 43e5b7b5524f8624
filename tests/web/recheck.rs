//! Looking again at what was found: a page that is gone, a post that says something else.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::site::{Asked, Reply, Site};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::pipeline::progress::Event;
use wanglou::pipeline::scan::scan;
use wanglou::pipeline::shell::Shell;
use wanglou::store::CaseFilter;

const PLATFORM: &str = r#"
id = "luntan"
name = "论坛"
interval_min_s = 0
[entry.listing]
url = "{base}/"
follow = { account = "a.user@href", post = "a.post@href" }
[entry.account]
[entry.account.account]
handle = ".handle"
display_name = "h1"
bio = ".bio"
[entry.post]
[entry.post.post]
text = ".text"
author = { handle = ".handle", name = ".handle", url = "a.user@href" }
[verdict]
found = ["css:main"]
"#;
const NAME: &str = "<main><h1>禾灿科技研发小周</h1><b class=handle>u1</b><p class=bio>禾灿科技 研发工程师</p></main>";
const PLAIN: &str = "<main><h1>小周</h1><b class=handle>u1</b><p class=bio>爱爬山</p></main>";
const POST: &str = "华岭重工就是骗子公司，拿了货赖账，公司瞎了眼才跟他合作。";

/// What the forum shows at the moment: the list, the profile, the post; nothing is a page that is gone.
type Pages = [Option<String>; 3];

struct World {
    folder: TempDir,
    _site: Site,
    at: Arc<AtomicUsize>,
}

fn post(text: &str) -> Option<String> {
    Some(format!("<main><p class=text>{text}</p><a class=user href=/u/u1><b class=handle>u1</b></a></main>"))
}

fn list() -> Option<String> {
    Some("<main><a class=user href=/u/u1>u1</a><a class=post href=/p/1>1</a></main>".to_owned())
}

/// A forum that changes when it is told to, and an installation that visits it.
async fn world(days: Vec<Pages>) -> World {
    let at = Arc::new(AtomicUsize::new(0));
    let day = Arc::clone(&at);
    let site = Site::start(move |asked: &Asked, _| {
        let [list, profile, post] = &days[day.load(Ordering::SeqCst)];
        let page = match asked.path.as_str() {
            "/" => list,
            "/u/u1" => profile,
            "/p/1" => post,
            _ => &None,
        };
        page.as_ref().map_or_else(|| Reply::status(404), |page| Reply::page(page.as_str()))
    })
    .await;
    let world = World { folder: tempfile::tempdir().unwrap(), _site: site, at };
    world.prepare();
    world
}

impl World {
    fn prepare(&self) {
        self.call(&["init"], 0);
        let (here, root) = (self.folder.path(), Path::new(env!("CARGO_MANIFEST_DIR")));
        for entry in fs::read_dir(root.join("watchlists")).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), here.join("watchlists").join(entry.file_name())).unwrap();
        }
        let address = self._site.address;
        fs::write(here.join("platforms/luntan.toml"), PLATFORM).unwrap();
        let source = format!("[[source]]\nid='luntan'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n");
        fs::write(here.join("sources.toml"), source).unwrap();
        let config = format!(
            "[fetch]\ncontact = 'a@b.example'\nallow_private = ['{address}']\nloopback_pace = 0.0\n[schedule]\nrecheck_days = 0\n"
        );
        fs::write(here.join("wanglou.toml"), config).unwrap();
    }

    fn call(&self, args: &[&str], code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_wanglou")).args(args).current_dir(&self.folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Looks at the forum as it is on that day, and says where each case stands and how much evidence it has.
    fn looks(&self, day: usize) -> Vec<(String, String, usize)> {
        self.at.store(day, Ordering::SeqCst);
        self.call(&["scan"], 0);
        let cases: Value = serde_json::from_str(&self.call(&["cases", "list", "--all", "--json"], 0)).unwrap();
        let mut found: Vec<_> = cases.as_array().unwrap().iter().map(|case| self.case(case)).collect();
        found.sort();
        found
    }

    fn case(&self, case: &Value) -> (String, String, usize) {
        let page = self.call(&["cases", "show", case["number"].as_str().unwrap(), "--json"], 0);
        let page: Value = serde_json::from_str(&page).unwrap();
        let kind = case["url"].as_str().unwrap().rsplit('/').nth(1).unwrap().to_owned();
        (kind, case["state"]["state"].as_str().unwrap().to_owned(), page["evidence"].as_array().unwrap().len())
    }
}

fn case(kind: &str, state: &str, evidence: usize) -> (String, String, usize) {
    (kind.to_owned(), state.to_owned(), evidence)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_gone_wait_for_confirmation_with_the_page_that_says_so() {
    let (name, text) = (Some(NAME.to_owned()), post(POST));
    let w = world(vec![[list(), name.clone(), text], [list(), None, None], [list(), name, post(POST)]]).await;
    let first = w.looks(0);
    assert_eq!(first.iter().map(|case| case.1.as_str()).collect::<Vec<_>>(), ["open", "open"], "{first:?}");
    let gone = w.looks(1);
    for (before, after) in first.iter().zip(&gone) {
        assert_eq!(*after, case(&before.0, "awaiting_confirmation", before.2 + 1));
    }
    assert!(w.looks(2).iter().all(|case| case.1 == "open"), "what comes back is open again");
    w.call(&["verify"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_changed_is_kept_as_evidence_and_one_that_became_harmless_waits_for_confirmation() {
    let name = Some(NAME.to_owned());
    let days = vec![
        [list(), name.clone(), post(POST)],
        [list(), name.clone(), post(&format!("{POST}大家小心。"))],
        [list(), name, post("今天天气不错。")],
    ];
    let w = world(days).await;
    let of_post = |cases: Vec<(String, String, usize)>| cases.into_iter().find(|case| case.0 == "p").unwrap();
    let first = of_post(w.looks(0));
    assert_eq!(of_post(w.looks(1)), case("p", "open", first.2 + 1));
    assert_eq!(of_post(w.looks(2)), case("p", "awaiting_confirmation", first.2 + 2));
    assert_eq!(of_post(w.looks(2)).2, first.2 + 2, "the same again is nothing new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_blocked_is_not_gone() {
    let name = Some(NAME.to_owned());
    let other = Some("<p>请登录</p>".to_owned());
    let w =
        world(vec![[list(), name, post(POST)], [list(), other.clone(), other], [list(), Some(PLAIN.to_owned()), None]])
            .await;
    let first = w.looks(0);
    assert_eq!(w.looks(1), first);
    assert!(w.looks(2).iter().all(|case| case.1 == "awaiting_confirmation"));
}

/// Puts other bytes in the place of the stored post.
async fn damage(database: &Path) {
    let mut file = SqliteConnection::connect(database.to_str().unwrap()).await.unwrap();
    let damage =
        "UPDATE objects SET bytes = x'00' WHERE sha256 IN (SELECT sha256 FROM captures WHERE url LIKE '%/p/1')";
    assert_eq!(sqlx::query(damage).execute(&mut file).await.unwrap().rows_affected(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_damaged_before_its_inspection_waits_and_the_others_are_judged() {
    let w = world(vec![[list(), Some(NAME.to_owned()), post(POST)]]).await;
    let config = Config::read(&w.folder.path().join("wanglou.toml")).unwrap();
    let database = w.folder.path().join("store/wanglou.db");
    let shell = Arc::new(Shell::open(config, Clock::system()).await.unwrap());
    let after_the_visit = move |event| {
        if matches!(event, Event::Visited { .. }) {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(damage(&database)));
        }
    };

    scan(&shell, shell.sources().iter(), &(Arc::new(after_the_visit) as _)).await.unwrap();

    let cases = shell.store.cases(&CaseFilter::default()).await.unwrap();
    assert_eq!(cases.len(), 1, "of the account");
    let waiting = shell.store.pending_captures(None, None, 9).await.unwrap();
    assert_eq!(waiting.iter().map(|page| page.url.rsplit('/').next().unwrap()).collect::<Vec<_>>(), ["1"]);
}
