//! Whether the characters of a mark, plainly written, are used as the mark at all or are another word: a part of a longer one
//! (京东方), of two neighbours (移|民生|活 is 移民 and 生活), or an everyday word that is meant as such (保平安).

use std::ops::Range;

use crate::detect::lexicon::trade::BUSINESS;
use crate::detect::scan::{Disguise, FieldText, Hit};
use crate::model::term::Term;
use crate::text::script::is_han;
use crate::text::words::{WORD_CHARS_MAX, is_everyday, word, word_starts};

/// Whether a mark that the ledger gives no needed context stands as another word. A disguise is no accident: who writes around a
/// word means the mark.
pub fn is_another_word(term: &Term, text: &FieldText, hit: &Hit) -> bool {
    let is_plain = hit.disguise == Disguise::None && term.need.is_empty();
    let run = is_plain.then(|| han_run(text, &hit.at)).flatten();
    run.is_some_and(|run| {
        let written = written(text, &hit.at);
        is_inside_longer_word(text, &run, &hit.at) || (is_everyday(&written) && parts_otherwise(text, &run, &hit.at))
    })
}

/// Whether a mark that the ledger gives no context at all is an everyday word as well, plainly written, with more than itself
/// in the field: then something else has to say that the mark is meant.
pub fn is_everyday_word(term: &Term, text: &FieldText, hit: &Hit) -> bool {
    let is_alone = || text.folded.dense().len() == hit.at.len();
    let has_no_context = term.need.is_empty() && term.except.is_empty();
    hit.disguise == Disguise::None && has_no_context && !is_alone() && is_everyday(&written(text, &hit.at))
}

/// Whether the likeliest reading of the ideographs around a place of the plain view has its character in a word of several.
pub(crate) fn stands_in_word(text: &FieldText, place: usize) -> bool {
    let Some(run) = han_run(text, &(place..place + 1)) else { return false };
    let starts = word_starts(&written(text, &run)).into_iter().map(|start| run.start + start);
    let bounds: Vec<usize> = std::iter::once(run.start).chain(starts).chain([run.end]).collect();
    bounds.windows(2).any(|word| word[1] - word[0] > 1 && (word[0]..word[1]).contains(&place))
}

/// Whether what a longer word has beside the mark only says what the business is: 民生银行 is still 民生.
pub fn is_business(beside: &str) -> bool {
    BUSINESS.contains(&beside) || SHORT_BUSINESS.contains(&beside)
}

/// One character that says what the business is.
const SHORT_BUSINESS: &[&str] = &["酒", "店", "厂", "车", "牌"];

fn written(text: &FieldText, at: &Range<usize>) -> String {
    text.folded.plain()[at.clone()].iter().map(|folded| folded.c).collect()
}

/// The run of ideographs that holds a place, as far as words reach; none where the place is not of ideographs.
fn han_run(text: &FieldText, at: &Range<usize>) -> Option<Range<usize>> {
    let plain = text.folded.plain();
    if at.is_empty() || !plain[at.clone()].iter().all(|folded| is_han(folded.c)) {
        return None;
    }
    let first = (at.start.saturating_sub(RUN_REACH)..at.start).rev().take_while(|&place| is_han(plain[place].c)).last();
    let end = plain.len().min(at.end + RUN_REACH);
    let last = (at.end..end).take_while(|&place| is_han(plain[place].c)).last();
    Some(first.unwrap_or(at.start)..last.map_or(at.end, |place| place + 1))
}

/// Characters on either side of a mark that are read with it.
const RUN_REACH: usize = 12;

fn is_inside_longer_word(text: &FieldText, run: &Range<usize>, at: &Range<usize>) -> bool {
    let starts = run.start.max((at.end + 1).saturating_sub(WORD_CHARS_MAX))..=at.start;
    starts.into_iter().any(|start| {
        let ends = at.end.max(start + at.len() + 1)..=run.end.min(start + WORD_CHARS_MAX);
        ends.into_iter().any(|end| is_another(text, &(start..end), at))
    })
}

fn is_another(text: &FieldText, longer: &Range<usize>, at: &Range<usize>) -> bool {
    let beside = [longer.start..at.start, at.end..longer.end].map(|range| written(text, &range));
    word(&written(text, longer)).is_some() && !beside.iter().any(|part| is_business(part))
}

/// Whether the likeliest reading has a word begin inside the mark.
fn parts_otherwise(text: &FieldText, run: &Range<usize>, at: &Range<usize>) -> bool {
    let starts = word_starts(&written(text, run));
    starts.iter().map(|start| run.start + start).any(|place| at.start < place && place < at.end)
}

#[cfg(test)]
mod tests {
    use crate::detect::context::in_context;
    use crate::detect::scan::{FieldText, scan};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};

    /// Whether a mark counts in a name.
    fn counts(mark: &str, need: &[&str], name: &str) -> bool {
        let need = need.iter().map(|word| (*word).to_owned()).collect();
        let term = Term { need, window: 30, ..Term::of(mark, TermKind::Trademark) };
        let ledgers = crate::ledger::Ledgers { terms: vec![term], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        let texts = [FieldText::new(Field::AccountName, name)];
        !in_context(&watch, &texts, &scan(&watch, &texts), &[]).is_empty()
    }

    #[test]
    fn a_mark_inside_a_longer_word_is_another_word() {
        assert!(!counts("京东", &[], "京东方公司"));
        assert!(!counts("民生", &[], "移民生活公司"));
        assert!(counts("民生", &[], "民生银行员工"));
        assert!(counts("云舟", &[], "云舟小王"));
    }

    #[test]
    fn an_everyday_word_needs_a_business_beside_it() {
        assert!(!counts("苹果", &[], "爱吃苹果的人"));
        assert!(counts("苹果", &[], "苹果公司小王") && counts("苹果", &[], "苹果"));
        assert!(counts("苹果", &["爱吃"], "爱吃苹果的人"), "the ledger's own context decides");
    }

    #[test]
    fn who_writes_around_an_everyday_word_means_the_mark() {
        assert!(counts("苹果", &[], "苹*果的人"));
    }
}
