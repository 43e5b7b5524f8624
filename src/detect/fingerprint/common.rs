//! Runs that so many families of documents hold that they point to none of them.

/// Slots for each run, at least, so that few stand beside one another.
const SLOTS_BY: usize = 2;

/// How many families hold each common run, by its hash: a table with open addressing over the last bits of the keyed hashes. It is
/// small, so that most runs of Latin letters are known without a wait for memory.
#[derive(Debug, Default)]
pub(crate) struct Common {
    /// Hashes with their numbers of families, which are none where a slot is free. As many as a power of two, or none at all.
    slots: Vec<(u32, u32)>,
}

impl Common {
    /// Enters different hashes, each with how many families hold it.
    pub(crate) fn of(runs: &[(u32, u32)]) -> Self {
        let mut common = Self { slots: vec![(0, 0); (runs.len() * SLOTS_BY + 1).next_power_of_two()] };
        for (hash, families) in runs {
            let slot = common.slot(*hash);
            common.slots[slot] = (*hash, *families);
        }
        common
    }

    /// How many families hold a run; none if it is not common.
    pub(crate) fn families(&self, hash: u32) -> u32 {
        if self.slots.is_empty() { 0 } else { self.slots[self.slot(hash)].1 }
    }

    /// The hashes of the runs.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().filter(|(_, families)| *families > 0).map(|(hash, _)| *hash)
    }

    /// The slot of a hash, or the free one where it belongs.
    fn slot(&self, hash: u32) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = hash as usize & last;
        while self.slots[slot].1 > 0 && self.slots[slot].0 != hash {
            slot = (slot + 1) & last;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::Common;

    #[test]
    fn runs_are_found_with_their_families_beside_others_of_the_same_slot() {
        let common = Common::of(&[(5, 70), (5 + (1 << 20), 80), (6, 90)]);
        assert_eq!([5, 5 + (1 << 20), 6, 7, 5 + (1 << 21)].map(|hash| common.families(hash)), [70, 80, 90, 0, 0]);
        let mut hashes: Vec<u32> = common.hashes().collect();
        hashes.sort_unstable();
        assert_eq!(hashes, [5, 6, 5 + (1 << 20)]);
        assert_eq!((Common::default().families(0), Common::of(&[]).families(0)), (0, 0));
    }
}
