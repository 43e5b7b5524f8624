//! Marks by their sounds, compiled: for homophones, and for marks as they are as well, which sound like themselves.
//!
//! Half of a mark's characters must stand there as they are, so one of two characters is looked for as it is, beside the sound of
//! the other: that is rarer by far than both sounds.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::model::term::{MatchMode, Term};
use crate::text::buckets::Buckets;
use crate::text::chars::CharTable;
use crate::text::fold;
use crate::text::pinyin::{SYLLABLES, merged_syllable, syllable};
use crate::text::script::is_han;
use crate::text::shelf::{Filter, PLACES, hash_of, places};

/// Han writings of marks by their sounds.
#[derive(Debug)]
pub(crate) struct Sounds {
    pairs: Pairs,
    longer: Spellings,
    /// Longer ones by sounds that some speakers take for one another.
    southern: Spellings,
    /// The sounds of all characters of marks.
    all: HashSet<char>,
}

/// A text by sounds, each of a character or of a syllable in letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'t> {
    /// The sounds, and one more that is none.
    pub(crate) sounds: &'t [char],
    /// The characters themselves, and for a syllable its sound once more.
    pub(crate) owns: &'t [char],
}

/// A mark that may sound like a place of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark<'m> {
    pub(crate) term: usize,
    /// Its characters.
    pub(crate) chars: &'m [char],
}

/// Whether a folded writing is looked for by its sounds.
pub(crate) fn is_known_by_sound(mode: MatchMode, writing: &str) -> bool {
    mode == MatchMode::Fuzzy && writing.chars().all(is_han) && writing.chars().nth(1).is_some()
}

/// Characters of the shortest mark that is not looked for as a pair.
const LONGER_CHARS_MIN: usize = 3;

impl Sounds {
    pub(super) fn of(terms: &[Term]) -> Self {
        let writings = terms.iter().enumerate().flat_map(|(number, term)| {
            let writings = std::iter::once(&term.text).chain(&term.aliases).map(|writing| fold::dense(writing));
            let known = writings.filter(|writing| is_known_by_sound(term.mode, writing));
            known.map(move |writing| (number as u32, writing.chars().collect::<Vec<char>>()))
        });
        let (longer, pairs): (Vec<_>, Vec<_>) =
            writings.partition(|(_, writing): &(u32, Vec<char>)| writing.len() >= LONGER_CHARS_MIN);
        let all = longer.iter().chain(&pairs).flat_map(|(_, chars)| chars.iter().map(|c| sound_of(*c))).collect();
        let pairs: Vec<Pair> = pairs.into_iter().map(|(term, chars)| Pair::of(term, [chars[0], chars[1]])).collect();
        Self {
            pairs: Pairs::of(&pairs),
            southern: Spellings::of(&longer, |c| southern(sound_of(c))),
            longer: Spellings::of(&longer, sound_of),
            all,
        }
    }

    /// Whether a mark has a character of a sound.
    pub(crate) fn has(&self, sound: char) -> bool {
        self.all.contains(&sound)
    }

    /// Tells of every mark that sounds like what begins at a place of a text, and of which one character at least stands there if
    /// it has two.
    pub(crate) fn each(&self, text: Heard<'_>, mut found: impl FnMut(usize, Mark<'_>)) {
        for block in (0..text.owns.len()).step_by(PLACES) {
            let rest = text.from(block);
            // No mark begins with ASCII.
            if is_ascii(&rest.owns[..rest.owns.len().min(PLACES)]) {
                continue;
            }
            let [pairs, longer] = self.survivors(rest);
            self.pairs.each(rest, pairs, |place, mark| found(block + place, mark));
            self.longer.each(rest, longer, sound_of, |place, mark| found(block + place, mark));
        }
    }

    /// A bit for each of the first places at which marks of two and of more characters may begin.
    fn survivors(&self, text: Heard<'_>) -> [u64; 2] {
        let (mut pairs, mut longer) = (0, 0);
        let windows = text.owns.array_windows().zip(text.sounds.array_windows::<3>()).take(PLACES).zip(0..);
        for ((owns, sounds), place) in windows {
            pairs |= self.pairs.may_hold(*owns, [sounds[0], sounds[1]]) << place;
            longer |= self.longer.filter.may_hold(hash_of(sounds)) << place;
        }
        [pairs, longer]
    }

    /// Tells of every mark that sounds like what begins at a place of a text to speakers of the south, whose sounds these are.
    pub(crate) fn each_southern(&self, text: Heard<'_>, mut found: impl FnMut(usize, Mark<'_>)) {
        for block in (0..text.owns.len()).step_by(PLACES) {
            let merged = |c| southern(sound_of(c));
            self.southern.each(text.from(block), u64::MAX, merged, |place, mark| found(block + place, mark));
        }
    }
}

/// All bits of all characters are looked at together: no branch.
fn is_ascii(chars: &[char]) -> bool {
    chars.iter().fold(0, |bits, c| bits | u32::from(*c)) < 0x80
}

impl Heard<'_> {
    fn from(&self, place: usize) -> Self {
        Self { sounds: &self.sounds[place..], owns: &self.owns[place..] }
    }

    /// Whether it begins with characters, or with what sounds like them. What is a mark's own sounds alike.
    fn is_like(&self, chars: &[char], sound: impl Fn(char) -> char) -> bool {
        let heard = self.owns.iter().zip(self.sounds);
        let is_like = |(c, (own, heard)): (&char, (&char, &char))| c == own || sound(*c) == *heard;
        self.owns.len() >= chars.len() && chars.iter().zip(heard).all(is_like)
    }
}

/// A mark of two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    chars: [char; 2],
    sounds: [char; 2],
    term: u32,
}

impl Pair {
    fn of(term: u32, chars: [char; 2]) -> Self {
        Self { chars, sounds: chars.map(sound_of), term }
    }

    /// Whether it sounds like two characters of which one at least is its own. What is its own sounds alike.
    fn is_like(&self, owns: [char; 2], sounds: [char; 2]) -> bool {
        self.chars[0] == owns[0] && self.sounds[1] == sounds[1]
            || self.chars[1] == owns[1] && self.sounds[0] == sounds[0]
    }
}

/// Marks of two characters by their sounds.
#[derive(Debug)]
struct Pairs {
    /// For each of the first bits of a hash: which sounds there are, and with which first and with which second characters.
    filter: Box<[u64]>,
    marks: Buckets<Pair>,
}

impl Pairs {
    fn of(pairs: &[Pair]) -> Self {
        let marks = Buckets::of(pairs.iter().map(|pair| (hash_of(&pair.sounds), *pair)).collect());
        let mut filter = vec![0; marks.starts.len()];
        for pair in pairs {
            let hash = hash_of(&pair.sounds);
            let [sounds, first, second] = Self::bits(hash, pair.chars);
            filter[marks.bucket(hash)] |= 1 << sounds | 1 << first | 1 << second;
        }
        Self { filter: filter.into(), marks }
    }

    /// The places of three bits: of the sounds, of the first and of the second character.
    const fn bits(hash: u64, [first, second]: [char; 2]) -> [u32; 3] {
        [(hash >> 20) as u32 & 63, first as u32 & 63, !(second as u32) & 63]
    }

    /// Whether a mark may sound like two characters of which one is its own: 1 or 0.
    fn may_hold(&self, owns: [char; 2], sounds: [char; 2]) -> u64 {
        let hash = hash_of(&sounds);
        let word = self.filter[self.marks.bucket(hash)];
        let [sounds, first, second] = Self::bits(hash, owns);
        word >> sounds & (word >> first | word >> second) & 1
    }

    /// Tells of every mark that sounds like what begins at some of the first places of a text.
    fn each(&self, text: Heard<'_>, some: u64, mut found: impl FnMut(usize, Mark<'_>)) {
        let pair =
            |place: usize| Some((text.owns.get(place..)?.first_chunk()?, text.sounds.get(place..)?.first_chunk()?));
        let hashes = places(some).filter_map(|place| Some((place, hash_of(pair(place)?.1))));
        self.marks.each(
            hashes,
            |pair| pair.term,
            |place, pairs| {
                let like = |other: &&Pair| pair(place).is_some_and(|(owns, sounds)| other.is_like(*owns, *sounds));
                pairs.iter().filter(like).for_each(|pair| {
                    found(place, Mark { term: pair.term as usize, chars: &pair.chars });
                });
            },
        );
    }
}

/// Characters of a longer mark that stand beside its term in memory.
const NEAR_CHARS: usize = 4;

/// A longer mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Longer {
    chars: [char; NEAR_CHARS],
    term: u32,
    /// All of its characters, if they are more.
    start: u32,
    length: u32,
}

/// Longer marks by the hash of their first three sounds.
#[derive(Debug)]
struct Spellings {
    filter: Filter,
    marks: Buckets<Longer>,
    chars: Box<[char]>,
}

impl Spellings {
    fn of(writings: &[(u32, Vec<char>)], sound: impl Fn(char) -> char) -> Self {
        let mut filter = Filter::of(writings.len());
        let (mut marks, mut chars) = (Vec::with_capacity(writings.len()), Vec::new());
        for (term, writing) in writings {
            let hash = hash_of(&[0, 1, 2].map(|place| sound(writing[place])));
            filter.insert(hash);
            let near = std::array::from_fn(|place| writing.get(place).copied().unwrap_or_default());
            let (start, length) = (chars.len() as u32, writing.len() as u32);
            chars.extend(writing.iter().filter(|_| writing.len() > NEAR_CHARS));
            marks.push((hash, Longer { chars: near, term: *term, start, length }));
        }
        Self { filter, marks: Buckets::of(marks), chars: chars.into() }
    }

    /// Tells of every mark that sounds like what begins at some of the first places of a text.
    fn each(&self, text: Heard<'_>, some: u64, sound: impl Fn(char) -> char, mut found: impl FnMut(usize, Mark<'_>)) {
        let begun = |place: usize| text.sounds.get(place..)?.first_chunk::<LONGER_CHARS_MIN>();
        let hashes = places(some).filter_map(|place| Some((place, hash_of(begun(place)?))));
        self.marks.each(
            hashes,
            |mark| mark.term,
            |place, marks| {
                for mark in marks {
                    let chars = self.chars_of(mark);
                    if text.from(place).is_like(chars, &sound) {
                        found(place, Mark { term: mark.term as usize, chars });
                    }
                }
            },
        );
    }

    fn chars_of<'m>(&'m self, mark: &'m Longer) -> &'m [char] {
        let near = mark.chars.get(..mark.length as usize);
        near.unwrap_or_else(|| &self.chars[mark.start as usize..][..mark.length as usize])
    }
}

/// One private character for all characters of one toneless syllable; the character itself when it has no reading or is not Han.
pub(crate) fn sound_of(c: char) -> char {
    static SOUNDS: CharTable = CharTable::new(|c| u32::from(spoken(c)));
    char::from_u32(SOUNDS.get(c)).unwrap_or(c)
}

fn spoken(c: char) -> char {
    Some(c).filter(|c| is_han(*c)).and_then(syllable).map_or(c, sound_of_syllable)
}

/// The private character for a toneless syllable.
pub(crate) fn sound_of_syllable(syllable: &str) -> char {
    let code = syllable.bytes().fold(0u32, |code, b| code * 27 + u32::from(b.saturating_sub(b'`')));
    char::from_u32(0xF_0000 + code % 0x1_FFFE).unwrap_or_default()
}

/// One private character for all sounds that many speakers of the south do not tell apart; other characters stay.
pub(crate) fn southern(sound: char) -> char {
    static MERGED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let merged = |s: &&'static str| (sound_of_syllable(s), sound_of_syllable(&merged_syllable(s)));
        SYLLABLES.iter().map(merged).collect()
    });
    MERGED.get(&sound).copied().unwrap_or(sound)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::proptest;

    use super::{Heard, Sounds, sound_of, southern};
    use crate::model::term::{Term, TermKind};

    /// Place, term and length of all marks that sound like a place, by the finder and one by one.
    fn found_twice(marks: &[String], text: &str) -> [BTreeSet<(usize, usize, usize)>; 2] {
        let terms: Vec<Term> = marks.iter().map(|mark| Term::of(mark, TermKind::Trademark)).collect();
        let owns: Vec<char> = text.chars().collect();
        let sounds: Vec<char> = owns.iter().map(|c| sound_of(*c)).chain(['\0']).collect();
        let mut found = BTreeSet::new();
        Sounds::of(&terms).each(Heard { sounds: &sounds, owns: &owns }, |place, mark| {
            found.insert((place, mark.term, mark.chars.len()));
        });
        let places = (0..owns.len()).flat_map(|place| (0..marks.len()).map(move |term| (place, term)));
        let sounds_alike = |(place, term): (usize, usize)| {
            let mark: Vec<char> = marks[term].chars().collect();
            let written = owns[place..].get(..mark.len())?;
            let is_alike = written.iter().zip(&mark).all(|(a, b)| sound_of(*a) == sound_of(*b));
            let stands = mark.len() > 2 || written.iter().zip(&mark).any(|(a, b)| a == b);
            (is_alike && stands).then_some((place, term, mark.len()))
        };
        [found, places.filter_map(sounds_alike).collect()]
    }

    /// As [`found_twice`], of three characters and more, by sounds that southern speakers merge.
    fn found_twice_in_the_south(marks: &[String], text: &str) -> [BTreeSet<(usize, usize)>; 2] {
        let terms: Vec<Term> = marks.iter().map(|mark| Term::of(mark, TermKind::Trademark)).collect();
        let owns: Vec<char> = text.chars().collect();
        let merged = |c: &char| southern(sound_of(*c));
        let sounds: Vec<char> = owns.iter().map(merged).chain(['\0']).collect();
        let mut found = BTreeSet::new();
        Sounds::of(&terms).each_southern(Heard { sounds: &sounds, owns: &owns }, |place, mark| {
            found.insert((place, mark.term));
        });
        let places = (0..owns.len()).flat_map(|place| (0..marks.len()).map(move |term| (place, term)));
        let sounds_alike = |(place, term): &(usize, usize)| {
            let mark: Vec<char> = marks[*term].chars().collect();
            let written = owns[*place..].get(..mark.len());
            mark.len() > 2 && written.is_some_and(|written| written.iter().map(merged).eq(mark.iter().map(merged)))
        };
        [found, places.filter(sounds_alike).collect()]
    }

    proptest! {
        #[test]
        fn what_sounds_like_a_mark_is_found_and_nothing_else(
            marks in proptest::collection::vec("[星兴河合和科]{2,5}", 1..9),
            text in "[星兴河合和科a]{0,150}",
        ) {
            let [found, plainly] = found_twice(&marks, &text);
            assert_eq!(found, plainly);
        }

        #[test]
        fn what_sounds_like_a_mark_in_the_south_is_found_and_nothing_else(
            marks in proptest::collection::vec("[星新河湖福和科]{2,6}", 1..9),
            text in "[星新河湖福和科a]{0,150}",
        ) {
            let [found, plainly] = found_twice_in_the_south(&marks, &text);
            assert_eq!(found, plainly);
        }
    }

    #[test]
    fn sounds_that_southern_speakers_merge_are_one() {
        for (one, other) in [('是', '四'), ('娘', '凉'), ('行', '辛'), ('湖', '福'), ('热', '乐')] {
            assert_eq!(southern(sound_of(one)), southern(sound_of(other)), "{one}{other}");
        }
        assert_ne!(southern(sound_of('河')), southern(sound_of('山')));
    }

    #[test]
    fn homophones_have_one_sound() {
        assert_eq!(sound_of('灿'), sound_of('璨'));
        assert_ne!(sound_of('灿'), sound_of('河'));
    }
}
