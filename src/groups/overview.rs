//! Everything that is said of groups and registers on one day, by group: computed once, shown on many pages.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::casework::world::Policy;
use crate::groups::leavers::{Leaver, sweep};
use crate::groups::notices::{Material, Notice};
use crate::groups::own_accounts;
use crate::groups::register::{Checked, check};
use crate::ledger::Ledgers;
use crate::model::group::{GroupFinding, GroupReminder, RegisterFinding};
use crate::model::ids::GroupId;

/// The state of all groups on a day.
#[derive(Debug)]
pub struct Overview {
    /// What rules say, in the order of the register.
    pub checked: Checked,
    /// What leavers still hold.
    pub leavers: Vec<Leaver>,
    /// What is to be said of official accounts and exemptions.
    pub registers: Vec<RegisterFinding>,
    /// What should be written to whom.
    pub notices: Vec<Notice>,
    findings: HashMap<GroupId, Vec<usize>>,
    rosters: HashMap<GroupId, usize>,
}

impl Overview {
    /// Checks everything as of a day.
    pub fn of(ledgers: &Ledgers, policy: Policy, day: NaiveDate) -> Self {
        let checked = check(ledgers, policy, day);
        let mut findings: HashMap<GroupId, Vec<usize>> = HashMap::new();
        for (at, finding) in checked.findings.iter().enumerate() {
            findings.entry(finding.group.clone()).or_default().push(at);
        }
        let mut rosters: HashMap<GroupId, usize> = HashMap::new();
        for line in &ledgers.group_rosters {
            *rosters.entry(line.group.clone()).or_default() += 1;
        }
        let (leavers, registers) = (sweep(ledgers, day), own_accounts::check(ledgers, day));
        let notices = Material { ledgers, checked: &checked, leavers: &leavers, registers: &registers, day }.notices();
        Self { checked, leavers, registers, notices, findings, rosters }
    }

    /// What rules say of a group and its members.
    pub fn findings(&self, group: &GroupId) -> impl Iterator<Item = &GroupFinding> {
        self.findings.get(group).into_iter().flatten().map(|at| &self.checked.findings[*at])
    }

    /// What the owner of a group should do soon.
    pub fn reminders(&self, group: &GroupId) -> impl Iterator<Item = &GroupReminder> {
        self.checked.reminders.iter().filter(move |reminder| reminder.group == *group)
    }

    /// Members on the roster of a group.
    pub fn roster_lines(&self, group: &GroupId) -> usize {
        self.rosters.get(group).copied().unwrap_or(0)
    }
}
