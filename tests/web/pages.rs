//! Which pages of a site a visit asks for: none twice under another address, and no list for ever.

use std::fs;
use std::process::Command;

use crate::site::{Reply, Site};

const PLATFORM: &str = r#"
id = "luntan"
name = "论坛"
interval_min_s = 0
[entry.listing]
url = "{base}/?page={page}"
pages_max = 50
follow = { post = "a.post@href" }
[entry.listing.post]
each = "li"
url = "a.post@href"
title = "a.post"
[entry.post.post]
text = "p"
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
    write("platforms/luntan.toml", PLATFORM);
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
