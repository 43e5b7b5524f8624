//! Who may see and do what in the console: one table by role, lanes by company, and nobody sees a case about themselves.

use crate::casework::keys::account_key;
use crate::casework::told::recipients;
use crate::casework::unlinking::{is_recused, is_suspected};
use crate::casework::world::World;
use crate::ledger::protected_topics::PROTECTED_TOPICS;
use crate::model::case::{Case, Judgement, Lane};
use crate::model::exemption_request::{ApplicationState, ExemptionRequest};
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::{Manager, ManagerRole};
use crate::model::user::{Role, User};

/// What pages and actions ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// See the cases of one's lanes.
    SeeCases,
    /// Decide the cases of one's lanes.
    DecideCases,
    /// Report by hand what one saw.
    FileReports,
    /// See who perhaps owns an account, by name.
    SeeCandidates,
    /// See how sources, workers and letters stand.
    SeeSources,
    /// Stop visits of a source, let them go on, try a page of it, and add sources and platform files from a file.
    ControlSources,
    /// See how the program itself stands: what it looks at, letters and jobs.
    SeeHealth,
    /// See reports of one's companies: counts, and nobody's name.
    SeeReports,
    /// See how often a band was confirmed.
    SeeCalibration,
    /// Read the audit.
    ReadAudit,
    /// Invite and shut out people.
    ManageUsers,
    /// See what people ask about their own data, and the notice to employees.
    SeeRequests,
    /// Take in and answer requests, issue the notice.
    AnswerRequests,
    /// See what is kept for how long, and what was erased: counts only.
    SeeRetention,
    /// Make complaints to platforms.
    MakeComplaints,
    /// See how mail is set, and send a test letter to oneself.
    SeeMailSettings,
    /// See applications for exemptions; one's own are seen without it.
    SeeExemptionRequests,
    /// Check applications of the own company.
    CheckExemptionRequests,
    /// Approve and refuse applications.
    ApproveExemptionRequests,
    /// See the register of work groups.
    SeeGroups,
    /// Propose and approve changes of protected topics, for whoever is neither of group HR nor a list editor.
    ChangeTopics,
    /// Keep that register: see members, edit groups, follow up leavers and self-inspections.
    KeepGroups,
}

/// The one table of rights. What does not stand here is refused.
const TABLE: &[(Right, &[Kind])] = &[
    (Right::SeeCases, &[Kind::Manager, Kind::GroupHr, Kind::LeakLane, Kind::Legal, Kind::Auditor]),
    (Right::DecideCases, &[Kind::Manager, Kind::GroupHr, Kind::LeakLane, Kind::Legal]),
    (Right::FileReports, &[Kind::Manager, Kind::GroupHr, Kind::LeakLane, Kind::Legal]),
    (Right::SeeCandidates, &[Kind::Manager, Kind::GroupHr, Kind::Legal]),
    (
        Right::SeeSources,
        &[Kind::Admin, Kind::ListEditor, Kind::Manager, Kind::GroupHr, Kind::LeakLane, Kind::Legal, Kind::Auditor],
    ),
    (Right::ControlSources, &[Kind::Admin, Kind::GroupHr]),
    (Right::SeeHealth, &[Kind::Admin]),
    (Right::SeeReports, &[Kind::Manager, Kind::GroupHr, Kind::Auditor]),
    (Right::SeeCalibration, &[Kind::Admin, Kind::GroupHr, Kind::Auditor]),
    (Right::ReadAudit, &[Kind::Auditor]),
    (Right::ManageUsers, &[Kind::Admin]),
    (Right::SeeRequests, &[Kind::RequestClerk, Kind::GroupHr]),
    (Right::AnswerRequests, &[Kind::RequestClerk, Kind::GroupHr]),
    (Right::SeeRetention, &[Kind::RequestClerk, Kind::GroupHr, Kind::Auditor, Kind::Admin]),
    (Right::MakeComplaints, &[Kind::Legal]),
    (Right::SeeMailSettings, &[Kind::Admin]),
    (Right::SeeExemptionRequests, &[Kind::Manager, Kind::GroupHr, Kind::Auditor]),
    (Right::CheckExemptionRequests, &[Kind::Manager]),
    (Right::ApproveExemptionRequests, &[Kind::GroupHr]),
    (Right::SeeGroups, &[Kind::Manager, Kind::GroupHr, Kind::Auditor]),
    (Right::ChangeTopics, &[Kind::Legal, Kind::LeakLane]),
    (Right::KeepGroups, &[Kind::Manager, Kind::GroupHr]),
];

/// Who sees and who edits a ledger in the console. The confidential list, and the people in charge, who have their roles by
/// their ledger, are edited elsewhere: nobody gives a role to themselves. Protected topics are changed by two people. What does not stand here is not shown.
const LEDGERS: [(&str, &[Kind], &[Kind]); 14] = [
    ("terms", &EDITORS_AND_READERS, &EDITORS),
    ("brand_marks", &EDITORS_AND_READERS, &EDITORS),
    ("companies", &EDITORS_AND_READERS, &EDITORS),
    ("official_accounts", &EDITORS_AND_READERS, &EDITORS),
    ("exemptions", &EDITORS_AND_READERS, &[Kind::GroupHr]),
    ("quiet_periods", &[Kind::GroupHr, Kind::LeakLane, Kind::Auditor], &[Kind::GroupHr, Kind::LeakLane]),
    ("disclosures", &[Kind::GroupHr, Kind::LeakLane, Kind::Auditor], &[Kind::GroupHr, Kind::LeakLane]),
    ("employees", &[Kind::GroupHr], &[Kind::GroupHr]),
    ("groups", &[Kind::GroupHr, Kind::Auditor], &[Kind::GroupHr]),
    ("group_rosters", &[Kind::GroupHr], &[Kind::GroupHr]),
    ("holidays", &[Kind::Admin, Kind::ListEditor, Kind::GroupHr, Kind::Manager, Kind::Auditor], &EDITORS),
    ("monthly_history", &[Kind::GroupHr, Kind::Auditor], &[Kind::GroupHr]),
    ("managers", &[Kind::GroupHr, Kind::Admin, Kind::Auditor], &[]),
    ("protected_topics", &EDITORS_AND_READERS, &[]),
];
/// Ledgers of which managers see the lines of the own company: they say who has asked for what.
const BY_COMPANY: [&str; 1] = ["exemptions"];
const EDITORS: [Kind; 2] = [Kind::ListEditor, Kind::GroupHr];
const EDITORS_AND_READERS: [Kind; 6] =
    [Kind::ListEditor, Kind::GroupHr, Kind::Manager, Kind::Legal, Kind::LeakLane, Kind::Auditor];

/// A role without its company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Admin,
    ListEditor,
    Manager,
    GroupHr,
    LeakLane,
    Legal,
    Auditor,
    RequestClerk,
}

impl Kind {
    const fn of(role: &Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::ListEditor => Self::ListEditor,
            Role::Manager(_) => Self::Manager,
            Role::GroupHr => Self::GroupHr,
            Role::LeakLane => Self::LeakLane,
            Role::Legal => Self::Legal,
            Role::Auditor => Self::Auditor,
            Role::RequestClerk => Self::RequestClerk,
        }
    }
}

/// The lanes whose cases somebody sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Those of every company's manager.
    pub every_manager: bool,
    /// These.
    pub lanes: Vec<Lane>,
    /// Cases that perhaps are about this person are left out (回避); nobody when empty.
    pub recused: EmployeeId,
}

impl Scope {
    /// Whether a lane is among them.
    pub fn has(&self, lane: &Lane) -> bool {
        self.lanes.contains(lane) || (self.every_manager && matches!(lane, Lane::Manager(_)))
    }
}

/// What somebody may do now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    roles: Vec<Role>,
    employee: EmployeeId,
    /// Keys of the accounts with which the person was linked once.
    kept_from: Vec<String>,
}

impl Rights {
    /// The rights of a user: roles given in the console, and those that the ledger of managers gives to the person as long
    /// as the directory does not list the person as left.
    pub fn of(user: &User, world: &World) -> Self {
        let has_left = world.directory.get(&user.employee).is_some_and(|employee| employee.has_left);
        let managers = if has_left || user.employee.is_empty() { &[][..] } else { &world.ledgers.managers[..] };
        let by_ledger = managers.iter().filter_map(|manager| role_of(manager, &user.employee));
        let given = if has_left { &[][..] } else { &user.roles[..] };
        let mut roles: Vec<Role> = given.iter().cloned().chain(by_ledger).collect();
        roles.sort();
        roles.dedup();
        Self { roles, employee: user.employee.clone(), kept_from: Vec::new() }
    }

    /// The same without the cases of these accounts, by their keys.
    #[must_use]
    pub fn kept_from(self, accounts: Vec<String>) -> Self {
        Self { kept_from: accounts, ..self }
    }

    /// The roles, in order.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Whether one of the roles gives the right, and none takes it away: HR changes no protected topic, whatever else it is.
    pub fn may(&self, right: Right) -> bool {
        let (_, kinds) = TABLE.iter().find(|(known, _)| *known == right).expect("every right stands in the table");
        self.is_one_of(kinds) && !(right == Right::ChangeTopics && self.is_one_of(&EDITORS))
    }

    /// Whether one of the roles gives the right for a company: managers have it for their own.
    pub fn may_in(&self, right: Right, company: &CompanyCode) -> bool {
        let (_, kinds) = TABLE.iter().find(|(known, _)| *known == right).expect("every right stands in the table");
        let holds = |role: &&Role| !matches!(role, Role::Manager(code) if code != company);
        self.roles.iter().filter(holds).any(|role| kinds.contains(&Kind::of(role)))
    }

    /// Whether somebody sees a ledger.
    pub fn may_see_ledger(&self, name: &str) -> bool {
        LEDGERS.iter().any(|(known, see, _)| *known == name && self.is_one_of(see))
    }

    /// Whether somebody sees every line of a ledger.
    pub fn may_see_whole(&self, name: &str) -> bool {
        let is_whole = |kind: &Kind| *kind != Kind::Manager || !BY_COMPANY.contains(&name);
        let sees = |see: &[Kind]| self.roles.iter().map(Kind::of).any(|kind| see.contains(&kind) && is_whole(&kind));
        LEDGERS.iter().any(|(known, see, _)| *known == name && sees(see))
    }

    /// Whether somebody sees a line of a ledger that is of a company.
    pub fn may_see_line(&self, name: &str, company: &CompanyCode) -> bool {
        let is_own = || self.roles.iter().any(|role| matches!(role, Role::Manager(code) if code == company));
        self.may_see_whole(name) || (self.may_see_ledger(name) && is_own())
    }

    /// Whether somebody edits a ledger.
    pub fn may_edit_ledger(&self, name: &str) -> bool {
        LEDGERS.iter().any(|(known, _, edit)| *known == name && self.is_one_of(edit))
    }

    /// Whether somebody edits a ledger, or proposes changes of it that another person approves.
    pub fn may_propose(&self, name: &str) -> bool {
        let is_protected = name == PROTECTED_TOPICS.name;
        self.may_edit_ledger(name) || (is_protected && self.may(Right::ChangeTopics))
    }

    fn is_one_of(&self, kinds: &[Kind]) -> bool {
        self.roles.iter().any(|role| kinds.contains(&Kind::of(role)))
    }

    /// The lanes in which a right holds.
    pub fn scope(&self, right: Right) -> Scope {
        let mut scope = Scope { recused: self.employee.clone(), ..Scope::default() };
        let (_, kinds) = TABLE.iter().find(|(known, _)| *known == right).expect("every right stands in the table");
        for role in self.roles.iter().filter(|role| kinds.contains(&Kind::of(role))) {
            match role {
                Role::Manager(code) => scope.lanes.push(Lane::Manager(code.clone())),
                Role::LeakLane => scope.lanes.push(Lane::Leak),
                Role::Legal => scope.lanes.push(Lane::Legal),
                Role::GroupHr => (scope.every_manager, _) = (true, scope.lanes.push(Lane::GroupHr)),
                Role::Auditor => {
                    scope.every_manager = true;
                    scope.lanes.extend([Lane::GroupHr, Lane::Legal]);
                }
                Role::Admin | Role::ListEditor | Role::RequestClerk => {}
            }
        }
        scope
    }

    /// Whether a right holds for a company, as it would for the lane of its manager.
    pub fn may_for(&self, right: Right, company: &CompanyCode) -> bool {
        self.scope(right).has(&Lane::Manager(company.clone()))
    }

    /// Whether a right holds for a case: its lane is among one's own, and it is not about oneself.
    pub fn may_with(&self, right: Right, case: &Case) -> bool {
        self.scope(right).has(&case.judgement.lane) && !self.is_own(&case.judgement)
    }

    /// Whether a judgement is perhaps about oneself, or was once.
    pub fn is_own(&self, judgement: &Judgement) -> bool {
        let is_meant = !self.employee.is_empty() && is_suspected(judgement, &self.employee);
        is_meant || self.kept_from.contains(&account_key(&judgement.subject))
    }
}

/// Whether somebody decides a case by the link of a letter: whoever is in charge of its lane, or stands in where those are
/// suspected or gone. Leaks are decided by whoever signs in.
pub fn decides_by_letter(world: &World, case: &Case, employee: &EmployeeId) -> bool {
    let has_left = world.directory.get(employee).is_some_and(|employee| employee.has_left);
    let roles = world.ledgers.managers.iter().filter_map(|manager| role_of(manager, employee)).collect();
    let rights = Rights { roles, employee: employee.clone(), kept_from: Vec::new() };
    let stands_in = || recipients(world, &case.judgement).contains(employee);
    let is_kept_away = has_left || is_recused(world, &case.judgement, employee);
    case.judgement.lane != Lane::Leak && !is_kept_away && (rights.may_with(Right::DecideCases, case) || stands_in())
}

/// Whether somebody approves or refuses an application by the link of a letter: whoever may do so by the ledger, has neither
/// applied nor checked it, and has not left.
pub fn approves_by_letter(world: &World, request: &ExemptionRequest, employee: &EmployeeId) -> bool {
    let has_left = world.directory.get(employee).is_some_and(|employee| employee.has_left);
    let is_concerned = request.employee == *employee || request.checked_by == employee.as_str();
    let roles = world.ledgers.managers.iter().filter_map(|manager| role_of(manager, employee)).collect();
    let rights = Rights { roles, employee: employee.clone(), kept_from: Vec::new() };
    let may = rights.may_for(Right::ApproveExemptionRequests, &request.company);
    request.state == ApplicationState::Checked && !has_left && !is_concerned && may
}

/// What a line of the ledger makes of a person: the part itself, or as its deputy. Cases of a company also go to the next
/// level when nobody decides; leaks stay among those of the lane.
fn role_of(manager: &Manager, employee: &EmployeeId) -> Option<Role> {
    let is_next = manager.role == ManagerRole::DesignatedManager && manager.escalates_to.as_ref() == Some(employee);
    let is_meant = manager.employee == *employee || manager.deputy.as_ref() == Some(employee) || is_next;
    is_meant.then_some(())?;
    match manager.role {
        ManagerRole::DesignatedManager => Some(Role::Manager(manager.company.clone())),
        ManagerRole::GroupHr => Some(Role::GroupHr),
        ManagerRole::LeakLane => Some(Role::LeakLane),
        ManagerRole::Legal => Some(Role::Legal),
        ManagerRole::Auditor => Some(Role::Auditor),
        ManagerRole::Operator => Some(Role::Admin),
        ManagerRole::Union => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Right, Rights, TABLE};
    use crate::casework::keys::account_key;
    use crate::model::case::{Case, CaseState, Judgement, Lane, Outcome, Subject, SubjectKind};
    use crate::model::finding::{Band, Candidate};
    use crate::model::time::Timestamp;
    use crate::model::user::Role;

    fn rights(roles: &[Role], employee: &str) -> Rights {
        Rights { roles: roles.to_vec(), employee: employee.into(), kept_from: Vec::new() }
    }

    fn case(lane: Lane, suspect: &str, band: Band) -> Case {
        let subject = Subject {
            kind: SubjectKind::Account,
            id: None,
            platform: "p".into(),
            handle: "h".into(),
            url: "https://p.example/h".into(),
        };
        let candidate = Candidate { employee_id: suspect.into(), score: 0.7, band, reasons: Vec::new() };
        let candidates = vec![candidate];
        let judgement = Judgement { lane, candidates, ..Judgement::silent(subject, Outcome::Alert) };
        let at = Timestamp::from_ms(0);
        let (number, clause) = ("XS-2611-0001".into(), "四.2".into());
        Case {
            id: "c".into(),
            number,
            clause,
            judgement,
            state: CaseState::Open,
            open_since: at,
            opened_at: at,
            updated_at: at,
        }
    }

    fn manager(code: &str) -> Lane {
        Lane::Manager(code.into())
    }

    #[test]
    fn every_right_stands_in_the_table_once_and_it_s_admin_sees_no_case() {
        for (at, (right, kinds)) in TABLE.iter().enumerate() {
            assert!(TABLE.iter().skip(at + 1).all(|(other, _)| other != right), "{right:?}");
            let is_about_cases =
                matches!(right, Right::SeeCases | Right::DecideCases | Right::SeeCandidates | Right::SeeRequests);
            assert!(!is_about_cases || !kinds.contains(&Kind::Admin), "{right:?}");
        }
    }

    #[test]
    fn a_manager_sees_the_own_company_only() {
        let own = rights(&[Role::Manager("XH".into())], "XH1");
        assert!(own.may_with(Right::DecideCases, &case(manager("XH"), "XH7", Band::High)));
        for lane in [manager("YZ"), Lane::Leak, Lane::Legal, Lane::GroupHr] {
            assert!(!own.may_with(Right::SeeCases, &case(lane, "XH7", Band::High)));
        }
    }

    #[test]
    fn a_manager_keeps_the_groups_of_the_own_company_and_an_auditor_only_sees_the_register() {
        let own = rights(&[Role::Manager("XH".into())], "XH1");
        let in_company = |rights: &Rights, right, code: &str| rights.may_in(right, &code.into());
        assert!(in_company(&own, Right::KeepGroups, "XH") && !in_company(&own, Right::SeeGroups, "YZ"));
        assert!(in_company(&rights(&[Role::GroupHr], ""), Right::KeepGroups, "YZ"));
        let auditor = rights(&[Role::Auditor], "");
        assert!(in_company(&auditor, Right::SeeGroups, "YZ") && !auditor.may(Right::KeepGroups));
        assert!(!rights(&[Role::Admin, Role::Legal, Role::LeakLane, Role::ListEditor], "").may(Right::SeeGroups));
    }

    #[test]
    fn the_leak_lane_is_seen_by_its_readers_alone() {
        let leak = case(Lane::Leak, "XH7", Band::High);
        for role in [Role::Admin, Role::ListEditor, Role::GroupHr, Role::Legal, Role::Auditor] {
            assert!(!rights(&[role], "").may_with(Right::SeeCases, &leak));
        }
        let reader = rights(&[Role::LeakLane], "XH9");
        assert!(reader.may_with(Right::DecideCases, &leak));
        assert!(!reader.may_with(Right::SeeCases, &case(manager("XH"), "XH7", Band::High)));
    }

    #[test]
    fn an_auditor_reads_and_decides_nothing() {
        let auditor = rights(&[Role::Auditor], "");
        let open = case(manager("XH"), "XH7", Band::High);
        assert!(auditor.may_with(Right::SeeCases, &open) && !auditor.may_with(Right::DecideCases, &open));
        assert!(!auditor.may(Right::SeeCandidates) && auditor.may(Right::ReadAudit));
    }

    #[test]
    fn no_ledger_that_gives_roles_or_protects_speech_is_edited_in_the_console() {
        let all = [Role::Admin, Role::ListEditor, Role::GroupHr, Role::LeakLane, Role::Legal, Role::Auditor];
        for name in ["managers", "protected_topics", "confidential_terms", "unknown"] {
            assert!(!rights(&all, "").may_edit_ledger(name), "{name}");
        }
        assert!(!rights(&all, "").may_see_ledger("confidential_terms"));
        assert!(!rights(&all, "").may_propose("protected_topics"), "nor by whoever is of HR as well");
        for role in [Role::Legal, Role::LeakLane] {
            let two = rights(&[role], "");
            assert!(two.may_propose("protected_topics") && !two.may_propose("terms"));
        }
        assert!(!rights(&[Role::Admin, Role::Auditor, Role::Manager("XH".into())], "").may_propose("protected_topics"));
        assert!(rights(&[Role::ListEditor], "").may_edit_ledger("terms"));
        assert!(!rights(&[Role::ListEditor], "").may_see_ledger("employees"));
    }

    #[test]
    fn nobody_sees_a_case_that_is_perhaps_about_themselves() {
        let own = rights(&[Role::Manager("XH".into()), Role::GroupHr], "XH1");
        assert!(!own.may_with(Right::SeeCases, &case(manager("XH"), "XH1", Band::Medium)));
        assert!(own.may_with(Right::SeeCases, &case(manager("XH"), "XH1", Band::Low)), "too weak to mean anybody");
        let once = case(manager("XH"), "XH7", Band::High);
        assert!(own.may_with(Right::SeeCases, &once));
        let own = own.kept_from(vec![account_key(&once.judgement.subject)]);
        assert!(!own.may_with(Right::SeeCases, &once), "nor one that was");
    }
}
