//! The watchlist, compiled: every writing of every term in one finder, and marks by their sounds.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use regex::Regex;

use crate::detect::sounds::{Sounds, is_known_by_sound};
use crate::detect::split::SplitIndex;
use crate::detect::substitute::SubstituteIndex;
use crate::detect::typo::TypoIndex;
use crate::ledger::Ledgers;
use crate::model::company::Company;
use crate::model::ids::CompanyCode;
use crate::model::term::{MatchMode, Term, TermKind, TermStatus};
use crate::text::finder::Finder;
use crate::text::fold;
use crate::text::groups::Groups;
use crate::text::pinyin::spellings;

/// How a writing relates to the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Writing {
    /// The term or an alias of it.
    Own,
    /// Full pinyin of a Han writing.
    Spelled,
    /// A word of a combination (job title, official wording …).
    Word,
}

/// One writing of one term in the finder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) term: usize,
    pub(crate) writing: Writing,
    /// Whether more than one symbol between two characters is seen through.
    pub(crate) sees_through: bool,
}

/// The watchlist of one day, ready to be searched for. Built once a ledger state, used for every text.
pub struct Watch {
    terms: Vec<Term>,
    /// How many of them, the first, are in force; the others are on trial.
    active: usize,
    literal: Finder,
    patterns: Groups<Pattern>,
    sounds: Sounds,
    substitutes: SubstituteIndex,
    splits: SplitIndex,
    typos: TypoIndex,
    regexes: Vec<(usize, Regex)>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("terms", &self.terms.len()).finish_non_exhaustive()
    }
}

/// Full pinyin counts from this many letters on; shorter spellings are everyday syllables (policy §5.2.7).
const SPELLED_LETTERS_MIN: usize = 6;
/// Latin aliases of a company shorter than this are codes, not names.
const LATIN_ALIAS_LETTERS_MIN: usize = 3;
/// A regular expression of the ledger may compile to this many bytes at most.
const REGEX_BYTES_MAX: usize = 1 << 20;

impl Watch {
    /// Compiles the terms that are in force on a day, and behind them those on trial: a text is gone through once for both.
    pub fn compile(ledgers: &Ledgers, day: NaiveDate) -> Self {
        let listed = ledgers.terms.iter().chain(&ledgers.confidential_terms);
        let active = listed.filter(|t| t.is_in_force(day) && t.status == TermStatus::Active);
        let mut terms: Vec<Term> = active.cloned().collect();
        let named = ledgers.companies.iter().flat_map(|company| company_words(company, &ledgers.terms));
        terms.extend(named.collect::<Vec<_>>());
        let active = terms.len();
        terms.extend(on_trial(ledgers, day).cloned());
        Self::of(terms, active)
    }

    /// Compiles the terms that are on trial on a day alone, to see what of theirs stands up in its context. The secret list has none.
    pub fn on_trial(ledgers: &Ledgers, day: NaiveDate) -> Self {
        let terms: Vec<Term> = on_trial(ledgers, day).cloned().collect();
        let all = terms.len();
        Self::of(terms, all)
    }

    fn of(terms: Vec<Term>, active: usize) -> Self {
        let (literal, patterns) = literal_finder(&terms);
        let regexes = terms.iter().enumerate().filter(|(_, t)| t.mode == MatchMode::Regex);
        let regexes = regexes.filter_map(|(i, t)| Some((i, term_regex(&t.text)?))).collect();
        let (substitutes, typos) = (SubstituteIndex::of(&terms), TypoIndex::of(&terms));
        let (splits, sounds) = (SplitIndex::of(&terms), Sounds::of(&terms));
        Self { terms, active, literal, patterns, sounds, substitutes, splits, typos, regexes }
    }

    /// The terms, in the order by which hits refer to them, without those on trial.
    pub fn terms(&self) -> &[Term] {
        &self.terms[..self.active]
    }

    /// A term by its number; those on trial have the numbers behind the others.
    pub(crate) fn term(&self, number: usize) -> &Term {
        &self.terms[number]
    }

    pub(crate) const fn literal(&self) -> &Finder {
        &self.literal
    }

    pub(crate) fn patterns(&self, word: usize) -> &[Pattern] {
        self.patterns.get(word)
    }

    pub(crate) const fn sounds(&self) -> &Sounds {
        &self.sounds
    }

    pub(super) const fn splits(&self) -> &SplitIndex {
        &self.splits
    }

    pub(super) const fn substitutes(&self) -> &SubstituteIndex {
        &self.substitutes
    }

    pub(super) const fn typos(&self) -> &TypoIndex {
        &self.typos
    }

    pub(crate) fn regexes(&self) -> &[(usize, Regex)] {
        &self.regexes
    }
}

/// A term's regular expression: case does not matter, size is limited. None when it does not compile (the lint says so).
pub fn term_regex(text: &str) -> Option<Regex> {
    regex::RegexBuilder::new(text).case_insensitive(true).size_limit(REGEX_BYTES_MAX).build().ok()
}

/// Names of a company that no term covers, as terms without a number. Codes of two letters are left out.
fn company_words(company: &Company, listed: &[Term]) -> Vec<Term> {
    let writings = [&company.name, &company.short_name].into_iter().chain(&company.aliases);
    let covered = |writing: &str| {
        let folded = fold::dense(writing);
        listed.iter().any(|t| std::iter::once(&t.text).chain(&t.aliases).any(|w| fold::dense(w) == folded))
    };
    let is_name = |writing: &&String| {
        let folded = fold::dense(writing);
        let long_enough = if folded.is_ascii() { LATIN_ALIAS_LETTERS_MIN } else { 2 };
        folded.chars().count() >= long_enough && !covered(writing)
    };
    writings.filter(is_name).map(|writing| company_term(writing, &company.code)).collect()
}

fn company_term(writing: &str, code: &CompanyCode) -> Term {
    Term { company: Some(code.clone()), ..Term::of(writing, TermKind::ShortName) }
}

/// Every writing that is not looked for by its sounds, with what each stands for.
fn literal_finder(terms: &[Term]) -> (Finder, Groups<Pattern>) {
    let mut writings: BTreeMap<String, Vec<Pattern>> = BTreeMap::new();
    for (term, t) in terms.iter().enumerate() {
        let sees_through = t.mode == MatchMode::Fuzzy || t.kind == TermKind::Confidential;
        let is_own_sound = |text: &str, writing: Writing| writing == Writing::Own && is_known_by_sound(t.mode, text);
        for (text, writing) in writings_of(t).into_iter().filter(|(text, writing)| !is_own_sound(text, *writing)) {
            writings.entry(text).or_default().push(Pattern { term, writing, sees_through });
        }
    }
    (Finder::of(writings.keys().map(String::as_str)), Groups::of(writings.into_values()))
}

/// The terms on trial on a day.
fn on_trial(ledgers: &Ledgers, day: NaiveDate) -> impl Iterator<Item = &Term> {
    ledgers.terms.iter().filter(move |t| t.is_in_force(day) && t.status == TermStatus::Trial)
}

/// Every folded writing of a term with its kind.
pub(super) fn writings_of(term: &Term) -> Vec<(String, Writing)> {
    if term.mode == MatchMode::Regex {
        return Vec::new();
    }
    if term.mode == MatchMode::Combination {
        return words_of(term)
            .into_iter()
            .map(|w| (fold::dense(w), Writing::Word))
            .filter(|(w, _)| !w.is_empty())
            .collect();
    }
    let own = std::iter::once(&term.text).chain(&term.aliases).map(|w| (fold::dense(w), Writing::Own));
    let mut writings: Vec<_> = own.filter(|(w, _)| !w.is_empty()).collect();
    if term.mode == MatchMode::Fuzzy {
        let spellings: Vec<_> = writings.iter().flat_map(|(w, _)| spellings(w)).collect();
        let long = spellings.into_iter().filter(|s| s.len() >= SPELLED_LETTERS_MIN);
        writings.extend(long.map(|s| (s, Writing::Spelled)));
    }
    writings.dedup_by(|a, b| a.0 == b.0);
    writings
}

/// The words of a combination: its aliases, else the literal behind the `+` of `{商标}+官方`.
fn words_of(term: &Term) -> Vec<&str> {
    if term.aliases.is_empty() {
        term.text.rsplit('+').next().filter(|w| !w.contains('{')).into_iter().collect()
    } else {
        term.aliases.iter().map(String::as_str).collect()
    }
}
