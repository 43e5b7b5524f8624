//! An answer parsed by its format, its rows, and the texts that stand at a place in a row.

use chrono_tz::Tz;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use crate::model::time::Timestamp;
use crate::platform::definition::field::{FeedPart, Select, Take};
use crate::platform::definition::{Entry, Format, Rows, Script};
use crate::platform::extract::sitemap::Sitemap;
use crate::platform::extract::{feed as parts, script, sitemap};
use crate::platform::feed::{self, Feed};
use crate::platform::plain;

/// A parsed answer.
pub(in crate::platform) enum Document {
    /// HTML.
    Html(Html),
    /// JSON, and the page around it where there is one.
    Json(Value),
    /// A feed.
    Feed(Box<Feed>),
    /// A sitemap.
    Sitemap(Sitemap),
}

/// The part of an answer that is one account or post.
#[derive(Clone, Copy)]
pub(super) enum Row<'d> {
    Element(ElementRef<'d>),
    Value(&'d Value),
    /// A feed and the number of an entry; none for the feed as a whole.
    Entry(&'d Feed, Option<usize>),
    Sitemap(&'d Sitemap),
}

impl Document {
    /// Parses by the entry's format. The error says what the answer is not.
    pub(super) fn parse(entry: &Entry, text: &str, fetched_at: Timestamp, zone: Tz) -> Result<Self, &'static str> {
        match entry.format {
            Format::Html if text.trim().is_empty() => Err("no content"),
            Format::Html if plain::is_nested_too_deeply(text) => Err("nested too deeply"),
            Format::Html => Ok(Self::Html(Html::parse_document(text))),
            Format::Json => json(&entry.script, text).map(Self::Json).ok_or("not json"),
            Format::Feed => {
                feed::read(text, fetched_at, zone).map(|feed| Self::Feed(Box::new(feed))).ok_or("not a feed")
            }
            Format::Sitemap => sitemap::parse(text, fetched_at, zone).map(Self::Sitemap).ok_or("not a sitemap"),
        }
    }

    /// The page that came instead of JSON or a feed; none when the text is no page.
    pub(in crate::platform) fn instead(text: &str) -> Option<Self> {
        let is_page = text.trim_start().starts_with('<') && !plain::is_nested_too_deeply(text);
        is_page.then(|| Self::Html(Html::parse_document(text)))
    }

    /// The answer as one row.
    pub(super) fn whole(&self) -> Row<'_> {
        match self {
            Self::Html(html) => Row::Element(html.root_element()),
            Self::Json(value) => Row::Value(value),
            Self::Feed(feed) => Row::Entry(feed, None),
            Self::Sitemap(sitemap) => Row::Sitemap(sitemap),
        }
    }

    /// The rows, at most `max` of them.
    pub(super) fn rows(&self, rows: &Rows, max: usize) -> Vec<Row<'_>> {
        match (self, rows) {
            (Self::Html(html), Rows::Css(selector)) => html.select(selector).take(max).map(Row::Element).collect(),
            (Self::Json(value), Rows::Json { path, .. }) => {
                path.query(value).all().into_iter().take(max).map(Row::Value).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The entries of a feed, at most `max` of them.
    pub(super) fn feed_entries(&self, max: usize) -> Vec<Row<'_>> {
        match self {
            Self::Feed(feed) => (0..feed.entries.len().min(max)).map(|at| Row::Entry(feed, Some(at))).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the list of rows is there and has no element: the structure of an honest "nothing".
    pub(in crate::platform) fn has_empty_list(&self, rows: Option<&Rows>) -> bool {
        match (self, rows) {
            (Self::Feed(feed), _) => feed.entries.is_empty(),
            (Self::Sitemap(sitemap), _) => sitemap.is_empty(),
            (Self::Json(value), Some(Rows::Json { list: Some(list), .. })) => {
                let lists = list.query(value);
                !lists.is_empty() && lists.iter().all(|list| list.as_array().is_some_and(Vec::is_empty))
            }
            _ => false,
        }
    }

    /// Whether an element matches.
    pub(in crate::platform) fn has_element(&self, selector: &Selector) -> bool {
        matches!(self, Self::Html(html) if html.select(selector).next().is_some())
    }

    /// The JSON value, where the answer is one.
    pub(in crate::platform) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }

    /// What a visitor would read, on one line. Keys of JSON, scripts and styles are not read.
    pub(in crate::platform) fn visible_text(&self) -> String {
        match self {
            Self::Html(html) => plain::line_of_element(html.root_element()),
            Self::Json(value) => plain::one_line(&strings_of(value)),
            Self::Feed(_) | Self::Sitemap(_) => String::new(),
        }
    }
}

fn json(place: &Script, text: &str) -> Option<Value> {
    match place {
        Script::Whole => script::whole(text),
        Script::Variable(name) => script::variable(text, name),
        Script::Element(selector) => {
            if plain::is_nested_too_deeply(text) {
                return None;
            }
            let page = Html::parse_document(text);
            let content = page.select(selector).next()?.text().collect::<String>();
            script::whole(&content)
        }
    }
}

fn strings_of(value: &Value) -> String {
    let mut text = String::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(string) => {
                text.push_str(string);
                text.push('\n');
            }
            Value::Array(values) => waiting.extend(values),
            Value::Object(fields) => waiting.extend(fields.values()),
            _ => {}
        }
    }
    text
}

/// A text that stands at a place.
pub(super) struct Found {
    pub(super) text: String,
    /// Whether its white space is tidied, its lines being those that are meant.
    pub(super) is_tidy: bool,
}

impl Found {
    /// A text as it stands in the answer.
    pub(super) const fn untidy(text: String) -> Self {
        Self { text, is_tidy: false }
    }
}

impl<'d> Row<'d> {
    /// The texts at a place. They are looked for one by one, so that who wants the first does not wait for the rest.
    pub(super) fn texts<'s>(self, select: &'s Select) -> Box<dyn Iterator<Item = Found> + 's>
    where
        'd: 's,
    {
        match (self, select) {
            (Row::Element(row), Select::Css { selector: None, take }) => Box::new(taken(row, take).into_iter()),
            (Row::Element(row), Select::Css { selector: Some(selector), take }) => {
                Box::new(row.select(selector).filter_map(|element| taken(element, take)))
            }
            (Row::Value(row), Select::Json(path)) => {
                Box::new(path.query(row).all().into_iter().filter_map(scalar).map(Found::untidy))
            }
            (Row::Sitemap(sitemap), Select::Sitemap(part)) => {
                Box::new(sitemap.addresses(*part).iter().cloned().map(Found::untidy))
            }
            (Row::Entry(feed, at), Select::Feed(part)) => {
                Box::new(feed_text(feed, at, *part).map(Found::untidy).into_iter())
            }
            _ => Box::new(std::iter::empty()),
        }
    }
}

fn taken(element: ElementRef<'_>, take: &Take) -> Option<Found> {
    match take {
        Take::Text => Some(Found { text: plain::line_of_element(element), is_tidy: true }),
        Take::Broken => Some(Found { text: plain::of_element(element), is_tidy: true }),
        Take::Attribute(name) => element.attr(name).map(str::to_owned).map(Found::untidy),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn feed_text(feed: &Feed, at: Option<usize>, part: FeedPart) -> Option<String> {
    if part.is_of_feed() {
        return parts::of_feed(feed, part);
    }
    parts::of_entry(feed.entries.get(at?)?, part)
}
