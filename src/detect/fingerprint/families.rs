//! Which documents are of one family, such as the drafts of one text: what they have in common says nothing against any of them.
//!
//! A document joins the family of the longer one with which it has most in common, if that is enough, and founds a family
//! otherwise. It joins one only, so that a short text that stands in many documents does not make them all one family.

use std::cmp::Reverse;
use std::ops::Range;

use crate::model::fingerprint::Fingerprint;

/// Share of a document's runs that the longer one holds as well. Texts of one trade share a fifth to a third of their runs.
const SHARE: f64 = 0.7;
/// One hash in so many is compared, whatever its last bit says.
const SAMPLE: u32 = 8;
/// Of the longer documents that hold a run so many are looked at, those nearest in length.
const NEAREST: usize = 64;
/// A run that more families hold than this …
const COMMON_FROM: usize = 64;
/// … and than one in so many is common.
const COMMON_ONE_IN: usize = 64;

/// More families than this, of so many, make a run common: it points to none of them.
pub(crate) fn common_from(families: usize) -> usize {
    (families / COMMON_ONE_IN).max(COMMON_FROM)
}

/// Documents numbered family by family.
#[derive(Debug, Default)]
pub(crate) struct Families {
    /// Places of the documents in what was given, by number.
    places: Vec<u32>,
    /// Families by the number of the document, rising from 0 on.
    families: Vec<u32>,
}

impl Families {
    /// Finds the families of the documents. What is public is a family of its own: it says much against a draft.
    pub(crate) fn of(prints: &[&Fingerprint]) -> Self {
        let founders = founders(prints);
        let mut places: Vec<u32> = (0..).take(prints.len()).collect();
        places.sort_by_key(|place| (founders[*place as usize], *place));
        let mut families = Vec::with_capacity(places.len());
        for same in places.chunk_by(|a, b| founders[*a as usize] == founders[*b as usize]) {
            let number = families.last().map_or(0, |last| last + 1);
            families.resize(families.len() + same.len(), number);
        }
        Self { places, families }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.families.last().map_or(0, |last| *last as usize + 1)
    }

    /// The places of the documents in what was given, by number.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|place| *place as usize)
    }

    /// The place of a document in what was given.
    pub(crate) fn place(&self, document: u32) -> usize {
        self.places[document as usize] as usize
    }

    /// The family of a document.
    pub(crate) fn family(&self, document: u32) -> u32 {
        self.families[document as usize]
    }
}

/// The founder of each document's family, by places.
fn founders(prints: &[&Fingerprint]) -> Vec<u32> {
    let mut ranked: Vec<u32> = (0..).take(prints.len()).collect();
    ranked.sort_by_key(|place| (Reverse(prints[*place as usize].stretches.hashes().len()), *place));
    let by_rank: Vec<&Fingerprint> = ranked.iter().map(|place| prints[*place as usize]).collect();
    let sample = Sample::of(&by_rank);
    let mut joining = Joining::of(&sample, common_from(prints.len()));
    (0..prints.len()).for_each(|rank| joining.join(rank));
    let mut founders = vec![0; prints.len()];
    for (place, founder) in ranked.iter().zip(joining.founders) {
        founders[*place as usize] = ranked[founder as usize];
    }
    founders
}

/// Some runs of the documents, which are ranked by length, the longest first.
#[derive(Default)]
struct Sample {
    /// Who holds the runs that several hold, run by run and rising.
    holders: Vec<u32>,
    /// The holders of each run.
    runs: Vec<Range<usize>>,
    /// The runs of each document that others hold as well.
    shared: Vec<Vec<u32>>,
    /// How many runs each document has in the sample.
    counts: Vec<usize>,
}

impl Sample {
    fn of(prints: &[&Fingerprint]) -> Self {
        let sampled = |print: &Fingerprint| {
            let hashes = print.stretches.hashes().iter().filter(|hash| (**hash / 2).is_multiple_of(SAMPLE));
            hashes.copied().collect::<Vec<u32>>()
        };
        let ranked = (0_u32..).zip(prints).filter(|(_, print)| !print.is_public);
        let mut held: Vec<(u32, u32)> =
            ranked.flat_map(|(rank, print)| sampled(print).into_iter().map(move |hash| (hash, rank))).collect();
        held.sort_unstable();
        held.dedup();
        let nothing = Self { shared: vec![Vec::new(); prints.len()], counts: vec![0; prints.len()], ..Self::default() };
        held.chunk_by(|a, b| a.0 == b.0).fold(nothing, Self::with_run)
    }

    fn with_run(mut self, held: &[(u32, u32)]) -> Self {
        held.iter().for_each(|(_, rank)| self.counts[*rank as usize] += 1);
        if held.len() > 1 {
            held.iter().for_each(|(_, rank)| self.shared[*rank as usize].push(self.runs.len() as u32));
            self.runs.push(self.holders.len()..self.holders.len() + held.len());
            self.holders.extend(held.iter().map(|(_, rank)| *rank));
        }
        self
    }

    /// Longer documents that hold a run of a document.
    fn longer(&self, run: u32, rank: usize) -> &[u32] {
        let holders = &self.holders[self.runs[run as usize].clone()];
        let longer = &holders[..holders.partition_point(|holder| (*holder as usize) < rank)];
        &longer[longer.len().saturating_sub(NEAREST)..]
    }
}

/// Documents that join families, one by one.
struct Joining<'s> {
    sample: &'s Sample,
    /// More families than this make a run common.
    most: usize,
    /// Founders of the families of the documents so far.
    founders: Vec<u32>,
    /// How many founders hold each run.
    held_by: Vec<u32>,
    /// What each longer document has in common with the one that joins.
    shared: Vec<u32>,
}

impl<'s> Joining<'s> {
    fn of(sample: &'s Sample, most: usize) -> Self {
        let (held_by, shared) = (vec![0; sample.runs.len()], vec![0; sample.counts.len()]);
        Self { sample, most, founders: Vec::new(), held_by, shared }
    }

    fn join(&mut self, rank: usize) {
        let runs = &self.sample.shared[rank];
        let telling: Vec<u32> =
            runs.iter().copied().filter(|run| self.held_by[*run as usize] as usize <= self.most).collect();
        let needed = SHARE * (self.sample.counts[rank] + telling.len() - runs.len()) as f64;
        let nearest = self.nearest(rank, &telling).filter(|(_, shared)| f64::from(*shared) >= needed);
        if nearest.is_none() {
            runs.iter().for_each(|run| self.held_by[*run as usize] += 1);
        }
        self.founders.push(nearest.map_or(rank as u32, |(longer, _)| self.founders[longer as usize]));
    }

    /// The longer document with most of the runs, and how many.
    fn nearest(&mut self, rank: usize, runs: &[u32]) -> Option<(u32, u32)> {
        let longer = || runs.iter().flat_map(|run| self.sample.longer(*run, rank)).copied();
        longer().for_each(|longer| self.shared[longer as usize] += 1);
        let taken = longer().map(|longer| (longer, std::mem::take(&mut self.shared[longer as usize])));
        taken.max_by_key(|(longer, shared)| (*shared, Reverse(*longer)))
    }
}

#[cfg(test)]
mod tests {
    use super::Families;
    use crate::model::fingerprint::Fingerprint;
    use crate::model::time::Timestamp;

    /// A document with the hashes that a range of numbers gives.
    fn print(numbers: std::ops::Range<u32>, is_public: bool) -> Fingerprint {
        let stretches = std::iter::once(numbers.map(|number| number * 16)).collect();
        Fingerprint { id: "X1".into(), is_public, added: Timestamp::from_ms(0), chars: 0, stretches }
    }

    /// Families of the documents by their places.
    fn families(prints: &[Fingerprint]) -> Vec<u32> {
        let families = Families::of(&prints.iter().collect::<Vec<_>>());
        let mut by_place: Vec<(usize, u32)> = families.places().zip(families.families.iter().copied()).collect();
        by_place.sort_unstable();
        by_place.into_iter().map(|(_, family)| family).collect()
    }

    #[test]
    fn drafts_are_one_family_even_where_the_first_and_the_last_have_little_in_common() {
        let drafts: Vec<Fingerprint> =
            (0..200).map(|draft| print(draft * 10..draft * 10 + 100 + draft, false)).collect();
        assert!(families(&drafts).iter().all(|family| *family == 0));
    }

    #[test]
    fn a_short_text_that_stands_in_many_does_not_make_them_one_family() {
        let prints = [print(90..100, false), print(0..100, false), print(90..200, false)];
        assert_eq!(families(&prints), [1, 0, 1]);
        assert!(families(&[]).is_empty());
    }

    #[test]
    fn what_is_public_belongs_to_no_family() {
        let prints = [print(0..100, true), print(0..100, false), print(0..100, true), print(0..90, false)];
        assert_eq!(families(&prints), [0, 1, 2, 1]);
    }
}
