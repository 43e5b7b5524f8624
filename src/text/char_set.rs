//! A set of characters that is asked about often: a bit for each of the basic plane.

/// Bits of a word.
const WORD: usize = 64;
/// Words for the basic plane.
const WORDS: usize = 0x1_0000 / WORD;

/// A set of characters. Of those beyond the basic plane it says that any may be in it.
#[derive(Debug)]
pub(crate) struct CharSet(Box<[u64; WORDS]>);

impl CharSet {
    /// Whether a character may be in the set; of the basic plane, whether it is.
    pub(crate) fn may_have(&self, c: char) -> bool {
        let code = u32::from(c) as usize;
        self.0.get(code / WORD).is_none_or(|word| word >> (code % WORD) & 1 != 0)
    }
}

impl Default for CharSet {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Extend<char> for CharSet {
    fn extend<C: IntoIterator<Item = char>>(&mut self, chars: C) {
        for code in chars.into_iter().map(|c| u32::from(c) as usize) {
            if let Some(word) = self.0.get_mut(code / WORD) {
                *word |= 1 << (code % WORD);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CharSet;

    #[test]
    fn a_character_is_in_the_set_when_it_was_put_there_or_may_be_when_it_is_a_rare_one() {
        let mut set = CharSet::default();
        set.extend("云a\u{ffff}".chars());
        assert!("云a\u{ffff}😀𠀀".chars().all(|c| set.may_have(c)));
        assert!(!"舟b\u{0}".chars().any(|c| set.may_have(c)));
    }
}
