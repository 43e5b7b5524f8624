//! Facts about `wanglou platform`, shown with the program itself.

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
