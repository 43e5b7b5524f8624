//! Postings: who bears a writing of a name. Compact enough for a million people.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// A writing under which people are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key<'a> {
    /// Surname and given name.
    Full(&'a str),
    /// Given name of two characters or more.
    Given(&'a str),
    /// Surname.
    Surname(&'a str),
    /// Last character of the given name.
    LastChar(char),
    /// Word of the registered English name, in small letters.
    English(&'a str),
    /// Surname and given name in pinyin without gaps, in either order.
    Spelling(&'a str),
    /// The same with an uncommon reading of the given name.
    UncommonSpelling(&'a str),
    /// The surname in pinyin and the initials of the whole given name without gaps, in either order.
    Initials(&'a str),
    /// The first initial of the given name before the surname in pinyin, without gaps: `j hu` is `jhu`.
    FirstInitial(&'a str),
}

impl Key<'_> {
    fn hashed(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// Collects postings.
#[derive(Debug, Default)]
pub(crate) struct Builder(Vec<(u64, u32)>);

impl Builder {
    /// Enters a person under a writing.
    pub(crate) fn add(&mut self, key: Key<'_>, person: u32) {
        self.0.push((key.hashed(), person));
    }

    /// The finished index.
    pub(crate) fn build(mut self) -> Index {
        self.0.sort_unstable();
        self.0.dedup();
        let mut index = Index { spans: HashMap::new(), people: Vec::with_capacity(self.0.len()) };
        for same in self.0.chunk_by(|a, b| a.0 == b.0) {
            let start = index.people.len() as u32;
            index.people.extend(same.iter().map(|(_, person)| *person));
            index.spans.insert(same[0].0, (start, same.len() as u32));
        }
        index
    }
}

/// People by the hash (64 bits, SipHash) of a writing, so that one entry takes four bytes. Two writings of one hash are
/// expected once in 10⁷ directories of a million people; it would show a candidate too many, with its reasons.
#[derive(Debug, Default)]
pub(crate) struct Index {
    spans: HashMap<u64, (u32, u32)>,
    people: Vec<u32>,
}

impl Index {
    /// Places in the directory of everybody who bears the writing, rising.
    pub(crate) fn get(&self, key: Key<'_>) -> &[u32] {
        let span = self.spans.get(&key.hashed());
        span.map_or(&[], |&(start, length)| &self.people[start as usize..(start + length) as usize])
    }
}
