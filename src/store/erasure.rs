//! Erasure of a subject: facts, judgements, evidence, and the cases of which nothing is left; with a receipt.

use crate::model::audit::AuditEntry;
use crate::model::capture::Capture;
use crate::model::ids::{CaptureHash, CaptureId, CaseId};
use crate::model::time::Timestamp;
use crate::retention::RetentionRule;
use crate::store::chain::ChainKind;
use crate::store::sql::query;
use crate::store::{Amount, RetentionRun, Store, StoreError, Tx, dialect};
use crate::vault::Vault;

const CAPTURES: &str = "SELECT capture_id FROM evidence WHERE subject_key = $1";
const CASES: &str = "SELECT case_id FROM case_subjects WHERE subject_key = $1";
const SUBJECTS: &str =
    "SELECT subject_key FROM case_subjects WHERE case_id = $1 ORDER BY is_repost DESC, first_seen_ms, subject_key";
const REPEATED_BY: &str = "SELECT DISTINCT r.subject_key FROM case_subjects AS r \
    JOIN case_subjects AS k ON k.case_id = r.case_id AND NOT k.is_repost WHERE k.subject_key = $1 AND r.is_repost \
    ORDER BY r.subject_key";
const REST: &str = "SELECT COUNT(*) AS n FROM case_subjects WHERE case_id = $1 AND NOT is_repost";
const UNPIN: &str = "DELETE FROM evidence WHERE subject_key = $1";
const UNFIND: &str = "DELETE FROM findings WHERE subject_key = $1";
const UNCASE: &str = "DELETE FROM case_subjects WHERE subject_key = $1";
const UNJUDGE: &str = "DELETE FROM outcomes WHERE subject_key = $1";
const FORGET: &str = "DELETE FROM subjects WHERE subject_key = $1";
const LET_GO: &str = "UPDATE evidence SET case_id = NULL WHERE case_id = $1";
const REMOVE_CASE: &str = "DELETE FROM cases WHERE id = $1";
const REMOVE_CANDIDATES: &str = "DELETE FROM candidates WHERE case_id = $1";
const REMOVE_ALERTS: &str = "DELETE FROM alerts WHERE state = 'queued' AND kind = 'immediate' \
    AND NOT EXISTS (SELECT 1 FROM alert_cases AS c WHERE c.alert_id = alerts.id)";

/// Receipt of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erased {
    /// Cases of which nothing was left.
    pub cases: Vec<CaseId>,
    /// Captures that were evidence for nothing else.
    pub captures: Vec<CaptureId>,
    /// Stored bytes that were removed.
    pub objects: Vec<CaptureHash>,
}

impl Store {
    /// The keys of all subjects of a case, its reposts first: they go before the case that holds them.
    pub async fn subjects_of_case(&self, case: &CaseId) -> Result<Vec<String>, StoreError> {
        let rows = query(SUBJECTS).bind(case.as_str()).fetch_all(&self.read).await?;
        Ok(rows.iter().map(|row| row.try_get("subject_key")).collect::<Result<_, _>>()?)
    }

    /// Erases everything about a subject (by its key): when its time is over, when it asked for it, or when it turned out
    /// to be protected or about a minor. Queued mails about nothing else go too, and what was counted of its cases. The chain says which bytes went, the audit who did it.
    ///
    /// # Errors
    /// [`StoreError::Held`] when a case of it is on legal hold.
    pub async fn erase_subject(
        &self,
        vault: &Vault,
        subject_key: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<Erased, StoreError> {
        let _removing = vault.removing().await;
        let mut tx = self.begin().await?;
        if let Some(number) = tx.hold_of(subject_key).await? {
            return Err(StoreError::Held(number));
        }
        let erased = tx.erase_subject(subject_key, at).await?;
        tx.forget_figures(&erased).await?;
        tx.audit(&audit_line(subject_key, &erased, by, at)).await?;
        tx.commit().await?;
        self.scrub().await?;
        remove_objects(vault, &erased.objects).await?;
        Ok(erased)
    }

    /// Erases everything about a subject when its time is over, and adds to the receipt of the run; by which rule, or
    /// none when it is kept; what only repeats it, and whose time is over too, goes with it. Afterwards [`Store::scrub`] is to be called, once for all.
    ///
    /// # Errors
    /// Also when bytes could not be removed from the vault: the subject is gone then, and a sweep removes the bytes.
    pub async fn erase_when_over(
        &self,
        vault: &Vault,
        subject_key: &str,
        run: &RetentionRun,
    ) -> Result<Option<RetentionRule>, StoreError> {
        let _removing = vault.removing().await;
        let mut tx = self.begin().await?;
        let mut objects = Vec::new();
        for repost in tx.texts(REPEATED_BY, subject_key, "subject_key").await? {
            tx.erase_over(&repost, run, &mut objects).await?;
        }
        let rule = tx.erase_over(subject_key, run, &mut objects).await?;
        tx.commit().await?;
        remove_objects(vault, &objects).await?;
        Ok(rule)
    }

    /// Brings erased text out of what the engine keeps beside its tables.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        Ok(dialect::scrub(&self.write).await?)
    }
}

impl Tx {
    /// What was asked for, and what should never have been kept, is not counted either.
    async fn forget_figures(&mut self, erased: &Erased) -> Result<(), StoreError> {
        for case in &erased.cases {
            self.forget_figure(case).await?;
        }
        Ok(())
    }

    async fn erase_over(
        &mut self,
        key: &str,
        run: &RetentionRun,
        removed: &mut Vec<CaptureHash>,
    ) -> Result<Option<RetentionRule>, StoreError> {
        let Some(rule) = self.rule_over(key, run.at).await? else { return Ok(None) };
        let erased = self.erase_subject(key, run.at).await?;
        if rule == RetentionRule::Protected {
            self.forget_figures(&erased).await?;
        }
        self.audit(&audit_line(key, &erased, &run.actor, run.at)).await?;
        let (cases, objects) = (erased.cases.len() as u64, erased.objects.len() as u64);
        self.add_receipt(run, rule, Amount { erased: 1, cases, objects, failed: 0 }).await?;
        removed.extend(erased.objects);
        Ok(Some(rule))
    }

    async fn erase_subject(&mut self, key: &str, at: Timestamp) -> Result<Erased, StoreError> {
        let captures = self.texts(CAPTURES, key, "capture_id").await?;
        let cases = self.texts(CASES, key, "case_id").await?;
        for case in &cases {
            self.note_decision(&CaseId::new(case.as_str()), key, at).await?;
        }
        for statement in [UNPIN, UNFIND, UNCASE, UNJUDGE] {
            query(statement).bind(key).execute(&mut self.inner).await?;
        }
        let mut erased = Erased::default();
        for case in cases.into_iter().map(CaseId::new) {
            if self.shrink_case(&case).await? {
                erased.cases.push(case);
            }
        }
        query(FORGET).bind(key).execute(&mut self.inner).await?;
        query(REMOVE_ALERTS).execute(&mut self.inner).await?;
        for id in captures.into_iter().map(CaptureId::new) {
            let capture = self.capture(&id).await?;
            self.unpin(&capture, at, &mut erased).await?;
        }
        Ok(erased)
    }

    /// Removes a case of which no subject is left, or only what repeats one: reposts are told anew when they are seen again. True
    /// when it was removed.
    async fn shrink_case(&mut self, case: &CaseId) -> Result<bool, StoreError> {
        query(REMOVE_CANDIDATES).bind(case.as_str()).execute(&mut self.inner).await?;
        let rest: i64 = query(REST).bind(case.as_str()).fetch_one(&mut self.inner).await?.try_get("n")?;
        if rest > 0 {
            self.lead_case(case).await?;
            let lead = self.case_row(case).await?.case.judgement;
            self.save_candidates(case, &lead).await?;
            return Ok(false);
        }
        query(LET_GO).bind(case.as_str()).execute(&mut self.inner).await?;
        query(REMOVE_CASE).bind(case.as_str()).execute(&mut self.inner).await?;
        Ok(true)
    }

    async fn unpin(&mut self, capture: &Capture, at: Timestamp, erased: &mut Erased) -> Result<(), StoreError> {
        if !self.drop_unless_pinned(capture).await? {
            return Ok(());
        }
        erased.captures.push(capture.id.clone());
        if !self.is_in_use(&capture.sha256).await? && !erased.objects.contains(&capture.sha256) {
            let body = serde_json::json!({"capture": capture.id, "sha256": capture.sha256});
            self.chain(ChainKind::Retention, at, body).await?;
            self.remove_object(&capture.sha256).await?;
            erased.objects.push(capture.sha256.clone());
        }
        Ok(())
    }

    async fn texts(&mut self, statement: &'static str, key: &str, column: &str) -> Result<Vec<String>, StoreError> {
        let rows = query(statement).bind(key).fetch_all(&mut self.inner).await?;
        Ok(rows.iter().map(|row| row.try_get(column)).collect::<Result<_, _>>()?)
    }
}

fn audit_line(subject_key: &str, erased: &Erased, by: &str, at: Timestamp) -> AuditEntry {
    let (actor, action, object) = (by.to_owned(), "subject.erase".to_owned(), subject_key.to_owned());
    let detail = format!("{} cases, {} captures", erased.cases.len(), erased.captures.len());
    AuditEntry { at, actor, action, object, detail }
}

/// Removes what it can; one object that stays does not keep the others.
async fn remove_objects(vault: &Vault, objects: &[CaptureHash]) -> Result<(), StoreError> {
    let mut trouble = None;
    for hash in objects {
        trouble = vault.remove_let_go(hash).await.err().or(trouble);
    }
    trouble.map_or(Ok(()), |error| Err(error.into()))
}
