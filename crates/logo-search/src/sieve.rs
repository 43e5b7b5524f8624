//! Where in a picture a pattern may be at all: a rough comparison that leaves few places to be looked at.
//!
//! A pattern and a place of the picture are cut into the same few rectangles. Their correlation is that of the rectangles'
//! means and that of what is left beside the means; the latter is at most what both have left (Cauchy and Schwarz), and
//! less in practice. The means of a place are the same for all patterns of a size, so that all marks share them.

use std::collections::BTreeMap;

use crate::field::{Field, Grid, Pattern, Run};
use crate::lanes::{Outline, Part, Places};
use crate::products::LANES;

/// Rectangles into which a pattern is cut, about.
const CELLS: f64 = 16.0;
/// What is left of a pattern and of a place beside the means is taken to correlate at most so much. With 1 nothing can be
/// lost; with this nothing was (`docs/benchmarks.md`).
const LEFT: f32 = 0.8;
/// By so much bounds are too low at most for being counted in whole numbers.
const ROUNDED: f32 = 0.000_5;

/// Patterns by width and height.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    sizes: BTreeMap<(usize, usize), Size>,
}

/// The patterns of one size, and the rectangles into which they are cut.
#[derive(Debug)]
struct Size {
    cells: Vec<Cell>,
    outlines: Vec<Outline>,
}

/// A place where a pattern may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// The pattern's number, as given.
    pub(super) number: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    /// How much the pattern may correlate there.
    pub(super) bound: f32,
    /// The average of the place, and one divided by the root of its spread.
    pub(super) average: f32,
    pub(super) scale: f32,
}

/// A rectangle of a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Sums over the rectangles of a picture, each kind made once.
struct Sums<'f> {
    field: &'f Field,
    of: BTreeMap<(usize, usize), Vec<f32>>,
}

impl Sieve {
    /// Takes in a pattern, which is looked for where it correlates at least so much.
    pub(super) fn add(&mut self, number: usize, pattern: &Pattern, least: f64) {
        let (width, height) = (pattern.width, pattern.height);
        let empty = || Size { cells: cells(width, height), outlines: Vec::new() };
        let size = self.sizes.entry((width, height)).or_insert_with(empty);
        let means: Vec<f32> = size.cells.iter().map(|cell| pattern.mean(*cell) as f32).collect();
        size.outlines.push(Outline::of(number, &means, least as f32 - ROUNDED, LEFT));
    }

    /// The places where patterns may correlate as much as was asked for, pattern by pattern.
    pub(super) fn candidates(&self, field: &Field) -> Vec<Candidate> {
        let mut sums = Sums { field, of: BTreeMap::new() };
        let mut candidates = Vec::new();
        for (&(width, height), size) in &self.sizes {
            if let Some(grid) = field.grid(width, height) {
                let mut places = sums.places(&grid, &size.cells);
                for outline in &size.outlines {
                    let found = |place: usize, bound: f32| candidate(&grid, outline.number, place, bound);
                    places.alike(outline, |place, bound| candidates.push(found(place, bound)));
                }
            }
        }
        candidates
    }
}

fn candidate(grid: &Grid, number: usize, place: usize, bound: f32) -> Candidate {
    let (x, y) = (place % grid.across, place / grid.across);
    let (average, scale) = grid.measure(x, y);
    Candidate { number, x, y, bound, average, scale }
}

impl Sums<'_> {
    fn places(&mut self, grid: &Grid, cells: &[Cell]) -> Places {
        for Cell { width, height, .. } in cells {
            self.of.entry((*width, *height)).or_insert_with(|| self.field.sums_of(*width, *height));
        }
        // Where nothing can be seen, nothing is left.
        let nothing = |run: &Run| run.scales.map(|scale| if scale == 0.0 { 1.0 } else { 0.0 });
        let mut seen: Vec<[f32; LANES]> = grid.runs.iter().map(nothing).collect();
        let mut places = Places::with(grid, cells.len());
        for (number, pair) in cells.chunks(2).enumerate() {
            let first = self.part(pair[0]);
            let second = pair.get(1).map_or(Part { share: 0.0, ..first }, |cell| self.part(*cell));
            places.fill(number, grid, &mut seen, [first, second]);
        }
        places.fill_left(grid, &seen);
        places
    }

    /// The sums over one rectangle at all places.
    fn part(&self, cell: Cell) -> Part<'_> {
        let area = (cell.width * cell.height) as f32;
        let sums = &self.of[&(cell.width, cell.height)][cell.y * self.field.stride() + cell.x..];
        Part { sums, area, share: 1.0 / area.sqrt() }
    }
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
    use crate::lanes::CELLS_MAX;

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

    fn is_at(candidate: &Candidate, x: usize, y: usize) -> bool {
        (candidate.number, candidate.x, candidate.y) == (7, x, y)
    }

    #[test]
    fn a_place_that_is_alike_is_a_candidate_in_every_size_and_inverted() {
        let mut inverted = picture();
        image::imageops::invert(&mut inverted);
        for (x, y, width, height) in [(6, 8, 8, 7), (0, 0, 24, 24), (17, 1, 7, 22), (3, 21, 20, 3), (23, 0, 1, 9)] {
            for picture in [picture(), inverted.clone()] {
                let (field, pattern) = (Field::of(&picture), cut(x, y, width, height));
                let candidates = candidates(&pattern, 0.8, &picture);
                let found = candidates.iter().find(|candidate| is_at(candidate, x as usize, y as usize));
                let correlation = field.correlation_of(&pattern, found.expect("the place it was cut out of"));
                assert!((correlation - 1.0).abs() < 1e-3, "{correlation}");
            }
        }
    }

    #[test]
    fn every_place_that_correlates_enough_is_a_candidate_and_few_others_are() {
        let (field, pattern) = (Field::of(&picture()), cut(6, 8, 10, 9));
        for least in [0.4, 0.6, 0.8] {
            let candidates = candidates(&pattern, least, &picture());
            let places = (0..=15).flat_map(|y| (0..=14).map(move |x| (x, y)));
            let mut alike = places.filter(|(x, y)| field.correlation(&pattern, *x, *y) >= least);
            assert!(alike.all(|(x, y)| candidates.iter().any(|candidate| is_at(candidate, x, y))), "{least}");
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
        for (width, height) in (1..=24).flat_map(|width| (1..=24).map(move |height| (width, height))) {
            let area: usize = cells(width, height).iter().map(|cell| cell.width * cell.height).sum();
            assert_eq!(area, width * height);
            assert!(cells(width, height).len() <= CELLS_MAX);
            assert!(
                cells(width, height).iter().all(|cell| cell.x + cell.width <= width && cell.y + cell.height <= height)
            );
        }
    }
}
