//! Accounts that are not somebody's: an objection or a decision says so, and nobody is thought of there again.

use crate::casework::keys::account_key;
use crate::casework::unlinking::without;
use crate::model::case::{Case, Disposition, Judgement};
use crate::model::ids::EmployeeId;
use crate::model::time::Timestamp;
use crate::model::unlinking::Unlinkings;
use crate::store::sql::{Row, query};
use crate::store::{Decision, JudgementBatch, Step, Store, StoreError, Tx};

const ALL: &str = "SELECT account_key, employee_id FROM unlinkings";
const OF_ACCOUNT: &str = "SELECT account_key, employee_id FROM unlinkings WHERE account_key = $1";
const ADD: &str = "INSERT INTO unlinkings (account_key, employee_id, cause, at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (account_key, employee_id, cause) DO NOTHING";
const LIFT: &str = "DELETE FROM unlinkings WHERE cause = $1";

impl Store {
    /// Everything that is known of whose an account is not.
    pub async fn unlinkings(&self) -> Result<Unlinkings, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(pair).collect()
    }
}

impl Tx {
    pub(super) async fn unlink(
        &mut self,
        account_key: &str,
        employee: &EmployeeId,
        cause: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let add = query(ADD).bind(account_key).bind(employee.as_str()).bind(cause).bind(at.ms());
        add.execute(&mut self.inner).await?;
        Ok(())
    }

    /// What an objection or a decision said holds no longer.
    pub(super) async fn lift_unlinkings(&mut self, cause: &str) -> Result<(), StoreError> {
        query(LIFT).bind(cause).execute(&mut self.inner).await?;
        Ok(())
    }

    /// A case closed as another person's says so of everybody who was thought of, until the decision is taken back.
    pub(super) async fn link_by_decision(&mut self, before: &Case, decision: &Decision) -> Result<(), StoreError> {
        match decision.step {
            Step::Close(Disposition::SameName) => {
                let account = account_key(&before.judgement.subject);
                for candidate in &before.judgement.candidates {
                    self.unlink(&account, &candidate.employee_id, before.id.as_str(), decision.at).await?;
                }
                Ok(())
            }
            Step::Reopen => self.lift_unlinkings(before.id.as_str()).await,
            Step::Close(_) | Step::Recheck | Step::Lock | Step::Unlock => Ok(()),
        }
    }

    /// The batch without possible owners who are known not to be; none where that changes nothing. Somebody may have objected
    /// since it was judged.
    pub(super) async fn linked(&mut self, batch: &JudgementBatch) -> Result<Option<JudgementBatch>, StoreError> {
        if batch.judgement.candidates.is_empty() {
            return Ok(None);
        }
        let account = account_key(&batch.judgement.subject);
        let rows = query(OF_ACCOUNT).bind(account.as_str()).fetch_all(&mut self.inner).await?;
        let known: Unlinkings = rows.iter().map(pair).collect::<Result<_, StoreError>>()?;
        let candidates = without(batch.judgement.candidates.clone(), |employee| known.holds(&account, employee));
        if candidates.len() == batch.judgement.candidates.len() {
            return Ok(None);
        }
        let judgement = Judgement { candidates, ..batch.judgement.clone() };
        Ok(Some(JudgementBatch { judgement, ..batch.clone() }))
    }
}

fn pair(row: &Row) -> Result<(String, EmployeeId), StoreError> {
    Ok((row.try_get("account_key")?, EmployeeId::new(row.try_get::<String>("employee_id")?)))
}
