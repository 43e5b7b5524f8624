//! Runs of a text that are looked for first: of ideographs at every place, of letters only across the beginnings of words.
//!
//! Four ideographs are a run and eight letters: a letter says less. A run of letters begins four letters before the beginning of a
//! word, so that it has the end of one word and the beginning of the next: a long word alone stands in many documents.

use std::ops::Range;

/// A run ends with the sound by which it weighs so much.
pub(crate) const WEIGHT: usize = 8;
/// What the sound of an ideograph weighs, as does any sign of a script without spaces or of syllables.
const IDEOGRAPH: usize = 2;
/// What a letter or a digit weighs.
const LETTER: usize = 1;
/// So many letters before the beginning of a word a run begins.
const BEFORE: usize = WEIGHT / 2;
/// In a longer word every letter begins a run: its spaces may have been taken out.
const WORD_MAX: usize = 20;

/// Where a run stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The place of its first sound.
    pub(crate) start: u32,
    /// The place behind its last sound.
    pub(crate) end: u32,
    /// What all that stands before it in the text weighs.
    pub(crate) reach: u32,
}

impl Opening {
    /// The places of its sounds.
    pub(crate) fn places(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Whether a sound is a letter or a digit of a script that sets words apart, such as Latin, Greek, Cyrillic, Hebrew and Arabic: their
/// letters come first in Unicode.
pub(crate) fn is_letter(sound: char) -> bool {
    sound < '\u{900}'
}

/// The runs of a text, in their order, by its sounds and by the place of each in the view that has separators as well. Of those that
/// begin with ideographs only the ones at each place of so many.
pub(crate) fn openings(sounds: &[char], plain: &[u32], step: usize) -> Vec<Opening> {
    let mut openings = Vec::with_capacity(sounds.len() / step.min(IDEOGRAPH) + 1);
    let (mut first, mut before) = (0, 0);
    for piece in sounds.chunk_by(|a, b| is_letter(*a) == is_letter(*b)) {
        let (end, weight) = (first + piece.len(), weight(piece[0]));
        let mut open = |start: usize| {
            let reach = (before + (start - first) * weight) as u32;
            let end = length(&sounds[start..]).map(|length| (start + length) as u32);
            openings.extend(end.map(|end| Opening { start: start as u32, end, reach }));
        };
        if is_letter(piece[0]) {
            each_beginning(&plain[first..end], |place| open(first + place));
        } else {
            (first.next_multiple_of(step)..end).step_by(step).for_each(open);
        }
        (first, before) = (end, before + piece.len() * weight);
    }
    openings
}

fn weight(sound: char) -> usize {
    if is_letter(sound) { LETTER } else { IDEOGRAPH }
}

/// How many of some sounds a run has that begins with the first, if they are enough.
fn length(sounds: &[char]) -> Option<usize> {
    const IDEOGRAPHS: usize = WEIGHT / IDEOGRAPH;
    if sounds.first_chunk::<IDEOGRAPHS>()?.iter().all(|sound| !is_letter(*sound)) {
        return Some(IDEOGRAPHS);
    }
    let weighed = sounds.iter().scan(0, |weighed, sound| {
        *weighed += weight(*sound);
        Some(*weighed)
    });
    weighed.take(WEIGHT).position(|weighed| weighed >= WEIGHT).map(|last| last + 1)
}

/// The places among some letters at which runs begin, rising, by the places of the letters in the view that has separators as well.
fn each_beginning(plain: &[u32], mut with_each: impl FnMut(usize)) {
    let (mut word, mut next) = (0_usize, 0);
    for letters in plain.chunk_by(|a, b| *b == *a + 1) {
        let start = word.saturating_sub(BEFORE);
        let end = if letters.len() > WORD_MAX { word + letters.len() } else { start + 1 };
        (start.max(next)..end).for_each(&mut with_each);
        (word, next) = (word + letters.len(), next.max(end));
    }
}

#[cfg(test)]
mod tests {
    use super::openings;
    use crate::detect::fingerprint::sounds;
    use crate::text::fold::Folded;

    /// The runs of a text as it is folded, with what stands before each.
    fn runs(text: &str) -> Vec<(String, u32)> {
        let folded = Folded::of(text);
        let chars = folded.dense_chars();
        let openings = openings(&sounds(&folded), folded.dense(), 1);
        openings.iter().map(|opening| (chars[opening.places()].iter().collect(), opening.reach)).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        runs(text).into_iter().map(|(run, _)| run).collect()
    }

    #[test]
    fn four_ideographs_are_a_run_at_every_place() {
        assert_eq!(
            runs("云舟储能，电芯"),
            [("云舟储能", 0), ("舟储能电", 2), ("储能电芯", 4)].map(|(run, reach)| (run.into(), reach))
        );
        assert!(texts("云舟储").is_empty() && texts("").is_empty());
    }

    #[test]
    fn of_ideographs_some_places_can_be_left_out_and_of_letters_none() {
        let folded = Folded::of("云舟储能电芯 Quarterly figures");
        let starts = |step| {
            let openings = openings(&sounds(&folded), folded.dense(), step);
            openings.iter().map(|opening| opening.start).collect::<Vec<u32>>()
        };
        assert_eq!((starts(1), starts(3)), (vec![0, 1, 2, 3, 4, 5, 6, 11], vec![0, 3, 6, 11]));
    }

    #[test]
    fn eight_letters_across_the_beginning_of_a_word_are_a_run() {
        assert_eq!(
            texts("Quarterly figures of the Group"),
            ["quarterl", "erlyfigu", "uresofth", "esoftheg", "fthegrou"]
        );
    }

    #[test]
    fn figures_between_ideographs_are_runs_with_them() {
        assert_eq!(texts("第27条与3年"), ["第27条与", "27条与3年"]);
    }

    #[test]
    fn without_spaces_every_letter_begins_a_run_and_those_of_the_words_are_among_them() {
        let words = texts("Quarterly figures of the Group");
        let joined = texts("Quarterlyfiguresofthegroup");
        assert!(joined.len() == 19 && words.iter().all(|run| joined.contains(run)));
    }

    #[test]
    fn letters_set_apart_one_by_one_begin_the_runs_of_the_words_as_well() {
        let apart = texts("Q u a r t e r l y f i g u r e s of the Group");
        assert!(texts("Quarterly figures of the Group").iter().all(|run| apart.contains(run)));
    }
}
