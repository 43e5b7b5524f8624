//! Context decides: words that a term needs near it, words that make it harmless, company words near a title.

use std::ops::Range;

use crate::detect::scan::{Disguise, FieldText, Hit, char_offsets, overlap};
use crate::detect::watch::Watch;
use crate::model::term::{Field, MatchMode, Term, TermKind};
use crate::text::fold;

/// Whether the kind of a term is a mark of the group: something that a person may fly as a flag.
pub const fn is_mark(kind: TermKind) -> bool {
    matches!(
        kind,
        TermKind::Company
            | TermKind::ShortName
            | TermKind::Trademark
            | TermKind::Product
            | TermKind::Technology
            | TermKind::Culture
    )
}

/// Whether the kind of a term says which company is meant (公司词).
pub const fn is_company_word(kind: TermKind) -> bool {
    matches!(kind, TermKind::Company | TermKind::ShortName | TermKind::Trademark)
}

/// What of the hits stands up in its context. `outside` are words of the same author standing elsewhere
/// (a post's text for the profile's marks), where distance means nothing.
pub fn in_context(watch: &Watch, texts: &[FieldText], hits: &[Hit], outside: &[FieldText]) -> Vec<Hit> {
    let terms = watch.terms();
    let allowed = |hit: &&Hit| !hit.is_word && counts_in(&terms[hit.term], texts[hit.text].field);
    let survives = |hit: &&Hit| !is_excluded(&terms[hit.term], texts, hit);
    let candidates: Vec<&Hit> = hits.iter().filter(allowed).filter(survives).collect();
    let names_company = candidates.iter().any(|hit| is_unambiguous(&terms[hit.term], hit));
    let stands = |hit: &&&Hit| has_context(&terms[hit.term], texts, hit, outside, names_company);
    candidates.iter().filter(stands).map(|hit| (*hit).clone()).collect()
}

fn counts_in(term: &Term, field: Field) -> bool {
    term.fields.is_empty() || term.fields.contains(&field)
}

/// A company word that needs no context, written plainly enough.
fn is_unambiguous(term: &Term, hit: &Hit) -> bool {
    matches!(term.kind, TermKind::Company | TermKind::ShortName) && term.need.is_empty() && !needs_support(term, hit)
}

/// A homophone is a guess: short ones need support from the context, long ones stand by themselves when most characters are right.
fn needs_support(term: &Term, hit: &Hit) -> bool {
    hit.disguise == Disguise::Homophone && (hit.at.len() < 4 || term.mode != MatchMode::Fuzzy)
}

fn has_context(term: &Term, texts: &[FieldText], hit: &Hit, outside: &[FieldText], names_company: bool) -> bool {
    if term.need.is_empty() && !needs_support(term, hit) {
        return true;
    }
    let near = || need_is_near(term, texts, hit);
    let elsewhere = || outside.iter().any(|text| term.need.iter().any(|word| holds_word(text, word)));
    near() || (is_mark(term.kind) && (names_company || elsewhere()))
}

/// Whether a needed word stands within the window. The fields of a profile are read as one text, in their order.
fn need_is_near(term: &Term, texts: &[FieldText], hit: &Hit) -> bool {
    let starts = starts_of(texts);
    let hit_at = shifted(&hit.at, starts[hit.text]);
    let near = |index: usize, at: Range<usize>| distance(&hit_at, &shifted(&at, starts[index])) <= term.window;
    term.need
        .iter()
        .any(|word| texts.iter().enumerate().any(|(i, text)| occurrences(text, word).into_iter().any(|at| near(i, at))))
}

/// Where each text would begin if the texts stood behind one another, in characters, one apart.
fn starts_of(texts: &[FieldText]) -> Vec<usize> {
    let begin = |next: &mut usize, text: &FieldText| {
        let start = *next;
        *next += text.folded.plain().len() + 1;
        Some(start)
    };
    texts.iter().scan(0, begin).collect()
}

fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Characters between two ranges; 0 when they touch or overlap.
pub(crate) fn distance(a: &Range<usize>, b: &Range<usize>) -> usize {
    if a.start >= b.end { a.start - b.end } else { b.start.saturating_sub(a.end) }
}

/// An exclusion that holds the term itself (a place name) spoils the hits inside it; any other spoils the whole subject.
/// A confidential term is spoiled only where no needed word stands near it.
fn is_excluded(term: &Term, texts: &[FieldText], hit: &Hit) -> bool {
    let excluded = term.except.iter().any(|word| spoils(term, word, texts, hit));
    excluded && !(term.kind == TermKind::Confidential && need_is_near(term, texts, hit))
}

fn spoils(term: &Term, word: &str, texts: &[FieldText], hit: &Hit) -> bool {
    let folded = fold::plain(word);
    let holds_term = std::iter::once(&term.text).chain(&term.aliases).any(|w| folded.contains(&fold::plain(w)));
    if holds_term {
        occurrences(&texts[hit.text], word).iter().any(|at| overlap(at, &hit.at))
    } else {
        texts.iter().any(|text| holds_word(text, word))
    }
}

/// Whether the text holds a word, both folded.
pub fn holds_word(text: &FieldText, word: &str) -> bool {
    let word = fold::plain(word);
    !word.is_empty() && text.plain.contains(&word)
}

/// Every place of a word in the plain view, in characters.
pub fn occurrences(text: &FieldText, word: &str) -> Vec<Range<usize>> {
    let word = fold::plain(word);
    if word.is_empty() || !text.plain.contains(&word) {
        return Vec::new();
    }
    let offsets = char_offsets(&text.plain);
    text.plain.match_indices(&word).map(|(byte, _)| offsets[byte]..offsets[byte + word.len()]).collect()
}

/// A word of a combination together with the company word that it stands near.
#[derive(Debug, Clone)]
pub struct Combination {
    /// The word.
    pub word: Hit,
    /// The company word.
    pub company: Hit,
}

/// Combinations whose word stands within the window of a company word of the same field, nearest pairs first.
pub fn combinations(
    watch: &Watch,
    texts: &[FieldText],
    hits: &[Hit],
    marks: &[Hit],
    kind: TermKind,
) -> Vec<Combination> {
    let terms = watch.terms();
    let mut found = Vec::new();
    for word in hits
        .iter()
        .filter(|h| h.is_word && terms[h.term].kind == kind && counts_in(&terms[h.term], texts[h.text].field))
    {
        let near = |mark: &&Hit| mark.text == word.text && distance(&mark.at, &word.at) <= terms[word.term].window;
        let company = marks.iter().filter(|m| is_mark(terms[m.term].kind)).filter(near);
        if let Some(company) = company.min_by_key(|m| distance(&m.at, &word.at)) {
            found.push(Combination { word: word.clone(), company: company.clone() });
        }
    }
    found
}
