//! What a visit begins with: what an earlier one left, lists and searches, own pages to look at again.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use url::Url;

use crate::casework::world::World;
use crate::model::source::EntryKind;
use crate::pipeline::crawl::{
    FRONTIER_MAX, Visitor, WAITING_MS, broken_off_since, host_of, is_at_home, is_first_of_list,
};
use crate::pipeline::rhythm;
use crate::platform::definition::Values;
use crate::store::{Asked, StoreError, Task};

impl Visitor<'_> {
    /// Takes up what an earlier visit left. Lists come first, since they show what is new; one that broke off a moment ago is
    /// gone on with, and asks for nothing twice.
    pub(super) async fn begin(&mut self, world: &World, rechecks: &[(EntryKind, String)]) -> Result<(), StoreError> {
        let terms: Vec<String> = world.outbound_terms().map(|term| term.text.clone()).collect();
        let waiting_since = self.shell.clock.now().plus_ms(-WAITING_MS);
        let left = self.shell.store.frontier(&self.source.id, waiting_since, broken_off_since(self.shell)).await?;
        self.go_on_from(&left.asked);
        self.seed(&terms, rechecks);
        self.leave_quiet_lists().await?;
        for task in left.waiting {
            if self.is_still_meant(&task, &terms) {
                self.admit(task);
            }
        }
        if self.queue.is_empty() {
            self.go_on_from(&[]);
            self.seed(&terms, rechecks);
        }
        self.step(None).await;
        Ok(())
    }

    fn go_on_from(&mut self, asked: &[(String, Asked)]) {
        let is_any = |state: Asked| asked.iter().any(|(_, asked)| *asked == state);
        (self.found, self.empty) = (is_any(Asked::Found), is_any(Asked::Empty));
        self.blocked = is_any(Asked::Blocked).then(|| "a page of the visit that broke off was blocked".to_owned());
        // What the earlier part of the visit remembered of its lists is gone with its process.
        self.is_whole = asked.is_empty();
        self.known = asked.iter().map(|(hash, _)| hash.clone()).collect();
        self.met.clear();
    }

    /// Whether an address that an earlier visit left would be asked for today: a term may have become confidential since.
    fn is_still_meant(&self, task: &Task, terms: &[String]) -> bool {
        let is_meant = |url: &Url| task.entry == EntryKind::Avatar || is_at_home(url, &host_of(self.source));
        let is_known = task.entry == EntryKind::Avatar || self.definition.has(task.entry);
        (task.term.is_empty() || terms.contains(&task.term))
            && is_known
            && Url::parse(&task.url).is_ok_and(|url| is_meant(&url))
    }

    fn seed(&mut self, terms: &[String], rechecks: &[(EntryKind, String)]) {
        if self.definition.has(EntryKind::Listing) {
            self.enqueue_entry(EntryKind::Listing, 0, "");
        }
        if self.definition.has(EntryKind::Search) {
            terms.iter().for_each(|term| self.enqueue_entry(EntryKind::Search, 0, term));
        }
        for (entry, url) in rechecks.iter().filter(|(entry, _)| self.definition.has(*entry)) {
            self.enqueue(Task { entry: *entry, url: url.clone(), page: 0, term: String::new() });
        }
    }

    /// Lists that rarely change are left for another visit, but never all of them: a visit shows that the source answers.
    async fn leave_quiet_lists(&mut self) -> Result<(), StoreError> {
        let mut due = VecDeque::with_capacity(self.queue.len());
        let mut quiet = Vec::new();
        for task in std::mem::take(&mut self.queue) {
            if !is_first_of_list(&task) || rhythm::is_due(self.shell, &task.url, &self.digest).await? {
                due.push_back(task);
            } else {
                quiet.push(task);
            }
        }
        let left = if due.is_empty() { quiet.split_off(quiet.len().min(1)) } else { std::mem::take(&mut quiet) };
        due.extend(quiet);
        self.led_to.retain(|task| !left.contains(task));
        self.queue = due;
        Ok(())
    }

    pub(super) fn enqueue_entry(&mut self, entry: EntryKind, page: u32, term: &str) {
        // An entry that asks for a value which the source does not give, such as a board, is not meant for it.
        let known = ["base", "term", "page"];
        let is_given = |name: &&str| known.contains(name) || self.source.values.contains_key(*name);
        if !self.definition.placeholders(entry).iter().all(is_given) {
            return;
        }
        let values = Values {
            base: self.source.base.clone(),
            term: Some(term.to_owned()).filter(|term| !term.is_empty()),
            page,
            further: self.source.values.clone(),
            ..Values::default()
        };
        match self.definition.url(entry, &values) {
            Ok(url) => {
                self.enqueue(Task { entry, url: url.to_string(), page, term: term.to_owned() });
            }
            Err(error) => self.troubles.push(error.to_string()),
        }
    }

    /// Puts an address into queue and frontier, unless it has been there; whether it is new.
    pub(super) fn enqueue(&mut self, task: Task) -> bool {
        let is_new = self.is_new(&task);
        if is_new {
            self.queue.push_back(task.clone());
            self.led_to.push(task);
        }
        is_new
    }

    /// Puts an address into the queue, unless it has been there.
    fn admit(&mut self, task: Task) {
        if self.is_new(&task) {
            self.queue.push_back(task);
        }
    }

    /// Whether an address was never in the queue, and there is room for it.
    fn is_new(&mut self, task: &Task) -> bool {
        let has_room = self.has_room();
        self.is_whole &= has_room;
        has_room && self.met.insert(self.hasher.hash_one(&*task.url)) && self.known.insert(task.hash())
    }

    /// Whether an address has been in the queue for certain, so that there is nothing to do about it.
    pub(super) fn is_met(&self, url: &str) -> bool {
        self.has_room() && self.met.contains(&self.hasher.hash_one(url))
    }

    fn has_room(&self) -> bool {
        self.queue.len() < FRONTIER_MAX
    }
}
