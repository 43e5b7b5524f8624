//! The rough comparison itself, so many places at a time, in whole numbers.

use crate::field::Grid;
pub(super) use crate::products::Part;
use crate::products::{Asked, Hit, LANES, ONE, Two, Twos, measure, scan, whole};

/// The most rectangles that a pattern may have.
#[cfg(test)]
pub(super) const CELLS_MAX: usize = 24;
/// Twos of no place.
const NOTHING: Twos = [Two::of(0, 0); LANES];

/// What the rough comparison knows of a pattern.
#[derive(Debug)]
pub(super) struct Outline {
    /// The pattern's number, as given.
    pub(super) number: usize,
    /// The mean of each rectangle as a part of the whole drawing, two and two; their squares add up to at most 1.
    means: Vec<Two>,
    /// What is left beside the means, times what of it may correlate, less than nothing; and the least that is asked for.
    limit: Two,
    least: f32,
}

/// What the rough comparison knows of the places of a picture.
#[derive(Debug)]
pub(super) struct Places {
    /// How many there are: the last go has more lanes.
    number: usize,
    /// So many places at a time, the means of their rectangles, two and two.
    means: Vec<Twos>,
    /// How many twos of means a place has.
    twos: usize,
    /// What is left of each place beside its means, and 1.
    left: Vec<Twos>,
    /// Room for one two of means of all places.
    column: Vec<Twos>,
    /// Room for a hit of each go.
    hits: Vec<Hit>,
}

impl Outline {
    /// The outline of a pattern by the means of its rectangles, the correlation that is asked for, and how much of what is
    /// left beside the means may correlate.
    pub(super) fn of(number: usize, means: &[f32], least: f32, correlating: f32) -> Self {
        let left = (1.0 - means.iter().map(|mean| mean * mean).sum::<f32>()).max(0.0).sqrt();
        let mut twos: Vec<Two> = means.chunks(2).map(two).collect();
        twos.resize(padded(twos.len()), Two::default());
        Self { number, means: twos, limit: Two::of(-whole(correlating * left), whole(least)), least }
    }
}

/// Twos of means that are compared for so many: each number has a loop of its own.
const fn padded(twos: usize) -> usize {
    if twos <= 8 {
        8
    } else if twos <= 10 {
        10
    } else {
        12
    }
}

impl Places {
    /// Room for the places of a grid with so many rectangles each.
    pub(super) fn with(grid: &Grid, cells: usize) -> Self {
        let number = grid.across * grid.down;
        let (goes, twos) = (number.div_ceil(LANES), padded(cells.div_ceil(2)));
        let (means, left) = (vec![NOTHING; goes * twos], vec![NOTHING; goes + 1]);
        Self { number, means, twos, column: left.clone(), left, hits: vec![Hit::default(); goes] }
    }

    /// Puts in the means of two rectangles at all places, and adds their squares to what was seen of each.
    pub(super) fn fill(&mut self, two: usize, grid: &Grid, seen: &mut [[f32; LANES]], parts: [Part<'_>; 2]) {
        measure(&grid.runs, seen, parts, self.column.as_flattened_mut());
        for (means, column) in self.means.chunks_exact_mut(self.twos).zip(&self.column) {
            means[two] = *column;
        }
    }

    /// Puts in what is left of all places.
    pub(super) fn fill_left(&mut self, grid: &Grid, seen: &[[f32; LANES]]) {
        for (run, seen) in grid.runs.iter().zip(seen) {
            let left = seen.map(|seen| (1.0 - seen).max(0.0).sqrt());
            let to = &mut self.left.as_flattened_mut()[run.place..run.place + LANES];
            to.copy_from_slice(&left.map(|left| Two::of(whole(left), whole(1.0))));
        }
    }

    /// Calls with each place with which the pattern may correlate enough, and how much it may.
    pub(super) fn alike(&mut self, outline: &Outline, call: impl FnMut(usize, f32)) {
        match self.twos {
            8 => self.each::<8>(outline, call),
            10 => self.each::<10>(outline, call),
            _ => self.each::<12>(outline, call),
        }
    }

    fn each<const TWOS: usize>(&mut self, outline: &Outline, mut call: impl FnMut(usize, f32)) {
        let Some(pattern) = outline.means.first_chunk::<TWOS>() else { return };
        let asked = Asked { pattern, limit: outline.limit };
        for hit in scan(self.means.as_chunks().0, &self.left, &asked, &mut self.hits) {
            for (place, beyond) in (hit.go * LANES..self.number).zip(hit.beyond).filter(|(_, beyond)| *beyond >= 0) {
                call(place, outline.least + beyond as f32 / (ONE * ONE));
            }
        }
    }
}

fn two(means: &[f32]) -> Two {
    Two::of(whole(means[0]), means.get(1).map_or(0, |mean| whole(*mean)))
}
