//! Marks of two characters by their sounds, side by side in memory in groups by a hash of both. What a group is asked for first is
//! a word of hints, which most places of a text do not pass.

use std::collections::BTreeSet;

use crate::detect::sounds::marks::number_of;
use crate::detect::sounds::{Heard, Mark, Sound};
use crate::text::groups::Groups;
use crate::text::shelf::places;

/// Marks of two characters.
#[derive(Debug)]
pub(super) struct Pairs {
    /// For each hash: a bit for each first and each second character of its marks, or for what has the same bit.
    hints: Vec<u32>,
    groups: Groups<Pair>,
    /// By how many bits a hash is too long.
    shift: u32,
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    chars: [char; 2],
    term: u32,
}

impl Pairs {
    /// Prepares marks, each with the number of its term. Longer ones are left out.
    pub(super) fn of(marks: &[(u32, Vec<char>)], sound: impl Fn(char) -> Sound) -> Self {
        let pairs: Vec<Pair> = marks.iter().filter_map(|(term, mark)| Pair::of(*term, mark)).collect();
        let number = |pair: &Pair| number_of(pair.chars.map(&sound));
        let different: BTreeSet<usize> = pairs.iter().map(number).collect();
        let shift = u32::BITS - different.len().next_power_of_two().max(2).trailing_zeros();
        let mut grouped = vec![Vec::new(); 1 << (u32::BITS - shift)];
        pairs.iter().for_each(|pair| grouped[group(number(pair), shift)].push(*pair));
        let hints = grouped.iter().map(|pairs| pairs.iter().fold(0, |hints, pair| hints | hint(pair.chars))).collect();
        Self { hints, groups: Groups::of(grouped), shift }
    }

    /// Tells of every mark that sounds like what begins at some of the first sixty-four places of a text, and of which one character
    /// at least stands there.
    pub(super) fn each(
        &self,
        text: Heard<'_>,
        some: u64,
        sound: impl Fn(char) -> Sound,
        mut found: impl FnMut(usize, Mark<'_>),
    ) {
        for place in places(some) {
            let (Some(owns), Some(sounds)) = (both_at(text.owns, place), both_at(text.sounds, place)) else { return };
            let group = group(number_of(sounds), self.shift);
            if self.hints[group] & hint(owns) != 0 {
                for pair in self.groups.get(group).iter().filter(|pair| pair.is_like(owns, sounds, &sound)) {
                    found(place, Mark { term: pair.term as usize, chars: &pair.chars });
                }
            }
        }
    }
}

fn both_at<T: Copy>(all: &[T], place: usize) -> Option<[T; 2]> {
    all.get(place..)?.first_chunk().copied()
}

/// The number of the group of two sounds. The factor is the golden section of all numbers, after Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4.
const fn group(number: usize, shift: u32) -> usize {
    ((number as u32).wrapping_mul(0x9E37_79B1) >> shift) as usize
}

/// By which a place may be like a mark: one bit of all for either character.
const fn hint([first, second]: [char; 2]) -> u32 {
    1 << (first as u32 % u32::BITS) | 1 << (!(second as u32) % u32::BITS)
}

impl Pair {
    fn of(term: u32, mark: &[char]) -> Option<Self> {
        mark.try_into().ok().map(|chars| Self { chars, term })
    }

    /// Whether one character stands there as it is, and the other's sound. What is its own sounds alike.
    fn is_like(&self, owns: [char; 2], sounds: [Sound; 2], sound: impl Fn(char) -> Sound) -> bool {
        let is_own = |at: usize| self.chars[at] == owns[at];
        let is_like = |at: usize| is_own(at) || sound(self.chars[at]).is_heard_as(sounds[at]);
        is_own(0) && is_like(1) || is_own(1) && is_like(0)
    }
}
