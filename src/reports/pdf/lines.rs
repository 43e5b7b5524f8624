//! Text into lines: Latin words stay whole where they fit, Chinese breaks anywhere but before closing marks.

use crate::reports::pdf::font::Glyphs;

/// What begins no line.
const CLOSING: &str = "，。；：、！？）》」』”’%,.;:!?)";

/// The lines of a text within a width, points; at least one.
pub(super) fn wrapped(glyphs: &Glyphs<'_>, text: &str, size: f32, width: f32) -> Vec<String> {
    wrapped_by(|part| glyphs.width(part, size), text, width)
}

fn wrapped_by(measure: impl Fn(&str) -> f32, text: &str, width: f32) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in words(text) {
        let is_full = measure(&line) + measure(word.trim_end()) > width;
        if is_full && !line.trim().is_empty() && !word.starts_with(|c| CLOSING.contains(c)) {
            lines.push(std::mem::take(&mut line));
        }
        for part in fitting(&measure, word, width) {
            if !line.trim().is_empty() && measure(&line) + measure(part) > width && part.len() < word.len() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(part);
        }
    }
    lines.push(line);
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// A word, in pieces where it is wider than a line.
fn fitting<'t>(measure: &impl Fn(&str) -> f32, word: &'t str, width: f32) -> Vec<&'t str> {
    if measure(word) <= width {
        return vec![word];
    }
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last = 0;
    for end in ends {
        if measure(&word[start..end]) > width && last > start {
            pieces.push(&word[start..last]);
            start = last;
        }
        last = end;
    }
    pieces.push(&word[start..]);
    pieces
}

/// Latin words with the space behind them, and other characters one by one.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start) = (Vec::new(), 0);
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let goes_on = before.is_some_and(|before| before.is_ascii() && c.is_ascii() && !(before == ' ' && c != ' '));
        if at > start && !goes_on {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::wrapped_by;

    fn lines(text: &str, width: f32) -> Vec<String> {
        wrapped_by(|part| part.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum(), text, width)
    }

    #[test]
    fn chinese_breaks_anywhere_but_before_a_closing_mark_and_words_stay_whole() {
        assert_eq!(lines("本月新增线索，已处置", 8.0), ["本月新增", "线索，已", "处置"]);
        assert_eq!(lines("本月新增，线索", 8.0), ["本月新增，", "线索"]);
        assert_eq!(lines("new cases this month", 9.0), ["new cases", "this", "month"]);
        assert_eq!(lines("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("", 4.0), [""]);
    }

    proptest! {
        #[test]
        fn no_character_is_lost(text in "[a-z 云舟，。]{0,60}", width in 2.0_f32..30.0) {
            let kept = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            assert_eq!(kept(&lines(&text, width).concat()), kept(&text));
        }
    }
}
