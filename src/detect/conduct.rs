//! What people do under the group's flag: sell for a competitor, resell our goods, attack a partner — and what customers say.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::ops::Range;

use crate::detect::context::{distance, holds_word, occurrences, sentence_around, stands_around};
use crate::detect::lexicon::attack::{ALLEGED, CONTEMPT, DEFENCE, DENIED, IMPERSONATED, NO_ATTACK};
use crate::detect::lexicon::offer::{ADDRESSED, CHANNEL, DEAL, DIRECT, HELD_AGAINST, SEEKING, SELLING};
use crate::detect::lexicon::{COMPLAINT, RESALE};
use crate::detect::scan::{FieldText, Hit};
use crate::detect::watch::Watch;
use crate::model::term::TermKind;
use crate::text::script::is_stop;

/// Competitors that the texts promote, and do not hold against our goods. A term with needed words has been held against the
/// texts already; of one without, they must offer a deal.
pub fn competitors_promoted<'a>(watch: &Watch, texts: &[FieldText], accepted: &'a [Hit]) -> Vec<&'a Hit> {
    let offers = LazyCell::new(|| offers_deal(texts));
    let held: HashSet<usize> = of_kind(watch, accepted, TermKind::Competitor)
        .filter(|hit| is_held_against(&texts[hit.text], hit))
        .map(|hit| hit.term)
        .collect();
    of_kind(watch, accepted, TermKind::Competitor)
        .filter(|hit| !held.contains(&hit.term))
        .filter(|hit| !watch.terms()[hit.term].need.is_empty() || *offers || sells(&texts[hit.text], hit))
        .collect()
}

fn of_kind<'a>(watch: &Watch, accepted: &'a [Hit], kind: TermKind) -> impl Iterator<Item = &'a Hit> {
    accepted.iter().filter(move |h| watch.terms()[h.term].kind == kind)
}

/// Whether somebody is invited to a deal: terms of a deal, and somebody who is addressed or, in the same sentence, a way to
/// be reached.
fn offers_deal(texts: &[FieldText]) -> bool {
    let is_addressed = holds_any(texts, ADDRESSED);
    texts.iter().any(|text| {
        let mut terms = terms_of_deal(text);
        let is_reached = |at: &Range<usize>| holds_within(text, CHANNEL, &sentence_around(text, at));
        if is_addressed { !terms.is_empty() } else { terms.drain(..).any(|at| is_reached(&at)) }
    })
}

/// Where terms of a deal stand: a word, or a price that is cut (七折, 8.5折).
fn terms_of_deal(text: &FieldText) -> Vec<Range<usize>> {
    let is_digit = |c: char| c.is_ascii_digit() || "一二两三四五六七八九半".contains(c);
    let pairs = text.folded.plain().windows(2).enumerate();
    let cuts = pairs.filter(|(_, pair)| pair[1].c == '折' && is_digit(pair[0].c)).map(|(at, _)| at..at + 2);
    DEAL.iter().flat_map(|word| occurrences(text, word)).chain(cuts).collect()
}

/// Whether the speaker is to be asked for what stands at a place.
fn sells(text: &FieldText, hit: &Hit) -> bool {
    let mut places = DIRECT.iter().flat_map(|word| occurrences(text, word));
    places.any(|at| distance(&hit.at, &at) <= OFFER_NEAR)
}

/// Characters between a competitor's name and the way to who sells it, at most.
const OFFER_NEAR: usize = 40;

fn holds_within(text: &FieldText, words: &[&str], range: &Range<usize>) -> bool {
    words.iter().any(|word| occurrences(text, word).iter().any(|at| range.contains(&at.start)))
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

/// Partners that the texts attack, and how. The sentence neither denies it nor warns of it. A term with needed
/// words has been held against the texts already; of one without, a general word of attack stands in the same sentence.
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
    let is_victim = || IMPERSONATED.iter().any(|word| ends_before(text, hit.at.start, word));
    if holds_within(text, DEFENCE, &sentence) || is_victim() {
        return None;
    }
    match (stands(ALLEGED), stands(CONTEMPT)) {
        (true, _) => Some(Attack::Fact),
        (_, contempt) => (contempt || !term.need.is_empty()).then_some(Attack::Opinion),
    }
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

#[cfg(test)]
mod tests {
    use super::{competitors_promoted, partners_attacked};
    use crate::detect::context::in_context;
    use crate::detect::scan::{FieldText, scan};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};

    /// Competitors promoted and partners attacked by a text; both terms with needed words, or without.
    fn told(text: &str, need: bool) -> (usize, usize) {
        let need = |words: &[&str]| words.iter().filter(|_| need).map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let partner =
            Term { need: need(&["骗", "不合格"]), window: 20, ..Term::of("北辰重工", TermKind::Partner) };
        let competitor =
            Term { need: need(&["买", "留言"]), window: 20, ..Term::of("云锚", TermKind::Competitor) };
        let ledgers = crate::ledger::Ledgers { terms: vec![partner, competitor], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        let texts = [FieldText::new(Field::Text, text)];
        let hits = in_context(&watch, &texts, &scan(&watch, &texts), &[]);
        (competitors_promoted(&watch, &texts, &hits).len(), partners_attacked(&watch, &texts, &hits).len())
    }

    #[test]
    fn who_defends_a_partner_does_not_attack_it() {
        for text in ["谨防冒充北辰重工的骗子", "网传北辰重工是骗子公司，别信", "北辰重工拒收不合格品"]
        {
            assert_eq!(told(text, false), (0, 0), "{text}");
        }
        for text in ["谨防冒充北辰重工的骗子", "网传北辰重工是骗子公司，别信"] {
            assert_eq!(told(text, true), (0, 0), "{text}");
        }
        assert_eq!((told("北辰重工就是骗子", false), told("北辰重工就是骗子", true)), ((0, 1), (0, 1)));
    }

    #[test]
    fn who_sells_against_a_competitor_does_not_promote_it() {
        for need in [false, true] {
            assert_eq!(told("别买云锚，私我拿咱家的", need), (0, 0));
        }
    }

    #[test]
    fn a_way_to_be_reached_is_an_offer_beside_terms_of_a_deal() {
        assert_eq!(told("云锚怎么样，评论区留言", false), (0, 0));
        assert_eq!(told("云锚现货，评论区留言", false), (1, 0));
        assert_eq!(told("想要云锚的私我", false), (1, 0));
    }
}
