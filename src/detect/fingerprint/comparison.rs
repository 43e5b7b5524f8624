//! A window of a post beside one document: which of its runs of sounds stand in which stretch.
//!
//! The hashes of the document are gone through once and looked up among the few of the window; a stretch becomes a set of places
//! as bits, so that neighbouring stretches are put together and compared in a few steps.

use std::ops::Range;

use crate::detect::fingerprint::LENGTHS;
use crate::detect::fingerprint::likeness::Likeness;
use crate::model::fingerprint::Fingerprint;

/// Characters of a post that are compared at once.
pub(crate) const WINDOW: usize = 400;
/// Numbers that hold a bit for each place of a window.
const NUMBERS: usize = WINDOW.div_ceil(64);
/// Last bits of a hash by which runs are looked up, so that most hashes of a document are passed over at once.
const LOOKED_UP_BY: u32 = 1 << 14;

/// Places of a window as bits.
type Places = [u64; NUMBERS];
/// Places by the lengths of the runs that begin there.
type Stretch = [Places; LENGTHS.len()];

/// The runs of a window, ready to be looked up by their hashes.
pub(crate) struct Comparison {
    /// Hash, number of the length and place of each run, sorted by the last bits of the hash.
    runs: Vec<(u32, usize, usize)>,
    /// How many runs have smaller last bits, for all last bits and one more.
    starts: Vec<u16>,
    /// Weights of the runs of two and of three, by place.
    weights: [Vec<f64>; 2],
}

impl Comparison {
    /// Prepares the hashes of a window by length and place, with the weights of the two shorter lengths.
    pub(crate) fn of(hashes: &[Vec<u32>; LENGTHS.len()], weights: [Vec<f64>; 2]) -> Self {
        let of_length = |(length, hashes): (usize, &Vec<u32>)| {
            hashes.iter().enumerate().map(|(place, hash)| (*hash, length, place)).collect::<Vec<_>>()
        };
        let mut runs: Vec<(u32, usize, usize)> = hashes.iter().enumerate().flat_map(of_length).collect();
        runs.sort_unstable_by_key(|(hash, ..)| hash % LOOKED_UP_BY);
        let mut starts = vec![0; LOOKED_UP_BY as usize + 1];
        runs.iter().for_each(|(hash, ..)| starts[(hash % LOOKED_UP_BY) as usize + 1] += 1);
        for bits in 1..starts.len() {
            starts[bits] += starts[bits - 1];
        }
        Self { runs, starts, weights }
    }

    /// What the window and a document share, and where its longest run stands.
    pub(crate) fn with(&self, document: &Fingerprint) -> (Likeness, Range<usize>) {
        // A stretch without anything at either end spares the question of neighbours.
        let mut stretches = vec![Stretch::default(); document.blocks.len() + 2];
        for (stretch, hashes) in stretches[1..].iter_mut().zip(&document.blocks) {
            hashes.iter().for_each(|hash| self.mark(*hash, stretch));
        }
        let run = longest_run(&stretches);
        (Likeness { run: run.len(), share: self.share(&stretches), part: self.part(&stretches) }, run)
    }

    fn mark(&self, hash: u32, stretch: &mut Stretch) {
        let bits = (hash % LOOKED_UP_BY) as usize;
        let alike = &self.runs[usize::from(self.starts[bits])..usize::from(self.starts[bits + 1])];
        for (_, length, place) in alike.iter().filter(|(run, ..)| *run == hash) {
            stretch[*length][place / 64] |= 1 << (place % 64);
        }
    }

    fn share(&self, stretches: &[Stretch]) -> f64 {
        let held = stretches.iter().fold(Places::default(), |held, stretch| union(&held, &stretch[1]));
        share_of(&held, &self.weights[1])
    }

    /// The best stretch with its neighbours.
    fn part(&self, stretches: &[Stretch]) -> f64 {
        let around = |three: &[Stretch]| union(&union(&three[0][0], &three[1][0]), &three[2][0]);
        stretches.windows(3).map(|three| share_of(&around(three), &self.weights[0])).fold(0.0, f64::max)
    }
}

fn union(a: &Places, b: &Places) -> Places {
    std::array::from_fn(|number| a[number] | b[number])
}

/// Share of the weight of all runs that stand at the places.
fn share_of(places: &Places, weights: &[f64]) -> f64 {
    let holds = |place: usize| places[place / 64] >> (place % 64) & 1 == 1;
    let held: f64 = (0..weights.len()).filter(|place| holds(*place)).map(|place| weights[place]).sum();
    held / weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)
}

/// The longest run of places whose runs of four follow one another in the document: each in the same stretch as the one before,
/// or in a stretch beside it.
fn longest_run(stretches: &[Stretch]) -> Range<usize> {
    let (mut held, mut following) = (Places::default(), Places::default());
    for three in stretches.windows(3) {
        let [before, here, after] = [0, 1, 2].map(|place| &three[place][2]);
        let near = one_later(&union(&union(before, here), after));
        held = union(&held, here);
        following = std::array::from_fn(|number| following[number] | here[number] & near[number]);
    }
    let has = |places: &Places, place: usize| places[place / 64] >> (place % 64) & 1 == 1;
    let (mut longest, mut start) = (0..0, 0);
    for place in (0..WINDOW).filter(|place| has(&held, *place)) {
        if !has(&following, place) {
            start = place;
        }
        if place + LENGTHS[2] - start > longest.len() {
            longest = start..place + LENGTHS[2];
        }
    }
    longest
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

    fn document(mut blocks: Vec<Vec<u32>>) -> Fingerprint {
        blocks.iter_mut().for_each(|block| block.sort_unstable());
        Fingerprint { id: "X1".into(), is_public: false, added: Timestamp::from_ms(0), chars: 0, blocks }
    }

    /// The same, place by place and stretch by stretch.
    fn plainly(hashes: &[Vec<u32>; 3], weights: &[Vec<f64>; 2], blocks: &[Vec<u32>]) -> Likeness {
        let of = |hash: u32| (0..blocks.len()).filter(|block| blocks[*block].contains(&hash)).collect::<Vec<_>>();
        let share = |hashes: &[u32], weights: &[f64], from: usize, to: usize| {
            let held = |place: &usize| of(hashes[*place]).iter().any(|block| (from..to).contains(block));
            (0..hashes.len()).filter(held).map(|place| weights[place]).sum::<f64>() / weights.iter().sum::<f64>()
        };
        let follows = |place: usize| {
            let before = if place == 0 { Vec::new() } else { of(hashes[2][place - 1]) };
            of(hashes[2][place]).iter().any(|a| before.iter().any(|b| a.abs_diff(*b) <= 1))
        };
        let run_to = |place: usize| (0..=place).rev().take_while(|place| follows(*place)).count() + 4;
        let held = (0..hashes[2].len()).filter(|place| !of(hashes[2][*place]).is_empty());
        let parts = (0..blocks.len()).map(|block| share(&hashes[0], &weights[0], block.saturating_sub(1), block + 2));
        Likeness {
            run: held.map(run_to).max().unwrap_or(0),
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
            let (found, run) = Comparison::of(&hashes, weights.clone()).with(&document(blocks.clone()));
            assert_eq!(found, plainly(&hashes, &weights, &blocks));
            assert_eq!(found.run, run.len());
        }
    }
}
