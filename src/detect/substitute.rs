//! Marks with one character in the place of another: a rare one, since whoever writes one that nobody writes every day, in the
//! middle of a mark, writes around it, by its shape or by its sound; or one that looks like the mark's own, since it shares the right
//! part with it; a shared radical makes another name. Looked for in names alone.

use std::collections::HashSet;
use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::watch::Watch;
use crate::model::term::{Field, MatchMode, Term};
use crate::text::fold;
use crate::text::parts::share_right;
use crate::text::postings::{Builder, Postings, hash_of};
use crate::text::script::{is_han, is_rare};
use crate::text::words::word;

/// Characters of a mark of which one may be another.
const CHARS_MIN: usize = 2;
/// Characters of a mark of which one may be a rare one: of two, one is too little.
const CHARS_OF_ANY: usize = 3;
/// Characters of the longest mark that is seen through.
const CHARS_MAX: usize = 12;

/// Han writings of marks by what remains of them when one character is left out.
#[derive(Debug, Default)]
pub(super) struct SubstituteIndex {
    /// Term and characters of each writing.
    writings: Vec<(usize, Vec<char>)>,
    /// All of their characters.
    chars: HashSet<char>,
    postings: Postings,
}

impl SubstituteIndex {
    pub(super) fn of(terms: &[Term]) -> Self {
        let (mut index, mut builder) = (Self::default(), Builder::default());
        for (number, term) in terms.iter().enumerate().filter(|(_, term)| term.mode == MatchMode::Fuzzy) {
            for writing in std::iter::once(&term.text).chain(&term.aliases) {
                let chars: Vec<char> = fold::dense(writing).chars().collect();
                if (CHARS_MIN..=CHARS_MAX).contains(&chars.len()) && chars.iter().all(|&c| is_han(c)) {
                    let writing = index.writings.len() as u32;
                    (0..chars.len()).for_each(|at| builder.add(hash_of(without(&chars, at)), writing));
                    index.chars.extend(&chars);
                    index.writings.push((number, chars));
                }
            }
        }
        index.postings = builder.build();
        index
    }

    /// Lengths of windows from the beginning of the characters in which at most one is in no mark, and the places at which another
    /// one of a mark's may stand: that one, or any.
    fn windows(&self, chars: &[char]) -> impl Iterator<Item = (usize, Range<usize>)> {
        let foreign = (0..chars.len().min(CHARS_MAX)).filter(|&place| !self.chars.contains(&chars[place]));
        let foreign: Vec<usize> = foreign.take(2).collect();
        let end = foreign.get(1).copied().unwrap_or(CHARS_MAX.min(chars.len()));
        (CHARS_MIN..=end).map(move |length| {
            let only = foreign.first().copied().filter(|&place| place < length);
            (length, only.map_or(0..length, |place| place..place + 1))
        })
    }

    /// Terms of which the characters are a writing with another one at a place, and how that one relates to the term's own.
    fn find<'i>(&'i self, chars: &'i [char], at: usize) -> impl Iterator<Item = (usize, Disguise)> + 'i {
        let writings = self.postings.get(hash_of(without(chars, at))).iter();
        writings.filter_map(move |&writing| {
            let (term, own) = &self.writings[writing as usize];
            let is_same = own.len() == chars.len() && without(own, at) == without(chars, at);
            Some((*term, disguise(chars, at, *own.get(at).filter(|_| is_same)?)?))
        })
    }
}

/// How a character stands for a mark's own, if it does.
fn disguise(chars: &[char], at: usize, own: char) -> Option<Disguise> {
    let written = chars[at];
    if written == own || !is_han(written) {
        return None;
    }
    if chars.len() >= CHARS_OF_ANY && is_rare(written) {
        return Some(Disguise::RareCharacter);
    }
    // What is a word by itself is no disguise.
    let is_word = || word(&chars.iter().collect::<String>()).is_some();
    (share_right(written, own) && !is_word()).then_some(Disguise::LookAlike)
}

pub(super) fn substitute_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    if text.field != Field::AccountName {
        return;
    }
    let chars = text.folded.dense_chars();
    for start in 0..chars.len() {
        for (length, places) in watch.substitutes().windows(&chars[start..]) {
            let window = &chars[start..start + length];
            let found = places.flat_map(|at| watch.substitutes().find(window, at));
            hits.extend(found.filter_map(|found| hit(index, text, start, start + length - 1, found)));
        }
    }
}

fn hit(index: usize, text: &FieldText, first: usize, last: usize, (term, disguise): (usize, Disguise)) -> Option<Hit> {
    let at = text.folded.plain_range(first..last + 1);
    let is_close = widest_gap(text, first, last).is_some_and(|gap| gap <= GAP_MAX);
    let span = text.folded.origin(at.clone());
    is_close.then_some(Hit { term, text: index, at, span, disguise, is_word: false })
}

/// The characters without one of them; its place counts.
fn without(chars: &[char], at: usize) -> (usize, usize, &[char], &[char]) {
    (chars.len(), at, &chars[..at], &chars[at + 1..])
}

#[cfg(test)]
mod tests {
    use crate::detect::scan::{Disguise, FieldText, scan};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};

    fn found(field: Field, name: &str) -> Vec<Disguise> {
        let aliases = vec!["云舟".into()];
        let mark = Term { aliases, ..Term::of("星河科技", TermKind::Trademark) };
        let ledgers = crate::ledger::Ledgers { terms: vec![mark], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        scan(&watch, &[FieldText::new(field, name)]).into_iter().map(|hit| hit.disguise).collect()
    }

    #[test]
    fn a_rare_character_in_a_mark_is_seen_through() {
        assert_eq!(found(Field::AccountName, "滨城星珂科技客服"), [Disguise::RareCharacter]);
        assert_eq!(found(Field::AccountName, "星*珂*科*技"), [Disguise::RareCharacter]);
    }

    #[test]
    fn a_character_that_shares_a_part_is_seen_through() {
        assert_eq!(found(Field::AccountName, "星何科技"), [Disguise::LookAlike]);
        assert!(found(Field::Text, "星阿科技").is_empty());
        assert!(found(Field::AccountName, "星湖科技").is_empty(), "a shared radical makes another name");
    }

    #[test]
    fn an_everyday_character_makes_another_name_and_of_two_one_is_too_little() {
        assert!(found(Field::AccountName, "星光科技").is_empty());
        assert!(found(Field::AccountName, "云珂").is_empty());
        assert!(found(Field::Text, "星珂科技").is_empty(), "in texts people write what they write");
    }
}
