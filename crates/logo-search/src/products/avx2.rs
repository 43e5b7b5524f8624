//! For processors with AVX2, which multiply 32 bytes or 16 numbers in one step and add neighbours.

use std::arch::x86_64::{
    __m256i, _mm_add_epi32, _mm_madd_epi16, _mm_setzero_si128, _mm256_abs_epi32, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepi32_ps, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_maddubs_epi16,
    _mm256_movemask_ps, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_sub_ps,
};

use bytemuck::must_cast;

use super::{Four, Hit, LANES, STEP, Weights};
use crate::blurred::Blurred;
use crate::cells::Cells;
use crate::field::Field;
use crate::outline::Outline;
use crate::places::Places;

/// Sums of a go of places.
type Sums = [__m256i; 2];

#[target_feature(enable = "avx2")]
pub(super) fn blurred(field: &Field) -> Blurred {
    Blurred::of(field)
}

#[target_feature(enable = "avx2")]
pub(super) fn prepare(places: &mut Places, field: &Field, blurred: &Blurred, cells: &Cells) {
    places.fill(field, blurred, cells);
}

#[target_feature(enable = "avx2")]
pub(super) fn scan(places: &Places, outlines: &[Outline], weights: &[Weights], hits: &mut Vec<Hit>) {
    for (number, (outline, weights)) in outlines.iter().zip(weights.chunks_exact(places.count)).enumerate() {
        for go in (0..places.goes).step_by(2) {
            if go + 1 < places.goes {
                goes::<2>(places, (number, outline), weights, go, hits);
            } else {
                goes::<1>(places, (number, outline), weights, go, hits);
            }
        }
    }
}

#[target_feature(enable = "avx2")]
fn goes<const GOES: usize>(
    places: &Places,
    (number, outline): (usize, &Outline),
    weights: &[Weights],
    first: usize,
    hits: &mut Vec<Hit>,
) {
    let mut sums = [[_mm256_setzero_si256(); 2]; GOES];
    for (fours, weights) in places.fours().zip(weights) {
        let weights = _mm256_set1_epi32(must_cast(*weights));
        for (sums, fours) in sums.iter_mut().zip(&fours[first..]) {
            let halves: [[Four; LANES / 2]; 2] = must_cast(*fours);
            *sums = [added(sums[0], halves[0], weights), added(sums[1], halves[1], weights)];
        }
    }
    for (sums, go) in sums.into_iter().zip(first..) {
        let (lanes, beyond) = beyond(sums, must_cast(places.least(outline, go)));
        if lanes > 0 {
            hits.push(Hit { outline: number, go, lanes, beyond });
        }
    }
}

/// Adds the products of four bytes in each lane: two and two, which fit into 16 bits, then all.
#[target_feature(enable = "avx2")]
fn added(sums: __m256i, fours: [Four; LANES / 2], weights: __m256i) -> __m256i {
    let twos = _mm256_maddubs_epi16(must_cast(fours), weights);
    _mm256_add_epi32(sums, _mm256_madd_epi16(twos, _mm256_set1_epi16(1)))
}

#[target_feature(enable = "avx2")]
fn beyond([low, high]: Sums, least: [[f32; LANES / 2]; 2]) -> (u32, [f32; LANES]) {
    let low = _mm256_sub_ps(_mm256_cvtepi32_ps(_mm256_abs_epi32(low)), must_cast(least[0]));
    let high = _mm256_sub_ps(_mm256_cvtepi32_ps(_mm256_abs_epi32(high)), must_cast(least[1]));
    let below = _mm256_movemask_ps(low) | _mm256_movemask_ps(high) << (LANES / 2);
    (!below as u32 & 0xffff, must_cast([low, high]))
}

#[target_feature(enable = "avx2")]
pub(super) fn product<const STEPS: usize>(values: &[i16], stride: usize, pattern: &[[[i16; STEP]; STEPS]]) -> i32 {
    let (mut wide, mut narrow) = (_mm256_setzero_si256(), _mm_setzero_si128());
    for (line, pattern) in pattern.iter().enumerate() {
        let values = values[line * stride..].as_chunks::<STEP>().0;
        let values: &[[i16; STEP]; STEPS] = values.first_chunk().expect("whole steps behind every place");
        let (values, value) = values.as_chunks::<2>();
        let (pattern, one) = pattern.as_chunks::<2>();
        for (values, pattern) in values.iter().zip(pattern) {
            wide = _mm256_add_epi32(wide, _mm256_madd_epi16(must_cast(*values), must_cast(*pattern)));
        }
        for (value, one) in value.iter().zip(one) {
            narrow = _mm_add_epi32(narrow, _mm_madd_epi16(must_cast(*value), must_cast(*one)));
        }
    }
    let (low, high) = (_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide));
    let sums: [i32; 4] = must_cast(_mm_add_epi32(narrow, _mm_add_epi32(low, high)));
    sums.iter().sum()
}
