//! The parts of a feed by their names in platform files.

use crate::platform::definition::field::FeedPart;
use crate::platform::feed::{Entry, Feed, Person};

/// One part of the feed as a whole.
pub(super) fn of_feed(feed: &Feed, part: FeedPart) -> Option<String> {
    let about = &feed.about;
    match part {
        FeedPart::FeedId => about.id.clone().or_else(|| about.link.clone()),
        FeedPart::FeedTitle => about.title.clone(),
        FeedPart::FeedLink => about.link.clone(),
        FeedPart::FeedDescription => about.summary.clone(),
        FeedPart::FeedAuthor => about.author.as_ref().and_then(name),
        FeedPart::FeedLogo => about.picture.clone(),
        FeedPart::FeedCategory => categories(&about.categories),
        _ => None,
    }
}

/// One part of an entry.
pub(super) fn of_entry(entry: &Entry, part: FeedPart) -> Option<String> {
    let author = entry.author.as_ref();
    match part {
        FeedPart::Id => entry.id.clone().or_else(|| entry.link.clone()),
        FeedPart::Title => entry.title.clone(),
        FeedPart::Link => entry.link.clone().or_else(|| entry.id.clone().filter(|id| id.starts_with("http"))),
        FeedPart::Text => entry.content.as_ref().or(entry.summary.as_ref()).or(entry.media_words.as_ref()).cloned(),
        FeedPart::Summary => entry.summary.clone(),
        FeedPart::Author => author.and_then(name),
        FeedPart::AuthorUrl => author.and_then(|person| person.uri.clone()),
        FeedPart::AuthorEmail => author.and_then(|person| person.email.clone()),
        FeedPart::Published => entry.published.or(entry.updated).or(entry.created).map(|instant| instant.to_string()),
        FeedPart::Category => categories(&entry.categories),
        _ => None,
    }
}

fn name(person: &Person) -> Option<String> {
    person.name.clone()
}

fn categories(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("\n"))
}
