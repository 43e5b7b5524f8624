//! Taking possible owners out of a case: all of one that was found wrong, or one who objects.

use crate::casework::unlinking::without;
use crate::model::case::{Case, CaseState, Judgement};
use crate::model::finding::Candidate;
use crate::model::ids::{CaseId, EmployeeId};
use crate::retention::Stage;
use crate::store::case::JUDGEMENT;
use crate::store::column::{from_json, json as to_json};
use crate::store::outcome::OUTCOME;
use crate::store::sealed::Readers;
use crate::store::sql::query;
use crate::store::{StoreError, Tx};

const CLEAR: &str = "DELETE FROM candidates WHERE case_id = $1";
const CLEAR_ONE: &str = "DELETE FROM candidates WHERE case_id = $1 AND employee_id = $2";
const CLEAR_UNLED: &str = "DELETE FROM candidates WHERE case_id = $1 AND NOT EXISTS \
    (SELECT 1 FROM candidates AS k WHERE k.case_id = $1 AND k.band <> 'low')";
const JUDGEMENTS: &str = "SELECT subject_key, sealed, judgement FROM case_subjects WHERE case_id = $1";
const SAVE_JUDGEMENT: &str = "UPDATE case_subjects SET judgement = $3 WHERE case_id = $1 AND subject_key = $2";
const OUTCOMES: &str = "SELECT o.id, o.sealed, o.outcome FROM outcomes AS o \
    JOIN case_subjects AS k ON k.subject_key = o.subject_key WHERE k.case_id = $1";
const SAVE_OUTCOME: &str = "UPDATE outcomes SET outcome = $2 WHERE id = $1";

/// Whether the decision of a case says that whoever was thought of has nothing to do with it.
pub(super) fn names_nobody(case: &Case) -> bool {
    matches!(&case.state, CaseState::Closed { disposition, .. } if Stage::Closed(*disposition).names_nobody())
}

impl Tx {
    /// Takes all possible owners out of a case: rows, judgements and outcomes. What is sealed and cannot be opened here stays
    /// sealed until the case is erased.
    pub(super) async fn forget_candidates(&mut self, case: &CaseId) -> Result<(), StoreError> {
        query(CLEAR).bind(case.as_str()).execute(&mut self.inner).await?;
        self.keep_candidates(case, |_| Vec::new()).await
    }

    /// Takes one of them out, and whoever stood beside for the name alone.
    pub(super) async fn forget_candidate(&mut self, case: &CaseId, employee: &EmployeeId) -> Result<(), StoreError> {
        query(CLEAR_ONE).bind(case.as_str()).bind(employee.as_str()).execute(&mut self.inner).await?;
        query(CLEAR_UNLED).bind(case.as_str()).execute(&mut self.inner).await?;
        self.keep_candidates(case, |candidates| without(candidates, |one| one == employee)).await
    }

    async fn keep_candidates(
        &mut self,
        case: &CaseId,
        kept: impl Fn(Vec<Candidate>) -> Vec<Candidate> + Send,
    ) -> Result<(), StoreError> {
        for row in query(JUDGEMENTS).bind(case.as_str()).fetch_all(&mut self.inner).await? {
            let (subject, sealed): (String, bool) = (row.try_get("subject_key")?, row.try_get("sealed")?);
            let Some(text) = self.sealing.read(JUDGEMENT, row.try_get("judgement")?, sealed)? else { continue };
            let mut judgement: Judgement = from_json(&text, JUDGEMENT)?;
            judgement.candidates = kept(judgement.candidates);
            let text = self.sealing.write(readers(sealed), JUDGEMENT, to_json(&judgement, JUDGEMENT)?, "").0;
            query(SAVE_JUDGEMENT).bind(case.as_str()).bind(subject).bind(text).execute(&mut self.inner).await?;
        }
        for row in query(OUTCOMES).bind(case.as_str()).fetch_all(&mut self.inner).await? {
            let (id, sealed): (String, bool) = (row.try_get("id")?, row.try_get("sealed")?);
            let Some(text) = self.sealing.read(OUTCOME, row.try_get("outcome")?, sealed)? else { continue };
            let mut outcome: serde_json::Value = from_json(&text, OUTCOME)?;
            let told = outcome["candidates"].as_array().cloned().unwrap_or_default();
            let left: Vec<EmployeeId> =
                kept(told.iter().filter_map(named).collect()).into_iter().map(|one| one.employee_id).collect();
            let is_left = |one: &serde_json::Value| named(one).is_some_and(|one| left.contains(&one.employee_id));
            outcome["candidates"] = told.into_iter().filter(is_left).collect();
            let text = self.sealing.write(readers(sealed), OUTCOME, to_json(&outcome, OUTCOME)?, "").0;
            query(SAVE_OUTCOME).bind(id).bind(text).execute(&mut self.inner).await?;
        }
        Ok(())
    }
}

/// Who is named in an outcome; its reasons are texts there.
fn named(candidate: &serde_json::Value) -> Option<Candidate> {
    let employee_id = EmployeeId::new(candidate["employee_id"].as_str()?);
    let band = serde_json::from_value(candidate["band"].clone()).ok()?;
    Some(Candidate { employee_id, score: candidate["score"].as_f64().unwrap_or_default(), band, reasons: Vec::new() })
}

const fn readers(sealed: bool) -> Readers {
    if sealed { Readers::LeakLane } else { Readers::All }
}
