//! Accounts of which it is known whose they are not.

use std::collections::BTreeSet;

use crate::model::ids::EmployeeId;

/// Pairs of an account, by its key, and an employee to whom it does not belong. They are never matched again. Of those that
/// were taken back only the memory is left: who once stood under suspicion still does not judge the account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unlinkings {
    holding: BTreeSet<(String, EmployeeId)>,
    lifted: BTreeSet<(String, EmployeeId)>,
}

impl Unlinkings {
    /// Whether everybody may be matched everywhere.
    pub fn is_empty(&self) -> bool {
        self.holding.is_empty()
    }

    /// Whether an account is known not to belong to an employee.
    pub fn holds(&self, account_key: &str, employee: &EmployeeId) -> bool {
        self.holding.contains(&(account_key.to_owned(), employee.clone()))
    }

    /// Whether an employee keeps away from the cases of an account: they were linked with it, whatever became of that.
    pub fn recuses(&self, account_key: &str, employee: &EmployeeId) -> bool {
        self.holds(account_key, employee) || self.lifted.contains(&(account_key.to_owned(), employee.clone()))
    }

    /// Adds a pair that was taken back.
    pub fn lift(&mut self, account_key: String, employee: EmployeeId) {
        self.lifted.insert((account_key, employee));
    }
}

impl FromIterator<(String, EmployeeId)> for Unlinkings {
    fn from_iter<T: IntoIterator<Item = (String, EmployeeId)>>(pairs: T) -> Self {
        Self { holding: pairs.into_iter().collect(), lifted: BTreeSet::new() }
    }
}
