//! Facts about platform files.

use std::collections::BTreeMap;

use super::{Definition, UrlError, Values};
use crate::model::source::EntryKind;

const FORUM: &str = r#"
id = "forum"
name = "示例论坛"
robots = "obey"

[entry.search]
url = "{base}/search?q={term}&page={page}"
each = "article.post"
[entry.search.post]
url = "a.permalink@href"
text = ".content@html"
author = { handle = "a.author@data-id", name = "a.author" }
"#;

fn complaints(toml: &str) -> String {
    Definition::parse("forum.toml", toml).unwrap_err().to_string()
}

fn values() -> Values {
    Values { base: "https://forum.example/".to_owned(), term: Some("云舟 储能".to_owned()), ..Values::default() }
}

#[test]
fn a_search_address_is_made_of_base_term_and_page() {
    let forum = Definition::parse("forum.toml", FORUM).unwrap();
    let url = forum.url(EntryKind::Search, &values()).unwrap();
    assert_eq!(url.as_str(), "https://forum.example/search?q=%E4%BA%91%E8%88%9F%20%E5%82%A8%E8%83%BD&page=1");
}

#[test]
fn pages_are_counted_as_the_site_counts_them() {
    let toml = FORUM.replace("each =", "page_first = 0\npage_step = 20\neach =");
    let forum = Definition::parse("forum.toml", &toml).unwrap();
    let url = forum.url(EntryKind::Search, &Values { page: 2, ..values() }).unwrap();
    assert!(url.as_str().ends_with("page=40"), "{url}");
}

#[test]
fn a_term_is_sent_in_the_encoding_of_the_site() {
    let toml = FORUM.replace("robots", "term_encoding = \"gbk\"\nrobots");
    let forum = Definition::parse("forum.toml", &toml).unwrap();
    let url = forum.url(EntryKind::Search, &values()).unwrap();
    assert!(url.as_str().contains("q=%D4%C6%D6%DB%20"), "{url}");
}

#[test]
fn a_value_of_the_source_cannot_leave_its_place_in_the_address() {
    let toml = FORUM.replace("q={term}", "q={term}&board={board}");
    let forum = Definition::parse("forum.toml", &toml).unwrap();
    let further = BTreeMap::from([("board".to_owned(), "1&admin=1/..".to_owned())]);
    let url = forum.url(EntryKind::Search, &Values { further, ..values() }).unwrap();
    assert!(url.as_str().contains("board=1%26admin%3D1%2F.."), "{url}");
}

#[test]
fn a_missing_value_is_named() {
    let toml = FORUM.replace("q={term}", "q={term}&board={board}");
    let forum = Definition::parse("forum.toml", &toml).unwrap();
    let error = forum.url(EntryKind::Search, &values()).unwrap_err();
    assert!(matches!(&error, UrlError::NoValue { name, .. } if name == "board"), "{error}");
}

#[test]
fn an_address_that_is_not_http_is_refused() {
    let forum = Definition::parse("forum.toml", FORUM).unwrap();
    let error = forum.url(EntryKind::Search, &Values { base: "file:///etc".to_owned(), ..values() }).unwrap_err();
    assert!(matches!(error, UrlError::NotAnAddress { .. }), "{error}");
}

#[test]
fn an_entry_that_is_not_described_has_no_address() {
    let forum = Definition::parse("forum.toml", FORUM).unwrap();
    assert!(matches!(forum.url(EntryKind::Account, &values()), Err(UrlError::NoAddress { .. })));
}

#[test]
fn a_known_account_is_looked_at_again_on_its_page_or_where_its_answer_is_made() {
    let of = |format: &str| {
        let toml = FORUM.replace(
            "[entry.search]\n",
            "[entry.account]\nurl = \"{base}/api/u/{handle}\"\nformat = \"FORMAT\"\n\
                 [entry.account.account]\nhandle = \"HANDLE\"\n[entry.search]\n",
        );
        let handle = if format == "json" { "$.id" } else { "h1" };
        Definition::parse("forum.toml", &toml.replace("FORMAT", format).replace("HANDLE", handle)).unwrap()
    };
    let known = Values { base: "https://forum.example".to_owned(), handle: Some("yun li".to_owned()), ..values() };
    let page = "https://forum.example/u/yun";
    let address = |format: &str, page: &str| of(format).account_address(&known, page).map(String::from);
    assert_eq!(address("html", page).as_deref(), Some(page));
    assert_eq!(address("json", page).as_deref(), Some("https://forum.example/api/u/yun%20li"));
    assert_eq!(address("html", "https://elsewhere.example/u/yun").as_deref(), address("json", page).as_deref());
    let without = Definition::parse("forum.toml", FORUM).unwrap();
    assert_eq!(without.account_address(&known, "https://elsewhere.example/u/yun"), None);
}

#[test]
fn a_misspelt_key_is_named_with_its_line() {
    let toml = FORUM.replace("text = \".content@html\"", "txet = \".content@html\"");
    let complaints = complaints(&toml);
    assert!(
        complaints.contains("forum.toml line 11: `entry.search.post.txet` is not a key known here"),
        "{complaints}"
    );
}

#[test]
fn every_complaint_is_made_at_once() {
    let toml = FORUM.replace("article.post", "article..post").replace("{page}", "{page").replace("\"obey\"", "\"no\"");
    let error = Definition::parse("forum.toml", &toml).unwrap_err();
    let keys: Vec<&str> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["robots", "entry.search.url", "entry.search.each"]);
}

#[test]
fn a_broken_json_path_is_named() {
    let toml = FORUM.replace("robots", "format = \"json\"\nrobots").replace("article.post", "$.list[");
    assert!(complaints(&toml).contains("`entry.search.each` has the JSONPath `$.list[`"), "{}", complaints(&toml));
}

#[test]
fn a_broken_expression_is_named() {
    let toml = FORUM.replace("\".content@html\"", "{ select = \"p\", regex = \"(\" }");
    assert!(complaints(&toml).contains("`entry.search.post.text.regex` is not a regular expression"));
}

#[test]
fn an_expression_that_would_fill_the_memory_is_refused() {
    let toml = FORUM.replace("\".content@html\"", "{ select = \"p\", regex = '(\\w{1000}){1000}' }");
    assert!(complaints(&toml).contains("regex"));
}

#[test]
fn a_search_without_a_term_is_refused() {
    assert!(complaints(&FORUM.replace("{term}", "x")).contains("has no {term}"));
}

#[test]
fn a_list_of_posts_needs_their_addresses() {
    assert!(complaints(&FORUM.replace("url = \"a.permalink@href\"", "")).contains("entry.search.post.url` is missing"));
}

#[test]
fn rows_that_nothing_is_read_of_are_refused() {
    let toml = "id = \"a\"\nname = \"a\"\n[entry.listing]\nurl = \"{base}\"\neach = \"p\"\n";
    assert!(complaints(toml).contains("line 5: `entry.listing.each` finds rows"), "{}", complaints(toml));
}

#[test]
fn text_that_is_no_toml_names_its_line() {
    let complaints = complaints("id = \"forum\"\nname = \n");
    assert!(complaints.starts_with("forum.toml line 2: is not TOML"), "{complaints}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in proptest::prelude::any::<String>(), at in 0..FORUM.len()) {
        let _ = Definition::parse("any.toml", &text);
        let cut = FORUM.char_indices().map(|(start, _)| start).find(|start| *start >= at).unwrap_or(0);
        let _ = Definition::parse("cut.toml", &format!("{}{text}", &FORUM[..cut]));
    }
}

#[test]
fn definitions_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Definition>();
}
