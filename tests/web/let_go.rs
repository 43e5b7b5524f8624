//! Pages with nothing to say: what is stored of them, and what their rows in lists count.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::model::ids::SourceId;
use wanglou::model::source::EntryKind;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::crawl::{Run, visit};
use wanglou::pipeline::inspect::{Waiting, inspect_pending};
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::readings::Readings;
use wanglou::pipeline::scan::scan;
use wanglou::pipeline::shell::Shell;
use wanglou::store::{CaseFilter, Task, VisitStep};

use crate::forum::forum_file;
use crate::site::{Reply, Site};

const NOW: Timestamp = Timestamp::from_ms(1_795_147_200_000);

/// Longer than any test.
const HOURS: Duration = Duration::from_secs(36_000);

/// The forum that is visited here.
fn platform() -> String {
    forum_file(2, "text = \"b\"", "[entry.post.post]\nurl = \"a.self@href\"\ntext = \"p\"")
}

/// A row that says more than the own page of its post, and more than nothing.
const ROW: &str = "<li><a class=post href=/p/1>1</a><b>星河科技的赤狐收购下月交割，尽调已完成</b></li>";

struct World {
    _folder: tempfile::TempDir,
    site: Site,
    shell: Arc<Shell>,
    clock: Clock,
}

/// A forum that answers so.
async fn world(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> World {
    let site = Site::start(move |asked, before| script(&asked.path, before)).await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["platforms", "watchlists"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let (write, address) = (|name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap(), site.address);
    write("platforms/luntan.toml", &platform());
    write("sources.toml", &format!("[[source]]\nid='l'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n"));
    write("watchlists/companies.csv", "代码,全称,简称\nXH,星河科技股份有限公司,星河科技\n");
    write("watchlists/terms.csv", "编号,词条,类别,公司,匹配方式,外发检索,状态\nW1,星河科技,商标,XH,模糊,否,启用\n");
    write(
        "watchlists/confidential_terms.csv",
        "编号,词条,类别,公司,匹配方式,命中位置,必含语境,严重度,外发检索,状态\nC1,赤狐,保密,XH,整词,正文、标题,收购、尽调,严重,否,启用\n",
    );
    write("wanglou.toml", &format!("[fetch]\nallow_private=['{address}']\nloopback_pace=0.0\nretries_max=0\n"));
    let clock = Clock::standing_at(NOW);
    let config = Config::read(&folder.path().join("wanglou.toml")).unwrap();
    let shell = Arc::new(Shell::open(config, clock.clone()).await.unwrap());
    World { _folder: folder, site, shell, clock }
}

impl World {
    async fn run(&self) -> Run {
        let scan = self.shell.store.start_scan(self.clock.now(), &serde_json::json!({})).await.unwrap();
        Run { scan, readings: Readings::default() }
    }

    async fn visit(&self, run: &Run) {
        let world = self.shell.world();
        visit(&self.shell, run, &self.shell.sources().source(0), &world, &[], &nobody()).await.unwrap();
    }

    /// What the pages that wait for their inspection are.
    async fn stored(&self) -> Vec<EntryKind> {
        let waiting = self.shell.store.pending_captures(None, None, 99).await.unwrap();
        waiting.iter().map(|capture| capture.entry).collect()
    }

    /// How many subjects are judged of what waits, and how many cases there are then.
    async fn inspect(&self, run: &Run) -> (usize, usize) {
        let (shell, world) = (&self.shell, self.shell.world());
        let inspected = inspect_pending(shell, &world, Waiting::OfRun(run), &nobody()).await.unwrap();
        (inspected.subjects, self.cases().await)
    }

    async fn cases(&self) -> usize {
        let filter = CaseFilter { with_leak_lane: true, ..CaseFilter::default() };
        self.shell.store.cases(&filter).await.unwrap().len()
    }

    /// Addresses that an earlier visit left.
    async fn leave(&self, tasks: &[(EntryKind, &str, u32)]) {
        let task = |(entry, path, page): &(EntryKind, &str, u32)| Task {
            entry: *entry,
            url: self.url(path),
            page: *page,
            term: String::new(),
        };
        let leads_to = tasks.iter().map(task).collect();
        let step = VisitStep { asked: None, leads_to, page: None, fetched_on: None, at: self.clock.now() };
        self.shell.store.visit_steps(&self.shell.vault, &source(), vec![step]).await.unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.site.address)
    }
}

fn source() -> SourceId {
    "l".into()
}

/// A list whose one row leads to a post with this page, and with another one from the second time on.
fn forum(first: &'static str, later: &'static str) -> impl Fn(&str, usize) -> Reply + Send + Sync + 'static {
    move |path, before| match path {
        "/?page=1" => Reply::page(ROW).header("ETag", "\"list\""),
        "/p/1" => Reply::page(if before == 0 { first } else { later }).header("ETag", "\"post\""),
        _ => Reply::status(404),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_not_judged_where_the_page_of_its_post_was_let_go_and_is_where_that_page_shows_another_post() {
    let (own, other) = ("<p>你好</p>", "<a class=self href=/q/1>1</a><p>你好</p>");
    for (page, stores_post, judged) in [(own, false, (1, 0)), (other, true, (2, 1))] {
        let w = world(forum(page, page)).await;
        let run = w.run().await;
        w.visit(&run).await;
        assert_eq!(w.stored().await.contains(&EntryKind::Post), stores_post);
        assert_eq!(w.inspect(&run).await, judged, "{page}");
        let memo = async |path: &str| w.shell.store.page(&w.url(path)).await.unwrap();
        assert!(memo("/?page=1").await.is_some() && memo("/p/1").await.is_none(), "only lists are asked for changes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_post_that_is_known_is_not_let_go() {
    let w = world(forum("<p>星河科技的赤狐收购下月交割，尽调已完成</p>", "<p>你好</p>")).await;
    let first = w.run().await;
    w.visit(&first).await;
    assert_eq!(w.inspect(&first).await, (1, 1));
    w.clock.advance_ms(86_400_000);
    w.visit(&w.run().await).await;
    assert!(w.stored().await.contains(&EntryKind::Post));
}

/// The first page of the list may not be asked for; a post and the list's second page wait from before, in this order.
async fn with_the_post_before_its_row(second_page: impl Fn(usize) -> Reply + Send + Sync + 'static) -> World {
    let w = world(move |path, before| match path {
        "/robots.txt" => Reply::page("User-agent: *\nDisallow: /?page=1\n"),
        "/p/1" => Reply::page("<p>你好</p>"),
        "/?page=2" => second_page(before),
        _ => Reply::status(404),
    })
    .await;
    w.leave(&[(EntryKind::Post, "/p/1", 0), (EntryKind::Listing, "/?page=2", 1)]).await;
    w
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_not_judged_either_where_the_page_of_its_post_came_before_all_that_is_stored() {
    let w = with_the_post_before_its_row(|_| Reply::page(ROW)).await;
    let run = w.run().await;
    w.visit(&run).await;
    assert_eq!(w.stored().await, [EntryKind::Listing]);
    assert_eq!(w.inspect(&run).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_goes_on_with_a_killed_one_knows_which_posts_that_one_let_go() {
    let hangs = |before| if before == 0 { Reply::page(ROW).dripping(HOURS) } else { Reply::page(ROW) };
    let w = with_the_post_before_its_row(hangs).await;
    let (run, post) = (w.run().await, w.url("/p/1"));
    let let_go = async || {
        let (of, posts) = ((&run.scan, &source()), [post.as_str()]);
        while w.shell.store.let_go_in(of, NOW, &posts).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = w.visit(&run) => panic!("the visit was over before it was killed"),
        () = let_go() => {}
    }
    let pass = scan(&w.shell, w.shell.sources().iter(), &nobody()).await.unwrap();
    assert_eq!((pass.inspected.subjects, w.cases().await), (0, 0));
    assert_eq!(w.site.paths().iter().filter(|path| *path == "/p/1").count(), 1);
}
