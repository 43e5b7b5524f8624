//! Where in a picture a pattern may be at all: a rough comparison that leaves few places to be looked at.
//!
//! Patterns and places are compared by the means of small boxes, in whole numbers. Their correlation is that of the means
//! and that of what is left beside them; the latter is at most what both have left (Cauchy and Schwarz), and less in
//! practice. Of small patterns every pixel is a box, so that nothing is left but rounding.

use std::collections::BTreeMap;

use crate::cells::Cells;
use crate::field::{Field, Pattern};
use crate::outline::Outline;
use crate::places::Places;
use crate::products::{Hit, LANES, Weights, blurred, prepare, scan};

/// Patterns by width and height.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    sizes: BTreeMap<(usize, usize), Size>,
}

/// The patterns of one size, and the boxes into which they are cut.
#[derive(Debug)]
struct Size {
    cells: Cells,
    outlines: Vec<Outline>,
    /// Those of all outlines, one after the other.
    weights: Vec<Weights>,
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
    /// The root of the spread of the place.
    pub(super) norm: f32,
}

impl Sieve {
    /// Takes in a pattern, which is looked for where it correlates at least so much.
    pub(super) fn add(&mut self, number: usize, pattern: &Pattern, least: f64) {
        let (width, height) = (pattern.width, pattern.height);
        let empty = || Size { cells: Cells::of(width, height), outlines: Vec::new(), weights: Vec::new() };
        let size = self.sizes.entry((width, height)).or_insert_with(empty);
        let (outline, weights) = Outline::of(number, pattern, &size.cells, least);
        size.outlines.push(outline);
        size.weights.extend(weights);
    }

    /// The places where patterns may correlate as much as was asked for, pattern by pattern.
    pub(super) fn candidates(&self, field: &Field) -> Vec<Candidate> {
        let blurred = blurred(field);
        let (mut places, mut hits, mut candidates) = (Places::default(), Vec::new(), Vec::new());
        for size in self.sizes.values().filter(|size| size.cells.fit_into(field)) {
            prepare(&mut places, field, &blurred, &size.cells);
            hits.clear();
            scan(&places, &size.outlines, &size.weights, &mut hits);
            hits.sort_unstable_by_key(|hit| (hit.outline, hit.go));
            for hit in &hits {
                push(&mut candidates, hit, &size.outlines[hit.outline], &places);
            }
        }
        candidates
    }
}

fn push(candidates: &mut Vec<Candidate>, hit: &Hit, outline: &Outline, places: &Places) {
    let mut lanes = hit.lanes;
    while lanes > 0 {
        let lane = lanes.trailing_zeros() as usize;
        candidates.push(candidate(outline, places, hit.go * LANES + lane, hit.beyond[lane]));
        lanes &= lanes - 1;
    }
}

fn candidate(outline: &Outline, places: &Places, place: usize, beyond: f32) -> Candidate {
    let norm = places.norm(place);
    let bound = outline.least + beyond * outline.scale / norm;
    Candidate { number: outline.number, x: place % places.across, y: place / places.across, bound, norm }
}

#[cfg(test)]
mod tests {
    use image::imageops::crop_imm;
    use image::{GrayImage, Luma};

    use super::{Candidate, Sieve};
    use crate::field::{Field, Pattern};
    use crate::resize::resized;

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
        let coarse = resized(&crop_imm(&picture(), 0, 0, 9, 9).to_image(), 24, 24);
        for picture in [picture(), coarse] {
            let pattern = Pattern::of(&crop_imm(&picture, 6, 8, 10, 9).to_image());
            for least in [0.4, 0.6, 0.8] {
                let (field, candidates) = (Field::of(&picture), candidates(&pattern, least, &picture));
                let places = (0..=15).flat_map(|y| (0..=14).map(move |x| (x, y)));
                let mut alike = places.filter(|(x, y)| field.correlation(&pattern, *x, *y) >= least);
                assert!(alike.all(|(x, y)| candidates.iter().any(|candidate| is_at(candidate, x, y))), "{least}");
            }
        }
    }

    #[test]
    fn few_places_of_an_unlike_picture_are_candidates() {
        let picture = |step: usize| resized(&crop_imm(&picture(), 0, 0, 9, step as u32).to_image(), 24, 24);
        let pattern = Pattern::of(&crop_imm(&picture(9), 6, 8, 10, 9).to_image());
        assert!(candidates(&pattern, 0.8, &picture(5)).len() < 12);
    }

    #[test]
    fn an_even_ground_and_a_picture_too_small_have_no_candidates() {
        assert!(candidates(&cut(6, 8, 8, 7), 0.1, &GrayImage::from_pixel(24, 24, Luma([120]))).is_empty());
        assert!(candidates(&cut(6, 8, 8, 7), 0.1, &GrayImage::new(24, 6)).is_empty());
    }
}
