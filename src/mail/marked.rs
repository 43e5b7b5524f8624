//! Text that strangers wrote, made fit for a letter: one line, no hidden characters, bounded, names masked.
//! Deliberately not here: any judgement of what the text means.

use std::ops::Range;

use crate::model::alert::MarkedText;

/// Stands for a character that the reader may not see.
const BLACK: char = '▇';

/// A stretch of text that is either marked as a passage that matters, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The stretch, on one line.
    pub(crate) text: String,
    /// Whether it matters.
    pub(crate) marked: bool,
}

impl Span {
    /// A stretch without a mark, taken as it stands.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), marked: false }
    }
}

/// Masks personal names for places that others see, such as the subject on a lock screen: marked passages stay,
/// of everything else only the first letter or character is kept, the others become `*`. Punctuation stays, so
/// that the shape remains readable. The number of characters does not change.
///
/// Only one character of all unmarked text is kept, not one a word: `张 伟` and `张·伟` hide as much as `张伟`.
pub fn mask_name(name: &MarkedText) -> String {
    mask_cells(&cells(name))
}

/// Like [`mask_name`], and names that are known are masked inside marked passages as well.
pub(crate) fn mask_known_names(name: &MarkedText, known: &[&str]) -> String {
    let mut cells = cells(name);
    for place in known.iter().flat_map(|known| places_of(&name.text, known)) {
        for cell in &mut cells[place] {
            cell.mark = None;
        }
    }
    mask_cells(&cells)
}

/// The text in stretches, on one line and of at most `limit` characters around its first mark.
pub(crate) fn spans(text: &MarkedText, limit: usize) -> Vec<Span> {
    let cells = on_one_line(cells(text));
    let window = window(&cells, limit);
    let mut spans = join(&cells[window.clone()]);
    if window.start > 0 {
        spans.insert(0, Span::plain("…"));
    }
    if window.end < cells.len() {
        spans.push(Span::plain("…"));
    }
    spans
}

/// The text on one line without hidden or direction-changing characters, and of at most `limit` characters.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let text = MarkedText { text: text.to_owned(), marks: Vec::new() };
    spans(&text, limit).into_iter().map(|span| span.text).collect()
}

/// The text with every marked passage and every known name blackened.
pub(crate) fn blackened(text: &MarkedText, known: &[&str]) -> MarkedText {
    let mut cells = cells(text);
    for (number, place) in (text.marks.len()..).zip(known.iter().flat_map(|known| places_of(&text.text, known))) {
        for cell in &mut cells[place] {
            cell.mark = Some(number);
        }
    }
    let mut text = MarkedText::default();
    for run in cells.chunk_by(|a, b| a.mark == b.mark) {
        let start = text.text.len();
        text.text.extend(run.iter().map(|cell| if cell.mark.is_some() { black(cell.letter) } else { cell.letter }));
        text.marks.extend(run[0].mark.map(|_| start..text.text.len()));
    }
    text
}

fn black(letter: char) -> char {
    if letter.is_alphanumeric() { BLACK } else { letter }
}

/// One character and the marked passage that it belongs to, by number: passages that touch stay apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    letter: char,
    mark: Option<usize>,
}

fn cells(text: &MarkedText) -> Vec<Cell> {
    let mark_at = |at: usize| text.marks.iter().position(|mark| mark.contains(&at));
    text.text.char_indices().map(|(at, letter)| Cell { letter, mark: mark_at(at) }).collect()
}

/// Where `known` stands, in characters.
fn places_of(text: &str, known: &str) -> Vec<Range<usize>> {
    if known.is_empty() {
        return Vec::new();
    }
    let length = known.chars().count();
    text.match_indices(known)
        .map(|(at, _)| {
            let start = text[..at].chars().count();
            start..start + length
        })
        .collect()
}

fn mask_cells(cells: &[Cell]) -> String {
    let mut kept_one = false;
    let mask = |cell: &Cell| match cell {
        Cell { letter, mark } if mark.is_some() || !letter.is_alphanumeric() => *letter,
        Cell { letter, .. } if !std::mem::replace(&mut kept_one, true) => *letter,
        _ => '*',
    };
    cells.iter().map(mask).collect()
}

fn on_one_line(cells: Vec<Cell>) -> Vec<Cell> {
    let mut line: Vec<Cell> = Vec::with_capacity(cells.len());
    for cell in cells.into_iter().filter(|cell| !is_hidden(cell.letter)) {
        if !cell.letter.is_whitespace() {
            line.push(cell);
        } else if line.last().is_some_and(|last| last.letter != ' ') {
            line.push(Cell { letter: ' ', ..cell });
        }
    }
    if line.last().is_some_and(|last| last.letter == ' ') {
        line.pop();
    }
    line
}

/// Characters that show nothing themselves but move, join or hide others, or break a header.
fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Which cells are shown: all, or a window that holds the first mark.
fn window(cells: &[Cell], limit: usize) -> Range<usize> {
    if cells.len() <= limit {
        return 0..cells.len();
    }
    let first_mark = cells.iter().position(|cell| cell.mark.is_some()).unwrap_or(0);
    let start = if first_mark + limit / 4 < limit { 0 } else { first_mark - limit / 4 };
    start..(start + limit).min(cells.len())
}

fn join(cells: &[Cell]) -> Vec<Span> {
    cells
        .chunk_by(|a, b| a.mark == b.mark)
        .map(|run| Span { text: run.iter().map(|cell| cell.letter).collect(), marked: run[0].mark.is_some() })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, prop_oneof};
    use proptest::{collection, prop_assert, prop_assert_eq, proptest};

    use super::{blackened, mask_known_names, mask_name, one_line, spans};
    use crate::model::alert::MarkedText;

    fn marked(text: &str, passages: &[&str]) -> MarkedText {
        let marks = passages.iter().map(|p| text.find(p).map(|at| at..at + p.len()).unwrap()).collect();
        MarkedText { text: text.to_owned(), marks }
    }

    #[test]
    fn the_company_stays_and_the_name_is_masked() {
        assert_eq!(mask_name(&marked("星河科技张伟", &["星河科技"])), "星河科技张*");
    }

    #[test]
    fn a_name_with_separators_shows_no_more_than_its_first_character() {
        assert_eq!(mask_name(&marked("星河科技 欧阳·沁 禾", &["星河科技"])), "星河科技 欧*·* *");
    }

    #[test]
    fn a_latin_name_is_masked_too() {
        assert_eq!(mask_name(&marked("Leo Zhang@星河", &["星河"])), "L** *****@星河");
    }

    #[test]
    fn a_known_name_inside_a_mark_is_masked() {
        let name = marked("星河科技李娜经理", &["星河科技李娜经理"]);
        assert_eq!(mask_known_names(&name, &["李娜"]), "星河科技李*经理");
    }

    #[test]
    fn marks_outside_the_text_or_inside_a_character_do_no_harm() {
        let name = MarkedText { text: "星河".to_owned(), marks: vec![1..2, 4..900] };
        assert_eq!(mask_name(&name), "星*");
    }

    #[test]
    fn line_breaks_and_direction_marks_leave_a_single_line() {
        assert_eq!(one_line("张\r\nBcc: x@example\u{202e}\u{200b}\u{0}  伟 ", 80), "张 Bcc: x@example 伟");
    }

    #[test]
    fn a_long_text_is_shown_around_its_first_mark() {
        let text = format!("{}星河科技{}", "前".repeat(300), "后".repeat(300));
        let shown = spans(&marked(&text, &["星河科技"]), 40);
        let text: String = shown.iter().map(|span| span.text.as_str()).collect();
        assert_eq!(text.chars().count(), 42);
        assert!(shown.iter().any(|span| span.marked && span.text == "星河科技"));
    }

    #[test]
    fn blackened_text_shows_neither_marks_nor_names() {
        let text = marked("代号云雀，赵六说尽调完了", &["云雀", "尽调"]);
        assert_eq!(blackened(&text, &["赵六"]).text, "代号▇▇，▇▇说▇▇完了");
    }

    fn piece() -> impl Strategy<Value = (String, bool)> {
        prop_oneof![
            Just(("星河科技".to_owned(), true)),
            "[\u{4e00}-\u{9fa5}]{1,4}".prop_map(|s| (s, false)),
            "[ ·.|｜\u{200b}\u{202e}-]{1,2}".prop_map(|s| (s, false)),
            "[A-Za-z0-9]{1,6}".prop_map(|s| (s, false)),
        ]
    }

    proptest! {
        #[test]
        fn no_more_than_one_unmarked_letter_survives_and_the_length_is_kept(pieces in collection::vec(piece(), 0..8)) {
            let mut name = MarkedText::default();
            for (text, is_marked) in &pieces {
                let start = name.text.len();
                name.text.push_str(text);
                if *is_marked {
                    name.marks.push(start..name.text.len());
                }
            }
            let masked = mask_name(&name);
            prop_assert_eq!(masked.chars().count(), name.text.chars().count());
            let unmarked = name.text.char_indices().filter(|(at, _)| !name.marks.iter().any(|m| m.contains(at)));
            let letters: Vec<usize> = unmarked.filter(|(_, c)| c.is_alphanumeric()).map(|(at, _)| name.text[..at].chars().count()).collect();
            let masked: Vec<char> = masked.chars().collect();
            prop_assert!(letters.iter().skip(1).all(|at| masked[*at] == '*'));
        }

        #[test]
        fn any_text_becomes_one_line_within_its_limit(text in "\\PC{0,80}|[\\x00-\\x20a\u{2028}\u{202e}]{0,40}", limit in 1_usize..60) {
            let line = one_line(&text, limit);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(line.chars().count() <= limit + 2);
        }
    }
}
