//! One text, two views. The plain view folds width, case, compatibility forms, traditional characters, look-alike
//! letters and invisible characters; the dense view leaves out everything between letters as well.
//! Each folded character knows the byte range of the original from which it came.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use unicode_normalization::char::decompose_compatible;

use crate::text::script::{is_han, is_invisible, is_stop};

/// A folded character and the bytes of the original that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldedChar {
    /// The folded character.
    pub c: char,
    /// First byte in the original.
    pub start: usize,
    /// Byte after the last one in the original.
    pub end: usize,
}

/// A folded text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    plain: Vec<FoldedChar>,
    dense: Vec<usize>,
}

/// Traditional → simplified, character by character (OpenCC's TSCharacters; `tools/text_tables.sh`).
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pairs = include_str!("tables/traditional.txt").lines();
    pairs
        .filter_map(|line| {
            let mut chars = line.chars();
            Some((chars.next()?, chars.next()?))
        })
        .collect()
});

impl Folded {
    /// Folds a text. Takes time and memory in proportion to its length.
    pub fn of(original: &str) -> Self {
        let mut folded = Self { plain: Vec::with_capacity(original.len() / 2), dense: Vec::new() };
        for (start, c) in original.char_indices() {
            let end = start + c.len_utf8();
            match folding(c) {
                Folding::To(c) => folded.plain.push(FoldedChar { c, start, end }),
                Folding::Apart => folded.plain.extend(fold_whole(c).into_iter().map(|c| FoldedChar { c, start, end })),
            }
        }
        folded.dense = (0..folded.plain.len()).filter(|&i| is_dense(folded.plain[i].c)).collect();
        folded
    }

    /// Every folded character, separators included.
    pub fn plain(&self) -> &[FoldedChar] {
        &self.plain
    }

    /// Indexes into the plain view of the characters that are letters, digits or ideographs.
    pub fn dense(&self) -> &[usize] {
        &self.dense
    }

    /// The plain view as text.
    pub fn plain_text(&self) -> String {
        self.plain.iter().map(|f| f.c).collect()
    }

    /// The dense view as text.
    pub fn dense_text(&self) -> String {
        self.dense.iter().map(|&i| self.plain[i].c).collect()
    }

    /// Bytes of the original for a range of the plain view. Empty ranges map to an empty range.
    pub fn origin(&self, plain: Range<usize>) -> Range<usize> {
        match self.plain.get(plain.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.start..only.end,
            _ => 0..0,
        }
    }

    /// Whether the characters between two neighbours of the dense view (by their indexes in the plain view) hold a stop.
    pub fn has_stop_between(&self, left: usize, right: usize) -> bool {
        self.plain[left + 1..right].iter().any(|f| is_stop(f.c))
    }
}

/// What becomes of a character.
#[derive(Debug, Clone, Copy)]
enum Folding {
    /// One character.
    To(char),
    /// Several, or none: it is folded when it is met.
    Apart,
}

/// A character of the basic plane with what becomes of it, and whether it stands in the dense view.
#[derive(Debug, Clone, Copy)]
struct Row {
    folding: Folding,
    is_dense: bool,
}

const ROWS: usize = 256;
const PAGES: usize = 256;

/// Rows of the basic plane, worked out page by page when a page is needed for the first time.
static TABLE: [OnceLock<Box<[Row; ROWS]>>; PAGES] = [const { OnceLock::new() }; PAGES];

fn row(c: char) -> Option<Row> {
    let code = u32::from(c) as usize;
    let page = TABLE.get(code / ROWS)?;
    Some(page.get_or_init(|| page_from(code / ROWS * ROWS))[code % ROWS])
}

fn page_from(first: usize) -> Box<[Row; ROWS]> {
    Box::new(std::array::from_fn(|place| {
        // Surrogates are no characters and are never asked for.
        let c = u32::try_from(first + place).ok().and_then(char::from_u32).unwrap_or_default();
        let folding = match fold_whole(c)[..] {
            [only] => Folding::To(only),
            _ => Folding::Apart,
        };
        Row { folding, is_dense: is_kept_dense(c) }
    }))
}

fn folding(c: char) -> Folding {
    row(c).map_or(Folding::Apart, |row| row.folding)
}

fn is_dense(c: char) -> bool {
    row(c).map_or_else(|| is_kept_dense(c), |row| row.is_dense)
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
    let text = c.to_string();
    let mut skeleton = unicode_security::skeleton(&text);
    match (skeleton.next(), skeleton.next()) {
        (Some(only), None) if only.is_ascii_alphanumeric() => only,
        _ => c,
    }
}

/// Strokes that are no word of their own and serve as a separator between the characters of a name.
const STROKES: &str = "丨丶丿亅乀乁灬";

/// Whether a character of the plain view is part of the dense one.
fn is_kept_dense(c: char) -> bool {
    c.is_alphanumeric() && !STROKES.contains(c)
}

/// The plain folding of a text, for comparing short strings such as needed words.
pub fn plain(text: &str) -> String {
    Folded::of(text).plain_text()
}

/// The dense folding of a text, for comparing names.
pub fn dense(text: &str) -> String {
    Folded::of(text).dense_text()
}

#[cfg(test)]
mod tests {
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
        let range = folded.dense()[2]..folded.dense()[3] + 1;
        assert_eq!(&original[folded.origin(range)], "星*河");
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
                assert!(text.is_char_boundary(f.start) && text.is_char_boundary(f.end) && f.start < f.end);
                assert!(f.start >= last);
                last = f.start;
            }
        }
    }
}
