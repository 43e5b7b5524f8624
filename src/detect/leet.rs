//! Marks with figures in the place of letters: x1nghe. Looked for in names alone, where people make themselves up.

use std::ops::Range;

use crate::detect::scan::{CharPlaces, Disguise, FieldText, Hit, literal_hit};
use crate::detect::watch::{Watch, Writing};
use crate::model::term::Field;

/// Shortest mark that is seen through figures; shorter ones are too easily a size or a version.
const CHARS_MIN: usize = 4;

/// Letters that figures stand for. `1` is either of two.
const READINGS: [[(char, char); 7]; 2] = [
    [('0', 'o'), ('1', 'i'), ('3', 'e'), ('4', 'a'), ('5', 's'), ('7', 't'), ('8', 'b')],
    [('0', 'o'), ('1', 'l'), ('3', 'e'), ('4', 'a'), ('5', 's'), ('7', 't'), ('8', 'b')],
];

pub(super) fn leet_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let dense = text.folded.dense_text();
    let has_both = dense.bytes().any(|b| b.is_ascii_digit()) && dense.bytes().any(|b| b.is_ascii_lowercase());
    if text.field != Field::AccountName || !has_both {
        return;
    }
    READINGS.iter().for_each(|reading| hits_by(watch, index, text, reading, hits));
}

fn hits_by(watch: &Watch, index: usize, text: &FieldText, reading: &[(char, char)], hits: &mut Vec<Hit>) {
    let Some(automaton) = watch.literal() else { return };
    let letter = |c: char| reading.iter().find(|(figure, _)| *figure == c).map_or(c, |(_, letter)| *letter);
    let read: String = text.folded.dense_text().chars().map(letter).collect();
    let mut places = CharPlaces::of(&read);
    for found in automaton.find_overlapping_iter(&read) {
        let at = places.of_bytes(found.start()..found.end());
        if !is_likely(text, &at) {
            continue;
        }
        let patterns = watch.patterns(found.value()).iter().filter(|pattern| pattern.writing != Writing::Word);
        let found = patterns.filter_map(|pattern| literal_hit(watch, index, text, at.start, at.end - 1, *pattern));
        hits.extend(found.map(|hit| Hit { disguise: hit.disguise.max(Disguise::OtherCharacters), ..hit }));
    }
}

/// Whether a few figures stand among letters: at least one, at most as many as letters.
fn is_likely(text: &FieldText, at: &Range<usize>) -> bool {
    let written = |place: &usize| text.folded.plain()[*place].c;
    let figures = text.folded.dense()[at.clone()].iter().filter(|place| written(place).is_ascii_digit()).count();
    at.len() >= CHARS_MIN && figures > 0 && figures * 2 <= at.len()
}
