//! How high documents stand in a text: a first look at all of them side by side, which costs little.
//!
//! Going through the text, a document gains with runs of sounds that it holds, the rarer the more, and loses with every run;
//! it never falls below nothing (the best segment of J. Bentley, "Programming Pearls", 1984). What it gains adds up only within
//! one part of it: runs of a passage stand in one stretch of the document or in the next, those of the same language anywhere.

use crate::detect::fingerprint::openings::WEIGHT;

/// Of what a run says so much is new if it begins so much later, by weight, than the last one that was counted: they share sounds.
const NEW: [f32; WEIGHT + 1] = [0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Where in a text a run begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// The place of its first sound.
    pub(crate) number: u32,
    /// What all that stands before it in the text weighs.
    pub(crate) reach: u32,
    /// How many runs up to it cost.
    pub(crate) costly: u32,
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, Default)]
struct Height {
    /// When it last gained.
    now: f32,
    /// Where: what stood before, counted on from text to text, and how many runs up to it cost.
    reach: u32,
    costly: u32,
    /// The stretch of the document in which it did.
    stretch: u32,
}

/// The heights of all documents, in bits.
#[derive(Debug)]
pub(crate) struct Heights {
    documents: Vec<Height>,
    /// What stood before the text, up to which all stand at nothing, and before the last place where one gained.
    first: u32,
    last: u32,
    /// What each run costs.
    cost: f32,
    /// The last bits of the number of a stretch that are known.
    stretch_mask: u32,
}

impl Heights {
    /// So many documents, all at nothing, while each run costs so many bits. Of the numbers of stretches the bits of a mask are
    /// known.
    pub(crate) fn of(documents: usize, cost: f32, stretch_mask: u32) -> Self {
        Self { documents: vec![Height::default(); documents], first: 1, last: 0, cost, stretch_mask }
    }

    /// Begins a text of that weighs less than two thousand million, with all documents at nothing.
    pub(crate) fn begin(&mut self) {
        if self.last > u32::MAX / 2 {
            self.documents.fill(Height::default());
            self.last = 0;
        }
        self.first = self.last + 1;
    }

    /// A document gains so many bits at a place of the text that is not before the last one, by a run in a stretch of its own;
    /// tells how high it stands then. What stands elsewhere in the document counts only once the document has fallen below it.
    pub(crate) fn gain(&mut self, document: u32, stretch: u32, at: Place, bits: f32) -> f32 {
        let (height, reach) = (&mut self.documents[document as usize], self.first + at.reach);
        self.last = reach;
        let lost = self.cost * at.costly.wrapping_sub(height.costly) as f32;
        let left = if height.reach < self.first { 0.0 } else { (height.now - lost).max(0.0) };
        let new = NEW[(reach - height.reach).min(WEIGHT as u32) as usize];
        let goes_on = left > 0.0 && are_neighbours(stretch, height.stretch, self.stretch_mask);
        let now = if goes_on { left + bits * new } else { bits };
        // Of a run that stands several times in a document the first stays: one entry must not undo what another one gained.
        if now > left {
            *height = Height { now, reach, costly: at.costly, stretch };
        }
        now.max(left)
    }

    /// How high a document stood when it last gained.
    pub(crate) fn now(&self, document: u32) -> f32 {
        let height = self.documents.get(document as usize).filter(|height| height.reach >= self.first);
        height.map_or(0.0, |height| height.now)
    }
}

/// Whether two stretches are one or stand beside one another, as far as the last bits of their numbers tell: behind the highest
/// of these the numbers begin again.
fn are_neighbours(a: u32, b: u32, mask: u32) -> bool {
    a.wrapping_sub(b).wrapping_add(1) & mask <= 2
}

#[cfg(test)]
mod tests {
    use super::{Heights, Place};

    fn at(number: u32) -> Place {
        Place { number, reach: 2 * number, costly: number }
    }

    #[test]
    fn gains_near_one_another_add_up_and_those_far_apart_do_not() {
        let mut heights = Heights::of(2, 0.5, u32::MAX);
        assert_eq!(heights.gain(1, 7, at(0), 3.0), 3.0);
        assert_eq!(heights.gain(1, 8, at(4), 3.0), 4.0);
        assert_eq!(heights.gain(1, 8, at(100), 1.0), 1.0);
        assert_eq!((heights.now(0), heights.now(1)), (0.0, 1.0));
    }

    #[test]
    fn of_a_run_that_shares_sounds_with_the_last_one_only_what_is_new_counts() {
        let mut heights = Heights::of(1, 0.0, u32::MAX);
        let gained: Vec<f32> = [0, 1, 3, 6].into_iter().map(|number| heights.gain(0, 0, at(number), 10.0)).collect();
        assert_eq!(gained, [10.0, 14.0, 20.0, 28.0]);
    }

    #[test]
    fn what_stands_elsewhere_in_the_document_does_not_add_up() {
        let mut heights = Heights::of(1, 0.5, u32::MAX);
        assert_eq!(heights.gain(0, 7, at(0), 8.0), 8.0);
        assert_eq!(heights.gain(0, 9, at(4), 3.0), 6.0);
        assert_eq!(heights.gain(0, 9, at(14), 3.0), 3.0);
        assert_eq!(heights.gain(0, 10, at(18), 3.0), 4.0);
    }

    #[test]
    fn stretches_are_neighbours_where_the_known_bits_of_their_numbers_begin_again() {
        let mut heights = Heights::of(1, 0.0, 0b111);
        let mut gain = |stretch, number| heights.gain(0, stretch, at(number), 3.0);
        assert_eq!((gain(7, 0), gain(0, 4), gain(7, 8)), (3.0, 6.0, 9.0));
        assert_eq!((gain(1, 12), gain(6, 16)), (9.0, 12.0));
    }

    #[test]
    fn with_another_text_all_stand_at_nothing() {
        let mut heights = Heights::of(1, 0.5, u32::MAX);
        heights.gain(0, 0, at(9), 4.0);
        heights.begin();
        assert_eq!((heights.now(0), heights.gain(0, 0, at(0), 1.0)), (0.0, 1.0));
        heights.gain(0, 0, at(1 << 30), 4.0);
        heights.begin();
        assert_eq!((heights.now(0), heights.first), (0.0, 1));
    }
}
