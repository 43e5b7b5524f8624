//! What is known of each character, worked out a page at a time when a character of it is met for the first time.

use std::sync::OnceLock;

const ROWS: usize = 256;
const PAGES: usize = 256;

/// A table over the basic plane; characters beyond it are worked out each time.
pub(crate) struct CharTable<T: 'static> {
    pages: [OnceLock<Box<[T; ROWS]>>; PAGES],
    of: fn(char) -> T,
}

impl<T: Copy> CharTable<T> {
    pub(crate) const fn new(of: fn(char) -> T) -> Self {
        Self { pages: [const { OnceLock::new() }; PAGES], of }
    }

    pub(crate) fn get(&self, c: char) -> T {
        let code = u32::from(c) as usize;
        let Some(page) = self.pages.get(code / ROWS) else { return (self.of)(c) };
        page.get_or_init(|| self.page_from(code / ROWS * ROWS))[code % ROWS]
    }

    fn page_from(&self, first: usize) -> Box<[T; ROWS]> {
        // Surrogates are no characters and are never asked for.
        let c = |place: usize| u32::try_from(first + place).ok().and_then(char::from_u32).unwrap_or_default();
        Box::new(std::array::from_fn(|place| (self.of)(c(place))))
    }
}

#[cfg(test)]
mod tests {
    use super::CharTable;

    #[test]
    fn each_character_has_its_own_value_in_and_beyond_the_basic_plane() {
        let table = CharTable::new(|c| c);
        assert!("aＡ云😀".chars().all(|c| table.get(c) == c));
    }
}
