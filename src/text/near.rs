//! Writings that differ from a text by one or two slips: a character left out, added, changed, or swapped with its neighbour.
//!
//! A writing is found by what remains of its first characters when one or two are left out (deletion neighbourhoods: Mor and
//! Fraenkel 1982; of the first characters alone after Garbe 2012). Two writings that are so near share a remain, so that none
//! is missed; what only shares a remain is compared in full. Says nothing about what the writings stand for.

use std::collections::HashSet;

use crate::text::postings::hash_of;

/// Characters at the front whose remains are kept. Fewer need less memory, more leave less to compare.
const FRONT: usize = 9;
/// A writing of fewer characters is one slip away from its like at most: two would leave too little of it.
const CHARS_FOR_TWO: usize = 6;
/// Longest text that is compared, in characters: a word of the machine has a bit for each.
const CHARS_MAX: usize = 64;

/// Writings in the order in which they were added, each once. They hold 4 GiB at most.
#[derive(Debug, Default)]
pub(crate) struct Writings {
    text: String,
    /// Where each ends, in bytes.
    ends: Vec<u32>,
    /// Which characters each has.
    bags: Vec<Bag>,
    known: HashSet<u64>,
}

impl Writings {
    /// Adds a writing that is not among them. An empty one is none.
    pub(crate) fn add(&mut self, writing: &str) {
        if !writing.is_empty() && self.known.insert(hash_of(writing)) {
            self.text.push_str(writing);
            self.ends.push(self.text.len() as u32);
            self.bags.push(Bag::of(writing.chars()));
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, number: u32) -> &str {
        let start = (number as usize).checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[number as usize] as usize]
    }
}

/// A writing that is near a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Near {
    /// Its place in the order in which they were added.
    pub(crate) number: u32,
    /// Slips between the two, 0..=2.
    pub(crate) slips: usize,
}

/// Writings by what remains of them.
#[derive(Debug, Default)]
pub(crate) struct NearIndex {
    writings: Writings,
    /// Where the numbers of each row begin; a row holds every remain whose hash begins with its number.
    rows: Vec<u32>,
    numbers: Vec<u32>,
}

impl NearIndex {
    /// Indexes writings.
    pub(crate) fn of(writings: Writings) -> Self {
        let mut index = Self { writings: Writings { known: HashSet::new(), ..writings }, ..Self::default() };
        index.fill();
        index
    }

    fn fill(&mut self) {
        let mut counts = vec![0; self.rows_wanted() + 1];
        self.each_entry(counts.len() - 1, |row, _| counts[row + 1] += 1);
        for row in 1..counts.len() {
            counts[row] += counts[row - 1];
        }
        self.rows.clone_from(&counts);
        let mut numbers = vec![0; self.rows.last().copied().unwrap_or(0) as usize];
        self.each_entry(counts.len() - 1, |row, number| {
            numbers[counts[row] as usize] = number;
            counts[row] += 1;
        });
        self.numbers = numbers;
    }

    /// As many rows as half of the remains there may be.
    fn rows_wanted(&self) -> usize {
        (self.writings.len() * 16).next_power_of_two()
    }

    fn each_entry(&self, rows: usize, mut enter: impl FnMut(usize, u32)) {
        let mut chars = Vec::new();
        for number in 0..self.writings.len() as u32 {
            chars.clear();
            chars.extend(self.writing(number).chars());
            each_remain(&chars, &mut |hash| enter(row_of(hash, rows), number));
        }
    }

    /// The writing of a number.
    pub(crate) fn writing(&self, number: u32) -> &str {
        self.writings.get(number)
    }

    /// Every writing that is no more slips away than its length and the text's allow, by number and none
    /// twice.
    pub(crate) fn near(&self, text: &str) -> Vec<Near> {
        let chars: Vec<char> = text.chars().collect();
        if chars.is_empty() || chars.len() > CHARS_MAX || self.writings.len() == 0 {
            return Vec::new();
        }
        let pattern = Pattern::of(&chars);
        let may_be_near =
            |number: &u32| pattern.bag.may_be_near(self.writings.bags[*number as usize], pattern.slips_max);
        let mut numbers: Vec<u32> = Vec::new();
        each_remain(&chars, &mut |hash| numbers.extend(self.row(hash).iter().copied().filter(may_be_near)));
        numbers.sort_unstable();
        numbers.dedup();
        let near = |number| pattern.slips(self.writing(number)).map(|slips| Near { number, slips });
        numbers.into_iter().filter_map(near).collect()
    }

    fn row(&self, hash: u64) -> &[u32] {
        let row = row_of(hash, self.rows.len() - 1);
        &self.numbers[self.rows[row] as usize..self.rows[row + 1] as usize]
    }
}

/// The row of a hash; their number is a power of two.
fn row_of(hash: u64, rows: usize) -> usize {
    (hash >> (64 - rows.trailing_zeros())) as usize & (rows - 1)
}

/// Slips that a writing of so many characters allows.
fn slips_max(chars: usize) -> usize {
    match chars {
        ..2 => 0,
        2..CHARS_FOR_TWO => 1,
        _ => 2,
    }
}

/// The hash of every remain of the first characters, with nothing left out as well.
fn each_remain(chars: &[char], visit: &mut impl FnMut(u64)) {
    let front = &chars[..chars.len().min(FRONT)];
    each_remain_of(front, slips_max(chars.len()), 0, visit);
}

fn each_remain_of(rest: &[char], to_leave_out: usize, hash: u64, visit: &mut impl FnMut(u64)) {
    let Some((&c, rest)) = rest.split_first() else { return visit(hash) };
    let with = (hash.rotate_left(23) ^ u64::from(c)).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    each_remain_of(rest, to_leave_out, with, visit);
    if to_leave_out > 0 {
        each_remain_of(rest, to_leave_out - 1, hash, visit);
    }
}

/// Which characters a writing has: a bit for each small letter, six for all others.
#[derive(Debug, Clone, Copy)]
struct Bag(u32);

impl Bag {
    fn of(chars: impl Iterator<Item = char>) -> Self {
        let bit = |c: char| if c.is_ascii_lowercase() { c as u32 - 'a' as u32 } else { 26 + c as u32 % 6 };
        Self(chars.fold(0, |bag, c| bag | 1 << bit(c)))
    }

    /// A slip takes at most one character out and puts at most one in.
    const fn may_be_near(self, other: Self, slips: usize) -> bool {
        (self.0 ^ other.0).count_ones() as usize <= 2 * slips
    }
}

/// A text with the places of each of its characters as bits.
struct Pattern {
    chars: usize,
    slips_max: usize,
    bag: Bag,
    ascii: [u64; 128],
    others: Vec<(char, u64)>,
}

impl Pattern {
    fn of(chars: &[char]) -> Self {
        let bag = Bag::of(chars.iter().copied());
        let slips_max = slips_max(chars.len());
        let mut pattern = Self { chars: chars.len(), slips_max, bag, ascii: [0; 128], others: Vec::new() };
        for (place, &c) in chars.iter().enumerate() {
            match pattern.ascii.get_mut(c as usize) {
                Some(places) => *places |= 1 << place,
                None => pattern.others.push((c, 1 << place)),
            }
        }
        pattern
    }

    fn places(&self, c: char) -> u64 {
        let others = || self.others.iter().filter(|(other, _)| *other == c).map(|(_, places)| places).sum();
        self.ascii.get(c as usize).copied().unwrap_or_else(others)
    }

    /// Slips between the text and a writing, if they are no more than the shorter of the two allows.
    fn slips(&self, writing: &str) -> Option<usize> {
        let chars = writing.chars().count();
        let most = slips_max(chars.min(self.chars));
        (chars.abs_diff(self.chars) <= most).then(|| self.distance(writing)).filter(|slips| *slips <= most)
    }

    /// The fewest slips of which none touches a character twice (optimal string alignment), a column of the table at a
    /// time (Hyyrö 2003).
    fn distance(&self, writing: &str) -> usize {
        let last = 1u64 << (self.chars.max(1) - 1);
        let (mut rises, mut falls, mut straight, mut before, mut distance) = (!0u64, 0u64, 0u64, 0u64, self.chars);
        for c in writing.chars() {
            let places = self.places(c);
            let swapped = ((!straight & places) << 1) & before;
            straight = ((places & rises).wrapping_add(rises) ^ rises) | places | falls | swapped;
            let (up, down) = (falls | !(straight | rises), rises & straight);
            distance = distance + usize::from(up & last != 0) - usize::from(down & last != 0);
            let up = up << 1 | 1;
            (rises, falls, before) = (down << 1 | !(straight | up), up & straight, places);
        }
        distance
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Strategy, prop_assert_eq, proptest};

    use super::{NearIndex, Pattern, Writings, slips_max};

    fn found(writings: &[&str], text: &str) -> Vec<(String, usize)> {
        let mut all = Writings::default();
        writings.iter().for_each(|writing| all.add(writing));
        let index = NearIndex::of(all);
        let near = index.near(text);
        near.into_iter().map(|near| (index.writing(near.number).to_owned(), near.slips)).collect()
    }

    #[test]
    fn a_writing_is_found_with_a_character_too_many_too_few_changed_or_swapped() {
        for (text, slips) in [("linzhixia", 0), ("linzhxia", 1), ("linzhixiao", 1), ("limzhixia", 1), ("lniziihxa", 9)]
        {
            let near = found(&["linzhixia"], text);
            assert_eq!(near.first().map_or(9, |near| near.1), slips, "{text}");
        }
        assert_eq!(found(&["linzhixia"], "ilnzhixai"), [("linzhixia".to_owned(), 2)]);
    }

    #[test]
    fn what_is_short_allows_fewer_slips() {
        assert_eq!(found(&["林知夏"], "i知夏"), [("林知夏".to_owned(), 1)]);
        assert_eq!(found(&["林知夏"], "i知a"), []);
        assert_eq!(found(&["林"], "知"), []);
        assert_eq!(found(&[], "林知夏"), []);
        assert_eq!(found(&[""], ""), []);
    }

    #[test]
    fn a_text_of_any_length_is_taken() {
        assert_eq!(found(&["linzhixia"], ""), []);
        assert_eq!(found(&["linzhixia"], &"linzhixia".repeat(100)), []);
        let long = "l".repeat(64);
        assert_eq!(found(&[&long], &long), [(long.clone(), 0)]);
    }

    /// Optimal string alignment by the whole table.
    fn plain_distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => {
                        let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                        let best = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                        let is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                        if is_swapped { best.min(table[i - 2][j - 2] + 1) } else { best }
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    fn word() -> impl Strategy<Value = String> {
        "[abc林]{1,14}"
    }

    /// The word with a character put in, left out, changed or swapped with the next at each place.
    fn slipped(word: &str, slips: &[(usize, u8)]) -> String {
        let mut chars: Vec<char> = word.chars().collect();
        for &(place, slip) in slips {
            let place = place % chars.len().max(1);
            match slip {
                1 if place < chars.len() => drop(chars.remove(place)),
                2 if place < chars.len() => chars[place] = 'd',
                3 if place + 1 < chars.len() => chars.swap(place, place + 1),
                _ => chars.insert(place, 'a'),
            }
        }
        chars.into_iter().collect()
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_the_plain_distance_finds(mut writings in vec(word(), 0..20), text in word()) {
            writings.sort();
            writings.dedup();
            let chars: Vec<char> = text.chars().collect();
            let plain = |writing: &String| {
                let other: Vec<char> = writing.chars().collect();
                let slips = plain_distance(&chars, &other);
                (slips <= slips_max(chars.len().min(other.len()))).then(|| (writing.clone(), slips))
            };
            let expected: Vec<_> = writings.iter().filter_map(plain).collect();
            let writings: Vec<&str> = writings.iter().map(String::as_str).collect();
            prop_assert_eq!(found(&writings, &text), expected);
        }

        #[test]
        fn what_differs_by_a_slip_or_two_anywhere_is_found(word in word(), slips in vec((0..14usize, 0..4u8), 1..3)) {
            let text = slipped(&word, &slips);
            let (chars, other): (Vec<char>, Vec<char>) = (text.chars().collect(), word.chars().collect());
            let distance = plain_distance(&chars, &other);
            let is_near = !text.is_empty() && distance <= slips_max(chars.len().min(other.len()));
            prop_assert_eq!(found(&[&word], &text), if is_near { vec![(word, distance)] } else { vec![] });
        }

        #[test]
        fn the_distance_of_columns_is_that_of_the_table(a in "[abc]{1,12}", b in "[abc]{0,12}") {
            let (left, right): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(Pattern::of(&left).distance(&b), plain_distance(&left, &right));
        }
    }
}
