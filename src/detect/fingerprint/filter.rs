//! A set of hashes that answers at once, and by chance says yes too often.

/// Hashes that are sifted at once.
const SIFTED: usize = 256;

/// One bit for each hash, whatever its last bit says, and the same for some others: a simple Bloom filter (B. Bloom, 1970) over the last bits of keyed hashes.
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

    /// Those of some hashes that may be among its own, by chunks. Nothing is decided in between: that would take longer.
    pub(crate) fn sift(&self, hashes: &[u32], mut with_each: impl FnMut(u32)) {
        let mut kept = [0; SIFTED];
        for hashes in hashes.chunks(SIFTED) {
            let mut count = 0;
            for hash in hashes {
                kept[count] = *hash;
                count += usize::from(self.may_have(*hash));
            }
            kept[..count].iter().for_each(|hash| with_each(*hash));
        }
    }

    fn add(&mut self, hash: u32) {
        let (number, bit) = self.place(hash);
        self.0[number] |= 1 << bit;
    }

    /// The last bit says of which kind a run is: those that are looked for first have the same.
    fn place(&self, hash: u32) -> (usize, u32) {
        ((hash >> 7) as usize & self.0.len().saturating_sub(1), hash >> 1 & 63)
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

    #[test]
    fn sifting_leaves_what_may_be_there_in_its_order() {
        let filter = Filter::of([5, 500].into_iter(), 1 << 16);
        let mut left = Vec::new();
        filter.sift(&(0..1_000).rev().collect::<Vec<u32>>(), |hash| left.push(hash));
        assert_eq!(left, [501, 500, 5, 4]);
    }
}
