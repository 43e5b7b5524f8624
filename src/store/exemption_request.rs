//! Applications for an exemption. What is applied for is sealed where there is a key.

use crate::model::audit::AuditEntry;
use crate::model::exemption_request::{Application, ApplicationState, ExemptionRequest};
use crate::model::ids::{CompanyCode, EmployeeId, ExemptionId, RequestId};
use crate::model::time::Timestamp;
use crate::store::alert::digest_key;
use crate::store::column::{from_json, from_word, json, word};
use crate::store::sealed::{Readers, Sealing};
use crate::store::sql::{Row, query};
use crate::store::{DigestRequest, Store, StoreError, Tx};

const APPLICATION: &str = "exemption_requests.application";

macro_rules! select_applications {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, company, employee_id, state, sealed, application, filed_by, filed_at_ms, checked_by, ",
            "checked_at_ms, decided_by, decided_at_ms, reason, exemption FROM exemption_requests ",
            $rest
        )
    };
}

const BY_NUMBER: &str = select_applications!("WHERE number = $1");
const OPEN_FIRST: &str =
    select_applications!("ORDER BY CASE WHEN state IN ('filed', 'checked') THEN 0 ELSE 1 END, id DESC LIMIT $1");
const FILE: &str = "INSERT INTO exemption_requests (id, number, company, employee_id, state, sealed, application, filed_by, \
    filed_at_ms, checked_by, checked_at_ms, decided_by, decided_at_ms, reason, exemption) \
    VALUES ($1, $2, $3, $4, 'filed', $5, $6, $7, $8, '', NULL, '', NULL, '', '')";
const CHECK: &str = "UPDATE exemption_requests SET state = 'checked', checked_by = $2, checked_at_ms = $3 \
    WHERE number = $1 AND state = 'filed'";
// What has its number stands in the ledger, or soon does: it is approved, and not refused any more.
const DECIDE: &str = "UPDATE exemption_requests SET state = $2, decided_by = $3, decided_at_ms = $4, reason = $5 \
    WHERE number = $1 AND state IN ('filed', 'checked') AND decided_by IN ('', $3) AND ($2 <> 'refused' OR exemption = '')";
// The next number that is neither given by us nor taken in the ledger.
const NEXT: &str = "INSERT INTO counters (name, value) VALUES ($1, CAST($2 AS BIGINT) + 1) ON CONFLICT (name) DO UPDATE SET \
    value = CASE WHEN counters.value < $2 THEN $2 ELSE counters.value END + 1 RETURNING value";
// Of two who approve at once, the first goes on: the other's line must not take the place of the first one's in the ledger. Whoever
// began long ago and did not come to an end, such as before a crash, is not waited for.
const NUMBER: &str = "UPDATE exemption_requests SET exemption = $2, sealed = $3, application = $4, decided_by = $5, \
    decided_at_ms = $6 WHERE number = $1 AND (decided_by IN ('', $5) OR COALESCE(decided_at_ms, 0) <= $7)";
/// So long whoever began to approve an application has to end it before somebody else may, milliseconds.
const APPROVAL_MS: i64 = 10 * 60_000;

impl Store {
    /// Files an application; gives it its number.
    pub async fn file_exemption_request(&self, filed: &ExemptionRequest) -> Result<ExemptionRequest, StoreError> {
        let mut tx = self.begin().await?;
        let number = tx.next_in("exemption requests", "HM", filed.filed_at, self.zone).await?;
        let (text, sealed) = tx.sealed_application(filed.application.as_ref())?;
        query(FILE)
            .bind(filed.id.as_str())
            .bind(&number)
            .bind(filed.company.as_str())
            .bind(filed.employee.as_str())
            .bind(sealed)
            .bind(text)
            .bind(&filed.filed_by)
            .bind(filed.filed_at.ms())
            .execute(&mut tx.inner)
            .await?;
        tx.audit(&line("exemption_request.file", &number, &filed.filed_by, filed.filed_at, "")).await?;
        tx.commit().await?;
        Ok(ExemptionRequest { number, ..filed.clone() })
    }

    /// The application of a number.
    pub async fn exemption_request(&self, number: &str) -> Result<Option<ExemptionRequest>, StoreError> {
        let row = query(BY_NUMBER).bind(number).fetch_optional(&self.read).await?;
        row.as_ref().map(|row| application(row, &self.sealing)).transpose()
    }

    /// Applications: those that wait first, the latest on top.
    pub async fn exemption_requests(&self, limit: u32) -> Result<Vec<ExemptionRequest>, StoreError> {
        let rows = query(OPEN_FIRST).bind(i64::from(limit)).fetch_all(&self.read).await?;
        rows.iter().map(|row| application(row, &self.sealing)).collect()
    }

    /// The company has checked it; the letters to those who approve it are queued with that.
    ///
    /// # Errors
    /// [`StoreError::Answered`] when it does not wait for that.
    pub async fn check_exemption_request(
        &self,
        number: &str,
        told: &[DigestRequest],
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = query(CHECK).bind(number).bind(by).bind(at.ms()).execute(&mut tx.inner).await?;
        tx.note_application(done, "exemption_request.check", number, by, at, "").await?;
        for one in told {
            let key = digest_key(&one.request.lane, &one.occasion, one.request.recipient.as_str());
            tx.queue(&key, &one.request, &one.cases, at).await?;
        }
        tx.commit().await
    }

    /// Gives an application that waits for approval, and that nobody else has begun to approve, the number of its permission, such as `EX-2026-0007`, after every number of
    /// the year that others have `taken`; the same one when asked again, unless somebody has taken that meanwhile. What was
    /// changed with the approval is kept with it.
    ///
    /// # Errors
    /// [`StoreError::Answered`] when it does not wait for approval, or somebody else approves it.
    pub async fn number_exemption(
        &self,
        number: &str,
        approved: &Application,
        by: &str,
        (at, year): (Timestamp, i32),
        taken: &[i64],
    ) -> Result<ExemptionId, StoreError> {
        let mut tx = self.begin().await?;
        let row = query(BY_NUMBER).bind(number).fetch_optional(&mut tx.inner).await?;
        let row = row.ok_or_else(|| StoreError::NoRequest(number.to_owned()))?;
        let before = application(&row, &tx.sealing)?;
        if before.state != ApplicationState::Checked {
            return Err(StoreError::Answered(number.to_owned()));
        }
        let is_taken = |id: &ExemptionId| taken.iter().any(|number| *id == exemption_id(year, *number));
        let mut id = before.exemption;
        if id.is_empty() || is_taken(&id) {
            id = exemption_id(year, tx.next_exemption(year, taken.iter().copied().max().unwrap_or(0)).await?);
        }
        let (text, sealed) = tx.sealed_application(Some(approved))?;
        let numbered = query(NUMBER).bind(number).bind(id.as_str()).bind(sealed).bind(text).bind(by);
        let numbered = numbered.bind(at.ms()).bind(at.plus_ms(-APPROVAL_MS).ms());
        if numbered.execute(&mut tx.inner).await? == 0 {
            return Err(StoreError::Answered(number.to_owned()));
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Approved, once its line stands in the ledger; or refused with a reason.
    ///
    /// # Errors
    /// [`StoreError::Answered`] when it was decided before.
    pub async fn decide_exemption_request(
        &self,
        number: &str,
        state: ApplicationState,
        reason: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let decide = query(DECIDE).bind(number).bind(word(&state)).bind(by).bind(at.ms()).bind(reason);
        let done = decide.execute(&mut tx.inner).await?;
        tx.note_application(done, "exemption_request.decide", number, by, at, &word(&state)).await?;
        tx.commit().await
    }
}

fn exemption_id(year: i32, number: i64) -> ExemptionId {
    ExemptionId::new(format!("EX-{year}-{number:04}"))
}

impl Tx {
    async fn next_exemption(&mut self, year: i32, taken: i64) -> Result<i64, StoreError> {
        let next = query(NEXT).bind(format!("exemptions {year}")).bind(taken);
        Ok(next.fetch_one(&mut self.inner).await?.try_get("value")?)
    }

    fn sealed_application(&self, application: Option<&Application>) -> Result<(String, bool), StoreError> {
        let readers = if self.sealing.has_key() { Readers::LeakLane } else { Readers::All };
        Ok(self.sealing.write(readers, APPLICATION, json(&application, APPLICATION)?, ""))
    }

    async fn note_application(
        &mut self,
        changed: u64,
        action: &str,
        number: &str,
        by: &str,
        at: Timestamp,
        detail: &str,
    ) -> Result<(), StoreError> {
        if changed == 0 {
            return Err(StoreError::Answered(number.to_owned()));
        }
        self.audit(&line(action, number, by, at, detail)).await
    }
}

fn line(action: &str, number: &str, by: &str, at: Timestamp, detail: &str) -> AuditEntry {
    let (actor, action, object) = (by.to_owned(), action.to_owned(), number.to_owned());
    AuditEntry { at, actor, action, object, detail: detail.to_owned() }
}

fn application(row: &Row, sealing: &Sealing) -> Result<ExemptionRequest, StoreError> {
    let text = sealing.read(APPLICATION, row.try_get("application")?, row.try_get("sealed")?)?;
    let at = |column: &str| Ok::<_, StoreError>(row.try_get::<Option<i64>>(column)?.map(Timestamp::from_ms));
    Ok(ExemptionRequest {
        id: RequestId::new(row.try_get::<String>("id")?),
        number: row.try_get("number")?,
        company: CompanyCode::new(row.try_get::<String>("company")?),
        employee: EmployeeId::new(row.try_get::<String>("employee_id")?),
        state: from_word(row.try_get("state")?, "exemption_requests.state")?,
        application: text.map(|text| from_json(&text, APPLICATION)).transpose()?.flatten(),
        filed_by: row.try_get("filed_by")?,
        filed_at: Timestamp::from_ms(row.try_get("filed_at_ms")?),
        checked_by: row.try_get("checked_by")?,
        checked_at: at("checked_at_ms")?,
        decided_by: row.try_get("decided_by")?,
        decided_at: at("decided_at_ms")?,
        reason: row.try_get("reason")?,
        exemption: ExemptionId::new(row.try_get::<String>("exemption")?),
    })
}
