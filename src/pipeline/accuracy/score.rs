//! Counting answers: pairs of a row and a label, as in micro-averaged precision and recall.

use std::collections::{BTreeMap, BTreeSet};

use crate::pipeline::accuracy::{Answered, Certainty};

/// Rows of this kind are told apart and do not count for the whole: companies that merely sound alike.
const ASIDE: &str = "sound_company";
/// Real names without any of the brands, of which each find is a false alarm.
const REAL: &str = "real_other";
/// Bins of scores for the calibration error.
const BINS: usize = 10;

/// Pairs counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows.
    pub rows: usize,
    /// Labels that were said and are true.
    pub hits: usize,
    /// Labels that were said and are not.
    pub wrong: usize,
    /// True labels that were not said.
    pub missed: usize,
}

/// What a set came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// All rows but those that are told apart.
    pub whole: Tally,
    /// Rows by kind.
    pub by_kind: BTreeMap<String, Tally>,
    /// Real names about which something was said, and all of them, where the set has such.
    pub real: Option<(usize, usize)>,
    /// Expected calibration error of the likelihoods over ten bins, 0..=1 (Naeini, Cooper and Hauskrecht 2015), where
    /// answers have such.
    pub calibration_error: Option<f64>,
    /// The same of the scores shown.
    pub shown_calibration_error: Option<f64>,
}

impl Tally {
    /// Share of what was said that is true, 0..=1.
    pub fn precision(&self) -> f64 {
        share(self.hits, self.hits + self.wrong)
    }

    /// Share of what is true that was said, 0..=1.
    pub fn recall(&self) -> f64 {
        share(self.hits, self.hits + self.missed)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.hits, 2 * self.hits + self.wrong + self.missed)
    }

    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.hits += other.hits;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

impl Score {
    pub(super) fn of(answers: &[Answered]) -> Self {
        let mut score = Self {
            calibration_error: calibration_error(answers, |sure| sure.likelihood),
            shown_calibration_error: calibration_error(answers, |sure| sure.shown),
            ..Self::default()
        };
        for answer in answers {
            let tally = tally(answer);
            score.by_kind.entry(answer.kind.clone()).or_default().add(tally);
            if answer.kind != ASIDE {
                score.whole.add(tally);
            }
            if answer.kind == REAL {
                let (wrong, all) = score.real.unwrap_or_default();
                score.real = Some((wrong + usize::from(!answer.said.is_empty()), all + 1));
            }
        }
        score
    }
}

fn tally(answer: &Answered) -> Tally {
    let said: BTreeSet<&String> = answer.said.iter().map(|(label, _)| label).collect();
    let hits = said.iter().filter(|label| answer.truth.contains(**label)).count();
    Tally { rows: 1, hits, wrong: said.len() - hits, missed: answer.truth.len() - hits }
}

/// By how much scores and the share of true answers differ, weighted by the answers in each bin.
fn calibration_error(answers: &[Answered], of: fn(Certainty) -> f64) -> Option<f64> {
    let scored = answers.iter().flat_map(|answer| {
        answer.said.iter().filter_map(|(label, sure)| Some((of((*sure)?), answer.truth.contains(label))))
    });
    let mut bins = [(0_usize, 0_usize, 0.0_f64); BINS];
    for (score, is_true) in scored {
        let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + usize::from(is_true), bin.2 + score);
    }
    let all: usize = bins.iter().map(|bin| bin.0).sum();
    let gap = |(_, hits, scores): &(usize, usize, f64)| (scores - *hits as f64).abs();
    (all > 0).then(|| bins.iter().map(gap).sum::<f64>() / all as f64)
}

#[cfg(test)]
mod tests {
    use super::Score;
    use crate::pipeline::accuracy::{Answered, Certainty};

    fn answer(kind: &str, truth: &[&str], said: &[(&str, f64)]) -> Answered {
        Answered {
            id: "1".into(),
            truth: truth.iter().map(|label| (*label).to_owned()).collect(),
            said: said
                .iter()
                .map(|(label, score)| ((*label).to_owned(), Some(Certainty { likelihood: *score, shown: 0.5 })))
                .collect(),
            kind: kind.into(),
        }
    }

    #[test]
    fn pairs_are_counted_and_what_is_told_apart_is_not() {
        let score = Score::of(&[
            answer("name", &["a", "b"], &[("a", 0.9), ("c", 0.9)]),
            answer("sound_company", &[], &[("d", 0.5)]),
        ]);
        assert_eq!((score.whole.hits, score.whole.wrong, score.whole.missed), (1, 1, 1));
        assert!((score.whole.f1() - 0.5).abs() < 1e-9 && score.by_kind["sound_company"].wrong == 1);
    }

    #[test]
    fn a_score_that_is_right_as_often_as_it_says_has_no_error() {
        let half = [answer("n", &["a"], &[("a", 0.5)]), answer("n", &[], &[("a", 0.5)])];
        assert_eq!(Score::of(&half).calibration_error, Some(0.0));
        let sure = [answer("n", &[], &[("a", 0.9)])];
        assert!(Score::of(&sure).calibration_error.is_some_and(|error| (error - 0.9).abs() < 1e-9));
        assert_eq!(Score::of(&[answer("n", &[], &[])]).calibration_error, None);
    }
}
