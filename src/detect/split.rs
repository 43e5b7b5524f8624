//! Marks with characters taken apart: 女子 for 好, 弓长 for 张. Looked for in names alone. Only characters of marks are put together,
//! so that everyday pairs are left as they are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::watch::{Watch, Writing, writings_of};
use crate::model::term::{Field, MatchMode, Term};
use crate::text::finder::Finder;
use crate::text::fold;
use crate::text::groups::Groups;
use crate::text::parts::parts_of;

/// Two characters side by side → the one that they are parts of, for the characters of marks; and the marks.
#[derive(Debug)]
pub(super) struct SplitIndex {
    whole: HashMap<(char, char), char>,
    finder: Finder,
    terms: Groups<usize>,
}

impl SplitIndex {
    pub(super) fn of(terms: &[Term]) -> Self {
        let fuzzy = terms.iter().filter(|term| term.mode == MatchMode::Fuzzy);
        let writings = fuzzy.flat_map(|term| std::iter::once(&term.text).chain(&term.aliases));
        let needed: HashSet<char> = writings.flat_map(|text| fold::dense(text).chars().collect::<Vec<_>>()).collect();
        let of = |whole: char| parts_of(whole).iter().map(move |&pair| (pair, whole));
        let mut marks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, term) in terms.iter().enumerate() {
            let own = writings_of(term).into_iter().filter(|(_, writing)| *writing == Writing::Own);
            own.for_each(|(text, _)| marks.entry(text).or_default().push(number));
        }
        Self {
            whole: needed.into_iter().flat_map(of).collect(),
            finder: Finder::of(marks.keys().map(String::as_str)),
            terms: Groups::of(marks.into_values()),
        }
    }
}

/// A character of the dense view, or one that two of them make, with its places.
struct Unit {
    c: char,
    places: Range<usize>,
}

pub(super) fn split_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    if text.field != Field::AccountName {
        return;
    }
    let units = units_of(watch.splits(), text);
    if units.iter().all(|unit| unit.places.len() == 1) {
        return;
    }
    let read: Vec<char> = units.iter().map(|unit| unit.c).collect();
    for found in watch.splits().finder.find(&read) {
        let said = &units[found.at];
        let terms = watch.splits().terms.get(found.word).iter();
        hits.extend(terms.filter_map(|term| hit(index, text, said, *term)));
    }
}

/// One character at least stands there whole, and one at least is taken apart.
fn hit(index: usize, text: &FieldText, said: &[Unit], term: usize) -> Option<Hit> {
    let apart = said.iter().filter(|unit| unit.places.len() > 1).count();
    let (first, last) = (said.first()?.places.start, said.last()?.places.end - 1);
    let is_close = widest_gap(text, first, last).is_some_and(|gap| gap <= GAP_MAX);
    let at = text.folded.plain_range(first..last + 1);
    (apart > 0 && apart < said.len() && is_close).then(|| Hit::of(index, text, term, at, Disguise::Split))
}

fn units_of(splits: &SplitIndex, text: &FieldText) -> Vec<Unit> {
    let chars = text.folded.dense_chars();
    let mut units = Vec::with_capacity(chars.len());
    let mut place = 0;
    while place < chars.len() {
        let whole = chars.get(place + 1).and_then(|right| splits.whole.get(&(chars[place], *right)));
        let length = if whole.is_some() { 2 } else { 1 };
        units.push(Unit { c: whole.copied().unwrap_or(chars[place]), places: place..place + length });
        place += length;
    }
    units
}

#[cfg(test)]
mod tests {
    use crate::detect::scan::{Disguise, FieldText, scan};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};

    fn found(field: Field, name: &str) -> Vec<Disguise> {
        let mark = Term::of("银河科技", TermKind::Trademark);
        let ledgers = crate::ledger::Ledgers { terms: vec![mark], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        scan(&watch, &[FieldText::new(field, name)]).into_iter().map(|hit| hit.disguise).collect()
    }

    #[test]
    fn characters_taken_apart_are_put_together() {
        assert_eq!(found(Field::AccountName, "金艮河科技客服"), [Disguise::Split]);
        assert_eq!(found(Field::AccountName, "钅艮河禾斗手支"), [Disguise::Split]);
    }

    #[test]
    fn nothing_is_put_together_in_texts_or_where_no_character_is_whole() {
        assert!(found(Field::Text, "金艮河科技").is_empty());
        assert!(found(Field::AccountName, "金艮水可禾斗手支").is_empty());
    }
}
