//! Where terms stand in a text, before context is asked for.

use std::ops::Range;
use std::sync::OnceLock;

use crate::detect::leet::leet_hits;
use crate::detect::lexicon::{HANDLE_WORDS, OFFICIAL_WORDS};
use crate::detect::sound::{sound_hits, southern_hits};
use crate::detect::split::split_hits;
use crate::detect::substitute::substitute_hits;
use crate::detect::typo::typo_hits;
use crate::detect::watch::{Pattern, Watch, Writing};
use crate::model::term::{Field, MatchMode};
use crate::text::boundary::{is_free_of_letters, is_place_name};
use crate::text::chars::first_of;
use crate::text::fold::{Folded, is_own_folding};
use crate::text::script::is_han;
use crate::text::shelf::{self, PLACES, bits_of};

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
    /// With rare characters of the same sound: nobody writes those but to write around a word.
    RareHomophone,
    /// With characters taken apart into two.
    Split,
    /// With one rare character in the place of another.
    RareCharacter,
    /// With one character that looks like the mark's own: they share a part.
    LookAlike,
    /// With characters of the same sound.
    Homophone,
    /// With characters that sound the same to many speakers of the south.
    SouthernHomophone,
    /// In Latin letters of which one or two are wrong.
    Misspelled,
}

impl Disguise {
    /// Words for a reason, zh and en; empty for a plain writing.
    pub const fn wording(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("", ""),
            Self::OtherCharacters => ("（繁体、全角或形近写法）", " (in other characters)"),
            Self::Separated => ("（夹符号写法）", " (with symbols inserted)"),
            Self::Spelled => ("（拼音写法）", " (in pinyin)"),
            Self::RareHomophone => ("（生僻同音字写法）", " (with rare homophones)"),
            Self::Split => ("（拆字写法）", " (with characters taken apart)"),
            Self::RareCharacter => ("（夹生僻字写法）", " (with a rare character)"),
            Self::LookAlike => ("（形近字写法）", " (with a character that looks alike)"),
            Self::Homophone => ("（同音字写法）", " (with homophones)"),
            Self::SouthernHomophone => ("（近音字写法）", " (with characters that sound alike)"),
            Self::Misspelled => ("（拼写近似）", " (misspelled)"),
        }
    }
}

/// Letters and figures of the longest name in which every disguise is looked for.
const NAME_CHARS_MAX: usize = 256;

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
    pairs: OnceLock<Pairs>,
}

impl FieldText {
    /// Folds a field.
    pub fn new(field: Field, text: &str) -> Self {
        Self { field, is_handle: false, text: text.to_owned(), folded: Folded::of(text), pairs: OnceLock::new() }
    }

    /// Folds a login name.
    pub fn handle(text: &str) -> Self {
        Self { is_handle: true, ..Self::new(Field::AccountName, text) }
    }

    /// Whether it is an account's name of a length that people give themselves. Longer ones are read as texts are: nobody is known
    /// by them, and to look for every disguise takes long.
    pub(crate) fn is_short_name(&self) -> bool {
        self.field == Field::AccountName && self.folded.dense_chars().len() <= NAME_CHARS_MAX
    }

    /// The plain view as text.
    pub fn plain(&self) -> &str {
        self.folded.plain_text()
    }

    /// Whether the plain view holds a word that is its own folding.
    pub(crate) fn holds(&self, word: &str) -> bool {
        self.may_hold(word) && stands_in(self.folded.plain(), |folded| folded.c, word)
    }

    /// Whether the dense view holds a word that is its own folding.
    pub(crate) fn holds_densely(&self, word: &str) -> bool {
        self.may_hold(word) && stands_in(self.folded.dense_chars(), |c| *c, word)
    }

    /// False where two characters stand side by side in neither view, for certain.
    pub(crate) fn may_have_neighbours(&self, [left, right]: [char; 2]) -> bool {
        self.pairs.get_or_init(|| Pairs::of(&self.folded)).has(left, right)
    }

    /// False where neither view holds the word, for certain.
    fn may_hold(&self, word: &str) -> bool {
        self.pairs.get_or_init(|| Pairs::of(&self.folded)).may_hold(word)
    }
}

/// Whether a word stands in a view. Views are put together as texts only where more is asked of them.
fn stands_in<T>(view: &[T], char_of: impl Fn(&T) -> char, word: &str) -> bool {
    let Some(first) = word.chars().next() else { return true };
    let begins = |rest: &[T]| {
        let mut chars = rest.iter().map(&char_of);
        word.chars().all(|c| chars.next() == Some(c))
    };
    let mut rest = view;
    while let Some(at) = first_of(rest, |item| char_of(item) == first) {
        if begins(&rest[at..]) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
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
    /// Whether the writing is so far from the term's that something beside it has to say that the term is meant: it may be
    /// another company's name.
    pub needs_support: bool,
}

impl Hit {
    /// A term itself at a place of a text, told by its writing alone.
    pub(crate) fn of(index: usize, text: &FieldText, term: usize, at: Range<usize>, disguise: Disguise) -> Self {
        let span = text.folded.origin(at.clone());
        Self { term, text: index, at, span, disguise, is_word: false, needs_support: false }
    }
}

/// Most characters between two neighbours of a mark that are seen through as inserted.
pub(crate) const GAP_MAX: usize = 4;

/// Every place where a term or a word of a combination stands in the texts, each term once a place, plainest writing first.
pub fn scan(watch: &Watch, texts: &[FieldText]) -> Vec<Hit> {
    scan_with_trial(watch, texts).0
}

/// The same, and the places of terms on trial, which are numbered as [`Watch::on_trial`] has them.
pub(crate) fn scan_with_trial(watch: &Watch, texts: &[FieldText]) -> (Vec<Hit>, Vec<Hit>) {
    let active = watch.terms().len();
    let mut hits = all_hits(watch, texts);
    let mut on_trial: Vec<Hit> = hits.extract_if(.., |hit| hit.term >= active).collect();
    on_trial.iter_mut().for_each(|hit| hit.term -= active);
    (hits, on_trial)
}

fn all_hits(watch: &Watch, texts: &[FieldText]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        literal_hits(watch, index, text, &mut hits);
        leet_hits(watch, index, text, &mut hits);
        sound_hits(watch, index, text, &mut hits);
        southern_hits(watch, index, text, &mut hits);
        split_hits(watch, index, text, &mut hits);
        substitute_hits(watch, index, text, &mut hits);
        typo_hits(watch, index, text, &mut hits);
        regex_hits(watch, index, text, &mut hits);
    }
    hits.sort_by_key(|h| (h.text, h.term, h.needs_support, h.at.start, h.disguise, h.at.end));
    let mut taken = Taken::default();
    hits.retain(|hit| taken.takes(hit));
    hits.sort_by_key(|h| (h.text, h.at.start));
    hits
}

/// Places that hits of one term in one text have taken: what stands by itself comes first, then what needs support beside it.
#[derive(Default)]
struct Taken {
    of: Option<(usize, usize)>,
    sure: Vec<Range<usize>>,
    last: Range<usize>,
}

impl Taken {
    /// Whether the next hit has a place of its own.
    fn takes(&mut self, hit: &Hit) -> bool {
        if self.of != Some((hit.text, hit.term)) {
            (self.of, self.last) = (Some((hit.text, hit.term)), 0..0);
            self.sure.clear();
        }
        if overlap(&self.last, &hit.at) || (hit.needs_support && self.meets_a_sure_one(&hit.at)) {
            return false;
        }
        self.last = hit.at.clone();
        if !hit.needs_support {
            self.sure.push(hit.at.clone());
        }
        true
    }

    /// They stand in order and apart, so that the last one that begins before the end of a place decides.
    fn meets_a_sure_one(&self, at: &Range<usize>) -> bool {
        let before = self.sure.partition_point(|sure| sure.start < at.end);
        before.checked_sub(1).is_some_and(|last| overlap(&self.sure[last], at))
    }
}

/// Whether two ranges share a place.
pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn literal_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    let dense = text.folded.dense_chars();
    watch.literal().each(
        dense,
        |start| latin_may_begin(text, start),
        |found| {
            let (first, last) = (found.at.start, found.at.end - 1);
            let patterns = watch.patterns(found.word).iter();
            hits.extend(patterns.filter_map(|pattern| literal_hit(watch, index, text, first, last, *pattern)));
        },
    );
}

/// A bit for each of sixty-four places of the dense view at which what begins with an ASCII character may stand free: outside names
/// never in the middle of letters.
fn latin_may_begin(text: &FieldText, start: usize) -> u64 {
    let chars = text.folded.dense_chars();
    if text.field == Field::AccountName {
        return bits_of(chars[start..].iter().map(char::is_ascii));
    }
    let before = start.saturating_sub(1);
    let neighbours = chars[before..].array_windows().zip(text.folded.dense()[before..].array_windows());
    let may_begin = |([left, right], [from, to]): (&[char; 2], &[u32; 2])| {
        let goes_on = left.is_ascii_lowercase() & right.is_ascii_lowercase() & (from + 1 == *to);
        right.is_ascii() & !goes_on
    };
    let behind_another = bits_of(neighbours.map(may_begin));
    if start > 0 { behind_another } else { behind_another << 1 | u64::from(chars[0].is_ascii()) }
}

pub(super) fn literal_hit(
    watch: &Watch,
    index: usize,
    text: &FieldText,
    first: usize,
    last: usize,
    pattern: Pattern,
) -> Option<Hit> {
    let at = text.folded.plain_range(first..last + 1);
    let gap = widest_gap(text, first, last)?;
    let gap_allowed = if pattern.sees_through { GAP_MAX } else { 1 };
    if gap > gap_allowed || !stands_free(watch, pattern.term, text, &at) {
        return None;
    }
    let disguise = match pattern.writing {
        Writing::Spelled => Disguise::Spelled,
        Writing::Own | Writing::Word if gap > 0 => Disguise::Separated,
        Writing::Own | Writing::Word => written_as(&text.text[text.folded.origin(at.clone())]),
    };
    Some(Hit { is_word: pattern.writing == Writing::Word, ..Hit::of(index, text, pattern.term, at, disguise) })
}

/// The widest run of left-out characters inside a hit of the dense view; none when a stop stands inside, unless the same one
/// stands between all of its characters.
pub(crate) fn widest_gap(text: &FieldText, first: usize, last: usize) -> Option<usize> {
    let dense = &text.folded.dense()[first..=last];
    if (dense[last - first] - dense[0]) as usize == last - first {
        return Some(0);
    }
    let broken = dense.windows(2).any(|pair| text.folded.has_stop_between(pair[0] as usize, pair[1] as usize))
        && !is_threaded(text, dense);
    let widest = dense.windows(2).map(|pair| (pair[1] - pair[0] - 1) as usize).max().unwrap_or(0);
    (!broken).then_some(widest)
}

/// Characters of a hit from which on one and the same stop between all of them is an insertion: 云、舟、储、能.
const THREADED_MIN: usize = 3;

/// Whether what parts two names or words stands between characters of a hit of the dense view, unless the same stands between all.
pub(crate) fn is_parted(text: &FieldText, first: usize, last: usize) -> bool {
    let dense = &text.folded.dense()[first..=last];
    let between = |pair: &[u32]| pair[0] as usize + 1..pair[1] as usize;
    let parts = |place: usize| {
        let c = text.folded.plain()[place].c;
        c.is_whitespace() || PARTING.contains(&c)
    };
    dense.windows(2).flat_map(between).any(parts) && !is_threaded(text, dense)
}

/// By which people part a name from what follows it.
const PARTING: [char; 9] = ['|', '/', '\\', '·', '-', '_', '—', '~', ':'];

fn is_threaded(text: &FieldText, dense: &[u32]) -> bool {
    let plain = text.folded.plain();
    let mut gaps =
        dense.windows(2).map(|pair| plain[pair[0] as usize + 1..pair[1] as usize].iter().map(|folded| folded.c));
    let Some(first) = gaps.next() else { return false };
    dense.len() >= THREADED_MIN && gaps.all(|gap| gap.eq(first.clone()))
}

/// Whether a term at a range of the plain view is no part of a longer word.
pub(super) fn stands_free(watch: &Watch, term: usize, text: &FieldText, at: &Range<usize>) -> bool {
    let plain = text.folded.plain();
    let is_free = is_free_of_letters(plain, at.start, at.end) || stands_among_words(text, at);
    // The term is asked last: of many terms most lie far away in memory.
    is_free && !(is_place_name(plain, at.end) && watch.term(term).mode == MatchMode::WholeWord)
}

/// Whether a mark in a name is run together with nothing but words that people write onto marks: xinghekefu.
fn stands_among_words(text: &FieldText, at: &Range<usize>) -> bool {
    if text.field != Field::AccountName || at.len() < RUN_TOGETHER_MIN {
        return false;
    }
    let is_letter = |place: &usize| text.folded.plain()[*place].c.is_ascii_lowercase();
    // One more than may be taken apart is enough to know.
    let before = (0..at.start).rev().take(RUN_MAX + 1).take_while(is_letter).count();
    let after = (at.end..text.folded.plain().len()).take(RUN_MAX + 1).take_while(is_letter).count();
    let run = |places: Range<usize>| -> String { places.map(|place| text.folded.plain()[place].c).collect() };
    is_made_of_words(&run(at.start - before..at.start)) && is_made_of_words(&run(at.end..at.end + after))
}

/// Letters of a mark that is recognised though it is run together with others.
const RUN_TOGETHER_MIN: usize = 4;
/// Letters that are taken apart at most.
const RUN_MAX: usize = 24;

fn is_made_of_words(run: &str) -> bool {
    let rest = |word: &&str| run.strip_prefix(*word).is_some_and(is_made_of_words);
    run.is_empty() || (run.len() <= RUN_MAX && OFFICIAL_WORDS.iter().chain(HANDLE_WORDS).any(rest))
}

fn written_as(original: &str) -> Disguise {
    let is_plain = |c: char| c.is_ascii() || (is_han(c) && is_own_folding(c));
    if original.chars().all(is_plain) { Disguise::None } else { Disguise::OtherCharacters }
}

fn regex_hits(watch: &Watch, index: usize, text: &FieldText, hits: &mut Vec<Hit>) {
    for (term, regex) in watch.regexes() {
        let mut places = CharPlaces::of(text.plain());
        for found in regex.find_iter(text.plain()).filter(|f| !f.is_empty()) {
            hits.push(Hit::of(index, text, *term, places.of_bytes(found.range()), Disguise::None));
        }
    }
}

/// Places in a text by characters instead of bytes, for ranges whose ends rise: the text is counted once.
pub(crate) struct CharPlaces<'t> {
    text: &'t str,
    byte: usize,
    chars: usize,
}

impl<'t> CharPlaces<'t> {
    pub(crate) const fn of(text: &'t str) -> Self {
        Self { text, byte: 0, chars: 0 }
    }

    pub(crate) fn of_bytes(&mut self, range: Range<usize>) -> Range<usize> {
        self.chars += self.text[self.byte..range.end].chars().count();
        self.byte = range.end;
        self.chars - self.text[range].chars().count()..self.chars
    }
}

/// Which pairs of neighbours the two views of a text have, with a few more that they have not, to pass over most of the words
/// that are looked for: a Bloom filter with one hash.
#[derive(Debug, Clone)]
struct Pairs {
    bits: Box<[u64]>,
    /// By how many bits a hash is too long.
    shift: u32,
}

/// Bits of the filter for each character of the text.
const BITS_A_CHAR: usize = 8;
/// Most bits of the filter, so that it stays in the nearest cache.
const BITS_MAX: usize = 1 << 17;

impl Pairs {
    fn of(folded: &Folded) -> Self {
        let bits = (folded.plain().len() * BITS_A_CHAR).next_power_of_two().clamp(64, BITS_MAX);
        let mut pairs = Self { bits: vec![0; bits / 64].into(), shift: 32 - bits.trailing_zeros() };
        for [left, right] in folded.plain().array_windows() {
            pairs.insert(left.c, right.c);
        }
        pairs.insert_across_gaps(folded);
        pairs
    }

    /// Neighbours of the dense view that are no neighbours of the plain one. Stretches with as many characters in either have none.
    fn insert_across_gaps(&mut self, folded: &Folded) {
        let (places, chars) = (folded.dense(), folded.dense_chars());
        for start in (0..places.len()).step_by(PLACES) {
            let stretch = &places[start..places.len().min(start + PLACES + 1)];
            if stretch[stretch.len() - 1] - stretch[0] >= stretch.len() as u32 {
                let gaps = bits_of(stretch.array_windows().map(|[left, right]| left + 1 < *right));
                shelf::places(gaps).map(|at| start + at).for_each(|at| self.insert(chars[at], chars[at + 1]));
            }
        }
    }

    /// False where the text certainly does not hold the word. A word of one character may always be there.
    fn may_hold(&self, word: &str) -> bool {
        let mut holds = true;
        each_pair(word, |left, right| holds &= self.has(left, right));
        holds
    }

    fn insert(&mut self, left: char, right: char) {
        let (word, bit) = self.place(left, right);
        self.bits[word] |= bit;
    }

    fn has(&self, left: char, right: char) -> bool {
        let (word, bit) = self.place(left, right);
        self.bits[word] & bit != 0
    }

    fn place(&self, left: char, right: char) -> (usize, u64) {
        let mixed = u32::from(left).wrapping_mul(0x9E37_79B1).wrapping_add(u32::from(right).wrapping_mul(0x85EB_CA6B));
        let hash = (mixed >> self.shift) as usize;
        (hash / 64, 1 << (hash % 64))
    }
}

fn each_pair(text: &str, mut take: impl FnMut(char, char)) {
    let mut chars = text.chars();
    let Some(mut left) = chars.next() else { return };
    for right in chars {
        take(left, right);
        left = right;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{CharPlaces, Disguise, FieldText, Hit, latin_may_begin, scan, scan_with_trial};
    use crate::detect::watch::Watch;
    use crate::model::term::{Field, Term, TermKind, TermStatus};

    /// Disguises of the mark 星河科技 (Xinghe, 云舟) found in a name.
    fn found(name: &str) -> Vec<Disguise> {
        let aliases = vec!["Xinghe".into(), "云舟".into()];
        let mark = Term { aliases, ..Term::of("星河科技", TermKind::Trademark) };
        let ledgers = crate::ledger::Ledgers { terms: vec![mark], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        scan(&watch, &[FieldText::new(Field::AccountName, name)]).into_iter().map(|hit| hit.disguise).collect()
    }

    #[test]
    fn terms_on_trial_are_found_in_the_same_go_and_change_nothing_for_the_others() {
        let mark = |text: &str, status| Term { status, ..Term::of(text, TermKind::Trademark) };
        let terms =
            vec![mark("星河", TermStatus::Trial), mark("云舟", TermStatus::Active), mark("河科", TermStatus::Trial)];
        let ledgers = crate::ledger::Ledgers { terms, ..Default::default() };
        let without = crate::ledger::Ledgers { terms: vec![mark("云舟", TermStatus::Active)], ..Default::default() };
        let [both, active] = [&ledgers, &without].map(|ledgers| Watch::compile(ledgers, chrono::NaiveDate::default()));
        let trial = Watch::on_trial(&ledgers, chrono::NaiveDate::default());
        for text in ["星河科技与云舟", "星 合科技，云zhou", "云舟", "什么也没有", ""] {
            let texts = [FieldText::new(Field::AccountName, text), FieldText::new(Field::Text, text)];
            let expected = (scan(&active, &texts), scan(&trial, &texts));
            assert_eq!(scan_with_trial(&both, &texts), expected, "{text}");
            assert_eq!(scan(&both, &texts), expected.0, "{text}");
        }
        assert_eq!(both.terms().len(), 1);
    }

    #[test]
    fn a_mark_partly_in_pinyin_is_seen_through() {
        assert_eq!(found("星河ke技客服"), [Disguise::RareHomophone]);
        assert_eq!(found("星合ke技"), [Disguise::Homophone]);
        assert_eq!(found("星河科技"), [Disguise::None]);
        assert_eq!(found("云zhou"), [Disguise::RareHomophone]);
        assert_eq!(found("xingheke技"), [], "most of it must be written as the mark is");
        assert_eq!(found("星河hotel技"), []);
    }

    #[test]
    fn figures_in_the_place_of_letters_are_seen_through_in_names() {
        assert_eq!(found("x1nghe官方"), [Disguise::OtherCharacters]);
        assert_eq!(found("x1n9he"), [Disguise::OtherCharacters]);
        assert_eq!(found("x!nghe"), [Disguise::OtherCharacters]);
        assert_eq!(found("x1n6he"), [], "a figure that is no letter is none");
        assert_eq!(found("ab12"), []);
    }

    #[test]
    fn one_and_the_same_stop_between_all_characters_is_an_insertion() {
        assert_eq!(found("星、河、科、技"), [Disguise::Separated]);
        assert_eq!(found("星、河科技"), []);
        assert_eq!(found("云、舟"), [], "of two characters it may be a list");
    }

    #[test]
    fn a_character_that_sounds_alike_in_the_south_is_seen_through_in_names() {
        assert_eq!(found("新河科技"), [Disguise::SouthernHomophone]);
        assert_eq!(found("新核科技"), [Disguise::SouthernHomophone], "half of them must be the mark's own");
        assert_eq!(found("新核科机"), []);
    }

    #[test]
    fn homophones_with_symbols_between_are_seen_through_in_names() {
        assert_eq!(found("星💰合科技"), [Disguise::Homophone]);
        assert_eq!(found("云💰州"), [], "of two characters they may be two words");
    }

    /// Hits of one mark in a name.
    fn hits_of(mark: &str, name: &str) -> Vec<Hit> {
        let ledgers = crate::ledger::Ledgers { terms: vec![Term::of(mark, TermKind::Trademark)], ..Default::default() };
        let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
        scan(&watch, &[FieldText::new(Field::AccountName, name)])
    }

    #[test]
    fn what_may_be_the_name_of_others_does_not_stand_by_itself() {
        for (mark, name, stands_alone) in [
            ("云城银行", "云城银行", true),
            ("云城银行", "云成银行", true),
            ("云城银行", "云城银杏湖", false),
            ("星河能源", "星河人员外包", false),
            ("星河科技", "新河科技", false),
            ("大阳科技", "太阳科技", false),
            ("星河科技", "星💰合科技", true),
            ("星河科技", "星-合-科-技", true),
            ("星河科技", "星|合科技", false),
            ("海洋", "上海海洋客服", true),
        ] {
            let hits = hits_of(mark, name);
            assert_eq!(hits.iter().any(|hit| !hit.needs_support), stands_alone, "{mark} in {name}: {hits:?}");
        }
    }

    #[test]
    fn a_name_longer_than_names_are_is_read_as_a_text() {
        assert_eq!(hits_of("星河科技", &"星珂科技".repeat(64)).len(), 64);
        assert_eq!(hits_of("星河科技", &"星珂科技".repeat(65)), []);
    }

    #[test]
    fn a_mark_run_together_with_words_of_its_kind_is_found_and_within_another_word_it_is_not() {
        assert_eq!(found("xinghekefu"), [Disguise::None]);
        assert_eq!(found("hrxinghe"), [Disguise::None]);
        assert_eq!(found("xinghefeng"), []);
    }

    #[test]
    fn places_are_counted_in_characters() {
        let mut places = CharPlaces::of("云舟a储能");
        assert_eq!(places.of_bytes(0..3), 0..1);
        assert_eq!(places.of_bytes(3..10), 1..4);
        assert_eq!(places.of_bytes(6..13), 2..5);
    }

    proptest! {
        #[test]
        fn hits_stand_on_characters_of_the_original(name in "[星河科技合a-z0-9 *xinghe]{0,40}") {
            let mark = Term { aliases: vec!["Xinghe".into()], ..Term::of("星河科技", TermKind::Trademark) };
            let ledgers = crate::ledger::Ledgers { terms: vec![mark], ..Default::default() };
            let watch = Watch::compile(&ledgers, chrono::NaiveDate::default());
            for hit in scan(&watch, &[FieldText::new(Field::AccountName, &name)]) {
                assert!(name.get(hit.span.clone()).is_some_and(|span| !span.is_empty()), "{hit:?}");
            }
        }

        #[test]
        fn a_word_that_stands_in_a_text_is_found(text in any::<String>(), from in any::<usize>(), length in 0_usize..9) {
            let text = FieldText::new(Field::Text, &text);
            for view in [text.folded.plain_text(), text.folded.dense_text()] {
                let from = from.checked_rem(view.chars().count()).unwrap_or(0);
                let word: String = view.chars().skip(from).take(length).collect();
                assert!(text.may_hold(&word));
            }
        }

        #[test]
        fn hits_begin_where_no_letter_stands_right_before_a_letter(text in "[a云 1é]{0,150}") {
            let text = FieldText::new(Field::Text, &text);
            let (chars, dense) = (text.folded.dense_chars(), text.folded.dense());
            let goes_on = |place: usize| {
                let are_letters = place > 0 && chars[place - 1..=place].iter().all(char::is_ascii_lowercase);
                are_letters && dense[place - 1] + 1 == dense[place]
            };
            for (place, c) in chars.iter().enumerate() {
                let may_begin = c.is_ascii() && !goes_on(place);
                assert_eq!(latin_may_begin(&text, place / 64 * 64) >> (place % 64) & 1 == 1, may_begin, "{place}");
            }
        }

        #[test]
        fn a_word_is_found_exactly_where_it_stands(text in "[云舟储能 *a]{0,60}", word in "[云舟储能a]{1,4}") {
            let text = FieldText::new(Field::Text, &text);
            assert_eq!(text.holds(&word), text.plain().contains(&word));
            assert_eq!(text.holds_densely(&word), text.folded.dense_text().contains(&word));
        }
    }
}
