//! The writings under which people are found.

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
