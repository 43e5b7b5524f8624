//! Which terms make noise: of the cases that a term brought, the share that turned out to be no matter.

use std::collections::BTreeMap;

use crate::model::ids::TermId;
use crate::reports::facts::{CaseFigure, is_right};
use crate::reports::figure::TOLD_MIN;
use crate::reports::monthly::Monthly;
use crate::reports::tally::Days;

/// Terms that are shown.
const SHOWN: usize = 5;
/// Decided cases of a term from which its share is told.
const DECIDED_MIN: u64 = 10;
/// Shares are told in steps, so that no count can be worked out from them (percent).
const STEP: f64 = 10.0;

/// Decided cases of a term, and those of them that were no matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct OfTerm {
    decided: u64,
    refuted: u64,
}

impl OfTerm {
    /// The share of the refuted in percent, in steps; none where too few were decided or were no matter.
    fn share(self) -> Option<f64> {
        let is_told = self.decided >= DECIDED_MIN && self.refuted >= TOLD_MIN;
        is_told.then(|| (self.refuted as f64 / self.decided as f64 * 100.0 / STEP).round() * STEP)
    }
}

impl Monthly<'_> {
    /// The noisiest terms of the series, with the share of their cases that were no matter, in percent.
    pub(super) fn noisiest(&self) -> Vec<(String, f64)> {
        let parts = self.parts();
        let from = self.month.plus(1 - super::SERIES_MONTHS);
        let days = Days { zone: self.world.zone, calendar: &self.world.working_days };
        let is_meant = |case: &&CaseFigure| {
            let month = case.decided.map(|(_, at)| crate::model::month::Month::of(at.date(days.zone)));
            let is_in = month.is_some_and(|month| (from..=self.month).contains(&month));
            is_in && parts.iter().any(|part| part.lane == case.lane)
        };
        let counted = of_terms(self.cases.iter().filter(is_meant));
        let mut noisy: Vec<(String, f64)> =
            counted.into_iter().filter_map(|(id, of)| Some((self.text_of(id)?, of.share()?))).collect();
        noisy.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        noisy.truncate(SHOWN);
        noisy
    }

    /// The text of a term of the open list; confidential ones are in no report.
    fn text_of(&self, id: &TermId) -> Option<String> {
        let term = self.world.ledgers.terms.iter().find(|term| term.id == *id)?;
        Some(format!("{} {}", term.id, term.text))
    }
}

fn of_terms<'c>(cases: impl Iterator<Item = &'c CaseFigure>) -> BTreeMap<&'c TermId, OfTerm> {
    let mut counted: BTreeMap<&TermId, OfTerm> = BTreeMap::new();
    for case in cases {
        let Some(right) = case.decided.and_then(|(disposition, _)| is_right(disposition)) else { continue };
        for term in &case.terms {
            let of = counted.entry(term).or_default();
            of.decided += 1;
            of.refuted += u64::from(!right);
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::OfTerm;

    #[test]
    fn a_share_is_told_in_steps_and_over_enough_cases_only() {
        let share = |decided, refuted| OfTerm { decided, refuted }.share();
        assert_eq!(share(10, 7), Some(70.0));
        assert_eq!(share(13, 11), Some(80.0));
        assert_eq!((share(9, 9), share(20, 4)), (None, None));
    }
}
