//! Whoever has said, or of whom it was decided, that an account is not theirs is not thought of again; and keeps away from its
//! cases as before (回避).

use crate::casework::keys::account_key;
use crate::casework::world::World;
use crate::model::case::Judgement;
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

/// Whether somebody keeps away from a case: perhaps meant by it, or linked with its account once. An objection ends the link
/// and not the recusal, or whoever is meant would object in order to decide the own case.
pub fn is_recused(world: &World, judgement: &Judgement, id: &EmployeeId) -> bool {
    is_suspected(judgement, id) || world.unlinkings.recuses(&account_key(&judgement.subject), id)
}

/// Whether a judgement means somebody: not for the name alone.
pub fn is_suspected(judgement: &Judgement, id: &EmployeeId) -> bool {
    judgement.candidates.iter().any(|one| one.employee_id == *id && one.band >= Band::Medium)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{is_recused, without};
    use crate::casework::keys::account_key;
    use crate::casework::lane::manager_lane;
    use crate::casework::told::recipients;
    use crate::casework::world::{Policy, World};
    use crate::ledger::read_files;
    use crate::model::case::{Judgement, Lane, Outcome, Subject, SubjectKind};
    use crate::model::finding::{Band, Candidate};
    use crate::model::time::Timestamp;
    use crate::model::unlinking::Unlinkings;

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

    #[test]
    fn whoever_was_linked_once_neither_receives_nor_keeps_the_case_of_the_account() {
        let (mut world, mut judgement) = (world(), judgement());
        assert_eq!(manager_lane(&world, &judgement, &[]).0, Lane::Manager("XH".into()));
        let mut known: Unlinkings = std::iter::empty().collect();
        known.lift(account_key(&judgement.subject), "E1".into());
        world.unlinkings = Arc::new(known);
        assert!(is_recused(&world, &judgement, &"E1".into()) && !is_recused(&world, &judgement, &"E2".into()));
        assert!(!world.unlinkings.holds(&account_key(&judgement.subject), &"E1".into()), "they may be matched again");
        let (lane, reason) = manager_lane(&world, &judgement, &[]);
        assert!(lane == Lane::GroupHr && reason.is_some());
        judgement.lane = Lane::Manager("XH".into());
        assert_eq!(recipients(&world, &judgement), ["E2".into()], "the deputy does");
    }

    fn judgement() -> Judgement {
        let url = "https://p.example/h".to_owned();
        let (kind, platform, handle) = (SubjectKind::Account, "p".into(), "h".into());
        Judgement::silent(Subject { kind, id: None, platform, handle, url }, Outcome::Alert)
    }

    fn world() -> World {
        let companies = "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n";
        let managers = "角色,公司代码,工号,姓名,邮箱,代理人工号\n指定专人,XH,E1,专一,e1@xinghe.example,E2\n";
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let files = [file("companies.csv", companies), file("managers.csv", managers)].into_iter().collect();
        let ledgers = read_files(&files).ledgers;
        World::of(ledgers, Timestamp::from_ms(0), chrono_tz::Asia::Shanghai, Policy::default())
    }
}
