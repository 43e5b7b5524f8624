//! Where in a picture a pattern may be at all: a rough comparison that leaves few places to be looked at.
//!
//! A pattern and a place of the picture are cut into the same few rectangles. Their correlation is that of the rectangles'
//! means and that of what is left beside the means; the latter is at most what both have left (Cauchy and Schwarz), and
//! less in practice. The means of a place are the same for all patterns of a size, so that all marks share them.

use std::collections::BTreeMap;

use crate::field::{Field, Pattern};

/// Rectangles into which a pattern is cut, about.
const CELLS: f64 = 16.0;
/// What is left of a pattern and of a place beside the means correlates at most so much. With 1 nothing can be lost; with
/// this nothing was (`docs/benchmarks.md`).
const LEFT: f64 = 0.8;
/// Places that are compared in one go.
const LANES: usize = 8;

/// Patterns by width and height.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    sizes: BTreeMap<(usize, usize), Vec<Outline>>,
}

/// What the rough comparison knows of a pattern.
#[derive(Debug)]
struct Outline {
    number: usize,
    /// The mean of each rectangle as a part of the whole drawing, whose squares add up to at most 1.
    means: Vec<f32>,
    /// What is left beside the means, times what of it may correlate.
    left: f32,
    /// The least correlation that is asked for.
    least: f32,
}

/// A place where a pattern may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The pattern's number, as given.
    pub(super) number: usize,
    pub(super) x: usize,
    pub(super) y: usize,
}

/// A rectangle of a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// All places of a picture at which patterns of one size are looked for, row by row.
struct Places {
    /// How many stand in a row.
    across: usize,
    /// So many places at a time, the means of each rectangle, in the measure of the outlines.
    means: Vec<[f32; LANES]>,
    /// What is left of the places beside the means.
    left: Vec<[f32; LANES]>,
}

/// Sums over the rectangles of a picture, each kind made once.
struct Sums<'f> {
    field: &'f Field,
    of: BTreeMap<(usize, usize), Vec<f32>>,
}

impl Sieve {
    /// Takes in a pattern, which is looked for where it correlates at least so much.
    pub(super) fn add(&mut self, number: usize, pattern: &Pattern, least: f64) {
        let means: Vec<f64> = cells(pattern.width, pattern.height).into_iter().map(|cell| pattern.mean(cell)).collect();
        let left = (1.0 - means.iter().map(|mean| mean.powi(2)).sum::<f64>()).max(0.0).sqrt();
        let means = means.into_iter().map(|mean| mean as f32).collect();
        let outline = Outline { number, means, left: (LEFT * left) as f32, least: least as f32 };
        self.sizes.entry((pattern.width, pattern.height)).or_default().push(outline);
    }

    /// The places where patterns may correlate as much as was asked for; of each pattern in the order of rows.
    pub(super) fn candidates(&self, field: &Field) -> Vec<Candidate> {
        let mut sums = Sums { field, of: BTreeMap::new() };
        let mut candidates = Vec::new();
        for (&(width, height), outlines) in &self.sizes {
            let places = sums.places(width, height);
            let found = places.iter().flat_map(|places| outlines.iter().flat_map(|outline| outline.found(places)));
            candidates.extend(found);
        }
        candidates
    }
}

impl Outline {
    /// The places whose bound is high enough.
    fn found(&self, places: &Places) -> Vec<Candidate> {
        let mut found = Vec::new();
        let groups = places.means.chunks_exact(self.means.len()).zip(&places.left);
        for (group, (means, left)) in groups.enumerate() {
            let bounds = self.bounds(means, left);
            if bounds.iter().any(|bound| *bound >= self.least) {
                let lanes = (0..LANES).filter(|lane| bounds[*lane] >= self.least);
                found.extend(lanes.map(|lane| self.candidate(group * LANES + lane, places.across)));
            }
        }
        found
    }

    /// The most that the pattern may correlate with each of so many places.
    fn bounds(&self, means: &[[f32; LANES]], left: &[f32; LANES]) -> [f32; LANES] {
        let mut sums = [0.0_f32; LANES];
        for (means, mean) in means.iter().zip(&self.means) {
            for lane in 0..LANES {
                sums[lane] += means[lane] * mean;
            }
        }
        std::array::from_fn(|lane| sums[lane].abs() + self.left * left[lane])
    }

    const fn candidate(&self, place: usize, across: usize) -> Candidate {
        Candidate { number: self.number, y: place / across, x: place % across }
    }
}

impl Sums<'_> {
    /// The places for a size, none when it does not fit into the picture.
    fn places(&mut self, width: usize, height: usize) -> Option<Places> {
        let across = (self.field.width + 1).checked_sub(width).filter(|across| *across > 0)?;
        let down = (self.field.height + 1).checked_sub(height).filter(|down| *down > 0)?;
        let (averages, scales) = self.field.averages(width, height);
        let cells = cells(width, height);
        let columns: Vec<Vec<[f32; LANES]>> =
            cells.iter().map(|cell| self.column(*cell, &averages, &scales, across, down)).collect();
        let means = (0..columns[0].len()).flat_map(|group| columns.iter().map(move |column| column[group]));
        let means: Vec<[f32; LANES]> = means.collect();
        let left = means.chunks_exact(cells.len()).map(left).collect();
        Some(Places { across, means, left })
    }

    /// The means of one rectangle at all places, filled up to whole lanes.
    fn column(
        &mut self,
        cell: Cell,
        averages: &[f32],
        scales: &[f32],
        across: usize,
        down: usize,
    ) -> Vec<[f32; LANES]> {
        let (field, root) = (self.field, ((cell.width * cell.height) as f32).sqrt());
        let sums = self.of.entry((cell.width, cell.height)).or_insert_with(|| field.sums_of(cell.width, cell.height));
        let mut column = Vec::with_capacity((across * down).next_multiple_of(LANES));
        for y in 0..down {
            let start = y * field.stride();
            let sums = &sums[start + cell.y * field.stride() + cell.x..][..across];
            let row = sums.iter().zip(&averages[start..][..across]).zip(&scales[start..][..across]);
            column.extend(row.map(|((sum, average), scale)| (sum / root - average * root) * scale));
        }
        column.resize(column.len().next_multiple_of(LANES), 0.0);
        column.as_chunks().0.to_vec()
    }
}

/// What is left of places beside the means of their rectangles.
fn left(means: &[[f32; LANES]]) -> [f32; LANES] {
    let mut squares = [0.0_f32; LANES];
    for means in means {
        for lane in 0..LANES {
            squares[lane] += means[lane] * means[lane];
        }
    }
    // Nothing is seen where all means are alike.
    squares.map(|square| if square == 0.0 { 0.0 } else { (1.0 - square).max(0.0).sqrt() })
}

/// The rectangles into which a size is cut.
fn cells(width: usize, height: usize) -> Vec<Cell> {
    let side = ((width * height) as f64 / CELLS).sqrt();
    let (across, down) = (cuts(width, side), cuts(height, side));
    down.iter().flat_map(|&(y, height)| across.iter().map(move |&(x, width)| Cell { x, y, width, height })).collect()
}

/// Starts and lengths of the parts of a length.
fn cuts(length: usize, part: f64) -> Vec<(usize, usize)> {
    let parts = ((length as f64 / part).round() as usize).clamp(1, length);
    let start = |part: usize| part * length / parts;
    (0..parts).map(|part| (start(part), start(part + 1) - start(part))).collect()
}

#[cfg(test)]
mod tests {
    use image::imageops::crop_imm;
    use image::{GrayImage, Luma};

    use super::{Candidate, Sieve, cells};
    use crate::field::{Field, Pattern};

    fn picture() -> GrayImage {
        GrayImage::from_fn(24, 24, |x, y| Luma([((x * 37 + y * 91 + x * y * 5) % 251) as u8]))
    }

    fn cut(x: u32, y: u32, width: u32, height: u32) -> Pattern {
        Pattern::of(&crop_imm(&picture(), x, y, width, height).to_image())
    }

    fn candidates(pattern: &Pattern, least: f64, picture: &GrayImage) -> Vec<Candidate> {
        let mut sieve = Sieve::default();
        sieve.add(7, pattern, least);
        sieve.candidates(&Field::of(picture))
    }

    #[test]
    fn a_place_that_is_alike_is_a_candidate_in_every_size_and_inverted() {
        let mut inverted = picture();
        image::imageops::invert(&mut inverted);
        for (x, y, width, height) in [(6, 8, 8, 7), (0, 0, 24, 24), (17, 1, 7, 22), (3, 21, 20, 3), (23, 0, 1, 9)] {
            let wanted = Candidate { number: 7, x: x as usize, y: y as usize };
            for picture in [picture(), inverted.clone()] {
                assert!(candidates(&cut(x, y, width, height), 0.8, &picture).contains(&wanted), "{wanted:?}");
            }
        }
    }

    #[test]
    fn every_place_that_correlates_enough_is_a_candidate_and_few_others_are() {
        let (field, pattern) = (Field::of(&picture()), cut(6, 8, 10, 9));
        for least in [0.4, 0.6, 0.8] {
            let candidates = candidates(&pattern, least, &picture());
            let places = (0..=15).flat_map(|y| (0..=14).map(move |x| Candidate { number: 7, x, y }));
            let mut alike = places.filter(|at| field.correlation(&pattern, at.x, at.y) >= least);
            assert!(alike.all(|place| candidates.contains(&place)), "{least}");
            assert!(least < 0.8 || candidates.len() < 24, "{}", candidates.len());
        }
    }

    #[test]
    fn an_even_ground_and_a_picture_too_small_have_no_candidates() {
        assert!(candidates(&cut(6, 8, 8, 7), 0.1, &GrayImage::from_pixel(24, 24, Luma([120]))).is_empty());
        assert!(candidates(&cut(6, 8, 8, 7), 0.1, &GrayImage::new(24, 6)).is_empty());
    }

    #[test]
    fn rectangles_cover_a_size_without_overlapping() {
        for (width, height) in [(7, 7), (22, 3), (1, 9), (13, 10), (24, 24)] {
            let area: usize = cells(width, height).iter().map(|cell| cell.width * cell.height).sum();
            assert_eq!(area, width * height);
            assert!(
                cells(width, height).iter().all(|cell| cell.x + cell.width <= width && cell.y + cell.height <= height)
            );
        }
    }
}
