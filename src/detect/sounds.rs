//! Marks by their sounds, compiled: for homophones, and for marks as they are as well, which sound like themselves.
//!
//! Half of a mark's characters must stand there as they are, so one of two characters is looked for as it is, beside the sound of
//! the other: that is rarer by far than both sounds. Before all that, a table tells with which two sounds marks begin at all.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use crate::detect::sounds::marks::Marks;
use crate::model::term::{MatchMode, Term};
use crate::text::chars::CharTable;
use crate::text::fold;
use crate::text::pinyin::{SYLLABLES, merged_syllable, syllable};
use crate::text::script::is_han;
use crate::text::shelf::PLACES;

mod longer;
mod marks;
mod pairs;

/// Han writings of marks by their sounds.
#[derive(Debug)]
pub(crate) struct Sounds {
    marks: Marks,
    /// Longer ones by sounds that some speakers take for one another.
    southern: Marks,
    /// The sounds of all characters of marks.
    all: HashSet<Sound>,
}

/// A text by sounds, each of a character or of a syllable in letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'t> {
    /// The sounds, and one more that is none.
    pub(crate) sounds: &'t [Sound],
    /// The characters themselves, and for a syllable its own letter.
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
        let mut marks: Vec<(u32, Vec<char>)> = writings.collect();
        let all = marks.iter().flat_map(|(_, chars)| chars.iter().map(|c| sound_of(*c))).collect();
        let same = Marks::of(&marks, sound_of);
        marks.retain(|(_, chars)| chars.len() >= LONGER_CHARS_MIN);
        Self { marks: same, southern: Marks::of(&marks, |c| southern(sound_of(c))), all }
    }

    /// Whether a mark has a character of a sound.
    pub(crate) fn has(&self, sound: Sound) -> bool {
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
            self.marks.each(rest, sound_of, |place, mark| found(block + place, mark));
        }
    }

    /// Tells of every mark that sounds like what begins at a place of a text to speakers of the south, whose sounds these are.
    pub(crate) fn each_southern(&self, text: Heard<'_>, mut found: impl FnMut(usize, Mark<'_>)) {
        for block in (0..text.owns.len()).step_by(PLACES) {
            let merged = |c| southern(sound_of(c));
            self.southern.each(text.from(block), merged, |place, mark| found(block + place, mark));
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

    /// Whether it begins with characters, or with what sounds like them.
    fn is_like(&self, chars: &[char], sound: impl Fn(char) -> Sound) -> bool {
        let heard = self.owns.iter().zip(self.sounds);
        let is_like = |(c, (own, heard)): (&char, (&char, &Sound))| c == own || sound(*c).is_heard_as(*heard);
        self.owns.len() >= chars.len() && chars.iter().zip(heard).all(is_like)
    }
}

/// A toneless syllable by its number from 1 on, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sound(u16);

/// More than there are sounds: none, 410 syllables, and 27 that only southern speakers have.
const SOUNDS: usize = 512;

impl Sound {
    /// Of what is no syllable.
    pub(crate) const NONE: Self = Self(0);

    /// Its number, less than [`SOUNDS`].
    const fn number(self) -> usize {
        self.0 as usize
    }

    /// Whether both are the same syllable: what is none sounds like nothing.
    fn is_heard_as(self, other: Self) -> bool {
        self == other && self != Self::NONE
    }

    /// A private letter for it, which stands in no text.
    pub(crate) fn letter(self) -> char {
        char::from_u32(0xF_0000 + u32::from(self.0)).unwrap_or_default()
    }
}

/// The sound of a character; none when it has no reading or is not Han.
pub(crate) fn sound_of(c: char) -> Sound {
    static SOUNDS: CharTable = CharTable::new(|c| u32::from(spoken(c).0));
    Sound(SOUNDS.get(c) as u16)
}

fn spoken(c: char) -> Sound {
    Some(c).filter(|c| is_han(*c)).and_then(syllable).map_or(Sound::NONE, sound_of_syllable)
}

/// The sound of a toneless syllable.
pub(crate) fn sound_of_syllable(syllable: &str) -> Sound {
    static NUMBERED: LazyLock<HashMap<String, u16>> = LazyLock::new(|| {
        let all = SYLLABLES.iter().flat_map(|syllable| [(*syllable).to_owned(), merged_syllable(syllable)]);
        all.collect::<BTreeSet<_>>().into_iter().zip(1..SOUNDS as u16).collect()
    });
    NUMBERED.get(syllable).copied().map_or(Sound::NONE, Sound)
}

/// One private letter for all characters of one toneless syllable; the character itself when it has no reading or is not Han.
/// Fingerprints are made of these: they stay as they are, whatever number a sound has.
pub(crate) fn sound_letter(c: char) -> char {
    static LETTERS: CharTable = CharTable::new(|c| u32::from(spelled_letter(c)));
    char::from_u32(LETTERS.get(c)).unwrap_or(c)
}

fn spelled_letter(c: char) -> char {
    let syllable = Some(c).filter(|c| is_han(*c)).and_then(syllable);
    let code = syllable.map(|s| s.bytes().fold(0u32, |code, b| code * 27 + u32::from(b.saturating_sub(b'`'))));
    code.map_or(c, |code| char::from_u32(0xF_0000 + code % 0x1_FFFE).unwrap_or_default())
}

/// One sound for all that many speakers of the south do not tell apart.
pub(crate) fn southern(sound: Sound) -> Sound {
    static MERGED: LazyLock<HashMap<Sound, Sound>> = LazyLock::new(|| {
        let merged = |s: &&'static str| (sound_of_syllable(s), sound_of_syllable(&merged_syllable(s)));
        SYLLABLES.iter().map(merged).collect()
    });
    MERGED.get(&sound).copied().unwrap_or(sound)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::proptest;

    use super::{
        Heard, SOUNDS, SYLLABLES, Sound, Sounds, merged_syllable, sound_letter, sound_of, sound_of_syllable, southern,
    };
    use crate::model::term::{Term, TermKind};

    /// Place, term and length of all marks that sound like a place, by the finder and one by one.
    fn found_twice(marks: &[String], text: &str) -> [BTreeSet<(usize, usize, usize)>; 2] {
        let terms: Vec<Term> = marks.iter().map(|mark| Term::of(mark, TermKind::Trademark)).collect();
        let owns: Vec<char> = text.chars().collect();
        let sounds: Vec<Sound> = owns.iter().map(|c| sound_of(*c)).chain([Sound::NONE]).collect();
        let mut found = BTreeSet::new();
        Sounds::of(&terms).each(Heard { sounds: &sounds, owns: &owns }, |place, mark| {
            found.insert((place, mark.term, mark.chars.len()));
        });
        let places = (0..owns.len()).flat_map(|place| (0..marks.len()).map(move |term| (place, term)));
        let sounds_alike = |(place, term): (usize, usize)| {
            let mark: Vec<char> = marks[term].chars().collect();
            let written = owns[place..].get(..mark.len())?;
            let is_alike = written.iter().zip(&mark).all(|(a, b)| a == b || sound_of(*a).is_heard_as(sound_of(*b)));
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
        let sounds: Vec<Sound> = owns.iter().map(merged).chain([Sound::NONE]).collect();
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
            marks in proptest::collection::vec("[星兴河合和科㐂㐃]{2,5}", 1..9),
            text in "[星兴河合和科㐂㐃a]{0,150}",
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
    fn every_syllable_has_a_sound_of_its_own() {
        let sounds: BTreeSet<Sound> = SYLLABLES.iter().map(|syllable| sound_of_syllable(syllable)).collect();
        assert_eq!(sounds.len(), SYLLABLES.len());
        let merged = SYLLABLES.iter().map(|syllable| sound_of_syllable(&merged_syllable(syllable)));
        assert!(sounds.into_iter().chain(merged).all(|sound| sound != Sound::NONE && sound.number() < SOUNDS));
        assert_eq!([sound_of('a'), sound_of_syllable("zzz")], [Sound::NONE; 2]);
    }

    #[test]
    fn a_mark_of_characters_without_a_reading_is_found_as_it_is_and_not_at_the_end_of_a_text() {
        let marks = ["河㐂".to_owned(), "㐂河科".to_owned()];
        for text in ["科河㐂", "㐂河科", "科河", "㐂河", "河㐃"] {
            let [found, plainly] = found_twice(&marks, text);
            assert_eq!(found, plainly, "{text}");
        }
    }

    #[test]
    fn the_letters_of_which_fingerprints_are_made_stay_as_they_are() {
        assert_eq!("河女吕囡a".chars().map(sound_letter).collect::<String>(), "\u{f00dd}\u{f0190}\u{f015a}\u{f2807}a");
    }

    #[test]
    fn homophones_have_one_sound() {
        assert_eq!(sound_of('灿'), sound_of('璨'));
        assert_ne!(sound_of('灿'), sound_of('河'));
    }
}
