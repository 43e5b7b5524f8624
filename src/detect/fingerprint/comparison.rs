//! A window of a post beside one document: which of its runs of sounds stand in which stretch.
//!
//! The hashes of the document are gone through once and looked up among the few of the window; a stretch becomes a set of places
//! as bits, so that neighbouring stretches are put together and compared in a few steps.

use std::ops::Range;

use crate::detect::fingerprint::LENGTHS;
use crate::detect::fingerprint::filter::Filter;
use crate::detect::fingerprint::likeness::Likeness;
use crate::detect::fingerprint::runs::Runs;
use crate::model::fingerprint::Fingerprint;

/// Characters of a post that are compared at once.
pub(crate) const WINDOW: usize = 400;
/// Numbers that hold a bit for each place of a window.
const NUMBERS: usize = WINDOW.div_ceil(64);
/// Bits of the filter by which most hashes of a document are passed over at once.
const FILTER: usize = 1 << 16;
/// Characters of which one that differs spoils all runs of four that hold it.
const SPOILT: usize = LENGTHS[2];

/// Places of a window as bits.
type Places = [u64; NUMBERS];
/// Places by the lengths of the runs that begin there.
type Stretch = [Places; LENGTHS.len()];

/// The runs of a window, ready to be looked up by their hashes.
pub(crate) struct Comparison {
    /// Of most hashes of a document it says at once that the window has no such run.
    filter: Filter,
    runs: Runs,
    /// Weights of the runs of two and of three, by place, and what they come to.
    weights: [Weights; 2],
}

/// Weights by place.
struct Weights {
    by_place: Vec<f64>,
    total: f64,
}

/// What a window and a document share: places of the window by the stretches of the document, with an empty one at either end.
pub(crate) struct Shared {
    stretches: Vec<Stretch>,
}

impl Comparison {
    /// Prepares the hashes of a window by length and place, with the weights of the two shorter lengths.
    pub(crate) fn of(hashes: &[Vec<u32>; LENGTHS.len()], weights: [Vec<f64>; 2]) -> Self {
        let filter = Filter::of(hashes.iter().flatten().copied(), FILTER);
        Self { filter, runs: Runs::of(hashes), weights: weights.map(Weights::of) }
    }

    /// What the window and a document share.
    pub(crate) fn with(&self, document: &Fingerprint) -> Shared {
        // A stretch without anything at either end spares the question of neighbours.
        let mut stretches = vec![Stretch::default(); document.stretches.iter().len() + 2];
        for (stretch, hashes) in stretches[1..].iter_mut().zip(document.stretches.iter()) {
            self.filter.sift(hashes, |hash| self.mark(hash, stretch));
        }
        Shared { stretches }
    }

    /// How much that is.
    pub(crate) fn likeness(&self, shared: &Shared) -> Likeness {
        let stretches = &shared.stretches;
        let (run, chain) = (shared.longest_run().len(), longest_chain(stretches));
        Likeness { run, chain, share: self.share(shared), part: self.part(stretches) }
    }

    fn mark(&self, hash: u32, stretch: &mut Stretch) {
        for (length, place) in self.runs.alike(hash) {
            stretch[length][place / 64] |= 1 << (place % 64);
        }
    }

    fn share(&self, shared: &Shared) -> f64 {
        self.weights[1].share_of(&shared.held()[1])
    }

    /// The best stretch with its neighbours.
    fn part(&self, stretches: &[Stretch]) -> f64 {
        let around = |three: &[Stretch]| union(&union(&three[0][0], &three[1][0]), &three[2][0]);
        stretches.windows(3).map(|three| self.weights[0].share_of(&around(three))).fold(0.0, f64::max)
    }
}

impl Weights {
    fn of(by_place: Vec<f64>) -> Self {
        let total = by_place.iter().sum();
        Self { by_place, total }
    }

    /// Share of the weight of all runs that stand at the places.
    fn share_of(&self, places: &Places) -> f64 {
        rising(places).map(|place| self.by_place[place]).sum::<f64>() / self.total.max(f64::MIN_POSITIVE)
    }
}

impl Shared {
    /// Where the longest run stands.
    pub(crate) fn longest_run(&self) -> Range<usize> {
        longest_run(&self.stretches)
    }

    /// What is shared at the places of the window that another document holds as well.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        let held = other.held();
        let within = |stretch: &Stretch| std::array::from_fn(|length| common(&stretch[length], &held[length]));
        Self { stretches: self.stretches.iter().map(within).collect() }
    }

    /// Places in any stretch.
    fn held(&self) -> Stretch {
        let both =
            |held: Stretch, stretch: &Stretch| std::array::from_fn(|length| union(&held[length], &stretch[length]));
        self.stretches.iter().fold(Stretch::default(), both)
    }
}

fn common(a: &Places, b: &Places) -> Places {
    std::array::from_fn(|number| a[number] & b[number])
}

fn union(a: &Places, b: &Places) -> Places {
    std::array::from_fn(|number| a[number] | b[number])
}

/// The longest run of places whose runs of four follow one another in the document: each in the same stretch as the one before,
/// or in a stretch beside it.
fn longest_run(stretches: &[Stretch]) -> Range<usize> {
    let (held, following) = following(stretches, 1);
    let (mut longest, mut start) = (0..0, 0);
    for place in rising(&held) {
        if !has(&following, place) {
            start = place;
        }
        if place + LENGTHS[2] - start > longest.len() {
            longest = start..place + LENGTHS[2];
        }
    }
    longest
}

/// The same where single other characters stand between, which are not counted.
fn longest_chain(stretches: &[Stretch]) -> usize {
    let (held, following) = following(stretches, 1 + SPOILT);
    let (mut longest, mut chain) = (0, 0);
    for place in rising(&held) {
        chain = if has(&following, place) { chain + 1 } else { LENGTHS[2] };
        longest = longest.max(chain);
    }
    longest
}

/// Places of runs of four that the document holds, and those of them that stand near one of the runs that begin at most so many
/// places earlier.
fn following(stretches: &[Stretch], within: usize) -> (Places, Places) {
    let (mut held, mut following) = (Places::default(), Places::default());
    for three in stretches.windows(3) {
        let [before, here, after] = [0, 1, 2].map(|place| &three[place][2]);
        if *here == Places::default() {
            continue;
        }
        let (mut near, mut reached) = (union(&union(before, here), after), Places::default());
        for _ in 0..within {
            near = one_later(&near);
            reached = union(&reached, &near);
        }
        held = union(&held, here);
        following = std::array::from_fn(|number| following[number] | here[number] & reached[number]);
    }
    (held, following)
}

/// The places one after the other.
fn rising(places: &Places) -> impl Iterator<Item = usize> {
    places.iter().enumerate().flat_map(|(number, bits)| {
        let mut left = *bits;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(number * 64 + bit)
        })
    })
}

fn has(places: &Places, place: usize) -> bool {
    places[place / 64] >> (place % 64) & 1 == 1
}

/// Every place moved on by one.
fn one_later(places: &Places) -> Places {
    std::array::from_fn(|number| places[number] << 1 | number.checked_sub(1).map_or(0, |before| places[before] >> 63))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::Comparison;
    use crate::detect::fingerprint::likeness::Likeness;
    use crate::model::fingerprint::Fingerprint;
    use crate::model::time::Timestamp;

    fn document(stretches: &[Vec<u32>]) -> Fingerprint {
        let stretches = stretches.iter().cloned().collect();
        Fingerprint { id: "X1".into(), is_public: false, added: Timestamp::from_ms(0), chars: 0, stretches }
    }

    /// The same, place by place and stretch by stretch.
    fn plainly(hashes: &[Vec<u32>; 3], weights: &[Vec<f64>; 2], blocks: &[Vec<u32>]) -> Likeness {
        let of = |hash: u32| (0..blocks.len()).filter(|block| blocks[*block].contains(&hash)).collect::<Vec<_>>();
        let share = |hashes: &[u32], weights: &[f64], from: usize, to: usize| {
            let held = |place: &usize| of(hashes[*place]).iter().any(|block| (from..to).contains(block));
            (0..hashes.len()).filter(held).map(|place| weights[place]).sum::<f64>() / weights.iter().sum::<f64>()
        };
        let is_near = |place: usize, before: usize| {
            let before = of(hashes[2][before]);
            of(hashes[2][place]).iter().any(|a| before.iter().any(|b| a.abs_diff(*b) <= 1))
        };
        let follows = |place: usize| place > 0 && is_near(place, place - 1);
        let run_to = |place: usize| (0..=place).rev().take_while(|place| follows(*place)).count() + 4;
        let is_chained = |place: usize| (place.saturating_sub(5)..place).any(|before| is_near(place, before));
        let chains =
            hashes[2].iter().enumerate().filter(|(_, hash)| !of(**hash).is_empty()).scan(0, |chain, (place, _)| {
                *chain = if is_chained(place) { *chain + 1 } else { 4 };
                Some(*chain)
            });
        let held = (0..hashes[2].len()).filter(|place| !of(hashes[2][*place]).is_empty());
        let parts = (0..blocks.len()).map(|block| share(&hashes[0], &weights[0], block.saturating_sub(1), block + 2));
        Likeness {
            run: held.map(run_to).max().unwrap_or(0),
            chain: chains.max().unwrap_or(0),
            share: share(&hashes[1], &weights[1], 0, blocks.len()),
            part: parts.fold(0.0, f64::max),
        }
    }

    proptest! {
        #[test]
        fn what_is_shared_is_what_a_plain_comparison_finds(
            hashes in vec(0_u32..12, 3..140), blocks in vec(vec(0_u32..12, 0..5), 1..6),
        ) {
            let hashes = [0, 1, 2].map(|less| hashes[..hashes.len() - less].to_vec());
            let weights = [0, 1].map(|less: usize| (0..hashes[less].len()).map(|place| (place % 7 + 1) as f64).collect::<Vec<_>>());
            let comparison = Comparison::of(&hashes, weights.clone());
            let shared = comparison.with(&document(&blocks));
            assert_eq!(comparison.likeness(&shared), plainly(&hashes, &weights, &blocks));
            assert_eq!(comparison.likeness(&shared.beside(&shared)), comparison.likeness(&shared));
        }
    }
}
