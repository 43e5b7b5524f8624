//! For processors with AVX-512 that multiply 64 bytes in one step and add four neighbours to what there is (VNNI).

use std::arch::x86_64::{
    __m512i, _CMP_GE_OQ, _mm512_abs_epi32, _mm512_cmp_ps_mask, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32,
    _mm512_set1_epi32, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_sub_ps,
};

use bytemuck::must_cast;

use super::{Fours, Hit, LANES, Weights};
use crate::blurred::Blurred;
use crate::cells::Cells;
use crate::field::Field;
use crate::outline::Outline;
use crate::places::Places;

/// Outlines that are compared at once: what is read of the places serves them all.
struct Together<'o, const OUTLINES: usize> {
    /// The number of the first.
    first: usize,
    outlines: &'o [Outline; OUTLINES],
    weights: [&'o [Weights]; OUTLINES],
}

pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn blurred(field: &Field) -> Blurred {
    Blurred::of(field)
}

#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn prepare(places: &mut Places, field: &Field, blurred: &Blurred, cells: &Cells) {
    places.fill(field, blurred, cells);
}

#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn scan(places: &Places, outlines: &[Outline], weights: &[Weights], hits: &mut Vec<Hit>) {
    let (twos, one) = outlines.as_chunks::<2>();
    let mut weights = weights.chunks_exact(places.count);
    let mut next = || weights.next().unwrap_or_default();
    for (number, outlines) in twos.iter().enumerate() {
        all_goes(places, &Together { first: 2 * number, outlines, weights: [next(), next()] }, hits);
    }
    for outlines in one.as_chunks::<1>().0 {
        all_goes(places, &Together { first: 2 * twos.len(), outlines, weights: [next()] }, hits);
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn all_goes<const OUTLINES: usize>(places: &Places, together: &Together<'_, OUTLINES>, hits: &mut Vec<Hit>) {
    for go in (0..places.goes).step_by(4) {
        match places.goes - go {
            1 => goes::<OUTLINES, 1>(places, together, go, hits),
            2 => goes::<OUTLINES, 2>(places, together, go, hits),
            3 => goes::<OUTLINES, 3>(places, together, go, hits),
            _ => goes::<OUTLINES, 4>(places, together, go, hits),
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn goes<const OUTLINES: usize, const GOES: usize>(
    places: &Places,
    together: &Together<'_, OUTLINES>,
    first: usize,
    hits: &mut Vec<Hit>,
) {
    let sums = sums::<OUTLINES, GOES>(places, together, first);
    for (number, (sums, outline)) in sums.iter().zip(together.outlines).enumerate() {
        for (sums, go) in sums.iter().zip(first..) {
            let (lanes, beyond) = beyond(*sums, places.least(outline, go));
            if lanes > 0 {
                hits.push(Hit { outline: together.first + number, go, lanes, beyond });
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn sums<const OUTLINES: usize, const GOES: usize>(
    places: &Places,
    together: &Together<'_, OUTLINES>,
    first: usize,
) -> [[__m512i; GOES]; OUTLINES] {
    let mut sums = [[_mm512_setzero_si512(); GOES]; OUTLINES];
    for (number, fours) in places.fours().enumerate() {
        let fours: &[Fours; GOES] = fours[first..].first_chunk().expect("so many goes");
        for (sums, weights) in sums.iter_mut().zip(together.weights) {
            let weights = _mm512_set1_epi32(must_cast(weights[number]));
            for (sums, fours) in sums.iter_mut().zip(fours) {
                *sums = _mm512_dpbusd_epi32(*sums, must_cast(*fours), weights);
            }
        }
    }
    sums
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn beyond(sums: __m512i, least: [f32; LANES]) -> (u32, [f32; LANES]) {
    let beyond = _mm512_sub_ps(_mm512_cvtepi32_ps(_mm512_abs_epi32(sums)), must_cast(least));
    (_mm512_cmp_ps_mask::<_CMP_GE_OQ>(beyond, _mm512_setzero_ps()).into(), must_cast(beyond))
}
