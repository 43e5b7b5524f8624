//! Where a page leads.

use std::hash::BuildHasher;

use url::Url;

use crate::fetch::{Answer, leads_inside};
use crate::model::account::Post;
use crate::model::capture::Verdict;
use crate::model::source::EntryKind;
use crate::pipeline::ask::page_of;
use crate::pipeline::crawl::{Visitor, host_of, is_at_home, is_first_of_list};
use crate::pipeline::rhythm;
use crate::platform::{Extraction, extract};
use crate::store::{Asked, Task};

impl Visitor<'_> {
    /// What a page turned out to be and what it gave; its links join the queue. None for a post that another address of this visit
    /// has shown: neither it nor what it leads to is new.
    pub(super) fn follow(&mut self, task: &Task, answer: &Answer) -> Option<(Asked, Extraction)> {
        let text = answer.text_as(self.definition.encoding());
        let page = page_of(self.shell, self.source, task.entry, answer, &text);
        let extraction = extract(self.definition, &page);
        if task.entry == EntryKind::Post && !self.says_more(&extraction) {
            return None;
        }
        match &extraction.verdict {
            Verdict::Found => self.found = true,
            Verdict::Empty => self.empty = true,
            // A further page without anything is the end of a list that has no mark for its end.
            Verdict::Blocked { .. } if task.page > 0 && self.found => {}
            Verdict::Blocked { reason } => {
                self.is_whole = false;
                self.blocked = Some(reason.clone());
            }
        }
        self.troubles.extend(extraction.problems.iter().take(3).cloned());
        let home = host_of(self.source);
        for follow in extraction.follow.iter().filter(|f| is_at_home(&f.url, &home)) {
            if self.is_met(follow.url.as_str()) {
                continue;
            }
            self.enqueue(Task { entry: follow.entry, url: follow.url.to_string(), page: 0, term: String::new() });
        }
        let pictures = extraction.accounts.iter().filter_map(|account| account.avatar.url.clone());
        let pictures: Vec<String> = pictures.filter(|url| self.may_be_asked(url)).collect();
        for avatar in pictures {
            let face = Task { entry: EntryKind::Avatar, url: avatar, page: 0, term: String::new() };
            // A face is judged with its profile, and a visit may end at any page: it is asked for next.
            if self.enqueue(face) && task.entry == EntryKind::Account {
                self.queue.rotate_right(1);
            }
        }
        if is_first_of_list(task) && !matches!(extraction.verdict, Verdict::Blocked { .. }) {
            self.looks.push((task.url.clone(), Some(rhythm::fingerprint(&extraction))));
        }
        self.next_page(task, &extraction);
        let asked = match extraction.verdict {
            Verdict::Found => Asked::Found,
            Verdict::Empty => Asked::Empty,
            Verdict::Blocked { .. } => Asked::Blocked,
        };
        Some((asked, extraction))
    }

    /// Whether a picture may be asked for: one on a page of the open web does not lie inside.
    fn may_be_asked(&self, picture: &str) -> bool {
        let settings = &self.shell.config.fetch;
        let (home, picture) = (Url::parse(&self.source.base), Url::parse(picture));
        home.is_ok_and(|home| picture.is_ok_and(|picture| !leads_inside(&home, &picture, settings)))
    }

    /// Whether the page of a post says something that no page of this visit said, whatever its address. Only the very same
    /// words count as the same: a post that differs in one figure may be the leak.
    fn says_more(&mut self, extraction: &Extraction) -> bool {
        let post = |post: &Post| {
            self.hasher.hash_one((&post.account, &post.author_name, &post.title, &post.text, post.published))
        };
        let hashes: Vec<u64> = extraction.posts.iter().map(post).collect();
        hashes.is_empty() || self.said.insert(self.hasher.hash_one(hashes))
    }

    /// Whether a page shows something that no page of the same list showed before; other lists may well show the same.
    fn shows_more(&mut self, task: &Task, extraction: &Extraction) -> bool {
        let links = extraction.follow.iter().map(|follow| follow.url.as_str());
        let posts = extraction.posts.iter().map(|post| post.url.as_str());
        let accounts = extraction.accounts.iter().map(|account| account.handle.as_str());
        let hash = |one: &str| self.hasher.hash_one((task.entry, &task.term, one));
        let hashes: Vec<u64> = links.chain(posts).chain(accounts).map(hash).collect();
        let before = self.shown.len();
        self.shown.extend(hashes);
        self.shown.len() > before
    }

    fn next_page(&mut self, task: &Task, extraction: &Extraction) {
        let page = task.page + 1;
        let pages_max = self.definition.pages_max(task.entry);
        // What a list shows on its only page is asked of by no further one.
        if pages_max <= 1 {
            return;
        }
        // A server that does not know further pages may show the first one again and again.
        let shows_more = self.shows_more(task, extraction) || task.page == 0;
        if page >= pages_max || extraction.verdict != Verdict::Found || !shows_more {
            return;
        }
        let next = &extraction.next;
        if let Some(url) = next.as_ref().filter(|url| is_at_home(url, &host_of(self.source))) {
            self.enqueue(Task { url: url.to_string(), page, ..task.clone() });
        } else if self.definition.numbers_pages(task.entry) {
            self.enqueue_entry(task.entry, page, &task.term);
        }
    }
}
