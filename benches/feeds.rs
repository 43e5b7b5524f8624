//! How far the reading of feeds agrees with the expectations of the feedparser project, whose files are not part of this
//! one: each holds a feed and, in a comment, what feedparser reads of it. Asserts nothing; lists what differs.
//!
//!     cargo bench --profile dev --bench feeds -- FOLDER/tests/wellformed FOLDER/tests/illformed

#[path = "support/python.rs"]
mod python;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use python::{Claim, Value, claims};
use url::Url;
use wanglou::fetch::decode;
use wanglou::model::time::Timestamp;
use wanglou::platform::date::{self, DateFormat};
use wanglou::platform::feed::{self, Entry, Feed, Person};
use wanglou::platform::plain;

const NOW_MS: i64 = 1_795_147_200_000;

/// What became of a case.
enum Outcome {
    /// It claims something that is not read here.
    LeftOut,
    Agrees,
    /// As plain text: the expectation has tags, which are not kept here.
    AgreesAsText,
    Differs(String),
}

fn main() {
    let folders: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut files = Vec::new();
    folders.iter().for_each(|folder| collect(Path::new(folder), &mut files));
    files.sort();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &files {
        *counts.entry(counted(file)).or_default() += 1;
    }
    let of = |name| counts.get(name).copied().unwrap_or(0);
    let (as_text, differ) = (of("agree as text"), of("differ"));
    let agree = of("agree") + as_text;
    let share = 100.0 * agree as f64 / (agree + differ).max(1) as f64;
    println!("{} files, all read without a panic", files.len());
    println!("left out: {} about sanitising, {} that claim what is not read here", of("sanitising"), of("left out"));
    println!("{} cases apply: {agree} agree, {differ} differ ({share:.1} %)", agree + differ);
    println!("of those that agree, {as_text} do once the tags are taken out of the expectation");
}

fn counted(file: &Path) -> &'static str {
    let case = read(file);
    if is_about_sanitising(file) {
        return "sanitising";
    }
    match judged(&case) {
        Outcome::LeftOut => "left out",
        Outcome::Agrees => "agree",
        Outcome::AgreesAsText => "agree as text",
        Outcome::Differs(how) => {
            println!("{}: {how}", file.display());
            "differ"
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
}

/// Which tags and attributes may stay is no question for plain text.
fn is_about_sanitising(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "sanitize")
}

/// A file, its feed, and the address from which relative links go.
struct Case {
    text: String,
    feed: Option<Feed>,
    base: Url,
}

fn read(file: &Path) -> Case {
    let bytes = std::fs::read(file).expect("a readable file");
    let plain = String::from_utf8_lossy(&bytes);
    let text = decode(&bytes, &header(&plain, "content-type"), "");
    let feed = feed::read(&text, Timestamp::from_ms(NOW_MS), chrono_tz::UTC);
    let page = Url::parse("http://127.0.0.1:8097/").expect("an address");
    let base = page.join(&header(&text, "content-location")).unwrap_or(page);
    // A file that cannot be decoded counts as one that differs, not as one without an expectation.
    let text = if text.contains("Expect:") { text } else { plain.into_owned() };
    Case { text, feed, base }
}

/// The value of a line such as `Header: Content-type: text/xml` in the comment of a file.
fn header(text: &str, name: &str) -> String {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("Header:"));
    let mut pairs = lines.filter_map(|line| line.trim().split_once(':'));
    let found = pairs.find(|(own, _)| own.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn judged(case: &Case) -> Outcome {
    let expected = case.text.split("Expect:").nth(1).and_then(|rest| rest.split("-->").next());
    let claims = expected.and_then(|expected| claims(expected.trim())).unwrap_or_default();
    let nothing = Feed::default();
    let feed = case.feed.as_ref().unwrap_or(&nothing);
    let outcomes: Vec<Outcome> = claims.iter().map(|claim| holds(feed, &case.base, claim)).collect();
    outcomes.into_iter().max_by_key(rank).unwrap_or(Outcome::LeftOut)
}

/// The worst of several outcomes is that of the case.
fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Agrees => 0,
        Outcome::AgreesAsText => 1,
        Outcome::Differs(_) => 2,
        Outcome::LeftOut => 3,
    }
}

fn holds(feed: &Feed, base: &Url, claim: &Claim) -> Outcome {
    let path: Vec<&str> = claim.path.iter().map(String::as_str).collect();
    let empty = Entry::default();
    let (entry, rest) = match path.as_slice() {
        ["feed", rest @ ..] => (&feed.about, rest),
        ["entries", number, rest @ ..] => {
            (number.parse().ok().and_then(|number: usize| feed.entries.get(number)).unwrap_or(&empty), rest)
        }
        _ => return Outcome::LeftOut,
    };
    match (&claim.value, rest) {
        (Value::Instant(expected), [name]) => match instant(entry, name) {
            Some(read) => compared(&path, read.map(|at| at.to_string()), expected.map(|at| at.to_string())),
            None => Outcome::LeftOut,
        },
        (Value::Text(expected), rest) => Place { entry, path: &path, base }.worded(rest, expected),
        _ => Outcome::LeftOut,
    }
}

fn instant(entry: &Entry, name: &str) -> Option<Option<Timestamp>> {
    match name {
        "published_parsed" | "issued_parsed" => Some(entry.published),
        "updated_parsed" | "modified_parsed" | "date_parsed" => Some(entry.updated),
        "created_parsed" => Some(entry.created),
        _ => None,
    }
}

/// What a claim speaks of.
struct Place<'c> {
    entry: &'c Entry,
    path: &'c [&'c str],
    base: &'c Url,
}

impl Place<'_> {
    fn worded(&self, rest: &[&str], expected: &str) -> Outcome {
        let (entry, person) = (self.entry, self.entry.author.clone().unwrap_or_default());
        match rest {
            ["title"] | ["title_detail", "value"] => self.text(entry.title.clone(), expected),
            ["link"] | ["links", "0", "href"] => self.address(entry.link.clone(), expected),
            ["published" | "updated" | "created"] => self.date(rest[0], expected),
            ["id" | "guid"] => self.address(entry.id.clone(), expected),
            ["author"] => self.text(Some(shown(&person)), expected),
            ["author_detail", "name"] | ["authors", "0", "name"] => self.text(person.name, expected),
            ["author_detail", "email"] | ["authors", "0", "email"] => self.text(person.email, expected),
            ["author_detail", "url" | "href"] | ["authors", "0", "url" | "href"] => self.address(person.uri, expected),
            ["content", "0", "value"] => self.text(entry.content.clone(), expected),
            ["description" | "summary" | "tagline" | "subtitle"]
            | ["description_detail" | "summary_detail" | "tagline_detail" | "subtitle_detail", "value"] => {
                self.text(entry.summary.clone().or_else(|| entry.content.clone()), expected)
            }
            _ => Outcome::LeftOut,
        }
    }

    /// Texts are compared as plain text: an expectation that is HTML agrees without its tags.
    fn text(&self, read: Option<String>, expected: &str) -> Outcome {
        let read = plain::one_line(&read.unwrap_or_default());
        let written = plain::one_line(expected);
        if read != written && read == plain::one_line(&plain::from_html(expected)) {
            return Outcome::AgreesAsText;
        }
        compared(self.path, Some(read), Some(written))
    }

    /// A date as it was written is the instant that it means.
    fn date(&self, name: &str, expected: &str) -> Outcome {
        let read = instant(self.entry, &format!("{name}_parsed")).flatten();
        let now = Timestamp::from_ms(NOW_MS);
        let expected = date::parse(expected, &DateFormat::Auto, now, chrono_tz::UTC);
        compared(self.path, read.map(|at| at.to_string()), expected.map(|at| at.to_string()))
    }

    /// Addresses are compared in one writing, relative ones as the address of the page makes them absolute.
    fn address(&self, read: Option<String>, expected: &str) -> Outcome {
        let whole = |text: &str| self.base.join(text).map_or_else(|_| text.to_owned(), String::from);
        compared(self.path, read.map(|read| whole(&read)), Some(whole(expected)))
    }
}

/// An author as feedparser shows one.
fn shown(person: &Person) -> String {
    match (&person.name, &person.email) {
        (Some(name), Some(email)) => format!("{name} ({email})"),
        (name, email) => name.clone().or_else(|| email.clone()).unwrap_or_default(),
    }
}

fn compared(path: &[&str], read: Option<String>, expected: Option<String>) -> Outcome {
    if read == expected {
        return Outcome::Agrees;
    }
    Outcome::Differs(format!("{}: read {read:?}, expected {expected:?}", path.join(".")))
}
