//! Characters that have the strokes at their four corners in common: 店 and 庙, 城 and 域. The four-corner method files
//! characters by them, so that a reader finds by the look of it what he cannot read (`tools/text_tables.sh`). It says little of
//! the middle: 虎 and 侄 have one code as well.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The codes of a character, as numbers; mostly one.
static CODES: LazyLock<HashMap<char, Vec<u16>>> = LazyLock::new(|| {
    let mut codes: HashMap<char, Vec<u16>> = HashMap::new();
    for (code, line) in (0..).zip(include_str!("tables/corners.txt").lines()) {
        line.chars().for_each(|c| codes.entry(c).or_default().push(code));
    }
    codes
});

/// Whether two different folded characters have a four-corner code in common.
pub fn share_corners(a: char, b: char) -> bool {
    let codes = |c: char| CODES.get(&c).map_or(&[][..], Vec::as_slice);
    a != b && codes(a).iter().any(|code| codes(b).contains(code))
}

#[cfg(test)]
mod tests {
    use super::share_corners;

    #[test]
    fn characters_with_the_same_corners_are_told() {
        assert!(share_corners('店', '庙') && share_corners('域', '城'));
        assert!(!share_corners('店', '店') && !share_corners('店', '城') && !share_corners('a', '店'));
    }
}
