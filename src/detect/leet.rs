//! Marks with figures and symbols in the place of letters: x1nghe, x!nghe. Looked for in names alone, where people make
//! themselves up.

use crate::detect::scan::{Disguise, FieldText, Hit, stands_free};
use crate::detect::watch::{Watch, Writing};
use crate::model::term::Field;
use crate::text::figures::letters;
use crate::text::script::is_han;

/// Shortest mark that is seen through figures; shorter ones are too easily a size or a version.
const CHARS_MIN: usize = 4;
/// Characters between two letters of a mark of several words.
const GAP_MAX: usize = 4;

/// A text read with letters for figures: each letter with its place in the plain view.
struct Reading {
    letters: Vec<char>,
    places: Vec<usize>,
}

pub(super) fn leet_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let has_figure = || text.plain().contains(|c| letters(c).is_some());
    let has_letter = || text.plain().bytes().any(|b| b.is_ascii_lowercase());
    if text.field != Field::AccountName || !has_figure() || !has_letter() {
        return;
    }
    (0..2).for_each(|choice| hits_by(watch, index, text, &reading(text, choice), hits));
}

/// Symbols count only beside a letter, a figure or another such symbol; elsewhere they are punctuation.
fn reading(text: &FieldText, choice: usize) -> Reading {
    let plain = text.folded.plain();
    let is_written =
        |place: usize| plain.get(place).is_some_and(|f| f.c.is_ascii_alphanumeric() || letter(f.c, choice).is_some());
    let mut reading = Reading { letters: Vec::new(), places: Vec::new() };
    for (place, folded) in plain.iter().enumerate() {
        let is_beside = || is_written(place + 1) || place.checked_sub(1).is_some_and(is_written);
        let read = match letter(folded.c, choice) {
            Some(letter) => (folded.c.is_ascii_digit() || is_beside()).then_some(letter),
            None => folded.c.is_alphanumeric().then_some(folded.c),
        };
        if let Some(c) = read {
            reading.letters.push(c);
            reading.places.push(place);
        }
    }
    reading
}

fn letter(c: char, choice: usize) -> Option<char> {
    letters(c).map(|letters| letters[choice])
}

fn hits_by(watch: &Watch, index: usize, text: &FieldText, reading: &Reading, hits: &mut Vec<Hit>) {
    for found in watch.literal().find(&reading.letters) {
        let within = &reading.places[found.at];
        let [first, .., last] = within else { continue };
        let at = *first..*last + 1;
        if !is_likely(text, within) {
            continue;
        }
        let patterns = watch.patterns(found.word).iter().filter(|pattern| pattern.writing != Writing::Word);
        let is_free = |term: usize| stands_free(watch, term, text, &at);
        let hit = |term| Hit::of(index, text, term, at.clone(), Disguise::OtherCharacters);
        hits.extend(patterns.filter(|pattern| is_free(pattern.term)).map(|pattern| hit(pattern.term)));
    }
}

/// Whether a few figures stand among letters, close together: at least one, at most as many as letters.
fn is_likely(text: &FieldText, within: &[usize]) -> bool {
    let written = |place: &&usize| text.folded.plain()[**place].c;
    let figures = within.iter().filter(|place| !written(place).is_alphabetic()).count();
    let is_latin = within.iter().all(|place| !is_han(written(&place)));
    let is_close = within.windows(2).all(|pair| pair[1] - pair[0] <= GAP_MAX);
    within.len() >= CHARS_MIN && is_latin && is_close && figures > 0 && figures * 2 <= within.len()
}
