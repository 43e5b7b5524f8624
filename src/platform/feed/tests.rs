//! Facts about feeds.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{Feed, read};
use crate::model::time::Timestamp;

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T18:00:00+08:00").unwrap()
}

fn feed(text: &str) -> Feed {
    read(text, now(), ZONE).unwrap()
}

fn item(inside: &str) -> super::Entry {
    feed(&format!("<rss version=\"2.0\"><channel><item>{inside}</item></channel></rss>")).entries.remove(0)
}

fn entry(inside: &str) -> super::Entry {
    feed(&format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>{inside}</entry></feed>")).entries.remove(0)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn html_in_rss_becomes_text_in_every_disguise() {
    for inside in ["&lt;p>云&lt;b>舟&lt;/b>&lt;/p>", "<![CDATA[<p>云<b>舟</b></p>]]>", "<p>云<b>舟</b></p>"] {
        assert_eq!(item(&format!("<description>{inside}</description>")).summary, some("云舟"), "{inside}");
    }
}

#[test]
fn atom_says_what_its_texts_are() {
    assert_eq!(entry("<title>a &lt;b&gt; c</title>").title, some("a <b> c"));
    assert_eq!(entry("<title type=\"html\">a &lt;b&gt; c</title>").title, some("a c"));
    let xhtml = "<content type=\"xhtml\"><x:div xmlns:x=\"http://www.w3.org/1999/xhtml\">云<x:br/>舟</x:div></content>";
    assert_eq!(entry(xhtml).content, some("云\n舟"));
    assert_eq!(entry("<content mode=\"base64\">5pyb5qW8</content>").content, some("望楼"));
}

#[test]
fn a_vocabulary_is_known_by_its_namespace_whatever_its_prefix() {
    let dublin = "<z:creator xmlns:z=\"http://purl.org/dc/elements/1.1/\">云里</z:creator><dc:date>2026-11</dc:date>";
    let read = item(dublin);
    assert_eq!(read.author.unwrap().name, some("云里"));
    assert_eq!(read.updated, Some(Timestamp::parse("2026-11-01T00:00:00+08:00").unwrap()));
    assert_eq!(item("<y:title xmlns:y=\"https://other.example/\">x</y:title>").title, None);
}

#[test]
fn links_follow_the_bases_around_them() {
    let base = "<link xml:base=\"https://a.example/b/\" href=\"c\"/>";
    assert_eq!(entry(base).link, some("https://a.example/b/c"));
    assert_eq!(item("<link>/c?a=1&b=2</link>").link, some("/c?a=1&b=2"));
}

#[test]
fn a_link_to_the_feed_itself_is_none_for_readers() {
    let links = "<link rel=\"self\" href=\"/feed\"/><link rel=\"alternate\" href=\"/1\"/>";
    assert_eq!(entry(links).link, some("/1"));
    assert_eq!(entry("<link rel=\"self\" href=\"/feed\"/>").link, None);
}

#[test]
fn an_identifier_is_a_link_unless_it_says_no() {
    assert_eq!(item("<guid>https://a.example/1</guid>").link, some("https://a.example/1"));
    assert_eq!(item("<guid isPermaLink=\"false\">https://a.example/1</guid>").link, None);
}

#[test]
fn a_feed_that_breaks_off_keeps_what_came() {
    let read = feed("<rss version=\"2.0\"><channel><title>云舟</title><item><title>一</title><description><![CDATA[二");
    assert_eq!(read.about.title, some("云舟"));
    assert_eq!((read.entries[0].title.clone(), read.entries[0].summary.clone()), (some("一"), some("二")));
    assert_eq!(super::read("<rss version=\"2.0\"><channel><item>", now(), ZONE), None);
}

#[test]
fn a_mail_address_and_a_name_are_told_apart() {
    let author = item("<author>li@a.example (李明)</author>").author.unwrap();
    assert_eq!((author.name, author.email), (some("李明"), some("li@a.example")));
}

#[test]
fn a_page_is_no_feed() {
    assert_eq!(read("<html><rss><channel><title>x</title></channel></rss></html>", now(), ZONE), None);
}

#[test]
fn nesting_without_end_is_read_in_little_time() {
    let deep = "<a>".repeat(100_000);
    assert!(read(&format!("<rss><channel><title>x</title>{deep}"), now(), ZONE).is_some());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = read(&text, now(), ZONE);
    }

    #[test]
    fn nothing_that_looks_like_a_feed_makes_it_panic(
        pieces in proptest::collection::vec("(<(/)?(rss|feed|channel|item|entry|title|link|author|a:b)( xmlns(:a)?=\"http://purl.org/dc/\"| xml:base='/x'| href=\"望\")?/?>|<!\\[CDATA\\[|\\]\\]>|<!--|-->|&[a-z#0-9]{1,6};|[<>&望 a]{1,4})", 0..40),
    ) {
        let text = format!("<rss>{}", pieces.concat());
        if let Some(feed) = read(&text, now(), ZONE) {
            prop_assert!(feed.entries.len() <= text.len());
        }
    }

    #[test]
    fn what_was_written_is_read_back(title in "[a-z望楼<>&\"']{1,20}", path in "[a-z]{1,8}", instant in 631_152_000_i64..4_102_444_800) {
        let instant = Timestamp::from_ms(instant * 1_000);
        let escaped = title.replace('&', "&amp;").replace('<', "&lt;");
        let read = entry(&format!("<title>{escaped}</title><link href=\"https://a.example/{path}\"/><updated>{instant}</updated>"));
        prop_assert_eq!(read.title, Some(title));
        prop_assert_eq!(read.link, Some(format!("https://a.example/{path}")));
        prop_assert_eq!(read.updated, Some(instant));
    }
}
