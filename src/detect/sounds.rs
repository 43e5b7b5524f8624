//! Marks by their sounds, compiled: for homophones, and for marks as they are as well, which sound like themselves.
//!
//! Half of a mark's characters must stand there as they are, so one of two characters is looked for as it is, beside the sound of
//! the other: that is rarer by far than both sounds.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use crate::model::term::{MatchMode, Term};
use crate::text::chars::CharTable;
use crate::text::fold;
use crate::text::groups::Groups;
use crate::text::pinyin::{SYLLABLES, merged_syllable, syllable};
use crate::text::script::is_han;
use crate::text::shelf::{PLACES, Shelf, hash_of, places};

/// Han writings of marks by their sounds.
#[derive(Debug)]
pub(crate) struct Sounds {
    /// Those of two characters by the first one and the sound of the second, and by the sound of the first one and the second.
    by_first: Pairs,
    by_second: Pairs,
    longer: Spellings,
    /// Longer ones by sounds that some speakers take for one another.
    southern: Spellings,
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
        let pairs: Vec<Pair> =
            pairs.into_iter().map(|(term, chars)| Pair { term, chars: [chars[0], chars[1]] }).collect();
        Self {
            by_first: Pairs::of(&pairs, |[first, second]| [first, sound_of(second)]),
            by_second: Pairs::of(&pairs, |[first, second]| [sound_of(first), second]),
            southern: Spellings::of(&longer, |c| southern(sound_of(c))),
            longer: Spellings::of(&longer, sound_of),
        }
    }

    /// Tells of every mark that sounds like what begins at a place of a text, and of which one character at least stands there if
    /// it has two.
    pub(crate) fn each(&self, text: Heard<'_>, mut found: impl FnMut(usize, Mark<'_>)) {
        for block in (0..text.owns.len()).step_by(PLACES) {
            let [first, second, longer] = self.survivors(text.from(block));
            for place in places(first).map(|place| block + place) {
                self.by_first.each([text.owns[place], text.sounds[place + 1]], |pair| found(place, pair.mark()));
            }
            for place in places(second).map(|place| block + place) {
                self.by_second.each([text.sounds[place], text.owns[place + 1]], |pair| {
                    if pair.chars[0] != text.owns[place] {
                        found(place, pair.mark());
                    }
                });
            }
            for place in places(longer).map(|place| block + place) {
                self.longer.each(&text.sounds[place..], |mark| found(place, mark));
            }
        }
    }

    /// A bit for each of the first places at which marks of each kind may begin.
    fn survivors(&self, text: Heard<'_>) -> [u64; 3] {
        let [mut first, mut second, mut longer] = [0; 3];
        let windows = text.owns.array_windows().zip(text.sounds.array_windows::<3>()).take(PLACES).zip(0..);
        for (([own, next], sounds), place) in windows {
            first |= self.by_first.shelf.may_hold(hash_of(&[*own, sounds[1]])) << place;
            second |= self.by_second.shelf.may_hold(hash_of(&[sounds[0], *next])) << place;
            longer |= self.longer.shelf.may_hold(hash_of(sounds)) << place;
        }
        [first, second, longer]
    }

    /// Tells of every mark that sounds like what begins at a place of a text to speakers of the south, whose sounds these are.
    pub(crate) fn each_southern(&self, sounds: &[char], mut found: impl FnMut(usize, Mark<'_>)) {
        for place in 0..sounds.len() {
            self.southern.each(&sounds[place..], |mark| found(place, mark));
        }
    }
}

impl Heard<'_> {
    fn from(&self, place: usize) -> Self {
        Self { sounds: &self.sounds[place..], owns: &self.owns[place..] }
    }
}

/// A mark of two characters.
#[derive(Debug, Clone, Copy)]
struct Pair {
    term: u32,
    chars: [char; 2],
}

impl Pair {
    fn mark(&self) -> Mark<'_> {
        Mark { term: self.term as usize, chars: &self.chars }
    }
}

/// Marks of two characters by what is looked for of them.
#[derive(Debug)]
struct Pairs {
    shelf: Shelf,
    marks: Groups<Pair>,
}

impl Pairs {
    fn of(pairs: &[Pair], key: impl Fn([char; 2]) -> [char; 2]) -> Self {
        let mut marks: BTreeMap<[char; 2], Vec<Pair>> = BTreeMap::new();
        pairs.iter().for_each(|pair| marks.entry(key(pair.chars)).or_default().push(*pair));
        let words = (0..).zip(marks.keys().map(|pair| pair.to_vec())).collect();
        Self { shelf: Shelf::of(2, words), marks: Groups::of(marks.into_values()) }
    }

    fn each(&self, key: [char; 2], mut found: impl FnMut(&Pair)) {
        self.shelf.each(&key, |number, _| self.marks.get(number as usize).iter().for_each(&mut found));
    }
}

/// Longer marks by their sounds.
#[derive(Debug)]
struct Spellings {
    shelf: Shelf,
    /// Terms, and where the characters of the mark begin.
    marks: Groups<(u32, u32)>,
    chars: Box<[char]>,
}

impl Spellings {
    fn of(writings: &[(u32, Vec<char>)], sound: impl Fn(char) -> char) -> Self {
        let mut marks: BTreeMap<Vec<char>, Vec<(u32, u32)>> = BTreeMap::new();
        let mut chars = Vec::new();
        for (term, writing) in writings {
            let spelled = writing.iter().map(|c| sound(*c)).collect();
            marks.entry(spelled).or_default().push((*term, chars.len() as u32));
            chars.extend(writing);
        }
        let words = (0..).zip(marks.keys().cloned()).collect();
        let shelf = Shelf::of(LONGER_CHARS_MIN, words);
        Self { shelf, marks: Groups::of(marks.into_values()), chars: chars.into() }
    }

    fn each(&self, sounds: &[char], mut found: impl FnMut(Mark<'_>)) {
        self.shelf.each(sounds, |number, length| {
            for (term, start) in self.marks.get(number as usize) {
                let chars = &self.chars[*start as usize..][..length];
                found(Mark { term: *term as usize, chars });
            }
        });
    }
}

/// One private character for all characters of one toneless syllable; the character itself when it has no reading or is not Han.
pub(crate) fn sound_of(c: char) -> char {
    static SOUNDS: CharTable<char> = CharTable::new(spoken);
    SOUNDS.get(c)
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

    proptest! {
        #[test]
        fn what_sounds_like_a_mark_is_found_and_nothing_else(
            marks in proptest::collection::vec("[星兴河合和科]{2,5}", 1..9),
            text in "[星兴河合和科a]{0,150}",
        ) {
            let [found, plainly] = found_twice(&marks, &text);
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
