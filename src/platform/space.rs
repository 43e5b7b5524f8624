//! White space tidied in one pass: words with one space between them, lines without empty ones.

/// A text that is tidied while it is put together. White space is what Unicode calls so (`White_Space`); what stands at the
/// ends is left out.
#[derive(Debug)]
pub(super) struct Tidied {
    text: String,
    gap: Gap,
    /// What ends a line; a mere space where everything stands on one.
    line_end: Gap,
}

/// What stands between the last word and the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl Default for Tidied {
    fn default() -> Self {
        Self { text: String::new(), gap: Gap::None, line_end: Gap::Line }
    }
}

impl Tidied {
    pub(super) fn on_one_line() -> Self {
        Self { line_end: Gap::Space, ..Self::default() }
    }

    pub(super) fn with_room(self, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ..self }
    }

    /// A text whose line breaks end lines.
    pub(super) fn push(&mut self, text: &str) {
        self.push_words(text, self.line_end);
    }

    /// A text whose line breaks are mere spaces.
    pub(super) fn push_flat(&mut self, text: &str) {
        self.push_words(text, Gap::Space);
    }

    pub(super) fn end_line(&mut self) {
        self.gap = self.gap.max(self.line_end);
    }

    pub(super) fn end_word(&mut self) {
        self.gap = self.gap.max(Gap::Space);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn push_words(&mut self, text: &str, line_end: Gap) {
        let mut rest = text;
        while let Some(space) = first_space(rest) {
            self.push_word(&rest[..space.start]);
            self.gap = self.gap.max(if space.ends_line { line_end } else { Gap::Space });
            rest = &rest[space.end..];
        }
        self.push_word(rest);
    }

    fn push_word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        match std::mem::take(&mut self.gap) {
            _ if self.text.is_empty() => {}
            Gap::None => {}
            Gap::Space => self.text.push(' '),
            Gap::Line => self.text.push('\n'),
        }
        self.text.push_str(word);
    }
}

/// One character of white space, by its bytes.
struct Space {
    start: usize,
    end: usize,
    ends_line: bool,
}

/// The bytes with which white space begins; of those beyond ASCII most begin another character.
const MAY_BEGIN_SPACE: [bool; 256] = {
    let mut table = [false; 256];
    let begins = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xC2, 0xE1, 0xE2, 0xE3];
    let mut at = 0;
    while at < begins.len() {
        table[begins[at]] = true;
        at += 1;
    }
    table
};

/// The first white space that is not a single space between two words, as it would be written anyway.
fn first_space(text: &str) -> Option<Space> {
    let bytes = text.as_bytes();
    let may_begin = |at: usize| bytes.get(at).is_none_or(|byte| MAY_BEGIN_SPACE[usize::from(*byte)]);
    let mut at = tidy_bytes(bytes);
    loop {
        at += bytes[at..].iter().position(|byte| MAY_BEGIN_SPACE[usize::from(*byte)])?;
        let is_tidy = bytes[at] == b' ' && at > 0 && !may_begin(at + 1);
        if !is_tidy && let Some(space) = space_at(text, at) {
            return Some(space);
        }
        at += 1;
        at += tidy_bytes(&bytes[at..]);
    }
}

/// Bytes that are looked at at once.
const CHUNK: usize = 32;

/// With how many bytes a text begins, by whole chunks, that certainly hold no white space but single spaces between two words.
/// Without a branch for each byte, so that the compiler looks at many of them in one step.
fn tidy_bytes(bytes: &[u8]) -> usize {
    let is_tidy = |chunk: &[u8; CHUNK + 1]| {
        let untidy = chunk.array_windows().fold(0, |untidy, [byte, next]| untidy | may_be_untidy(*byte, *next));
        untidy == 0
    };
    // A space at the very beginning stands behind no word.
    let begins_tidily = bytes.first().is_some_and(|first| *first > b' ');
    let chunks = (0..bytes.len()).step_by(CHUNK).map_while(|start| bytes[start..].first_chunk());
    chunks.take_while(|chunk| begins_tidily && is_tidy(chunk)).count() * CHUNK
}

/// Not 0 where a byte may begin white space that is more than a single space between two words, as the byte behind it shows.
/// U+3000 and the stops beside it begin alike.
fn may_be_untidy(byte: u8, next: u8) -> u8 {
    let is_control = u8::from(byte < b' ');
    let is_wide = |byte: u8| u8::from(byte == 0xC2) | u8::from(byte == 0xE1) | u8::from(byte == 0xE2);
    let is_gap = u8::from(byte == b' ') & (u8::from(next <= b' ') | is_wide(next) | u8::from(next == 0xE3));
    let is_ideographic = u8::from(byte == 0xE3) & u8::from(next == 0x80);
    is_control | is_wide(byte) | is_gap | is_ideographic
}

fn space_at(text: &str, start: usize) -> Option<Space> {
    let c = text[start..].chars().next().filter(|c| c.is_whitespace())?;
    let ends_line = matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    Some(Space { start, end: start + c.len_utf8(), ends_line })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{MAY_BEGIN_SPACE, Tidied};

    fn lines(text: &str) -> String {
        let mut tidied = Tidied::default();
        tidied.push(text);
        tidied.into_text()
    }

    #[test]
    fn every_white_space_is_seen() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let begins = MAY_BEGIN_SPACE[usize::from(c.encode_utf8(&mut [0; 4]).as_bytes()[0])];
            assert!(begins || !c.is_whitespace(), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn what_is_pushed_word_by_word_may_run_on() {
        let mut tidied = Tidied::default();
        ["云", "舟 ", "储能"].into_iter().for_each(|text| tidied.push_flat(text));
        tidied.end_word();
        tidied.end_line();
        tidied.end_word();
        tidied.push_flat("\n科技");
        assert_eq!(tidied.into_text(), "云舟 储能\n科技");
    }

    proptest! {
        #[test]
        fn a_text_is_tidied_as_line_by_line_and_word_by_word(
            text in any::<String>(),
            spaced in "[ \n\r\u{85}\u{2028}\u{3000}云a。]{0,40}",
            long in proptest::collection::vec("[a云]{1,9}|[ \n\u{a0}\u{1680}\u{2003}\u{2028}\u{3000}。]", 0..90),
            plain in "[a-f ]{0,200}",
        ) {
            for text in [text, spaced, long.concat(), long.join(" "), plain] {
                let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
                let each = text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(line).filter(|line| !line.is_empty());
                assert_eq!(lines(&text), each.collect::<Vec<_>>().join("\n"));
            }
        }
    }
}
