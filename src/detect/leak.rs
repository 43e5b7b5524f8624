//! Confidential terms in their context, and talk of results.

use std::cell::LazyCell;

use crate::detect::context::{distance, holds_word, is_company_word, stands_around};
use crate::detect::lexicon::{OPINION, RESALE, STAFF};
use crate::detect::scan::{FieldText, Hit, scan};
use crate::detect::watch::Watch;
use crate::model::term::{Field, MatchMode, Severity, Term, TermKind};

/// How a confidential term was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Open to everybody's eyes in the ledger, low severity: a person has to judge.
    Soft,
    /// A pattern beside a company word (talk of results).
    Pattern,
    /// The secret itself.
    Hard,
}

/// A confidential term at a place.
#[derive(Debug, Clone)]
pub struct LeakHit {
    /// The place.
    pub hit: Hit,
    /// How sure.
    pub confidence: Confidence,
}

/// Most places of one post that are told of.
const LEAK_HITS_MAX: usize = 64;

/// Confidential terms of a post. `accepted` stood up in their context; combinations are looked for among `hits`.
/// `author_is_ours` says that the author goes under a company word, which then need not stand in the text.
pub fn leak_hits(
    watch: &Watch,
    texts: &[FieldText],
    hits: &[Hit],
    accepted: &[Hit],
    author_is_ours: bool,
) -> Vec<LeakHit> {
    let terms = watch.terms();
    let is_confidential = |h: &&Hit| terms[h.term].kind == TermKind::Confidential;
    let plain = accepted.iter().filter(is_confidential);
    let mut found: Vec<LeakHit> =
        plain.map(|h| LeakHit { hit: h.clone(), confidence: confidence(&terms[h.term]) }).collect();
    let is_guess = LazyCell::new(|| !author_is_ours && texts.iter().any(|t| OPINION.iter().any(|w| holds_word(t, w))));
    let everyday: Vec<Vec<&str>> = texts.iter().map(everyday_words).collect();
    let is_free = |h: &&Hit| !everyday[h.text].iter().any(|word| stands_around(&texts[h.text], word, &h.at));
    for word in hits.iter().filter(|h| h.is_word).filter(is_confidential).filter(is_free) {
        if (author_is_ours || has_company_near(watch, accepted, word)) && !*is_guess {
            found.push(LeakHit { hit: word.clone(), confidence: confidence(&terms[word.term]) });
        }
        if found.len() >= LEAK_HITS_MAX {
            break;
        }
    }
    found
}

/// General words of a text that may hold a word of a combination, which then is only a part of them: 工价 in 职工价.
fn everyday_words(text: &FieldText) -> Vec<&'static str> {
    RESALE.iter().chain(STAFF).copied().filter(|word| holds_word(text, word)).collect()
}

fn confidence(term: &Term) -> Confidence {
    let open_to_all = term.is_open_to_all() || term.severity == Severity::Low;
    match (open_to_all, term.mode) {
        (true, _) => Confidence::Soft,
        (false, MatchMode::Combination) => Confidence::Pattern,
        (false, _) => Confidence::Hard,
    }
}

fn has_company_near(watch: &Watch, accepted: &[Hit], word: &Hit) -> bool {
    let terms = watch.terms();
    let is_near = |h: &&Hit| h.text == word.text && distance(&h.at, &word.at) <= terms[word.term].window;
    accepted.iter().filter(|h| is_company_word(terms[h.term].kind)).any(|h| is_near(&h))
}

/// The text with every confidential expression replaced by ▇, for eyes outside the system. Expressions that
/// everybody may see stay.
pub fn masked(watch: &Watch, text: &str) -> String {
    let texts = [FieldText::new(Field::Text, text)];
    let is_secret = |h: &&Hit| {
        let term = &watch.terms()[h.term];
        term.kind == TermKind::Confidential && !term.is_open_to_all()
    };
    let mut spans: Vec<_> = scan(watch, &texts).iter().filter(is_secret).map(|h| h.span.clone()).collect();
    spans.sort_by_key(|span| span.start);
    let mut spans = spans.into_iter().peekable();
    let mut hidden_to = 0;
    let hide = |(at, c): (usize, char)| {
        while let Some(span) = spans.next_if(|span| span.start <= at) {
            hidden_to = hidden_to.max(span.end);
        }
        if at < hidden_to { '▇' } else { c }
    };
    text.char_indices().map(hide).collect()
}
