//! Faces that lie on a host elsewhere, as profile pictures often do: what becomes of a visit when that host is away.

use std::fs;
use std::process::Command;

use crate::site::{Asked, Reply, Site};
use serde_json::Value;

const PLATFORM: &str = r#"
id = "luntan"
name = "论坛"
interval_min_s = 0
[entry.listing]
url = "{base}/"
follow = { account = "a.user@href" }
[entry.account]
[entry.account.account]
handle = ".handle"
display_name = "h1"
avatar = { url = "img@src" }
"#;
/// More accounts than failures in a row that a host is allowed.
const ACCOUNTS: usize = 9;

/// A forum whose faces lie on `faces.example`.
async fn forum() -> Site {
    Site::start(|asked: &Asked, _| match asked.path.as_str() {
        "/" => Reply::page((0..ACCOUNTS).map(|n| format!("<a class=user href=/u/{n}>{n}</a>")).collect::<String>()),
        path => path.strip_prefix("/u/").map_or_else(
            || Reply::status(404),
            |n| {
                Reply::page(format!("<h1>小周</h1><b class=handle>u{n}</b><img src=http://faces.example/face/{n}.png>"))
            },
        ),
    })
    .await
}

/// What a visit of the forum came to, when the host of the faces answers so.
async fn visit(robots: Reply, face: Reply) -> (Value, Site) {
    let script = move |asked: &Asked, _| if asked.path == "/robots.txt" { robots.clone() } else { face.clone() };
    let faces = Site::start(script).await;
    let (forum, folder) = (forum().await, tempfile::tempdir().unwrap());
    let call =
        |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_wanglou")).args(args).current_dir(&folder).output().unwrap();
    call(&["init"]);
    let (home, elsewhere) = (forum.address, faces.address);
    let files = [
        ("platforms/luntan.toml", PLATFORM.to_owned()),
        ("sources.toml", format!("[[source]]\nid='luntan'\nplatform='luntan'\nbase='http://{home}'\nbasis='test'\n")),
        (
            "wanglou.toml",
            format!(
                "[fetch]\ncontact='a@b.example'\nallow_private=['{home}','{elsewhere}']\nloopback_pace=0.0\n\
                 retry_first_s=0.001\nretries_max=1\nresolve={{'faces.example'='{elsewhere}'}}\n"
            ),
        ),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for (name, text) in [
        ("companies", "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n"),
        ("protected_topics", "编号,名称,词语\nP01,工资,欠薪\n"),
        ("terms", "编号,词条,类别,公司,严重度,状态\nW001,星河科技,简称,XH,高,启用\n"),
    ] {
        fs::write(folder.path().join(format!("watchlists/{name}.csv")), text).unwrap();
    }
    let output = call(&["scan", "--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(summary["sources"][0]["verdict"]["verdict"], "found", "{summary}");
    let profiles = forum.paths().iter().filter(|path| path.starts_with("/u/")).count();
    assert_eq!(profiles, ACCOUNTS, "every profile is read: {summary}");
    (summary, faces)
}

#[tokio::test(flavor = "multi_thread")]
async fn faces_on_a_host_that_is_away_do_not_end_the_visit_of_their_source() {
    for (robots, face) in [
        (Reply::status(404), Reply::hang_up()),
        (Reply::status(404), Reply::status(500)),
        (Reply::status(404), Reply::status(503)),
        (Reply::status(404), Reply::status(429).header("Retry-After", "3600")),
        (Reply::status(503), Reply::status(404)),
    ] {
        visit(robots, face).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_faces_that_keeps_failing_is_left_alone_for_the_rest_of_the_visit() {
    let (_, faces) = visit(Reply::status(404), Reply::status(500)).await;
    assert_eq!(faces.paths().iter().filter(|path| path.starts_with("/face")).count(), 5, "{:?}", faces.paths());
    let (_, faces) = visit(Reply::status(404), Reply::status(429).header("Retry-After", "3600")).await;
    assert_eq!(faces.paths(), ["/robots.txt", "/face/0.png"]);
}
