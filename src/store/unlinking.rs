//! Accounts that are not somebody's: an objection or a decision says so, and nobody is thought of there again.

use crate::casework::keys::account_key;
use crate::casework::unlinking::without;
use crate::model::case::{Case, Disposition, Judgement, Lane};
use crate::model::ids::EmployeeId;
use crate::model::time::Timestamp;
use crate::model::unlinking::Unlinkings;
use crate::store::sql::{Row, query};
use crate::store::{Decision, JudgementBatch, Step, Store, StoreError, Tx};

const ALL: &str = "SELECT account_key, employee_id, cause FROM unlinkings";
const OF_ACCOUNT: &str = "SELECT account_key, employee_id, cause FROM unlinkings WHERE account_key = $1";
const OF_EMPLOYEE: &str = "SELECT DISTINCT account_key FROM unlinkings WHERE employee_id = $1 ORDER BY account_key";
const ADD: &str = "INSERT INTO unlinkings (account_key, employee_id, cause, at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (account_key, employee_id, cause) DO NOTHING";
// What was taken back stays as a memory: who once stood under suspicion still does not judge the account.
const REMEMBER: &str = "INSERT INTO unlinkings (account_key, employee_id, cause, at_ms) \
    SELECT account_key, employee_id, 'lifted:' || cause, at_ms FROM unlinkings WHERE cause = $1 \
    ON CONFLICT (account_key, employee_id, cause) DO NOTHING";
const LIFT: &str = "DELETE FROM unlinkings WHERE cause = $1";
const LIFTED: &str = "lifted:";

impl Store {
    /// Everything that is known of whose an account is not.
    pub async fn unlinkings(&self) -> Result<Unlinkings, StoreError> {
        known(&query(ALL).fetch_all(&self.read).await?)
    }

    /// Keys of the accounts with which an employee was linked once, and from whose cases they keep away.
    pub async fn recused_accounts(&self, employee: &EmployeeId) -> Result<Vec<String>, StoreError> {
        let rows = query(OF_EMPLOYEE).bind(employee.as_str()).fetch_all(&self.read).await?;
        Ok(rows.iter().map(|row| row.try_get("account_key")).collect::<Result<_, _>>()?)
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

    /// What an objection or a decision said holds no longer, and is remembered.
    pub(super) async fn lift_unlinkings(&mut self, cause: &str) -> Result<(), StoreError> {
        for statement in [REMEMBER, LIFT] {
            query(statement).bind(cause).execute(&mut self.inner).await?;
        }
        Ok(())
    }

    /// A case closed as another person's says so of everybody who was thought of, until the decision is taken back.
    pub(super) async fn link_by_decision(&mut self, before: &Case, decision: &Decision) -> Result<(), StoreError> {
        match decision.step {
            // What is said of a leak stays in its lane: nothing of it stands here, where everybody's unlinkings stand.
            Step::Close(Disposition::SameName) if before.judgement.lane == Lane::Leak => Ok(()),
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
        if batch.judgement.candidates.is_empty() || batch.judgement.lane == Lane::Leak {
            return Ok(None);
        }
        let account = account_key(&batch.judgement.subject);
        let rows = query(OF_ACCOUNT).bind(account.as_str()).fetch_all(&mut self.inner).await?;
        let known = known(&rows)?;
        let candidates = without(batch.judgement.candidates.clone(), |employee| known.holds(&account, employee));
        if candidates.len() == batch.judgement.candidates.len() {
            return Ok(None);
        }
        let judgement = Judgement { candidates, ..batch.judgement.clone() };
        Ok(Some(JudgementBatch { judgement, ..batch.clone() }))
    }
}

fn known(rows: &[Row]) -> Result<Unlinkings, StoreError> {
    let is_lifted = |row: &&Row| row.try_get::<String>("cause").is_ok_and(|cause| cause.starts_with(LIFTED));
    let (lifted, holding): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_lifted);
    let mut known: Unlinkings = holding.into_iter().map(pair).collect::<Result<_, StoreError>>()?;
    for row in lifted {
        let (account, employee) = pair(row)?;
        known.lift(account, employee);
    }
    Ok(known)
}

fn pair(row: &Row) -> Result<(String, EmployeeId), StoreError> {
    Ok((row.try_get("account_key")?, EmployeeId::new(row.try_get::<String>("employee_id")?)))
}
