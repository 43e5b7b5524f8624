//! Grey values with running sums, and how a pattern correlates with each place of them.

use image::GrayImage;

use crate::sieve::Cell;

/// Grey values differ by so much at least (standard deviation) where a pattern can be seen at all.
const DEVIATION_MIN: f64 = 4.0;
/// Pixels around a place that are looked at closely.
const NEAR: usize = 2;

/// Values that are multiplied in one go.
const LANES: usize = 8;

/// A picture to be searched.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row by row, with a few zeros at the end so that whole lanes can be read everywhere.
    values: Vec<i16>,
    /// Sums of values over everything above and to the left, with a row and a column of zeros.
    sums: Vec<i32>,
    /// The same of the squares of the values: enough for a picture of 180 pixels.
    squares: Vec<i32>,
}

/// A pattern that is looked for, its values freed from their mean.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row by row, each filled up with zeros to whole lanes.
    values: Vec<i16>,
    stride: usize,
    /// Sum of the values, which rounding leaves a little beside zero.
    sum: i64,
    /// Root of the sum of the squares of their distances from their mean.
    norm: f64,
}

impl Pattern {
    pub(super) fn of(picture: &GrayImage) -> Self {
        let pixels = picture.as_raw();
        let mean = pixels.iter().map(|&value| i64::from(value)).sum::<i64>() / pixels.len().max(1) as i64;
        let values: Vec<i16> = pixels.iter().map(|&value| i16::from(value) - mean as i16).collect();
        let sum: i64 = values.iter().map(|&value| i64::from(value)).sum();
        let squares: f64 = values.iter().map(|&value| f64::from(value).powi(2)).sum();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let stride = width.next_multiple_of(LANES);
        let mut rows = vec![0; stride * height];
        for (row, values) in rows.chunks_exact_mut(stride).zip(values.chunks_exact(width)) {
            row[..width].copy_from_slice(values);
        }
        Self {
            width,
            height,
            stride,
            sum,
            norm: (squares - (sum as f64).powi(2) / pixels.len().max(1) as f64).max(0.0).sqrt(),
            values: rows,
        }
    }

    pub(super) const fn area(&self) -> usize {
        self.width * self.height
    }

    /// The sum over a rectangle as a part of the whole drawing.
    pub(super) fn mean(&self, cell: Cell) -> f64 {
        let rows = (cell.y..cell.y + cell.height).flat_map(|y| &self.values[y * self.stride + cell.x..][..cell.width]);
        let area = (cell.width * cell.height) as f64;
        let sum = rows.map(|&value| f64::from(value)).sum::<f64>() - self.sum as f64 * area / self.area() as f64;
        if self.norm == 0.0 { 0.0 } else { sum / (area.sqrt() * self.norm) }
    }

    /// Correlation of the pattern with itself one pixel on: how coarse its drawing is, -1..=1.
    pub(super) fn smoothness(&self) -> f64 {
        let at = |x: usize, y: usize| f64::from(self.values[y * self.stride + x]);
        let mean = |pairs: Vec<f64>| pairs.iter().sum::<f64>() / pairs.len().max(1) as f64;
        let places = || (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        let across = places().filter(|(x, _)| x + 1 < self.width).map(|(x, y)| at(x, y) * at(x + 1, y)).collect();
        let down = places().filter(|(_, y)| y + 1 < self.height).map(|(x, y)| at(x, y) * at(x, y + 1)).collect();
        let square = self.norm.powi(2) / self.area().max(1) as f64;
        f64::midpoint(mean(across), mean(down)) / square.max(1e-9)
    }
}

impl Field {
    pub(super) fn of(picture: &GrayImage) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let pixels = picture.as_raw().iter().map(|&value| i16::from(value));
        let values: Vec<i16> = pixels.chain([0; LANES]).collect();
        let pixels = || picture.as_raw().iter().map(|&value| i32::from(value));
        let sums = running(width, height, pixels());
        Self { width, height, values, sums, squares: running(width, height, pixels().map(|value| value * value)) }
    }

    /// The best correlation at most three pixels from a place.
    pub(super) fn best_near(&self, pattern: &Pattern, x: usize, y: usize) -> f64 {
        if pattern.width > self.width || pattern.height > self.height {
            return 0.0;
        }
        let near = |place: usize, last: usize| place.saturating_sub(NEAR).min(last)..=(place + NEAR).min(last);
        let places = near(y, self.height - pattern.height)
            .flat_map(|y| near(x, self.width - pattern.width).map(move |x| (x, y)));
        places.map(|(x, y)| self.correlation(pattern, x, y)).fold(0.0, f64::max)
    }

    /// The amount of the correlation at a place where the pattern fits in, 0..=1.
    pub(super) fn correlation(&self, pattern: &Pattern, x: usize, y: usize) -> f64 {
        let area = pattern.area() as f64;
        let (sum, squares) = self.sums_over(x, y, pattern.width, pattern.height);
        let spread = squares as f64 - (sum as f64).powi(2) / area;
        if spread < area * DEVIATION_MIN.powi(2) || pattern.norm == 0.0 {
            return 0.0;
        }
        let product = self.product(pattern, x, y) as f64 - pattern.sum as f64 * sum as f64 / area;
        (product / (pattern.norm * spread.sqrt())).abs()
    }

    fn sums_over(&self, x: usize, y: usize, width: usize, height: usize) -> (i64, i64) {
        let (place, right, down) = (y * self.stride() + x, width, height * self.stride());
        let over = |sums: &[i32]| {
            i64::from(sums[place + right + down] - sums[place + right] - sums[place + down] + sums[place])
        };
        (over(&self.sums), over(&self.squares))
    }

    /// How many running sums stand in a row.
    pub(super) const fn stride(&self) -> usize {
        self.width + 1
    }

    /// The sums over all rectangles of a size, at the places of the running sums.
    pub(super) fn sums_of(&self, width: usize, height: usize) -> Vec<f32> {
        rectangles(&self.sums, width, height * self.stride())
    }

    /// The averages over all rectangles of a size, and one divided by the root of their spread, or zero where nothing
    /// can be seen.
    pub(super) fn averages(&self, width: usize, height: usize) -> (Vec<f32>, Vec<f32>) {
        let area = (width * height) as f32;
        let averages: Vec<f32> = self.sums_of(width, height).into_iter().map(|sum| sum / area).collect();
        let squares = rectangles(&self.squares, width, height * self.stride());
        let scale = |(square, average): (f32, &f32)| {
            let spread = square - average * average * area;
            if spread < area * (DEVIATION_MIN as f32).powi(2) * 0.99 { 0.0 } else { 1.0 / spread.sqrt() }
        };
        let scales = squares.into_iter().zip(&averages).map(scale).collect();
        (averages, scales)
    }

    fn product(&self, pattern: &Pattern, x: usize, y: usize) -> i64 {
        let row = |(line, values): (usize, &[i16])| {
            let start = (y + line) * self.width + x;
            i64::from(dot(&self.values[start..start + pattern.stride], values))
        };
        pattern.values.chunks_exact(pattern.stride).enumerate().map(row).sum()
    }
}

/// Sums over everything above and to the left of each place.
fn running(width: usize, height: usize, values: impl Iterator<Item = i32>) -> Vec<i32> {
    let stride = width + 1;
    let mut sums = vec![0; stride * (height + 1)];
    let mut row = 0;
    for (number, value) in values.enumerate() {
        let place = (number / width + 1) * stride + number % width + 1;
        row = if number.is_multiple_of(width) { value } else { row + value };
        sums[place] = sums[place - stride] + row;
    }
    sums
}

/// The sums over rectangles that reach so far to the right and down, at all places at once.
fn rectangles(running: &[i32], right: usize, down: usize) -> Vec<f32> {
    let ends = running[right + down..].iter().zip(&running[right..]);
    let starts = running[down..].iter().zip(running);
    ends.zip(starts).map(|((end, upper), (lower, start))| (end - upper - lower + start) as f32).collect()
}

/// The scalar product of two rows of whole lanes: 48 products of at most 255 × 255 fit.
fn dot(a: &[i16], b: &[i16]) -> i32 {
    let mut sums = [0_i32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            sums[lane] += i32::from(a[lane]) * i32::from(b[lane]);
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use image::imageops::crop_imm;
    use image::{GrayImage, Luma};

    use super::{Field, Pattern};

    fn picture() -> GrayImage {
        GrayImage::from_fn(24, 24, |x, y| Luma([((x * 37 + y * 91 + x * y * 5) % 251) as u8]))
    }

    #[test]
    fn a_cut_correlates_with_where_it_was_cut_out_inverted_as_well() {
        let mut cut = crop_imm(&picture(), 6, 8, 8, 7).to_image();
        for _ in 0..2 {
            let (field, pattern) = (Field::of(&picture()), Pattern::of(&cut));
            assert!((field.correlation(&pattern, 6, 8) - 1.0).abs() < 1e-6);
            assert!(field.correlation(&pattern, 9, 3) < 0.9);
            assert!((field.best_near(&pattern, 5, 9) - 1.0).abs() < 1e-6, "one pixel beside");
            image::imageops::invert(&mut cut);
        }
    }

    #[test]
    fn nothing_correlates_with_an_even_ground_or_fits_into_less() {
        let even = Field::of(&GrayImage::from_pixel(24, 24, Luma([120])));
        assert!(even.correlation(&Pattern::of(&picture()), 0, 0).abs() < f64::EPSILON);
        assert!(Field::of(&GrayImage::new(4, 4)).best_near(&Pattern::of(&picture()), 0, 0).abs() < f64::EPSILON);
    }

    #[test]
    fn sums_over_all_rectangles_are_those_over_each() {
        let field = Field::of(&picture());
        let sums = field.sums_of(5, 3);
        for (x, y) in [(0, 0), (19, 0), (4, 21), (19, 21)] {
            assert!((f64::from(sums[y * field.stride() + x]) - field.sums_over(x, y, 5, 3).0 as f64).abs() < 1e-3);
        }
    }
}
