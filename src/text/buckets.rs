//! What belongs to hashes, all that begin alike side by side in memory.

use std::hint::black_box;

use crate::text::shelf::PLACES;

/// Things by the first bits of their hashes: as many buckets as things, or up to twice as many.
#[derive(Debug)]
pub(crate) struct Buckets<T> {
    /// Where the things of each bucket begin, and where the last ones end.
    pub(crate) starts: Box<[u32]>,
    /// By how many bits a hash is too long.
    shift: u32,
    things: Box<[T]>,
}

impl<T: Ord> Buckets<T> {
    /// Puts things into the buckets of their hashes, each bucket sorted.
    pub(crate) fn of(things: Vec<(u64, T)>) -> Self {
        let buckets = things.len().next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let mut things: Vec<(u64, T)> = things.into_iter().map(|(hash, thing)| (hash >> shift, thing)).collect();
        things.sort_unstable();
        let start = |bucket: usize| things.partition_point(|(other, _)| *other < bucket as u64) as u32;
        let starts = (0..=buckets).map(start).collect();
        Self { starts, shift, things: things.into_iter().map(|(_, thing)| thing).collect() }
    }
}

impl<T> Buckets<T> {
    /// The number of the bucket of a hash.
    pub(crate) const fn bucket(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    /// Tells for each of up to sixty-four places and hashes of everything in the hash's bucket: what belongs to it, and perhaps more.
    /// Where buckets begin is looked up for all of them first, and then the first thing of each, by a number that it has, so that
    /// no look waits for another.
    pub(crate) fn each(
        &self,
        hashes: impl Iterator<Item = (usize, u64)>,
        number: impl Fn(&T) -> u32,
        mut take: impl FnMut(usize, &[T]),
    ) {
        let mut looks = [(0, 0, 0); PLACES];
        let mut count = 0;
        for (look, (place, hash)) in looks.iter_mut().zip(hashes) {
            let bucket = self.bucket(hash);
            *look = (place, self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
            count += 1;
        }
        let first = |(_, start, _): &(usize, usize, usize)| self.things.get(*start).map_or(0, &number);
        black_box(looks[..count].iter().map(first).fold(0, |all, number| all ^ number));
        looks[..count].iter().for_each(|(place, start, end)| take(*place, &self.things[*start..*end]));
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;

    #[test]
    fn what_belongs_to_a_hash_is_in_its_bucket() {
        let hashes = [0, 1 << 63, u64::MAX, 5];
        let buckets = Buckets::of(hashes.into_iter().zip([3, 4, 5, 6]).collect());
        let mut all = Vec::new();
        let asked = [(7, 0), (8, 1 << 63), (9, u64::MAX)];
        buckets.each(asked.into_iter(), |number| *number, |place, things| all.push((place, things.to_vec())));
        assert_eq!(all, [(7, vec![3, 6]), (8, vec![4]), (9, vec![5])]);
        Buckets::<u32>::of(Vec::new()).each(
            asked.into_iter(),
            |number| *number,
            |_, things| assert!(things.is_empty()),
        );
    }
}
