//! From TOML to a checked `Definition`. Everything wrong is complained about at once; nothing is guessed.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use toml::de::{DeTable, DeValue};
use url::Url;

use crate::model::ids::PlatformId;
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;
use crate::platform::definition::card;
use crate::platform::definition::field::{FeedPart, Field, css, json_path, template};
use crate::platform::definition::reader::{Complaints, Item, Section, line_of};
use crate::platform::definition::{
    Access, AccountMap, Class, Definition, DefinitionProblem, Entry, Format, Mark, Marks, PostMap, Rows, Sample, Script,
};

pub(super) const ENTRY_NAMES: [(&str, EntryKind); 4] = [
    ("search", EntryKind::Search),
    ("listing", EntryKind::Listing),
    ("account", EntryKind::Account),
    ("post", EntryKind::Post),
];

const FORMATS: [(&str, Format); 4] =
    [("html", Format::Html), ("json", Format::Json), ("feed", Format::Feed), ("sitemap", Format::Sitemap)];
const FILE_BYTES_MAX: usize = 256 * 1024;
const PAGES_MAX: i64 = 1_000;
const PAGES_MAX_DEFAULT: i64 = 5;
const LINKS_MAX: i64 = 2_000;
const INTERVAL_S_DEFAULT: f64 = 10.0;
const BLOCKED_STATUS_DEFAULT: [u16; 6] = [401, 402, 403, 407, 429, 451];

/// Reads and checks a file; all complaints when there is any.
pub(super) fn definition(toml: &str) -> Result<Definition, Vec<DefinitionProblem>> {
    let whole = |line, message| vec![DefinitionProblem { line, key: String::new(), message }];
    if toml.len() > FILE_BYTES_MAX {
        return Err(whole(1, format!("is longer than {FILE_BYTES_MAX} bytes")));
    }
    let toml = toml.trim_start_matches('\u{feff}');
    let document = DeTable::parse(toml).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(toml, span.start));
        whole(line, format!("is not TOML: {}", error.message()))
    })?;
    let complaints = Complaints::new(toml);
    let read = platform(&Section::new(&complaints, String::new(), document.get_ref(), 0));
    let problems = complaints.into_list();
    match read {
        Some(definition) if problems.is_empty() => Ok(definition),
        _ => Err(problems),
    }
}

fn platform(file: &Section<'_>) -> Option<Definition> {
    let id = file.required_text("id").and_then(|item| platform_id(&item));
    let name = file.required_text("name").and_then(|item| item.text());
    file.choice("robots", &[("obey", ())]);
    let format = file.choice("format", &FORMATS).unwrap_or(Format::Html);
    let class = card::class(file);
    if class == Class::C {
        card::refuse_visits(file);
    }
    let entries = entries(file, format, class);
    let definition = Definition {
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default().to_owned(),
        kind: file.text("kind").unwrap_or_default().to_owned(),
        class,
        access: access(file),
        accounts_of: file.item("accounts_of").and_then(|item| platform_id(&item)),
        base: card::base(file),
        handle_is_id: file.boolean("handle_is_id").unwrap_or(false),
        handle_is_global: file.boolean("handle_is_global").unwrap_or(false),
        terms: card::words(file, "terms"),
        robots_note: card::words(file, "robots_note"),
        instead: card::instead(file, class),
        terms_read_on: file.item("terms_read_on").and_then(|item| date(&item)),
        interval_min_s: file.number("interval_min_s").unwrap_or(INTERVAL_S_DEFAULT),
        encoding: file.item("encoding").and_then(|item| encoding(&item)).map(|found| found.name().to_owned()),
        term_encoding: file.item("term_encoding").and_then(|item| encoding(&item)).unwrap_or(encoding_rs::UTF_8),
        time_zone: file.item("time_zone").and_then(|item| zone(&item)),
        employer_field_is_factual: file.boolean("employer_field_is_factual").unwrap_or(false),
        note: file.text("note").unwrap_or_default().trim().to_owned(),
        canary: (class != Class::C).then(|| card::canary(file, &entries)).flatten(),
        entries,
        samples: file.sections("sample").iter().filter_map(sample).collect(),
    };
    file.refuse_unread();
    Some(definition)
}

fn access(file: &Section<'_>) -> Access {
    let choices = [
        ("public", Access::Public),
        ("official_api", Access::OfficialApi),
        ("operator_bridge", Access::OperatorBridge),
    ];
    file.choice("access", &choices).unwrap_or(Access::Public)
}

fn platform_id(item: &Item<'_>) -> Option<PlatformId> {
    let text = item.text()?.trim();
    let is_id = text.len() <= 64
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if !is_id {
        item.complain("is not an identifier of lower-case letters, digits, `_` and `-`");
    }
    is_id.then(|| PlatformId::new(text))
}

fn date(item: &Item<'_>) -> Option<chrono::NaiveDate> {
    let text = match item.value {
        DeValue::Datetime(datetime) => datetime.to_string(),
        _ => item.text()?.to_owned(),
    };
    let date = text.parse().ok();
    if date.is_none() {
        item.complain("is not a day such as 2026-11-01");
    }
    date
}

fn encoding(item: &Item<'_>) -> Option<&'static encoding_rs::Encoding> {
    let label = item.text()?;
    if label == "auto" {
        return None;
    }
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
    if encoding.is_none() {
        item.complain(format!("is `{label}`, expected auto or a label such as utf-8, gbk or big5"));
    }
    encoding
}

fn zone(item: &Item<'_>) -> Option<Tz> {
    let text = item.text()?;
    let zone = text.parse().ok();
    if zone.is_none() {
        item.complain(format!("is `{text}`, expected the name of a time zone such as Asia/Shanghai"));
    }
    zone
}

fn entries(file: &Section<'_>, format: Format, class: Class) -> BTreeMap<EntryKind, Entry> {
    if class == Class::C {
        return BTreeMap::new();
    }
    let marks = file.section("verdict").map(|section| marks(&section)).unwrap_or_default();
    let Some(section) = file.section("entry") else {
        file.complain(
            "entry",
            "is missing; describe at least one of entry.search, entry.listing, entry.account, entry.post",
        );
        return BTreeMap::new();
    };
    let read = |(name, kind): &(&str, EntryKind)| Some((*kind, entry(&section.section(name)?, *kind, format, &marks)));
    let entries: BTreeMap<EntryKind, Entry> = ENTRY_NAMES.iter().filter_map(read).collect();
    section.refuse_unread();
    if entries.is_empty() {
        section.complain("search", "or entry.listing, entry.account, entry.post must be described");
    }
    entries
}

fn entry(section: &Section<'_>, kind: EntryKind, format: Format, marks: &Marks) -> Entry {
    let format = section.choice("format", &FORMATS).unwrap_or(format);
    let each = section.item("each");
    let (follow_found, follow) = follow(section, format);
    let own_marks = section.section("verdict").map(|section| self::marks(&section)).unwrap_or_default();
    let entry = Entry {
        url: url(section, kind),
        format,
        pages_max: integer(section, "pages_max", 1..=PAGES_MAX, PAGES_MAX_DEFAULT),
        page_first: integer(section, "page_first", 0..=1_000_000, 1),
        page_step: integer(section, "page_step", 1..=10_000, 1),
        next: section.item("next").and_then(|item| Field::read(&item, format)),
        script: script(section, format),
        account: account_map(section, kind, format, each.as_ref()),
        post: post_map(section, kind, format, each.as_ref()),
        follow_found,
        follow,
        links_max: integer(section, "links_max", 1..=LINKS_MAX, LINKS_MAX),
        marks: marks.with(own_marks),
    };
    section.refuse_unread();
    if format == Format::Sitemap {
        refuse_fields_of_sitemap(section);
    }
    if entry.account.is_none() && entry.post.is_none() {
        refuse_rows_without_fields(section, &entry, each.as_ref());
    }
    entry
}

fn refuse_fields_of_sitemap(section: &Section<'_>) {
    for item in ["account", "post"].into_iter().filter_map(|key| section.item(key)) {
        item.complain("is not for sitemaps, which list addresses alone; use `follow`");
    }
}

fn refuse_rows_without_fields(section: &Section<'_>, entry: &Entry, each: Option<&Item<'_>>) {
    if let Some(each) = each {
        each.complain("finds rows, but neither post nor account says what is read of them");
    } else if entry.follow.is_empty() {
        section.complain("post", "or account or follow must say what is read here");
    }
}

fn integer(section: &Section<'_>, key: &str, range: std::ops::RangeInclusive<i64>, default: i64) -> u32 {
    let number = section.integer(key, range).unwrap_or(default);
    u32::try_from(number).unwrap_or(1)
}

fn url(section: &Section<'_>, kind: EntryKind) -> Option<crate::platform::definition::template::Template> {
    let needs_address = matches!(kind, EntryKind::Search | EntryKind::Listing);
    let Some(item) = section.item("url") else {
        if needs_address {
            section.complain("url", "is missing; only account and post can be reached by links alone");
        }
        return None;
    };
    let url = template(&item)?;
    if kind == EntryKind::Search && !url.asks_for("term") {
        item.complain("has no {term}: a search must ask for a term");
    }
    if kind != EntryKind::Search && url.asks_for("term") {
        item.complain("has {term}, which only entry.search may send");
    }
    let text = item.text().unwrap_or_default();
    if !["{base}", "http://", "https://"].iter().any(|start| text.starts_with(start)) {
        item.complain("must start with {base}, http:// or https://");
    }
    Some(url)
}

fn script(section: &Section<'_>, format: Format) -> Script {
    let variable = section.item("script_variable");
    let element = section.item("script_element");
    if let Some(item) = variable.as_ref().or(element.as_ref()).filter(|_| format != Format::Json) {
        item.complain("is only for format = \"json\"");
    }
    if let Some(name) = variable.and_then(|item| item.text()) {
        return Script::Variable(name.trim().to_owned());
    }
    let element = element.and_then(|item| css(&item, item.text()?));
    element.map_or(Script::Whole, Script::Element)
}

fn rows(item: &Item<'_>, format: Format) -> Option<Rows> {
    let text = item.text()?.trim();
    match format {
        Format::Html => css(item, text).map(Rows::Css),
        Format::Json => {
            let path = json_path(item, text)?;
            let list = text.strip_suffix("[*]").and_then(|list| json_path(item, list));
            Some(Rows::Json { path, list })
        }
        Format::Feed => {
            item.complain("is not for feeds: each entry of the feed is a row");
            None
        }
        Format::Sitemap => {
            item.complain("is not for sitemaps, which list addresses alone; use `follow`");
            None
        }
    }
}

/// Reads the fields of one map in turn; the names are those of the file.
struct Fields<'a> {
    section: Section<'a>,
    format: Format,
}

impl<'a> Fields<'a> {
    fn each(&self, inherited: Option<&Item<'_>>) -> Option<Rows> {
        let own = self.section.item("each");
        own.as_ref().or(inherited).and_then(|item| rows(item, self.format))
    }

    fn field(&self, name: &str) -> Option<Field> {
        Field::read(&self.section.item(name)?, self.format)
    }

    fn inner(&self, name: &str) -> Option<Fields<'a>> {
        Some(Fields { section: self.section.section(name)?, format: self.format })
    }
}

fn account_map(entry: &Section<'_>, kind: EntryKind, format: Format, each: Option<&Item<'_>>) -> Option<AccountMap> {
    let fields = Fields { section: entry.section("account")?, format };
    let verification = fields.inner("verification");
    let avatar = fields.inner("avatar");
    // On an account's own page the rows are its posts, so the common `each` is not for the account.
    let map = AccountMap {
        each: fields.each(each.filter(|_| kind != EntryKind::Account)),
        handle: fields.field("handle"),
        url: fields.field("url"),
        display_name: fields.field("display_name"),
        bio: fields.field("bio"),
        verification_type: verification.as_ref().and_then(|fields| fields.field("type")),
        verification_text: verification.as_ref().and_then(|fields| fields.field("text")),
        employer_field: fields.field("employer_field"),
        avatar_url: avatar.as_ref().and_then(|fields| fields.field("url")),
        avatar_phash64: avatar.as_ref().and_then(|fields| fields.field("phash64")),
        ip_region: fields.field("ip_region"),
        followers: fields.field("followers"),
    };
    for inner in verification.iter().chain(&avatar).chain([&fields]) {
        inner.section.refuse_unread();
    }
    if !fields.section.has("handle") {
        fields.section.complain("handle", "is missing: the handle identifies an account, its shown name does not");
    }
    Some(map)
}

fn post_map(entry: &Section<'_>, kind: EntryKind, format: Format, each: Option<&Item<'_>>) -> Option<PostMap> {
    let fields = Fields { section: entry.section("post")?, format };
    let author = fields.inner("author");
    let author_field = |name: &str| author.as_ref().and_then(|fields| fields.field(name));
    let mut map = PostMap {
        // On a post's own page the post is the page.
        each: fields.each(each.filter(|_| kind != EntryKind::Post)),
        url: fields.field("url"),
        title: fields.field("title"),
        text: fields.field("text"),
        published: fields.field("published"),
        author_handle: author_field("handle"),
        author_name: author_field("name"),
        author_url: author_field("url"),
    };
    for inner in author.iter().chain([&fields]) {
        inner.section.refuse_unread();
    }
    if format == Format::Feed {
        map.fill_from_feed();
    } else {
        require_post_fields(&fields.section, &map);
    }
    Some(map)
}

fn require_post_fields(section: &Section<'_>, map: &PostMap) {
    if !section.has("text") && !section.has("title") {
        section.complain("text", "or title is missing: a post needs its words");
    }
    if map.each.is_some() && !section.has("url") {
        section.complain("url", "is missing: each post of a list needs its own address");
    }
}

impl PostMap {
    /// What a feed calls its parts is known, so a file need only say what differs.
    fn fill_from_feed(&mut self) {
        let parts = [
            (&mut self.url, FeedPart::Link),
            (&mut self.title, FeedPart::Title),
            (&mut self.text, FeedPart::Text),
            (&mut self.published, FeedPart::Published),
            (&mut self.author_name, FeedPart::Author),
        ];
        for (field, part) in parts {
            field.get_or_insert_with(|| Field::of_feed(part));
        }
    }
}

type FollowMap = (Vec<EntryKind>, Vec<(EntryKind, Field)>);

fn follow(section: &Section<'_>, format: Format) -> FollowMap {
    let Some(item) = section.item("follow") else { return FollowMap::default() };
    if item.value.is_table() {
        let Some(table) = item.section() else { return FollowMap::default() };
        let read = |(name, kind): &(&str, EntryKind)| Some((*kind, Field::read(&table.item(name)?, format)?));
        let follow = ENTRY_NAMES.iter().filter_map(read).collect();
        table.refuse_unread();
        return (Vec::new(), follow);
    }
    let found = item.texts().iter().filter_map(|item| followed_entry(item)).collect();
    (found, Vec::new())
}

fn followed_entry(item: &Item<'_>) -> Option<EntryKind> {
    match item.text()? {
        "account" => Some(EntryKind::Account),
        "post" => Some(EntryKind::Post),
        other => {
            item.complain(format!(
                "has `{other}`; the addresses found lead to \"account\" or \"post\", other links need a table"
            ));
            None
        }
    }
}

fn marks(section: &Section<'_>) -> Marks {
    let list = |key: &str| section.texts(key).iter().filter_map(mark).collect();
    let marks = Marks {
        found: list("found"),
        empty: list("empty"),
        blocked: list("blocked"),
        blocked_status: statuses(section, "blocked_status").unwrap_or_default(),
        empty_status: statuses(section, "empty_status"),
        redirect_blocked: parts_of_addresses(section, "redirect_blocked"),
        redirect_empty: parts_of_addresses(section, "redirect_empty"),
    };
    section.refuse_unread();
    marks
}

fn parts_of_addresses(section: &Section<'_>, key: &str) -> Vec<String> {
    section.texts(key).iter().filter_map(Item::filled_text).collect()
}

fn mark(item: &Item<'_>) -> Option<Mark> {
    let text = item.text()?.trim();
    if text.is_empty() {
        item.complain("has an empty mark, which would stand on every page");
        return None;
    }
    if let Some(selector) = text.strip_prefix("css:") {
        return Some(Mark::Css(text.to_owned(), css(item, selector.trim())?));
    }
    if let Some(path) = text.strip_prefix("json:") {
        return Some(Mark::Json(text.to_owned(), json_path(item, path.trim())?));
    }
    Some(Mark::Text(text.to_owned()))
}

fn statuses(section: &Section<'_>, key: &str) -> Option<Vec<u16>> {
    let items = section.item(key)?.elements();
    let status = |item: &Item<'_>| u16::try_from(item.integer(100..=599)?).ok();
    Some(items.iter().filter_map(status).collect())
}

impl Marks {
    /// These marks and those of one entry. Marks of presence are replaced, since each entry looks different.
    fn with(&self, own: Self) -> Self {
        let joined = |general: &[Mark], own: Vec<Mark>| general.iter().cloned().chain(own).collect();
        let mut blocked_status = [self.blocked_status.as_slice(), &own.blocked_status].concat();
        if blocked_status.is_empty() {
            blocked_status = BLOCKED_STATUS_DEFAULT.to_vec();
        }
        Self {
            found: if own.found.is_empty() { self.found.clone() } else { own.found },
            empty: joined(&self.empty, own.empty),
            blocked: joined(&self.blocked, own.blocked),
            blocked_status,
            empty_status: own.empty_status.or_else(|| self.empty_status.clone()),
            redirect_blocked: [self.redirect_blocked.as_slice(), &own.redirect_blocked].concat(),
            redirect_empty: [self.redirect_empty.as_slice(), &own.redirect_empty].concat(),
        }
    }
}

fn sample(section: &Section<'_>) -> Option<Sample> {
    let page = section.required_text("page").and_then(|item| file_name(&item));
    let entry = section.required_text("entry").and_then(|_| section.choice("entry", &ENTRY_NAMES));
    let verdicts = [("found", "found"), ("empty", "empty"), ("blocked", "blocked")];
    let sample = Sample {
        page: page.unwrap_or_default(),
        entry: entry.unwrap_or(EntryKind::Listing),
        url: section.item("url").and_then(|item| address(&item)),
        status: section.integer("status", 100..=599).and_then(|status| u16::try_from(status).ok()).unwrap_or(200),
        fetched_at: section.item("fetched_at").and_then(|item| instant(&item)),
        verdict: section.choice("verdict", &verdicts).unwrap_or("found").to_owned(),
        accounts: count(section, "accounts"),
        posts: count(section, "posts"),
        follow: count(section, "follow"),
        contains: section.texts("contains").iter().filter_map(|item| item.text()).map(str::to_owned).collect(),
    };
    section.refuse_unread();
    Some(sample)
}

fn count(section: &Section<'_>, key: &str) -> Option<usize> {
    usize::try_from(section.integer(key, 0..=100_000)?).ok()
}

fn file_name(item: &Item<'_>) -> Option<String> {
    let text = item.text()?.trim();
    let is_name = !text.starts_with('.') && !text.contains(['/', '\\']);
    if !is_name {
        item.complain("must be the name of a file in the platform's sample folder");
    }
    is_name.then(|| text.to_owned())
}

/// Reads an address of the web and complains when it is none.
pub(super) fn address(item: &Item<'_>) -> Option<Url> {
    let url = Url::parse(item.text()?.trim()).map_err(|error| item.complain(format!("is not an address: {error}")));
    let url = url.ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    if !is_web {
        item.complain("is not an http or https address");
    }
    is_web.then_some(url)
}

fn instant(item: &Item<'_>) -> Option<Timestamp> {
    let text = match item.value {
        DeValue::Datetime(datetime) => datetime.to_string(),
        _ => item.text()?.to_owned(),
    };
    Timestamp::parse(&text).map_err(|error| item.complain(error.to_string())).ok()
}
