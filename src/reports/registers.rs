//! How the registers of a company stand at the end of a month: groups, leavers, exemptions, official accounts.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::casework::world::Policy;
use crate::groups::leavers::{Holding, Leaver, sweep};
use crate::groups::own_accounts;
use crate::groups::register::{self, Checked, is_dissolved};
use crate::ledger::Ledgers;
use crate::model::exemption::ExemptionStatus;
use crate::model::group::{Group, GroupRule, RegisterRule};
use crate::model::ids::{CompanyCode, EmployeeId, GroupId};

/// Days before its end from which an exemption is to be renewed.
const RENEWED_BEFORE_DAYS: i64 = 30;

/// The ledgers at two instants: at the end of the month, and when it began, as far as states from then are kept.
#[derive(Debug, Clone, Copy)]
pub struct Registers<'a> {
    /// At the end, or now.
    pub ledgers: &'a Ledgers,
    /// When the month began.
    pub before: Option<&'a Ledgers>,
    /// Switches.
    pub policy: Policy,
    /// The first day of the month.
    pub first_day: NaiveDate,
    /// The day of the report within it.
    pub day: NaiveDate,
}

/// What is counted of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisterTally {
    /// Groups that have to be in the register and filed.
    pub groups_required: u64,
    /// Of these, those that are filed wherever they must be.
    pub groups_filed: u64,
    /// Temporary groups that live on after their end and the days of grace.
    pub temporary_overdue: u64,
    /// Groups of which nobody answers.
    pub groups_ownerless: u64,
    /// Groups that should be merged with another one, or are asleep.
    pub groups_to_settle: u64,
    /// Groups in which everything was put right since the month began; none where their state of then is not kept.
    pub groups_rectified: Option<u64>,
    /// Places in groups that people hold who have left.
    pub leavers_remaining: u64,
    /// Places that they held when the month began and hold no more; none where the state of then is not kept.
    pub leavers_removed: Option<u64>,
    /// Members whose remark has to be put right.
    pub remarks: u64,
    /// Members whom the last yearly confirmation asks; none where there was no round yet.
    pub members_asked: Option<u64>,
    /// Of these, those who had confirmed by the end of the month.
    pub members_attested: u64,
    /// Exemptions in force.
    pub exemptions_valid: u64,
    /// Of these, those that end within thirty days.
    pub exemptions_ending: u64,
    /// Applications that wait.
    pub exemptions_pending: u64,
    /// Exemptions that have expired or were revoked.
    pub exemptions_over: u64,
    /// Official accounts in use.
    pub accounts_in_use: u64,
    /// Of these, those whose administrator has left or that publish nothing any more.
    pub accounts_to_settle: u64,
}

/// A place in a group that somebody holds.
type Place = (EmployeeId, String);

/// What stands in the registers of all companies at both instants; it takes seconds for a large group.
struct Seen {
    now: Checked,
    then: Option<Checked>,
    leavers: Vec<Leaver>,
    leavers_of_then: Option<Vec<Leaver>>,
}

impl Registers<'_> {
    /// Counts the registers of each of these companies. What is the same for all of them is looked for once.
    pub fn tallies<'c>(&self, companies: impl Iterator<Item = &'c CompanyCode>) -> Vec<RegisterTally> {
        let seen = self.seen();
        companies.map(|company| self.tally(&seen, company)).collect()
    }

    fn seen(&self) -> Seen {
        let then = |before| register::check(before, self.policy, self.first_day);
        Seen {
            now: register::check(self.ledgers, self.policy, self.day),
            then: self.before.map(then),
            leavers: sweep(self.ledgers, self.day),
            leavers_of_then: self.before.map(|before| {
                // Who has left by now, in the rosters of then.
                let employees = self.ledgers.employees.clone();
                sweep(&Ledgers { employees, ..before.clone() }, self.day)
            }),
        }
    }

    fn tally(&self, seen: &Seen, company: &CompanyCode) -> RegisterTally {
        let is_meant = |code: &CompanyCode| company == code;
        let mut tally = RegisterTally::default();
        self.groups(&mut tally, seen, is_meant);
        leavers(&mut tally, seen, is_meant);
        self.exemptions(&mut tally, is_meant);
        self.accounts(&mut tally, is_meant);
        tally
    }

    fn groups(&self, tally: &mut RegisterTally, seen: &Seen, is_meant: impl Fn(&CompanyCode) -> bool + Copy) {
        let checked = &seen.now;
        let meant = groups_of(self.ledgers, self.day, is_meant);
        let with = |rules: &[GroupRule]| groups_with(checked, &meant, rules);
        let unfiled = with(&[GroupRule::FiledLocally, GroupRule::FiledWithListed]).len() as u64;
        tally.groups_required = meant.len() as u64;
        tally.groups_filed = tally.groups_required - unfiled;
        tally.temporary_overdue = with(&[GroupRule::TemporaryOverdue]).len() as u64;
        tally.groups_ownerless = with(&[GroupRule::OwnerNone, GroupRule::OwnerLeft]).len() as u64;
        tally.groups_to_settle = with(&[GroupRule::Duplicate, GroupRule::Zombie]).len() as u64;
        let remarks = [GroupRule::Remark, GroupRule::RemarkMismatch, GroupRule::Unidentified, GroupRule::Outsider];
        let of_remarks = checked.findings.iter().filter(|f| meant.contains(&f.group) && remarks.contains(&f.rule));
        tally.remarks = of_remarks.count() as u64;
        tally.groups_rectified = seen.then.as_ref().map(|then| {
            let had: BTreeSet<&GroupId> = then.findings.iter().map(|f| &f.group).collect();
            let has: BTreeSet<&GroupId> = checked.findings.iter().map(|f| &f.group).collect();
            had.iter().filter(|group| meant.contains(**group) && !has.contains(**group)).count() as u64
        });
    }

    fn exemptions(&self, tally: &mut RegisterTally, is_meant: impl Fn(&CompanyCode) -> bool) {
        for exemption in self.ledgers.exemptions.iter().filter(|exemption| is_meant(&exemption.company)) {
            match exemption.status_on(self.day) {
                ExemptionStatus::Valid => {
                    tally.exemptions_valid += 1;
                    let days = exemption.until.map(|until| (until - self.day).num_days());
                    tally.exemptions_ending += u64::from(days.is_some_and(|days| days <= RENEWED_BEFORE_DAYS));
                }
                ExemptionStatus::Pending => tally.exemptions_pending += 1,
                ExemptionStatus::Expired | ExemptionStatus::Revoked(_) => tally.exemptions_over += 1,
            }
        }
    }

    fn accounts(&self, tally: &mut RegisterTally, is_meant: impl Fn(&CompanyCode) -> bool) {
        let in_use = self.ledgers.official_accounts.iter().filter(|account| account.is_in_use());
        tally.accounts_in_use = in_use.filter(|account| is_meant(&account.company)).count() as u64;
        let rules = [RegisterRule::AdministratorLeft, RegisterRule::AccountZombie];
        let findings = own_accounts::check(self.ledgers, self.day);
        let meant = findings.iter().filter(|f| rules.contains(&f.rule) && is_meant(&f.company));
        tally.accounts_to_settle = meant.map(|f| &f.ledger).collect::<BTreeSet<_>>().len() as u64;
    }
}

fn leavers(tally: &mut RegisterTally, seen: &Seen, is_meant: impl Fn(&CompanyCode) -> bool) {
    let now = places(&seen.leavers, &is_meant);
    tally.leavers_remaining = now.len() as u64;
    let then = seen.leavers_of_then.as_deref();
    tally.leavers_removed = then.map(|then| places(then, &is_meant).difference(&now).count() as u64);
}

fn groups_of(ledgers: &Ledgers, day: NaiveDate, is_meant: impl Fn(&CompanyCode) -> bool) -> BTreeSet<&GroupId> {
    let is_alive = |group: &&Group| !is_dissolved(group, day) && is_meant(&group.company);
    ledgers.groups.iter().filter(is_alive).map(|group| &group.id).collect()
}

fn groups_with<'c>(checked: &'c Checked, meant: &BTreeSet<&GroupId>, rules: &[GroupRule]) -> BTreeSet<&'c GroupId> {
    let of_rules = checked.findings.iter().filter(|finding| rules.contains(&finding.rule));
    of_rules.map(|finding| &finding.group).filter(|group| meant.contains(*group)).collect()
}

fn places(leavers: &[Leaver], is_meant: impl Fn(&CompanyCode) -> bool) -> BTreeSet<Place> {
    let leavers = leavers.iter().filter(|leaver| is_meant(&leaver.company));
    let group = |holding: &Holding| match holding {
        Holding::Member { group, .. } | Holding::Owner { group } | Holding::Administrator { group } => {
            Some(group.clone())
        }
        Holding::OfficialAccount { .. } | Holding::Exemption { .. } => None,
    };
    leavers
        .flat_map(|leaver| {
            let groups: Vec<String> = leaver.holdings.iter().filter_map(group).collect();
            groups.into_iter().map(move |group| (leaver.employee.clone(), group))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{RegisterTally, Registers};
    use crate::casework::world::Policy;
    use crate::ledger::{Ledgers, read_files};

    const COMPANIES: &str = "代码,全称,简称,角色,第一责任人工号\nXH,星河科技股份有限公司,星河科技,上市公司,XH1\nYZ,云舟材料有限公司,云舟材料,子公司,YZ1\n";
    const EMPLOYEES: &str = "工号,姓名,公司,公司代码,部门,在职状态,离职日期\nXH1,林知远,星河科技,XH,市场部,在职,\n\
        XH2,丁小满,星河科技,XH,市场部,离职,2026-11-05\n";
    const GROUPS: &str = "群编号,平台,群名称,公司代码,级别,是否临时,建群日期,计划结束日期,群主工号,本公司登记日期,上市公司备案日期,主要用途\n\
        G1,微信,市场部群,XH,部门级,否,2026-01-01,,XH1,2026-01-02,,日常\n\
        G2,微信,展会群,XH,部门级,是,2026-01-01,2026-09-28,XH1,2026-01-02,,展会\n\
        G3,微信,材料群,YZ,部门级,否,2026-01-01,,XH1,,,日常\n";

    fn ledgers(roster: &str) -> Ledgers {
        let files = [
            ("companies.csv", COMPANIES),
            ("employees.csv", EMPLOYEES),
            ("groups.csv", GROUPS),
            ("group_rosters.csv", roster),
        ];
        let files: BTreeMap<String, Vec<u8>> = files.map(|(name, text)| (name.into(), text.into())).into();
        read_files(&files).ledgers
    }

    fn tallies() -> Vec<RegisterTally> {
        let header = "群编号,平台,群内备注,角色\n";
        let then =
            ledgers(&format!("{header}G1,微信,星河科技-市场部-丁小满,成员\nG2,微信,星河科技-市场部-丁小满,成员\n"));
        let now = ledgers(&format!("{header}G2,微信,星河科技-市场部-丁小满,成员\n"));
        let registers = Registers {
            ledgers: &now,
            before: Some(&then),
            policy: Policy::default(),
            first_day: "2026-11-01".parse().unwrap(),
            day: "2026-11-30".parse().unwrap(),
        };
        registers.tallies(["XH", "YZ"].map(Into::into).iter())
    }

    #[test]
    fn groups_are_held_against_what_is_filed_and_leavers_against_the_roster_of_before() {
        let [own, other] = tallies().try_into().unwrap();
        assert_eq!((own.groups_required, own.groups_filed, own.temporary_overdue), (2, 2, 1));
        assert_eq!((own.leavers_remaining, own.leavers_removed), (1, Some(1)));
        assert_eq!((other.groups_required, other.groups_filed, other.leavers_remaining), (1, 0, 0));
    }
}
