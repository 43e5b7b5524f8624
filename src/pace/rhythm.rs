//! How often a list changes, and when it should be asked again.

use crate::model::time::Timestamp;

/// Looks from which on an estimate is trusted.
const LOOKS_MIN: u32 = 5;

/// What was seen of a list over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    /// What it showed last; equal for pages that differ only in what is not read.
    pub fingerprint: String,
    /// By which ledgers and platform file that was read.
    pub digest: String,
    /// How often it was looked at.
    pub looks: u32,
    /// How often it showed something else than the look before.
    pub changes: u32,
    /// First look.
    pub first_at: Timestamp,
    /// Last look.
    pub last_at: Timestamp,
}

impl Rhythm {
    /// The first look, or one by other ledgers: what was known before says nothing about them.
    pub fn first(fingerprint: String, digest: String, at: Timestamp) -> Self {
        Self { fingerprint, digest, looks: 1, changes: 0, first_at: at, last_at: at }
    }

    /// The same after another look; a fingerprint that is none means that the server said "unchanged".
    #[must_use]
    pub fn looked(self, fingerprint: Option<String>, at: Timestamp) -> Self {
        let shown = fingerprint.unwrap_or_else(|| self.fingerprint.clone());
        let changes = self.changes + u32::from(shown != self.fingerprint);
        Self { fingerprint: shown, looks: self.looks.saturating_add(1), changes, last_at: at, ..self }
    }

    /// Whether it should be asked again: after `longest_ms` in any case, or when it was left for as long as it has been watched;
    /// before that when it has changed with a probability of one half. Changes are taken for a Poisson process whose rate is estimated from looks at which only "changed or not" is
    /// known (Cho and Garcia-Molina, "Estimating frequency of change", ACM TOIT 3(3), 2003).
    pub fn is_due(&self, now: Timestamp, longest_ms: i64) -> bool {
        let waited = now.ms_since(self.last_at);
        let watched = self.last_at.ms_since(self.first_at);
        if self.looks < LOOKS_MIN || waited < 0 || waited >= longest_ms.min(watched) {
            return true;
        }
        // A half of what is to come may be early by the time of one visit; half a gap is near enough.
        let gap = self.gap_ms();
        waited as f64 + gap / 2.0 >= self.half_life_ms(gap)
    }

    fn gap_ms(&self) -> f64 {
        self.last_at.ms_since(self.first_at).max(1) as f64 / f64::from(self.looks.max(2) - 1)
    }

    /// Time within which it changes with a probability of one half; endless for one that never did.
    fn half_life_ms(&self, gap: f64) -> f64 {
        let (looks, changes) = (f64::from(self.looks - 1), f64::from(self.changes));
        let rate = -((looks - changes + 0.5) / (looks + 0.5)).ln();
        if rate > 0.0 { std::f64::consts::LN_2 * gap / rate } else { f64::INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::Rhythm;
    use crate::model::time::Timestamp;

    const DAY_MS: i64 = 86_400_000;
    const START: Timestamp = Timestamp::from_ms(1_795_147_200_000);

    /// Daily looks at what was shown.
    fn daily(shown: &[&str]) -> Rhythm {
        let first = Rhythm::first(shown[0].to_owned(), "d".to_owned(), START);
        (1..)
            .zip(&shown[1..])
            .fold(first, |rhythm, (day, shown)| rhythm.looked(Some((*shown).to_owned()), START.plus_ms(day * DAY_MS)))
    }

    fn days_until_due(rhythm: &Rhythm) -> i64 {
        (1..100).find(|days| rhythm.is_due(rhythm.last_at.plus_ms(days * DAY_MS), 7 * DAY_MS)).unwrap()
    }

    #[test]
    fn a_list_that_changes_daily_is_asked_daily_and_a_quiet_one_less_often() {
        assert_eq!(days_until_due(&daily(&["a", "b", "c", "d", "e", "f", "g"])), 1);
        assert_eq!(days_until_due(&daily(&["a", "a", "b", "b", "c", "c", "d"])), 1);
        assert_eq!(days_until_due(&daily(&["a", "a", "a", "a", "a", "a", "b"])), 4);
        assert_eq!(days_until_due(&daily(&["a"; 9])), 7, "after the longest time in any case");
    }

    #[test]
    fn little_is_known_after_few_looks_or_a_clock_that_was_set_back() {
        assert_eq!(days_until_due(&daily(&["a"; 4])), 1);
        assert!(daily(&["a"; 9]).is_due(START, 7 * DAY_MS));
    }

    #[test]
    fn a_list_watched_for_an_hour_is_not_left_for_days() {
        let first = Rhythm::first(String::new(), String::new(), START);
        let watched = (1..9).fold(first, |rhythm, look| rhythm.looked(None, START.plus_ms(look * 450_000)));
        assert!(!watched.is_due(watched.last_at.plus_ms(3_599_000), 7 * DAY_MS));
        assert!(watched.is_due(watched.last_at.plus_ms(3_600_000), 7 * DAY_MS));
    }

    #[test]
    fn unchanged_is_no_change() {
        let rhythm = daily(&["a", "b"]).looked(None, START.plus_ms(2 * DAY_MS));
        assert_eq!((rhythm.looks, rhythm.changes, rhythm.fingerprint.as_str()), (3, 1, "b"));
    }

    proptest! {
        #[test]
        fn whatever_was_seen_it_is_due_at_the_longest_time(looks in 1_u32..90, changes in 0_u32..90, gap in 0_i64..DAY_MS) {
            let last_at = START.plus_ms(gap * i64::from(looks));
            let (fingerprint, digest) = Default::default();
            let rhythm = Rhythm { fingerprint, digest, looks, changes: changes.min(looks - 1), first_at: START, last_at };
            assert!(rhythm.is_due(last_at.plus_ms(3 * DAY_MS), 3 * DAY_MS));
        }
    }
}
