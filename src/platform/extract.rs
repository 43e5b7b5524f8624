//! Reads a page by its platform file: rows, their fields, links, and the verdict.

pub(in crate::platform) mod document;
mod feed;
mod script;
mod sitemap;
mod value;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use scraper::{Node, Selector};
use url::Url;

use crate::model::account::{Account, Avatar, Post, Verification};
use crate::model::capture::Verdict;
use crate::model::source::EntryKind;
use crate::model::time::Timestamp;
use crate::platform::definition::field::{Field, From};
use crate::platform::definition::{AccountMap, Definition, Entry, PostMap, Rows};
use crate::platform::extract::document::{Document, Row};
use crate::platform::extract::value::Place;
use crate::platform::plain;
use crate::platform::verdict::Answer;
use crate::platform::{Extraction, Follow, Page};

/// Most rows of one page, and most links to follow.
const ROWS_MAX: usize = 2_000;
/// Most problems told of one page.
const PROBLEMS_MAX: usize = 50;
/// Most bytes of a page. The fetcher has its own limit; this one holds for pages from elsewhere.
const PAGE_BYTES_MAX: usize = 16 << 20;

/// Reads a page by one entry of a platform file. Never fails: what cannot be read is `blocked`, with the problems named.
pub fn extract(definition: &Definition, page: &Page<'_>) -> Extraction {
    let Some(entry) = definition.entries.get(&page.entry) else { return nothing(blocked("no such entry")) };
    if page.text.len() > PAGE_BYTES_MAX {
        return nothing(blocked("too large"));
    }
    let answer = Answer { url: page.url, entry: page.entry, status: page.status, text: page.text, marks: &entry.marks };
    if let Some(verdict) = answer.by_status() {
        return nothing(verdict);
    }
    let zone = definition.time_zone.unwrap_or(page.zone);
    let document = match Document::parse(entry, page.text, page.fetched_at, zone) {
        Ok(document) => document,
        Err(unread) => return nothing(answer.of_unread(unread)),
    };
    if let Some(wall) = answer.structural_wall(&document) {
        return nothing(wall);
    }
    let url = base_address(&document, page.url);
    let place = Place { document: &document, page: page.url, url, base: page.base, fetched_at: page.fetched_at, zone };
    let reader = Reader { definition, page, entry, place, problems: RefCell::default() };
    reader.read(&answer)
}

/// Reads a page by each entry of a platform file in turn: the first by which something is found, else the first by which the page
/// is empty, else the first.
pub fn extract_by_any(definition: &Definition, page: &Page<'_>) -> (EntryKind, Extraction) {
    let read = |entry| (entry, extract(definition, &Page { entry, ..*page }));
    let mut tried: Vec<(EntryKind, Extraction)> = definition.entries().map(read).collect();
    let found = tried.iter().position(|(_, extraction)| extraction.verdict == Verdict::Found);
    let empty = || tried.iter().position(|(_, extraction)| extraction.verdict == Verdict::Empty);
    // A checked definition that is visited has at least one entry.
    let best = found.or_else(empty).unwrap_or(0);
    tried.swap_remove(best)
}

fn blocked(reason: &str) -> Verdict {
    Verdict::Blocked { reason: reason.to_owned() }
}

fn nothing(verdict: Verdict) -> Extraction {
    let (accounts, posts, follow, problems) = Default::default();
    Extraction { verdict, accounts, posts, follow, next: None, problems }
}

/// Where relative links start: the page, unless it says otherwise.
fn base_address(document: &Document, page: &Url) -> Url {
    static BASE: LazyLock<Selector> =
        LazyLock::new(|| Selector::parse("base[href]").expect("the selector is a constant"));
    let Row::Element(root) = document.whole() else { return page.clone() };
    // Few pages have one, and to ask each element for its name is far quicker than to select.
    let is_base = |node: &Node| node.as_element().is_some_and(|element| element.name() == "base");
    if !root.tree().values().any(is_base) {
        return page.clone();
    }
    let base = root.select(&BASE).next().and_then(|base| base.attr("href"));
    base.and_then(|href| page.join(href.trim()).ok()).unwrap_or_else(|| page.clone())
}

/// One page being read.
struct Reader<'p> {
    definition: &'p Definition,
    page: &'p Page<'p>,
    entry: &'p Entry,
    place: Place<'p>,
    problems: RefCell<Vec<String>>,
}

/// A post and the address of its author, where the page links to it.
struct ReadPost {
    post: Post,
    author: Option<Url>,
}

/// What the posts of one page have in common.
struct Posts<'m> {
    map: &'m PostMap,
    is_whole_page: bool,
    owner: Option<&'m Account>,
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

impl Reader<'_> {
    fn read(self, answer: &Answer<'_>) -> Extraction {
        let document = self.place.document;
        // What stands on a page that is gone is not what was asked for.
        let accounts = if answer.is_gone() { Vec::new() } else { self.accounts() };
        let posts = if answer.is_gone() { Vec::new() } else { self.posts(&accounts) };
        let follow = self.follow(&accounts, &posts);
        let reads_links_alone = self.entry.account.is_none() && self.entry.post.is_none();
        let has_something = !accounts.is_empty() || !posts.is_empty() || (reads_links_alone && !follow.is_empty());
        let says_nothing = answer.is_gone() || answer.is_empty_by_structure(document);
        let verdict = if !has_something || says_nothing {
            answer.of_nothing(document, &self.lists())
        } else if answer.is_the_page_asked_for(document) {
            Verdict::Found
        } else {
            self.problem("the page has rows, but none of the marks `found`".to_owned());
            blocked("layout")
        };
        if verdict != Verdict::Found {
            return Extraction { problems: self.problems.into_inner(), ..nothing(verdict) };
        }
        let next = self.next();
        let posts = posts.into_iter().map(|read| read.post).collect();
        Extraction { verdict, accounts, posts, follow, next, problems: self.problems.into_inner() }
    }

    fn problem(&self, problem: String) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < PROBLEMS_MAX {
            problems.push(problem);
        }
    }

    /// The lists whose emptiness would be an honest "nothing". A page that is one account or post has none.
    fn lists(&self) -> Vec<Option<&Rows>> {
        let account = self.entry.account.as_ref().map(|map| map.each.as_ref());
        let post = self.entry.post.as_ref().map(|map| map.each.as_ref());
        match self.place.document {
            Document::Sitemap(_) => vec![None],
            Document::Feed(_) => account.into_iter().chain(post).collect(),
            _ => account.into_iter().chain(post).filter(Option::is_some).collect(),
        }
    }

    fn rows(&self, each: Option<&Rows>, reads_entries: bool) -> Vec<Row<'_>> {
        let document = self.place.document;
        let rows = match each {
            Some(each) => document.rows(each, ROWS_MAX + 1),
            None if reads_entries => document.feed_entries(ROWS_MAX + 1),
            None => return vec![document.whole()],
        };
        if rows.len() > ROWS_MAX {
            self.problem(format!("more than {ROWS_MAX} rows, the rest is left out"));
        }
        rows.into_iter().take(ROWS_MAX).collect()
    }

    fn accounts(&self) -> Vec<Account> {
        let Some(map) = &self.entry.account else { return Vec::new() };
        let is_feed = matches!(self.place.document, Document::Feed(_));
        let rows = self.rows(map.each.as_ref(), is_feed && !map.is_of_feed());
        let is_whole_page = map.each.is_none() && !is_feed;
        let mut seen = BTreeSet::new();
        let accounts =
            rows.into_iter().zip(1..).filter_map(|(row, number)| self.account(map, row, number, is_whole_page));
        accounts.filter(|account| seen.insert(account.handle.clone())).collect()
    }

    fn account(&self, map: &AccountMap, row: Row<'_>, number: usize, is_whole_page: bool) -> Option<Account> {
        let handle = self.place.line(map.handle.as_ref(), row, "");
        if handle.is_empty() {
            // A page that is one account and does not have it is judged as a whole, not as a bad row.
            if !is_whole_page {
                self.problem(format!("account row {number}: no handle"));
            }
            return None;
        }
        let line = |field: &Option<Field>| self.place.line(field.as_ref(), row, &handle);
        let display_name = line(&map.display_name);
        let bio = self.place.text(map.bio.as_ref(), row, &handle).unwrap_or_default();
        // A handle that the address gives stands on every page, also on one that shows something else.
        if display_name.is_empty() && bio.is_empty() && !map.is_handle_on_page() {
            return None;
        }
        let own_address = || Some(self.page.url.clone()).filter(|_| is_whole_page && self.is_account_page());
        let url = self.place.link(map.url.as_ref(), row, &handle).or_else(own_address);
        Some(Account {
            platform: self.definition.accounts_of().clone(),
            url: url.map(String::from).unwrap_or_default(),
            display_name,
            bio,
            verification: Verification { kind: line(&map.verification_type), text: line(&map.verification_text) },
            employer_field: line(&map.employer_field),
            avatar: self.avatar(map, row, &handle),
            ip_region: line(&map.ip_region),
            followers: plain::count(&line(&map.followers)).unwrap_or(0),
            handle,
            ..Account::default()
        })
    }

    fn avatar(&self, map: &AccountMap, row: Row<'_>, handle: &str) -> Avatar {
        let phash = self.place.line(map.avatar_phash64.as_ref(), row, handle).to_lowercase();
        let url = self.place.link(map.avatar_url.as_ref(), row, handle).map(String::from);
        Avatar { phash64: Some(phash).filter(|phash| is_phash(phash)), url, ..Avatar::default() }
    }

    fn is_account_page(&self) -> bool {
        self.page.entry == EntryKind::Account
    }

    fn posts(&self, accounts: &[Account]) -> Vec<ReadPost> {
        let Some(map) = &self.entry.post else { return Vec::new() };
        let is_feed = matches!(self.place.document, Document::Feed(_));
        // What stands on an account's own page was written by it.
        let owner = accounts.first().filter(|_| self.is_account_page() && accounts.len() == 1);
        let rows = Posts { map, is_whole_page: map.each.is_none() && !is_feed, owner };
        let mut seen = BTreeSet::new();
        let numbered = self.rows(map.each.as_ref(), is_feed).into_iter().zip(1..);
        let posts = numbered.filter_map(|(row, number)| self.post(&rows, row, number));
        posts.filter(|read| seen.insert(read.post.url.clone())).collect()
    }

    fn post(&self, rows: &Posts<'_>, row: Row<'_>, number: usize) -> Option<ReadPost> {
        let map = rows.map;
        let owner = rows.owner.map_or(("", ""), |owner| (&owner.handle, &owner.display_name));
        let handle = or(self.place.line(map.author_handle.as_ref(), row, ""), owner.0);
        let title = self.place.line(map.title.as_ref(), row, &handle);
        let text = self.place.text(map.text.as_ref(), row, &handle).unwrap_or_default();
        if title.is_empty() && text.is_empty() {
            // A page that is one post and does not have it is judged as a whole, not as a bad row.
            if !rows.is_whole_page {
                self.problem(format!("post row {number}: neither title nor text"));
            }
            return None;
        }
        let Some(url) = self.post_address(rows, row, &handle) else {
            self.problem(format!("post row {number}: no address"));
            return None;
        };
        let post = Post {
            id: None,
            author_name: or(self.place.line(map.author_name.as_ref(), row, &handle), owner.1),
            platform: self.definition.accounts_of().clone(),
            url: url.into(),
            published: self.published(map, row, number),
            title,
            text,
            account: Some(handle.clone()).filter(|handle| !handle.is_empty()),
        };
        Some(ReadPost { post, author: self.place.link(map.author_url.as_ref(), row, &handle) })
    }

    /// The link to a post. A page that is the post needs none, but a link that is broken is not replaced.
    fn post_address(&self, rows: &Posts<'_>, row: Row<'_>, handle: &str) -> Option<Url> {
        let link = self.place.line(rows.map.url.as_ref(), row, handle);
        if link.is_empty() {
            return rows.is_whole_page.then(|| self.page.url.clone());
        }
        self.place.address(&link)
    }

    fn published(&self, map: &PostMap, row: Row<'_>, number: usize) -> Option<Timestamp> {
        let field = map.published.as_ref();
        let instant = self.place.instant(field, row);
        if instant.is_none() && !self.place.line(field, row, "").is_empty() {
            self.problem(format!("post row {number}: the date is in no known form"));
        }
        instant
    }

    fn follow(&self, accounts: &[Account], posts: &[ReadPost]) -> Vec<Follow> {
        let mut links = Vec::new();
        for entry in self.entry.follow_found.iter().copied() {
            let urls: Vec<Url> = match entry {
                EntryKind::Account => {
                    let of_accounts = accounts
                        .iter()
                        .filter_map(|account| self.place.address(&account.url).filter(|_| !account.url.is_empty()));
                    of_accounts.chain(posts.iter().filter_map(|read| read.author.clone())).collect()
                }
                _ => posts.iter().filter_map(|read| self.place.address(&read.post.url)).collect(),
            };
            links.extend(urls.into_iter().map(|url| Follow { entry, url }));
        }
        for (entry, field) in &self.entry.follow {
            let texts = self.links(field);
            links
                .extend(texts.iter().filter_map(|text| Some(Follow { entry: *entry, url: self.place.address(text)? })));
        }
        self.distinct(links)
    }

    fn links(&self, field: &Field) -> Vec<String> {
        let document = self.place.document;
        if matches!(document, Document::Feed(_)) && !field.is_of_page() {
            let entries = document.feed_entries(ROWS_MAX);
            return entries.into_iter().flat_map(|entry| self.place.all(field, entry, 1)).collect();
        }
        // A sitemap has set its own limit; what an expression leaves out of it must not count.
        let max = if matches!(document, Document::Sitemap(_)) { usize::MAX } else { ROWS_MAX };
        self.place.all(field, document.whole(), max)
    }

    /// Each link once, without the page itself and without fragments, as many as the entry follows.
    fn distinct(&self, links: Vec<Follow>) -> Vec<Follow> {
        let max = usize::try_from(self.entry.links_max).unwrap_or(ROWS_MAX);
        let mut seen = BTreeSet::new();
        let plain = links.into_iter().map(|mut link| {
            link.url.set_fragment(None);
            link
        });
        plain
            .filter(|link| link.url != *self.page.url && seen.insert((link.entry, link.url.clone())))
            .take(max)
            .collect()
    }

    fn next(&self) -> Option<Url> {
        let url = self.place.link(self.entry.next.as_ref(), self.place.document.whole(), "")?;
        (url != *self.page.url).then_some(url)
    }
}

fn is_phash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl AccountMap {
    fn is_handle_on_page(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| handle.from != From::Address && !handle.alternatives.is_empty())
    }

    /// Whether one account stands for a whole feed.
    fn is_of_feed(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| handle.is_of_page())
    }
}

#[cfg(test)]
mod tests;
