//! What was decided about cases that are erased since: hashes only, so that a lead found wrong and protected speech do not
//! come back to a manager's desk.

use crate::casework::keys::{account_key, subject_key};
use crate::casework::repost::is_about_text;
use crate::casework::transition::{News, reopens};
use crate::model::case::{Disposition, Judgement};
use crate::model::ids::CaseId;
use crate::model::time::Timestamp;
use crate::store::case::JUDGEMENT;
use crate::store::column::{from_json, from_word};
use crate::store::judgement::{clause, fingerprints, lane_class};
use crate::store::sql::query;
use crate::store::{Store, StoreError, Tx};

const DECISION: &str = "SELECT disposition FROM cases WHERE id = $1 AND state = 'closed'";
const ALL_OF_CASE: &str = "INSERT INTO decided_findings (account_key, clause, lane_class, fingerprint, disposition, \
    last_seen_ms) SELECT account_key, clause, lane_class, '', disposition, $2 FROM cases WHERE id = $1 \
    ON CONFLICT (account_key, clause, lane_class, fingerprint) DO UPDATE SET disposition = excluded.disposition, \
    last_seen_ms = excluded.last_seen_ms";
const FINDINGS_OF_CASE: &str = "INSERT INTO decided_findings (account_key, clause, lane_class, fingerprint, disposition, \
    last_seen_ms) SELECT c.account_key, c.clause, c.lane_class, f.fingerprint, c.disposition, $3 \
    FROM cases AS c JOIN findings AS f ON f.case_id = c.id WHERE c.id = $1 AND f.subject_key = $2 \
    ON CONFLICT (account_key, clause, lane_class, fingerprint) DO UPDATE SET disposition = excluded.disposition, \
    last_seen_ms = excluded.last_seen_ms";
// The reposts that go with a subject: itself, or all of them where nothing else is what the case is about.
const REPOSTS: &str = "SELECT k.subject_key, k.sealed, k.judgement FROM case_subjects AS k WHERE k.case_id = $1 AND k.is_repost \
    AND (k.subject_key = $2 OR NOT EXISTS (SELECT 1 FROM case_subjects AS o WHERE o.case_id = $1 AND NOT o.is_repost \
    AND o.subject_key <> $2))";
const REPOST_OF_CASE: &str = "INSERT INTO decided_findings (account_key, clause, lane_class, fingerprint, disposition, \
    last_seen_ms) SELECT $2, clause, lane_class, $3, disposition, $4 FROM cases WHERE id = $1 \
    ON CONFLICT (account_key, clause, lane_class, fingerprint) DO UPDATE SET disposition = excluded.disposition, \
    last_seen_ms = excluded.last_seen_ms";
const TOUCH: &str = "UPDATE decided_findings SET last_seen_ms = $5 WHERE account_key = $1 AND clause = $2 \
    AND lane_class = $3 AND fingerprint IN ('', $4)";
const PURGE: &str = "DELETE FROM decided_findings WHERE last_seen_ms < $1";

impl Store {
    /// Forgets decisions that nothing was found for since an instant; returns how many.
    pub async fn purge_decisions(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await? + tx.purge_bands(before.ms()).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

impl Tx {
    /// Notes what the decision of a case covers, before what it was about is erased.
    pub(super) async fn note_decision(
        &mut self,
        case: &CaseId,
        subject_key: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = query(DECISION).bind(case.as_str()).fetch_optional(&mut self.inner).await?;
        let Some(row) = row else { return Ok(()) };
        let disposition: Disposition = from_word(row.try_get("disposition")?, "cases.disposition")?;
        if !reopens(disposition, News::New) {
            query(ALL_OF_CASE).bind(case.as_str()).bind(at.ms()).execute(&mut self.inner).await?;
        } else if !reopens(disposition, News::Known) {
            let noted = query(FINDINGS_OF_CASE).bind(case.as_str()).bind(subject_key).bind(at.ms());
            noted.execute(&mut self.inner).await?;
        }
        if is_about_text(disposition) {
            self.note_reposts(case, subject_key, at).await?;
        }
        Ok(())
    }

    /// What is decided about a text is decided for those who only repeat it, each under the own account. What is sealed and
    /// cannot be opened here is passed over.
    async fn note_reposts(&mut self, case: &CaseId, leaving: &str, at: Timestamp) -> Result<(), StoreError> {
        for row in query(REPOSTS).bind(case.as_str()).bind(leaving).fetch_all(&mut self.inner).await? {
            let key: String = row.try_get("subject_key")?;
            let text = self.sealing.read(JUDGEMENT, row.try_get("judgement")?, row.try_get("sealed")?)?;
            let Some(text) = text else { continue };
            let judgement: Judgement = from_json(&text, JUDGEMENT)?;
            let account = account_key(&judgement.subject);
            for fingerprint in judgement.findings.iter().flat_map(|finding| fingerprints(&key, finding)) {
                let noted = query(REPOST_OF_CASE).bind(case.as_str()).bind(&account).bind(fingerprint).bind(at.ms());
                noted.execute(&mut self.inner).await?;
            }
        }
        Ok(())
    }

    /// Whether everything that a judgement claims was decided before its case was erased. What was found again is
    /// remembered for longer.
    pub(super) async fn is_decided(&mut self, judgement: &Judgement, at: Timestamp) -> Result<bool, StoreError> {
        if !judgement.outcome.opens_case() {
            return Ok(false);
        }
        let (account, subject) = (account_key(&judgement.subject), subject_key(&judgement.subject));
        let mut is_decided = !judgement.findings.is_empty();
        for fingerprint in judgement.findings.iter().flat_map(|finding| fingerprints(&subject, finding)) {
            let touched = query(TOUCH)
                .bind(&account)
                .bind(clause(judgement))
                .bind(lane_class(&judgement.lane))
                .bind(fingerprint)
                .bind(at.ms())
                .execute(&mut self.inner)
                .await?;
            is_decided &= touched > 0;
        }
        Ok(is_decided)
    }
}
