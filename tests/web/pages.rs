//! Which pages of a site a visit asks for: none twice under another address, and no list for ever.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::scan;
use wanglou::pipeline::shell::Shell;

use crate::forum::forum_file;
use crate::site::{Reply, Site};

/// The forum that is visited here.
fn platform() -> String {
    forum_file(50, "title = \"a.post\"", "follow = { post = \"a.more@href\" }\n[entry.post.post]\ntext = \"p\"")
}

const SEARCH: &str = r#"
id = "luntan"
name = "论坛"
interval_min_s = 0
[entry.search]
url = "{base}/s?q={term}&page={page}"
pages_max = 3
each = "li"
[entry.search.post]
url = "a.post@href"
title = "a.post"
"#;

/// What a visit asks for, besides robots.txt.
async fn asked(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Vec<String> {
    let site = Site::start(move |asked, _| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        path => script(path),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let call =
        |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_wanglou")).args(args).current_dir(&folder).output().unwrap();
    call(&["init"]);
    let (write, address) = (|name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap(), site.address);
    write("platforms/luntan.toml", &platform());
    write("sources.toml", &format!("[[source]]\nid='l'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n"));
    write(
        "wanglou.toml",
        &format!("[fetch]\ncontact='a@b.example'\nallow_private=['{address}']\nloopback_pace=0.0\nretries_max=0\n"),
    );
    tokio::task::block_in_place(|| call(&["scan"]));
    site.paths().into_iter().filter(|path| path != "/robots.txt").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_shows_its_first_page_again_and_again_ends() {
    let paths = asked(|path| match path {
        path if path.starts_with("/?") => {
            Reply::page("<li><a class=post href=/p/1>1</a></li><li><a class=post href=/p/2>2</a></li>")
        }
        _ => Reply::page("<p>你好</p>"),
    })
    .await;
    let lists: Vec<&String> = paths.iter().filter(|path| path.starts_with("/?")).collect();
    assert_eq!(lists, ["/?page=1", "/?page=2"], "the second shows nothing new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_under_the_sessions_of_two_visitors_is_asked_for_once() {
    let (one, two) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let list = format!(
        "<li><a class=post href='/t?id=7&sid={one}'>1</a></li><li><a class=post href='/t?sid={two}&id=7'>1</a></li>"
    );
    let paths = asked(move |path| match path {
        "/?page=1" => Reply::page(list.as_str()),
        path if path.starts_with("/?") => Reply::status(404),
        _ => Reply::page("<p>你好</p>"),
    })
    .await;
    assert_eq!(paths.iter().filter(|path| path.starts_with("/t")).count(), 1, "{paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_redirect_led_is_not_asked_for_again() {
    let paths = asked(|path| match path {
        "/?page=1" => Reply::page("<li><a class=post href=/short>1</a></li>"),
        "/?page=2" => Reply::page("<li><a class=post href=/long>1</a></li>"),
        "/short" => Reply::redirect("/long"),
        "/long" => Reply::page("<p>你好</p>"),
        _ => Reply::status(404),
    })
    .await;
    assert_eq!(paths.iter().filter(|path| *path == "/long").count(), 1, "{paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_shows_one_post_under_ever_new_addresses_holds_nobody_up() {
    let paths = asked(|path| match path {
        "/?page=1" => Reply::page("<li><a class=post href=/t?n=1>1</a></li>"),
        path if path.starts_with("/?") => Reply::status(404),
        path => {
            let next = path.trim_start_matches("/t?n=").parse::<u32>().unwrap_or_default() + 1;
            Reply::page(format!("<p>你好</p><a class=more href=/t?n={next}>more</a>"))
        }
    })
    .await;
    let posts: Vec<&String> = paths.iter().filter(|path| path.starts_with("/t")).collect();
    assert_eq!(posts, ["/t?n=1", "/t?n=2"], "the second says nothing new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_differs_in_one_figure_is_another_post() {
    let paths = asked(|path| match path {
        "/?page=1" => Reply::page("<li><a class=post href=/t?n=1>1</a></li>"),
        path if path.starts_with("/?") => Reply::status(404),
        "/t?n=1" => Reply::page("<p>航程127公里</p><a class=more href=/t?n=2>more</a>"),
        "/t?n=2" => Reply::page("<p>航程128公里</p><a class=more href=/t?n=3>more</a>"),
        _ => Reply::page("<p>航程128公里</p><a class=more href=/t?n=4>more</a>"),
    })
    .await;
    assert_eq!(paths.iter().filter(|path| path.starts_with("/t")).count(), 3, "{paths:?}");
}

/// An installation whose one source is searched for two terms.
fn searched(site: &Site) -> (tempfile::TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["platforms", "watchlists"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let (write, address) = (|name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap(), site.address);
    write("platforms/luntan.toml", SEARCH);
    write("sources.toml", &format!("[[source]]\nid='l'\nplatform='luntan'\nbase='http://{address}'\nbasis='test'\n"));
    write("watchlists/companies.csv", "代码,全称,简称\nXH,星河科技股份有限公司,星河科技\n");
    write(
        "watchlists/terms.csv",
        "编号,词条,类别,公司,匹配方式,外发检索,状态\nW1,lively,商标,XH,模糊,是,启用\nW2,quiet,商标,XH,模糊,是,启用\n",
    );
    write("wanglou.toml", &format!("[fetch]\nallow_private=['{address}']\nloopback_pace=0.0\n"));
    let config = Config::read(&folder.path().join("wanglou.toml")).unwrap();
    (folder, config)
}

/// A search that changes at every look and one that never does, on 14 days one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_never_changes_is_asked_less_often_and_one_that_does_at_every_visit() {
    let looks = std::sync::atomic::AtomicUsize::new(0);
    let site = Site::start(move |asked, _| match asked.path.as_str() {
        "/s?q=lively&page=1" => {
            let look = looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Reply::page(format!("<li><a class=post href=/p/{look}>1</a></li>"))
        }
        // The clock and the advertisement change, what is read does not.
        "/s?q=quiet&page=1" => Reply::page(format!("<i>{:?}</i><li><a class=post href=/p/q>1</a></li>", asked.at)),
        path if path.contains("page=2") => Reply::page("<li><a class=post href=/p/last>1</a></li>"),
        path if path.contains("page=3") => Reply::page("<li><a class=post href=/p/last>1</a></li>"),
        _ => Reply::status(404),
    })
    .await;
    let (_folder, config) = searched(&site);
    let clock = Clock::standing_at(Timestamp::from_ms(1_795_147_200_000));
    let shell = Arc::new(Shell::open(config, clock.clone()).await.unwrap());
    for _day in 0..14 {
        scan(&shell, shell.sources().iter(), &nobody()).await.unwrap();
        clock.advance_ms(86_400_000);
    }
    let asked = |path: &str| site.paths().iter().filter(|asked| *asked == path).count();
    let firsts = (asked("/s?q=lively&page=1"), asked("/s?q=quiet&page=1"));
    assert_eq!(firsts, (14, 8), "from the fifth look on every third day");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_search_showed_already_does_not_end_a_search() {
    let site = Site::start(|asked, _| match asked.path.as_str() {
        path if path.ends_with("page=3") => Reply::page("<li><a class=post href=/p/3>3</a></li>"),
        path if path.ends_with("page=2") => Reply::page("<li><a class=post href=/p/2>2</a></li>"),
        path if path.ends_with("page=1") => Reply::page("<li><a class=post href=/p/1>1</a></li>"),
        _ => Reply::status(404),
    })
    .await;
    let (_folder, config) = searched(&site);
    let shell = Arc::new(Shell::open(config, Clock::system()).await.unwrap());
    scan(&shell, shell.sources().iter(), &nobody()).await.unwrap();
    let thirds = site.paths().iter().filter(|path| path.ends_with("page=3")).count();
    assert_eq!(thirds, 2, "both searches are read to their end: {:?}", site.paths());
}
