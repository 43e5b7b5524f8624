//! The watchlist, compiled: every writing of every term in one finder, homophones in a second one.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::detect::sound::Homophones;
use crate::detect::split::SplitIndex;
use crate::detect::substitute::SubstituteIndex;
use crate::detect::typo::TypoIndex;
use crate::ledger::Ledgers;
use crate::model::company::Company;
use crate::model::ids::CompanyCode;
use crate::model::term::{MatchMode, Term, TermKind, TermStatus};
use crate::text::chars::CharTable;
use crate::text::finder::Finder;
use crate::text::fold;
use crate::text::pinyin::{SYLLABLES, merged_syllable, spellings, syllable};
use crate::text::script::is_han;

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
}

/// One Han writing in the finder of homophones.
#[derive(Debug, Clone)]
pub(crate) struct SoundPattern {
    pub(crate) term: usize,
    pub(crate) chars: Vec<char>,
}

/// The watchlist of one day, ready to be searched for. Built once a ledger state, used for every text.
pub struct Watch {
    terms: Vec<Term>,
    literal: Finder,
    patterns: Vec<Vec<Pattern>>,
    sound: Finder,
    sound_patterns: Vec<Vec<SoundPattern>>,
    homophones: Homophones,
    southern: Finder,
    southern_patterns: Vec<Vec<SoundPattern>>,
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
    /// Compiles the terms that are in force on a day. Terms on trial take no part (they are for previews).
    pub fn compile(ledgers: &Ledgers, day: NaiveDate) -> Self {
        let listed = ledgers.terms.iter().chain(&ledgers.confidential_terms);
        let active = listed.filter(|t| t.is_in_force(day) && t.status == TermStatus::Active);
        let mut terms: Vec<Term> = active.cloned().collect();
        let named = ledgers.companies.iter().flat_map(|company| company_words(company, &ledgers.terms));
        terms.extend(named.collect::<Vec<_>>());
        Self::of(terms)
    }

    fn of(terms: Vec<Term>) -> Self {
        let (literal, patterns) = literal_finder(&terms);
        let (sound, sound_patterns) = sound_finder(&terms, SOUND_CHARS_MIN, sound_of);
        let homophones = Homophones::of(sound_patterns.iter().flatten());
        let (southern, southern_patterns) = sound_finder(&terms, SOUTHERN_CHARS_MIN, |c| southern(sound_of(c)));
        let regexes = terms.iter().enumerate().filter(|(_, t)| t.mode == MatchMode::Regex);
        let regexes = regexes.filter_map(|(i, t)| Some((i, term_regex(&t.text)?))).collect();
        let (substitutes, typos) = (SubstituteIndex::of(&terms), TypoIndex::of(&terms));
        let splits = SplitIndex::of(&terms);
        Self {
            terms,
            literal,
            patterns,
            sound,
            sound_patterns,
            homophones,
            southern,
            southern_patterns,
            substitutes,
            splits,
            typos,
            regexes,
        }
    }

    /// The terms, in the order by which hits refer to them.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub(crate) const fn literal(&self) -> &Finder {
        &self.literal
    }

    pub(crate) fn patterns(&self, word: usize) -> &[Pattern] {
        &self.patterns[word]
    }

    pub(crate) const fn sound(&self) -> &Finder {
        &self.sound
    }

    pub(crate) fn sound_patterns(&self, word: usize) -> &[SoundPattern] {
        &self.sound_patterns[word]
    }

    pub(super) const fn homophones(&self) -> &Homophones {
        &self.homophones
    }

    pub(crate) const fn southern(&self) -> &Finder {
        &self.southern
    }

    pub(crate) fn southern_patterns(&self, word: usize) -> &[SoundPattern] {
        &self.southern_patterns[word]
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

/// A finder with what each of its words stands for.
type Compiled<P> = (Finder, Vec<Vec<P>>);

fn literal_finder(terms: &[Term]) -> Compiled<Pattern> {
    let mut writings: HashMap<String, Vec<Pattern>> = HashMap::new();
    for (term, t) in terms.iter().enumerate() {
        for (text, writing) in writings_of(t) {
            writings.entry(text).or_default().push(Pattern { term, writing });
        }
    }
    compile(writings)
}

/// Every folded writing of a term with its kind.
fn writings_of(term: &Term) -> Vec<(String, Writing)> {
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

/// Characters of a mark that is known by its sound.
const SOUND_CHARS_MIN: usize = 2;
/// Characters of a mark that is known by a sound that only some speakers take for its own: all but one must be the mark's.
const SOUTHERN_CHARS_MIN: usize = 3;

fn sound_finder(terms: &[Term], chars_min: usize, sound: impl Fn(char) -> char) -> Compiled<SoundPattern> {
    let mut writings: HashMap<String, Vec<SoundPattern>> = HashMap::new();
    for (term, t) in terms.iter().enumerate().filter(|(_, t)| t.mode == MatchMode::Fuzzy) {
        for text in std::iter::once(&t.text).chain(&t.aliases) {
            let chars: Vec<char> = fold::dense(text).chars().collect();
            if chars.len() >= chars_min && chars.iter().all(|&c| is_han(c)) {
                writings
                    .entry(chars.iter().map(|&c| sound(c)).collect())
                    .or_default()
                    .push(SoundPattern { term, chars });
            }
        }
    }
    compile(writings)
}

fn compile<P>(writings: HashMap<String, Vec<P>>) -> Compiled<P> {
    let mut sorted: Vec<(String, Vec<P>)> = writings.into_iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let (texts, patterns): (Vec<String>, Vec<Vec<P>>) = sorted.into_iter().unzip();
    (Finder::of(texts.iter().map(String::as_str)), patterns)
}

/// One private character for all characters of one toneless syllable; the character itself when it has no reading or is not Han.
pub(crate) fn sound_of(c: char) -> char {
    static SOUNDS: CharTable<char> = CharTable::new(spoken);
    if is_han(c) { SOUNDS.get(c) } else { c }
}

fn spoken(c: char) -> char {
    syllable(c).map_or(c, sound_of_syllable)
}

/// The private character for a toneless syllable.
pub(crate) fn sound_of_syllable(syllable: &str) -> char {
    let code = syllable.bytes().fold(0u32, |code, b| code * 27 + u32::from(b.saturating_sub(b'`')));
    char::from_u32(0xF_0000 + code % 0x1_FFFE).unwrap_or_default()
}

/// One private character for all sounds that many speakers of the south do not tell apart; other characters stay.
pub(crate) fn southern(sound: char) -> char {
    static MERGED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let merged = |s: &&'static str| (sound_of_syllable(s), sound_of_syllable(&merged_syllable(s)));
        SYLLABLES.iter().map(merged).collect()
    });
    MERGED.get(&sound).copied().unwrap_or(sound)
}

#[cfg(test)]
mod tests {
    use super::{sound_of, southern};

    #[test]
    fn sounds_that_southern_speakers_merge_are_one() {
        for (one, other) in [('是', '四'), ('娘', '凉'), ('行', '辛'), ('湖', '福'), ('热', '乐')] {
            assert_eq!(southern(sound_of(one)), southern(sound_of(other)), "{one}{other}");
        }
        assert_ne!(southern(sound_of('河')), southern(sound_of('山')));
    }

    #[test]
    fn homophones_have_one_sound() {
        assert_eq!(sound_of('灿'), sound_of('璨'));
        assert_ne!(sound_of('灿'), sound_of('河'));
    }
}
