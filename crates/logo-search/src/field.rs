//! Grey values with running sums, and how a pattern correlates with each place of them.

use image::GrayImage;

/// Grey values differ by so much at least (standard deviation) where a pattern can be seen at all.
const DEVIATION_MIN: f64 = 4.0;
/// Pixels from one place that is looked at to the next: a correlation falls slowly around its peak.
const STEP: usize = 1;
/// Pixels around a place that are looked at closely.
const NEAR: usize = 2;

/// Values that are multiplied in one go.
const LANES: usize = 8;

/// A picture to be searched.
#[derive(Debug)]
pub(super) struct Field {
    width: usize,
    height: usize,
    /// Row by row, with a few zeros at the end so that whole lanes can be read everywhere.
    values: Vec<i16>,
    /// Sums of values and of their squares over everything above and to the left, with a row and a column of zeros.
    sums: Vec<(i64, i64)>,
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
        let mut sums = vec![(0, 0); (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = (0, 0);
            for x in 0..width {
                let value = i64::from(values[y * width + x]);
                row = (row.0 + value, row.1 + value * value);
                let above = sums[y * (width + 1) + x + 1];
                sums[(y + 1) * (width + 1) + x + 1] = (above.0 + row.0, above.1 + row.1);
            }
        }
        Self { width, height, values, sums }
    }

    /// The place where the pattern correlates best, of every second one, with the amount of the correlation, 0..=1.
    pub(super) fn best(&self, pattern: &Pattern) -> Option<(usize, usize, f64)> {
        let (right, bottom) = (self.width.checked_sub(pattern.width)?, self.height.checked_sub(pattern.height)?);
        let places = (0..=bottom).step_by(STEP).flat_map(|y| (0..=right).step_by(STEP).map(move |x| (x, y)));
        places.map(|(x, y)| (x, y, self.correlation(pattern, x, y))).max_by(|a, b| a.2.total_cmp(&b.2))
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

    fn correlation(&self, pattern: &Pattern, x: usize, y: usize) -> f64 {
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
        let at = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let (all, above, left, both) = (at(x + width, y + height), at(x + width, y), at(x, y + height), at(x, y));
        (all.0 - above.0 - left.0 + both.0, all.1 - above.1 - left.1 + both.1)
    }

    fn product(&self, pattern: &Pattern, x: usize, y: usize) -> i64 {
        let row = |(line, values): (usize, &[i16])| {
            let start = (y + line) * self.width + x;
            i64::from(dot(&self.values[start..start + pattern.stride], values))
        };
        pattern.values.chunks_exact(pattern.stride).enumerate().map(row).sum()
    }
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
    fn a_cut_is_found_where_it_was_cut_out_inverted_as_well() {
        let mut cut = crop_imm(&picture(), 6, 8, 8, 7).to_image();
        for _ in 0..2 {
            let (x, y, correlation) = Field::of(&picture()).best(&Pattern::of(&cut)).unwrap();
            assert!((x, y) == (6, 8) && (correlation - 1.0).abs() < 1e-6, "{x} {y} {correlation}");
            image::imageops::invert(&mut cut);
        }
    }

    #[test]
    fn nothing_correlates_with_an_even_ground_or_fits_into_less() {
        let even = Field::of(&GrayImage::from_pixel(24, 24, Luma([120])));
        assert_eq!(even.best(&Pattern::of(&picture())).map(|best| best.2), Some(0.0));
        assert!(Field::of(&GrayImage::new(4, 4)).best(&Pattern::of(&picture())).is_none());
    }
}
