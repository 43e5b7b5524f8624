//! What somebody handed in, was shown and has not confirmed yet. It ends with the process; whoever handed it in does so again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::time::Timestamp;
use crate::seal::random_token;

/// How much waits at a time where nothing else is said, and for how long (milliseconds).
const WAITING_MAX: usize = 64;
const WAITING_MS: i64 = 3_600_000;

/// Everything of one kind that waits, by token.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    all: Mutex<BTreeMap<String, Handed<T>>>,
    most: usize,
}

#[derive(Debug)]
struct Handed<T> {
    by: String,
    at: Timestamp,
    what: Arc<T>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self::of_at_most(WAITING_MAX)
    }
}

impl<T> Waiting<T> {
    /// Room for so much at a time.
    pub(super) fn of_at_most(most: usize) -> Self {
        Self { all: Mutex::default(), most }
    }

    /// Lets something wait in the place of what `is_replaced` of the same person; gives its token. The oldest goes where there
    /// is too much.
    pub(super) fn keep(&self, by: &str, at: Timestamp, what: T, is_replaced: impl Fn(&T) -> bool) -> String {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, other| at.ms_since(other.at) < WAITING_MS && !(other.by == by && is_replaced(&other.what)));
        while all.len() >= self.most {
            let oldest = all.iter().min_by_key(|(_, other)| other.at).map(|(token, _)| token.clone());
            oldest.map(|token| all.remove(&token));
        }
        let token = random_token();
        all.insert(token.clone(), Handed { by: by.to_owned(), at, what: Arc::new(what) });
        token
    }

    /// What waits under a token for the person who handed it in, and has not waited too long.
    pub(super) fn of(&self, token: &str, by: &str, now: Timestamp) -> Option<Arc<T>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(token)
            .filter(|handed| handed.by == by && now.ms_since(handed.at) < WAITING_MS)
            .map(|handed| Arc::clone(&handed.what))
    }

    /// Ends the wait.
    pub(super) fn end(&self, token: &str) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, WAITING_MAX, WAITING_MS, Waiting};

    const NOW: Timestamp = Timestamp::from_ms(0);

    #[test]
    fn what_waits_is_its_own_sender_s_until_its_end() {
        let waiting = Waiting::default();
        let token = waiting.keep("a", NOW, 1, |_| false);
        assert_eq!((waiting.of(&token, "a", NOW).as_deref(), waiting.of(&token, "b", NOW)), (Some(&1), None));
        waiting.end(&token);
        assert_eq!(waiting.of(&token, "a", NOW), None);
    }

    #[test]
    fn what_is_too_old_too_much_or_replaced_goes() {
        let waiting = Waiting::default();
        let old = waiting.keep("a", NOW, 0, |_| false);
        assert_eq!(waiting.of(&old, "a", NOW.plus_ms(WAITING_MS)), None, "even while nobody hands in more");
        let first = waiting.keep("a", NOW.plus_ms(WAITING_MS), 1, |_| false);
        assert_eq!(waiting.of(&old, "a", NOW), None);
        let again = waiting.keep("a", NOW.plus_ms(WAITING_MS + 1), 1, |other| *other == 1);
        assert!(waiting.of(&first, "a", NOW).is_none() && waiting.of(&again, "a", NOW).is_some());
        for other in 0..WAITING_MAX {
            waiting.keep("b", NOW.plus_ms(WAITING_MS + 2), other, |_| false);
        }
        assert_eq!(waiting.of(&again, "a", NOW), None, "the oldest made room");
    }
}
