//! Grey pictures brought to other sizes.
//!
//! The same triangle as `image::imageops::resize`, so that pictures look as they always did; that function takes four
//! channels of any kind of pixel one by one, which is most of the time of comparing a small picture.

use image::GrayImage;

/// The picture at another width and height: each pixel the mean of those around its place, the nearer the heavier.
/// A picture without pixels gives black ones.
pub fn resized(picture: &GrayImage, width: u32, height: u32) -> GrayImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let (from_width, from_height) = (picture.width() as usize, picture.height() as usize);
    if picture.as_raw().is_empty() {
        return GrayImage::new(width, height);
    }
    let values: Vec<f32> = picture.as_raw().iter().map(|&value| f32::from(value)).collect();
    let lower = turned_and_scaled(&values, from_width, from_height, height as usize);
    let values = turned_and_scaled(&lower, height as usize, from_width, width as usize);
    let values = values.into_iter().map(|value| (value + 0.5) as u8).collect();
    GrayImage::from_raw(width, height, values).unwrap_or_default()
}

/// The picture brought to a width or height of so many pixels, whichever is larger, in its own proportions.
pub fn within(picture: &GrayImage, side: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let scale = f64::from(side) / f64::from(width.max(height).max(1));
    let to = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    resized(picture, to(width), to(height))
}

/// The values at another height, columns for rows.
fn turned_and_scaled(values: &[f32], width: usize, height: usize, to: usize) -> Vec<f32> {
    let mut turned = vec![0.0; width * to];
    let mut row = vec![0.0; width];
    for place in 0..to {
        row.fill(0.0);
        add_rows(&mut row, values, &Weights::of(place, height, to));
        for (value, column) in row.iter().zip(turned.chunks_exact_mut(to)) {
            column[place] = *value;
        }
    }
    turned
}

fn add_rows(sums: &mut [f32], values: &[f32], weights: &Weights) {
    let rows = values.chunks_exact(sums.len()).skip(weights.first);
    for (row, weight) in rows.zip(&weights.of) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
}

/// How much the rows count from the first one on, 1 in all.
struct Weights {
    first: usize,
    of: Vec<f32>,
}

impl Weights {
    fn of(place: usize, height: usize, to: usize) -> Self {
        let ratio = height as f32 / to as f32;
        let (reach, middle) = (ratio.max(1.0), (place as f32 + 0.5) * ratio);
        let first = ((middle - reach).floor().max(0.0) as usize).min(height - 1);
        let last = ((middle + reach).ceil() as usize).clamp(first + 1, height);
        let weight = |row: usize| (1.0 - ((row as f32 - (middle - 0.5)) / reach).abs()).max(0.0);
        let sum: f32 = (first..last).map(weight).sum();
        Self { first, of: (first..last).map(|row| weight(row) / sum).collect() }
    }
}

#[cfg(test)]
mod tests {
    use image::imageops::{FilterType, resize};
    use image::{GrayImage, Luma};

    use super::{resized, within};

    fn picture(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| Luma([((x * 37 + y * 91 + x * y * 5) % 256) as u8]))
    }

    #[test]
    fn a_picture_looks_as_the_library_makes_it() {
        for (width, height) in [(128, 128), (96, 61), (7, 200), (24, 24), (1, 1), (3, 50)] {
            for to in [(24, 24), (48, 48), (32, 32), (5, 90), (1, 1)] {
                let (ours, theirs) = (picture(width, height), picture(width, height));
                let (ours, theirs) = (resized(&ours, to.0, to.1), resize(&theirs, to.0, to.1, FilterType::Triangle));
                assert_eq!(ours, theirs, "{width} × {height} to {to:?}");
            }
        }
    }

    #[test]
    fn a_picture_keeps_its_proportions_and_one_without_pixels_is_black() {
        assert_eq!(within(&picture(200, 50), 48).dimensions(), (48, 12));
        assert_eq!(within(&picture(1, 300), 48).dimensions(), (1, 48));
        assert_eq!(resized(&GrayImage::new(0, 3), 2, 2), GrayImage::new(2, 2));
    }
}
