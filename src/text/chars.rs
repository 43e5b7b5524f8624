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

#[cfg(test)]
mod tests {
    use super::CharTable;

    #[test]
    fn each_character_has_its_own_value_in_and_beyond_the_basic_plane() {
        static TABLE: CharTable = CharTable::new(u32::from);
        for c in "\0aＡ云😀a云😀\0".chars() {
            assert_eq!(TABLE.get(c), u32::from(c));
        }
    }
}
