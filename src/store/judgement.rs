//! Filing of a judgement: subject, outcome, case, evidence, mails and audit in one transaction.
//! The same batch twice, for instance after a crash, changes nothing the second time.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use crate::casework::keys::{account_key, subject_key};
use crate::casework::transition::News;
use crate::model::alert::AlertKind;
use crate::model::audit::AuditEntry;
use crate::model::case::{Case, CaseState, Judgement, Lane, Outcome};
use crate::model::finding::{Candidate, Finding};
use crate::model::ids::{AlertId, CaptureId, CaseId, EmployeeId, ScanId};
use crate::model::month::Month;
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::store::case::{CaseRow, FIND, JUDGEMENT, case_row};
use crate::store::column::{big, json, new_id, sha256_hex, word};
use crate::store::sql::query;
use crate::store::subject::{SubjectFacts, readers_of};
use crate::store::unlink::names_nobody;
use crate::store::{Store, StoreError, Tx};
use crate::vault::Vault;

const NEXT: &str = "INSERT INTO counters (name, value) VALUES ($1, 1) \
    ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
const OPEN: &str = "INSERT INTO cases (id, number, account_key, clause, lane_class, lane, outcome, notify, severity, \
    gravity, lead_subject, state, state_since_ms, reopened, opened_at_ms, updated_at_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12, 0, $12, $12)";
const SAVE_SUBJECT: &str = "INSERT INTO case_subjects (case_id, subject_key, sealed, judgement, lane, outcome, notify, \
    severity, gravity, first_seen_ms, last_seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) \
    ON CONFLICT (case_id, subject_key) DO UPDATE SET sealed = excluded.sealed, judgement = excluded.judgement, \
    lane = excluded.lane, outcome = excluded.outcome, notify = excluded.notify, severity = excluded.severity, \
    gravity = excluded.gravity, last_seen_ms = excluded.last_seen_ms";
// The gravest subject leads; among equals the one that led before, so that the lead does not change at every scan.
const LEAD: &str = "UPDATE cases SET (lead_subject, lane, outcome, notify, severity, gravity) = \
    (SELECT s.subject_key, s.lane, s.outcome, s.notify, s.severity, s.gravity FROM case_subjects AS s \
    JOIN cases AS c ON c.id = s.case_id WHERE c.id = $1 AND NOT s.is_repost \
    ORDER BY s.gravity DESC, CASE WHEN s.subject_key = c.lead_subject THEN 0 ELSE 1 END, \
    s.first_seen_ms, s.subject_key LIMIT 1) WHERE id = $1 RETURNING lead_subject, gravity";
const TOUCH: &str = "UPDATE cases SET updated_at_ms = $2 WHERE id = $1";
const KNOWN: &str = "SELECT fingerprint FROM findings WHERE case_id = $1";
const SAVE_FINDING: &str = "INSERT INTO findings (case_id, fingerprint, subject_key, rule, clause, first_seen_ms, \
    last_seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $6) \
    ON CONFLICT (case_id, fingerprint) DO UPDATE SET last_seen_ms = excluded.last_seen_ms";
const CLEAR_CANDIDATES: &str = "DELETE FROM candidates WHERE case_id = $1";
const ADD_CANDIDATE: &str = "INSERT INTO candidates (case_id, employee_id, position, score, band, reasons) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id, employee_id) DO NOTHING";

/// Everything that comes of judging one subject.
#[derive(Debug, Clone)]
pub struct JudgementBatch {
    /// The run in which it was judged.
    pub scan: ScanId,
    /// When.
    pub at: Timestamp,
    /// The judgement. Outcomes of which nothing may be kept are refused.
    pub judgement: Judgement,
    /// What to keep of the subject.
    pub facts: SubjectFacts,
    /// Pages that show it; they become evidence when the judgement brings something new.
    pub captures: Vec<CaptureId>,
    /// Who is told when `occasion` comes.
    pub alerts: Vec<AlertRequest>,
    /// At which changes of the case the alerts are queued.
    pub occasion: AlertOccasion,
    /// Whether its captures are evidence also where the judgement is no news: the content was edited, or somebody handed them in.
    pub adds_evidence: bool,
    /// Audit lines to write with it.
    pub audit: Vec<AuditEntry>,
    /// The case whose text a post only repeats: it folds into that case.
    pub repost_of: Option<CaseId>,
}

/// When the subject of a batch was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Just now.
    Now,
    /// As is known of it.
    Before,
}

/// A message to queue together with a change of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRequest {
    /// What it is for.
    pub kind: AlertKind,
    /// Who receives it; recusal is already considered.
    pub recipient: EmployeeId,
    /// Lane through which it goes.
    pub lane: Lane,
    /// Not sent before.
    pub due_at: Timestamp,
}

/// At which changes of a case its alerts are queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AlertOccasion {
    /// Opened, reopened or graver than before.
    #[default]
    Opened,
    /// Also when an open case has new findings, such as a further leaking post.
    AnyNews,
}

/// What a batch did to its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseChange {
    /// The outcome belongs to no case.
    NoCase,
    /// A new case.
    Opened,
    /// A decided or waiting case is open again.
    Reopened,
    /// Graver than before.
    Graver,
    /// New findings in an open case.
    Found,
    /// A post that repeats the text of the case, for the first time.
    Reposted,
    /// The marks are gone; the manager is to confirm.
    Rechecked,
    /// Nothing that the case did not know, or a decision that covers it.
    Unchanged,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What happened to the case.
    pub change: CaseChange,
    /// The case, if there is one.
    pub case: Option<CaseId>,
    /// Its number.
    pub number: Option<String>,
    /// Messages that were queued now.
    pub alerts: Vec<AlertId>,
}

impl Store {
    /// Files one judgement with everything that comes of it, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotStorable`] for outcomes of which nothing may be kept; nothing is written then.
    pub async fn record_judgement(&self, vault: &Vault, batch: &JudgementBatch) -> Result<Recorded, StoreError> {
        self.record_one(vault, batch, Sight::Now).await
    }

    /// Files what is stored of a subject, judged again, in the same way. It was not seen: its last sight stays as it is.
    ///
    /// # Errors
    /// As [`Store::record_judgement`].
    pub async fn record_stored(&self, vault: &Vault, batch: &JudgementBatch) -> Result<Recorded, StoreError> {
        self.record_one(vault, batch, Sight::Before).await
    }

    async fn record_one(&self, vault: &Vault, batch: &JudgementBatch, sight: Sight) -> Result<Recorded, StoreError> {
        if !batch.judgement.outcome.may_be_stored() {
            return Err(StoreError::NotStorable(word(&batch.judgement.outcome)));
        }
        if batch.judgement.lane == Lane::Leak && self.sealing.has_key() {
            self.seal_captures(vault, &batch.captures).await?;
        }
        let mut tx = self.begin().await?;
        let linked = tx.linked(batch).await?;
        let batch = linked.as_ref().unwrap_or(batch);
        let alone = tx.standing_alone(batch).await?;
        let key = subject_key(&batch.judgement.subject);
        let seen = if sight == Sight::Before { tx.last_sight(&key).await? } else { None };
        let recorded = tx.record(alone.as_ref().unwrap_or(batch), self.zone).await?;
        if let Some(ms) = seen {
            tx.keep_sight(&key, ms).await?;
        }
        tx.commit().await?;
        Ok(recorded)
    }
}

impl Tx {
    async fn record(&mut self, batch: &JudgementBatch, zone: Tz) -> Result<Recorded, StoreError> {
        let (judgement, subject) = (&batch.judgement, subject_key(&batch.judgement.subject));
        let digest = digest(judgement);
        if self.outcome_digest(&subject, &batch.scan).await?.is_some_and(|known| known == digest) {
            return self.as_before(judgement).await;
        }
        let has_case = batch.repost_of.is_some() || self.find_case(judgement).await?.is_some();
        if !has_case && self.is_decided(judgement, batch.at).await? {
            self.audit_all(&batch.audit).await?;
            return Ok(recorded(CaseChange::NoCase, None, Vec::new()));
        }
        self.count_kept(judgement, &subject, batch.at.date(zone), zone).await?;
        let before = self.save_subject(&judgement.subject, &judgement.lane, &batch.facts, &digest, batch.at).await?;
        if before.is_none() {
            self.count_sight(judgement, batch.repost_of.is_some(), Month::of(batch.at.date(zone))).await?;
        }
        self.save_outcome(&subject, &batch.scan, judgement, &digest, batch.at).await?;
        let (change, case) = self.put_into_case(batch, zone).await?;
        let case = case.map(|row| row.case);
        if let Some(case) = case.as_ref().filter(|_| change != CaseChange::Unchanged) {
            self.note_figure(case).await?;
        }
        if let Some(case) = case.as_ref().filter(|case| names_nobody(case)) {
            self.forget_candidates(&case.id).await?;
        }
        let is_news = change.is_news() || (batch.adds_evidence && case.is_some());
        if is_news || (change == CaseChange::NoCase && before.is_none_or(|known| known != digest)) {
            self.pin_evidence(&subject, &judgement.lane, case.as_ref(), &batch.captures, batch.at).await?;
        }
        let alerts = self.queue_for(batch, change, case.as_ref()).await?;
        self.audit_all(&batch.audit).await?;
        Ok(recorded(change, case, alerts))
    }

    /// A line of the audit about what the program itself did to a case.
    pub(super) async fn note(&mut self, case: &CaseId, action: &str, at: Timestamp) -> Result<(), StoreError> {
        let (actor, object) = ("wanglou".to_owned(), case.to_string());
        self.audit(&AuditEntry { at, actor, action: action.to_owned(), object, detail: String::new() }).await
    }

    async fn audit_all(&mut self, lines: &[AuditEntry]) -> Result<(), StoreError> {
        for line in lines {
            self.audit(line).await?;
        }
        Ok(())
    }

    async fn as_before(&mut self, judgement: &Judgement) -> Result<Recorded, StoreError> {
        let case = self.find_case(judgement).await?.map(|row| row.case);
        let change = if case.is_some() { CaseChange::Unchanged } else { CaseChange::NoCase };
        Ok(recorded(change, case, Vec::new()))
    }

    async fn put_into_case(
        &mut self,
        batch: &JudgementBatch,
        zone: Tz,
    ) -> Result<(CaseChange, Option<CaseRow>), StoreError> {
        if let Some(case) = &batch.repost_of {
            return self.fold_post(batch, case, zone).await;
        }
        let left = self.unfold(&batch.judgement).await?;
        self.save_sketch(batch).await?;
        let (change, case) = self.file(batch, zone).await?;
        if let Some(own) = &case {
            self.take_along(&left, &subject_key(&batch.judgement.subject), &own.case.id).await?;
        }
        Ok((change, case))
    }

    pub(super) async fn file(
        &mut self,
        batch: &JudgementBatch,
        zone: Tz,
    ) -> Result<(CaseChange, Option<CaseRow>), StoreError> {
        let outcome = batch.judgement.outcome;
        match self.find_case(&batch.judgement).await? {
            Some(row) if outcome.opens_case() => self.update_case(batch, row).await,
            None if outcome.opens_case() => self.open_case(batch, zone).await,
            Some(row) if outcome == Outcome::Rectified => self.recheck_case(batch, row).await,
            _ => Ok((CaseChange::NoCase, None)),
        }
    }

    async fn find_case(&mut self, judgement: &Judgement) -> Result<Option<CaseRow>, StoreError> {
        if !judgement.outcome.opens_case() && judgement.outcome != Outcome::Rectified {
            return Ok(None);
        }
        let row = query(FIND)
            .bind(account_key(&judgement.subject))
            .bind(clause(judgement))
            .bind(lane_class(&judgement.lane))
            .fetch_optional(&mut self.inner)
            .await?;
        row.map(|row| case_row(&row, &self.sealing)).transpose()
    }

    async fn open_case(
        &mut self,
        batch: &JudgementBatch,
        zone: Tz,
    ) -> Result<(CaseChange, Option<CaseRow>), StoreError> {
        let judgement = &batch.judgement;
        let id = CaseId::new(new_id(batch.at));
        let number = self.next_number(&judgement.lane, batch.at, zone).await?;
        query(OPEN)
            .bind(id.as_str())
            .bind(number)
            .bind(account_key(&judgement.subject))
            .bind(clause(judgement))
            .bind(lane_class(&judgement.lane))
            .bind(word(&judgement.lane))
            .bind(word(&judgement.outcome))
            .bind(word(&judgement.notify))
            .bind(severity_word(judgement))
            .bind(gravity(judgement))
            .bind(subject_key(&judgement.subject))
            .bind(batch.at.ms())
            .execute(&mut self.inner)
            .await?;
        self.save_case_subject(&id, batch).await?;
        self.save_findings(&id, batch).await?;
        self.save_candidates(&id, judgement).await?;
        self.note(&id, "case.open", batch.at).await?;
        Ok((CaseChange::Opened, Some(self.case_row(&id).await?)))
    }

    async fn update_case(
        &mut self,
        batch: &JudgementBatch,
        before: CaseRow,
    ) -> Result<(CaseChange, Option<CaseRow>), StoreError> {
        let id = before.case.id.clone();
        self.save_case_subject(&id, batch).await?;
        let news = self.save_findings(&id, batch).await?;
        let (lead, gravity) = self.lead_case(&id).await?;
        if lead == subject_key(&batch.judgement.subject) {
            self.save_candidates(&id, &batch.judgement).await?;
        }
        let state = before.case.state.clone().found_again(news);
        let change = change(&before, &state, gravity, news);
        if state != before.case.state {
            self.set_case_state(&before.case, &state, batch.at).await?;
            self.note(&id, "case.reopen", batch.at).await?;
        } else if change != CaseChange::Unchanged {
            query(TOUCH).bind(id.as_str()).bind(batch.at.ms()).execute(&mut self.inner).await?;
        }
        Ok((change, Some(self.case_row(&id).await?)))
    }

    async fn recheck_case(
        &mut self,
        batch: &JudgementBatch,
        before: CaseRow,
    ) -> Result<(CaseChange, Option<CaseRow>), StoreError> {
        if before.case.state != CaseState::Open {
            return Ok((CaseChange::Unchanged, Some(before)));
        }
        let state = before.case.state.clone().rechecked(batch.at)?;
        self.set_case_state(&before.case, &state, batch.at).await?;
        self.note(&before.case.id, "case.recheck", batch.at).await?;
        Ok((CaseChange::Rechecked, Some(self.case_row(&before.case.id).await?)))
    }

    /// Lets the gravest subject lead a case; returns its key and gravity.
    pub(super) async fn lead_case(&mut self, case: &CaseId) -> Result<(String, i64), StoreError> {
        let row = query(LEAD).bind(case.as_str()).fetch_one(&mut self.inner).await?;
        Ok((row.try_get("lead_subject")?, row.try_get("gravity")?))
    }

    async fn next_number(&mut self, lane: &Lane, at: Timestamp, zone: Tz) -> Result<String, StoreError> {
        let series = if *lane == Lane::Leak { "XM" } else { "XS" };
        self.next_in("cases", series, at, zone).await
    }

    /// The next number of the month in a series, such as `XS-2611-0031`.
    pub(super) async fn next_in(
        &mut self,
        of: &str,
        series: &str,
        at: Timestamp,
        zone: Tz,
    ) -> Result<String, StoreError> {
        let month = at.local(zone).format("%y%m");
        let value = self.count_up(&format!("{of} {series}-{month}")).await?;
        Ok(format!("{series}-{month}-{value:04}"))
    }

    /// Counts one up; returns the new count.
    pub(super) async fn count_up(&mut self, counter: &str) -> Result<i64, StoreError> {
        Ok(query(NEXT).bind(counter).fetch_one(&mut self.inner).await?.try_get("value")?)
    }

    pub(super) async fn save_case_subject(&mut self, case: &CaseId, batch: &JudgementBatch) -> Result<(), StoreError> {
        let judgement = &batch.judgement;
        let bare = json(&without_text(judgement.clone()), JUDGEMENT)?;
        let (text, sealed) =
            self.sealing.write(readers_of(&judgement.lane), JUDGEMENT, json(judgement, JUDGEMENT)?, &bare);
        query(SAVE_SUBJECT)
            .bind(case.as_str())
            .bind(subject_key(&judgement.subject))
            .bind(sealed)
            .bind(text)
            .bind(word(&judgement.lane))
            .bind(word(&judgement.outcome))
            .bind(word(&judgement.notify))
            .bind(severity_word(judgement))
            .bind(gravity(judgement))
            .bind(batch.at.ms())
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn save_findings(&mut self, case: &CaseId, batch: &JudgementBatch) -> Result<News, StoreError> {
        let known = self.known_fingerprints(case).await?;
        let subject = subject_key(&batch.judgement.subject);
        let mut news = News::Known;
        let findings = batch.judgement.findings.iter();
        for (finding, fingerprint) in
            findings.flat_map(|f| fingerprints(&subject, f).into_iter().map(move |print| (f, print)))
        {
            if !known.contains(&fingerprint) {
                news = News::New;
            }
            query(SAVE_FINDING)
                .bind(case.as_str())
                .bind(fingerprint)
                .bind(&subject)
                .bind(finding.rule.as_str())
                .bind(&finding.clause)
                .bind(batch.at.ms())
                .execute(&mut self.inner)
                .await?;
        }
        Ok(news)
    }

    async fn known_fingerprints(&mut self, case: &CaseId) -> Result<BTreeSet<String>, StoreError> {
        let rows = query(KNOWN).bind(case.as_str()).fetch_all(&mut self.inner).await?;
        Ok(rows.iter().map(|row| row.try_get("fingerprint")).collect::<Result<_, _>>()?)
    }

    pub(super) async fn save_candidates(&mut self, case: &CaseId, judgement: &Judgement) -> Result<(), StoreError> {
        query(CLEAR_CANDIDATES).bind(case.as_str()).execute(&mut self.inner).await?;
        let shown: &[Candidate] = if judgement.lane == Lane::Leak { &[] } else { &judgement.candidates };
        for (position, candidate) in shown.iter().enumerate() {
            query(ADD_CANDIDATE)
                .bind(case.as_str())
                .bind(candidate.employee_id.as_str())
                .bind(big(position))
                .bind(candidate.score)
                .bind(word(&candidate.band))
                .bind(json(&candidate.reasons, "candidates.reasons")?)
                .execute(&mut self.inner)
                .await?;
        }
        Ok(())
    }

    async fn queue_for(
        &mut self,
        batch: &JudgementBatch,
        change: CaseChange,
        case: Option<&Case>,
    ) -> Result<Vec<AlertId>, StoreError> {
        let Some(case) = case.filter(|_| change.is_told(batch.occasion)) else { return Ok(Vec::new()) };
        let occasion = match change {
            CaseChange::Opened => "opened".to_owned(),
            // A case may be reopened, grow graver or gain findings again: each time is an occasion of its own.
            other => format!("{}:{}", other.word(), digest_with_scan(batch)),
        };
        let mut queued = Vec::new();
        for request in &batch.alerts {
            queued.extend(self.queue_alert(&case.id, request, &occasion, batch.at).await?);
        }
        Ok(queued)
    }
}

impl CaseChange {
    const fn is_news(self) -> bool {
        !matches!(self, Self::NoCase | Self::Unchanged)
    }

    const fn is_told(self, occasion: AlertOccasion) -> bool {
        match self {
            Self::Opened | Self::Reopened | Self::Graver => true,
            Self::Found => matches!(occasion, AlertOccasion::AnyNews),
            Self::NoCase | Self::Rechecked | Self::Reposted | Self::Unchanged => false,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::NoCase => "none",
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Graver => "graver",
            Self::Found => "found",
            Self::Reposted => "reposted",
            Self::Rechecked => "rechecked",
            Self::Unchanged => "unchanged",
        }
    }
}

fn recorded(change: CaseChange, case: Option<Case>, alerts: Vec<AlertId>) -> Recorded {
    let number = case.as_ref().map(|case| case.number.clone());
    Recorded { change, case: case.map(|case| case.id), number, alerts }
}

fn change(before: &CaseRow, state: &CaseState, gravity: i64, news: News) -> CaseChange {
    match (state, news) {
        (CaseState::Closed { .. } | CaseState::Locked { .. }, _) => CaseChange::Unchanged,
        _ if *state != before.case.state => CaseChange::Reopened,
        _ if gravity > before.gravity => CaseChange::Graver,
        (_, News::New) => CaseChange::Found,
        (_, News::Known) => CaseChange::Unchanged,
    }
}

pub(super) fn clause(judgement: &Judgement) -> String {
    judgement.findings.first().map(|f| f.clause.clone()).unwrap_or_default()
}

pub(super) const fn lane_class(lane: &Lane) -> &'static str {
    if matches!(lane, Lane::Leak) { "leak" } else { "conduct" }
}

fn severity_word(judgement: &Judgement) -> String {
    judgement.severity.as_ref().map(word).unwrap_or_default()
}

/// Orders judgements: severity, then how soon somebody is told, then alert before review.
const fn gravity(judgement: &Judgement) -> i64 {
    let severity = match judgement.severity {
        None => 0,
        Some(Severity::Low) => 1,
        Some(Severity::Medium) => 2,
        Some(Severity::High) => 3,
        Some(Severity::Critical) => 4,
    };
    severity * 100 + judgement.notify as i64 * 10 + matches!(judgement.outcome, Outcome::Alert) as i64
}

/// By what a finding is known again: one for each of its claims.
pub(super) fn fingerprints(subject_key: &str, finding: &Finding) -> Vec<String> {
    let mut terms: Vec<&str> = finding.terms.iter().map(crate::model::ids::TermId::as_str).collect();
    terms.sort_unstable();
    let whole = format!("{subject_key}\n{}\n{}\n{}", finding.rule, finding.clause, terms.join("\n"));
    if finding.claims.is_empty() {
        return vec![sha256_hex(whole.as_bytes())];
    }
    finding.claims.iter().map(|claim| sha256_hex(format!("{whole}\n{claim}").as_bytes())).collect()
}

/// What makes a judgement the same as the last one: not its wording, but what it claims.
fn digest(judgement: &Judgement) -> String {
    let findings: BTreeSet<String> = judgement.findings.iter().flat_map(|f| fingerprints("", f)).collect();
    let candidates: Vec<_> = judgement.candidates.iter().map(|c| (&c.employee_id, c.band)).collect();
    let claims = (
        judgement.outcome,
        &judgement.lane,
        judgement.notify,
        judgement.severity,
        findings,
        candidates,
        &judgement.excerpt,
    );
    sha256_hex(serde_json::to_string(&claims).unwrap_or_default().as_bytes())
}

fn digest_with_scan(batch: &JudgementBatch) -> String {
    sha256_hex(format!("{}\n{}", batch.scan, digest(&batch.judgement)).as_bytes())[..16].to_owned()
}

/// The judgement with identifiers only: what is stored of a leak when there is no key.
fn without_text(mut judgement: Judgement) -> Judgement {
    judgement.findings.iter_mut().for_each(|finding| finding.reasons.clear());
    judgement.candidates.clear();
    judgement.reasons.clear();
    judgement.excerpt = None;
    judgement
}
