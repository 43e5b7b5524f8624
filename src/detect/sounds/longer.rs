//! Marks of three characters and more by their sounds.
//!
//! The first three sounds are hashed, and bits tell which hashes there are. What passes is looked up in batches, so that no look at a
//! mark far away in memory waits for another.

use std::hint::black_box;

use crate::detect::sounds::{Heard, Mark, SOUNDS, Sound};
use crate::text::groups::Groups;
use crate::text::shelf::{HashBits, places};

/// Marks of three characters and more.
#[derive(Debug)]
pub(super) struct Longer {
    /// Which hashes there are.
    begun: HashBits,
    groups: Groups<Entry>,
    /// By how many bits a hash is too long.
    shift: u32,
    /// Of marks that have more characters than stand beside their term.
    chars: Vec<char>,
}

/// Sounds that are hashed.
const HASHED: usize = 3;
/// Bits for each hash, before they are rounded up: of others six in a hundred pass at most.
const BITS_A_HASH: usize = 16;
/// Characters of a mark that stand beside its term in memory.
const NEAR_CHARS: usize = 4;

/// A mark, in half a line of the caches.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Entry {
    chars: [char; NEAR_CHARS],
    /// The number of its first sounds.
    sounds: u32,
    term: u32,
    /// All of its characters, if they are more.
    start: u32,
    length: u32,
}

impl Longer {
    /// Prepares marks, each with the number of its term. Shorter ones are left out.
    pub(super) fn of(marks: &[(u32, Vec<char>)], sound: impl Fn(char) -> Sound) -> Self {
        let mut chars = Vec::new();
        let entries = marks.iter().filter_map(|(term, mark)| Entry::of(*term, mark, &sound, &mut chars));
        let entries: Vec<Entry> = entries.collect();
        let hashes: Vec<u32> = entries.iter().map(|entry| hash(entry.sounds)).collect();
        let shift = u32::BITS - entries.len().next_power_of_two().max(2).trailing_zeros();
        let mut grouped = vec![Vec::new(); 1 << (u32::BITS - shift)];
        entries.iter().zip(&hashes).for_each(|(entry, hash)| grouped[(hash >> shift) as usize].push(*entry));
        Self { begun: HashBits::of(&hashes, BITS_A_HASH), groups: Groups::of(grouped), shift, chars }
    }

    /// Tells of every mark that sounds like what begins at some of the first sixty-four places of a text.
    pub(super) fn each(
        &self,
        text: Heard<'_>,
        some: u64,
        sound: impl Fn(char) -> Sound,
        mut found: impl FnMut(usize, Mark<'_>),
    ) {
        let survivors = self.survivors_at(text.sounds, some);
        self.fetch(text.sounds, survivors);
        for place in places(survivors) {
            let number = number_at(text.sounds, place);
            for entry in self.group(number).iter().filter(|entry| entry.sounds == number) {
                let chars = self.chars_of(entry);
                if text.from(place).is_like(chars, &sound) {
                    found(place, Mark { term: entry.term as usize, chars });
                }
            }
        }
    }

    /// A bit for each of some of the first places at which a mark may begin.
    fn survivors_at(&self, sounds: &[Sound], some: u64) -> u64 {
        let may_begin = |place| self.begun.may_hold(hash(number_at(sounds, place))) << place;
        places(some).fold(0, |survivors, place| survivors | may_begin(place))
    }

    /// Reads the first mark of each place, so that later none waits for another.
    fn fetch(&self, sounds: &[Sound], survivors: u64) {
        let firsts = places(survivors).filter_map(|place| self.group(number_at(sounds, place)).first());
        black_box(firsts.fold(0, |all, entry| all ^ entry.term));
    }

    fn group(&self, number: u32) -> &[Entry] {
        self.groups.get((hash(number) >> self.shift) as usize)
    }

    fn chars_of<'m>(&'m self, entry: &'m Entry) -> &'m [char] {
        let near = entry.chars.get(..entry.length as usize);
        near.unwrap_or_else(|| &self.chars[entry.start as usize..][..entry.length as usize])
    }
}

impl Entry {
    /// A mark, and its characters behind others if they are many.
    fn of(term: u32, mark: &[char], sound: impl Fn(char) -> Sound, chars: &mut Vec<char>) -> Option<Self> {
        let sounds = number(mark.first_chunk()?.map(sound));
        let near = std::array::from_fn(|place| mark.get(place).copied().unwrap_or_default());
        let start = chars.len() as u32;
        chars.extend(mark.iter().filter(|_| mark.len() > NEAR_CHARS));
        Some(Self { chars: near, sounds, term, start, length: mark.len() as u32 })
    }
}

/// The number of the first sounds of a mark.
fn number(sounds: [Sound; HASHED]) -> u32 {
    sounds.iter().fold(0, |number, sound| number * SOUNDS as u32 + sound.number() as u32)
}

/// The number of the sounds at a place; that of none where there are fewer.
fn number_at(sounds: &[Sound], place: usize) -> u32 {
    sounds[place..].first_chunk().map_or(0, |sounds| number(*sounds))
}

/// A hash of which the first bits are the best. The factor is the golden section of all numbers, after Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4.
const fn hash(number: u32) -> u32 {
    number.wrapping_mul(0x9E37_79B1)
}
