//! Marks with characters taken apart: 女子 for 好, 弓长 for 张. Looked for in names alone, and each mark by itself: what else is on the
//! watchlist changes nothing. Only characters of marks are put together, so that everyday pairs are left as they are.

use std::collections::{HashMap, HashSet};

use crate::detect::scan::{Disguise, FieldText, GAP_MAX, Hit, widest_gap};
use crate::detect::watch::{Watch, Writing, writings_of};
use crate::model::term::{MatchMode, Term};
use crate::text::parts::parts_of;

/// Marks by their first characters, and the pairs of parts that stand for a character of any.
#[derive(Debug)]
pub(super) struct SplitIndex {
    apart: HashSet<(char, char)>,
    /// By a first character, or by the first part of one.
    marks: HashMap<char, Vec<Mark>>,
}

#[derive(Debug, Clone)]
struct Mark {
    chars: Box<[char]>,
    term: usize,
}

impl SplitIndex {
    pub(super) fn of(terms: &[Term]) -> Self {
        let mut index = Self { apart: HashSet::new(), marks: HashMap::new() };
        for (term, of) in terms.iter().enumerate().filter(|(_, term)| term.mode == MatchMode::Fuzzy) {
            let own = writings_of(of).into_iter().filter(|(_, writing)| *writing == Writing::Own);
            own.for_each(|(text, _)| index.add(Mark { chars: text.chars().collect(), term }));
        }
        index
    }

    fn add(&mut self, mark: Mark) {
        self.apart.extend(mark.chars.iter().flat_map(|c| parts_of(*c)));
        let Some(first) = mark.chars.first() else { return };
        let firsts: HashSet<char> = parts_of(*first).iter().map(|(left, _)| *left).chain([*first]).collect();
        firsts.into_iter().for_each(|first| self.marks.entry(first).or_default().push(mark.clone()));
    }
}

pub(super) fn split_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let chars = text.folded.dense_chars();
    let is_apart = |pair: &[char; 2]| watch.splits().apart.contains(&(pair[0], pair[1]));
    if !text.is_short_name() || !chars.array_windows().any(is_apart) {
        return;
    }
    for (start, first) in chars.iter().enumerate() {
        let marks = watch.splits().marks.get(first).into_iter().flatten();
        hits.extend(marks.filter_map(|mark| hit(index, text, start, mark)));
    }
}

/// One character at least stands there whole, and one at least is taken apart.
fn hit(index: usize, text: &FieldText, start: usize, mark: &Mark) -> Option<Hit> {
    let places = places_of(&text.folded.dense_chars()[start..], &mark.chars)?;
    let apart = places - mark.chars.len();
    let is_close = widest_gap(text, start, start + places - 1).is_some_and(|gap| gap <= GAP_MAX);
    let at = text.folded.plain_range(start..start + places);
    (apart > 0 && apart < mark.chars.len() && is_close).then(|| Hit::of(index, text, mark.term, at, Disguise::Split))
}

/// How many characters a mark takes with which a text begins, two for each that is taken apart.
fn places_of(text: &[char], mark: &[char]) -> Option<usize> {
    mark.iter().try_fold(0, |places, c| match text.get(places..)? {
        [left, right, ..] if parts_of(*c).contains(&(*left, *right)) => Some(places + 2),
        [own, ..] if own == c => Some(places + 1),
        _ => None,
    })
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
    fn what_else_is_on_the_list_changes_nothing() {
        let among = |others: &[&str], name: &str| {
            let terms = others.iter().map(|text| Term::of(text, TermKind::Trademark)).collect();
            let ledgers = crate::ledger::Ledgers { terms, ..Default::default() };
            let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
            scan(&watch, &[FieldText::new(Field::AccountName, name)]).len()
        };
        // 准 has the same parts as 淮, and 认 ends with the part with which 仁 begins.
        assert_eq!([among(&["淮海"], "水隹海"), among(&["淮海", "准时达"], "水隹海")], [1, 1]);
        assert_eq!([among(&["仁和"], "言人二和"), among(&["仁和", "认养"], "言人二和")], [1, 1]);
    }

    #[test]
    fn nothing_is_put_together_in_texts_or_where_no_character_is_whole() {
        assert!(found(Field::Text, "金艮河科技").is_empty());
        assert!(found(Field::AccountName, "金艮水可禾斗手支").is_empty());
    }
}
