//! What pages gave when they were fetched, held until their inspection, so that it need not take them apart once more. A mere
//! saving: what is not held, or went with a process that was killed, is read from the stored bytes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::account::{Account, Post};
use crate::model::capture::Verdict;
use crate::model::ids::{CaptureId, SourceId};
use crate::model::silence::Silences;
use crate::platform::Extraction;

/// Bytes that are held of one run's pages at most, about.
const HELD_MAX: usize = 16 << 20;
/// Bytes that a page, an account or a post takes beside its texts, about.
const BESIDE_TEXTS: usize = 320;

/// What a page gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What the page turned out to be.
    pub verdict: Verdict,
    /// Accounts shown on it.
    pub accounts: Vec<Account>,
    /// Posts shown on it.
    pub posts: Vec<Post>,
}

impl From<Extraction> for Reading {
    fn from(extraction: Extraction) -> Self {
        let Extraction { verdict, accounts, posts, .. } = extraction;
        Self { verdict, accounts, posts }
    }
}

/// What the pages of one run gave. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    by_page: HashMap<CaptureId, Reading>,
    bytes: usize,
    /// How many posts of a source were let go with their pages.
    let_go: BTreeMap<SourceId, usize>,
    /// Why they were, where that is counted.
    silences: Silences,
}

impl Readings {
    /// Holds what a page gave; nothing where there is no room for it.
    pub fn hold(&self, page: &CaptureId, reading: Reading) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = bytes_of(&reading);
        if held.bytes + bytes <= HELD_MAX {
            held.bytes += bytes;
            held.by_page.insert(page.clone(), reading);
        }
    }

    /// Counts posts of a source that were judged when their pages came, and were let go with them.
    pub fn let_go(&self, source: &SourceId, posts: usize) {
        if posts == 0 {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held.let_go.entry(source.clone()).or_default() += posts;
    }

    /// How many posts of each source were let go since this was asked for last.
    pub fn take_let_go(&self) -> BTreeMap<SourceId, usize> {
        std::mem::take(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner).let_go)
    }

    /// Counts why posts were let go that were judged when their pages came.
    pub fn note_silences(&self, silences: Silences) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).silences.add(silences);
    }

    /// Why posts were let go since this was asked for last.
    pub fn take_silences(&self) -> Silences {
        std::mem::take(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner).silences)
    }

    /// What a page gave, which is not held any longer.
    pub fn take(&self, page: &CaptureId) -> Option<Reading> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = held.by_page.remove(page)?;
        held.bytes -= bytes_of(&reading);
        Some(reading)
    }
}

fn bytes_of(reading: &Reading) -> usize {
    let accounts: usize = reading.accounts.iter().map(of_account).sum();
    BESIDE_TEXTS + accounts + reading.posts.iter().map(of_post).sum::<usize>()
}

/// Any text may be long where a platform file takes it from too large a part of a page.
fn of_account(account: &Account) -> usize {
    let Account { handle, url, display_name, bio, verification, employer_field, avatar, ip_region, .. } = account;
    let texts = [handle, url, display_name, bio, &verification.kind, &verification.text, employer_field, ip_region];
    BESIDE_TEXTS + texts.map(String::len).iter().sum::<usize>() + length(avatar.url.as_ref())
}

fn of_post(post: &Post) -> usize {
    let texts = [&post.author_name, &post.url, &post.title, &post.text];
    BESIDE_TEXTS + texts.map(String::len).iter().sum::<usize>() + length(post.account.as_ref())
}

fn length(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::{HELD_MAX, Reading, Readings};
    use crate::model::account::{Account, Post};
    use crate::model::capture::Verdict;

    fn reading(text: String) -> Reading {
        of(Vec::new(), vec![Post { text, ..Post::default() }])
    }

    fn of(accounts: Vec<Account>, posts: Vec<Post>) -> Reading {
        Reading { verdict: Verdict::Found, accounts, posts }
    }

    #[test]
    fn a_reading_is_given_away_once() {
        let readings = Readings::default();
        readings.hold(&"C1".into(), reading("云舟".into()));
        assert_eq!(readings.take(&"C1".into()), Some(reading("云舟".into())));
        assert_eq!(readings.take(&"C1".into()), None);
    }

    #[test]
    fn what_is_let_go_is_counted_by_source_and_told_once() {
        let readings = Readings::default();
        for (source, posts) in [("forum", 1), ("forum", 2), ("board", 1)] {
            readings.let_go(&source.into(), posts);
        }
        assert_eq!(readings.take_let_go(), [("board".into(), 1), ("forum".into(), 3)].into());
        assert!(readings.take_let_go().is_empty());
    }

    #[test]
    fn what_finds_no_room_is_not_held_and_what_is_given_away_makes_room() {
        let readings = Readings::default();
        let large = || reading("x".repeat(HELD_MAX / 2));
        readings.hold(&"C1".into(), large());
        readings.hold(&"C2".into(), large());
        assert_eq!(readings.take(&"C2".into()), None);
        assert!(readings.take(&"C1".into()).is_some());
        readings.hold(&"C3".into(), large());
        assert!(readings.take(&"C3".into()).is_some());
    }

    #[test]
    fn a_text_in_any_field_takes_its_room() {
        let long = || "x".repeat(HELD_MAX);
        let author = Post { author_name: long(), ..Post::default() };
        let named = Account { display_name: long(), ..Account::default() };
        for reading in [of(Vec::new(), vec![author]), of(vec![named], Vec::new())] {
            let readings = Readings::default();
            readings.hold(&"C1".into(), reading);
            assert_eq!(readings.take(&"C1".into()), None);
        }
    }
}
