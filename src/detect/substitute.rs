//! Marks with one rare character in the place of another: whoever writes one that nobody writes every day, in the middle of a
//! mark, writes around it, by its shape or by its sound. Looked for in names alone.

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::watch::Watch;
use crate::model::term::{Field, MatchMode, Term};
use crate::text::fold;
use crate::text::postings::{Builder, Postings, hash_of};
use crate::text::script::{is_han, is_rare};

/// Characters of a mark of which one may be another: of two, one is too little.
const CHARS_MIN: usize = 3;
/// Characters of the longest mark that is seen through.
const CHARS_MAX: usize = 12;

/// Han writings of marks by what remains of them when one character is left out.
#[derive(Debug, Default)]
pub(super) struct SubstituteIndex {
    /// Term of each writing.
    terms: Vec<usize>,
    postings: Postings,
}

impl SubstituteIndex {
    pub(super) fn of(terms: &[Term]) -> Self {
        let (mut index, mut builder) = (Self::default(), Builder::default());
        for (number, term) in terms.iter().enumerate().filter(|(_, term)| term.mode == MatchMode::Fuzzy) {
            for writing in std::iter::once(&term.text).chain(&term.aliases) {
                let chars: Vec<char> = fold::dense(writing).chars().collect();
                if (CHARS_MIN..=CHARS_MAX).contains(&chars.len()) && chars.iter().all(|&c| is_han(c)) {
                    (0..chars.len()).for_each(|at| builder.add(hash_of(without(&chars, at)), index.terms.len() as u32));
                    index.terms.push(number);
                }
            }
        }
        index.postings = builder.build();
        index
    }

    fn find(&self, chars: &[char], at: usize) -> impl Iterator<Item = usize> {
        self.postings.get(hash_of(without(chars, at))).iter().map(|&writing| self.terms[writing as usize])
    }
}

pub(super) fn substitute_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    if text.field != Field::AccountName {
        return;
    }
    let chars: Vec<char> = text.folded.dense_text().chars().collect();
    for place in (0..chars.len()).filter(|&place| is_rare(chars[place])) {
        for length in CHARS_MIN..=CHARS_MAX.min(chars.len()) {
            for start in (place + 1).saturating_sub(length)..=place.min(chars.len() - length) {
                let found = watch.substitutes().find(&chars[start..start + length], place - start);
                hits.extend(found.filter_map(|term| hit(index, text, start, start + length - 1, term)));
            }
        }
    }
}

fn hit(index: usize, text: &FieldText, first: usize, last: usize, term: usize) -> Option<Hit> {
    let at = text.folded.dense()[first]..text.folded.dense()[last] + 1;
    let is_close = widest_gap(text, first, last).is_some_and(|gap| gap <= GAP_MAX);
    let span = text.folded.origin(at.clone());
    is_close.then_some(Hit { term, text: index, at, span, disguise: Disguise::RareCharacter, is_word: false })
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
    fn an_everyday_character_makes_another_name_and_of_two_one_is_too_little() {
        assert!(found(Field::AccountName, "星海科技").is_empty());
        assert!(found(Field::AccountName, "云珂").is_empty());
        assert!(found(Field::Text, "星珂科技").is_empty(), "in texts people write what they write");
    }
}
