//! Whoever has said, or of whom it was decided, that an account is not theirs is not thought of again.

use crate::model::finding::{Band, Candidate};
use crate::model::ids::EmployeeId;

/// Possible owners without those who are known not to be. Colleagues who stood beside them for their name alone go as well:
/// a low band is shown only beside a higher one.
pub fn without(mut candidates: Vec<Candidate>, is_unlinked: impl Fn(&EmployeeId) -> bool) -> Vec<Candidate> {
    let before = candidates.len();
    candidates.retain(|candidate| !is_unlinked(&candidate.employee_id));
    let is_led = candidates.iter().any(|candidate| candidate.band > Band::Low);
    if candidates.len() < before && !is_led {
        candidates.clear();
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::without;
    use crate::model::finding::{Band, Candidate};

    fn candidates() -> Vec<Candidate> {
        let of = |id: &str, band| Candidate { employee_id: id.into(), score: 0.5, band, reasons: Vec::new() };
        vec![of("E1", Band::High), of("E2", Band::Low)]
    }

    fn left(unlinked: &str) -> Vec<String> {
        let left = without(candidates(), |id| id.as_str() == unlinked);
        left.iter().map(|candidate| candidate.employee_id.to_string()).collect()
    }

    #[test]
    fn whoever_stood_beside_for_the_name_alone_goes_with_the_one_who_led() {
        assert_eq!(left("E1"), [""; 0]);
        assert_eq!(left("E2"), ["E1"]);
        assert_eq!(left("E3"), ["E1", "E2"]);
    }
}
