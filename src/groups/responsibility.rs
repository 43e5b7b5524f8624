//! Who acts for a group: its owner as long as that person is there, else the head of the company (第一责任人).

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::groups::roster::has_left_by;
use crate::ledger::Ledgers;
use crate::model::company::Company;
use crate::model::group::Group;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::{Employee, Manager, ManagerRole};

/// Staff and companies as of a day, ready to be asked.
#[derive(Debug)]
pub struct Responsibility<'a> {
    employees: HashMap<&'a EmployeeId, &'a Employee>,
    companies: HashMap<&'a CompanyCode, &'a Company>,
    managers: &'a [Manager],
    listed: Option<&'a Company>,
    day: NaiveDate,
}

impl<'a> Responsibility<'a> {
    /// Indexes staff and companies.
    pub fn of(ledgers: &'a Ledgers, day: NaiveDate) -> Self {
        let employees = ledgers.employees.iter().map(|employee| (&employee.id, employee)).collect();
        let companies = ledgers.companies.iter().map(|company| (&company.code, company)).collect();
        let listed = ledgers.companies.iter().find(|company| company.listed);
        Self { employees, companies, managers: &ledgers.managers, listed, day }
    }

    /// Somebody of the directory who has not left by the day.
    pub fn colleague(&self, id: &EmployeeId) -> Option<&'a Employee> {
        self.employees.get(id).copied().filter(|employee| !has_left_by(employee, self.day))
    }

    /// The head of a company; once that person has left, the head of the listed company.
    pub fn head(&self, company: &CompanyCode) -> Option<&'a EmployeeId> {
        let own = self.companies.get(company).copied()?;
        self.head_of(own).or_else(|| self.head_of(self.listed?))
    }

    fn head_of(&self, company: &'a Company) -> Option<&'a EmployeeId> {
        let head = &company.responsible;
        let has_left = self.employees.get(head).is_some_and(|employee| has_left_by(employee, self.day));
        (!head.is_empty() && !has_left).then_some(head)
    }

    /// Who is written to in a company: its designated manager, else the deputy, else the head.
    pub fn manager(&self, company: &CompanyCode) -> Option<&'a EmployeeId> {
        let managers = self.managers.iter();
        let own = managers.filter(|m| m.role == ManagerRole::DesignatedManager && m.company == *company);
        let line = own.flat_map(|manager| [Some(&manager.employee), manager.deputy.as_ref()]).flatten();
        line.into_iter().find(|id| self.colleague(id).is_some()).or_else(|| self.head(company))
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

#[cfg(test)]
mod tests {
    use super::Responsibility;
    use crate::ledger::{Ledgers, read_all};

    fn ledgers() -> Ledgers {
        let companies =
            "代码,全称,简称,角色,第一责任人工号\nXH,星河股份,星河,上市公司,XH1\nYZ,云舟公司,云舟,子公司,YZ1\n";
        let people = "工号,姓名,公司,公司代码,在职状态\nXH1,甲,星河,XH,在职\nYZ1,乙,云舟,YZ,离职\n";
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        read_all(&[file("companies.csv", companies), file("employees.csv", people)].into()).0
    }

    #[test]
    fn where_the_head_of_a_company_has_left_the_head_of_the_listed_one_answers() {
        let ledgers = ledgers();
        let people = Responsibility::of(&ledgers, "2026-11-20".parse().unwrap());
        let head = |code: &str| people.head(&code.into()).map(|id| id.as_str());
        assert_eq!([head("XH"), head("YZ"), head("??")], [Some("XH1"), Some("XH1"), None]);
    }
}
