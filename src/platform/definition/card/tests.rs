//! Facts about the head of a platform file and its canary.

use crate::model::source::EntryKind;
use crate::platform::{Class, Definition};

const FORUM: &str = r#"id = "forum"
name = "示例论坛"
class = "B"
base = "https://forum.example"
terms = "https://forum.example/terms"
robots_note = "允许列表，禁止搜索。"
instead = "RSSHub 的路由。"

[entry.search]
url = "{base}/search?q={term}&board={board}"
each = "article"
[entry.search.post]
url = "a@href"
text = "p"
[entry.account.account]
handle = "h1@id"

[canary]
entry = "search"
term = "公告"
values = { board = "1" }
contains = "版务"
"#;

const NOT_VISITED: &str = "id = \"far\"\nname = \"远处\"\nclass = \"C\"\ninstead = \"从导出文件导入。\"\n";

fn forum(from: &str, to: &str) -> String {
    assert!(FORUM.contains(from), "{from}");
    FORUM.replace(from, to)
}

#[track_caller]
fn expect_complaint(toml: &str, complaint: &str) {
    let complaints = Definition::parse("forum.toml", toml).unwrap_err().to_string();
    assert!(complaints.contains(complaint), "{complaints}");
}

#[test]
fn the_head_is_read() {
    let forum = Definition::parse("forum.toml", FORUM).unwrap();
    assert_eq!(forum.class(), Class::B);
    assert_eq!(forum.base(), Some("https://forum.example"));
    assert_eq!(forum.terms(), "https://forum.example/terms");
    assert_eq!(forum.robots_note(), "允许列表，禁止搜索。");
    assert_eq!(forum.instead(), "RSSHub 的路由。");
    let canary = forum.canary().unwrap();
    assert_eq!((canary.entry, canary.term.as_deref(), canary.found), (EntryKind::Search, Some("公告"), true));
    assert_eq!(canary.contains, ["版务"]);
}

#[test]
fn a_file_that_names_no_class_is_class_a_and_needs_no_canary() {
    let toml = forum("class = \"B\"\n", "");
    let own = Definition::parse("forum.toml", toml.split("[canary]").next().unwrap()).unwrap();
    assert_eq!((own.class(), own.canary()), (Class::A, None));
}

#[test]
fn an_unknown_class_is_named_with_its_line() {
    expect_complaint(&forum("\"B\"", "\"D\""), "forum.toml line 3: `class` is `D`, expected one of A, B, C");
}

#[test]
fn a_base_is_an_address_of_the_web_without_a_slash_at_its_end() {
    let base = "https://forum.example\"";
    expect_complaint(&forum(base, "forum.example\""), "line 4: `base` is not an address");
    expect_complaint(&forum(base, "ftp://forum.example\""), "line 4: `base` is not an http or https address");
    expect_complaint(&forum(base, "https://forum.example/\""), "line 4: `base` ends in `/`");
}

#[test]
fn an_empty_note_is_refused() {
    expect_complaint(&forum("允许列表，禁止搜索。", " "), "line 6: `robots_note` is empty");
}

#[test]
fn class_c_says_how_else_and_has_nothing_to_visit() {
    let far = Definition::parse("far.toml", NOT_VISITED).unwrap();
    assert_eq!((far.class(), far.entries().count(), far.canary()), (Class::C, 0, None));
    assert_eq!(far.instead(), "从导出文件导入。");
    let silent = NOT_VISITED.replace("instead", "note");
    expect_complaint(&silent, "`instead` is missing: class C must say how else to get at the platform");
}

#[test]
fn an_entry_of_class_c_is_refused_with_its_line() {
    let toml = format!("{NOT_VISITED}[entry.listing]\nurl = \"{{base}}\"\n[canary]\nentry = \"listing\"\n");
    expect_complaint(&toml, "line 5: `entry` is not for class C");
    expect_complaint(&toml, "line 7: `canary` is not for class C");
}

#[test]
fn a_canary_names_an_entry_of_the_file() {
    expect_complaint(
        &forum("entry = \"search\"", "entry = \"listing\""),
        "names an entry that this file does not describe",
    );
    expect_complaint(&forum("entry = \"search\"", "found = true"), "line 18: `canary.entry` is missing");
}

#[test]
fn a_canary_gives_what_the_address_asks_for_and_nothing_else() {
    expect_complaint(&forum("term = \"公告\"", ""), "`canary.term` is missing, the entry's address asks for {term}");
    expect_complaint(
        &forum("term = \"公告\"", "term = \"公告\"\nhandle = \"admin\""),
        "line 21: `canary.handle` is not asked for: the address has no {handle}",
    );
    expect_complaint(
        &forum("board = \"1\" }", "bord = \"1\" }"),
        "line 21: `canary.values.bord` is not asked for: the address has no {bord}",
    );
    expect_complaint(&forum("\"公告\"", "\"\""), "line 20: `canary.term` is empty");
}

#[test]
fn a_canary_of_an_entry_reached_by_links_gives_the_address() {
    let toml = FORUM.split("[canary]").next().unwrap();
    expect_complaint(&format!("{toml}[canary]\nentry = \"account\"\n"), "`canary.url` is missing");
    let whole = format!("{toml}[canary]\nentry = \"account\"\nurl = \"https://forum.example/u/admin\"\n");
    assert!(Definition::parse("forum.toml", &whole).is_ok());
    expect_complaint(&format!("{whole}handle = \"admin\"\n"), "`canary.handle` cannot stand beside `url`");
}

#[test]
fn a_canary_that_must_be_empty_contains_nothing() {
    expect_complaint(
        &forum("contains", "found = false\ncontains"),
        "`canary.contains` cannot be where `found` is false",
    );
}

#[test]
fn a_misspelt_key_of_a_canary_is_named() {
    expect_complaint(&forum("contains", "contain"), "line 22: `canary.contain` is not a key known here");
}
