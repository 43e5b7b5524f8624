//! Marks in Latin letters written a little wrong: xiinghe, yunhzou. Looked for in names alone, word by word.
//!
//! A word and a mark are alike when at most one letter (two in long marks) was left out, added, swapped with its neighbour or
//! changed for one that looks like it, each at its own price. Candidates are found by the letters that remain when one or two
//! are left out (the symmetric deletes of Garbe 2012), so that a name costs no more with many marks than with one.

use std::ops::RangeInclusive;

use crate::detect::scan::{Disguise, FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::term::{Field, MatchMode, Term};
use crate::text::fold;
use crate::text::postings::{Builder, Postings, hash_of};

/// Letters of a mark or a word that are compared; with fewer, a mark is a slip away from too many words.
const LETTERS: RangeInclusive<usize> = 5..=32;
/// A letter may be too many or missing in so many letters, and two at most.
const LETTERS_A_SLIP: f64 = 6.0;
const SLIPS_MAX: f64 = 2.0;
/// From so many letters of a word on two are left out to find its marks: one of seven has room for two doubled letters.
const LETTERS_FOR_TWO: usize = 9;
/// Words that make up one mark.
const WORDS_MAX: usize = 3;

/// The Latin writings of marks by what remains of them when letters are left out.
#[derive(Debug, Default)]
pub(super) struct TypoIndex {
    writings: Vec<(String, usize)>,
    postings: Postings,
}

impl TypoIndex {
    pub(super) fn of(terms: &[Term]) -> Self {
        let (mut writings, mut builder) = (Vec::new(), Builder::default());
        for (number, term) in terms.iter().enumerate().filter(|(_, term)| term.mode == MatchMode::Fuzzy) {
            for writing in std::iter::once(&term.text).chain(&term.aliases).map(|writing| fold::dense(writing)) {
                if is_comparable(&writing) {
                    remains(&writing).iter().for_each(|remain| builder.add(hash_of(remain), writings.len() as u32));
                    writings.push((writing, number));
                }
            }
        }
        Self { writings, postings: builder.build() }
    }

    /// Marks that the word is one of, a little wrong; never one that it is exactly.
    fn find(&self, word: &str) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for remain in remains(word) {
            for (writing, term) in
                self.postings.get(hash_of(&remain)).iter().map(|&number| &self.writings[number as usize])
            {
                // The first letter is what people look at: with another one it is another word (singhe, xinghe).
                let begins_alike = writing.as_bytes().first() == word.as_bytes().first();
                let is_near = || writing != word && cost(writing.as_bytes(), word.as_bytes()) <= cost_max(writing);
                if begins_alike && !found.contains(term) && is_near() {
                    found.push(*term);
                }
            }
        }
        found
    }
}

pub(super) fn typo_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    if text.field != Field::AccountName {
        return;
    }
    let words = words_of(text);
    for first in 0..words.len() {
        for last in first..words.len().min(first + WORDS_MAX) {
            let at = words[first].0..words[last].1;
            if words[first..=last].windows(2).any(|pair| !are_neighbours(text, pair)) {
                break;
            }
            let letters: String =
                text.folded.plain()[at.clone()].iter().map(|f| f.c).filter(char::is_ascii_alphabetic).collect();
            if !is_comparable(&letters) {
                continue;
            }
            let hit = |term| Hit::of(index, text, term, at.clone(), Disguise::Misspelled);
            hits.extend(watch.typos().find(&letters).into_iter().map(hit));
        }
    }
}

/// Whether two words are written as one name: a space, a hyphen or an underscore between them. A full stop parts the labels of
/// a host.
fn are_neighbours(text: &FieldText, pair: &[(usize, usize)]) -> bool {
    let between = &text.folded.plain()[pair[0].1..pair[1].0];
    matches!(between, [gap] if " -_".contains(gap.c))
}

/// Runs of letters, by their places in the plain view.
fn words_of(text: &FieldText) -> Vec<(usize, usize)> {
    let plain = text.folded.plain();
    let is_letter = |place: &usize| plain[*place].c.is_ascii_lowercase();
    let starts = (0..plain.len()).filter(|place| is_letter(place) && (*place == 0 || !is_letter(&(place - 1))));
    starts.map(|start| (start, start + (start..plain.len()).take_while(is_letter).count())).collect()
}

fn is_comparable(letters: &str) -> bool {
    LETTERS.contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase())
}

/// The longer a mark, the more may be wrong.
fn cost_max(writing: &str) -> f64 {
    (writing.len() as f64 / LETTERS_A_SLIP).min(SLIPS_MAX)
}

/// Letters that look alike in print.
const ALIKE: [[u8; 2]; 10] = [*b"il", *b"ij", *b"lj", *b"uv", *b"vw", *b"ce", *b"co", *b"hn", *b"mn", *b"gq"];

/// What it costs to write the one for the other: the optimal string alignment (Damerau 1964) with what fingers and eyes miss
/// most easily, two letters swapped, a letter doubled or a look-alike, at half the price. Another letter counts as one missing and one too many.
fn cost(mark: &[u8], word: &[u8]) -> f64 {
    let mut rows: Vec<Vec<f64>> = vec![vec![0.0; word.len() + 1]; mark.len() + 1];
    for i in 0..=mark.len() {
        for j in 0..=word.len() {
            let left_out = i.checked_sub(1).map(|a| rows[a][j] + single(mark, a));
            let added = j.checked_sub(1).map(|b| rows[i][b] + single(word, b));
            let instead = i.checked_sub(1).zip(j.checked_sub(1)).map(|(a, b)| rows[a][b] + change(mark[a], word[b]));
            let is_swapped = i > 1 && j > 1 && mark[i - 2] == word[j - 1] && mark[i - 1] == word[j - 2];
            let swapped = is_swapped.then(|| rows[i - 2][j - 2] + 0.5);
            let best = [left_out, added, instead, swapped].into_iter().flatten().reduce(f64::min);
            rows[i][j] = best.unwrap_or(0.0);
        }
    }
    rows[mark.len()][word.len()]
}

/// The price of a letter that only one of the two has.
fn single(letters: &[u8], at: usize) -> f64 {
    let is_double = at > 0 && letters[at] == letters[at - 1];
    if is_double { 0.5 } else { 1.0 }
}

fn change(a: u8, b: u8) -> f64 {
    let are_alike = ALIKE.contains(&[a, b]) || ALIKE.contains(&[b, a]);
    match (a == b, are_alike) {
        (true, _) => 0.0,
        (_, true) => 0.5,
        _ => f64::INFINITY,
    }
}

/// The letters, and what remains of them when as many are left out as may be wrong.
fn remains(letters: &str) -> Vec<String> {
    let mut all = vec![letters.to_owned()];
    let mut start = 0;
    for _ in 0..if letters.len() >= LETTERS_FOR_TWO { 2 } else { 1 } {
        let end = all.len();
        for place in start..end {
            all.extend(
                (0..all[place].len()).map(|at| [&all[place][..at], &all[place][at + 1..]].concat()).collect::<Vec<_>>(),
            );
        }
        start = end;
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::TypoIndex;
    use crate::model::term::{Term, TermKind};

    fn found(word: &str) -> bool {
        let aliases = vec!["Xinghe".into(), "Yunzhoutech".into(), "Lan".into()];
        let index = TypoIndex::of(&[Term { aliases, ..Term::of("星河科技", TermKind::Trademark) }]);
        index.find(word) == [0]
    }

    #[test]
    fn one_letter_may_be_wrong_and_two_in_a_long_mark() {
        for word in ["xnghe", "xiinghe", "xinhge", "xinqhe", "yunzhotech", "yunhzoutehc"] {
            assert!(found(word), "{word}");
        }
    }

    #[test]
    fn the_mark_itself_a_short_one_and_another_word_are_no_typo() {
        for word in ["xinghe", "lam", "xinhgte", "xing", "hotel", "xinbhe", "minghe", "yunzhoutach"] {
            assert!(!found(word), "{word}");
        }
    }
}
