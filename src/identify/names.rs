//! How Chinese names come apart, and where in a text a name may stand.

use crate::detect::lexicon::{COMPOUND_SURNAMES, WORD_NAMES};

/// The surname: a compound one where the name begins with one and goes on, else the first character.
pub fn surname(name: &str) -> &str {
    let compound = COMPOUND_SURNAMES.iter().find(|s| name.starts_with(**s) && name.len() > s.len());
    compound.map_or_else(|| first_chars(name, 1), |s| &name[..s.len()])
}

/// What follows the surname.
pub fn given_name(name: &str) -> &str {
    &name[surname(name).len()..]
}

/// Whether the name is also an everyday word, so that it counts only in a name's position.
pub fn is_everyday_word(name: &str) -> bool {
    WORD_NAMES.contains(&name)
}

fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// Characters that may follow a form of address: 小陈的日常, 老罗说.
const FOLLOWERS: &str = "的说在讲聊和爱来与要带教同老师哥姐工总主大学是做卖修跑写";

/// Whether what follows a short form lets it be one (and not the beginning of a word such as 小程序).
pub fn may_follow(next: Option<char>) -> bool {
    next.is_none_or(|c| !crate::text::script::is_han(c) || FOLLOWERS.contains(c))
}

#[cfg(test)]
mod tests {
    use super::{given_name, may_follow, surname};

    #[test]
    fn a_compound_surname_is_kept_whole() {
        assert_eq!((surname("诸葛明远"), given_name("诸葛明远")), ("诸葛", "明远"));
        assert_eq!((surname("林知夏"), given_name("林知夏")), ("林", "知夏"));
        assert_eq!((surname("东方"), given_name("东方")), ("东", "方"));
    }

    #[test]
    fn a_short_form_ends_where_a_word_would_go_on() {
        assert!(may_follow(None) && may_follow(Some('的')) && may_follow(Some('-')));
        assert!(!may_follow(Some('序')));
    }
}
