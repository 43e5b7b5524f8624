//! 回避 among requests: whoever is perhaps meant by a case neither reads, takes in nor answers what people ask about it.

use std::collections::BTreeSet;

use crate::casework::keys::account_key;
use crate::model::case::Case;
use crate::model::finding::Band;
use crate::model::ids::{CaseId, EmployeeId};
use crate::model::request::{Asked, RightsRequest};
use crate::pipeline::requests::{Incoming, account_of};
use crate::pipeline::shell::Shell;
use crate::store::StoreError;

/// From what one person keeps away. Cases of the leak lane are not among it: nothing here says whether there is one.
#[derive(Debug, Clone, Default)]
pub struct KeptFrom {
    employee: EmployeeId,
    cases: BTreeSet<CaseId>,
    accounts: BTreeSet<String>,
    /// The person, and whoever is perhaps meant beside them: what is kept of the one tells of the other.
    people: BTreeSet<EmployeeId>,
}

impl KeptFrom {
    /// From what an employee keeps away; from nothing where it is not known who somebody is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(shell: &Shell, employee: &EmployeeId) -> Result<Self, StoreError> {
        if employee.is_empty() {
            return Ok(Self::default());
        }
        let cases = shell.store.cases_recusing(employee).await?;
        let mut accounts: BTreeSet<String> = cases.iter().map(|case| account_key(&case.judgement.subject)).collect();
        accounts.extend(shell.store.recused_accounts(employee).await?);
        let people = cases.iter().flat_map(meant).chain([employee.clone()]).collect();
        let cases = cases.into_iter().map(|case| case.id).collect();
        Ok(Self { employee: employee.clone(), cases, accounts, people })
    }

    /// Whether a request as it stands in the register is among it; one that cannot be opened here may be.
    pub fn holds(&self, request: &RightsRequest) -> bool {
        request.asked.as_ref().map_or(!self.employee.is_empty(), |asked| self.is_about(asked))
    }

    /// The same, also by the cases that the request locked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds_with_cases(&self, shell: &Shell, request: &RightsRequest) -> Result<bool, StoreError> {
        let locked = shell.store.cases_of_request(&request.id).await?;
        Ok(self.holds(request) || locked.iter().any(|case| self.cases.contains(case)))
    }

    /// Whether a request as it comes in is among it, by whom or what it names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds_incoming(&self, shell: &Shell, incoming: &Incoming) -> Result<bool, StoreError> {
        let number = incoming.case_number.trim().to_ascii_uppercase();
        let case = shell.store.case_by_number(&number).await?;
        Ok(self.is_about(&incoming.asked) || case.is_some_and(|case| self.cases.contains(&case.id)))
    }

    fn is_about(&self, asked: &Asked) -> bool {
        let is_account = account_of(asked).is_some_and(|account| self.accounts.contains(&account_key(&account)));
        is_account || self.people.contains(&asked.employee)
    }
}

fn meant(case: &Case) -> impl Iterator<Item = EmployeeId> {
    let candidates = case.judgement.candidates.iter().filter(|candidate| candidate.band >= Band::Medium);
    candidates.map(|candidate| candidate.employee_id.clone())
}
