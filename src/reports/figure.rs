//! Counts as they may be told. A count under five points at single people: it is told as `<5`, and no sum or difference of what
//! else is told gives it away.
//!
//! A total is the sum of what is told of its parts, and said to be "at least" where a part is missing. Where a total is
//! counted by itself, parts are withheld beside a small one until every value under five is possible for it (complementary
//! suppression, as statistical offices do it).

/// Smallest count that is told.
pub const TOLD_MIN: u64 = 5;

/// A count as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The count.
    Exact(u64),
    /// Under five.
    Under,
    /// Not told, because another one could be worked out.
    Withheld,
    /// The sum of what is told; more is not.
    AtLeast(u64),
    /// Nothing was counted.
    Unknown,
}

impl Figure {
    /// A count that stands alone.
    pub const fn of(count: u64) -> Self {
        if count < TOLD_MIN { Self::Under } else { Self::Exact(count) }
    }

    /// The count, where it is told.
    pub const fn exact(self) -> Option<u64> {
        match self {
            Self::Exact(count) => Some(count),
            _ => None,
        }
    }

    /// The count, or the least that it is; none where nothing is told.
    pub const fn least(self) -> Option<u64> {
        match self {
            Self::Exact(count) | Self::AtLeast(count) => Some(count),
            _ => None,
        }
    }

    /// `17`, `<5`, `≥17` or a dash.
    pub fn text(self) -> String {
        match self {
            Self::Exact(count) => count.to_string(),
            Self::Under => format!("<{TOLD_MIN}"),
            Self::AtLeast(count) => format!("≥{count}"),
            Self::Withheld | Self::Unknown => "–".to_owned(),
        }
    }
}

/// The sum of what is told. What was never counted takes nothing away.
pub fn sum(figures: impl IntoIterator<Item = Figure>) -> Figure {
    let counted: Vec<Figure> = figures.into_iter().filter(|figure| *figure != Figure::Unknown).collect();
    if let [] | [_] = counted[..] {
        return counted.first().copied().unwrap_or(Figure::Unknown);
    }
    let total = counted.iter().filter_map(|figure| figure.least()).sum();
    match (total, counted.iter().all(|figure| matches!(figure, Figure::Exact(_)))) {
        (total, true) => Figure::Exact(total),
        (0, false) => Figure::Withheld,
        (total, false) => Figure::AtLeast(total),
    }
}

/// The total of several companies, each with what is told of it and its count. It is told as it is where `whole` says so, and
/// where every value under five remains possible for each small company; else it is the sum of what is told.
pub fn over(companies: &[(Figure, u64)], whole: Figure) -> Figure {
    let told = sum(companies.iter().map(|(figure, _)| *figure));
    let small = companies.iter().filter(|(figure, _)| *figure == Figure::Under).map(|(_, count)| count);
    let (others, residual) = (small.clone().count().saturating_sub(1) as u64, small.sum::<u64>());
    if companies.iter().all(|(figure, _)| *figure == Figure::Under) && residual < TOLD_MIN && !companies.is_empty() {
        return Figure::Under;
    }
    let is_hidden = (TOLD_MIN..=(TOLD_MIN - 1) * others).contains(&residual);
    let has_withheld = companies.iter().any(|(figure, _)| matches!(figure, Figure::Withheld | Figure::AtLeast(_)));
    if is_hidden && !has_withheld && whole.exact().is_some() { whole } else { told }
}

/// The parts of a total that is told beside them. `rest` is what of the total stands in none of the parts and is never told.
pub fn parts(total: u64, parts: &[u64], rest: u64) -> Vec<Figure> {
    if total < TOLD_MIN {
        return vec![Figure::Under; parts.len()];
    }
    let mut told: Vec<Figure> = parts.iter().map(|part| Figure::of(*part)).collect();
    if rest == 0 && !told.contains(&Figure::Under) {
        return told;
    }
    while !is_safe(parts, &told, rest) {
        let next = (0..parts.len()).filter(|at| told[*at].exact().is_some()).min_by_key(|at| parts[*at]);
        match next {
            Some(at) => told[at] = Figure::Withheld,
            // Which of them are small would be said by how they are marked.
            None => return vec![Figure::Withheld; parts.len()],
        }
    }
    told
}

/// Whether every value under five remains possible for each of the small counts that are not told.
fn is_safe(parts: &[u64], told: &[Figure], rest: u64) -> bool {
    let withheld = told.iter().filter(|figure| **figure == Figure::Withheld).count() as u64;
    let withheld = withheld + u64::from(rest >= TOLD_MIN);
    let hidden = parts.iter().zip(told).filter(|(_, figure)| figure.exact().is_none()).map(|(part, _)| part);
    let residual: u64 = hidden.sum::<u64>() + rest;
    withheld > 0 && residual >= TOLD_MIN * withheld + TOLD_MIN - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::{Figure, TOLD_MIN, over, parts, sum};

    #[test]
    fn a_count_under_five_is_not_told_and_zero_is_no_exception() {
        assert_eq!([0, 4, 5].map(|count| Figure::of(count).text()), ["<5", "<5", "5"]);
    }

    #[test]
    fn a_total_is_the_sum_of_what_is_told() {
        use Figure::{AtLeast, Exact, Under, Unknown, Withheld};
        assert_eq!(sum([Exact(12), Exact(7)]), Exact(19));
        assert_eq!(sum([Exact(12), Under, Exact(7)]), AtLeast(19));
        assert_eq!(sum([Under, Withheld]), Withheld);
        assert_eq!([sum([Withheld]), sum([Under, Unknown])], [Withheld, Under], "one alone is told as it is");
        assert_eq!(sum([Exact(12), Unknown]), Exact(12));
        assert_eq!(sum([Unknown]), Unknown);
        assert_eq!(sum([]), Unknown);
    }

    #[test]
    fn a_total_over_several_small_companies_is_told_when_none_of_them_follows_from_it() {
        let total = |counts: &[u64]| {
            let companies: Vec<(Figure, u64)> = counts.iter().map(|count| (Figure::of(*count), *count)).collect();
            over(&companies, Figure::of(counts.iter().sum()))
        };
        assert_eq!(total(&[6, 4, 2, 2]), Figure::Exact(14));
        assert_eq!(total(&[6, 4, 4, 4]), Figure::AtLeast(6), "twelve from three can only be four each");
        assert_eq!(total(&[6, 3]), Figure::AtLeast(6));
        assert_eq!(total(&[6, 1, 1, 1]), Figure::AtLeast(6));
        assert_eq!(total(&[7, 8]), Figure::Exact(15));
        assert_eq!((total(&[1, 2]), total(&[4, 4])), (Figure::Under, Figure::Withheld));
    }

    #[test]
    fn beside_a_small_part_the_smallest_other_one_is_withheld() {
        use Figure::{Exact, Under, Withheld};
        assert_eq!(parts(17, &[8, 9], 0), [Exact(8), Exact(9)]);
        assert_eq!(parts(17, &[8, 7, 2], 0), [Exact(8), Withheld, Under]);
        assert_eq!(parts(12, &[4, 8], 0), [Under, Withheld]);
        assert_eq!(parts(5, &[5, 0], 0), [Withheld, Withheld], "who is small would be said by the marks");
        assert_eq!(parts(4, &[4, 0], 0), [Under, Under]);
        assert_eq!(parts(20, &[8, 2], 10), [Exact(8), Under], "what is told nowhere hides the small one");
        assert_eq!(parts(20, &[9, 9], 2), [Withheld, Exact(9)], "nor is the rest given away");
    }

    proptest! {
        #[test]
        fn no_small_part_can_be_worked_out_from_the_total_and_the_others(
            counts in prop::collection::vec(0_u64..16, 1..6),
            rest in 0_u64..12,
        ) {
            let total = counts.iter().sum::<u64>() + rest;
            let told = parts(total, &counts, rest);
            for (count, figure) in counts.iter().zip(&told) {
                match figure {
                    Figure::Exact(shown) => assert!(shown == count && *shown >= TOLD_MIN),
                    Figure::Under => assert!(*count < TOLD_MIN),
                    Figure::Withheld => {}
                    other => panic!("{other:?}"),
                }
            }
            if total < TOLD_MIN || told.iter().all(|figure| *figure == Figure::Withheld) {
                return Ok(());
            }
            let shown: u64 = told.iter().filter_map(|figure| figure.exact()).sum();
            let residual = total - shown;
            // What a reader knows: those withheld are at least five, those under it anything below, whatever the rest.
            let withheld = told.iter().filter(|figure| **figure == Figure::Withheld).count() as u64;
            let withheld = withheld + u64::from(rest >= TOLD_MIN);
            if told.contains(&Figure::Under) || (0 < rest && rest < TOLD_MIN) {
                for value in 0..TOLD_MIN {
                    assert!(residual >= TOLD_MIN * withheld + value, "{counts:?} {rest}: only less than {value} is left");
                }
                assert!(withheld > 0);
            }
        }

        #[test]
        fn every_value_under_five_remains_possible_for_a_small_company(counts in prop::collection::vec(0_u64..9, 1..7)) {
            let companies: Vec<(Figure, u64)> = counts.iter().map(|count| (Figure::of(*count), *count)).collect();
            let total: u64 = counts.iter().sum();
            let small: Vec<u64> = counts.iter().copied().filter(|count| *count < TOLD_MIN).collect();
            if over(&companies, Figure::of(total)) == Figure::Exact(total) && !small.is_empty() {
                let residual: u64 = small.iter().sum();
                let others = (small.len() as u64 - 1) * (TOLD_MIN - 1);
                assert!((0..TOLD_MIN).all(|value| (0..=others).contains(&(residual - value))), "{counts:?}");
            }
        }

        #[test]
        fn a_sum_says_nothing_that_its_parts_do_not(counts in prop::collection::vec(0_u64..16, 0..8)) {
            let figures: Vec<Figure> = counts.iter().map(|count| Figure::of(*count)).collect();
            let told: u64 = figures.iter().filter_map(|figure| figure.exact()).sum();
            assert_eq!(sum(figures.iter().copied()).least().unwrap_or(0), told);
        }
    }
}
