//! Classes of characters that folding and matching ask for.

/// Whether the character is a Han ideograph.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Whether the character is a letter or digit of an alphabet that is written with gaps between words.
pub fn is_wordish(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
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
    use super::{is_han, is_invisible, is_stop, is_wordish};

    #[test]
    fn classes_do_not_overlap_on_common_characters() {
        assert!(is_han('望') && !is_wordish('望'));
        assert!(is_wordish('a') && is_wordish('7') && !is_han('a'));
        assert!(is_invisible('\u{200b}') && is_invisible('\u{fe0f}'));
        assert!(is_stop('，') && !is_stop('*') && !is_stop('·'));
    }
}
