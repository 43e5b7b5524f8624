//! What the rough comparison knows of a pattern: weights of its boxes, and how large their sum must be at a place.

use crate::cells::Cells;
use crate::field::Pattern;
use crate::products::Weights;

/// What is left of a pattern and of a place beside the means is taken to correlate at most so much. With 1 nothing can be
/// lost; with this nothing was (`docs/benchmarks.md`).
const LEFT: f64 = 0.6;
/// Of a drawing of fine lines more than this is left, and it is known by them alone: more and more of it is taken to correlate.
const FINE: f64 = 0.7;
/// The largest weight of a box. Rounding may add one; two such of the largest values fit into 16 bits.
const WEIGHT_MAX: f64 = 63.0;

/// A pattern of which the weights stand beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outline {
    /// The pattern's number, as given.
    pub(super) number: usize,
    /// The correlation that is asked for.
    pub(super) least: f32,
    /// A sum of products, times this, divided by the root of the place's spread, is a correlation.
    pub(super) scale: f32,
    /// The least amount of a sum is so much of the root of the place's spread,
    pub(super) norm: f32,
    /// less so much of the root of what is left of the place beside the means,
    pub(super) left: f32,
    /// less so much, for its means are rounded.
    pub(super) rounded: f32,
}

/// The boxes of a pattern.
struct Boxes {
    /// The mean of each, of a drawing with a norm of 1.
    means: Vec<f64>,
    areas: Vec<f64>,
}

impl Outline {
    /// The outline of a pattern that is looked for where it correlates at least so much, and its weights, four by four.
    pub(super) fn of(number: usize, pattern: &Pattern, cells: &Cells, least: f64) -> (Self, Vec<Weights>) {
        let boxes = Boxes::of(pattern, cells);
        let weights = boxes.weights();
        let scale = boxes.scale(&weights).max(1e-9);
        // Single pixels are not rounded. Else each mean is wrong by .29 on average: in all by more than this in one place of 2,000.
        let rounded =
            if cells.are_single() { 0.0 } else { weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt() };
        let outline = Self {
            number,
            least: least as f32,
            scale: scale as f32,
            norm: ((least - boxes.lost(&weights, scale)) / scale) as f32,
            left: (correlating(boxes.left()) / scale) as f32,
            rounded: rounded as f32,
        };
        let rows = weights.chunks(cells.across.parts().count());
        (outline, rows.flat_map(|row| row.chunks(4)).map(four).collect())
    }
}

impl Boxes {
    fn of(pattern: &Pattern, cells: &Cells) -> Self {
        let boxes = cells.down.parts().flat_map(|down| cells.across.parts().map(move |across| (across, down)));
        let mean = |((x, width), (y, height))| pattern.mean(x, y, width, height);
        let means = boxes.clone().map(mean).collect();
        Self { means, areas: boxes.map(|((_, width), (_, height))| (width * height) as f64).collect() }
    }

    fn each(&self) -> impl Iterator<Item = (f64, f64)> {
        self.means.iter().copied().zip(self.areas.iter().copied())
    }

    /// Whole numbers in the measure of the sums over the boxes. What rounding adds to one it takes from the next, so that
    /// they add up to nothing, as the sums do, and the average of a place does not count.
    fn weights(&self) -> Vec<f64> {
        let largest = self.each().map(|(mean, area)| (mean * area).abs()).fold(1e-9, f64::max);
        let mut upto = 0.0_f64;
        let weight = |(mean, area): (f64, f64)| {
            let before = upto.round();
            upto += mean * area * WEIGHT_MAX / largest;
            upto.round() - before
        };
        self.each().map(weight).collect()
    }

    /// By what weights are multiplied to come nearest to the pattern.
    fn scale(&self, weights: &[f64]) -> f64 {
        let own: f64 = weights.iter().zip(&self.areas).map(|(weight, area)| weight * weight / area).sum();
        weights.iter().zip(&self.means).map(|(weight, mean)| weight * mean).sum::<f64>() / own.max(1e-9)
    }

    /// The norm of what weights lose of the means.
    fn lost(&self, weights: &[f64], scale: f64) -> f64 {
        let beside = |((mean, area), weight): ((f64, f64), &f64)| area * (mean - scale * weight / area).powi(2);
        self.each().zip(weights).map(beside).sum::<f64>().sqrt()
    }

    /// The norm of what the means lose of the pattern.
    fn left(&self) -> f64 {
        (1.0 - self.each().map(|(mean, area)| area * mean * mean).sum::<f64>()).max(0.0).sqrt()
    }
}

/// How much of what is left may correlate.
fn correlating(left: f64) -> f64 {
    left * (LEFT + 2.0 * (left - FINE).max(0.0)).min(1.0)
}

fn four(weights: &[f64]) -> Weights {
    std::array::from_fn(|at| weights.get(at).map_or(0, |weight| *weight as i8))
}
