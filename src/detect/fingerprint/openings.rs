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
    let begins = beginnings(sounds, plain, step);
    let mut openings = Vec::with_capacity(sounds.len());
    let (mut end, mut weighed, mut reach) = (0, 0, 0);
    for (start, sound) in sounds.iter().enumerate() {
        while weighed < reach + WEIGHT && end < sounds.len() {
            weighed += weight(sounds[end]);
            end += 1;
        }
        if begins[start] && weighed >= reach + WEIGHT {
            openings.push(Opening { start: start as u32, end: end as u32, reach: reach as u32 });
        }
        reach += weight(*sound);
    }
    openings
}

fn weight(sound: char) -> usize {
    if is_letter(sound) { LETTER } else { IDEOGRAPH }
}

/// Whether a run begins at each place.
fn beginnings(sounds: &[char], plain: &[u32], step: usize) -> Vec<bool> {
    let mut begins = vec![false; sounds.len()];
    for place in (0..sounds.len()).step_by(step) {
        begins[place] = !is_letter(sounds[place]);
    }
    let (mut start, mut first) = (0, 0);
    for pieces in sounds.chunk_by(|a, b| is_letter(*a) == is_letter(*b)) {
        let end = start + pieces.len();
        while is_letter(pieces[0]) && start < end {
            let length = word_length(&plain[start..end]);
            if length > WORD_MAX {
                begins[start..start + length].fill(true);
            }
            begins[first.max(start.saturating_sub(BEFORE))] = true;
            start += length;
        }
        (start, first) = (end, end);
    }
    begins
}

/// How many letters follow one another with nothing between, by their places in the view that has separators as well.
fn word_length(plain: &[u32]) -> usize {
    plain.windows(2).take_while(|two| two[1] == two[0] + 1).count() + 1
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
