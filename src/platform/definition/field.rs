//! How one value is taken from a row: where it stands, and what is done to it afterwards.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use scraper::Selector;
use serde_json_path::JsonPath;
use toml::de::DeValue;

use crate::platform::date::DateFormat;
use crate::platform::definition::Format;
use crate::platform::definition::reader::{Item, Section};
use crate::platform::definition::template::Template;

const REGEX_BYTES_MAX: usize = 1 << 20;
const SELECT_CHARS_MAX: usize = 1_000;

const FROM: [(&str, From); 3] = [("row", From::Row), ("page", From::Page), ("url", From::Address)];

/// What may stand in the holes of a field's template.
const TEMPLATE_NAMES: [&str; 3] = ["value", "base", "handle"];

/// One value of a row. The alternatives are tried in order; the first that gives text is taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    pub(crate) alternatives: Vec<Select>,
    pub(crate) from: From,
    pub(crate) join: Option<String>,
    pub(crate) decode_html: bool,
    pub(crate) regex: Option<Regex>,
    pub(crate) map: BTreeMap<String, String>,
    pub(crate) template: Option<Template>,
    /// Further values of the row that stand in the template, by name.
    pub(crate) with: BTreeMap<String, Field>,
    pub(crate) constant: Option<String>,
    pub(crate) date: DateFormat,
}

/// In what a value is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum From {
    /// In the row.
    #[default]
    Row,
    /// In the whole page.
    Page,
    /// The value is the address of the page.
    Address,
}

/// Where a value stands.
#[derive(Debug, Clone)]
pub(crate) enum Select {
    /// In an element of HTML; without a selector, in the row itself.
    Css { selector: Option<Selector>, take: Take },
    /// In a JSON value.
    Json(JsonPath),
    /// In a known part of a feed.
    Feed(FeedPart),
    /// In a known part of a sitemap.
    Sitemap(SitemapPart),
}

/// Parts of a sitemap by their names in platform files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SitemapPart {
    /// Addresses of pages.
    Page,
    /// Addresses of further sitemaps, in an index.
    Sitemap,
}

const SITEMAP_PARTS: [(&str, SitemapPart); 2] = [("page", SitemapPart::Page), ("sitemap", SitemapPart::Sitemap)];

/// What is taken of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Take {
    /// Its text on one line.
    Text,
    /// Its text with line breaks kept.
    Broken,
    /// An attribute.
    Attribute(String),
}

/// Parts of a feed by their names in platform files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FeedPart {
    /// Identifier of an entry.
    Id,
    /// Headline of an entry.
    Title,
    /// Address of an entry.
    Link,
    /// Content, or the summary when there is none.
    Text,
    /// Summary.
    Summary,
    /// Name of the first author.
    Author,
    /// Page of the first author.
    AuthorUrl,
    /// Mail address or other contact of the first author, as some feeds put the name there.
    AuthorEmail,
    /// Time of publication, or of the last change.
    Published,
    /// Categories, one a line.
    Category,
    /// Identifier of the feed.
    FeedId,
    /// Title of the feed.
    FeedTitle,
    /// Site of the feed.
    FeedLink,
    /// Description of the feed.
    FeedDescription,
    /// Name of the feed's first author.
    FeedAuthor,
    /// Picture of the feed.
    FeedLogo,
    /// Categories of the feed, one a line.
    FeedCategory,
}

const FEED_PARTS: [(&str, FeedPart); 17] = [
    ("id", FeedPart::Id),
    ("title", FeedPart::Title),
    ("link", FeedPart::Link),
    ("text", FeedPart::Text),
    ("summary", FeedPart::Summary),
    ("author", FeedPart::Author),
    ("author_url", FeedPart::AuthorUrl),
    ("author_email", FeedPart::AuthorEmail),
    ("published", FeedPart::Published),
    ("category", FeedPart::Category),
    ("feed.id", FeedPart::FeedId),
    ("feed.title", FeedPart::FeedTitle),
    ("feed.link", FeedPart::FeedLink),
    ("feed.description", FeedPart::FeedDescription),
    ("feed.author", FeedPart::FeedAuthor),
    ("feed.logo", FeedPart::FeedLogo),
    ("feed.category", FeedPart::FeedCategory),
];

impl FeedPart {
    /// Whether the part belongs to the whole feed rather than to one entry.
    pub(crate) fn is_of_feed(self) -> bool {
        FEED_PARTS.iter().any(|(name, part)| *part == self && name.starts_with("feed."))
    }
}

impl Field {
    /// A field that takes one part of a feed.
    pub(crate) fn of_feed(part: FeedPart) -> Self {
        Self { alternatives: vec![Select::Feed(part)], ..Self::default() }
    }

    /// Whether the value is found without looking at a single row.
    pub(crate) fn is_of_page(&self) -> bool {
        self.from == From::Page
            || self.alternatives.iter().all(|select| matches!(select, Select::Feed(part) if part.is_of_feed()))
    }

    /// Reads a field: a string, a list of strings, or a table. Complaints go to the item; none is returned then.
    pub(super) fn read(item: &Item<'_>, format: Format) -> Option<Self> {
        match item.value {
            DeValue::Table(_) => Self::read_table(&item.section()?, item, format),
            _ => {
                let texts = item.texts();
                let alternatives = texts.iter().filter_map(|text| select(text, None, format)).collect::<Vec<_>>();
                (!alternatives.is_empty()).then(|| Self { alternatives, ..Self::default() })
            }
        }
    }

    fn read_table(section: &Section<'_>, item: &Item<'_>, format: Format) -> Option<Self> {
        let attribute = section.text("attribute");
        let selects = section.texts("select");
        let with = with(section, format);
        let field = Self {
            alternatives: selects.iter().filter_map(|text| select(text, attribute, format)).collect(),
            from: section.choice("from", &FROM).unwrap_or_default(),
            join: section.text("join").map(str::to_owned),
            decode_html: section.choice("decode", &[("html", true)]).unwrap_or(false),
            regex: section.item("regex").and_then(|item| regex(&item)),
            map: map(section),
            template: section.item("template").and_then(|item| field_template(&item, &with)),
            with,
            constant: section.text("constant").map(str::to_owned),
            date: section.item("format").and_then(|item| date_format(&item)).unwrap_or_default(),
        };
        section.refuse_unread();
        let gives_something =
            !selects.is_empty() || field.from == From::Address || field.constant.is_some() || field.template.is_some();
        if !gives_something {
            item.complain("needs `select`, `template`, `constant` or `from = \"url\"`");
        }
        gives_something.then_some(field)
    }
}

fn date_format(item: &Item<'_>) -> Option<DateFormat> {
    let text = item.text()?;
    let format = DateFormat::from_name(text);
    if format.is_none() {
        item.complain(format!(
            "is `{text}`, expected auto, rfc3339, rfc2822, relative, unix_s, unix_ms or a pattern such as %Y-%m-%d %H:%M"
        ));
    }
    format
}

fn map(section: &Section<'_>) -> BTreeMap<String, String> {
    let Some(table) = section.section("map") else { return BTreeMap::new() };
    let read = |key: String| table.text(&key).map(|text| (key.clone(), text.to_owned()));
    table.keys().into_iter().filter_map(read).collect()
}

fn with(section: &Section<'_>, format: Format) -> BTreeMap<String, Field> {
    let Some(table) = section.section("with") else { return BTreeMap::new() };
    let read = |(name, item): (String, Item<'_>)| Some((name, Field::read(&item, format)?));
    table.items().into_iter().filter_map(read).collect()
}

fn field_template(item: &Item<'_>, with: &BTreeMap<String, Field>) -> Option<Template> {
    let template = template(item)?;
    for name in template.names().filter(|name| !TEMPLATE_NAMES.contains(name) && !with.contains_key(*name)) {
        item.complain(format!("has {{{name}}}, a field knows {{value}}, {{base}}, {{handle}} and the names in `with`"));
    }
    Some(template)
}

/// Reads a template and complains about broken braces.
pub(super) fn template(item: &Item<'_>) -> Option<Template> {
    Template::parse(item.text()?).map_err(|message| item.complain(message)).ok()
}

fn regex(item: &Item<'_>) -> Option<Regex> {
    let built = RegexBuilder::new(item.text()?).size_limit(REGEX_BYTES_MAX).dfa_size_limit(REGEX_BYTES_MAX).build();
    built.map_err(|error| item.complain(format!("is not a regular expression: {}", last_line(&error.to_string())))).ok()
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim().to_owned()
}

fn select(item: &Item<'_>, attribute: Option<&str>, format: Format) -> Option<Select> {
    let text = item.text()?.trim();
    if text.chars().count() > SELECT_CHARS_MAX {
        item.complain(format!("is longer than {SELECT_CHARS_MAX} characters"));
        return None;
    }
    match format {
        Format::Html => css_value(item, text, attribute),
        Format::Json => json_path(item, text).map(Select::Json),
        Format::Feed => part(item, text, "feed", &FEED_PARTS).map(Select::Feed),
        Format::Sitemap => part(item, text, "sitemap", &SITEMAP_PARTS).map(Select::Sitemap),
    }
}

fn part<T: Copy>(item: &Item<'_>, text: &str, whole: &str, parts: &[(&str, T)]) -> Option<T> {
    let part = parts.iter().find(|(name, _)| *name == text).map(|(_, part)| *part);
    if part.is_none() {
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        item.complain(format!("is `{text}`, a {whole} has {}", names.join(", ")));
    }
    part
}

fn css_value(item: &Item<'_>, text: &str, attribute: Option<&str>) -> Option<Select> {
    let (selector, suffix) = split_attribute(text);
    let take = match attribute.or(suffix) {
        None | Some("text") => Take::Text,
        Some("html") => Take::Broken,
        Some(name) => Take::Attribute(name.to_ascii_lowercase()),
    };
    let selector = if selector.is_empty() { None } else { Some(css(item, selector)?) };
    Some(Select::Css { selector, take })
}

/// Parts `a.author@href` at its last `@`, unless that stands inside the selector, as in `a[href*="@"]`.
fn split_attribute(text: &str) -> (&str, Option<&str>) {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
    };
    match text.rsplit_once('@') {
        Some((selector, name)) if is_name(name) => (selector.trim(), Some(name)),
        _ => (text, None),
    }
}

/// Reads a CSS selector and complains when it is none.
pub(super) fn css(item: &Item<'_>, text: &str) -> Option<Selector> {
    Selector::parse(text).map_err(|error| item.complain(format!("has the selector `{text}`: {error}"))).ok()
}

/// Reads a JSONPath and complains when it is none.
pub(super) fn json_path(item: &Item<'_>, text: &str) -> Option<JsonPath> {
    let complain = |error: serde_json_path::ParseError| {
        item.complain(format!("has the JSONPath `{text}`: {} at character {}", error.message(), error.position()));
    };
    JsonPath::parse(text).map_err(complain).ok()
}

#[cfg(test)]
mod tests {
    use super::split_attribute;

    #[test]
    fn the_last_at_sign_names_the_attribute() {
        assert_eq!(split_attribute("a.author@data-id"), ("a.author", Some("data-id")));
    }

    #[test]
    fn an_at_sign_inside_the_selector_is_part_of_it() {
        assert_eq!(split_attribute("a[href*='@x']"), ("a[href*='@x']", None));
    }

    #[test]
    fn the_row_itself_is_an_empty_selector() {
        assert_eq!(split_attribute("@data-id"), ("", Some("data-id")));
    }
}
