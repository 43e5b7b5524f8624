//! Feeds: RSS 0.9, 1 and 2, Atom, CDF and JSON Feed, well-formed or not, as plain text. What a feed allows in HTML is not
//! kept: nobody here shows it.

mod json;
mod markup;
mod person;
mod space;
mod tree;
mod words;
mod xml;

pub use person::Person;

use chrono_tz::Tz;

use crate::model::time::Timestamp;
use crate::platform::date::{self, DateFormat};

/// A feed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    /// What it says of itself.
    pub about: Entry,
    /// Its entries in their order.
    pub entries: Vec<Entry>,
}

/// An entry, or what a feed says of itself. Texts are plain, with their line breaks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Identifier.
    pub id: Option<String>,
    /// Headline on one line.
    pub title: Option<String>,
    /// Address for readers, as absolute as the feed itself makes it.
    pub link: Option<String>,
    /// The first author.
    pub author: Option<Person>,
    /// Time of publication.
    pub published: Option<Timestamp>,
    /// Time of the last change.
    pub updated: Option<Timestamp>,
    /// Time of creation.
    pub created: Option<Timestamp>,
    /// Content.
    pub content: Option<String>,
    /// Summary or description.
    pub summary: Option<String>,
    /// Words beside a video or picture.
    pub media_words: Option<String>,
    /// Categories.
    pub categories: Vec<String>,
    /// Address of a picture.
    pub picture: Option<String>,
}

impl Entry {
    fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads a feed that is already text. Dates without a zone are of the zone; relative ones count from `fetched_at`.
pub fn read(text: &str, fetched_at: Timestamp, zone: Tz) -> Option<Feed> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') { json::read(text, fetched_at, zone) } else { xml::read(text, fetched_at, zone) }
}

/// A date as feeds write it: as people do, and also a year, or a year and a month, for their first day.
fn instant(text: &str, fetched_at: Timestamp, zone: Tz) -> Option<Timestamp> {
    let text = text.trim();
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let day = match text.split_once('-') {
        None if digits(text, 4) => format!("{text}-01-01"),
        Some((year, month)) if digits(year, 4) && digits(month, 2) => format!("{text}-01"),
        _ => text.to_owned(),
    };
    date::parse(&day, &DateFormat::Auto, fetched_at, zone)
}

#[cfg(test)]
mod tests;
