//! Taking possible owners out of a case that was found wrong: nobody stays named for it.

use serde_json::json;

use crate::model::case::{Case, CaseState, Judgement};
use crate::model::ids::CaseId;
use crate::retention::Stage;
use crate::store::case::JUDGEMENT;
use crate::store::column::{from_json, json as to_json};
use crate::store::outcome::OUTCOME;
use crate::store::sealed::Readers;
use crate::store::sql::query;
use crate::store::{StoreError, Tx};

const CLEAR: &str = "DELETE FROM candidates WHERE case_id = $1";
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
    /// Takes possible owners out of a case: rows, judgements and outcomes. What is sealed and cannot be opened here stays
    /// sealed until the case is erased.
    pub(super) async fn forget_candidates(&mut self, case: &CaseId) -> Result<(), StoreError> {
        query(CLEAR).bind(case.as_str()).execute(&mut self.inner).await?;
        for row in query(JUDGEMENTS).bind(case.as_str()).fetch_all(&mut self.inner).await? {
            let (subject, sealed): (String, bool) = (row.try_get("subject_key")?, row.try_get("sealed")?);
            let Some(text) = self.sealing.read(JUDGEMENT, row.try_get("judgement")?, sealed)? else { continue };
            let judgement = Judgement { candidates: Vec::new(), ..from_json(&text, JUDGEMENT)? };
            let text = self.sealing.write(readers(sealed), JUDGEMENT, to_json(&judgement, JUDGEMENT)?, "").0;
            query(SAVE_JUDGEMENT).bind(case.as_str()).bind(subject).bind(text).execute(&mut self.inner).await?;
        }
        for row in query(OUTCOMES).bind(case.as_str()).fetch_all(&mut self.inner).await? {
            let (id, sealed): (String, bool) = (row.try_get("id")?, row.try_get("sealed")?);
            let Some(text) = self.sealing.read(OUTCOME, row.try_get("outcome")?, sealed)? else { continue };
            let mut outcome: serde_json::Value = from_json(&text, OUTCOME)?;
            outcome["candidates"] = json!([]);
            let text = self.sealing.write(readers(sealed), OUTCOME, to_json(&outcome, OUTCOME)?, "").0;
            query(SAVE_OUTCOME).bind(id).bind(text).execute(&mut self.inner).await?;
        }
        Ok(())
    }
}

const fn readers(sealed: bool) -> Readers {
    if sealed { Readers::LeakLane } else { Readers::All }
}
