//! Characters that are written as two others side by side: 好 is 女 and 子 (`tools/text_tables.sh`).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::fold;

/// Left and right part of a character; several where people type a part in several ways.
static PARTS: LazyLock<HashMap<char, Vec<(char, char)>>> = LazyLock::new(|| {
    let mut parts: HashMap<char, Vec<(char, char)>> = HashMap::new();
    for line in include_str!("tables/split.txt").lines() {
        let mut chars = line.chars();
        if let (Some(whole), Some(left), Some(right)) = (chars.next(), chars.next(), chars.next()) {
            parts.entry(whole).or_default().push((folded(left), folded(right)));
        }
    }
    parts
});

/// Parts are compared as they stand in folded texts.
fn folded(c: char) -> char {
    fold::plain(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c)
}

/// Left and right part of a folded character, in every way in which they are typed; empty when it has none.
pub fn parts_of(c: char) -> &'static [(char, char)] {
    PARTS.get(&c).map_or(&[], Vec::as_slice)
}

/// Whether two characters have the right part in common: mostly what they look and sound like.
pub fn share_right(a: char, b: char) -> bool {
    parts_of(a).iter().any(|(_, right)| parts_of(b).iter().any(|(_, other)| right == other))
}

#[cfg(test)]
mod tests {
    use super::{parts_of, share_right};

    #[test]
    fn characters_have_the_parts_that_people_type() {
        assert!(parts_of('好').contains(&('女', '子')) && parts_of('河').contains(&('水', '可')));
        assert!(parts_of('一').is_empty());
        assert!(share_right('河', '何') && !share_right('河', '湖'));
    }
}
