//! Classes of characters that folding and matching ask for.

use crate::text::chars::CharTable;

/// Whether the character is a Han ideograph.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Whether the ideograph is none of the 3,755 everyday ones: those of the first level of GB 2312-1980, whose first byte
/// is B0 to D7.
pub fn is_rare(c: char) -> bool {
    static RARE: CharTable = CharTable::new(|c| {
        let text = c.to_string();
        let (bytes, ..) = encoding_rs::GBK.encode(&text);
        u32::from(!matches!(bytes[..], [0xb0..=0xd7, second] if second >= 0xa1))
    });
    is_han(c) && RARE.get(c) == 1
}

/// Whether the character is a letter or digit of an alphabet that is written with gaps between words.
pub fn is_wordish(c: char) -> bool {
    // Most characters that are asked about are Han, and `is_alphanumeric` takes long for them.
    !is_han(c) && c.is_alphanumeric()
}

/// Whether the character takes no place of its own on the screen: zero-width, joining, variation and direction marks,
/// combining marks and soft hyphens.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
        || unicode_normalization::char::is_combining_mark(c)
}

/// Whether the character ends a thought: writing does not run on across it, so a mark is never put together across it.
pub fn is_stop(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '！'
            | '？'
            | '；'
            | '：'
            | '、'
            | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '\n'
            | '\r'
            | '「'
            | '」'
            | '『'
            | '』'
            | '《'
            | '》'
            | '“'
            | '”'
            | '('
            | ')'
            | '（'
            | '）'
            | '"'
            | '…'
    )
}

#[cfg(test)]
mod tests {
    use super::{is_han, is_invisible, is_rare, is_stop, is_wordish};

    #[test]
    fn classes_do_not_overlap_on_common_characters() {
        assert!(is_han('望') && !is_wordish('望'));
        assert!(is_wordish('a') && is_wordish('7') && !is_han('a'));
        assert!(is_invisible('\u{200b}') && is_invisible('\u{fe0f}'));
        assert!(is_stop('，') && !is_stop('*') && !is_stop('·'));
    }

    #[test]
    fn everyday_ideographs_are_not_rare() {
        assert!("星河科技啊座".chars().all(|c| !is_rare(c)));
        assert!("囡垌㐀璨𠀀".chars().all(is_rare));
        assert!(!is_rare('a'));
    }
}
