//! Every place where any of many words stands in a text, overlapping ones included.
//!
//! From each character the hashes of the next two, three and so on up to eight are looked up in a table of two bits each: whether words end
//! there and are to be compared, and whether longer ones go on. Most characters end at the first look, and no look waits for
//! that of the character before, as the steps of an automaton do. The table is small enough for the nearer caches.

use std::collections::HashSet;
use std::ops::Range;

use crate::text::postings::{Builder, Postings};

/// Characters of a word that are hashed; the rest of a longer one is compared.
const HASHED_MAX: usize = 8;
/// Cells of the table for each beginning: of others about one in so many is taken for it, and then compared.
const CELLS_A_BEGINNING: usize = 8;
/// Bits of a cell: words end here; longer ones go on.
const ENDS: u64 = 1;
const GOES_ON: u64 = 2;
const CELL_BITS: usize = 2;
const CELLS_A_BLOCK: usize = 64 / CELL_BITS;

/// A set of words to be looked for.
#[derive(Debug)]
pub(crate) struct Finder {
    words: Words,
    /// Words of which the hashed characters have a hash.
    by_beginning: Postings,
    cells: Box<[u64]>,
    /// By how many bits a hash is too long for the number of a cell.
    shift: u32,
    has_single_characters: bool,
}

/// Words one behind the other, so that those with the same beginning, which are compared together, lie together.
#[derive(Debug, Default)]
struct Words {
    chars: Vec<char>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Words {
    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut all = Self::default();
        for word in words {
            all.chars.extend(word.chars());
            all.ends.push(all.chars.len() as u32);
        }
        all
    }

    fn get(&self, word: usize) -> &[char] {
        let start = word.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.chars[start as usize..self.ends[word] as usize]
    }

    fn iter(&self) -> impl Iterator<Item = &[char]> {
        (0..self.ends.len()).map(|word| self.get(word))
    }
}

/// A word at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Number of the word, in the order in which they were given.
    pub(crate) word: usize,
    /// Its place, in characters.
    pub(crate) at: Range<usize>,
}

impl Finder {
    /// Prepares words; empty ones are nowhere found.
    pub(crate) fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words = Words::of(words);
        let beginnings: HashSet<u64> = words.iter().flat_map(hashes).map(|(_, hash)| hash).collect();
        let cells = (beginnings.len() * CELLS_A_BEGINNING).next_power_of_two().max(CELLS_A_BLOCK);
        let mut finder = Self {
            by_beginning: by_beginning(&words),
            cells: vec![0; cells / CELLS_A_BLOCK].into(),
            shift: 64 - cells.trailing_zeros(),
            has_single_characters: words.iter().any(|word| word.len() == 1),
            words: Words::default(),
        };
        words.iter().for_each(|word| finder.mark(word));
        Self { words, ..finder }
    }

    fn mark(&mut self, word: &[char]) {
        let hashed = word.len().min(HASHED_MAX);
        for (length, hash) in hashes(word) {
            let (block, shift) = self.cell(hash);
            self.cells[block] |= if length == hashed { ENDS } else { GOES_ON } << shift;
        }
    }

    fn cell(&self, hash: u64) -> (usize, usize) {
        let cell = (hash >> self.shift) as usize;
        (cell / CELLS_A_BLOCK, cell % CELLS_A_BLOCK * CELL_BITS)
    }

    /// Every word that begins at one of the places of the text that may begin one.
    pub(crate) fn find(&self, text: &[char], may_begin: impl Fn(usize) -> bool) -> Vec<Found> {
        let mut found = Vec::new();
        if self.has_single_characters {
            (0..text.len())
                .filter(|start| may_begin(*start))
                .for_each(|start| self.find_at(text, start, 1, &mut found));
            return found;
        }
        for (start, pair) in text.windows(2).enumerate() {
            if self.state(step(step(0, pair[0]), pair[1])) != 0 && may_begin(start) {
                self.find_at(text, start, 2, &mut found);
            }
        }
        found
    }

    /// The words of at least so many characters that begin at a place.
    fn find_at(&self, text: &[char], start: usize, least: usize, found: &mut Vec<Found>) {
        for (_, hash) in hashes(&text[start..]).skip(least - 1) {
            let state = self.state(hash);
            if state & ENDS != 0 {
                self.compare(hash, text, start, found);
            }
            if state & GOES_ON == 0 {
                return;
            }
        }
    }

    /// The bits of a beginning's cell.
    fn state(&self, hash: u64) -> u64 {
        let (block, shift) = self.cell(hash);
        self.cells[block] >> shift & (ENDS | GOES_ON)
    }

    fn compare(&self, hash: u64, text: &[char], start: usize, found: &mut Vec<Found>) {
        let words = self.by_beginning.get(hash).iter().map(|&word| word as usize);
        let standing = words.filter(|&word| text[start..].starts_with(self.words.get(word)));
        found.extend(standing.map(|word| Found { word, at: start..start + self.words.get(word).len() }));
    }
}

fn by_beginning(words: &Words) -> Postings {
    let mut builder = Builder::default();
    for (word, number) in words.iter().zip(0..) {
        if let Some((_, hash)) = hashes(word).last() {
            builder.add(hash, number);
        }
    }
    builder.build()
}

/// Hashes of the first character, the first two and so on, with their lengths.
fn hashes(text: &[char]) -> impl Iterator<Item = (usize, u64)> {
    (1..).zip(text.iter().take(HASHED_MAX).scan(0, |hash: &mut u64, c| {
        *hash = step(*hash, *c);
        Some(*hash)
    }))
}

fn step(hash: u64, c: char) -> u64 {
    (hash ^ u64::from(c)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{Finder, Found};

    fn find(words: &[&str], text: &str) -> Vec<(usize, usize)> {
        let text: Vec<char> = text.chars().collect();
        let found = Finder::of(words.iter().copied()).find(&text, |_| true);
        found.into_iter().map(|found| (found.word, found.at.start)).collect()
    }

    #[test]
    fn words_of_any_length_are_found_one_within_another() {
        let words = ["云", "云舟", "云舟储能科技", "能科", ""];
        assert_eq!(find(&words, "云舟储能科技"), [(0, 0), (1, 0), (2, 0), (3, 3)]);
        assert_eq!(find(&words, "舟储云"), [(0, 2)]);
        assert_eq!(find(&[], "云舟"), []);
    }

    #[test]
    fn a_word_is_looked_for_only_where_it_may_begin() {
        let text: Vec<char> = "云云云".chars().collect();
        let found = Finder::of(["云"].into_iter()).find(&text, |place| place == 1);
        assert_eq!(found, [Found { word: 0, at: 1..2 }]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_stands_there(
            others in proptest::collection::vec("[云舟ab]{1,11}", 0..9),
            pieces in proptest::collection::vec((0_usize..40, 1_usize..12), 0..9),
            text in "[云舟ab]{0,40}",
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
