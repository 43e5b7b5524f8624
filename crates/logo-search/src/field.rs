//! Grey values with running sums, and how a pattern correlates with each place of them.

use std::array::from_fn;

use image::GrayImage;

use crate::products::{LANES, STEP, product};
use crate::sieve::Candidate;

/// Grey values differ by so much at least (standard deviation) where a pattern can be seen at all.
const DEVIATION_MIN: f64 = 4.0;
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
    /// One divided by it, zero where it is zero.
    share: f64,
    /// The sum as a part of the area.
    beside: f64,
}

impl Pattern {
    pub(super) fn of(picture: &GrayImage) -> Self {
        let pixels = picture.as_raw();
        let mean = pixels.iter().map(|&value| i64::from(value)).sum::<i64>() / pixels.len().max(1) as i64;
        let values: Vec<i16> = pixels.iter().map(|&value| i16::from(value) - mean as i16).collect();
        let sum: i64 = values.iter().map(|&value| i64::from(value)).sum();
        let squares: f64 = values.iter().map(|&value| f64::from(value).powi(2)).sum();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let stride = width.next_multiple_of(STEP);
        let mut rows = vec![0; stride * height];
        for (row, values) in rows.chunks_exact_mut(stride).zip(values.chunks_exact(width)) {
            row[..width].copy_from_slice(values);
        }
        let norm = (squares - (sum as f64).powi(2) / pixels.len().max(1) as f64).max(0.0).sqrt();
        let share = if norm == 0.0 { 0.0 } else { 1.0 / norm };
        let beside = sum as f64 / pixels.len().max(1) as f64;
        Self { width, height, stride, sum, norm, share, beside, values: rows }
    }

    pub(super) const fn area(&self) -> usize {
        self.width * self.height
    }

    /// The mean of a box, of the drawing freed from its mean and brought to a norm of 1.
    pub(super) fn mean(&self, x: usize, y: usize, width: usize, height: usize) -> f64 {
        let rows = (y..y + height).flat_map(|y| &self.values[y * self.stride + x..][..width]);
        let mean = rows.map(|&value| f64::from(value)).sum::<f64>() / (width * height) as f64;
        (mean - self.sum as f64 / self.area() as f64) * self.share
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
        let values: Vec<i16> = pixels.chain([0; STEP]).collect();
        let pixels = || picture.as_raw().iter().map(|&value| i32::from(value));
        let sums = running(width, height, pixels());
        let squares = running(width, height, pixels().map(|value| value * value));
        Self { width, height, values, sums, squares }
    }

    /// The best correlation at most so many pixels from a place, and where it is.
    pub(super) fn best_near(&self, pattern: &Pattern, x: usize, y: usize, near: usize) -> (f64, usize, usize) {
        if pattern.width > self.width || pattern.height > self.height {
            return (0.0, x, y);
        }
        let around = |place: usize, last: usize| place.saturating_sub(near).min(last)..=(place + near).min(last);
        let places = around(y, self.height - pattern.height)
            .flat_map(|y| around(x, self.width - pattern.width).map(move |x| (x, y)));
        let measured = places.map(|(x, y)| (self.correlation(pattern, x, y), x, y));
        measured.fold((0.0, x, y), |best, place| if place.0 > best.0 { place } else { best })
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

    /// The sums over all boxes of a size, at the places of the running sums.
    pub(super) fn sums_of(&self, width: usize, height: usize) -> Vec<i32> {
        rectangles(&self.sums, width, height * self.stride())
    }

    /// The same of the squares.
    pub(super) fn squares_of(&self, width: usize, height: usize) -> Vec<i32> {
        rectangles(&self.squares, width, height * self.stride())
    }

    /// The root of the spread of a size at so many places from one on, without end where nothing can be seen.
    #[inline(always)]
    pub(super) fn norms(&self, start: usize, width: usize, height: usize) -> [f32; LANES] {
        let (area, down) = ((width * height) as f32, height * self.stride());
        let share = 1.0 / area;
        let (sums, squares) = (over(&self.sums[start..], width, down), over(&self.squares[start..], width, down));
        let least = area * (DEVIATION_MIN as f32).powi(2);
        from_fn(|lane| {
            let spread = squares[lane] - sums[lane] * sums[lane] * share;
            if spread < least { f32::INFINITY } else { spread.sqrt() }
        })
    }

    /// The amount of the correlation at a place of which the root of the spread is known.
    pub(super) fn correlation_of(&self, pattern: &Pattern, place: &Candidate) -> f64 {
        let (at, down) = (place.y * self.stride() + place.x, pattern.height * self.stride());
        let sums = &self.sums[at..];
        let sum = sums[pattern.width + down] - sums[pattern.width] - sums[down] + sums[0];
        let product = self.product(pattern, place.x, place.y) as f64 - pattern.beside * f64::from(sum);
        (product * pattern.share / f64::from(place.norm)).abs()
    }

    /// The scalar product with a pattern at a place: 48 × 48 products of at most 255 × 255 fit.
    fn product(&self, pattern: &Pattern, x: usize, y: usize) -> i64 {
        let (values, steps) = (&self.values[y * self.width + x..], pattern.values.as_chunks().0);
        i64::from(match pattern.stride / STEP {
            1 => product::<1>(values, self.width, steps.as_chunks().0),
            2 => product::<2>(values, self.width, steps.as_chunks().0),
            3 => product::<3>(values, self.width, steps.as_chunks().0),
            4 => product::<4>(values, self.width, steps.as_chunks().0),
            5 => product::<5>(values, self.width, steps.as_chunks().0),
            _ => product::<6>(values, self.width, steps.as_chunks().0),
        })
    }
}

/// Sums over everything above and to the left of each place.
fn running(width: usize, height: usize, values: impl Iterator<Item = i32>) -> Vec<i32> {
    let stride = width + 1;
    let mut sums = vec![0; stride * (height + 1) + 2 * LANES];
    let mut row = 0;
    for (number, value) in values.enumerate() {
        let place = (number / width + 1) * stride + number % width + 1;
        row = if number.is_multiple_of(width) { value } else { row + value };
        sums[place] = sums[place - stride] + row;
    }
    sums
}

/// The sums over rectangles that reach so far to the right and down, at the first places.
#[inline(always)]
fn over(running: &[i32], right: usize, down: usize) -> [f32; LANES] {
    let at = |start: usize| -> &[i32; LANES] { running[start..].first_chunk().expect("room behind every place") };
    let (start, upper, lower, end) = (at(0), at(right), at(down), at(right + down));
    from_fn(|lane| (end[lane] - upper[lane] - lower[lane] + start[lane]) as f32)
}

/// The same at all places at once, and zeros behind.
#[inline(always)]
fn rectangles(running: &[i32], right: usize, down: usize) -> Vec<i32> {
    let ends = running[right + down..].iter().zip(&running[right..]);
    let starts = running[down..].iter().zip(running);
    let sums = ends.zip(starts).map(|((end, upper), (lower, start))| end - upper - lower + start);
    sums.chain(std::iter::repeat_n(0, right + down)).collect()
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
            assert!((field.best_near(&pattern, 5, 9, 2).0 - 1.0).abs() < 1e-6, "one pixel beside");
            image::imageops::invert(&mut cut);
        }
    }

    #[test]
    fn nothing_correlates_with_an_even_ground_or_fits_into_less() {
        let even = Field::of(&GrayImage::from_pixel(24, 24, Luma([120])));
        assert!(even.correlation(&Pattern::of(&picture()), 0, 0).abs() < f64::EPSILON);
        assert!(Field::of(&GrayImage::new(4, 4)).best_near(&Pattern::of(&picture()), 0, 0, 2).0.abs() < f64::EPSILON);
    }
}
