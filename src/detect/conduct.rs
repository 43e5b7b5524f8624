//! What people do under the group's flag: sell for a competitor, resell our goods, attack a partner — and what customers say.

use std::ops::Range;

use crate::detect::context::{distance, holds_word, occurrences, sentence_around, stands_around};
use crate::detect::lexicon::attack::{ALLEGED, CONTEMPT, DEFENCE, DENIED, IMPERSONATED, NO_ATTACK};
use crate::detect::lexicon::offer::{ADDRESSED, CHANNEL, DEAL, HELD_AGAINST, SEEKING, SELLING};
use crate::detect::lexicon::{COMPLAINT, RESALE};
use crate::detect::scan::{FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::term::TermKind;
use crate::text::script::is_stop;

/// Competitors that the texts promote. A term with needed words has been held against them already; of one without, the
/// texts must offer a deal, and not hold the competitor's goods against ours.
pub fn competitors_promoted<'a>(watch: &Watch, texts: &[FieldText], accepted: &'a [Hit]) -> Vec<&'a Hit> {
    let offers = offers_deal(texts);
    of_kind(watch, accepted, TermKind::Competitor)
        .filter(|hit| !watch.terms()[hit.term].need.is_empty() || (offers && !is_held_against(&texts[hit.text], hit)))
        .collect()
}

fn of_kind<'a>(watch: &Watch, accepted: &'a [Hit], kind: TermKind) -> impl Iterator<Item = &'a Hit> {
    accepted.iter().filter(move |h| watch.terms()[h.term].kind == kind)
}

/// Whether somebody is invited to a deal: a way to the speaker, or terms of a deal and somebody who is addressed.
fn offers_deal(texts: &[FieldText]) -> bool {
    let names_terms = || holds_any(texts, DEAL) || texts.iter().any(has_discount);
    holds_any(texts, CHANNEL) || (holds_any(texts, ADDRESSED) && names_terms())
}

/// Whether a price is cut: 七折, 8.5折.
fn has_discount(text: &FieldText) -> bool {
    let is_digit = |c: char| c.is_ascii_digit() || "一二两三四五六七八九半".contains(c);
    text.folded.plain().windows(2).any(|pair| is_digit(pair[0].c) && pair[1].c == '折')
}

fn holds_any(texts: &[FieldText], words: &[&str]) -> bool {
    texts.iter().any(|text| words.iter().any(|word| holds_word(text, word)))
}

fn is_held_against(text: &FieldText, hit: &Hit) -> bool {
    HELD_AGAINST.iter().any(|word| ends_before(text, hit.at.start, word))
}

/// Whether a word stands right before a place.
fn ends_before(text: &FieldText, place: usize, word: &str) -> bool {
    let before = text.folded.plain()[..place].iter().rev().map(|folded| folded.c);
    before.take(word.chars().count()).eq(word.chars().rev())
}

/// How a partner is attacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// Contempt: an opinion.
    Opinion,
    /// Wrongdoing is alleged: a fact, true or false.
    Fact,
}

/// Partners that the texts attack, and how. A term with needed words has been held against them already; of one without, a
/// general word of attack stands in the same sentence, and the sentence neither denies it nor warns of it.
pub fn partners_attacked<'a>(watch: &Watch, texts: &[FieldText], accepted: &'a [Hit]) -> Vec<(&'a Hit, Attack)> {
    let found = of_kind(watch, accepted, TermKind::Partner);
    found.filter_map(|hit| Some((hit, attack(watch, &texts[hit.text], hit)?))).collect()
}

fn attack(watch: &Watch, text: &FieldText, hit: &Hit) -> Option<Attack> {
    let term = &watch.terms()[hit.term];
    let sentence = sentence_around(text, &hit.at);
    let is_near =
        |at: &Range<usize>| distance(&hit.at, at) <= term.window.max(ATTACK_NEAR) && is_said_of(text, hit, at);
    let stands = |words: &[&str]| {
        words.iter().any(|word| {
            let places = occurrences(text, word).into_iter();
            places.filter(is_near).any(|at| sentence.contains(&at.start) && is_attack(text, &at))
        })
    };
    let is_defended = || DEFENCE.iter().any(|w| occurrences(text, w).iter().any(|at| sentence.contains(&at.start)));
    let is_victim = || IMPERSONATED.iter().any(|word| ends_before(text, hit.at.start, word));
    let general = || match (is_defended() || is_victim(), stands(ALLEGED), stands(CONTEMPT)) {
        (true, ..) => None,
        (_, true, _) => Some(Attack::Fact),
        (.., contempt) => contempt.then_some(Attack::Opinion),
    };
    if term.need.is_empty() { general() } else { Some(general().unwrap_or(Attack::Opinion)) }
}

/// Whether a word can be said of a partner: it follows the name, or stands before it in the same clause.
fn is_said_of(text: &FieldText, hit: &Hit, at: &Range<usize>) -> bool {
    let between = at.end.min(hit.at.start)..hit.at.start;
    at.start >= hit.at.end || !text.folded.plain()[between].iter().any(|folded| is_stop(folded.c))
}

/// Characters between a partner's name and an attack on it, at most, whatever the ledger's window.
const ATTACK_NEAR: usize = 40;

/// Whether a word of attack is meant as one: neither denied nor a part of an everyday word.
fn is_attack(text: &FieldText, at: &Range<usize>) -> bool {
    !DENIED.iter().any(|word| ends_before(text, at.start, word))
        && !is_suffered(text, at)
        && !NO_ATTACK.iter().any(|word| stands_around(text, word, at) || *word == of_range(text, at))
}

/// Whether somebody else did it to the partner: 被人骗.
fn is_suffered(text: &FieldText, at: &Range<usize>) -> bool {
    let before = text.folded.plain()[..at.start].iter().rev().map(|folded| folded.c);
    before.take(SUFFERED_NEAR).take_while(|&c| !is_stop(c)).any(|c| c == '被')
}

/// Characters between 被 and what was suffered, the doer among them.
const SUFFERED_NEAR: usize = 5;

fn of_range(text: &FieldText, at: &Range<usize>) -> String {
    text.folded.plain()[at.clone()].iter().map(|folded| folded.c).collect()
}

/// Whether the texts sell the company's own goods at prices meant for staff.
pub fn resells(texts: &[FieldText]) -> bool {
    holds_any(texts, RESALE)
}

/// Whether a post offers the company's own goods at prices meant for staff: their name, and words of a sale. Who only bought,
/// seeks or warns of them offers nothing.
pub fn offers_resale(texts: &[FieldText]) -> bool {
    resells(texts) && holds_any(texts, SELLING) && !holds_any(texts, SEEKING)
}

/// Whether an unhappy customer speaks.
pub fn complains(texts: &[FieldText]) -> bool {
    holds_any(texts, COMPLAINT)
}
