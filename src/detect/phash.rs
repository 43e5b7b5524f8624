//! 64-bit perceptual hash of an image, by the discrete cosine transform: the signs of the 8×8 lowest frequencies
//! of a 32×32 grey picture against their median (the pHash of C. Zauner, "Implementation and Benchmarking of
//! Perceptual Image Hash Functions", 2010).

use std::array::from_fn;
use std::f64::consts::PI;
use std::sync::LazyLock;

use image::GrayImage;
use logo_search::resized;

use crate::detect::picture::{PictureError, grey};

/// Side of the picture on which the transform runs.
const SIDE: usize = 32;
/// Side of the block of frequencies that is kept.
const KEPT: usize = 8;
/// The waves of the frequencies kept at each of the places.
static BASIS: LazyLock<[[f64; KEPT]; SIDE]> =
    LazyLock::new(|| from_fn(|n| from_fn(|k| (PI / SIDE as f64 * (n as f64 + 0.5) * k as f64).cos())));

/// The hash of an encoded image (PNG, JPEG, WebP or GIF). Transparent parts count as white.
///
/// # Errors
/// [`PictureError`] when it cannot be read within the limits.
pub fn phash64(bytes: &[u8]) -> Result<u64, PictureError> {
    grey(bytes).map(|picture| phash_of(&picture))
}

/// The hash of grey values.
pub fn phash_of(picture: &GrayImage) -> u64 {
    signs(low_frequencies(resized(picture, SIDE as u32, SIDE as u32).as_raw()).as_flattened())
}

/// The 8×8 lowest frequencies of the two-dimensional DCT-II, rows first.
fn low_frequencies(grey: &[u8]) -> [[f64; KEPT]; KEPT] {
    let mut frequencies = [[0.0; KEPT]; KEPT];
    for (row, basis) in grey.chunks_exact(SIDE).zip(&*BASIS) {
        let across = across(row);
        for (sums, down) in frequencies.iter_mut().zip(basis) {
            sums.iter_mut().zip(across).for_each(|(sum, across)| *sum += across * down);
        }
    }
    frequencies
}

/// The lowest frequencies of a row.
fn across(row: &[u8]) -> [f64; KEPT] {
    let mut frequencies = [0.0; KEPT];
    for (value, basis) in row.iter().zip(&*BASIS) {
        frequencies.iter_mut().zip(basis).for_each(|(sum, wave)| *sum += f64::from(*value) * wave);
    }
    frequencies
}

/// One bit a frequency: above the median of all but the mean brightness.
fn signs(frequencies: &[f64]) -> u64 {
    let mut sorted: Vec<f64> = frequencies[1..].to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    frequencies.iter().fold(0, |hash, &f| (hash << 1) | u64::from(f > median))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{Rgb, RgbImage};

    use super::phash64;

    fn drawn(side: u32, dark_left: bool) -> Vec<u8> {
        let picture = RgbImage::from_fn(side, side, |x, y| {
            let inside = (x > side / 4) != (y > side / 3);
            if inside == dark_left { Rgb([20, 30, 90]) } else { Rgb([240, 240, 230]) }
        });
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn a_resized_mark_stays_within_a_few_bits() {
        let distance = phash64(&drawn(256, true)).unwrap() ^ phash64(&drawn(64, true)).unwrap();
        assert!(distance.count_ones() <= 8, "{distance:064b}");
    }

    #[test]
    fn another_picture_is_far_away() {
        let distance = phash64(&drawn(128, true)).unwrap() ^ phash64(&drawn(128, false)).unwrap();
        assert!(distance.count_ones() > 20);
    }
}
