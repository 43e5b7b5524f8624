//! What follows when nobody decides: reminders, the next level, and the end of low cases by time (policy §4.5).

use crate::casework::told::{immediate_at, in_charge, may_receive, recipients, working_days_after};
use crate::casework::world::World;
use crate::model::case::{Case, CaseState, Lane};
use crate::model::ids::EmployeeId;
use crate::model::person::{Manager, ManagerRole};
use crate::model::term::Severity;
use crate::model::time::Timestamp;

const HOUR_MS: i64 = 3_600_000;
/// Working days within which a case is to be decided, by severity.
const CRITICAL_DAYS: i32 = 1;
const HIGH_DAYS: i32 = 3;
const MEDIUM_DAYS: i32 = 10;
const LOW_DAYS: i32 = 20;

/// A letter that follows because a case is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Which one: it is written once for each case and person.
    pub name: &'static str,
    /// From when.
    pub at: Timestamp,
    /// To whom.
    pub to: Vec<EmployeeId>,
}

/// What should have followed by now for a case that is still open: the latest step only, so that who was away for long
/// finds one letter. None where nothing is due, or nobody is there to be told.
pub fn follow_up(world: &World, case: &Case, now: Timestamp) -> Option<FollowUp> {
    if case.state != CaseState::Open {
        return None;
    }
    let due = steps(world, case).into_iter().filter(|step| step.at <= now && !step.to.is_empty());
    due.max_by_key(|step| step.at)
}

/// Whether a low case has been open so long that it is closed as not reviewed.
pub fn is_over(world: &World, case: &Case, now: Timestamp) -> bool {
    let is_low = case.judgement.severity == Some(Severity::Low) && case.judgement.lane != Lane::Leak;
    is_low && case.state == CaseState::Open && working_days_after(world, case.open_since, LOW_DAYS) <= now
}

fn steps(world: &World, case: &Case) -> Vec<FollowUp> {
    let opened = case.open_since;
    let after = |days: i32| working_days_after(world, opened, days);
    let step = |name, at, to| FollowUp { name, at: immediate_at(world, &case.judgement, at), to };
    let first = || recipients(world, &case.judgement);
    match case.judgement.severity {
        Some(Severity::Critical) => vec![
            step("reminder-2h", opened.plus_ms(2 * HOUR_MS), first()),
            step("deputy-4h", opened.plus_ms(4 * HOUR_MS), [first(), deputies(world, case)].concat()),
            step("head-1d", after(CRITICAL_DAYS), listed_head(world, case)),
        ],
        Some(Severity::High) => vec![
            step("reminder-half", opened.plus_ms(after(HIGH_DAYS).ms_since(opened) / 2), first()),
            step("reminder-full", after(HIGH_DAYS), first()),
            step("company-head", after(HIGH_DAYS + 1), company_head(world, case)),
            step("group-hr", after(HIGH_DAYS + 2), group_hr(world, case)),
        ],
        Some(Severity::Medium) => vec![
            step("reminder-full", after(MEDIUM_DAYS), first()),
            step("group-hr", after(MEDIUM_DAYS + 5), group_hr(world, case)),
        ],
        Some(Severity::Low) | None => Vec::new(),
    }
}

/// Those who are not suspected and still there.
fn fit(world: &World, case: &Case, people: impl Iterator<Item = EmployeeId>) -> Vec<EmployeeId> {
    people.filter(|id| !id.is_empty() && may_receive(world, &case.judgement, id)).collect()
}

fn deputies(world: &World, case: &Case) -> Vec<EmployeeId> {
    let deputies = in_charge(world, &case.judgement.lane).into_iter().filter_map(|manager| manager.deputy.clone());
    fit(world, case, deputies)
}

fn listed_head(world: &World, case: &Case) -> Vec<EmployeeId> {
    fit(world, case, world.listed().map(|company| company.responsible.clone()).into_iter())
}

/// The head of the company whose manager is in charge; of the listed company for the other lanes.
fn company_head(world: &World, case: &Case) -> Vec<EmployeeId> {
    let Lane::Manager(code) = &case.judgement.lane else { return listed_head(world, case) };
    let company = world.ledgers.companies.iter().find(|company| company.code == *code);
    fit(world, case, company.map(|company| company.responsible.clone()).into_iter())
}

/// HR of the listed company; leaks and what legal works on go to the head instead, since HR does not see them.
fn group_hr(world: &World, case: &Case) -> Vec<EmployeeId> {
    if matches!(case.judgement.lane, Lane::Leak | Lane::Legal) {
        return listed_head(world, case);
    }
    let is_hr = |manager: &&Manager| manager.role == ManagerRole::GroupHr;
    fit(world, case, world.ledgers.managers.iter().filter(is_hr).map(|manager| manager.employee.clone()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{follow_up, is_over};
    use crate::casework::world::{Policy, World};
    use crate::ledger::read_files;
    use crate::model::case::{Case, CaseState, Judgement, Lane, Outcome, Subject, SubjectKind};
    use crate::model::finding::{Band, Candidate};
    use crate::model::term::Severity;
    use crate::model::time::Timestamp;

    const COMPANIES: &str = "代码,全称,简称,别名,角色,城市,邮件域名,第一责任人工号\n\
        XH,星河科技股份有限公司,星河科技,星河,上市公司,杭州,xinghe.example,XH0001\n\
        YZ,云舟材料有限公司,云舟材料,云舟,子公司,湖州,yunzhou.example,YZ0001\n";
    const MANAGERS: &str = "角色,公司代码,工号,姓名,邮箱,代理人工号,升级对象工号\n\
        指定专人,YZ,YZ0002,专四,yz0002@yunzhou.example,YZ0003,YZ0001\n\
        上市公司HR审批人,XH,XH0009,集九,xh0009@xinghe.example,,\n\
        泄密专线(董办),XH,XH0010,董十,xh0010@xinghe.example,XH0011,\n";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn world() -> World {
        let files = [("companies.csv", COMPANIES), ("managers.csv", MANAGERS)];
        let files: BTreeMap<String, Vec<u8>> = files.map(|(name, text)| (name.into(), text.into())).into();
        let ledgers = read_files(&files).ledgers;
        World::of(ledgers, at("2026-11-20T09:00:00+08:00"), chrono_tz::Asia::Shanghai, Policy::default())
    }

    /// Opened on a Monday at ten.
    fn case(lane: Lane, severity: Severity, suspect: &str) -> Case {
        let subject = Subject {
            kind: SubjectKind::Account,
            id: None,
            platform: "p".into(),
            handle: "h".into(),
            url: "https://p.example/h".into(),
        };
        let candidate = Candidate { employee_id: suspect.into(), score: 0.9, band: Band::High, reasons: Vec::new() };
        let judgement = Judgement {
            lane,
            severity: Some(severity),
            candidates: vec![candidate],
            ..Judgement::silent(subject, Outcome::Alert)
        };
        let opened_at = at("2026-11-16T10:00:00+08:00");
        Case {
            id: "c".into(),
            number: "XS-2611-0001".into(),
            clause: "四.2".into(),
            judgement,
            state: CaseState::Open,
            open_since: opened_at,
            opened_at,
            updated_at: opened_at,
        }
    }

    fn step(case: &Case, now: &str) -> Option<(&'static str, String)> {
        let step = follow_up(&world(), case, at(now))?;
        Some((step.name, step.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")))
    }

    fn manager() -> Lane {
        Lane::Manager("YZ".into())
    }

    #[test]
    fn a_high_case_reminds_twice_then_goes_to_the_head_and_to_hr() {
        let case = case(manager(), Severity::High, "YZ0099");
        assert_eq!(step(&case, "2026-11-17T10:00:00+08:00"), None);
        assert_eq!(step(&case, "2026-11-18T12:00:00+08:00"), Some(("reminder-half", "YZ0002".into())));
        assert_eq!(step(&case, "2026-11-19T18:00:00+08:00"), Some(("reminder-full", "YZ0002".into())));
        assert_eq!(step(&case, "2026-11-20T18:00:00+08:00"), Some(("company-head", "YZ0001".into())));
        assert_eq!(step(&case, "2026-11-22T18:00:00+08:00"), Some(("company-head", "YZ0001".into())), "a weekend");
        assert_eq!(step(&case, "2026-11-23T18:00:00+08:00"), Some(("group-hr", "XH0009".into())));
    }

    #[test]
    fn a_leak_goes_to_the_deputy_and_to_the_head_of_the_listed_company_within_a_day() {
        let leak = case(Lane::Leak, Severity::Critical, "YZ0099");
        assert_eq!(step(&leak, "2026-11-16T11:59:00+08:00"), None);
        assert_eq!(step(&leak, "2026-11-16T12:00:00+08:00"), Some(("reminder-2h", "XH0010".into())));
        assert_eq!(step(&leak, "2026-11-16T14:00:00+08:00"), Some(("deputy-4h", "XH0010 XH0011".into())));
        assert_eq!(step(&leak, "2026-11-17T18:00:00+08:00"), Some(("head-1d", "XH0001".into())));
    }

    #[test]
    fn whoever_is_suspected_is_told_at_no_level() {
        let case = case(manager(), Severity::High, "YZ0001");
        assert_eq!(step(&case, "2026-11-21T18:00:00+08:00"), Some(("reminder-full", "YZ0002".into())));
    }

    #[test]
    fn what_is_decided_reminds_nobody() {
        let closed = CaseState::AwaitingConfirmation { rechecked_at: at("2026-11-17T10:00:00+08:00") };
        let case = Case { state: closed, ..case(manager(), Severity::High, "YZ0099") };
        assert_eq!(step(&case, "2027-11-20T18:00:00+08:00"), None);
    }

    #[test]
    fn a_case_that_was_opened_again_begins_anew() {
        let again = Case { open_since: at("2026-12-14T10:00:00+08:00"), ..case(manager(), Severity::High, "YZ0099") };
        assert_eq!(step(&again, "2026-12-15T10:00:00+08:00"), None);
        let low = Case { open_since: again.open_since, ..case(manager(), Severity::Low, "YZ0099") };
        assert!(!is_over(&world(), &low, at("2026-12-20T10:00:00+08:00")));
    }

    #[test]
    fn a_low_case_ends_by_time_and_no_other() {
        let over = at("2026-12-14T18:00:00+08:00");
        assert!(is_over(&world(), &case(manager(), Severity::Low, "YZ0099"), over));
        assert!(!is_over(&world(), &case(manager(), Severity::Low, "YZ0099"), over.plus_ms(-1)));
        assert!(!is_over(&world(), &case(manager(), Severity::Medium, "YZ0099"), over.plus_days(365)));
        assert!(!is_over(&world(), &case(Lane::Leak, Severity::Low, "YZ0099"), over.plus_days(365)));
    }
}
