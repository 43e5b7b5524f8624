//! Marks in characters of the same sound, or with some of them in pinyin: 星合科技, 星河ke技.

use std::collections::HashMap;
use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::watch::{SoundPattern, Watch, sound_of, sound_of_syllable, southern};
use crate::model::term::Field;
use crate::text::char_set::CharSet;
use crate::text::pinyin::{may_end_syllable, syllables_at};
use crate::text::script::{is_han, is_rare};

/// Letters in a row that are read as pinyin at most; longer ones are words of another language.
const SPELLED_LETTERS_MAX: usize = 18;

/// A text by sounds, each of a character or of a syllable in letters.
struct Spoken {
    sounds: Vec<char>,
    /// Where each begins in the dense view, and where the last one ends.
    bounds: Vec<usize>,
}

impl Spoken {
    fn end(&self) -> usize {
        self.bounds.last().copied().unwrap_or(0)
    }

    fn add_each(&mut self, chars: &[char]) {
        let end = self.end();
        self.sounds.extend(chars.iter().map(|c| sound_of(*c)));
        self.bounds.extend(end + 1..=end + chars.len());
    }

    fn add_syllables(&mut self, letters: &[char], lengths: &[usize]) {
        let mut rest = letters.iter();
        for length in lengths {
            let syllable: String = rest.by_ref().take(*length).collect();
            self.sounds.push(sound_of_syllable(&syllable));
            self.bounds.push(self.end() + length);
        }
    }

    /// Where sounds begin in the dense view, and where the last one ends.
    fn bounds_of(&self, sounds: Range<usize>) -> &[usize] {
        &self.bounds[sounds.start..=sounds.end]
    }
}

/// What stands in marks beside their characters: passes over texts in which no mark has a homophone.
#[derive(Debug, Default)]
pub(super) struct Homophones {
    own: CharSet,
    /// By a character of a mark, the sound beside it and its side, the characters that the mark has there.
    beside: HashMap<(char, char, Side), Vec<char>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Left,
    Right,
}

impl Homophones {
    pub(super) fn of<'p>(patterns: impl Iterator<Item = &'p SoundPattern>) -> Self {
        let mut homophones = Self::default();
        for pattern in patterns {
            homophones.own.extend(pattern.chars.iter().copied());
            for [left, right] in pattern.chars.array_windows() {
                homophones.beside.entry((*left, sound_of(*right), Side::Right)).or_default().push(*right);
                homophones.beside.entry((*right, sound_of(*left), Side::Left)).or_default().push(*left);
            }
        }
        homophones
    }

    /// False where a dense view certainly has no mark in other characters of its sounds: such a mark has one of its own characters
    /// beside one, or a syllable, that only sounds like its own.
    fn may_stand_in(&self, chars: &[char]) -> bool {
        let mut own = chars.iter().enumerate().filter(|(_, c)| self.own.may_have(**c));
        own.any(|(place, c)| self.follows(*c, &chars[..place]) || self.precedes(*c, &chars[place + 1..]))
    }

    /// Whether a mark's own character follows something that only sounds like the mark there.
    fn follows(&self, own: char, left: &[char]) -> bool {
        let count = left.iter().rev().take_while(|c| c.is_ascii_lowercase()).count();
        let letters = &left[left.len() - count..];
        let last = || Some(&letters[letters.len() - spelled(letters)?.last()?..]);
        let is_spelled = || last().is_some_and(|syllable| self.has_syllable(own, syllable, Side::Left));
        left.last().is_some_and(|beside| self.sounds_alike(own, *beside, Side::Left)) || is_spelled()
    }

    /// Whether a mark's own character stands before something that only sounds like the mark there.
    fn precedes(&self, own: char, right: &[char]) -> bool {
        let letters = &right[..right.iter().take_while(|c| c.is_ascii_lowercase()).count()];
        let first = || Some(&letters[..*spelled(letters)?.first()?]);
        let is_spelled = || first().is_some_and(|syllable| self.has_syllable(own, syllable, Side::Right));
        right.first().is_some_and(|beside| self.sounds_alike(own, *beside, Side::Right)) || is_spelled()
    }

    /// Whether what stands beside a mark's own character sounds like the mark there and is not written like it.
    fn sounds_alike(&self, own: char, beside: char, side: Side) -> bool {
        let written = self.beside.get(&(own, sound_of(beside), side));
        written.is_some_and(|written| written.iter().any(|c| *c != beside))
    }

    fn has_syllable(&self, own: char, syllable: &[char], side: Side) -> bool {
        self.beside.contains_key(&(own, sound_of_syllable(&String::from_iter(syllable)), side))
    }
}

pub(super) fn sound_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    if watch.homophones().may_stand_in(text.folded.dense_chars()) {
        spoken_hits(watch, index, text, hits);
    }
}

fn spoken_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(spoken) = spoken(text) else { return };
    for found in watch.sound().find(&spoken.sounds, |_| true) {
        let said = spoken.bounds_of(found.at);
        let patterns = watch.sound_patterns(found.word).iter();
        hits.extend(patterns.filter_map(|pattern| sound_hit(index, text, said, pattern)));
    }
}

/// Marks of which one character is another that sounds like it to many speakers of the south. Looked for in names alone.
pub(super) fn southern_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(spoken) = Some(text).filter(|text| text.field == Field::AccountName).and_then(spoken) else { return };
    let sounds: Vec<char> = spoken.sounds.iter().map(|sound| southern(*sound)).collect();
    for found in watch.southern().find(&sounds, |_| true) {
        let said = spoken.bounds_of(found.at);
        let is_one_off = |pattern: &&SoundPattern| pattern.chars.len() - written(text, said, pattern) == 1;
        let patterns = watch.southern_patterns(found.word).iter().filter(is_one_off);
        let found = patterns.filter_map(|pattern| sound_hit(index, text, said, pattern));
        hits.extend(found.map(|hit| Hit { disguise: Disguise::SouthernHomophone, ..hit }));
    }
}

fn sound_hit(index: usize, text: &FieldText, said: &[usize], pattern: &SoundPattern) -> Option<Hit> {
    let (first, last) = (*said.first()?, said.last()? - 1);
    let same = written(text, said, pattern);
    // Half of the characters must be the mark's own: 元代 is no disguise of a mark that sounds alike.
    if same == pattern.chars.len() || same * 2 < pattern.chars.len() {
        return None;
    }
    let is_rare = |(c, unit): (&char, Range<usize>)| is_written(text, &unit, *c) || is_written_rarely(text, &unit);
    let is_rare = pattern.chars.iter().zip(units(said)).all(is_rare);
    // Symbols inside are no accident where the characters are none.
    let gap_allowed = if is_rare { GAP_MAX } else { 0 };
    if widest_gap(text, first, last).is_none_or(|gap| gap > gap_allowed) {
        return None;
    }
    let at = text.folded.dense()[first]..text.folded.dense()[last] + 1;
    let span = text.folded.origin(at.clone());
    let disguise = if is_rare { Disguise::RareHomophone } else { Disguise::Homophone };
    Some(Hit { term: pattern.term, text: index, at, span, disguise, is_word: false })
}

/// Places of the dense view, sound by sound.
fn units(said: &[usize]) -> impl Iterator<Item = Range<usize>> {
    said.windows(2).map(|bounds| bounds[0]..bounds[1])
}

/// How many characters of a mark stand there as they are.
fn written(text: &FieldText, said: &[usize], pattern: &SoundPattern) -> usize {
    pattern.chars.iter().zip(units(said)).filter(|(c, unit)| is_written(text, unit, **c)).count()
}

fn is_written(text: &FieldText, unit: &Range<usize>, c: char) -> bool {
    unit.len() == 1 && text.folded.dense_chars()[unit.start] == c
}

fn is_written_rarely(text: &FieldText, unit: &Range<usize>) -> bool {
    // A syllable in letters within Han characters is as rare.
    unit.len() > 1 || is_rare(text.folded.dense_chars()[unit.start])
}

/// The dense view by sounds; none without any ideograph.
fn spoken(text: &FieldText) -> Option<Spoken> {
    let chars = text.folded.dense_chars();
    if !chars.iter().any(|c| is_han(*c)) {
        return None;
    }
    let is_letter = |c: char| c.is_ascii_lowercase();
    let is_beside = |pair: &[char]| is_letter(pair[0]) && is_han(pair[1]) || is_letter(pair[1]) && is_han(pair[0]);
    if chars.windows(2).any(is_beside) {
        return Some(spoken_with_letters(chars));
    }
    Some(Spoken { sounds: chars.iter().map(|c| sound_of(*c)).collect(), bounds: (0..=chars.len()).collect() })
}

/// Letters beside Han that are pinyin from beginning to end stand for their syllables, all others for themselves.
fn spoken_with_letters(chars: &[char]) -> Spoken {
    let mut spoken = Spoken { sounds: Vec::with_capacity(chars.len()), bounds: Vec::with_capacity(chars.len() + 1) };
    spoken.bounds.push(0);
    let is_han_at = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(|c| is_han(*c));
    let mut end = 0_usize;
    for run in chars.chunk_by(|left, right| left.is_ascii_lowercase() == right.is_ascii_lowercase()) {
        let is_beside_han = is_han_at(end.checked_sub(1)) || is_han_at(Some(end + run.len()));
        end += run.len();
        let is_pinyin = run[0].is_ascii_lowercase() && is_beside_han;
        match is_pinyin.then(|| spelled(run)).flatten() {
            Some(syllables) => spoken.add_syllables(run, &syllables),
            None => spoken.add_each(run),
        }
    }
    spoken
}

/// The lengths of the syllables of letters that are pinyin from beginning to end; the reading with the fewest syllables.
fn spelled(letters: &[char]) -> Option<Vec<usize>> {
    let ends_well = letters.last().is_some_and(|last| may_end_syllable(*last));
    if !ends_well || letters.len() > SPELLED_LETTERS_MAX {
        return None;
    }
    // The fewest syllables that end at a place, and how long the last of them is.
    let mut best: [Option<(usize, usize)>; SPELLED_LETTERS_MAX + 1] = [None; SPELLED_LETTERS_MAX + 1];
    best[0] = Some((0, 0));
    for start in 0..letters.len() {
        let Some((count, _)) = best[start] else { continue };
        for length in syllables_at(&letters[start..]) {
            let known = &mut best[start + length];
            if known.is_none_or(|(fewest, _)| fewest > count + 1) {
                *known = Some((count + 1, length));
            }
        }
    }
    let mut end = letters.len();
    let mut lengths = vec![0; best[end]?.0];
    for length in lengths.iter_mut().rev() {
        *length = best[end]?.1;
        end -= *length;
    }
    Some(lengths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{spelled, spoken_hits};
    use crate::detect::scan::FieldText;
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};

    #[test]
    fn letters_are_read_as_syllables_when_all_of_them_are() {
        let spelled = |letters: &str| spelled(&letters.chars().collect::<Vec<_>>());
        assert_eq!(spelled("xing"), Some(vec![4]));
        assert_eq!(spelled("yinhang"), Some(vec![3, 4]));
        assert_eq!(spelled("xian"), Some(vec![4]), "the fewest");
        assert_eq!(spelled("hotel"), None);
        assert_eq!(spelled("to"), None);
        assert_eq!(spelled(""), None);
    }

    fn watch(marks: &[&str]) -> Watch {
        let terms = marks.iter().map(|mark| Term::of(mark, TermKind::Trademark)).collect();
        let ledgers = crate::ledger::Ledgers { terms, ..Default::default() };
        Watch::compile(&ledgers, chrono::NaiveDate::default())
    }

    #[test]
    fn a_text_with_a_mark_as_it_is_written_is_passed_over() {
        let watch = watch(&["星河科技"]);
        let may_stand =
            |text: &str| watch.homophones().may_stand_in(FieldText::new(Field::Text, text).folded.dense_chars());
        assert!(!may_stand("星河科技的银河hotel科技andi") && !may_stand(""));
        assert!(may_stand("星合科技") && may_stand("星河ke技") && may_stand("xing河科技"));
    }

    proptest! {
        #[test]
        fn where_no_mark_may_stand_none_is_found(name in "([星河科技云舟合新珂]|xing|ke|he|ji|a|[a-z \\*]){0,12}") {
            let watch = watch(&["星河科技", "云舟", "星云"]);
            let text = FieldText::new(Field::AccountName, &name);
            let mut hits = Vec::new();
            spoken_hits(&watch, 0, &text, &mut hits);
            let may_stand = watch.homophones().may_stand_in(text.folded.dense_chars());
            assert!(may_stand || hits.is_empty(), "{hits:?}");
        }
    }
}
