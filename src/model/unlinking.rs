//! Accounts of which it is known whose they are not.

use std::collections::BTreeSet;

use crate::model::ids::EmployeeId;

/// Pairs of an account, by its key, and an employee to whom it does not belong. They are never matched again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unlinkings(BTreeSet<(String, EmployeeId)>);

impl Unlinkings {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an account is known not to belong to an employee.
    pub fn holds(&self, account_key: &str, employee: &EmployeeId) -> bool {
        self.0.contains(&(account_key.to_owned(), employee.clone()))
    }
}

impl FromIterator<(String, EmployeeId)> for Unlinkings {
    fn from_iter<T: IntoIterator<Item = (String, EmployeeId)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}
