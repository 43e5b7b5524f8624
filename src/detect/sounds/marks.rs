//! Marks by the first two of their sounds.
//!
//! A table of bits tells which two sounds begin a mark at all. Marks lie side by side in memory in groups, by a hash of these
//! two. What a group is asked for first is a word of hints, which most places of a text do not pass.

use std::collections::BTreeSet;
use std::hint::black_box;

use crate::detect::sounds::{Heard, Mark, SOUNDS, Sound};
use crate::text::shelf::{PLACES, places};

/// Marks that are looked for by their sounds.
#[derive(Debug)]
pub(super) struct Marks {
    begun: Box<[u64; WORDS]>,
    /// For each hash: a bit for each first and each second character of pairs and each third sound of longer marks, or for what has
    /// the same bit.
    hints: Vec<u32>,
    /// The marks of each hash, and one group more behind the last.
    groups: Vec<Group>,
    /// By how many bits a hash is too long.
    shift: u32,
    pairs: Vec<Pair>,
    /// The longer ones of each group by their third sounds, and those sounds by themselves: some groups have hundreds.
    longer: Vec<Longer>,
    thirds: Vec<Sound>,
    /// Of marks that have more than stand beside their term.
    chars: Vec<char>,
}

/// A bit for each two sounds.
const WORDS: usize = SOUNDS * SOUNDS / PLACES;

/// Marks of which the first two sounds have the same hash.
#[derive(Debug, Default, Clone, Copy)]
struct Group {
    /// Where its pairs begin, and where its longer ones do.
    pairs: u32,
    longer: u32,
}

/// A mark of two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    chars: [char; 2],
    term: u32,
}

/// Characters of a longer mark that stand beside its term in memory.
const NEAR_CHARS: usize = 4;

/// A longer mark, in half a line of the caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(align(32))]
struct Longer {
    chars: [char; NEAR_CHARS],
    term: u32,
    /// All of its characters, if they are more.
    start: u32,
    length: u32,
}

/// A place at which marks of a group may stand.
#[derive(Debug, Default, Clone, Copy)]
struct Look {
    place: u32,
    group: u32,
    /// The first of its longer marks that may stand there.
    longer: u32,
}

impl Marks {
    /// Prepares marks of two characters or more, each with the number of its term.
    pub(super) fn of(marks: &[(u32, Vec<char>)], sound: impl Fn(char) -> Sound) -> Self {
        let begun: BTreeSet<[Sound; 2]> = marks.iter().map(|(_, mark)| [mark[0], mark[1]].map(&sound)).collect();
        let shift = u32::BITS - begun.len().next_power_of_two().max(2).trailing_zeros();
        let mut grouped = vec![Vec::new(); 1 << (u32::BITS - shift)];
        for (term, mark) in marks {
            grouped[group(number([mark[0], mark[1]].map(&sound)), shift)].push((*term, &mark[..]));
        }
        let mut all = Self {
            begun: bits(begun),
            hints: Vec::new(),
            groups: Vec::new(),
            shift,
            pairs: Vec::new(),
            longer: Vec::new(),
            thirds: Vec::new(),
            chars: Vec::new(),
        };
        grouped.into_iter().chain([Vec::new()]).for_each(|marks| all.add_group(marks, &sound));
        all
    }

    fn add_group(&mut self, mut marks: Vec<(u32, &[char])>, sound: impl Fn(char) -> Sound) {
        marks.sort_unstable_by_key(|(_, mark)| mark.get(2).map(|third| sound(*third)));
        self.groups.push(Group { pairs: self.pairs.len() as u32, longer: self.longer.len() as u32 });
        self.hints.push(marks.iter().fold(0, |hints, (_, mark)| hints | hints_of(mark, &sound)));
        for (term, mark) in marks {
            if let [first, second] = *mark {
                self.pairs.push(Pair { chars: [first, second], term });
            } else {
                self.longer.push(Longer::of(term, mark, &mut self.chars));
                self.thirds.push(sound(mark[2]));
            }
        }
    }

    /// Tells of every mark that sounds like what begins at one of the first sixty-four places of a text, and of which one character
    /// at least stands there if it has two.
    pub(super) fn each(&self, text: Heard<'_>, sound: impl Fn(char) -> Sound, mut found: impl FnMut(usize, Mark<'_>)) {
        let mut looks = [Look::default(); PLACES];
        let mut count = 0;
        let block = Block::of(text);
        for place in places(self.survivors(text.sounds)) {
            let (number, like) = block.at(place);
            let group = group(number, self.shift);
            looks[count % PLACES] = Look { place: place as u32, group: group as u32, longer: 0 };
            count += usize::from(self.hints[group] & like != 0);
        }
        let looks = &mut looks[..count];
        self.fetch(&block, looks);
        for look in looks {
            let place = look.place as usize;
            self.each_of(look, text.from(place), &sound, |mark| found(place, mark));
        }
    }

    /// Finds for each look where the longer marks of the third sound begin, and looks at the first of them and of the pairs, so that
    /// no look at a mark waits for another.
    fn fetch(&self, block: &Block, looks: &mut [Look]) {
        let mut all = 0;
        for look in looks {
            let [group, next] = self.group(look.group);
            let third = block.sounds[look.place as usize % PLACES + 2];
            let thirds = &self.thirds[group.longer as usize..next.longer as usize];
            look.longer = group.longer + thirds.partition_point(|other| *other < third) as u32;
            all ^= self.pairs.get(group.pairs as usize).map_or(0, |pair| pair.term);
            all ^= self.longer.get(look.longer as usize).map_or(0, |mark| mark.term);
        }
        black_box(all);
    }

    /// Tells of the marks of a group that sound like what begins a text.
    fn each_of(&self, look: &Look, text: Heard<'_>, sound: impl Fn(char) -> Sound, mut found: impl FnMut(Mark<'_>)) {
        let [group, next] = self.group(look.group);
        for pair in &self.pairs[group.pairs as usize..next.pairs as usize] {
            if pair.is_like(text, &sound) {
                found(Mark { term: pair.term as usize, chars: &pair.chars });
            }
        }
        let Some(third) = text.sounds.get(2) else { return };
        let range = look.longer as usize..next.longer as usize;
        let same = self.thirds[range.clone()].iter().take_while(|other| *other == third);
        for (mark, _) in self.longer[range].iter().zip(same) {
            let chars = self.chars_of(mark);
            if text.is_like(chars, &sound) {
                found(Mark { term: mark.term as usize, chars });
            }
        }
    }

    /// A group and the next one.
    fn group(&self, number: u32) -> [Group; 2] {
        [self.groups[number as usize], self.groups[number as usize + 1]]
    }

    /// A bit for each of the first places of which two sounds begin a mark.
    fn survivors(&self, sounds: &[Sound]) -> u64 {
        let (mut bits, mut count) = (0, 0);
        for both in sounds.array_windows().take(PLACES) {
            let number = number(*both);
            // Each comes in from above: that needs no place to shift it to.
            bits = bits >> 1 | (self.begun[number / PLACES] >> (number % PLACES) & 1) << (PLACES - 1);
            count += 1;
        }
        if count == 0 { 0 } else { bits >> (PLACES - count) }
    }

    fn chars_of<'m>(&'m self, mark: &'m Longer) -> &'m [char] {
        let near = mark.chars.get(..mark.length as usize);
        near.unwrap_or_else(|| &self.chars[mark.start as usize..][..mark.length as usize])
    }
}

/// The first sixty-four places of a text and what follows the last of them; behind its end stands nothing.
struct Block {
    owns: [char; PLACES + 1],
    sounds: [Sound; PLACES + 2],
}

impl Block {
    fn of(text: Heard<'_>) -> Self {
        let mut block = Self { owns: ['\0'; PLACES + 1], sounds: [Sound::NONE; PLACES + 2] };
        let (owns, sounds) = (text.owns.len().min(PLACES + 1), text.sounds.len().min(PLACES + 2));
        block.owns[..owns].copy_from_slice(&text.owns[..owns]);
        block.sounds[..sounds].copy_from_slice(&text.sounds[..sounds]);
        block
    }

    /// The number of the two sounds at a place, and by which it may be like a mark.
    fn at(&self, place: usize) -> (usize, u32) {
        let [first, second] = [0, 1].map(|more| self.owns[place % PLACES + more]);
        let sounds = [0, 1, 2].map(|more| self.sounds[place % PLACES + more]);
        let hints = first_hint(first) | second_hint(second) | third_hint(sounds[2]);
        (number([sounds[0], sounds[1]]), hints)
    }
}

/// The number of two sounds.
fn number([first, second]: [Sound; 2]) -> usize {
    first.number() % SOUNDS * SOUNDS + second.number() % SOUNDS
}

/// A bit for each two sounds.
fn bits(begun: impl IntoIterator<Item = [Sound; 2]>) -> Box<[u64; WORDS]> {
    let mut bits = Box::new([0; WORDS]);
    begun.into_iter().map(number).for_each(|number| bits[number / PLACES] |= 1 << (number % PLACES));
    bits
}

/// The number of the group of two sounds. The factor is the golden section of all numbers, after Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4.
const fn group(number: usize, shift: u32) -> usize {
    ((number as u32).wrapping_mul(0x9E37_79B1) >> shift) as usize
}

/// By which a place may be like a mark.
fn hints_of(mark: &[char], sound: impl Fn(char) -> Sound) -> u32 {
    match mark {
        [first, second] => first_hint(*first) | second_hint(*second),
        _ => third_hint(sound(mark[2])),
    }
}

/// One bit of all: most groups have few marks.
const fn first_hint(c: char) -> u32 {
    1 << (c as u32 % u32::BITS)
}

const fn second_hint(c: char) -> u32 {
    1 << (!(c as u32) % u32::BITS)
}

fn third_hint(sound: Sound) -> u32 {
    1 << (sound.number() as u32 % u32::BITS)
}

impl Pair {
    /// Whether one character stands at the beginning of a text as it is, and the other's sound. What is its own sounds alike.
    fn is_like(&self, text: Heard<'_>, sound: impl Fn(char) -> Sound) -> bool {
        let (Some(owns), Some(sounds)) = (text.owns.first_chunk::<2>(), text.sounds.first_chunk::<2>()) else {
            return false;
        };
        let is_own = |at: usize| self.chars[at] == owns[at];
        let is_like = |at: usize| is_own(at) || sound(self.chars[at]).is_heard_as(sounds[at]);
        is_own(0) && is_like(1) || is_own(1) && is_like(0)
    }
}

impl Longer {
    /// A mark, and its characters behind others if they are many.
    fn of(term: u32, mark: &[char], chars: &mut Vec<char>) -> Self {
        let near = std::array::from_fn(|place| mark.get(place).copied().unwrap_or_default());
        let start = chars.len() as u32;
        chars.extend(mark.iter().filter(|_| mark.len() > NEAR_CHARS));
        Self { chars: near, term, start, length: mark.len() as u32 }
    }
}
