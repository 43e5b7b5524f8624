//! Which documents hold a run of sounds, and in which stretch, by the run's hash, in four bytes for each run of a stretch.

use std::borrow::Cow;
use std::ops::Range;

use crate::detect::fingerprint::OPENS;
use crate::detect::fingerprint::common::Common;
use crate::detect::fingerprint::families::{Families, common_from};
use crate::detect::fingerprint::filter::Filter;
use crate::model::fingerprint::Fingerprint;

/// Entries to a bucket, as far as the numbers of documents allow it.
const BUCKET: usize = 8;
/// Of the stretches of a document so many bits are known at least, so that neighbours are told from others.
const STRETCH_BITS: u32 = 4;
/// Bits of an entry that choose the bucket, at least: two entries hold where a list begins, among eight times as many entries,
/// and how many families are in it.
const BITS_MIN: u32 = 14;
/// A run that more stretches hold has a list of its own.
const FEW: usize = 4;
/// Of a run that more stretches hold than this only documents that hold it in a few count, and of these some of each family.
const MANY: usize = 1_024;
/// So many drafts of one document, of those that hold such a run.
const DRAFTS: usize = 3;
/// Runs that are looked up side by side, so that waits for memory overlap.
const BESIDE: usize = 64;

/// Bits of the filter for each entry of a run that is looked for first, at least: of four runs that no document holds it passes one
/// on at most.
const FILTERED: usize = 4;

/// Documents by the hashes of their runs. The first bits of a hash choose a bucket; an entry holds its other bits, the number of
/// a document and the last bits of the number of the stretch. A run that many stretches hold has two marked entries instead, which
/// tell its list and how many families are in it; one that is common has none.
#[derive(Default)]
pub(crate) struct Holders {
    /// How many first bits choose the bucket: as many as all but the other bits of an entry.
    bits: u32,
    /// How many last bits are those of the stretch.
    stretch_bits: u32,
    /// Of most runs that are looked for first it says that no document holds them. It is small, so that it stays near the processor.
    filter: Filter,
    common: Common,
    /// Where the entries of each bucket begin, and where those of the last one end.
    buckets: Vec<u32>,
    /// Bucket by bucket, rising by the bits of the hash.
    entries: Vec<u32>,
    /// Lists, each with its length before it.
    lists: Vec<u32>,
    families: Families,
}

/// Who holds a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held<'h> {
    /// So many families that it says little: only their number is known.
    Common(u32),
    /// A few stretches or none, by their entries.
    By(&'h [u32]),
    /// More: so many families, and where the list begins.
    Listed { families: u32, list: usize },
}

/// Where to look for a run: so many families if it is common, or a bucket of entries.
#[derive(Debug, Clone, Copy, Default)]
struct Sought {
    common: u32,
    start: u32,
    end: u32,
}

/// What stands for the entries of a run.
enum Short {
    Common(u32),
    /// So many of these.
    Entries([u32; FEW], usize),
}

impl Holders {
    /// Enters documents and finds their families, by which they are numbered.
    pub(crate) fn of(prints: &[&Fingerprint]) -> Self {
        let families = Families::of(prints);
        let prints: Vec<&Fingerprint> = families.places().map(|place| prints[place]).collect();
        let hashes: usize = prints.iter().map(|print| print.stretches.hashes().len()).sum();
        // Numbers of documents take half of what their bits allow: the other half is for entries that are marked.
        let document_bits = bits_for(prints.len()) + 1;
        let bits = bits_for(hashes / BUCKET).max(document_bits + STRETCH_BITS).clamp(BITS_MIN, u32::BITS - 1);
        let mut holders = Self { bits, stretch_bits: bits - document_bits, families, ..Self::default() };
        holders.enter(&prints);
        holders.set_lists_apart();
        holders.filter = holders.filtered();
        holders
    }

    /// Who holds the runs, by their places: those of them that any document holds, in their order.
    pub(crate) fn of_runs<'h>(&'h self, hashes: &[u32]) -> Vec<(usize, Held<'h>)> {
        self.held_of(hashes, |_| true)
    }

    /// The same for runs that are looked for first. Most of them nobody holds.
    pub(crate) fn of_openings<'h>(&'h self, hashes: &[u32]) -> Vec<(usize, Held<'h>)> {
        self.held_of(hashes, |hash| self.filter.may_have(hash))
    }

    fn held_of<'h>(&'h self, hashes: &[u32], may_be: impl Fn(u32) -> bool) -> Vec<(usize, Held<'h>)> {
        let mut held = Vec::with_capacity(hashes.len() / 4);
        for (number, hashes) in hashes.chunks(BESIDE).enumerate() {
            self.look_up(number * BESIDE, hashes, &may_be, &mut held);
        }
        held
    }

    /// Looks up a few runs, of which the first stands at a place, if they may be held. Every step is taken for all of them before the
    /// next.
    fn look_up<'h>(
        &'h self,
        start: usize,
        hashes: &[u32],
        may_be: impl Fn(u32) -> bool,
        held: &mut Vec<(usize, Held<'h>)>,
    ) {
        let (mut places, mut count) = ([0; BESIDE], 0);
        for (place, hash) in hashes.iter().enumerate() {
            places[count] = place;
            count += usize::from(may_be(*hash));
        }
        let mut sought = [Sought::default(); BESIDE];
        for (sought, place) in sought.iter_mut().zip(&places[..count]) {
            *sought = self.sought(hashes[*place]);
        }
        let mut firsts = [0; BESIDE];
        for (first, sought) in firsts.iter_mut().zip(&sought[..count]) {
            *first = self.entries.get(sought.start as usize).copied().unwrap_or(u32::MAX);
        }
        for ((place, sought), first) in places[..count].iter().zip(sought).zip(firsts) {
            match self.found(hashes[*place], sought, first) {
                Held::By([]) => {}
                found => held.push((start + place, found)),
            }
        }
    }

    /// Where to look for a run that may be held.
    fn sought(&self, hash: u32) -> Sought {
        let common = self.common.families(hash);
        let (start, end) = if common == 0 { self.bucket(hash) } else { (0, 0) };
        Sought { common, start, end }
    }

    /// Who holds a run, by where it is sought and the first entry there.
    fn found(&self, hash: u32, sought: Sought, first: u32) -> Held<'_> {
        if sought.common > 0 {
            return Held::Common(sought.common);
        }
        let rest = hash << self.bits;
        if sought.start == sought.end || first & self.rest() > rest {
            return Held::By(&[]);
        }
        self.held(hash, sought.start as usize..sought.end as usize)
    }

    /// The documents by families.
    pub(crate) fn families(&self) -> &Families {
        &self.families
    }

    /// The entries of the stretches that hold a run that is not common.
    pub(crate) fn entries<'h>(&'h self, held: Held<'h>) -> &'h [u32] {
        match held {
            Held::Common(_) => &[],
            Held::By(entries) => entries,
            Held::Listed { list, .. } => {
                let (length, rest) = self.lists[list..].split_first().unwrap_or((&0, &[]));
                &rest[..*length as usize]
            }
        }
    }

    /// How many families hold a run.
    pub(crate) fn count(&self, held: Held<'_>) -> usize {
        match held {
            Held::Common(families) | Held::Listed { families, .. } => families as usize,
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
        entry & self.stretch_mask()
    }

    /// The last bits of the number of a stretch that entries hold.
    pub(crate) fn stretch_mask(&self) -> u32 {
        !(u32::MAX << self.stretch_bits)
    }

    /// Who holds a run, of the entries of its bucket.
    fn held(&self, hash: u32, bucket: Range<usize>) -> Held<'_> {
        let (bucket, rest) = (&self.entries[bucket], hash << self.bits);
        let start = bucket.iter().take_while(|entry| *entry & self.rest() < rest).count();
        let length = bucket[start..].iter().take_while(|entry| *entry & self.rest() == rest).count();
        match &bucket[start..start + length] {
            [list, families] if list & self.mark() != 0 => self.listed(*list, *families),
            entries => Held::By(entries),
        }
    }

    /// What two marked entries say: the first the lower bits of where the list begins, the second its higher ones and the families.
    fn listed(&self, list: u32, families: u32) -> Held<'_> {
        let both = u64::from(self.marked(families)) << (self.bits - 1) | u64::from(self.marked(list));
        let list_bits = self.list_bits();
        Held::Listed { families: (both >> list_bits) as u32, list: (both & !(u64::MAX << list_bits)) as usize }
    }

    /// Bits that tell where a list begins: there are eight entries to a bucket and fewer than eight more.
    fn list_bits(&self) -> u32 {
        self.bits + BUCKET.ilog2() + 1
    }

    /// The bit that says that an entry is no document's.
    fn mark(&self) -> u32 {
        1 << (self.bits - 1)
    }

    /// What a marked entry says.
    fn marked(&self, entry: u32) -> u32 {
        entry & !self.rest() & !self.mark()
    }

    /// Where the bucket of a hash begins and ends.
    fn bucket(&self, hash: u32) -> (u32, u32) {
        let number = self.bucket_number(hash);
        match self.buckets.get(number..number + 2) {
            Some(&[start, end]) => (start, end),
            _ => (0, 0),
        }
    }

    fn bucket_number(&self, hash: u32) -> usize {
        hash.checked_shr(u32::BITS - self.bits).unwrap_or(0) as usize
    }

    /// The bits of an entry that hold those of the hash which do not choose the bucket.
    fn rest(&self) -> u32 {
        u32::MAX << self.bits
    }

    /// The hashes of all documents, with the numbers that their entries hold.
    fn numbered(&self, prints: &[&Fingerprint]) -> impl Iterator<Item = (u32, u32)> {
        let (stretch_bits, stretch_mask) = (self.stretch_bits, self.stretch_mask());
        prints.iter().zip(0_u32..).flat_map(move |(print, document)| {
            print.stretches.iter().zip(0_u32..).flat_map(move |(hashes, stretch)| {
                let number = document << stretch_bits | stretch & stretch_mask;
                hashes.iter().map(move |hash| (*hash, number))
            })
        })
    }

    /// Puts every run of every stretch into its bucket. Each bucket is known by its end afterwards.
    fn enter(&mut self, prints: &[&Fingerprint]) {
        let mut buckets = vec![0_u32; (1 << self.bits) + 1];
        self.numbered(prints).for_each(|(hash, _)| buckets[self.bucket_number(hash) + 1] += 1);
        (1..buckets.len()).for_each(|bucket| buckets[bucket] += buckets[bucket - 1]);
        let mut entries = vec![0; buckets.last().map_or(0, |all| *all as usize)];
        for (hash, number) in self.numbered(prints) {
            let end = &mut buckets[self.bucket_number(hash)];
            entries[*end as usize] = hash << self.bits | number;
            *end += 1;
        }
        (self.buckets, self.entries) = (buckets, entries);
    }

    /// Sorts the buckets, leaves out repeated entries, sets those of many stretches apart, and closes the gaps. Each bucket is known by
    /// its end before and by its beginning afterwards.
    fn set_lists_apart(&mut self) {
        let (mut start, mut kept, mut bucket, rest) = (0, 0, Vec::new(), self.rest());
        let mut common = Vec::new();
        for number in 0..self.buckets.len() - 1 {
            let end = std::mem::replace(&mut self.buckets[number], kept as u32) as usize;
            bucket.clear();
            bucket.extend_from_slice(&self.entries[start..end]);
            bucket.sort_unstable();
            bucket.dedup();
            for same in bucket.chunk_by(|a, b| (a ^ b) & rest == 0) {
                match self.short(same) {
                    Short::Common(families) => common.push((self.hash(number, same[0]), families)),
                    Short::Entries(entries, count) => {
                        self.entries[kept..kept + count].copy_from_slice(&entries[..count]);
                        kept += count;
                    }
                }
            }
            start = end;
        }
        self.buckets.pop();
        self.buckets.push(kept as u32);
        self.entries.truncate(kept);
        self.entries.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.common = Common::of(&common);
    }

    /// A filter of the runs that are looked for first.
    fn filtered(&self) -> Filter {
        let buckets = self.buckets.windows(2).enumerate();
        let held = buckets.flat_map(|(number, bucket)| {
            let entries = &self.entries[bucket[0] as usize..bucket[1] as usize];
            entries.iter().map(move |entry| self.hash(number, *entry))
        });
        let opening: Vec<u32> = held.chain(self.common.hashes()).filter(|hash| hash & OPENS != 0).collect();
        Filter::of(opening.iter().copied(), FILTERED * opening.len())
    }

    /// The hash of an entry of a bucket.
    fn hash(&self, bucket: usize, entry: u32) -> u32 {
        (bucket as u32) << (u32::BITS - self.bits) | entry >> self.bits
    }

    /// What stands for the entries of a run: these, or marked ones where there are many.
    fn short(&mut self, same: &[u32]) -> Short {
        let mut short = [0; FEW];
        if same.len() <= FEW {
            short[..same.len()].copy_from_slice(same);
            return Short::Entries(short, same.len());
        }
        let rest = self.rest();
        let (marked, families) = (same[0] & rest | self.mark(), self.count_families(same));
        let list = self.thinned(same);
        if families > common_from(self.families.count()) || list.is_empty() || list.len() > MANY {
            return Short::Common(families as u32);
        }
        let both = (families as u64) << self.list_bits() | self.lists.len() as u64;
        self.lists.push(list.len() as u32);
        self.lists.extend(list.iter().map(|entry| entry & !rest));
        short[0] = marked | both as u32 & (self.mark() - 1);
        short[1] = marked | (both >> (self.bits - 1)) as u32;
        Short::Entries(short, 2)
    }

    /// The entries of a run, or if they are very many those of a few drafts of each family, without documents that hold the run all
    /// over: a name that stands in every stretch points to none of them, and all entries would be gone through at each place.
    fn thinned<'e>(&self, same: &'e [u32]) -> Cow<'e, [u32]> {
        if same.len() <= MANY {
            return Cow::Borrowed(same);
        }
        let number = |entry: &u32| self.number(*entry);
        let family = |entry: &u32| self.families.family(self.number(*entry));
        let drafts = same.chunk_by(|a, b| family(a) == family(b)).flat_map(|of_family| {
            let documents = of_family.chunk_by(|a, b| number(a) == number(b));
            documents.filter(|stretches| stretches.len() <= FEW).take(DRAFTS)
        });
        drafts.flatten().copied().collect()
    }
}

/// Bits that numbers below this one take.
fn bits_for(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::{Held, Holders};
    use crate::detect::fingerprint::OPENS;
    use crate::detect::fingerprint::families::common_from;
    use crate::model::fingerprint::Fingerprint;
    use crate::model::time::Timestamp;

    /// Who holds a run, asked without the others.
    fn of_run(holders: &Holders, hash: u32) -> Held<'_> {
        holders.of_runs(&[hash]).first().map_or(Held::By(&[]), |(_, held)| *held)
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
        assert_eq!(holders.entries(of_run(&holders, 8)).len(), 100);
    }

    #[test]
    fn every_stretch_that_holds_a_run_has_an_entry() {
        let documents = [print(&[8, 16, 24, 8, 16, 32, 40]), print(&[8])];
        let holders = Holders::of(&documents.iter().collect::<Vec<_>>());
        let held: BTreeSet<(usize, u32)> = holders
            .entries(of_run(&holders, 8))
            .iter()
            .map(|entry| (holders.families().place(holders.number(*entry)), holders.stretch(*entry)))
            .collect();
        assert_eq!(held, BTreeSet::from([(0, 0), (0, 1), (1, 0)]));
    }

    #[test]
    fn a_run_that_stands_all_over_documents_points_to_none_of_them() {
        let everywhere: Vec<u32> = (0..600).flat_map(|stretch| [8, 16 + 2 * stretch, 17 + 2 * stretch]).collect();
        let holders = |prints: &[Fingerprint]| Holders::of(&prints.iter().collect::<Vec<_>>());
        assert_eq!(of_run(&holders(&[print(&everywhere), print(&everywhere)]), 8), Held::Common(1));
        let holders = holders(&[print(&everywhere), print(&everywhere), print(&[8, 1 << 20, 1 << 21])]);
        let held = of_run(&holders, 8);
        let places: Vec<usize> =
            holders.entries(held).iter().map(|entry| holders.families().place(holders.number(*entry))).collect();
        assert_eq!((places, holders.count(held)), (vec![2], 2));
    }

    #[test]
    fn of_a_run_that_very_many_drafts_hold_a_few_of_them_count() {
        let drafts: Vec<Fingerprint> = (0..=super::MANY).map(|_| print(&[8, 16, 24])).collect();
        let holders = Holders::of(&drafts.iter().collect::<Vec<_>>());
        assert_eq!(holders.entries(of_run(&holders, 8)).len(), super::DRAFTS);
    }

    #[test]
    fn without_documents_nobody_holds_anything() {
        assert_eq!(Holders::of(&[]).of_runs(&[0, u32::MAX]), []);
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
            let held: HashMap<usize, Held<'_>> = holders.of_runs(&asked).into_iter().collect();
            for (number, hash) in asked.iter().enumerate() {
                let held = held.get(&number).copied().unwrap_or(Held::By(&[]));
                assert_eq!(held, of_run(&holders, *hash));
                let opening = holders.of_openings(&[*hash | OPENS]).first().map(|(_, held)| *held);
                assert_eq!(opening.unwrap_or(Held::By(&[])), of_run(&holders, *hash | OPENS));
                let place = |entry: &u32| holders.families().place(holders.number(*entry));
                let found: BTreeSet<usize> = holders.entries(held).iter().map(place).collect();
                let plainly: BTreeSet<usize> = (0..documents.len()).filter(|place| documents[*place].contains(hash)).collect();
                assert_eq!(found, plainly);
            }
        }
    }
}
