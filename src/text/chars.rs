//! What is known of each character, worked out when it is met for the first time.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Characters of the basic plane.
const PLANE: usize = 1 << 16;
/// Tells a value that is known, which may be 0, from one that is not yet.
pub(crate) const KNOWN: u32 = 1 << 31;

/// A number of 31 bits for each character of the basic plane; for characters beyond it, it is worked out each time. One table, and no
/// lock: whoever finds a value missing works it out, and all come to the same.
pub(crate) struct CharTable {
    known: [AtomicU32; PLANE],
    of: fn(char) -> u32,
}

impl CharTable {
    pub(crate) const fn new(of: fn(char) -> u32) -> Self {
        Self { known: [const { AtomicU32::new(0) }; PLANE], of }
    }

    #[inline]
    pub(crate) fn get(&self, c: char) -> u32 {
        match self.known.get(u32::from(c) as usize).map(|known| known.load(Relaxed)) {
            Some(known) if known != 0 => known ^ KNOWN,
            _ => self.learn(c),
        }
    }

    /// The value of a character of the basic plane with [`KNOWN`], if it was met before; else 0.
    #[inline]
    pub(crate) fn look(&self, code: u16) -> u32 {
        self.known[usize::from(code)].load(Relaxed)
    }

    #[cold]
    fn learn(&self, c: char) -> u32 {
        let value = (self.of)(c);
        if let Some(known) = self.known.get(u32::from(c) as usize) {
            known.store(value | KNOWN, Relaxed);
        }
        value
    }
}

/// Where the first item is that is of a kind. Of most stretches of sixteen it is seen at once that they have none.
pub(crate) fn first_of<T>(items: &[T], is_one: impl Fn(&T) -> bool) -> Option<usize> {
    let (stretches, _) = items.as_chunks::<16>();
    let has_one = |stretch: &&[T; 16]| stretch.iter().fold(false, |any, item| any | is_one(item));
    let passed = 16 * stretches.iter().take_while(|stretch| !has_one(stretch)).count();
    items[passed..].iter().position(is_one).map(|at| passed + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{CharTable, first_of};

    proptest! {
        #[test]
        fn the_first_of_a_kind_is_where_one_finds_it_one_by_one(items in "[ab]{0,50}", kind in "[abc]") {
            let items: Vec<char> = items.chars().collect();
            let is_one = |c: &char| kind.contains(*c);
            assert_eq!(first_of(&items, is_one), items.iter().position(is_one));
        }
    }

    #[test]
    fn each_character_has_its_own_value_in_and_beyond_the_basic_plane() {
        static TABLE: CharTable = CharTable::new(u32::from);
        for c in "\0aＡ云😀a云😀\0".chars() {
            assert_eq!(TABLE.get(c), u32::from(c));
        }
    }
}
