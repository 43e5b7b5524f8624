//! A set of hashes that answers at once, and by chance says yes too often.

/// One bit for each hash, and the same for some others: a simple Bloom filter (B. Bloom, 1970) over the last bits of keyed hashes.
#[derive(Debug, Default)]
pub(crate) struct Filter(Vec<u64>);

impl Filter {
    /// The hashes in so many bits at least. The more bits, the fewer others are taken for them.
    pub(crate) fn of(hashes: impl Iterator<Item = u32>, bits: usize) -> Self {
        let mut filter = Self(vec![0; bits.div_ceil(64).next_power_of_two()]);
        hashes.for_each(|hash| filter.add(hash));
        filter
    }

    /// Whether the hash may be one of them; if not, it is none.
    pub(crate) fn may_have(&self, hash: u32) -> bool {
        let (number, bit) = self.place(hash);
        self.0.get(number).is_some_and(|bits| bits >> bit & 1 == 1)
    }

    fn add(&mut self, hash: u32) {
        let (number, bit) = self.place(hash);
        self.0[number] |= 1 << bit;
    }

    fn place(&self, hash: u32) -> (usize, u32) {
        ((hash / 64) as usize & self.0.len().saturating_sub(1), hash % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn what_was_entered_is_always_there_and_little_else() {
        let filter = Filter::of((0..1_000).map(|number: u32| number.wrapping_mul(0x9E37_79B9)), 16_000);
        assert!((0..1_000).all(|number: u32| filter.may_have(number.wrapping_mul(0x9E37_79B9))));
        let others = (0..1_000).filter(|number: &u32| filter.may_have(number.wrapping_mul(0x7FEB_352D) | 1));
        assert!(others.count() < 200);
        assert!(!Filter::default().may_have(7));
    }
}
