//! The leaver sweep: what people who have left still hold. One page for each company, for its Monday letter.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::groups::register::{is_dissolved, rosters};
use crate::groups::roster::{Member, has_left_by};
use crate::groups::writings::{Number, Writings};
use crate::ledger::Ledgers;
use crate::model::exemption::ExemptionStatus;
use crate::model::ids::{CompanyCode, EmployeeId};

/// What somebody who has left still holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "holds", rename_all = "snake_case")]
pub enum Holding {
    /// A place in a group.
    Member {
        /// Number of the group.
        group: String,
        /// The remark in its roster.
        remark: String,
        /// Its owner, who takes the leaver out.
        owner: Option<EmployeeId>,
    },
    /// A group of which the leaver is the owner.
    Owner {
        /// Number of the group.
        group: String,
    },
    /// A group of which the leaver is an administrator.
    Administrator {
        /// Number of the group.
        group: String,
    },
    /// An official account that the leaver administers.
    OfficialAccount {
        /// Number of the line.
        account: String,
    },
    /// An exemption that is in force or being decided. The account that it names is the leaver's declared one.
    Exemption {
        /// Number of the line.
        exemption: String,
        /// Platform and identifier of the account.
        account: String,
    },
}

impl Holding {
    /// In Chinese, for a table.
    pub fn zh(&self) -> String {
        match self {
            Self::Member { group, remark, .. } => format!("仍在群 {group}（备注“{remark}”）"),
            Self::Owner { group } => format!("仍是群主 {group}"),
            Self::Administrator { group } => format!("仍是群管理员 {group}"),
            Self::OfficialAccount { account } => format!("仍管理官方账号 {account}"),
            Self::Exemption { exemption, account } => format!("仍持豁免 {exemption}（账号 {account}）"),
        }
    }
}

/// Somebody who has left and still holds something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leaver {
    /// Company.
    pub company: CompanyCode,
    /// Who.
    #[serde(rename = "emp")]
    pub employee: EmployeeId,
    /// Last day, where HR says it.
    pub left_on: Option<NaiveDate>,
    /// What, in the order of the variants.
    pub holdings: Vec<Holding>,
}

/// Everybody who had left by a day and still holds something, by company and employee number.
pub fn sweep(ledgers: &Ledgers, day: NaiveDate) -> Vec<Leaver> {
    let writings = Writings::of(ledgers);
    let mut sweep = Sweep { ledgers, writings: &writings, day, holdings: HashMap::new() };
    sweep.groups();
    sweep.accounts();
    sweep.exemptions();
    sweep.leavers()
}

struct Sweep<'r, 'a> {
    ledgers: &'a Ledgers,
    writings: &'r Writings<'a>,
    day: NaiveDate,
    holdings: HashMap<Number, Vec<Holding>>,
}

impl Sweep<'_, '_> {
    fn note(&mut self, person: Option<Number>, holding: impl FnOnce() -> Holding) {
        let has_left = |number: &Number| has_left_by(self.writings.employee(*number), self.day);
        if let Some(person) = person.filter(has_left) {
            self.holdings.entry(person).or_default().push(holding());
        }
    }

    fn person(&self, id: Option<&EmployeeId>) -> Option<Number> {
        id.and_then(|id| self.writings.employee_of_id(id))
    }

    fn groups(&mut self) {
        let (rosters, day) = (rosters(self.ledgers), self.day);
        for group in self.ledgers.groups.iter().filter(|group| !is_dissolved(group, day)) {
            let id = || group.id.to_string();
            self.note(self.person(group.owner.as_ref()), || Holding::Owner { group: id() });
            for administrator in &group.administrators {
                self.note(self.person(Some(administrator)), || Holding::Administrator { group: id() });
            }
            let home = self.writings.company_number(&group.company);
            for line in rosters.get(&group.id).map_or(&[][..], Vec::as_slice) {
                let member = Member::read(self.writings, group, home, line);
                let remark = || line.remark.clone();
                self.note(member.person, || Holding::Member {
                    group: id(),
                    remark: remark(),
                    owner: group.owner.clone(),
                });
            }
        }
    }

    fn accounts(&mut self) {
        for account in self.ledgers.official_accounts.iter().filter(|account| account.is_in_use()) {
            let person = self.person(account.administrator.as_ref());
            self.note(person, || Holding::OfficialAccount { account: account.id.to_string() });
        }
    }

    fn exemptions(&mut self) {
        for exemption in &self.ledgers.exemptions {
            let is_alive = matches!(exemption.status_on(self.day), ExemptionStatus::Valid | ExemptionStatus::Pending);
            let person = self.person(Some(&exemption.employee)).filter(|_| is_alive);
            self.note(person, || Holding::Exemption {
                exemption: exemption.id.to_string(),
                account: format!("{}:{}", exemption.platform, exemption.handle),
            });
        }
    }

    fn leavers(self) -> Vec<Leaver> {
        let leaver = |(person, mut holdings): (Number, Vec<Holding>)| {
            let employee = self.writings.employee(person);
            holdings.sort();
            Leaver {
                company: employee.company.clone(),
                employee: employee.id.clone(),
                left_on: employee.left_on,
                holdings,
            }
        };
        let mut leavers: Vec<Leaver> = self.holdings.into_iter().map(leaver).collect();
        leavers.sort_by(|a, b| (&a.company, &a.employee).cmp(&(&b.company, &b.employee)));
        leavers
    }
}
