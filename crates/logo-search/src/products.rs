//! Sums of products of small whole numbers, the inner loops of the search.
//!
//! Each stands for any processor and for those with AVX2, that of the rough look also for those with AVX-512 that add up
//! products of bytes (VNNI). The same numbers come out of all.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

use crate::blurred::Blurred;
use crate::cells::Cells;
use crate::field::Field;
use crate::outline::Outline;
use crate::places::Places;

/// Places that are compared in one go.
pub(super) const LANES: usize = 16;
/// Numbers of a pattern's row that are multiplied in one go.
pub(super) const STEP: usize = 8;

/// The means of four boxes, the first in the lowest byte.
pub(super) type Four = u32;
/// Those of so many places.
pub(super) type Fours = [Four; LANES];
/// The weights of four boxes.
pub(super) type Weights = [i8; 4];

/// A go of places in some of which the amount of a pattern's sum is large enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// The number of the outline among those of its size.
    pub(super) outline: usize,
    pub(super) go: usize,
    /// A bit for each place in which it is.
    pub(super) lanes: u32,
    /// How far it is above what is asked for, at each place.
    pub(super) beyond: [f32; LANES],
}

/// The picture as means of boxes.
pub(super) fn blurred(field: &Field) -> Blurred {
    #[cfg(target_arch = "x86_64")]
    if avx512::is_there() {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx512::blurred(field) };
    } else if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx2::blurred(field) };
    }
    Blurred::of(field)
}

/// Takes in the places of a size that fits into the picture.
pub(super) fn prepare(places: &mut Places, field: &Field, blurred: &Blurred, cells: &Cells) {
    #[cfg(target_arch = "x86_64")]
    if avx512::is_there() {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx512::prepare(places, field, blurred, cells) };
    } else if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx2::prepare(places, field, blurred, cells) };
    }
    places.fill(field, blurred, cells);
}

/// The goes in which an amount of a sum of products is at least what is asked of it, in no order. The weights are those of all
/// outlines, one after the other.
pub(super) fn scan(places: &Places, outlines: &[Outline], weights: &[Weights], hits: &mut Vec<Hit>) {
    #[cfg(target_arch = "x86_64")]
    if avx512::is_there() {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx512::scan(places, outlines, weights, hits) };
    } else if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx2::scan(places, outlines, weights, hits) };
    }
    plain::scan(places, outlines, weights, hits);
}

/// The sum of the products of a pattern, so many steps a row, and the numbers at the beginning of rows of `stride`.
pub(super) fn product<const STEPS: usize>(values: &[i16], stride: usize, pattern: &[[[i16; STEP]; STEPS]]) -> i32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx2::product(values, stride, pattern) };
    }
    plain::product(values, stride, pattern)
}

mod plain {
    use std::array::from_fn;

    use super::{Four, Fours, Hit, LANES, Outline, Places, STEP, Weights};

    pub(super) fn scan(places: &Places, outlines: &[Outline], weights: &[Weights], hits: &mut Vec<Hit>) {
        for (number, (outline, weights)) in outlines.iter().zip(weights.chunks_exact(places.count)).enumerate() {
            for go in 0..places.goes {
                let (sums, least) = (sums(places, weights, go), places.least(outline, go));
                let beyond: [f32; LANES] = from_fn(|lane| sums[lane].abs() as f32 - least[lane]);
                let lanes = (0..LANES).filter(|lane| beyond[*lane] >= 0.0).fold(0, |lanes, lane| lanes | 1 << lane);
                if lanes > 0 {
                    hits.push(Hit { outline: number, go, lanes, beyond });
                }
            }
        }
    }

    fn sums(places: &Places, weights: &[Weights], go: usize) -> [i32; LANES] {
        let mut sums = [0; LANES];
        for (fours, weights) in places.fours().zip(weights) {
            add(&mut sums, &fours[go], weights.map(i16::from));
        }
        sums
    }

    /// Two products of a byte and a weight of at most 64 fit into 16 bits.
    fn add(sums: &mut [i32; LANES], fours: &Fours, weights: [i16; 4]) {
        let product = |four: Four, at: usize| i16::from((four >> (8 * at)) as u8) * weights[at];
        let two = |four: Four, at: usize| i32::from(product(four, at) + product(four, at + 1));
        for (sum, four) in sums.iter_mut().zip(fours) {
            *sum += two(*four, 0) + two(*four, 2);
        }
    }

    pub(super) fn product<const STEPS: usize>(values: &[i16], stride: usize, pattern: &[[[i16; STEP]; STEPS]]) -> i32 {
        let row = |(line, pattern): (usize, &[[i16; STEP]; STEPS])| {
            let row = values[line * stride..].iter().zip(pattern.as_flattened());
            row.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>()
        };
        pattern.iter().enumerate().map(row).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::array::from_fn;

    use image::{GrayImage, Luma};

    use super::{Hit, LANES, STEP, Weights, plain, prepare, product};
    use crate::blurred::Blurred;
    use crate::cells::Cells;
    use crate::field::Field;
    use crate::outline::Outline;
    use crate::places::Places;

    /// Numbers drawn by a fixed rule, within the amounts that occur.
    fn numbers(seed: u64, most: i16) -> impl FnMut() -> i16 {
        let mut state = seed * 2 + 1;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % (2 * most as u64 + 1)) as i16 - most
        }
    }

    type Scan = fn(&Places, &[Outline], &[Weights], &mut Vec<Hit>);

    /// Every way to scan that this processor has.
    fn scans() -> Vec<Scan> {
        let mut scans: Vec<Scan> = vec![plain::scan, super::scan];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the processor has what the function is made for")]
            scans.push(|places, outlines, weights, hits| unsafe { super::avx2::scan(places, outlines, weights, hits) });
        }
        scans
    }

    #[test]
    fn the_same_places_are_hit_on_every_processor() {
        let (field, blurred) = (field(), super::blurred(&field()));
        for (seed, size) in [(7, 7), (8, 13), (13, 8), (11, 11), (16, 13), (22, 22), (24, 24)].into_iter().enumerate() {
            let (cells, mut number) = (Cells::of(size.0, size.1), numbers(seed as u64, 63));
            let mut places = Places::default();
            prepare(&mut places, &field, &blurred, &cells);
            for outlines in [1, 2, 5] {
                let weights: Vec<Weights> =
                    (0..outlines * cells.fours()).map(|_| from_fn(|_| number() as i8)).collect();
                let outline = Outline { number: 0, least: 0.5, scale: 1.0, norm: 10.0, left: 3.0, rounded: 9.0 };
                let all = scans().into_iter().map(|scan| hits(scan, &places, &vec![outline; outlines], &weights));
                let all: Vec<Vec<Hit>> = all.collect();
                assert!(!all[0].is_empty() && all.iter().all(|hits| *hits == all[0]), "{size:?}");
            }
        }
    }

    fn hits(scan: Scan, places: &Places, outlines: &[Outline], weights: &[Weights]) -> Vec<Hit> {
        let mut hits = Vec::new();
        scan(places, outlines, weights, &mut hits);
        hits.sort_by_key(|hit| (hit.outline, hit.go));
        hits
    }

    fn field() -> Field {
        Field::of(&GrayImage::from_fn(24, 24, |x, y| Luma([((x * 37 + y * 91 + x * y * 5) % 251) as u8])))
    }

    #[test]
    fn places_are_measured_the_same_on_every_processor() {
        let (field, plain) = (field(), Blurred::of(&field()));
        for (width, height) in [(7, 7), (13, 8), (8, 13), (11, 16), (22, 22)] {
            let (cells, mut one, mut other) = (Cells::of(width, height), Places::default(), Places::default());
            prepare(&mut one, &field, &super::blurred(&field), &cells);
            other.fill(&field, &plain, &cells);
            let outline = Outline { number: 0, least: 0.5, scale: 1.0, norm: 1.0, left: 1.0, rounded: 0.0 };
            assert!((0..one.goes).all(|go| one.least(&outline, go) == other.least(&outline, go)));
            assert!(one.fours().zip(other.fours()).all(|(one, other)| {
                one.as_flattened()[..one.len() * LANES - LANES] == other.as_flattened()[..one.len() * LANES - LANES]
            }));
        }
    }

    fn rows<const STEPS: usize>() {
        for seed in 0..50 {
            let mut number = numbers(seed, 255);
            let pattern: Vec<[[i16; STEP]; STEPS]> =
                (0..seed).map(|_| std::array::from_fn(|_| std::array::from_fn(|_| number()))).collect();
            let values: Vec<i16> = (0..4096).map(|_| number()).collect();
            let by_hand: i32 = (pattern.iter().enumerate())
                .flat_map(|(line, row)| row.as_flattened().iter().zip(&values[line * 51..]))
                .map(|(a, b)| i32::from(*a) * i32::from(*b))
                .sum();
            assert_eq!(product(&values, 51, &pattern), by_hand);
            assert_eq!(plain::product(&values, 51, &pattern), by_hand);
        }
    }

    #[test]
    fn products_of_rows_are_the_same_on_every_processor() {
        rows::<1>();
        rows::<2>();
        rows::<3>();
        rows::<6>();
    }
}
