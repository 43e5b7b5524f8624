//! Feeds: RSS 0.9, 1 and 2, Atom, and JSON Feed.

use std::sync::LazyLock;

use chrono_tz::Tz;
use feed_rs::model::{Category, Entry, Feed, FeedType, Link, Person, Text};
use feed_rs::parser::Builder;
use regex::Regex;

use crate::model::time::Timestamp;
use crate::platform::date::{self, DateFormat};
use crate::platform::definition::field::FeedPart;
use crate::platform::plain;

/// Parses a feed that is already text. Dates are read as people write them, in the zone.
pub(super) fn parse(text: &str, fetched_at: Timestamp, zone: Tz) -> Option<Feed> {
    let read_date = move |text: &str| date::parse(text, &DateFormat::Auto, fetched_at, zone).map(Timestamp::utc);
    let parser = Builder::new().timestamp_parser(read_date).sanitize_content(false).build();
    parser.parse(as_utf8(text).as_bytes()).ok()
}

/// The text is decoded; an encoding that its prolog still names would have it decoded once more. Some sites leave out the
/// version of RSS.
fn as_utf8(text: &str) -> String {
    static PROLOG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)^\s*<\?xml.*?\?>").expect("a fixed pattern"));
    let text = PROLOG.replace(text.trim_start_matches('\u{feff}'), "");
    text.trim_start().replacen("<rss>", "<rss version=\"2.0\">", 1)
}

/// One part of the feed as a whole.
pub(super) fn of_feed(feed: &Feed, part: FeedPart) -> Option<String> {
    match part {
        FeedPart::FeedId => Some(feed.id.clone()),
        FeedPart::FeedTitle => title(feed.title.as_ref()),
        FeedPart::FeedLink => link(&feed.links),
        FeedPart::FeedDescription => feed.description.as_ref().map(|text| plain_text(&text.content)),
        FeedPart::FeedAuthor => feed.authors.first().and_then(name),
        FeedPart::FeedLogo => feed.logo.as_ref().or(feed.icon.as_ref()).map(|image| image.uri.clone()),
        FeedPart::FeedCategory => categories(&feed.categories),
        _ => None,
    }
}

/// One part of an entry.
pub(super) fn of_entry(feed: &Feed, entry: &Entry, part: FeedPart) -> Option<String> {
    let author = entry.authors.first();
    match part {
        FeedPart::Id => Some(entry.id.clone()),
        FeedPart::Title => title(entry.title.as_ref()),
        FeedPart::Link => link(&entry.links).or_else(|| Some(entry.id.clone()).filter(|id| id.starts_with("http"))),
        FeedPart::Text => content(feed, entry).or_else(|| summary(entry)).or_else(|| media_description(entry)),
        FeedPart::Summary => summary(entry),
        FeedPart::Author => author.and_then(name),
        FeedPart::AuthorUrl => author.and_then(|person| person.uri.clone()),
        FeedPart::AuthorEmail => author.and_then(|person| person.email.clone()),
        FeedPart::Published => entry.published.or(entry.updated).map(|instant| Timestamp::from(instant).to_string()),
        FeedPart::Category => categories(&entry.categories),
        _ => None,
    }
}

fn title(title: Option<&Text>) -> Option<String> {
    title.map(|text| plain::one_line(&plain_text(&text.content)))
}

/// The link for readers: `alternate`, or without a relation; never the feed itself.
fn link(links: &[Link]) -> Option<String> {
    let is_for_readers = |link: &&Link| matches!(link.rel.as_deref(), None | Some("alternate"));
    let is_feed = |link: &&Link| link.rel.as_deref() == Some("self");
    let chosen = links.iter().find(is_for_readers).or_else(|| links.iter().find(|link| !is_feed(link)));
    chosen.map(|link| link.href.clone())
}

fn name(person: &Person) -> Option<String> {
    // RSS has `address (name)`, of which the brackets may be left over.
    let name = person.name.as_deref()?.trim().trim_start_matches('(').trim_end_matches(')').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn categories(categories: &[Category]) -> Option<String> {
    let names: Vec<&str> =
        categories.iter().map(|category| category.label.as_deref().unwrap_or(&category.term)).collect();
    (!names.is_empty()).then(|| names.join("\n"))
}

fn content(feed: &Feed, entry: &Entry) -> Option<String> {
    let content = entry.content.as_ref()?;
    let body = content.body.as_deref().filter(|body| !body.trim().is_empty())?;
    // Only JSON Feed says truly that a text is plain.
    let is_plain = feed.feed_type == FeedType::JSON && content.content_type.as_str() == "text/plain";
    Some(if is_plain { plain::lines(body) } else { plain_text(body) })
}

fn summary(entry: &Entry) -> Option<String> {
    entry.summary.as_ref().map(|text| plain_text(&text.content))
}

/// Video sites put the words beside the video.
fn media_description(entry: &Entry) -> Option<String> {
    entry.media.iter().find_map(|media| media.description.as_ref()).map(|text| plain_text(&text.content))
}

fn plain_text(text: &str) -> String {
    if plain::looks_like_html(text) { plain::from_html(text) } else { plain::lines(text) }
}
