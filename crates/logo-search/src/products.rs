//! Sums of products of small whole numbers, the inner loops of the search.
//!
//! Each stands twice: for any processor, and for those with AVX2, which multiply sixteen numbers in one step and add
//! neighbours. The same numbers come out of both.

use crate::field::{Field, Run};

/// Places that are compared in one go.
pub(super) const LANES: usize = 8;
/// Numbers of a pattern's row that are multiplied in one go.
pub(super) const STEP: usize = 8;

/// Two numbers, the first in the lower half.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Two(i32);

impl Two {
    pub(super) const fn of(first: i16, second: i16) -> Self {
        Self((first as u16 as i32) | ((second as i32) << 16))
    }

    /// The products of the numbers with those of another two, added up.
    const fn product(self, other: Self) -> i32 {
        let (first, second) = ((self.0 << 16) >> 16, self.0 >> 16);
        first * ((other.0 << 16) >> 16) + second * (other.0 >> 16)
    }
}

/// Two numbers for each of so many places.
pub(super) type Twos = [Two; LANES];

/// What is asked of a pattern: its numbers, and the two with which those of `left` give the least amount of a sum.
pub(super) struct Asked<'p, const TWOS: usize> {
    pub(super) pattern: &'p [Two; TWOS],
    pub(super) limit: Two,
}

/// The sums over one rectangle from the first place on, how many values each is the sum of, and what their means count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'s> {
    pub(super) sums: &'s [f32],
    pub(super) area: f32,
    pub(super) share: f32,
}

/// What is 1 as a whole number.
pub(super) const ONE: f32 = 16_384.0;
/// Added to a small number, it leaves the nearest whole one in the lowest bits.
const WHOLE: f32 = 12_582_912.0;

/// The whole number of a share.
pub(super) const fn whole(share: f32) -> i16 {
    (share * ONE + WHOLE).to_bits() as i16
}

/// Writes the means of two rectangles at all places, beside the averages of the places and in their measure, and adds their
/// squares to what was seen of each place.
pub(super) fn measure(runs: &[Run], seen: &mut [[f32; LANES]], parts: [Part<'_>; 2], column: &mut [Two]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx2::measure(runs, seen, parts, column) };
    }
    plain::measure(runs, seen, parts, column);
}

/// Measures the places of a size in a picture, so many rows of so many.
pub(super) fn measured(field: &Field, size: (usize, usize), across: usize, down: usize) -> Vec<Run> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        return unsafe { avx2::measured(field, size, across, down) };
    }
    field.runs(size, across, down)
}

/// A go of places, and how far the amount of each sum is above what is asked of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) go: usize,
    pub(super) beyond: [i32; LANES],
}

/// The goes in which an amount of a sum of products is at least what is asked of it. There is room for a hit of each go.
pub(super) fn scan<'h, const TWOS: usize>(
    means: &[[Twos; TWOS]],
    left: &[Twos],
    asked: &Asked<'_, TWOS>,
    hits: &'h mut [Hit],
) -> &'h [Hit] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has what the function is made for")]
        let number = unsafe { avx2::scan(means, left, asked, hits) };
        return &hits[..number];
    }
    let number = plain::scan(means, left, asked, hits);
    &hits[..number]
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
    use super::{Asked, Hit, LANES, Part, STEP, Two, Twos, whole};
    use crate::field::Run;

    #[inline(always)]
    pub(super) fn measure(runs: &[Run], seen: &mut [[f32; LANES]], parts: [Part<'_>; 2], column: &mut [Two]) {
        for (run, seen) in runs.iter().zip(seen) {
            let [first, second] = [means(run, &parts[0]), means(run, &parts[1])];
            let column = &mut column[run.place..run.place + LANES];
            for lane in 0..LANES {
                seen[lane] += first[lane] * first[lane] + second[lane] * second[lane];
                column[lane] = Two::of(whole(first[lane]), whole(second[lane]));
            }
        }
    }

    #[inline(always)]
    fn means(run: &Run, part: &Part<'_>) -> [f32; LANES] {
        let sums: &[f32; LANES] = part.sums[run.start..].first_chunk().expect("room behind every place");
        std::array::from_fn(|lane| (sums[lane] - run.averages[lane] * part.area) * (run.scales[lane] * part.share))
    }

    pub(super) fn scan<const TWOS: usize>(
        means: &[[Twos; TWOS]],
        left: &[Twos],
        asked: &Asked<'_, TWOS>,
        hits: &mut [Hit],
    ) -> usize {
        let mut number = 0;
        for (go, (means, left)) in means.iter().zip(left).enumerate() {
            let beyond = beyond(means, left, asked);
            hits[number] = Hit { go, beyond };
            number += usize::from(beyond.iter().fold(-1, |all, beyond| all & beyond) >= 0);
        }
        number
    }

    fn beyond<const TWOS: usize>(means: &[Twos; TWOS], left: &Twos, asked: &Asked<'_, TWOS>) -> [i32; LANES] {
        let mut sums = [0; LANES];
        for (means, pattern) in means.iter().zip(asked.pattern) {
            add(&mut sums, means, *pattern);
        }
        let mut least = [0; LANES];
        add(&mut least, left, asked.limit);
        std::array::from_fn(|lane| sums[lane].abs() - least[lane])
    }

    fn add(sums: &mut [i32; LANES], twos: &Twos, two: Two) {
        for lane in 0..LANES {
            sums[lane] += twos[lane].product(two);
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

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_add_epi32, _mm_madd_epi16, _mm_setzero_si128, _mm256_abs_epi32, _mm256_add_epi32,
        _mm256_castsi256_ps, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_movemask_ps,
        _mm256_set1_epi32, _mm256_setzero_si256, _mm256_sub_epi32,
    };

    use bytemuck::must_cast;

    use super::{Asked, Hit, LANES, Part, STEP, Two, Twos, plain};
    use crate::field::{Field, Run};

    #[target_feature(enable = "avx2")]
    pub(super) fn measure(runs: &[Run], seen: &mut [[f32; LANES]], parts: [Part<'_>; 2], column: &mut [Two]) {
        plain::measure(runs, seen, parts, column);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn measured(field: &Field, size: (usize, usize), across: usize, down: usize) -> Vec<Run> {
        field.runs(size, across, down)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn scan<const TWOS: usize>(
        means: &[[Twos; TWOS]],
        left: &[Twos],
        asked: &Asked<'_, TWOS>,
        hits: &mut [Hit],
    ) -> usize {
        let mut number = 0;
        let mut pattern = [_mm256_setzero_si256(); TWOS];
        for (all, two) in pattern.iter_mut().zip(asked.pattern) {
            *all = _mm256_set1_epi32(two.0);
        }
        let limit = _mm256_set1_epi32(asked.limit.0);
        for (go, (means, left)) in means.iter().zip(left).enumerate() {
            let mut sums = _mm256_setzero_si256();
            for (means, pattern) in means.iter().zip(&pattern) {
                sums = _mm256_add_epi32(sums, _mm256_madd_epi16(loaded(means), *pattern));
            }
            let least = _mm256_madd_epi16(loaded(left), limit);
            let beyond = _mm256_sub_epi32(_mm256_abs_epi32(sums), least);
            hits[number] = Hit { go, beyond: must_cast(beyond) };
            number += usize::from(_mm256_movemask_ps(_mm256_castsi256_ps(beyond)) != 0xff);
        }
        number
    }

    #[target_feature(enable = "avx2")]
    fn loaded(twos: &Twos) -> __m256i {
        must_cast(twos.map(|Two(two)| two))
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
}

#[cfg(test)]
mod tests {
    use super::{Asked, Hit, LANES, STEP, Two, plain, product, scan};

    /// Numbers drawn by a fixed rule, within the amounts that occur.
    fn numbers(seed: u64, most: i16) -> impl FnMut() -> i16 {
        let mut state = seed * 2 + 1;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % (2 * most as u64 + 1)) as i16 - most
        }
    }

    fn twos<const TWOS: usize>() {
        for seed in 0..50 {
            let mut number = numbers(seed, 4096);
            let mut two = || Two::of(number(), number());
            let means: Vec<[[Two; LANES]; TWOS]> =
                (0..seed).map(|_| std::array::from_fn(|_| std::array::from_fn(|_| two()))).collect();
            let left: Vec<[Two; LANES]> = (0..seed).map(|_| std::array::from_fn(|_| two())).collect();
            let asked = Asked { pattern: &std::array::from_fn(|_| two()), limit: two() };
            let (mut one, mut other) = (vec![Hit::default(); means.len()], vec![Hit::default(); means.len()]);
            let (one, number) = (scan(&means, &left, &asked, &mut one), plain::scan(&means, &left, &asked, &mut other));
            assert_eq!(one, &other[..number]);
        }
    }

    #[test]
    fn sums_of_twos_are_the_same_on_every_processor() {
        twos::<8>();
        twos::<10>();
        twos::<12>();
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

    #[test]
    fn two_numbers_keep_their_signs() {
        assert_eq!(Two::of(-3, 5).product(Two::of(7, -11)), -76);
        assert_eq!(Two::of(i16::MIN, -1).product(Two::of(1, i16::MAX)), -65_535);
    }
}
