//! Where a word begins and ends.

use crate::text::fold::FoldedChar;
use crate::text::script::{is_han, is_wordish};

/// Whether a character makes a place of the word before it: …镇, …村, …山.
const fn ends_place(c: char) -> bool {
    matches!(
        c,
        '镇' | '村'
            | '乡'
            | '县'
            | '山'
            | '河'
            | '湖'
            | '江'
            | '岛'
            | '岭'
            | '峰'
            | '寺'
            | '庙'
            | '街'
            | '路'
            | '桥'
            | '巷'
            | '湾'
            | '沟'
            | '坡'
    )
}

/// Whether a hit over a range of the plain view stands free of longer Latin words and numbers:
/// no letter or digit touches a letter or digit end of the hit.
pub fn is_free_of_letters(plain: &[FoldedChar], start: usize, end: usize) -> bool {
    let touches = |inside: Option<&FoldedChar>, outside: Option<&FoldedChar>| match (inside, outside) {
        (Some(a), Some(b)) => is_wordish(a.c) && is_wordish(b.c) && is_same_run(a.c, b.c),
        _ => false,
    };
    let before = start.checked_sub(1).and_then(|i| plain.get(i));
    !touches(plain.get(start), before) && !touches(end.checked_sub(1).and_then(|i| plain.get(i)), plain.get(end))
}

/// Letters run on with letters, digits with digits; `v2` and `5000mah` are read as two pieces.
fn is_same_run(a: char, b: char) -> bool {
    a.is_numeric() == b.is_numeric()
}

/// Whether a Han hit is the front part of a place name (整词 only).
pub fn is_place_name(plain: &[FoldedChar], end: usize) -> bool {
    let last_is_han = end.checked_sub(1).and_then(|i| plain.get(i)).is_some_and(|f| is_han(f.c));
    last_is_han && plain.get(end).is_some_and(|next| ends_place(next.c))
}

#[cfg(test)]
mod tests {
    use super::{is_free_of_letters, is_place_name};
    use crate::text::fold::Folded;

    #[test]
    fn a_latin_mark_inside_a_longer_word_is_not_free() {
        let folded = Folded::of("xinghefeng");
        assert!(!is_free_of_letters(folded.plain(), 0, 6));
        let folded = Folded::of("xinghe_feng");
        assert!(is_free_of_letters(folded.plain(), 0, 6));
    }

    #[test]
    fn han_next_to_a_latin_mark_does_not_touch_it() {
        let folded = Folded::of("xinghe储能");
        assert!(is_free_of_letters(folded.plain(), 0, 6));
    }

    #[test]
    fn a_word_before_an_ending_of_places_is_a_place() {
        let folded = Folded::of("云舟镇卫生院");
        assert!(is_place_name(folded.plain(), 2));
        assert!(!is_place_name(folded.plain(), 3));
    }
}
