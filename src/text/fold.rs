//! One text, two views. The plain view folds width, case, compatibility forms, traditional characters, look-alike
//! letters and invisible characters; the dense view leaves out everything between letters as well.
//! Each folded character knows the byte range of the original from which it came.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use unicode_normalization::char::decompose_compatible;

use crate::text::chars::{CharTable, KNOWN};
use crate::text::script::{is_han, is_invisible, is_stop};

/// A folded character and the bytes of the original that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldedChar {
    /// The folded character.
    pub c: char,
    /// First byte in the original, and in the last two bits how many bytes follow it.
    origin: u32,
}

/// An origin: the first byte, and how many there are.
const fn origin(start: usize, length: usize) -> u32 {
    (start << LENGTH_BITS) as u32 | (length - 1) as u32
}

impl FoldedChar {
    const fn origin(self) -> Range<usize> {
        let start = (self.origin >> LENGTH_BITS) as usize;
        start..start + (self.origin & LENGTH_MASK) as usize + 1
    }
}

/// A character of UTF-8 has one to four bytes.
const LENGTH_BITS: u32 = 2;
const LENGTH_MASK: u32 = (1 << LENGTH_BITS) - 1;

/// A folded text.
#[derive(Debug, Clone)]
pub struct Folded {
    views: Room,
    /// The views as text, made when they are asked for.
    plain_text: OnceLock<String>,
    dense_text: OnceLock<String>,
}

/// Traditional → simplified, character by character (OpenCC's TSCharacters; `tools/text_tables.sh`).
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| pairs(include_str!("tables/traditional.txt")));

/// Latin letters with strokes, hooks and the like, and small capitals → the letter after which Unicode names them
/// (`tools/text_tables.sh`).
static LATIN: LazyLock<HashMap<char, char>> = LazyLock::new(|| pairs(include_str!("tables/latin.txt")));

fn pairs(table: &str) -> HashMap<char, char> {
    let pair = |line: &str| {
        let mut chars = line.chars();
        Some((chars.next()?, chars.next()?))
    };
    table.lines().filter_map(pair).collect()
}

/// Letters that look like `e` and that UTS #39 does not tie to it.
const LIKE_E: &str = "єεэɛ";

impl Folded {
    /// Folds a text of less than 1 GiB. Takes time and memory in proportion to its length.
    pub fn of(original: &str) -> Self {
        let mut room = Room::for_chars(original.len());
        let mut start = 0;
        while start < original.len() {
            start += room.fill_ascii(original.as_bytes(), start);
            start += room.fill_three_bytes(original.as_bytes(), start);
            let other = original[start..].chars().next().filter(|c| !c.is_ascii());
            start += other.map_or(0, |c| room.fill_other(c, original.len(), start));
        }
        Self { views: room, plain_text: OnceLock::new(), dense_text: OnceLock::new() }
    }

    /// Every folded character, separators included.
    pub fn plain(&self) -> &[FoldedChar] {
        &self.views.plain[..self.views.filled]
    }

    /// Indexes into the plain view of the characters that are letters, digits or ideographs.
    pub fn dense(&self) -> &[u32] {
        &self.views.dense[..self.views.kept]
    }

    /// The range of the plain view from the first to the last character of a range of the dense one; empty where that is.
    pub fn plain_range(&self, dense: Range<usize>) -> Range<usize> {
        match self.dense().get(dense) {
            Some([first, .., last]) => *first as usize..*last as usize + 1,
            Some([only]) => *only as usize..*only as usize + 1,
            _ => 0..0,
        }
    }

    /// The plain view as text.
    pub fn plain_text(&self) -> &str {
        self.plain_text.get_or_init(|| text_of(self.plain().iter().map(|folded| folded.c), self.plain().len()))
    }

    /// The dense view as text.
    pub fn dense_text(&self) -> &str {
        self.dense_text.get_or_init(|| text_of(self.dense_chars().iter().copied(), self.dense().len()))
    }

    /// The dense view, character by character.
    pub fn dense_chars(&self) -> &[char] {
        &self.views.dense_chars[..self.views.kept]
    }

    /// Bytes of the original for a range of the plain view. Empty ranges map to an empty range.
    pub fn origin(&self, plain: Range<usize>) -> Range<usize> {
        match self.plain().get(plain) {
            Some([first, .., last]) => first.origin().start..last.origin().end,
            Some([only]) => only.origin(),
            _ => 0..0,
        }
    }

    /// Whether the characters between two neighbours of the dense view (by their indexes in the plain view) hold a stop.
    pub fn has_stop_between(&self, left: usize, right: usize) -> bool {
        self.plain()[left + 1..right].iter().any(|f| is_stop(f.c))
    }
}

impl Drop for Folded {
    fn drop(&mut self) {
        std::mem::take(&mut self.views).keep();
    }
}

/// Bytes of a character of most texts at most, so that room is made once.
const USUAL_BYTES: usize = 3;

fn text_of(chars: impl Iterator<Item = char>, count: usize) -> String {
    let mut text = String::with_capacity(count * USUAL_BYTES);
    chars.for_each(|c| text.push(c));
    text
}

thread_local! {
    /// Kept from one text to the next, so that none waits for memory that is cleared.
    static ROOMS: Cell<Vec<Room>> = const { Cell::new(Vec::new()) };
}

/// Characters of the largest room that is kept.
const KEPT_MAX: usize = 1 << 15;
/// Rooms that are kept: as many texts are in use at a time, mostly.
const ROOMS_MAX: usize = 4;

/// Room for a folded text, filled from the front: characters of which one becomes one are written in their places without asking
/// for more.
#[derive(Debug, Default)]
struct Room {
    plain: Vec<FoldedChar>,
    dense: Vec<u32>,
    dense_chars: Vec<char>,
    /// Characters of the plain view so far.
    filled: usize,
    /// Characters of the dense view so far.
    kept: usize,
}

impl Clone for Room {
    /// What is filled of it.
    fn clone(&self) -> Self {
        let (filled, kept) = (self.filled, self.kept);
        let (dense, dense_chars) = (self.dense[..kept].to_vec(), self.dense_chars[..kept].to_vec());
        Self { plain: self.plain[..filled].to_vec(), dense, dense_chars, filled, kept }
    }
}

impl Room {
    /// Empty room for so many characters, as many as the text has bytes, and for a piece that is written past them.
    fn for_chars(chars: usize) -> Self {
        let mut rooms = ROOMS.take();
        let mut room = rooms.pop().unwrap_or_default();
        ROOMS.set(rooms);
        (room.filled, room.kept) = (0, 0);
        room.grow_to(chars + PIECE);
        room
    }

    /// Keeps it for another text.
    fn keep(self) {
        let is_large = self.plain.len() > KEPT_MAX;
        // At the end of a thread there is nothing to keep it for.
        let keep = |rooms: &Cell<Vec<Self>>| {
            let mut kept = rooms.take();
            if !is_large && kept.len() < ROOMS_MAX {
                kept.push(self);
            }
            rooms.set(kept);
        };
        let _ = ROOMS.try_with(keep);
    }

    /// Fills in the ASCII that stands at a place; the bytes that it takes. Letters become small, and nothing else of it changes.
    fn fill_ascii(&mut self, text: &[u8], start: usize) -> usize {
        let mut end = start;
        loop {
            let count = ascii_count(&text[end..]);
            if count > 0 {
                self.put_ascii(piece_at(&text[end..]).map(|b| b.to_ascii_lowercase()), count, end);
            }
            end += count;
            if count < PIECE {
                return end - start;
            }
        }
    }

    /// Fills in the first of some small ASCII characters.
    #[inline]
    fn put_ascii(&mut self, small: [u8; PIECE], count: usize, start: usize) {
        let Some(plain) = self.plain[self.filled..].first_chunk_mut::<PIECE>() else { return };
        for (at, place) in plain.iter_mut().enumerate() {
            *place = FoldedChar { c: small[at].into(), origin: origin(start + at, 1) };
        }
        let (dense, chars) = (&mut self.dense[self.kept..][..PIECE], &mut self.dense_chars[self.kept..][..PIECE]);
        let mut kept = 0;
        for (c, at) in small[..count].iter().zip(self.filled as u32..) {
            dense[kept] = at;
            chars[kept] = (*c).into();
            kept += usize::from(ASCII_IS_DENSE[usize::from(*c)]);
        }
        self.kept += kept;
        self.filled += count;
    }

    /// Fills in characters of three bytes of which one becomes one, as most Han are; the bytes that they take. One that is met for
    /// the first time is left.
    fn fill_three_bytes(&mut self, text: &[u8], start: usize) -> usize {
        let (three, _) = text[start..].as_chunks::<3>();
        let room = self.kept..self.kept + three.len() + 1;
        let (dense, chars) = (&mut self.dense[room.clone()], &mut self.dense_chars[room]);
        let (mut count, mut kept) = (0, 0);
        for (bytes, place) in three.iter().zip(&mut self.plain[self.filled..]) {
            let Some(entry) = known_to_be_one(*bytes) else { break };
            let c = char_of(entry);
            *place = FoldedChar { c, origin: origin(start + 3 * count, 3) };
            dense[kept] = (self.filled + count) as u32;
            chars[kept] = c;
            kept += usize::from(entry & DENSE != 0);
            count += 1;
        }
        self.kept += kept;
        self.filled += count;
        3 * count
    }

    /// Fills in any character of a text of so many bytes, which may become none or several; the bytes that it takes.
    fn fill_other(&mut self, c: char, length: usize, start: usize) -> usize {
        let origin = origin(start, c.len_utf8());
        match folding(c) {
            Folding::To { c: only, is_dense } => self.put(only, is_dense, origin),
            Folding::Apart => {
                let parts = fold_whole(c);
                self.grow_to(self.filled + parts.len() + length - start + PIECE);
                parts.into_iter().for_each(|part| self.put(part, is_kept_dense(part), origin));
            }
        }
        c.len_utf8()
    }

    fn put(&mut self, c: char, is_dense: bool, origin: u32) {
        self.plain[self.filled] = FoldedChar { c, origin };
        (self.dense[self.kept], self.dense_chars[self.kept]) = (self.filled as u32, c);
        self.kept += usize::from(is_dense);
        self.filled += 1;
    }

    fn grow_to(&mut self, chars: usize) {
        self.plain.resize(chars.max(self.plain.len()), FoldedChar { c: '\0', origin: 0 });
        self.dense.resize(chars.max(self.dense.len()), 0);
        self.dense_chars.resize(chars.max(self.dense_chars.len()), '\0');
    }
}

/// Whether a byte stands for a character of ASCII that is dense.
static ASCII_IS_DENSE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// The next bytes of a text, with zeros behind its end.
#[inline]
fn piece_at(text: &[u8]) -> [u8; PIECE] {
    text.first_chunk().copied().unwrap_or_else(|| {
        let mut piece = [0; PIECE];
        piece[..text.len()].copy_from_slice(text);
        piece
    })
}

/// How many bytes are ASCII before the first that is not, of sixteen at most.
#[inline]
fn ascii_count(text: &[u8]) -> usize {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let (eights, rest) = text[..text.len().min(PIECE)].as_chunks::<8>();
    let mut count = 0;
    for eight in eights {
        let high = u64::from_le_bytes(*eight) & HIGH;
        if high != 0 {
            return count + (high.trailing_zeros() / u8::BITS) as usize;
        }
        count += 8;
    }
    count + rest.iter().take_while(|b| b.is_ascii()).count()
}

/// Bytes of ASCII that are looked at together; there is room for so many characters behind all others.
const PIECE: usize = 16;

/// What the table has of a character, if the bytes are one, and it was met before and becomes one.
#[inline]
fn known_to_be_one([first, second, third]: [u8; 3]) -> Option<u32> {
    let code = u16::from(first & 0x0F) << 12 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F);
    let entry = FOLDINGS.look(code);
    (first & 0xF0 == 0xE0 && entry & (KNOWN | APART) == KNOWN).then_some(entry)
}

/// What becomes of a character.
#[derive(Debug, Clone, Copy)]
enum Folding {
    /// One character, and whether it stands in the dense view.
    To { c: char, is_dense: bool },
    /// Several, or none: it is folded when it is met.
    Apart,
}

/// In the table, beside the bits of the one character that a character becomes: whether it stands in the dense view.
const DENSE: u32 = 1 << 21;
/// In the table: the character becomes several, or none.
const APART: u32 = 1 << 22;

static FOLDINGS: CharTable = CharTable::new(|c| match fold_whole(c)[..] {
    [only] if is_kept_dense(only) => u32::from(only) | DENSE,
    [only] => u32::from(only),
    _ => APART,
});

fn folding(c: char) -> Folding {
    match FOLDINGS.get(c) {
        APART => Folding::Apart,
        entry => Folding::To { c: char_of(entry), is_dense: entry & DENSE != 0 },
    }
}

/// The one character that a character becomes.
#[inline]
fn char_of(entry: u32) -> char {
    char::from_u32(entry & (DENSE - 1)).unwrap_or_default()
}

/// One step may open the way for the next (a capital look-alike becomes a small one), so fold until nothing moves.
fn fold_whole(c: char) -> Vec<char> {
    let mut parts = vec![c];
    for _ in 0..FOLD_STEPS_MAX {
        let next = fold_once(&parts);
        if next == parts {
            break;
        }
        parts = next;
    }
    parts
}

/// Steps after which a character is taken as folded; Unicode needs at most three.
const FOLD_STEPS_MAX: usize = 6;

/// One step: compatibility forms apart, invisible characters out, look-alikes to Latin, case and tradition dropped.
fn fold_once(parts: &[char]) -> Vec<char> {
    let mut folded = Vec::with_capacity(parts.len());
    for &part in parts {
        decompose_compatible(part, |piece| {
            let piece = SIMPLIFIED.get(&piece).copied().unwrap_or_else(|| latin_lookalike(piece));
            folded.extend(piece.to_lowercase().filter(|&c| !is_invisible(c)));
        });
    }
    folded
}

/// The ASCII letter that a non-ASCII letter is confusable with (UTS #39), else the character itself.
/// Han is left alone: UTS #39 maps ideographs such as 口 to kana.
fn latin_lookalike(c: char) -> char {
    if c.is_ascii() || !c.is_alphabetic() || is_han(c) {
        return c;
    }
    if LIKE_E.contains(c) {
        return 'e';
    }
    let text = c.to_string();
    let mut skeleton = unicode_security::skeleton(&text).filter(|&c| !is_invisible(c));
    let alike = match (skeleton.next(), skeleton.next()) {
        (Some(only), None) => only,
        _ => c,
    };
    let of = |c: char| LATIN.get(&c).copied();
    if alike.is_ascii_alphanumeric() { alike } else { of(c).or_else(|| of(alike)).unwrap_or(c) }
}

/// Strokes and marks of repetition that are no word of their own and serve as a separator between the characters of a name.
const STROKES: &str = "丨丶丿亅乀乁灬ゝゞヽヾ〃";

/// Whether a character of the plain view is part of the dense one.
pub(crate) fn is_kept_dense(c: char) -> bool {
    c.is_alphanumeric() && !STROKES.contains(c)
}

/// Whether a character is folded to itself, alone or with others behind it.
pub(crate) fn is_own_folding(c: char) -> bool {
    match folding(c) {
        Folding::To { c: folded, .. } => folded == c,
        Folding::Apart => fold_whole(c).first() == Some(&c),
    }
}

/// The plain folding of a text, for comparing short strings such as needed words. Most words are their own folding.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| matches!(folding(c), Folding::To { c: folded, .. } if folded == c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(Folded::of(text).plain_text().to_owned())
}

/// The dense folding of a text, for comparing names.
pub fn dense(text: &str) -> String {
    dense_word(text).into_owned()
}

/// The dense folding of a word. Most words are their own.
pub(crate) fn dense_word(word: &str) -> Cow<'_, str> {
    if word.chars().all(|c| matches!(folding(c), Folding::To { c: folded, is_dense: true } if folded == c)) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(Folded::of(word).dense_chars().iter().collect())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::{any, proptest};

    use super::{Folded, dense, plain};

    #[test]
    fn width_case_and_tradition_are_folded() {
        assert_eq!(plain("雲舟ＧＲＯＵＰ"), "云舟group");
    }

    #[test]
    fn invisible_characters_are_dropped() {
        assert_eq!(plain("星\u{200b}河\u{fe0f}"), "星河");
    }

    #[test]
    fn look_alike_letters_become_latin() {
        assert_eq!(plain("Хingbе"), "xingbe");
        assert_eq!(plain("xıηɢħє"), "xinghe");
        assert_eq!(plain("ᴍẉłτ"), "mwlt");
    }

    #[test]
    fn inserted_symbols_are_left_out_of_the_dense_view() {
        assert_eq!(dense("星*河😀 科·技"), "星河科技");
        assert_eq!(dense("星丨河丶科"), "星河科");
    }

    #[test]
    fn a_span_points_into_the_original() {
        let original = "我在星*河上班";
        let folded = Folded::of(original);
        assert_eq!(&original[folded.origin(folded.plain_range(2..4))], "星*河");
    }

    #[test]
    fn the_table_says_of_every_character_what_its_folding_says() {
        for c in (0..=0x2_ffff).filter_map(char::from_u32) {
            let folded = Folded::of(&c.to_string());
            let whole: Vec<char> = super::fold_whole(c);
            assert!(folded.plain().iter().map(|f| f.c).eq(whole.iter().copied()), "U+{:04X}", u32::from(c));
            assert_eq!(folded.dense().len(), whole.iter().filter(|c| super::is_kept_dense(**c)).count());
        }
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in any::<String>()) {
            let once = plain(&text);
            assert_eq!(plain(&once), once);
        }

        #[test]
        fn offsets_are_valid_and_in_order(text in any::<String>()) {
            let folded = Folded::of(&text);
            let mut last = 0;
            for f in folded.plain() {
                let Range { start, end } = f.origin();
                assert!(text.is_char_boundary(start) && text.is_char_boundary(end) && start < end);
                assert!(start >= last);
                last = start;
            }
        }
    }
}
