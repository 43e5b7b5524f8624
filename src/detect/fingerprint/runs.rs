//! The runs of a window by their hashes.

use crate::detect::fingerprint::LENGTHS;

/// Slots for each run, so that few stand beside one another.
const SLOTS_BY: usize = 4;
/// No further run.
const NONE: u16 = u16::MAX;

/// Runs of sounds, at most 65,535. A table with open addressing over the last bits of the keyed hashes.
pub(crate) struct Runs {
    /// The first run that was entered last of those with one hash, or none.
    slots: Vec<u16>,
    runs: Vec<Run>,
}

/// A run, and the next one with the same hash.
struct Run {
    hash: u32,
    length: u16,
    place: u16,
    next: u16,
}

impl Runs {
    /// Enters the hashes of runs by length and place.
    pub(crate) fn of(hashes: &[Vec<u32>; LENGTHS.len()]) -> Self {
        let count: usize = hashes.iter().map(Vec::len).sum();
        let slots = (count * SLOTS_BY).next_power_of_two();
        let mut runs = Self { slots: vec![NONE; slots], runs: Vec::with_capacity(count) };
        for (length, hashes) in (0..).zip(hashes) {
            (0..).zip(hashes).for_each(|(place, hash)| runs.enter(*hash, length, place));
        }
        runs
    }

    /// Number of the length and place of each run with a hash.
    pub(crate) fn alike(&self, hash: u32) -> impl Iterator<Item = (usize, usize)> {
        let mut next = self.slots[self.slot(hash)];
        std::iter::from_fn(move || {
            let run = self.runs.get(usize::from(next))?;
            next = run.next;
            Some((usize::from(run.length), usize::from(run.place)))
        })
    }

    fn enter(&mut self, hash: u32, length: u16, place: u16) {
        let slot = self.slot(hash);
        let next = std::mem::replace(&mut self.slots[slot], self.runs.len() as u16);
        self.runs.push(Run { hash, length, place, next });
    }

    /// The slot of a hash, or the one where it belongs.
    fn slot(&self, hash: u32) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = hash as usize & last;
        while self.runs.get(usize::from(self.slots[slot])).is_some_and(|run| run.hash != hash) {
            slot = (slot + 1) & last;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::Runs;

    #[test]
    fn runs_with_one_hash_are_found_together_and_neighbours_are_told_apart() {
        let runs = Runs::of(&[vec![5, 5 + (1 << 20), 5], vec![6], vec![]]);
        let alike = |hash| runs.alike(hash).collect::<Vec<_>>();
        assert_eq!(alike(5), [(0, 2), (0, 0)]);
        assert_eq!(alike(5 + (1 << 20)), [(0, 1)]);
        assert_eq!((alike(6), alike(7)), (vec![(1, 0)], vec![]));
    }

    #[test]
    fn a_window_without_runs_has_none() {
        assert_eq!(Runs::of(&[vec![], vec![], vec![]]).alike(0).count(), 0);
    }
}
