//! Context decides: words that a term needs near it, words that make it harmless, company words near a title.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::ops::Range;

use crate::detect::lexicon::trade::BUSINESS;
use crate::detect::scan::{CharPlaces, FieldText, Hit, overlap};
use crate::detect::usage::{is_another_word, is_everyday_word};
use crate::detect::watch::Watch;
use crate::model::term::{Field, Term, TermKind};
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
/// (a post's text for the profile's marks), where distance means nothing. Of one term in one text the first
/// [`HITS_A_TEXT_MAX`] are kept: who repeats a mark a thousand times is told of it no more than that.
pub fn in_context(watch: &Watch, texts: &[FieldText], hits: &[Hit], outside: &[FieldText]) -> Vec<Hit> {
    let terms = watch.terms();
    let starts = starts_of(texts);
    let mut surroundings = HashMap::new();
    let placed = |hit: &Hit| shifted(&hit.at, starts[hit.text]);
    let candidates = survivors(watch, texts, hits, &mut surroundings);
    let is_everyday =
        |hit: &Hit| is_mark(terms[hit.term].kind) && is_everyday_word(&terms[hit.term], &texts[hit.text], hit);
    let names_company = candidates.iter().any(|hit| is_unambiguous(&terms[hit.term], hit) && !is_everyday(hit));
    let business = LazyCell::new(|| Places::of(BUSINESS.iter(), texts, &starts));
    let stands = |hit: &&Hit| {
        let term = &terms[hit.term];
        let is_near = || surroundings[&hit.term].needed.within(&placed(hit), term.window).next().is_some();
        let means_business = || business.within(&placed(hit), term.window.max(BUSINESS_NEAR)).next().is_some();
        let is_meant = || names_company || !is_everyday(hit) || means_business();
        has_context(term, hit, is_near, outside, names_company) && is_meant()
    };
    let mut kept: HashMap<(usize, usize), usize> = HashMap::new();
    let mut is_early = |hit: &&Hit| {
        let count = kept.entry((hit.text, hit.term)).or_default();
        *count += 1;
        *count <= HITS_A_TEXT_MAX
    };
    candidates.into_iter().filter(stands).filter(|hit| is_early(hit)).cloned().collect()
}

/// Hits in fields that count and that no exclusion spoils, whether they have the context that their terms need or not.
pub fn unspoilt<'h>(watch: &Watch, texts: &[FieldText], hits: &'h [Hit]) -> Vec<&'h Hit> {
    survivors(watch, texts, hits, &mut HashMap::new())
}

fn survivors<'h>(
    watch: &Watch,
    texts: &[FieldText],
    hits: &'h [Hit],
    surroundings: &mut HashMap<usize, Surroundings>,
) -> Vec<&'h Hit> {
    let terms = watch.terms();
    let starts = starts_of(texts);
    let mut survivors = Vec::new();
    for hit in hits.iter().filter(|h| !h.is_word && counts_in(&terms[h.term], texts[h.text].field)) {
        let term = &terms[hit.term];
        let around = surroundings.entry(hit.term).or_insert_with(|| Surroundings::of(term, texts, &starts));
        let is_another = || is_mark(term.kind) && is_another_word(term, &texts[hit.text], hit);
        if !is_excluded(term, around, &shifted(&hit.at, starts[hit.text])) && !is_another() {
            survivors.push(hit);
        }
    }
    survivors
}

/// Characters between an everyday word that is also a mark and a word of business that says so, whatever the term's window.
const BUSINESS_NEAR: usize = 30;

/// Most hits of one term in one text that are followed further.
pub(crate) const HITS_A_TEXT_MAX: usize = 32;

/// Where the words stand that a term asks for or shuns, found once for all of its hits.
struct Surroundings {
    needed: Places,
    /// Whether a shunned word stands anywhere.
    is_spoilt: bool,
    /// Shunned words that hold the term itself, such as a place name.
    spoilt: Places,
}

impl Surroundings {
    fn of(term: &Term, texts: &[FieldText], starts: &[usize]) -> Self {
        let (inside, anywhere): (Vec<&String>, Vec<&String>) =
            term.except.iter().partition(|word| holds_term(term, word));
        Self {
            needed: Places::of(term.need.iter(), texts, starts),
            is_spoilt: anywhere.iter().any(|word| texts.iter().any(|text| holds_word(text, word))),
            spoilt: Places::of(inside.into_iter(), texts, starts),
        }
    }
}

/// Places in the texts read as one, in their order, by their beginnings.
struct Places {
    sorted: Vec<Range<usize>>,
    longest: usize,
}

impl Places {
    fn of<W: AsRef<str>>(words: impl Iterator<Item = W>, texts: &[FieldText], starts: &[usize]) -> Self {
        let mut sorted: Vec<Range<usize>> = Vec::new();
        for word in words {
            for (text, start) in texts.iter().zip(starts) {
                sorted.extend(occurrences(text, word.as_ref()).iter().map(|at| shifted(at, *start)));
            }
        }
        sorted.sort_by_key(|at| at.start);
        let longest = sorted.iter().map(Range::len).max().unwrap_or(0);
        Self { sorted, longest }
    }

    /// Places at most so many characters away.
    fn within<'p>(&'p self, at: &'p Range<usize>, window: usize) -> impl Iterator<Item = &'p Range<usize>> {
        let first = self.sorted.partition_point(|place| place.start + self.longest + window < at.start);
        let reachable = self.sorted[first..].iter().take_while(move |place| place.start <= at.end + window);
        reachable.filter(move |place| distance(at, place) <= window)
    }
}

/// Whether a shunned word is a longer word that holds the term.
fn holds_term(term: &Term, word: &str) -> bool {
    let folded = fold::plain(word);
    std::iter::once(&term.text).chain(&term.aliases).any(|w| folded.contains(&*fold::plain(w)))
}

/// Whether a term is meant where it stands: in this field.
pub(crate) fn counts_in(term: &Term, field: Field) -> bool {
    term.fields.is_empty() || term.fields.contains(&field)
}

/// A company word that needs no context, written plainly enough.
fn is_unambiguous(term: &Term, hit: &Hit) -> bool {
    matches!(term.kind, TermKind::Company | TermKind::ShortName) && term.need.is_empty() && !hit.needs_support
}

fn has_context(term: &Term, hit: &Hit, is_near: impl Fn() -> bool, outside: &[FieldText], names_company: bool) -> bool {
    if term.need.is_empty() && !hit.needs_support {
        return true;
    }
    let elsewhere = || outside.iter().any(|text| term.need.iter().any(|word| holds_word(text, word)));
    is_near() || (is_mark(term.kind) && (names_company || elsewhere()))
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
fn is_excluded(term: &Term, around: &Surroundings, at: &Range<usize>) -> bool {
    let is_inside = || around.spoilt.within(at, 0).any(|place| overlap(place, at));
    let excluded = around.is_spoilt || is_inside();
    excluded && !(term.kind == TermKind::Confidential && around.needed.within(at, term.window).next().is_some())
}

/// Whether the text holds a word, both folded.
pub fn holds_word(text: &FieldText, word: &str) -> bool {
    let word = fold::plain(word);
    !word.is_empty() && text.holds(&word)
}

/// Every place of a word in the plain view, in characters.
pub fn occurrences(text: &FieldText, word: &str) -> Vec<Range<usize>> {
    let word = fold::plain(word);
    if word.is_empty() || !text.holds(&word) {
        return Vec::new();
    }
    let mut places = CharPlaces::of(text.plain());
    text.plain().match_indices(&*word).map(|(byte, _)| places.of_bytes(byte..byte + word.len())).collect()
}

/// Whether a word stands so that it holds a place of the plain view, in characters, and more.
pub fn stands_around(text: &FieldText, word: &str, at: &Range<usize>) -> bool {
    let word = fold::plain(word);
    let length = word.chars().count();
    if length <= at.len() || !text.holds(&word) {
        return false;
    }
    let plain = text.folded.plain();
    let is_at = |start: usize| plain[start..].iter().zip(word.chars()).all(|(folded, c)| folded.c == c);
    let first = (at.end).saturating_sub(length);
    (first..=at.start).any(|start| start + length <= plain.len() && is_at(start))
}

/// The sentence that a place of the plain view stands in, in characters.
pub fn sentence_around(text: &FieldText, at: &Range<usize>) -> Range<usize> {
    let plain = text.folded.plain();
    let ends = |place: &usize| matches!(plain[*place].c, '。' | '!' | '?' | '！' | '？' | '\n');
    let start = (0..at.start).rev().find(ends).map_or(0, |place| place + 1);
    start..(at.end..plain.len()).find(ends).unwrap_or(plain.len())
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
        if found.len() >= HITS_A_TEXT_MAX {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{in_context, stands_around};
    use crate::detect::scan::{FieldText, scan};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind};
    use crate::model::time::Timestamp;

    #[test]
    fn a_word_stands_around_a_place_when_it_holds_it_and_more() {
        let text = FieldText::new(Field::Text, "职工价，工价");
        assert!(stands_around(&text, "职工价", &(1..3)) && stands_around(&text, "职工", &(0..1)));
        assert!(!stands_around(&text, "职工价", &(4..6)) && !stands_around(&text, "工价", &(1..3)));
        assert!(!stands_around(&text, "工价很低", &(4..6)), "nothing stands behind the end");
    }

    fn watch(need: &[&str], except: &[&str]) -> Watch {
        let company = crate::model::company::Company {
            code: "XH".into(),
            name: "星河科技有限公司".into(),
            short_name: "星河".into(),
            aliases: Vec::new(),
            listed: true,
            city: String::new(),
            mail_domain: String::new(),
            responsible: "E1".into(),
        };
        let mut ledgers = crate::ledger::Ledgers { companies: vec![company], ..Default::default() };
        let day = Timestamp::parse("2026-11-20T00:00:00Z").unwrap().date(chrono_tz::UTC);
        let named = Watch::compile(&ledgers, day).terms().iter().find(|t| t.text == "星河").cloned().unwrap();
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        ledgers.companies.clear();
        ledgers.terms =
            vec![Term { kind: TermKind::Trademark, need: words(need), except: words(except), window: 5, ..named }];
        Watch::compile(&ledgers, day)
    }

    fn accepted(watch: &Watch, text: &str) -> usize {
        let texts = [FieldText::new(Field::Text, text)];
        in_context(watch, &texts, &scan(watch, &texts), &[]).len()
    }

    #[test]
    fn a_needed_word_counts_within_the_window_on_either_side() {
        let watch = watch(&["无人机"], &[]);
        assert_eq!(accepted(&watch, "无人机看星河"), 1);
        assert_eq!(accepted(&watch, "星河一二三四五无人机"), 1);
        assert_eq!(accepted(&watch, "星河一二三四五六无人机"), 0);
    }

    #[test]
    fn a_place_name_spoils_its_own_hit_and_another_word_spoils_all() {
        assert_eq!(accepted(&watch(&[], &["星河镇"]), "星河镇的星河"), 1);
        assert_eq!(accepted(&watch(&[], &["诗歌"]), "星河与诗歌"), 0);
    }

    #[test]
    fn what_may_be_another_companys_name_needs_support() {
        let accepted = |text: &str| {
            let watch = watch(&[], &[]);
            let texts = [FieldText::new(Field::AccountName, text)];
            in_context(&watch, &texts, &scan(&watch, &texts), &[]).len()
        };
        assert_eq!((accepted("星河"), accepted("新河"), accepted("星何")), (1, 0, 0));
    }

    #[test]
    fn a_mark_repeated_without_end_is_judged_once_more_than_enough() {
        let watch = watch(&["无人机"], &["星河镇"]);
        let count = accepted(&watch, &"星河无人机星河镇".repeat(20_000));
        assert!((1..=64).contains(&count), "{count}");
    }
}
