//! Every place where any of many words stands in a text, overlapping ones included.
//!
//! Words stand on shelves by how many of their first characters are hashed. The hashes of what begins at sixty-four places are
//! looked up in a table of bits, one after another without waiting, as the steps of an automaton wait; the tables are small
//! enough for the nearer caches. What passes is looked for among the words of the same hash. Before the shelves stands a table of
//! beginnings alone, of words in letters four characters and of all others the first, which most of a text does not pass.

use crate::text::shelf::{Beginnings, Firsts, HASHED_MAX, PLACES, Shelf, bits_of, places};

/// Characters that are hashed of words that begin with an ASCII character: most have few beginnings in common with other words.
const LATIN_HASHED: usize = HASHED_MAX;
/// Characters that are hashed of all others.
const OTHERS_HASHED: usize = 3;

/// A set of words to be looked for.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    /// Of words that begin with an ASCII character.
    latin: Vec<Shelf>,
    /// How those of them begin that are long enough for it.
    begun: Beginnings,
    others: Vec<Shelf>,
    /// How those begin.
    firsts: Firsts,
}

/// A word at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Number of the word, in the order in which they were given.
    pub(crate) word: usize,
    /// Its place, in characters.
    pub(crate) at: std::ops::Range<usize>,
}

impl Finder {
    /// Prepares words; empty ones are nowhere found.
    pub(crate) fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words: Vec<(u32, Vec<char>)> = (0..).zip(words.map(|word| word.chars().collect())).collect();
        let (latin, others): (Vec<_>, Vec<_>) =
            words.into_iter().partition(|(_, word)| word.first().is_some_and(char::is_ascii));
        let begun = Beginnings::of(latin.iter().map(|(_, word)| &word[..]));
        let firsts = Firsts::of(others.iter().filter_map(|(_, word)| word.first().copied()));
        Self { latin: shelves(latin, LATIN_HASHED), begun, others: shelves(others, OTHERS_HASHED), firsts }
    }

    /// Every word that stands in the text.
    pub(crate) fn find(&self, text: &[char]) -> Vec<Found> {
        let mut all = Vec::new();
        self.each(text, |start| bits_of(text[start..].iter().map(char::is_ascii)), |found| all.push(found));
        all
    }

    /// Tells of every word that stands in the text, in no order; of those that begin with an ASCII character only where they may
    /// begin, which is asked for sixty-four places at once, by the first of them.
    pub(crate) fn each(&self, text: &[char], latin_may_begin: impl Fn(usize) -> u64, mut found: impl FnMut(Found)) {
        for start in (0..text.len()).step_by(PLACES) {
            let block = &text[start..text.len().min(start + PLACES)];
            if !self.latin.is_empty() && has_ascii(block) {
                self.each_latin(text, start, latin_may_begin(start), &mut found);
            }
            if !self.others.is_empty() {
                self.each_other(text, start, &mut found);
            }
        }
    }

    /// Tells of the words that begin with another character at one of sixty-four places from one on.
    fn each_other(&self, text: &[char], start: usize, found: &mut impl FnMut(Found)) {
        let rest = &text[start..];
        let begun = self.firsts.survivors(rest);
        for shelf in &self.others {
            look(shelf, text, start, shelf.survivors_at(rest, begun), found);
        }
    }

    /// Tells of the words that begin with an ASCII character at some of the sixty-four places from one on.
    fn each_latin(&self, text: &[char], start: usize, some: u64, found: &mut impl FnMut(Found)) {
        let rest = &text[start..];
        let begun = self.begun.survivors_at(rest, some);
        for shelf in &self.latin {
            let some = if shelf.hashes_beginnings() { begun } else { some };
            look(shelf, text, start, shelf.survivors_at(rest, some), found);
        }
    }
}

/// All characters are looked at together: no branch.
fn has_ascii(chars: &[char]) -> bool {
    chars.iter().fold(false, |any, c| any | c.is_ascii())
}

/// Words by how many of their characters are hashed, so many at most.
fn shelves(words: Vec<(u32, Vec<char>)>, hashed_max: usize) -> Vec<Shelf> {
    let mut by_hashed = vec![Vec::new(); hashed_max + 1];
    words.into_iter().for_each(|(number, word)| by_hashed[word.len().min(hashed_max)].push((number, word)));
    let filled = by_hashed.into_iter().enumerate().skip(1).filter(|(_, words)| !words.is_empty());
    filled.map(|(hashed, words)| Shelf::of(hashed, words)).collect()
}

/// Tells of every word of a shelf at some of the sixty-four places from one on.
fn look(shelf: &Shelf, text: &[char], start: usize, some: u64, found: &mut impl FnMut(Found)) {
    for place in places(some).map(|place| start + place) {
        shelf.each(&text[place..], |number, length| found(Found { word: number as usize, at: place..place + length }));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{Finder, Found};

    fn find(words: &[&str], text: &str) -> Vec<(usize, usize)> {
        let text: Vec<char> = text.chars().collect();
        let found = Finder::of(words.iter().copied()).find(&text);
        let mut found: Vec<(usize, usize)> = found.into_iter().map(|found| (found.word, found.at.start)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn words_of_any_length_are_found_one_within_another() {
        let words = ["云", "云舟", "云舟储能科技", "能科", ""];
        assert_eq!(find(&words, "云舟储能科技"), [(0, 0), (1, 0), (2, 0), (3, 3)]);
        assert_eq!(find(&words, "舟储云"), [(0, 2)]);
        assert_eq!(find(&[], "云舟"), []);
    }

    #[test]
    fn a_word_in_letters_is_looked_for_only_where_it_may_begin() {
        let text: Vec<char> = "aaa".chars().collect();
        let mut all = Vec::new();
        Finder::of(["a"].into_iter()).each(&text, |_| 1 << 1, |found| all.push(found));
        assert_eq!(all, [Found { word: 0, at: 1..2 }]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_stands_there(
            others in proptest::collection::vec("[云舟ab]{1,11}", 0..9),
            pieces in proptest::collection::vec((0_usize..150, 1_usize..12), 0..9),
            text in "[云舟ab]{0,150}",
        ) {
            let piece = |(from, length): &(usize, usize)| text.chars().skip(*from).take(*length).collect::<String>();
            let words: Vec<String> = others.into_iter().chain(pieces.iter().map(piece).filter(|word| !word.is_empty())).collect();
            let chars: Vec<char> = text.chars().collect();
            let stands = |start: usize, word: &str| chars[start..].starts_with(&word.chars().collect::<Vec<char>>());
            let all = (0..chars.len()).flat_map(|start| (0..words.len()).map(move |word| (start, word)));
            let mut plainly: Vec<(usize, usize)> = all.filter(|(start, word)| stands(*start, &words[*word])).map(|(start, word)| (word, start)).collect();
            let mut found = find(&words.iter().map(String::as_str).collect::<Vec<_>>(), &text);
            plainly.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, plainly);
        }
    }
}
