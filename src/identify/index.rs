//! The writings under which people are found.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// A writing under which people are found. Two writings of one hash (64 bits, SipHash) are expected once in 10⁷
/// directories of a million people; it would show a candidate too many, with its reasons.
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
    pub(crate) fn hashed(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
