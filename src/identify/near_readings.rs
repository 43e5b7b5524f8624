//! The ways in which a shown name is read, each at its price in slips: as it is, without figures or words behind, in another
//! order, with letters for figures, without letters among Han characters, by its sound. Says nothing about whose it is.

use crate::text::figures::letters;
use crate::text::pinyin::spelled;
use crate::text::script::is_han;

/// Prices in slips: figures read as letters, figures behind a name, words in another order, an added word, letters among
/// Han characters, characters by their sound alone.
const FIGURES_AS_LETTERS: f64 = 0.25;
const FIGURES_BEHIND: f64 = 0.25;
const OTHER_ORDER: f64 = 0.25;
pub(super) const ADDED_WORD: f64 = 1.0;
const LETTERS_AMONG_HAN: f64 = 2.0;
const BY_SOUND: f64 = 0.5;
/// So many figures behind a name are no letters of it.
const FIGURES_BEHIND_MIN: usize = 2;
/// Words that may be added behind a name.
const ADDED_WORDS_MAX: usize = 2;
/// Bytes of a name at least that is left when a word is taken away: five letters, two Han characters.
const LETTERS_LEFT_MIN: usize = 5;
/// Signs that cover a Han character between two others.
const COVERS: &str = "*×○●□■?";

/// A way in which a name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reading {
    /// As it is, in any order of its words, without what is added.
    Written,
    /// With letters for figures and signs, or without letters among Han characters.
    Uncovered,
    /// By the sounds of its characters.
    Sound,
}

/// A reading of a name with its price in slips.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    /// What is read, never empty.
    pub(crate) text: String,
    /// How.
    pub(crate) reading: Reading,
    /// Price in slips.
    pub(crate) price: f64,
    /// What of the name it is a reading of, as written, without figures behind.
    pub(crate) written: String,
}

/// Every reading of a folded name; words are left out behind it only where they may be.
pub(crate) fn readings_of(plain: &str, may_leave_out: impl Fn(&str) -> bool) -> Vec<Read> {
    let words = words_of(plain);
    let mut read = Vec::new();
    add(&mut read, &words, 0.0);
    for added in 1..=ADDED_WORDS_MAX.min(words.len().saturating_sub(1)) {
        let (left, out) = words.split_at(words.len() - added);
        if is_name_long(&left.concat()) && out.iter().all(|word| may_leave_out(word)) {
            add(&mut read, left, added as f64 * ADDED_WORD);
        }
    }
    if let [first, second] = words[..]
        && !first.contains(is_han)
        && !second.contains(is_han)
    {
        add(&mut read, &[second, first], OTHER_ORDER);
    }
    read
}

fn is_name_long(left: &str) -> bool {
    left.len() >= LETTERS_LEFT_MIN
}

/// Runs of Han characters and of other letters, figures and the signs that stand for something.
pub(super) fn words_of(plain: &str) -> Vec<&str> {
    let covers = covers_of(plain);
    let is_kept = |(at, c): (usize, char)| c.is_alphanumeric() || letters(c).is_some() || covers.contains(&at);
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in plain.char_indices() {
        let kind = is_kept((at, c)).then(|| is_han(c));
        if kind != before {
            words.extend(before.map(|_| &plain[start..at]));
            (start, before) = (at, kind);
        }
    }
    words.extend(before.map(|_| &plain[start..]));
    words
}

/// Where a sign stands for a Han character.
fn covers_of(plain: &str) -> Vec<usize> {
    let chars: Vec<(usize, char)> = plain.char_indices().collect();
    let covered = chars.windows(3).filter(|three| is_han(three[0].1) && is_han(three[2].1));
    covered.map(|three| three[1]).filter(|(_, sign)| COVERS.contains(*sign)).map(|(at, _)| at).collect()
}

pub(super) fn add(read: &mut Vec<Read>, words: &[&str], price: f64) {
    let text = words.concat();
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let figures = text.len() - name.len();
    if figures > 0 && !name.is_empty() {
        add_letters(read, name, name, price + FIGURES_BEHIND);
    }
    if !text.is_empty() && (figures < FIGURES_BEHIND_MIN || name.is_empty()) {
        add_letters(read, &text, name, price);
    }
    add_han(read, name, price);
}

/// Its Han characters alone, or by their sounds where there is nothing else.
fn add_han(read: &mut Vec<Read>, name: &str, price: f64) {
    let written = || name.to_owned();
    let han: String = name.chars().filter(|&c| is_han(c)).collect();
    if !han.is_empty() && han.len() == name.len() {
        let sound = |text| Read { text, reading: Reading::Sound, price: price + BY_SOUND, written: written() };
        read.extend(spelled(&han).map(sound));
    } else if han.chars().count() > 1 {
        let price = price + LETTERS_AMONG_HAN;
        read.push(Read { text: han, reading: Reading::Uncovered, price, written: written() });
    }
}

/// The text as it is, or with letters for its figures where it has any.
fn add_letters(read: &mut Vec<Read>, text: &str, name: &str, price: f64) {
    let written = || name.to_owned();
    if !text.contains(|c| letters(c).is_some()) {
        return read.push(Read { text: text.to_owned(), reading: Reading::Written, price, written: written() });
    }
    let by = |choice: usize| text.chars().map(|c| letters(c).map_or(c, |both| both[choice])).collect::<String>();
    let mut texts = vec![by(0), by(1)];
    texts.dedup();
    let price = price + FIGURES_AS_LETTERS;
    read.extend(texts.into_iter().map(|text| Read { text, reading: Reading::Uncovered, price, written: written() }));
}

#[cfg(test)]
mod tests {
    use super::{readings_of, words_of};

    #[test]
    fn a_name_is_read_at_few_prices() {
        assert!(readings_of("a1b2 c3d4 e5f6 林知夏客服9", |_| true).len() <= 16);
    }

    #[test]
    fn what_has_nothing_to_read_has_no_reading() {
        for shown in ["", "—", "😀"] {
            assert_eq!(readings_of(shown, |_| true), [], "{shown}");
        }
    }

    #[test]
    fn words_end_where_the_script_does_and_a_sign_covers_a_character_between_two() {
        assert_eq!(words_of("林z夏_hr! 夏*"), ["林", "z", "夏", "hr!", "夏"]);
        assert_eq!(words_of("林*夏"), ["林", "*", "夏"]);
        assert_eq!(words_of("mary*smith"), ["mary", "smith"]);
    }
}
