//! How high documents stand in a text: a first look at all of them side by side, which costs little.
//!
//! Going through the text, a document gains with every run of sounds that it holds, the rarer the more, and loses with every
//! other place; it never falls below nothing (the best segment of J. Bentley, "Programming Pearls", 1984).

/// Where a document stands.
#[derive(Debug, Clone, Copy, Default)]
struct Height {
    /// When it last gained.
    now: f32,
    /// Places passed by then.
    passed: u32,
    /// The highest so far.
    best: f32,
}

/// The heights of all documents, in bits.
#[derive(Debug)]
pub(crate) struct Heights {
    documents: Vec<Height>,
    /// How many documents there are. Room for them is made when the first gains: in most posts none does.
    count: usize,
    /// Documents that have gained at all.
    gained: Vec<u32>,
    /// Places passed so far, and what each costs.
    passed: u32,
    cost: f32,
}

impl Heights {
    /// So many documents, all at nothing.
    pub(crate) fn of(documents: usize, cost: f32) -> Self {
        Self { documents: Vec::new(), count: documents, gained: Vec::new(), passed: 0, cost }
    }

    /// Passes a place: it costs every document.
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    /// A document gains so many bits; tells how high it stands then.
    pub(crate) fn gain(&mut self, document: u32, bits: f32) -> f32 {
        if self.documents.is_empty() {
            self.documents.resize(self.count, Height::default());
        }
        let height = &mut self.documents[document as usize];
        if height.best == 0.0 {
            self.gained.push(document);
        }
        height.now = (height.now - self.cost * (self.passed - height.passed) as f32).max(0.0) + bits;
        height.passed = self.passed;
        height.best = height.best.max(height.now);
        height.now
    }

    /// How high a document stood when it last gained.
    pub(crate) fn now(&self, document: u32) -> f32 {
        self.documents.get(document as usize).map_or(0.0, |height| height.now)
    }

    /// The documents that gained, with the best they reached, in no order. Then all stand at nothing again.
    pub(crate) fn take(&mut self) -> Vec<(u32, f32)> {
        let documents = &mut self.documents;
        let taken = |document: u32| (document, std::mem::take(&mut documents[document as usize]).best);
        self.passed = 0;
        self.gained.drain(..).map(taken).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Heights;

    #[test]
    fn gains_near_one_another_add_up_and_those_far_apart_do_not() {
        let mut heights = Heights::of(2, 0.5);
        heights.pass();
        assert_eq!(heights.gain(1, 3.0), 3.0);
        (0..2).for_each(|_| heights.pass());
        assert_eq!(heights.gain(1, 3.0), 5.0);
        (0..100).for_each(|_| heights.pass());
        assert_eq!(heights.gain(1, 1.0), 1.0);
        assert_eq!((heights.now(0), heights.now(1)), (0.0, 1.0));
    }

    #[test]
    fn the_best_is_taken_once() {
        let mut heights = Heights::of(3, 0.5);
        (0..9).for_each(|_| heights.pass());
        heights.gain(2, 4.0);
        assert_eq!(heights.take(), [(2, 4.0)]);
        assert_eq!(heights.take(), []);
        assert_eq!(heights.gain(2, 1.0), 1.0);
    }
}
