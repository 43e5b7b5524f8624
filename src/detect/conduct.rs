//! What people do under the group's flag: sell for a competitor, resell our goods, attack a partner — and what customers say.

use crate::detect::context::holds_word;
use crate::detect::lexicon::{COMPLAINT, PRIVATE_DEAL, RESALE};
use crate::detect::scan::{FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::term::{Term, TermKind};

/// Competitors that the texts promote: the name with words of a sale near it (the term's own needed words, else the trade's).
pub fn competitors_promoted<'a>(watch: &Watch, texts: &[FieldText], accepted: &'a [Hit]) -> Vec<&'a Hit> {
    of_kind(watch, accepted, TermKind::Competitor)
        .filter(|h| has_act(&watch.terms()[h.term], texts, PRIVATE_DEAL))
        .collect()
}

/// Partners that the texts attack: the name with one of the term's own words of attack near it.
pub fn partners_attacked<'a>(watch: &Watch, texts: &[FieldText], accepted: &'a [Hit]) -> Vec<&'a Hit> {
    of_kind(watch, accepted, TermKind::Partner).filter(|h| has_act(&watch.terms()[h.term], texts, &[])).collect()
}

fn of_kind<'a>(watch: &Watch, accepted: &'a [Hit], kind: TermKind) -> impl Iterator<Item = &'a Hit> {
    accepted.iter().filter(move |h| watch.terms()[h.term].kind == kind)
}

/// Terms with needed words have been held against them already; terms without are held against the general ones.
fn has_act(term: &Term, texts: &[FieldText], general: &[&str]) -> bool {
    !term.need.is_empty() || texts.iter().any(|t| general.iter().any(|w| holds_word(t, w)))
}

/// Whether the texts sell the company's own goods at prices meant for staff.
pub fn resells(texts: &[FieldText]) -> bool {
    texts.iter().any(|t| RESALE.iter().any(|w| holds_word(t, w)))
}

/// Whether an unhappy customer speaks.
pub fn complains(texts: &[FieldText]) -> bool {
    texts.iter().any(|t| COMPLAINT.iter().any(|w| holds_word(t, w)))
}
