//! Where terms stand in a text, before context is asked for.

use std::ops::Range;

use crate::detect::watch::{Pattern, Watch, Writing, sound_of};
use crate::model::term::{Field, MatchMode, Term, TermKind};
use crate::text::boundary::{is_free_of_letters, is_place_name};
use crate::text::fold::Folded;
use crate::text::script::is_han;

/// How a term was written. Ordered: the plainest writing is smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disguise {
    /// As in the ledger, case and width aside.
    None,
    /// In other characters: traditional, full-width, look-alike letters, invisible characters inside.
    OtherCharacters,
    /// With symbols, spaces or emoji between its characters.
    Separated,
    /// In pinyin.
    Spelled,
    /// With characters of the same sound.
    Homophone,
}

impl Disguise {
    /// Words for a reason, zh and en; empty for a plain writing.
    pub const fn wording(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("", ""),
            Self::OtherCharacters => ("（繁体、全角或形近写法）", " (in other characters)"),
            Self::Separated => ("（夹符号写法）", " (with symbols inserted)"),
            Self::Spelled => ("（拼音写法）", " (in pinyin)"),
            Self::Homophone => ("（同音字写法）", " (with homophones)"),
        }
    }
}

/// A field of a subject, folded once.
#[derive(Debug, Clone)]
pub struct FieldText {
    /// Which field.
    pub field: Field,
    /// Whether this is the login name rather than the shown one (both count as the account's name).
    pub is_handle: bool,
    /// The original.
    pub text: String,
    /// The folded views.
    pub folded: Folded,
    /// The plain view as text, for looking words up.
    pub plain: String,
}

impl FieldText {
    /// Folds a field.
    pub fn new(field: Field, text: &str) -> Self {
        let folded = Folded::of(text);
        let plain = folded.plain_text();
        Self { field, is_handle: false, text: text.to_owned(), folded, plain }
    }

    /// Folds a login name.
    pub fn handle(text: &str) -> Self {
        Self { is_handle: true, ..Self::new(Field::AccountName, text) }
    }
}

/// A term at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Index into the watch's terms.
    pub term: usize,
    /// Index of the field text.
    pub text: usize,
    /// Range of the plain view, in characters.
    pub at: Range<usize>,
    /// Bytes of the original.
    pub span: Range<usize>,
    /// How it was written.
    pub disguise: Disguise,
    /// Whether this is a word of a combination rather than the term itself.
    pub is_word: bool,
}

/// Most characters between two neighbours of a mark that are seen through as inserted.
pub(crate) const GAP_MAX: usize = 4;

/// Every place where a term or a word of a combination stands in the texts, each term once a place, plainest writing first.
pub fn scan(watch: &Watch, texts: &[FieldText]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        literal_hits(watch, index, text, &mut hits);
        sound_hits(watch, index, text, &mut hits);
        regex_hits(watch, index, text, &mut hits);
    }
    hits.sort_by_key(|h| (h.text, h.term, h.at.start, h.disguise, h.at.end));
    hits.dedup_by(|later, first| later.term == first.term && later.text == first.text && overlap(&later.at, &first.at));
    hits.sort_by_key(|h| (h.text, h.at.start));
    hits
}

/// Whether two ranges share a place.
pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn literal_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(automaton) = watch.literal() else { return };
    let dense = text.folded.dense_text();
    let offsets = char_offsets(&dense);
    for found in automaton.find_overlapping_iter(&dense) {
        let (first, last) = (offsets[found.start()], offsets[found.end()] - 1);
        for pattern in watch.patterns(found.value()) {
            hits.extend(literal_hit(watch, index, text, first, last, *pattern));
        }
    }
}

fn literal_hit(
    watch: &Watch,
    index: usize,
    text: &FieldText,
    first: usize,
    last: usize,
    pattern: Pattern,
) -> Option<Hit> {
    let term = &watch.terms()[pattern.term];
    let dense = text.folded.dense();
    let at = dense[first]..dense[last] + 1;
    let gap = widest_gap(text, first, last)?;
    let sees_through = term.mode == MatchMode::Fuzzy || term.kind == TermKind::Confidential;
    let gap_allowed = if sees_through { GAP_MAX } else { 1 };
    if gap > gap_allowed || !stands_free(term, text, &at) {
        return None;
    }
    let span = text.folded.origin(at.clone());
    let disguise = match pattern.writing {
        Writing::Spelled => Disguise::Spelled,
        Writing::Own | Writing::Word if gap > 0 => Disguise::Separated,
        Writing::Own | Writing::Word => written_as(&text.text[span.clone()]),
    };
    Some(Hit { term: pattern.term, text: index, at, span, disguise, is_word: pattern.writing == Writing::Word })
}

/// The widest run of left-out characters inside a hit of the dense view; none when a stop stands inside.
pub(crate) fn widest_gap(text: &FieldText, first: usize, last: usize) -> Option<usize> {
    let dense = &text.folded.dense()[first..=last];
    let broken = dense.windows(2).any(|pair| text.folded.has_stop_between(pair[0], pair[1]));
    let widest = dense.windows(2).map(|pair| pair[1] - pair[0] - 1).max().unwrap_or(0);
    (!broken).then_some(widest)
}

fn stands_free(term: &Term, text: &FieldText, at: &Range<usize>) -> bool {
    let plain = text.folded.plain();
    is_free_of_letters(plain, at.start, at.end) && !(term.mode == MatchMode::WholeWord && is_place_name(plain, at.end))
}

fn written_as(original: &str) -> Disguise {
    let is_plain =
        |c: char| c.is_ascii() || (is_han(c) && crate::text::fold::plain(c.encode_utf8(&mut [0; 4])).starts_with(c));
    if original.chars().all(is_plain) { Disguise::None } else { Disguise::OtherCharacters }
}

fn sound_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let Some(automaton) = watch.sound() else { return };
    let dense: Vec<char> = text.folded.dense().iter().map(|&i| text.folded.plain()[i].c).collect();
    let sounds: String = dense.iter().map(|&c| if is_han(c) { sound_of(c) } else { c }).collect();
    let offsets = char_offsets(&sounds);
    for found in automaton.find_overlapping_iter(&sounds) {
        let (first, last) = (offsets[found.start()], offsets[found.end()] - 1);
        for pattern in watch.sound_patterns(found.value()) {
            let same = pattern.chars.iter().zip(&dense[first..=last]).filter(|(a, b)| a == b).count();
            // Half of the characters must be the mark's own: 元代 is no disguise of a mark that sounds alike.
            let is_near = same < pattern.chars.len() && same * 2 >= pattern.chars.len();
            if is_near && widest_gap(text, first, last) == Some(0) {
                let at = text.folded.dense()[first]..text.folded.dense()[last] + 1;
                let span = text.folded.origin(at.clone());
                hits.push(Hit {
                    term: pattern.term,
                    text: index,
                    at,
                    span,
                    disguise: Disguise::Homophone,
                    is_word: false,
                });
            }
        }
    }
}

fn regex_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let offsets = char_offsets(&text.plain);
    for (term, regex) in watch.regexes() {
        for found in regex.find_iter(&text.plain).filter(|f| !f.is_empty()) {
            let at = offsets[found.start()]..offsets[found.end()];
            let span = text.folded.origin(at.clone());
            hits.push(Hit { term: *term, text: index, at, span, disguise: Disguise::None, is_word: false });
        }
    }
}

/// Character index by byte offset (for offsets on boundaries, the end included).
pub(crate) fn char_offsets(text: &str) -> Vec<usize> {
    let mut offsets = vec![0; text.len() + 1];
    let mut count = 0;
    for (byte, _) in text.char_indices() {
        offsets[byte] = count;
        count += 1;
    }
    offsets[text.len()] = count;
    offsets
}
