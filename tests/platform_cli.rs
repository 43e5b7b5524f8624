//! Facts about `wanglou platform`, shown with the program itself.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

const FORUM: &str = r##"
id = "forum"
name = "示例论坛"
[entry.listing]
url = "{base}/new"
each = "article"
[entry.listing.post]
url = "a@href"
text = "p@html"
[[sample]]
page = "two.html"
entry = "listing"
posts = 2
"##;
const TWO: &str =
    "<article><a href=/t/1></a><p>云舟<br>储能</p></article><article><a href=/t/2></a><p>早</p></article>";

fn platform(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wanglou")).arg("platform").args(args).current_dir(dir).output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("forum.toml"), FORUM).unwrap();
    std::fs::write(dir.path().join("two.html"), TWO).unwrap();
    dir
}

#[track_caller]
fn expect(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}{told}");
    assert!(said.contains(stdout), "{said}");
    assert!(told.contains(stderr), "{told}");
}

#[test]
fn the_list_has_the_built_in_platforms_and_ones_own() {
    let dir = folder();
    let output = platform(dir.path(), &["list", "--json", "forum.toml"]);
    expect(&output, 0, "\"id\": \"forum\"", "");
    expect(&output, 0, "\"id\": \"searxng\"", "");
}

#[test]
fn a_right_file_passes_with_its_samples() {
    let dir = folder();
    expect(&platform(dir.path(), &["check", "forum.toml", "--samples", "."]), 0, "forum.toml: ok (1 samples)", "");
}

#[test]
fn a_wrong_file_is_told_with_its_line_and_does_not_hide_the_next() {
    let dir = folder();
    std::fs::write(dir.path().join("bad.toml"), FORUM.replace("each", "eech")).unwrap();
    let output = platform(dir.path(), &["check", "bad.toml", "forum.toml"]);
    expect(&output, 2, "forum.toml: ok", "bad.toml line 6: `entry.listing.eech` is not a key known here");
}

#[test]
fn a_sample_that_gives_something_else_is_told() {
    let dir = folder();
    std::fs::write(dir.path().join("two.html"), "<p>请登录后查看</p>").unwrap();
    let output = platform(dir.path(), &["check", "forum.toml", "--samples", "."]);
    expect(&output, 1, "", "two.html: 0 posts, expected 2");
}

#[test]
fn a_saved_page_shows_what_it_gives() {
    let dir = folder();
    let args = ["try", "forum.toml", "--page", "two.html", "--url", "https://forum.example/new"];
    expect(
        &platform(dir.path(), &args),
        0,
        "post https://forum.example/t/1\n  text         云舟\n               储能\n",
        "",
    );
    let json = platform(dir.path(), &[&args[..], &["--json"]].concat());
    expect(&json, 0, "\"verdict\": \"found\"", "");
}

#[test]
fn a_page_that_is_not_there_is_named() {
    let dir = folder();
    expect(&platform(dir.path(), &["try", "forum.toml", "--page", "none.html"]), 2, "", "cannot read none.html");
}

#[test]
fn the_list_can_be_cut_to_one_class() {
    let dir = folder();
    let output = platform(dir.path(), &["list", "--class", "C"]);
    expect(&output, 0, "maimai", "");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("v2ex"));
    expect(&platform(dir.path(), &["list"]), 0, "看不到什么", "");
}

#[test]
fn a_card_says_in_plain_words_what_a_platform_is() {
    let dir = folder();
    expect(&platform(dir.path(), &["show", "v2ex"]), 0, "base = \"https://www.v2ex.com\"", "");
    expect(&platform(dir.path(), &["show", "linkedin"]), 0, "C，从不访问", "");
    expect(&platform(dir.path(), &["show", "forum.toml", "--json"]), 0, "\"class\": \"A\"", "");
    expect(&platform(dir.path(), &["show", "nowhere"]), 2, "", "`nowhere`");
}

/// A site on loopback; what it was asked is not of interest here. Lives as long as the test process.
fn site(robots: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 2_048];
            let length = stream.read(&mut asked).unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            let body = match asked.split(' ').nth(1) {
                Some("/robots.txt") => robots,
                Some("/new") => TWO,
                _ => "<p>安全验证</p>",
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}", body.len());
            let _ = write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    address
}

/// An installation that may visit the site, with one source there.
fn installation(site: &str) -> tempfile::TempDir {
    let dir = folder();
    let config = format!("[fetch]\nallow_private = [\"{site}\"]\nloopback_pace = 0.0\n");
    let source = |id: &str, platform: &str| {
        format!("[[source]]\nid = \"{id}\"\nplatform = \"{platform}\"\nbase = \"http://{site}\"\n")
    };
    std::fs::write(dir.path().join("wanglou.toml"), config).unwrap();
    std::fs::write(dir.path().join("sources.toml"), source("board", "forum") + &source("far", "maimai")).unwrap();
    std::fs::create_dir(dir.path().join("platforms")).unwrap();
    let forum = format!("{FORUM}[canary]\nentry = \"listing\"\ncontains = \"云舟\"\n");
    std::fs::write(dir.path().join("platforms/forum.toml"), forum).unwrap();
    dir
}

#[test]
fn a_live_address_is_asked_for_once_and_shows_what_it_gives() {
    let site = site("User-agent: *\nDisallow: /private\n");
    let dir = installation(&site);
    let address = format!("http://{site}/new");
    expect(&platform(dir.path(), &["try", "forum", &address]), 0, "listing: found", "asked 127.0.0.1 once: status 200");
    expect(&platform(dir.path(), &["try", &address, "--json"]), 0, "\"verdict\": \"found\"", "");
    let wall = platform(dir.path(), &["try", "board", &format!("http://{site}/wall")]);
    expect(&wall, 1, "listing: blocked (mark 安全验证)", "");
    let private = platform(dir.path(), &["try", "board", &format!("http://{site}/private")]);
    expect(&private, 1, "", "robots.txt of 127.0.0.1 forbids the page");
}

#[test]
fn a_source_without_an_address_is_asked_for_its_canary() {
    let dir = installation(&site(""));
    expect(&platform(dir.path(), &["try", "board"]), 0, "canary: as known", "");
}

#[test]
fn a_page_of_this_machine_is_not_asked_for_unless_it_may_be() {
    let site = site("");
    let dir = folder();
    expect(&platform(dir.path(), &["try", "forum.toml", &format!("http://{site}/new")]), 1, "", "is not visited");
}

#[test]
fn a_platform_that_is_never_visited_says_how_else_to_get_at_it() {
    let dir = installation("127.0.0.1:9");
    expect(&platform(dir.path(), &["try", "far"]), 2, "", "never visited (class C). 与脉脉签约");
    expect(&platform(dir.path(), &["try", "x", "https://x.com/somebody"]), 2, "", "never visited (class C)");
    expect(&platform(dir.path(), &["try", "https://maimai.cn/"]), 2, "", "never visited (class C)");
}

#[test]
fn the_doctor_names_sources_that_their_platform_does_not_admit() {
    let dir = installation("127.0.0.1:9");
    let fragile = "[[source]]\nid = \"board2\"\nplatform = \"reddit\"\nbase = \"https://www.reddit.com\"\n";
    let sources = dir.path().join("sources.toml");
    std::fs::write(&sources, std::fs::read_to_string(&sources).unwrap() + fragile).unwrap();
    let told = Command::new(env!("CARGO_BIN_EXE_wanglou")).arg("doctor").current_dir(dir.path()).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.contains("source far: 脉脉 is never visited (class C)"), "{told}");
    assert!(told.contains("write `enabled = true` in the source"), "{told}");
}
