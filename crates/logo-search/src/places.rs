//! All places of a picture at which patterns of one size are looked for.

use std::array::from_fn;

use crate::blurred::Blurred;
use crate::cells::Cells;
use crate::field::Field;
use crate::outline::Outline;
use crate::products::{Four, Fours, LANES};

/// Bytes at whose multiples a processor reads best.
const ALIGNED: usize = 64;

/// The places of one size, row by row. The same room is used for one size after another.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// How many stand in a row.
    pub(super) across: usize,
    /// How many goes there are, and how many fours of boxes.
    pub(super) goes: usize,
    pub(super) count: usize,
    /// For each four of boxes the means at all places, from a number on that is aligned.
    fours: Vec<Four>,
    first: usize,
    /// The root of the spread of each place, without end where nothing can be seen.
    norms: Vec<f32>,
    /// The root of what is left of each place beside the means.
    left: Vec<f32>,
}

impl Places {
    /// Takes in the places of a size that fits into the picture.
    #[inline(always)]
    pub(super) fn fill(&mut self, field: &Field, blurred: &Blurred, cells: &Cells) {
        let (across, down) = (field.width + 1 - cells.across.length, field.height + 1 - cells.down.length);
        (self.across, self.goes, self.count) = (across, (across * down).div_ceil(LANES), cells.fours());
        self.make_room();
        for (place, start) in runs(across, down, field.stride()) {
            put(&mut self.norms, place, field.norms(start, cells.across.length, cells.down.length));
            put(&mut self.left, place, blurred.left(cells, start));
        }
        self.norms[across * down..].fill(f32::INFINITY);
        self.fill_fours(blurred, cells, down);
    }

    #[inline(always)]
    fn fill_fours(&mut self, blurred: &Blurred, cells: &Cells, down: usize) {
        let mut to = self.first;
        for (row, height) in cells.down.parts() {
            for (column, width) in cells.across.parts().step_by(4) {
                let from = &blurred.fours(height, width)[row * blurred.stride + column..];
                for (place, start) in runs(self.across, down, blurred.stride) {
                    let run: Fours = *from[start..].first_chunk().expect("room behind every place");
                    put(&mut self.fours, to + place, run);
                }
                to += self.goes * LANES;
            }
        }
    }

    /// What is written behind the last place of a row is written over by the next, and there is room behind the last row.
    fn make_room(&mut self) {
        let places = (self.goes + 2) * LANES;
        self.norms.resize(places, 0.0);
        self.left.resize(places, 0.0);
        let fours = (self.count * self.goes + 3) * LANES;
        self.fours.resize(fours.max(self.fours.len()), 0);
        self.first = self.fours.as_ptr().align_offset(ALIGNED).min(LANES);
    }

    /// The means of all places, four by four of the boxes.
    #[inline(always)]
    pub(super) fn fours(&self) -> impl Iterator<Item = &[Fours]> {
        self.fours[self.first..].as_chunks().0.chunks_exact(self.goes).take(self.count)
    }

    /// How large the amount of a sum must be at each place of a go.
    #[inline(always)]
    pub(super) fn least(&self, outline: &Outline, go: usize) -> [f32; LANES] {
        let (norms, left) = (&self.norms.as_chunks::<LANES>().0[go], &self.left.as_chunks::<LANES>().0[go]);
        from_fn(|lane| outline.norm * norms[lane] - outline.left * left[lane] - outline.rounded)
    }

    /// The root of the spread of a place.
    pub(super) fn norm(&self, place: usize) -> f32 {
        self.norms[place]
    }
}

/// Runs of places: where each stands among the places, and among the running sums.
#[inline(always)]
fn runs(across: usize, down: usize, stride: usize) -> impl Iterator<Item = (usize, usize)> {
    let starts = move |y: usize| (0..across).step_by(LANES).map(move |x| (y * across + x, y * stride + x));
    (0..down).flat_map(starts)
}

#[inline(always)]
fn put<T>(to: &mut [T], place: usize, values: [T; LANES]) {
    *to[place..].first_chunk_mut().expect("room behind every place") = values;
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::Places;
    use crate::blurred::Blurred;
    use crate::cells::Cells;
    use crate::field::Field;

    #[test]
    fn a_place_has_the_means_of_its_boxes_and_what_is_left_beside_them() {
        let picture = GrayImage::from_fn(24, 24, |x, y| Luma([((x * 37 + y * 91 + x * y * 5) % 251) as u8]));
        let field = Field::of(&picture);
        for (width, height) in [(7, 8), (8, 13), (13, 8), (11, 12), (13, 13), (22, 9), (24, 24)] {
            let (cells, mut places) = (Cells::of(width, height), Places::default());
            places.fill(&field, &Blurred::of(&field), &cells);
            for (x, y) in [(0, 0), (24 - width, 24 - height), ((24 - width) / 2, (24 - height) / 3)] {
                let (means, left) = by_hand(&picture, &cells, x, y);
                let place = y * places.across + x;
                let fours = places.fours().map(|fours| fours.as_flattened()[place].to_le_bytes()).collect::<Vec<_>>();
                let rows = fours.chunks(cells.across.parts().count().div_ceil(4));
                let seen = rows.flat_map(|row| row.as_flattened().iter().take(cells.across.parts().count()));
                assert!(seen.zip(&means).all(|(seen, mean)| (f64::from(*seen) - mean).abs() <= 0.5001));
                assert!(
                    (f64::from(places.left[place]).powi(2) - left).abs() <= means.len() as f64,
                    "{width} × {height}"
                );
            }
        }
    }

    fn by_hand(picture: &GrayImage, cells: &Cells, x: usize, y: usize) -> (Vec<f64>, f64) {
        let boxes = cells.down.parts().flat_map(|down| cells.across.parts().map(move |across| (across, down)));
        let measured = boxes.map(|((left, width), (top, height))| {
            let values = (0..width * height)
                .map(|at| picture.get_pixel((x + left + at % width) as u32, (y + top + at / width) as u32).0[0])
                .map(f64::from);
            let mean = values.clone().sum::<f64>() / (width * height) as f64;
            (mean, values.map(|value| (value - mean).powi(2)).sum::<f64>())
        });
        let (means, left): (Vec<f64>, Vec<f64>) = measured.unzip();
        (means, left.iter().sum())
    }
}
