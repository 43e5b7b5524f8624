//! JSON Feed.

use chrono_tz::Tz;
use feed_rs::model::{Entry as JsonEntry, Link, Person as JsonPerson};
use feed_rs::parser::Builder;

use crate::model::time::Timestamp;
use crate::platform::feed::person::Person;
use crate::platform::feed::{Entry, Feed, instant, words};
use crate::platform::plain;

/// Reads a JSON Feed.
pub(super) fn read(text: &str, fetched_at: Timestamp, zone: Tz) -> Option<Feed> {
    let read_date = move |text: &str| instant(text, fetched_at, zone).map(Timestamp::utc);
    let parser = Builder::new().timestamp_parser(read_date).sanitize_content(false).build();
    let feed = parser.parse(text.as_bytes()).ok()?;
    let about = Entry {
        id: Some(feed.id),
        title: feed.title.map(|text| plain::one_line(&text.content)),
        link: link(&feed.links),
        author: feed.authors.first().map(person),
        summary: feed.description.map(|text| plain::lines(&text.content)),
        picture: feed.logo.or(feed.icon).map(|image| image.uri),
        ..Entry::default()
    };
    Some(Feed { about, entries: feed.entries.into_iter().map(entry).collect() })
}

fn entry(entry: JsonEntry) -> Entry {
    let categories = entry.categories.into_iter().map(|category| category.label.unwrap_or(category.term)).collect();
    let content = entry.content.and_then(|content| {
        let is_plain = content.content_type.as_str() == "text/plain";
        content.body.map(|body| if is_plain { plain::lines(&body) } else { words::unsaid(&body) })
    });
    Entry {
        link: link(&entry.links),
        id: Some(entry.id),
        title: entry.title.map(|text| plain::one_line(&words::unsaid(&text.content))),
        author: entry.authors.first().map(person),
        published: entry.published.map(Timestamp::from),
        updated: entry.updated.map(Timestamp::from),
        content: content.filter(|text| !text.is_empty()),
        summary: entry.summary.map(|text| words::unsaid(&text.content)),
        categories,
        ..Entry::default()
    }
}

fn link(links: &[Link]) -> Option<String> {
    let is_feed = |link: &&Link| link.rel.as_deref() == Some("self");
    let is_for_readers = |link: &&Link| matches!(link.rel.as_deref(), None | Some("alternate"));
    let chosen = links.iter().find(is_for_readers).or_else(|| links.iter().find(|link| !is_feed(link)));
    chosen.map(|link| link.href.clone())
}

fn person(person: &JsonPerson) -> Person {
    Person { name: person.name.clone(), email: person.email.clone(), uri: person.uri.clone() }
}
