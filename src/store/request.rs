//! The register of what people ask about their own data. Who asked and what was answered is sealed where there is a key.

use chrono_tz::Tz;

use crate::model::audit::AuditEntry;
use crate::model::ids::{CaseId, RequestId};
use crate::model::request::{Asked, RequestKind, RequestState, RightsRequest};
use crate::model::time::Timestamp;
use crate::store::column::{from_json, from_word, json, word};
use crate::store::sealed::{Readers, Sealing};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ASKED: &str = "rights_requests.asked";
const ANSWER: &str = "rights_requests.answer";

macro_rules! select_requests {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.number, r.kind, r.state, r.sealed, r.asked, r.asked_at_ms, r.due_at_ms, r.answer, ",
            "r.answered_by, r.answered_at_ms FROM rights_requests AS r ",
            $rest
        )
    };
}

const BY_NUMBER: &str = select_requests!("WHERE r.number = $1");
const OPEN_FIRST: &str = select_requests!(
    "ORDER BY CASE WHEN r.state = 'open' THEN 0 ELSE 1 END, CASE WHEN r.state = 'open' THEN r.due_at_ms ELSE 0 END, \
     r.id DESC LIMIT $1"
);
const OF_CASE: &str = select_requests!(
    "JOIN request_cases AS k ON k.request_id = r.id WHERE k.case_id = $1 AND r.state = 'open' ORDER BY r.id"
);
const CASES: &str = "SELECT case_id FROM request_cases WHERE request_id = $1 ORDER BY case_id";
const FILE: &str = "INSERT INTO rights_requests (id, number, kind, state, sealed, asked, asked_at_ms, due_at_ms, answer, \
    answered_by, answered_at_ms) VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, '', '', NULL)";
const ANSWERED: &str = "UPDATE rights_requests SET state = $2, answer = $3, answered_by = $4, answered_at_ms = $5 \
    WHERE id = $1 AND state = 'open'";
// What nobody ever answered goes as well; not an objection that still locks a case, which nobody could unlock any more, nor an
// application whose permission is on its way into the ledger.
const PURGE: &str = "DELETE FROM rights_requests WHERE answered_at_ms < $1 OR (answered_at_ms IS NULL AND asked_at_ms < $1 \
    AND NOT EXISTS (SELECT 1 FROM request_cases AS k WHERE k.request_id = rights_requests.id))";
const PURGE_APPLICATIONS: &str = "DELETE FROM exemption_requests \
    WHERE (state NOT IN ('filed', 'checked') AND decided_at_ms < $1) \
    OR (state IN ('filed', 'checked') AND filed_at_ms < $1 AND exemption = '')";

/// How a request is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Number of the request.
    pub number: String,
    /// [`RequestState::Granted`] or [`RequestState::Refused`].
    pub state: RequestState,
    /// The letter.
    pub text: String,
    /// Who answers.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Files a request that is no objection; gives it its number.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] when somebody from outside asks and nothing can be sealed.
    pub async fn file_request(&self, request: &RightsRequest, by: &str) -> Result<RightsRequest, StoreError> {
        let mut tx = self.begin().await?;
        let filed = tx.file_request(request, by, self.zone).await?;
        tx.commit().await?;
        Ok(filed)
    }

    /// The request of a number.
    pub async fn request(&self, number: &str) -> Result<Option<RightsRequest>, StoreError> {
        let row = query(BY_NUMBER).bind(number).fetch_optional(&self.read).await?;
        row.as_ref().map(|row| request(row, &self.sealing)).transpose()
    }

    /// The register: what waits first, soonest due on top, then what was answered, the latest on top.
    pub async fn requests(&self, limit: u32) -> Result<Vec<RightsRequest>, StoreError> {
        let rows = query(OPEN_FIRST).bind(i64::from(limit)).fetch_all(&self.read).await?;
        rows.iter().map(|row| request(row, &self.sealing)).collect()
    }

    /// The objections that lock a case.
    pub async fn objections_to(&self, case: &CaseId) -> Result<Vec<RightsRequest>, StoreError> {
        let rows = query(OF_CASE).bind(case.as_str()).fetch_all(&self.read).await?;
        rows.iter().map(|row| request(row, &self.sealing)).collect()
    }

    /// The cases that a request locked, as far as they are still there.
    pub async fn cases_of_request(&self, id: &RequestId) -> Result<Vec<CaseId>, StoreError> {
        let rows = query(CASES).bind(id.as_str()).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok(CaseId::new(row.try_get::<String>("case_id")?))).collect()
    }

    /// Answers a request once. An objection's cases are unlocked; where it is refused, the account may be linked again.
    ///
    /// # Errors
    /// [`StoreError::NoRequest`] and [`StoreError::Answered`].
    pub async fn answer_request(&self, answer: &Answer) -> Result<RightsRequest, StoreError> {
        let mut tx = self.begin().await?;
        let row = query(BY_NUMBER).bind(&answer.number).fetch_optional(&mut tx.inner).await?;
        let row = row.ok_or_else(|| StoreError::NoRequest(answer.number.clone()))?;
        let before = request(&row, &self.sealing)?;
        let is_sealed: bool = row.try_get("sealed")?;
        let readers = if is_sealed { Readers::LeakLane } else { Readers::All };
        let text = self.sealing.write(readers, ANSWER, answer.text.clone(), "").0;
        let written = query(ANSWERED).bind(before.id.as_str()).bind(word(&answer.state)).bind(text);
        let written = written.bind(&answer.by).bind(answer.at.ms()).execute(&mut tx.inner).await?;
        if written == 0 {
            return Err(StoreError::Answered(answer.number.clone()));
        }
        let after = RightsRequest { state: answer.state, answered_at: Some(answer.at), ..before };
        if after.kind == RequestKind::Object {
            tx.unlock_for(&after, &answer.by).await?;
        }
        if after.state == RequestState::Refused {
            tx.lift_unlinkings(after.id.as_str()).await?;
        }
        tx.audit(&line("request.answer", &after, &answer.by, answer.at, &word(&answer.state))).await?;
        tx.commit().await?;
        Ok(RightsRequest { answer: answer.text.clone(), answered_by: answer.by.clone(), ..after })
    }

    /// Forgets requests and applications that were answered before an instant, or filed before it and never answered; returns
    /// how many.
    pub async fn purge_requests(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut purged = 0;
        for statement in [PURGE, PURGE_APPLICATIONS] {
            purged += query(statement).bind(before.ms()).execute(&mut tx.inner).await?;
        }
        tx.commit().await?;
        Ok(purged)
    }
}

impl Tx {
    pub(super) async fn file_request(
        &mut self,
        request: &RightsRequest,
        by: &str,
        zone: Tz,
    ) -> Result<RightsRequest, StoreError> {
        let asked = request.asked.clone().unwrap_or_default();
        if asked.employee.is_empty() && !self.sealing.has_key() {
            return Err(StoreError::NoKey);
        }
        let number = self.next_in("requests", "SQ", request.asked_at, zone).await?;
        let readers = if self.sealing.has_key() { Readers::LeakLane } else { Readers::All };
        let (text, sealed) = self.sealing.write(readers, ASKED, json(&asked, ASKED)?, "");
        query(FILE)
            .bind(request.id.as_str())
            .bind(&number)
            .bind(word(&request.kind))
            .bind(sealed)
            .bind(text)
            .bind(request.asked_at.ms())
            .bind(request.due_at.ms())
            .execute(&mut self.inner)
            .await?;
        let filed = RightsRequest { number, ..request.clone() };
        self.audit(&line("request.file", &filed, by, filed.asked_at, &word(&filed.kind))).await?;
        Ok(filed)
    }
}

fn line(action: &str, request: &RightsRequest, by: &str, at: Timestamp, detail: &str) -> AuditEntry {
    let (actor, action, object) = (by.to_owned(), action.to_owned(), request.number.clone());
    AuditEntry { at, actor, action, object, detail: detail.to_owned() }
}

fn request(row: &Row, sealing: &Sealing) -> Result<RightsRequest, StoreError> {
    let sealed: bool = row.try_get("sealed")?;
    let asked = sealing.read(ASKED, row.try_get("asked")?, sealed)?;
    let asked: Option<Asked> = asked.map(|text| from_json(&text, ASKED)).transpose()?;
    let answer: String = row.try_get("answer")?;
    let answer = if answer.is_empty() { None } else { sealing.read(ANSWER, answer, sealed)? };
    Ok(RightsRequest {
        id: RequestId::new(row.try_get::<String>("id")?),
        number: row.try_get("number")?,
        kind: from_word(row.try_get("kind")?, "rights_requests.kind")?,
        state: from_word(row.try_get("state")?, "rights_requests.state")?,
        asked,
        asked_at: Timestamp::from_ms(row.try_get("asked_at_ms")?),
        due_at: Timestamp::from_ms(row.try_get("due_at_ms")?),
        answer: answer.unwrap_or_default(),
        answered_by: row.try_get("answered_by")?,
        answered_at: row.try_get::<Option<i64>>("answered_at_ms")?.map(Timestamp::from_ms),
    })
}
