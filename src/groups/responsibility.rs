//! Who acts for a group: its owner as long as that person is there, else the head of the company (第一责任人).

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::groups::roster::has_left_by;
use crate::ledger::Ledgers;
use crate::model::company::Company;
use crate::model::group::Group;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::Employee;

/// Staff and companies as of a day, ready to be asked.
#[derive(Debug)]
pub struct Responsibility<'a> {
    employees: HashMap<&'a EmployeeId, &'a Employee>,
    companies: HashMap<&'a CompanyCode, &'a Company>,
    day: NaiveDate,
}

impl<'a> Responsibility<'a> {
    /// Indexes staff and companies.
    pub fn of(ledgers: &'a Ledgers, day: NaiveDate) -> Self {
        let employees = ledgers.employees.iter().map(|employee| (&employee.id, employee)).collect();
        let companies = ledgers.companies.iter().map(|company| (&company.code, company)).collect();
        Self { employees, companies, day }
    }

    /// Somebody of the directory who has not left by the day.
    pub fn colleague(&self, id: &EmployeeId) -> Option<&'a Employee> {
        self.employees.get(id).copied().filter(|employee| !has_left_by(employee, self.day))
    }

    /// The head of a company; nobody once that person has left.
    pub fn head(&self, company: &CompanyCode) -> Option<&'a EmployeeId> {
        let head = &self.companies.get(company)?.responsible;
        let has_left = self.employees.get(head).is_some_and(|employee| has_left_by(employee, self.day));
        (!head.is_empty() && !has_left).then_some(head)
    }

    /// Whether somebody may own groups of a company: works there, or in the listed company.
    pub fn may_own(&self, id: &EmployeeId, company: &CompanyCode) -> bool {
        self.colleague(id).is_some_and(|employee| {
            let is_listed = self.companies.get(&employee.company).is_some_and(|company| company.listed);
            employee.company.is_empty() || employee.company == *company || is_listed
        })
    }

    /// The owner of a group, unless that person has left or works for another company now.
    pub fn owner<'g>(&self, group: &'g Group) -> Option<&'g EmployeeId> {
        group.owner.as_ref().filter(|owner| self.may_own(owner, &group.company))
    }

    /// Who answers for a group: its owner, else the head of its company.
    pub fn answers_for<'g>(&self, group: &'g Group) -> Option<&'g EmployeeId>
    where
        'a: 'g,
    {
        self.owner(group).or_else(|| self.head(&group.company))
    }

    /// Whether somebody may act for a group: its owner, and the head of its company.
    pub fn acts_for(&self, employee: &EmployeeId, group: &Group) -> bool {
        self.owner(group) == Some(employee) || self.head(&group.company) == Some(employee)
    }
}
