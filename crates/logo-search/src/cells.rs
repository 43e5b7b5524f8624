//! The boxes into which a size is cut for the rough look.

use crate::field::Field;

/// Lengths that are kept pixel by pixel.
const WHOLE: usize = 8;

/// The boxes of one size, row by row.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) across: Cut,
    pub(super) down: Cut,
}

/// How a length is cut: into single pixels, or into pairs, of an odd length three pixels first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) length: usize,
    /// The length of a longer part at the start, zero when there is none.
    pub(super) first: usize,
    /// The length of all others.
    pub(super) step: usize,
}

impl Cells {
    pub(super) const fn of(width: usize, height: usize) -> Self {
        Self { across: Cut::of(width), down: Cut::of(height) }
    }

    pub(super) const fn fit_into(&self, field: &Field) -> bool {
        self.across.length <= field.width && self.down.length <= field.height
    }

    /// Whether every pixel is a box.
    pub(super) const fn are_single(&self) -> bool {
        self.across.step * self.down.step == 1
    }

    /// How many fours of boxes there are.
    pub(super) fn fours(&self) -> usize {
        self.down.parts().count() * self.across.parts().count().div_ceil(4)
    }
}

impl Cut {
    const fn of(length: usize) -> Self {
        if length <= WHOLE {
            return Self { length, first: 0, step: 1 };
        }
        Self { length, first: 3 * (length % 2), step: 2 }
    }

    /// Starts and lengths.
    pub(super) fn parts(&self) -> impl Iterator<Item = (usize, usize)> + Clone {
        let first = (self.first > 0).then_some((0, self.first));
        first.into_iter().chain((self.first..self.length).step_by(self.step).map(|start| (start, self.step)))
    }
}

#[cfg(test)]
mod tests {
    use super::Cut;

    #[test]
    fn parts_follow_one_another_up_to_the_end_and_none_is_longer_than_three() {
        for length in 1..=24 {
            let mut end = 0;
            for (start, part) in Cut::of(length).parts() {
                assert_eq!(start, end);
                assert!((1..=3).contains(&part));
                end += part;
            }
            assert_eq!(end, length);
        }
    }
}
