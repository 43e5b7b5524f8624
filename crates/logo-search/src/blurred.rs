//! A small picture as means of boxes of up to three by three pixels, four boxes of a row side by side.
//!
//! What boxes hold beside their means is kept as well, so that a comparison of means knows how much it may miss.

use std::array::from_fn;

use crate::cells::Cells;
use crate::field::Field;
use crate::products::{Four, LANES};

/// The widths and heights of boxes.
const WIDTHS: [usize; 3] = [1, 2, 3];

/// A picture of which places are compared roughly. Everything stands at the places of the running sums.
#[derive(Debug)]
pub(super) struct Blurred {
    pub(super) stride: usize,
    /// By the height of boxes and how a row is cut: the means of four boxes from a place on.
    fours: [[Vec<Four>; 3]; 3],
    left: Left,
}

/// The sums of the squares of what is left beside the means of boxes.
#[derive(Debug)]
struct Left {
    /// Of boxes of one or two pixels, by height and width: of all that end at a place, one below and beside the other.
    both: [[Vec<i32>; 2]; 2],
    /// Of boxes three wide and one or two high: of those that end at a place, one below the other.
    down: [Vec<i32>; 2],
    /// Of boxes three high and one or two wide: of those that end at a place, one beside the other.
    across: [Vec<i32>; 2],
    /// Of boxes of three by three pixels, each for itself.
    corner: Vec<i32>,
}

impl Blurred {
    #[inline(always)]
    pub(super) fn of(field: &Field) -> Self {
        let stride = field.stride();
        let [one, two, three] = WIDTHS.map(|height| WIDTHS.map(|width| means(field, width, height)));
        let fours = [&one, &two, &three].map(|[one, two, three]| {
            [fours(one, one, [0, 1, 2, 3]), fours(two, two, [0, 2, 4, 6]), fours(three, two, [0, 3, 5, 7])]
        });
        Self { stride, fours, left: Left::of(field, stride) }
    }

    /// The means of four boxes of a row from each place on, by their height and the width of the first.
    pub(super) fn fours(&self, height: usize, width: usize) -> &[Four] {
        &self.fours[height - 1][width - 1]
    }

    /// The root of what is left beside the means of all boxes, at so many places from one on.
    #[inline(always)]
    pub(super) fn left(&self, cells: &Cells, start: usize) -> [f32; LANES] {
        let Cells { across, down } = cells;
        let both = &self.left.both[down.step - 1][across.step - 1];
        let at = |x: usize, y: usize| start + y * self.stride + x;
        let mut sums = minus(
            minus(run(both, at(across.length, down.length)), run(both, at(across.first, down.length))),
            minus(run(both, at(across.length, down.first)), run(both, at(across.first, down.first))),
        );
        if across.first > 0 {
            let column = &self.left.down[down.step - 1];
            sums = plus(sums, minus(run(column, at(0, down.length)), run(column, at(0, down.first))));
        }
        if down.first > 0 {
            let row = &self.left.across[across.step - 1];
            sums = plus(sums, minus(run(row, at(across.length, 0)), run(row, at(across.first, 0))));
        }
        if across.first > 0 && down.first > 0 {
            sums = plus(sums, run(&self.left.corner, start));
        }
        sums.map(|sum| (sum as f32).sqrt())
    }
}

impl Left {
    #[inline(always)]
    fn of(field: &Field, stride: usize) -> Self {
        let left = |width: usize, height: usize| left(field, width, height);
        let both =
            [1, 2].map(|height| [1, 2].map(|width| running(running(left(width, height), width), height * stride)));
        let down = [1, 2].map(|height| running(left(3, height), height * stride));
        let across = [1, 2].map(|width| running(left(width, 3), width));
        Self { both, down, across, corner: left(3, 3) }
    }
}

#[inline(always)]
fn run(values: &[i32], start: usize) -> [i32; LANES] {
    *values[start..].first_chunk().expect("room behind every place")
}

#[inline(always)]
fn plus(a: [i32; LANES], b: [i32; LANES]) -> [i32; LANES] {
    from_fn(|lane| a[lane] + b[lane])
}

#[inline(always)]
fn minus(a: [i32; LANES], b: [i32; LANES]) -> [i32; LANES] {
    from_fn(|lane| a[lane] - b[lane])
}

/// The rounded means of boxes.
#[inline(always)]
fn means(field: &Field, width: usize, height: usize) -> Vec<u32> {
    let share = 1.0 / (width * height) as f32;
    field.sums_of(width, height).into_iter().map(|sum| (sum as f32 * share + 0.5) as i32 as u32 & 0xff).collect()
}

/// What boxes hold beside their means, nothing of those that reach beyond the picture.
#[inline(always)]
fn left(field: &Field, width: usize, height: usize) -> Vec<i32> {
    let share = 1.0 / (width * height) as f32;
    let (sums, squares) = (field.sums_of(width, height), field.squares_of(width, height));
    let beside = |(sum, square): (i32, i32)| square - (sum as f32 * sum as f32 * share) as i32;
    let mut left: Vec<i32> = sums.into_iter().zip(squares).map(beside).collect();
    for row in left.chunks_mut(field.stride()) {
        let inside = (field.width + 1).saturating_sub(width).min(row.len());
        row[inside..].fill(0);
    }
    let last = (field.height + 1).saturating_sub(height) * field.stride();
    left[last..].fill(0);
    left
}

/// From each place on a box of the first kind and three of the second, which begin so much further on.
#[inline(always)]
fn fours(first: &[u32], others: &[u32], starts: [usize; 4]) -> Vec<Four> {
    let [_, second, third, fourth] = starts.map(|start| &others[start..]);
    let rows = first.iter().zip(second).zip(third).zip(fourth);
    let fours = rows.map(|(((first, second), third), fourth)| first | second << 8 | third << 16 | fourth << 24);
    fours.chain(std::iter::repeat_n(0, starts[3])).collect()
}

/// At each place the sum of the values so many places before, twice as many before, and so on.
#[inline(always)]
fn running(values: Vec<i32>, step: usize) -> Vec<i32> {
    let mut sums = vec![0_i32; values.len()];
    for place in step..values.len() {
        sums[place] = sums[place - step].wrapping_add(values[place - step]);
    }
    sums
}
