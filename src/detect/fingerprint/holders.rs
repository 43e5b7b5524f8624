//! Which documents hold a run of sounds, and in which stretch, by the run's hash, in four bytes for each run of a stretch.

use std::ops::Range;

use crate::detect::fingerprint::families::{Families, common_from};
use crate::detect::fingerprint::filter::Filter;
use crate::model::fingerprint::Fingerprint;

/// Entries to a bucket, as far as the numbers of documents allow it.
const BUCKET: usize = 8;
/// Bits of the filter for each entry.
const FILTERED_BY: usize = 4;

/// Of the stretches of a document so many bits are known at least, so that neighbours are told from others.
const STRETCH_BITS: u32 = 4;

/// Documents by the hashes of their runs. The first bits of a hash choose a bucket; an entry holds its other bits, the number of
/// a document and the last bits of the number of the stretch. The one entry of a run that is common holds how many families have it.
#[derive(Default)]
pub(crate) struct Holders {
    /// How many first bits choose the bucket: as many as all but the other bits of an entry.
    bits: u32,
    /// How many last bits are those of the stretch.
    stretch_bits: u32,
    /// Where each bucket begins, and where the last one ends.
    starts: Vec<u32>,
    /// Bucket by bucket, rising.
    entries: Vec<u32>,
    families: Families,
    /// All hashes: of most runs of most texts it says at once that no document holds them.
    filter: Filter,
}

/// Who holds a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held<'h> {
    /// So many families that it says little: only their number is known.
    Common(u32),
    /// Few families or none, by the entries of their documents.
    By(&'h [u32]),
}

impl Holders {
    /// Enters documents and finds their families, by which they are numbered.
    pub(crate) fn of(prints: &[&Fingerprint]) -> Self {
        let families = Families::of(prints);
        let prints: Vec<&Fingerprint> = families.places().map(|place| prints[place]).collect();
        let hashes: usize = prints.iter().map(|print| print.stretches.hashes().len()).sum();
        // Numbers of documents take half of what their bits allow: the other half is how many families have a common run.
        let (document_bits, bucket_bits) = (bits_for(prints.len()) + 1, bits_for(hashes / BUCKET));
        let bits = bucket_bits.max(document_bits + STRETCH_BITS).clamp(1, u32::BITS - 1);
        let mut holders = Self { bits, stretch_bits: bits - document_bits, families, ..Self::default() };
        holders.enter(&prints);
        holders.set_common_apart();
        holders.filter = Filter::of(holders.hashes(), holders.entries.len() * FILTERED_BY);
        holders
    }

    /// Who holds each of the runs. Every step is taken for all of them before the next, so that waits for memory overlap.
    pub(crate) fn of_runs<'h>(&'h self, hashes: &[u32]) -> Vec<Held<'h>> {
        let may_be_held: Vec<usize> = (0..hashes.len()).filter(|place| self.filter.may_have(hashes[*place])).collect();
        let buckets: Vec<Range<usize>> = may_be_held.iter().map(|place| self.bucket(hashes[*place])).collect();
        let firsts: Vec<Option<u32>> =
            buckets.iter().map(|bucket| self.entries[bucket.clone()].first().copied()).collect();
        let mut held = vec![Held::By(&[]); hashes.len()];
        for ((place, bucket), first) in may_be_held.into_iter().zip(buckets).zip(firsts) {
            let hash = hashes[place];
            if first.is_some_and(|first| first & self.rest() <= hash << self.bits) {
                held[place] = self.held(hash, bucket);
            }
        }
        held
    }

    /// The documents by families.
    pub(crate) fn families(&self) -> &Families {
        &self.families
    }

    /// How many families hold a run.
    pub(crate) fn count(&self, held: Held<'_>) -> usize {
        match held {
            Held::Common(families) => families as usize,
            Held::By(entries) => self.count_families(entries),
        }
    }

    /// How many families the documents of entries of one run belong to.
    fn count_families(&self, entries: &[u32]) -> usize {
        let family = |entry: &u32| self.families.family(self.number(*entry));
        entries.chunk_by(|a, b| family(a) == family(b)).count()
    }

    /// The number of the document of an entry.
    pub(crate) fn number(&self, entry: u32) -> u32 {
        (entry & !self.rest()) >> self.stretch_bits
    }

    /// The last bits of the number of the stretch of an entry: neighbours differ by one, and so do few others.
    pub(crate) fn stretch(&self, entry: u32) -> u32 {
        entry & !(u32::MAX << self.stretch_bits)
    }

    fn held(&self, hash: u32, bucket: Range<usize>) -> Held<'_> {
        let (bucket, rest) = (&self.entries[bucket], hash << self.bits);
        let bucket = &bucket[bucket.partition_point(|entry| entry & self.rest() < rest)..];
        match &bucket[..bucket.partition_point(|entry| entry & self.rest() == rest)] {
            [only] if only & self.common() != 0 => Held::Common(only & !self.rest() & !self.common()),
            entries => Held::By(entries),
        }
    }

    /// The bit that says of an entry that its run is common.
    fn common(&self) -> u32 {
        1 << (self.bits - 1)
    }

    fn bucket(&self, hash: u32) -> Range<usize> {
        let number = self.bucket_number(hash);
        let at = |number: usize| self.starts.get(number).map_or(0, |start| *start as usize);
        at(number)..at(number + 1)
    }

    fn bucket_number(&self, hash: u32) -> usize {
        hash.checked_shr(u32::BITS - self.bits).unwrap_or(0) as usize
    }

    /// The bits of an entry that hold those of the hash which do not choose the bucket.
    fn rest(&self) -> u32 {
        u32::MAX << self.bits
    }

    /// The hash of an entry of a bucket.
    fn hash(&self, bucket: usize, entry: u32) -> u32 {
        (bucket as u32) << (u32::BITS - self.bits) | entry >> self.bits
    }

    /// The hashes of all entries.
    fn hashes(&self) -> impl Iterator<Item = u32> {
        let buckets = self.starts.windows(2).map(|ends| ends[0] as usize..ends[1] as usize).enumerate();
        buckets
            .flat_map(move |(number, bucket)| self.entries[bucket].iter().map(move |entry| self.hash(number, *entry)))
    }

    /// The hashes of all documents, with the numbers that their entries hold.
    fn numbered(&self, prints: &[&Fingerprint]) -> impl Iterator<Item = (u32, u32)> {
        let (stretch_bits, stretch_mask) = (self.stretch_bits, !(u32::MAX << self.stretch_bits));
        prints.iter().zip(0_u32..).flat_map(move |(print, document)| {
            print.stretches.iter().zip(0_u32..).flat_map(move |(hashes, stretch)| {
                let number = document << stretch_bits | stretch & stretch_mask;
                hashes.iter().map(move |hash| (*hash, number))
            })
        })
    }

    /// Puts every run of every stretch into its bucket.
    fn enter(&mut self, prints: &[&Fingerprint]) {
        let mut ends = vec![0_u32; (1 << self.bits) + 1];
        self.numbered(prints).for_each(|(hash, _)| ends[self.bucket_number(hash) + 1] += 1);
        (1..ends.len()).for_each(|bucket| ends[bucket] += ends[bucket - 1]);
        let starts = ends.clone();
        let mut entries = vec![0; ends.last().map_or(0, |all| *all as usize)];
        for (hash, number) in self.numbered(prints) {
            let end = &mut ends[self.bucket_number(hash)];
            entries[*end as usize] = hash << self.bits | number;
            *end += 1;
        }
        (self.starts, self.entries) = (starts, entries);
    }

    /// Sorts the buckets, leaves out repeated entries, puts one in the place of those of a common run, and closes the gaps.
    fn set_common_apart(&mut self) {
        let (mut kept, mut bucket, rest) = (0, Vec::new(), self.rest());
        let most = common_from(self.families.count());
        for number in 0..self.starts.len() - 1 {
            bucket.clear();
            bucket.extend_from_slice(&self.entries[self.starts[number] as usize..self.starts[number + 1] as usize]);
            bucket.sort_unstable();
            bucket.dedup();
            self.starts[number] = kept as u32;
            for same in bucket.chunk_by(|a, b| (a ^ b) & rest == 0) {
                let families = self.count_families(same);
                let common = [same[0] & rest | self.common() | families as u32];
                let same = if families > most { &common[..] } else { same };
                self.entries[kept..kept + same.len()].copy_from_slice(same);
                kept += same.len();
            }
        }
        self.starts.pop();
        self.starts.push(kept as u32);
        self.entries.truncate(kept);
        self.entries.shrink_to_fit();
    }
}

/// Bits that numbers below this one take.
fn bits_for(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::{Held, Holders};
    use crate::detect::fingerprint::families::common_from;
    use crate::model::fingerprint::Fingerprint;
    use crate::model::time::Timestamp;

    /// Who holds a run, asked without the others.
    fn of_run(holders: &Holders, hash: u32) -> Held<'_> {
        holders.held(hash, holders.bucket(hash))
    }

    fn print(hashes: &[u32]) -> Fingerprint {
        let stretches = hashes.chunks(3).map(|stretch| stretch.iter().copied()).collect();
        Fingerprint { id: "X1".into(), is_public: false, added: Timestamp::from_ms(0), chars: 0, stretches }
    }

    #[test]
    fn of_a_run_that_many_hold_only_their_number_is_known() {
        let most = common_from(0) as u32;
        let prints: Vec<Fingerprint> = (0..=most).map(|number| print(&[7, 1 << 30 | number])).collect();
        let holders = Holders::of(&prints.iter().collect::<Vec<_>>());
        let count = |hash| holders.count(of_run(&holders, hash));
        assert_eq!(of_run(&holders, 7), Held::Common(most + 1));
        assert_eq!((count(7), count(1 << 30 | 9), count(8)), (most as usize + 1, 1, 0));
    }

    #[test]
    fn a_family_counts_once_however_many_drafts_it_has() {
        let drafts: Vec<Fingerprint> = (0..100).map(|_| print(&[8, 16, 24])).collect();
        let holders = Holders::of(&drafts.iter().collect::<Vec<_>>());
        assert_eq!((holders.count(of_run(&holders, 8)), holders.families().count()), (1, 1));
        assert!(matches!(of_run(&holders, 8), Held::By(entries) if entries.len() == 100));
    }

    #[test]
    fn every_stretch_that_holds_a_run_has_an_entry() {
        let documents = [print(&[8, 16, 24, 8, 16, 32, 40]), print(&[8])];
        let holders = Holders::of(&documents.iter().collect::<Vec<_>>());
        let Held::By(entries) = of_run(&holders, 8) else { panic!("two documents, and yet common") };
        let held: BTreeSet<(usize, u32)> = entries
            .iter()
            .map(|entry| (holders.families().place(holders.number(*entry)), holders.stretch(*entry)))
            .collect();
        assert_eq!(held, BTreeSet::from([(0, 0), (0, 1), (1, 0)]));
    }

    #[test]
    fn without_documents_nobody_holds_anything() {
        assert_eq!(Holders::of(&[]).of_runs(&[0, u32::MAX]), [Held::By(&[]); 2]);
        assert_eq!(of_run(&Holders::default(), 7), Held::By(&[]));
    }

    proptest! {
        #[test]
        fn the_holders_are_those_that_a_plain_search_finds(
            documents in vec(vec(any::<u32>(), 0..20), 1..40), shared in vec(any::<u32>(), 1..8),
        ) {
            let documents: Vec<Vec<u32>> = documents.iter().enumerate()
                .map(|(number, own)| own.iter().copied().chain(shared.iter().copied().skip(number % 9)).collect()).collect();
            let prints: Vec<Fingerprint> = documents.iter().map(|hashes| print(hashes)).collect();
            let holders = Holders::of(&prints.iter().collect::<Vec<_>>());
            let asked: Vec<u32> = documents.iter().flatten().flat_map(|hash| [*hash, hash ^ 1, hash.wrapping_add(1 << 28)]).collect();
            for (hash, held) in asked.iter().zip(holders.of_runs(&asked)) {
                assert_eq!(held, of_run(&holders, *hash));
                let Held::By(entries) = held else { panic!("few documents, and yet common") };
                let place = |entry: &u32| holders.families().place(holders.number(*entry));
                let found: BTreeSet<usize> = entries.iter().map(place).collect();
                let plainly: BTreeSet<usize> = (0..documents.len()).filter(|place| documents[*place].contains(hash)).collect();
                assert_eq!(found, plainly);
            }
        }
    }
}
