//! Marks in characters of the same sound, or with some of them in pinyin: 星合科技, 星河ke技.

use std::ops::Range;

use crate::detect::scan::{CharPlaces, Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::watch::{SoundPattern, Watch, sound_of, sound_of_syllable, southern};
use crate::model::term::Field;
use crate::text::pinyin::SYLLABLES;
use crate::text::script::{is_han, is_rare};

/// Letters of the longest syllable (`zhuang`).
const SYLLABLE_LETTERS_MAX: usize = 6;
/// Letters in a row that are read as pinyin at most; longer ones are words of another language.
const SPELLED_LETTERS_MAX: usize = 18;

/// A character or a syllable in letters, with its places in the dense view.
struct Unit {
    sound: char,
    places: Range<usize>,
}

pub(super) fn sound_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(automaton) = watch.sound() else { return };
    let units = units_of(text);
    let sounds: String = units.iter().map(|unit| unit.sound).collect();
    let mut places = CharPlaces::of(&sounds);
    for found in automaton.find_overlapping_iter(&sounds) {
        let said = &units[places.of_bytes(found.start()..found.end())];
        let patterns = watch.sound_patterns(found.value()).iter();
        hits.extend(patterns.filter_map(|pattern| sound_hit(index, text, said, pattern)));
    }
}

/// Marks of which one character is another that sounds like it to many speakers of the south. Looked for in names alone.
pub(super) fn southern_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(automaton) = watch.southern().filter(|_| text.field == Field::AccountName) else { return };
    let units = units_of(text);
    let sounds: String = units.iter().map(|unit| southern(unit.sound)).collect();
    let mut places = CharPlaces::of(&sounds);
    for found in automaton.find_overlapping_iter(&sounds) {
        let said = &units[places.of_bytes(found.start()..found.end())];
        let is_one_off = |pattern: &&SoundPattern| {
            pattern.chars.iter().zip(said).filter(|(c, unit)| !is_written(text, unit, **c)).count() == 1
        };
        let patterns = watch.southern_patterns(found.value()).iter().filter(is_one_off);
        let found = patterns.filter_map(|pattern| sound_hit(index, text, said, pattern));
        hits.extend(found.map(|hit| Hit { disguise: Disguise::SouthernHomophone, ..hit }));
    }
}

fn sound_hit(index: usize, text: &FieldText, said: &[Unit], pattern: &SoundPattern) -> Option<Hit> {
    let (first, last) = (said.first()?.places.start, said.last()?.places.end - 1);
    let same = pattern.chars.iter().zip(said).filter(|(c, unit)| is_written(text, unit, **c)).count();
    // Half of the characters must be the mark's own: 元代 is no disguise of a mark that sounds alike.
    let is_near = same < pattern.chars.len() && same * 2 >= pattern.chars.len();
    let is_rare = |(c, unit): (&char, &Unit)| is_written(text, unit, *c) || is_written_rarely(text, unit);
    let is_rare = pattern.chars.iter().zip(said).all(is_rare);
    // Symbols inside are no accident where the characters are none.
    let gap_allowed = if is_rare { GAP_MAX } else { 0 };
    if !is_near || widest_gap(text, first, last).is_none_or(|gap| gap > gap_allowed) {
        return None;
    }
    let at = text.folded.dense()[first]..text.folded.dense()[last] + 1;
    let span = text.folded.origin(at.clone());
    let disguise = if is_rare { Disguise::RareHomophone } else { Disguise::Homophone };
    Some(Hit { term: pattern.term, text: index, at, span, disguise, is_word: false })
}

fn is_written_rarely(text: &FieldText, unit: &Unit) -> bool {
    // A syllable in letters within Han characters is as rare.
    unit.places.len() > 1 || is_rare(text.folded.plain()[text.folded.dense()[unit.places.start]].c)
}

fn is_written(text: &FieldText, unit: &Unit, c: char) -> bool {
    unit.places.len() == 1 && text.folded.plain()[text.folded.dense()[unit.places.start]].c == c
}

/// The dense view by sounds. Letters beside Han that are pinyin from beginning to end stand for their syllables, all others for
/// themselves.
fn units_of(text: &FieldText) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(text.folded.dense().len());
    let mut add = |sound: char, length: usize| {
        let start = units.last().map_or(0, |unit| unit.places.end);
        units.push(Unit { sound, places: start..start + length });
    };
    let (mut before, mut rest) = (None, text.folded.dense_text());
    while let Some(c) = rest.chars().next() {
        let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let (run, after) = rest.split_at(if letters == 0 { c.len_utf8() } else { letters });
        let is_beside_han = || [before, after.chars().next()].into_iter().flatten().any(is_han);
        match (letters > 0 && is_beside_han()).then(|| spelled(run)).flatten() {
            Some(syllables) => syllables.into_iter().for_each(|s| add(sound_of_syllable(s), s.len())),
            None => run.chars().for_each(|c| add(sound_of(c), 1)),
        }
        (before, rest) = (run.chars().next_back(), after);
    }
    units
}

/// The syllables of letters that are pinyin from beginning to end; the reading with the fewest syllables.
fn spelled(letters: &str) -> Option<Vec<&str>> {
    if letters.is_empty() || letters.len() > SPELLED_LETTERS_MAX {
        return None;
    }
    let mut best: Vec<Option<Vec<&str>>> = vec![None; letters.len() + 1];
    best[0] = Some(Vec::new());
    for end in 1..=letters.len() {
        for start in end.saturating_sub(SYLLABLE_LETTERS_MAX)..end {
            let syllable = &letters[start..end];
            let Some(before) = best[start].as_ref().filter(|_| SYLLABLES.contains(syllable)) else { continue };
            if best[end].as_ref().is_none_or(|known| known.len() > before.len() + 1) {
                best[end] = Some(before.iter().copied().chain([syllable]).collect());
            }
        }
    }
    best.pop().flatten()
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn letters_are_read_as_syllables_when_all_of_them_are() {
        assert_eq!(spelled("xing"), Some(vec!["xing"]));
        assert_eq!(spelled("yinhang"), Some(vec!["yin", "hang"]));
        assert_eq!(spelled("hotel"), None);
        assert_eq!(spelled(""), None);
    }
}
