//! Monthly attestations: for how many months nobody has confirmed a group, and who hears of it.

use chrono::{Datelike, NaiveDate};

use crate::model::self_inspection::Attestation;

/// Months in a row without an attestation from which the owner is reminded.
const MISSED_MONTHS_MAX: usize = 2;
/// Days of a month that the owner has after the reminder, before the head of the company hears of it.
const REMINDED_DAYS: u32 = 7;

/// What follows because months were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// The owner is reminded of so many months.
    Owner(usize),
    /// The head of the company is told as well.
    Head(usize),
}

/// The month of a day, `2026-11`.
pub fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// What follows for one group, given the months for which its owner was asked. The current month is not over yet.
pub fn missed<'a>(asked: impl IntoIterator<Item = &'a Attestation>, day: NaiveDate) -> Option<Missed> {
    let this_month = month_of(day);
    let mut before: Vec<&Attestation> = asked.into_iter().filter(|one| one.month < this_month).collect();
    before.sort_by(|a, b| b.month.cmp(&a.month));
    let months = before.iter().take_while(|one| one.attested_at.is_none()).count();
    match months {
        ..MISSED_MONTHS_MAX => None,
        _ if day.day() <= REMINDED_DAYS => Some(Missed::Owner(months)),
        _ => Some(Missed::Head(months)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Missed, missed};
    use crate::model::self_inspection::Attestation;
    use crate::model::time::Timestamp;

    fn asked(month: &str, is_attested: bool) -> Attestation {
        let at = Timestamp::from_ms(0);
        let attested_at = is_attested.then_some(at);
        Attestation { group: "G1".into(), month: month.into(), asked_of: "XH1".into(), asked_at: at, attested_at }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn two_months_without_a_word_remind_the_owner_and_a_week_later_the_head_hears_of_it() {
        let two = [asked("2026-09", true), asked("2026-10", false), asked("2026-11", false)];
        assert_eq!(missed(&two, day("2026-11-30")), None, "November is not over");
        assert_eq!(missed(&two, day("2026-12-07")), Some(Missed::Owner(2)));
        assert_eq!(missed(&two, day("2026-12-14")), Some(Missed::Head(2)));
    }

    #[test]
    fn whoever_was_never_asked_has_missed_nothing() {
        assert_eq!(missed(&[], day("2026-12-14")), None);
        assert_eq!(missed(&[asked("2026-10", false), asked("2026-11", true)], day("2026-12-14")), None);
    }
}
