//! Platform files: the format, parsed and checked. What a checked file says is found here; how it is applied to a page
//! stands in `extract`.

mod card;
pub(crate) mod field;
mod read;
mod reader;
pub(crate) mod template;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use scraper::Selector;
use serde::Serialize;
use serde_json_path::JsonPath;
use url::Url;

use crate::model::ids::PlatformId;
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;
use crate::platform::canary::Canary;
use crate::platform::definition::field::Field;
use crate::platform::definition::template::{Template, percent_encode};

/// How well a platform can be reached without an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Class {
    /// Read as it is.
    #[default]
    A,
    /// Answers strangers only at times: visited only where a source is expressly enabled.
    B,
    /// Never visited: only by a bridge, an interface under contract, or imported records.
    C,
}

impl Class {
    /// The letter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// How a platform is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Pages and answers that anyone may fetch.
    Public,
    /// An interface for which the operator has a contract.
    OfficialApi,
    /// A bridge that the operator runs.
    OperatorBridge,
}

/// What an entry's answers are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// HTML, read with CSS selectors.
    Html,
    /// JSON, JSONP or JSON inside a script, read with JSONPath.
    Json,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// The list of its pages that a site keeps.
    Sitemap,
}

/// One kind of site, described by a checked platform file.
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) id: PlatformId,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) class: Class,
    pub(crate) access: Access,
    pub(crate) accounts_of: Option<PlatformId>,
    pub(crate) base: Option<Url>,
    pub(crate) handle_is_id: bool,
    pub(crate) handle_is_global: bool,
    pub(crate) terms: String,
    pub(crate) robots_note: String,
    pub(crate) instead: String,
    pub(crate) canary: Option<Canary>,
    pub(crate) terms_read_on: Option<NaiveDate>,
    pub(crate) interval_min_s: f64,
    pub(crate) encoding: Option<String>,
    pub(crate) term_encoding: &'static encoding_rs::Encoding,
    pub(crate) time_zone: Option<Tz>,
    pub(crate) employer_field_is_factual: bool,
    pub(crate) note: String,
    pub(crate) entries: BTreeMap<EntryKind, Entry>,
    pub(crate) samples: Vec<Sample>,
}

/// One way into a platform.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) url: Option<Template>,
    pub(crate) format: Format,
    pub(crate) pages_max: u32,
    pub(crate) page_first: u32,
    pub(crate) page_step: u32,
    pub(crate) next: Option<Field>,
    pub(crate) script: Script,
    pub(crate) account: Option<AccountMap>,
    pub(crate) post: Option<PostMap>,
    pub(crate) follow_found: Vec<EntryKind>,
    pub(crate) follow: Vec<(EntryKind, Field)>,
    pub(crate) links_max: u32,
    pub(crate) marks: Marks,
}

/// Where the JSON of an entry stands.
#[derive(Debug, Clone, Default)]
pub(crate) enum Script {
    /// The whole answer, with or without a callback around it.
    #[default]
    Whole,
    /// Assigned to this variable inside a script of a page.
    Variable(String),
    /// The content of the element with this selector.
    Element(Selector),
}

/// How the rows of a page are found.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    /// Elements of HTML.
    Css(Selector),
    /// JSON values; `list` is the path of the array when the path ends in `[*]`.
    Json { path: JsonPath, list: Option<JsonPath> },
}

/// Fields of an account. Without `each` the whole page is one account.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountMap {
    pub(crate) each: Option<Rows>,
    pub(crate) handle: Option<Field>,
    pub(crate) url: Option<Field>,
    pub(crate) display_name: Option<Field>,
    pub(crate) bio: Option<Field>,
    pub(crate) verification_type: Option<Field>,
    pub(crate) verification_text: Option<Field>,
    pub(crate) employer_field: Option<Field>,
    pub(crate) avatar_url: Option<Field>,
    pub(crate) avatar_phash64: Option<Field>,
    pub(crate) ip_region: Option<Field>,
    pub(crate) followers: Option<Field>,
}

/// Fields of a post. Without `each` the whole page is one post.
#[derive(Debug, Clone, Default)]
pub(crate) struct PostMap {
    pub(crate) each: Option<Rows>,
    pub(crate) url: Option<Field>,
    pub(crate) title: Option<Field>,
    pub(crate) text: Option<Field>,
    pub(crate) published: Option<Field>,
    pub(crate) author_handle: Option<Field>,
    pub(crate) author_name: Option<Field>,
    pub(crate) author_url: Option<Field>,
}

/// What shows the state of a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    pub(crate) found: Vec<Mark>,
    pub(crate) empty: Vec<Mark>,
    pub(crate) blocked: Vec<Mark>,
    pub(crate) blocked_status: Vec<u16>,
    /// None: 404 and 410 mean that one account or post is gone, and that a list has moved.
    pub(crate) empty_status: Option<Vec<u16>>,
    pub(crate) redirect_blocked: Vec<String>,
    pub(crate) redirect_empty: Vec<String>,
}

/// One mark: a literal text, or a structure of the page.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// Stands in the text of the page.
    Text(String),
    /// Matches an element (`css:`).
    Css(String, Selector),
    /// Selects a JSON value (`json:`).
    Json(String, JsonPath),
}

/// A saved page and what must be found on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// File beside the other samples of the platform.
    pub page: String,
    /// Entry by which it is read.
    pub entry: EntryKind,
    /// Address it was fetched from; made of the entry's template when none is given.
    pub url: Option<Url>,
    /// HTTP status.
    pub status: u16,
    /// When it was fetched.
    pub fetched_at: Option<Timestamp>,
    /// `found`, `empty` or `blocked`.
    pub verdict: String,
    /// Number of accounts expected.
    pub accounts: Option<usize>,
    /// Number of posts expected.
    pub posts: Option<usize>,
    /// Number of links to follow expected.
    pub follow: Option<usize>,
    /// Texts that some extracted value must be or hold.
    pub contains: Vec<String>,
}

/// One complaint about a platform file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefinitionProblem {
    /// Line, counted from 1.
    pub line: usize,
    /// Key as a dotted path, such as `entry.search.post.url`; empty when the file is no TOML at all.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
}

/// A platform file that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.lines().join("\n"))]
pub struct DefinitionError {
    /// The file's name as given.
    pub file: String,
    /// Complaints in the order of their lines; at least one.
    pub problems: Vec<DefinitionProblem>,
}

impl DefinitionError {
    fn lines(&self) -> Vec<String> {
        let line = |problem: &DefinitionProblem| {
            let key = if problem.key.is_empty() { String::new() } else { format!("`{}` ", problem.key) };
            format!("{} line {}: {key}{}", self.file, problem.line, problem.message)
        };
        self.problems.iter().map(line).collect()
    }
}

/// No address can be made for an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The platform has no such entry, or one that is only reached by links.
    #[error("platform {platform} has no address for its {entry} entry")]
    NoAddress {
        /// Platform.
        platform: PlatformId,
        /// Entry, as written in the file.
        entry: &'static str,
    },
    /// A placeholder has no value.
    #[error("platform {platform} needs a value for {{{name}}} in its {entry} entry; give it in `values` of the source")]
    NoValue {
        /// Platform.
        platform: PlatformId,
        /// Entry, as written in the file.
        entry: &'static str,
        /// Placeholder.
        name: String,
    },
    /// The filled template is no http or https address.
    #[error("the {entry} entry of platform {platform} does not make an http address; check `base` of the source")]
    NotAnAddress {
        /// Platform.
        platform: PlatformId,
        /// Entry, as written in the file.
        entry: &'static str,
    },
}

/// What stands in the holes of an entry's address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    /// `{base}` of the source, without a trailing slash.
    pub base: String,
    /// `{term}`: a term that may be sent to the site's search.
    pub term: Option<String>,
    /// `{handle}` of an account.
    pub handle: Option<String>,
    /// `{id}` of a post.
    pub id: Option<String>,
    /// Which page, counted from 0; the file says what the site calls it.
    pub page: u32,
    /// The source's own values, by name.
    pub further: BTreeMap<String, String>,
}

/// Name of an entry as platform files write it.
pub const fn entry_name(entry: EntryKind) -> &'static str {
    match entry {
        EntryKind::Search => "search",
        EntryKind::Listing => "listing",
        EntryKind::Account => "account",
        EntryKind::Post => "post",
        EntryKind::Avatar => "avatar",
    }
}

/// The entry of that name.
pub fn entry_named(name: &str) -> Option<EntryKind> {
    read::ENTRY_NAMES.iter().find(|(own, _)| *own == name).map(|(_, entry)| *entry)
}

impl Definition {
    /// Reads and checks a platform file: keys, values, selectors, paths, expressions and templates.
    /// `file` is the name that complaints carry.
    pub fn parse(file: &str, toml: &str) -> Result<Self, DefinitionError> {
        read::definition(toml).map_err(|problems| DefinitionError { file: file.to_owned(), problems })
    }

    /// Identifier by which sources name the platform.
    pub fn id(&self) -> &PlatformId {
        &self.id
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Kind of site for people, such as 微博客 or 论坛.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// How well it can be reached without an account.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The platform to which accounts and posts found here belong: this one, unless several files describe one site.
    /// Exemptions and official accounts are kept under its identifier.
    pub fn accounts_of(&self) -> &PlatformId {
        self.accounts_of.as_ref().unwrap_or(&self.id)
    }

    /// The address that sources have as their base, where there is only one such site.
    pub fn base(&self) -> Option<&str> {
        // An address without a path gets a slash, which `{base}` does not have.
        self.base.as_ref().map(|url| url.as_str().trim_end_matches('/'))
    }

    /// Whether accounts are asked for by a number that the site gives, never by a name that somebody chose.
    pub fn handle_is_id(&self) -> bool {
        self.handle_is_id
    }

    /// Whether a handle names the same account at every site of the platform.
    pub fn handle_is_global(&self) -> bool {
        self.handle_is_global
    }

    /// What to read before the site is used, for people: mostly where its terms stand.
    pub fn terms(&self) -> &str {
        &self.terms
    }

    /// What the site's robots.txt is known to allow or to forbid, for people. The fetcher asks robots.txt itself.
    pub fn robots_note(&self) -> &str {
        &self.robots_note
    }

    /// How else to get at what cannot be seen here, for people; class C has nothing but this.
    pub fn instead(&self) -> &str {
        &self.instead
    }

    /// How it is reached.
    pub fn access(&self) -> Access {
        self.access
    }

    /// When somebody last read the site's terms.
    pub fn terms_read_on(&self) -> Option<NaiveDate> {
        self.terms_read_on
    }

    /// Least time between two requests to a host, seconds, unless the source asks for more.
    pub fn interval_min_s(&self) -> f64 {
        self.interval_min_s
    }

    /// Label of the character encoding, where the site does not say it truly itself.
    pub fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// The zone in which the site writes its times; the group's when none is given.
    pub fn time_zone(&self) -> Option<Tz> {
        self.time_zone
    }

    /// Whether the site checks the employer that an account states.
    pub fn employer_field_is_factual(&self) -> bool {
        self.employer_field_is_factual
    }

    /// What cannot be seen here, for people.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Saved pages and what must be found on them.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Entries that the file describes, in the order search, listing, account, post.
    pub fn entries(&self) -> impl Iterator<Item = EntryKind> {
        self.entries.keys().copied()
    }

    /// Whether pages of that entry can be read.
    pub fn has(&self, entry: EntryKind) -> bool {
        self.entries.contains_key(&entry)
    }

    /// What the entry's answers are written in.
    pub fn format(&self, entry: EntryKind) -> Option<Format> {
        self.entries.get(&entry).map(|entry| entry.format)
    }

    /// Most pages of one list; 1 when there is no paging.
    pub fn pages_max(&self, entry: EntryKind) -> u32 {
        self.entries.get(&entry).map_or(1, |entry| entry.pages_max)
    }

    /// Whether the address itself counts the pages. When it does not, `Extraction::next` leads on.
    pub fn numbers_pages(&self, entry: EntryKind) -> bool {
        self.entries.get(&entry).and_then(|entry| entry.url.as_ref()).is_some_and(|url| url.asks_for("page"))
    }

    /// Names of the placeholders in the entry's address, such as `term`.
    pub fn placeholders(&self, entry: EntryKind) -> Vec<&str> {
        let url = self.entries.get(&entry).and_then(|entry| entry.url.as_ref());
        url.map(|url| url.names().collect()).unwrap_or_default()
    }

    /// Entries that have addresses, and these as they are written, such as `{base}/search?q={term}`.
    pub fn addresses(&self) -> impl Iterator<Item = (EntryKind, String)> {
        self.entries.iter().filter_map(|(kind, entry)| Some((*kind, entry.url.as_ref()?.to_string())))
    }

    /// The address of an entry with its placeholders filled; all but `{base}` and `{+name}` are percent-encoded.
    pub fn url(&self, kind: EntryKind, values: &Values) -> Result<Url, UrlError> {
        let (platform, entry) = (self.id.clone(), entry_name(kind));
        let known = self.entries.get(&kind).and_then(|entry| Some((entry, entry.url.as_ref()?)));
        let Some((own, template)) = known else {
            return Err(UrlError::NoAddress { platform, entry });
        };
        let filled = template.fill(|name| own.value(name, values), |text| self.encode(text));
        let text = filled.map_err(|name| UrlError::NoValue { platform: platform.clone(), entry, name })?;
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.ok_or(UrlError::NotAnAddress { platform, entry })
    }

    /// Where a known account of a source is looked at again: its page, or, where accounts are not read from pages for
    /// people, the address that the entry makes of the handle. None when neither lies at the source.
    pub fn account_address(&self, values: &Values, page: &str) -> Option<Url> {
        let is_page = self.format(EntryKind::Account) == Some(Format::Html);
        let at_source = || Url::parse(page).ok().filter(|_| page.starts_with(&values.base));
        if is_page && let Some(url) = at_source() {
            return Some(url);
        }
        self.url(EntryKind::Account, values).ok().or_else(at_source)
    }

    fn encode(&self, text: &str) -> String {
        percent_encode(&self.term_encoding.encode(text).0)
    }
}

impl Entry {
    fn value(&self, name: &str, values: &Values) -> Option<String> {
        match name {
            "base" => Some(values.base.trim_end_matches('/').to_owned()),
            "term" => values.term.clone(),
            "handle" => values.handle.clone(),
            "id" => values.id.clone(),
            "page" => Some(self.page_first.saturating_add(values.page.saturating_mul(self.page_step)).to_string()),
            further => values.further.get(further).cloned(),
        }
        .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests;
