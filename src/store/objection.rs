//! An objection: "this account is not mine". The request, the lock on the case, the end of the link and its memory are one
//! transaction.

use crate::casework::keys::account_key;
use crate::casework::transition::TransitionError;
use crate::model::case::{Case, CaseState, Lane, Subject};
use crate::model::ids::CaseId;
use crate::model::request::RightsRequest;
use crate::store::case::select_cases;
use crate::store::sql::query;
use crate::store::{Decision, Step, Store, StoreError, Tx};

const OF_ACCOUNT: &str = select_cases!("WHERE c.account_key = $1 ORDER BY c.id");
const LOCKS: &str = "INSERT INTO request_cases (request_id, case_id) VALUES ($1, $2) \
    ON CONFLICT (request_id, case_id) DO NOTHING";
const LOCKED: &str = "SELECT k.case_id FROM request_cases AS k WHERE k.request_id = $1 AND NOT EXISTS \
    (SELECT 1 FROM request_cases AS o JOIN rights_requests AS r ON r.id = o.request_id \
    WHERE o.case_id = k.case_id AND r.state = 'open' AND r.id <> $1) ORDER BY k.case_id";

/// An objection as it is filed.
#[derive(Debug, Clone)]
pub struct Objection {
    /// The request; its number is given by the store.
    pub request: RightsRequest,
    /// The account that is not theirs.
    pub account: Subject,
    /// Only this case is locked; every undecided one of the account when none is given.
    pub case: Option<CaseId>,
    /// Who files it.
    pub by: String,
}

impl Store {
    /// Files an objection: the cases are locked, the employee is removed from every case of the account at once, and is not
    /// thought of there again unless the objection is refused. Cases of the leak lane stay as they are, and say nothing.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] when somebody from outside objects and nothing can be sealed.
    pub async fn file_objection(&self, objection: &Objection) -> Result<RightsRequest, StoreError> {
        let mut tx = self.begin().await?;
        let request = tx.file_request(&objection.request, &objection.by, self.zone).await?;
        let employee = request.asked.as_ref().map(|asked| asked.employee.clone()).unwrap_or_default();
        let account = account_key(&objection.account);
        if !employee.is_empty() {
            tx.unlink(&account, &employee, request.id.as_str(), request.asked_at).await?;
        }
        for case in tx.cases_of_key(&account).await? {
            let is_named = case.judgement.candidates.iter().any(|one| one.employee_id == employee);
            let is_meant = objection.case.as_ref().is_none_or(|meant| *meant == case.id);
            if is_meant && (objection.case.is_some() || is_named || employee.is_empty()) {
                tx.lock_for(&request, &case, &objection.by).await?;
            }
            if !employee.is_empty() && case.judgement.lane != Lane::Leak {
                tx.forget_candidate(&case.id, &employee).await?;
            }
        }
        tx.commit().await?;
        self.scrub().await?;
        Ok(request)
    }
}

impl Tx {
    async fn cases_of_key(&mut self, account: &str) -> Result<Vec<Case>, StoreError> {
        let rows = query(OF_ACCOUNT).bind(account).fetch_all(&mut self.inner).await?;
        rows.iter().map(|row| super::case::case_row(row, &self.sealing).map(|row| row.case)).collect()
    }

    async fn lock_for(&mut self, request: &RightsRequest, case: &Case, by: &str) -> Result<(), StoreError> {
        if case.judgement.lane == Lane::Leak || matches!(case.state, CaseState::Closed { .. }) {
            return Ok(());
        }
        query(LOCKS).bind(request.id.as_str()).bind(case.id.as_str()).execute(&mut self.inner).await?;
        if matches!(case.state, CaseState::Locked { .. }) {
            return Ok(());
        }
        self.decide(&step(&case.id, Step::Lock, by, request)).await.map(drop)
    }

    /// Unlocks the cases that no other objection holds.
    pub(super) async fn unlock_for(&mut self, request: &RightsRequest, by: &str) -> Result<(), StoreError> {
        for row in query(LOCKED).bind(request.id.as_str()).fetch_all(&mut self.inner).await? {
            let case = CaseId::new(row.try_get::<String>("case_id")?);
            match self.decide(&step(&case, Step::Unlock, by, request)).await {
                Ok(_) | Err(StoreError::Transition(TransitionError::NotLocked)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn step(case: &CaseId, step: Step, by: &str, request: &RightsRequest) -> Decision {
    let at = request.answered_at.unwrap_or(request.asked_at);
    Decision { case: case.clone(), step, by: by.to_owned(), at, alerts: Vec::new() }
}
