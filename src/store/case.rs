//! Cases: what managers work on. Opened and updated by judgements (`judgement.rs`), decided here.

use crate::casework::keys::account_key;
use crate::model::audit::AuditEntry;
use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, Notify, Subject, SubjectKind};
use crate::model::ids::{CaseId, EmployeeId, ExemptionId, PlatformId};
use crate::model::silence::SilentCause;
use crate::model::time::Timestamp;
use crate::store::chain::ChainKind;
use crate::store::column::{from_json, from_word, word};
use crate::store::sealed::Sealing;
use crate::store::sql::{Row, query, query_of_list};
use crate::store::unlink::names_nobody;
use crate::store::{AlertRequest, Store, StoreError, Tx};

pub(super) const JUDGEMENT: &str = "case_subjects.judgement";

macro_rules! select_cases {
    ($rest:expr) => {
        concat!(
            "SELECT c.id, c.number, c.account_key, c.clause, c.lane, c.outcome, c.notify, c.severity, c.gravity, ",
            "c.state, c.disposition, c.decided_by, c.state_since_ms, c.opened_at_ms, c.updated_at_ms, ",
            "s.sealed, s.judgement FROM cases AS c ",
            "JOIN case_subjects AS s ON s.case_id = c.id AND s.subject_key = c.lead_subject ",
            $rest
        )
    };
}

pub(super) use select_cases;

const ONE: &str = select_cases!("WHERE c.id = $1");
const BY_NUMBER: &str = select_cases!("WHERE c.number = $1");
const OF_ACCOUNT: &str = select_cases!("WHERE c.account_key = $1 ORDER BY c.id");
const LIST: &str = select_cases!(
    "WHERE (c.state <> 'closed' OR $1) AND (CAST($2 AS TEXT) IS NULL OR c.lane = $2) AND (c.lane_class <> 'leak' OR $3) \
     AND c.updated_at_ms >= $4 ORDER BY c.gravity DESC, c.id LIMIT $5"
);
// Told means: in a message that was written at or after the last change.
const UNTOLD: &str = select_cases!(
    "WHERE c.state NOT IN ('closed', 'locked') AND c.lane = $1 AND c.notify = $2 AND NOT EXISTS \
     (SELECT 1 FROM alert_cases AS a JOIN alerts AS m ON m.id = a.alert_id \
     WHERE a.case_id = c.id AND m.recipient = $3 AND m.created_at_ms >= c.updated_at_ms) ORDER BY c.gravity DESC, c.id"
);
const OPEN_OF: &str = select_cases!(
    "WHERE c.account_key IN @ AND c.state IN ('open', 'awaiting_confirmation') AND c.lane_class <> 'leak'"
);
const EXEMPTED_OF: &str = select_cases!(
    "WHERE c.account_key IN @ AND c.state = 'closed' AND c.disposition = 'exempted' AND c.lane_class <> 'leak'"
);
const ALL_EXEMPTED: &str =
    select_cases!("WHERE c.state = 'closed' AND c.disposition = 'exempted' AND c.lane_class <> 'leak' ORDER BY c.id");
pub(super) const FIND: &str = select_cases!("WHERE c.account_key = $1 AND c.clause = $2 AND c.lane_class = $3");
const NAMING: &str = select_cases!(
    "WHERE EXISTS (SELECT 1 FROM candidates AS k WHERE k.case_id = c.id AND k.employee_id = $1 \
     AND k.band IN ('medium', 'high')) ORDER BY c.id"
);
const RECUSING: &str = select_cases!(
    "WHERE c.lane_class <> 'leak' AND (EXISTS (SELECT 1 FROM candidates AS k WHERE k.case_id = c.id \
     AND k.employee_id = $1 AND k.band IN ('medium', 'high')) \
     OR EXISTS (SELECT 1 FROM unlinkings AS u WHERE u.account_key = c.account_key AND u.employee_id = $1)) ORDER BY c.id"
);
const SET_STATE: &str = "UPDATE cases SET state = $2, disposition = $3, decided_by = $4, state_since_ms = $5, \
    reopened = reopened + $6, updated_at_ms = $7 WHERE id = $1";

/// Accounts that are asked about at once.
const ACCOUNTS_AT_ONCE: usize = 64;

/// Which cases to list. The default is every open case outside the leak lane.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Only of this lane.
    pub lane: Option<Lane>,
    /// Closed ones too.
    pub with_closed: bool,
    /// Those of the leak lane too. Only for readers of that lane.
    pub with_leak_lane: bool,
    /// Only those that changed since.
    pub changed_since: Option<Timestamp>,
    /// Most rows; 1000 when none is given.
    pub limit: Option<u32>,
}

/// What is done to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Decide it.
    Close(Disposition),
    /// Take the decision back.
    Reopen,
    /// The re-check found the marks gone.
    Recheck,
    /// Somebody said that the account is not theirs.
    Lock,
    /// The objection is answered.
    Unlock,
}

/// One step of a case, by somebody.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Case.
    pub case: CaseId,
    /// What is done.
    pub step: Step,
    /// By whom: an employee number, `cli:` with a login name, or `wanglou`.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Who is told of it.
    pub alerts: Vec<AlertRequest>,
}

/// A case with the columns that only the store needs.
#[derive(Debug, Clone)]
pub(super) struct CaseRow {
    pub(super) case: Case,
    pub(super) gravity: i64,
}

impl Store {
    /// One case.
    pub async fn case(&self, id: &CaseId) -> Result<Option<Case>, StoreError> {
        let row = query(ONE).bind(id.as_str()).fetch_optional(&self.read).await?;
        row.map(|row| case_row(&row, &self.sealing).map(|r| r.case)).transpose()
    }

    /// One case by its number for people.
    pub async fn case_by_number(&self, number: &str) -> Result<Option<Case>, StoreError> {
        let row = query(BY_NUMBER).bind(number).fetch_optional(&self.read).await?;
        row.map(|row| case_row(&row, &self.sealing).map(|r| r.case)).transpose()
    }

    /// Every case of the account behind a subject, in any state and lane.
    pub async fn cases_of_account(&self, subject: &Subject) -> Result<Vec<Case>, StoreError> {
        let rows = query(OF_ACCOUNT).bind(account_key(subject)).fetch_all(&self.read).await?;
        self.cases_from(&rows)
    }

    /// The cases of accounts (by their keys) that nobody has decided and no objection has locked, without the leak lane.
    pub async fn open_cases_of(&self, accounts: &[&str]) -> Result<Vec<Case>, StoreError> {
        self.cases_of_keys(OPEN_OF, accounts).await
    }

    /// The cases of accounts (by their keys) that were closed as exempted, without the leak lane.
    pub async fn cases_exempted(&self, accounts: &[&str]) -> Result<Vec<Case>, StoreError> {
        self.cases_of_keys(EXEMPTED_OF, accounts).await
    }

    /// Every case that was closed as exempted, without the leak lane.
    pub async fn all_cases_exempted(&self) -> Result<Vec<Case>, StoreError> {
        self.cases_from(&query(ALL_EXEMPTED).fetch_all(&self.read).await?)
    }

    async fn cases_of_keys(&self, statement: &'static str, accounts: &[&str]) -> Result<Vec<Case>, StoreError> {
        let mut cases = Vec::new();
        for keys in accounts.chunks(ACCOUNTS_AT_ONCE) {
            // Filled up with the last one, so that one statement serves for any number.
            let mut asked = keys.to_vec();
            asked.resize(ACCOUNTS_AT_ONCE, keys[keys.len() - 1]);
            cases.extend(self.cases_from(&query_of_list(statement, &asked).fetch_all(&self.read).await?)?);
        }
        Ok(cases)
    }

    /// Every case outside the leak lane that names a person as a possible owner, for that person's right to know. Who stands
    /// beside for the name alone is not meant, and is not told of a colleague's case.
    pub async fn cases_naming(&self, employee: &EmployeeId) -> Result<Vec<Case>, StoreError> {
        let rows = query(NAMING).bind(employee.as_str()).fetch_all(&self.read).await?;
        self.cases_from(&rows)
    }

    /// Every case outside the leak lane from which a person keeps away: it names them, or they were linked with its account once.
    pub async fn cases_recusing(&self, employee: &EmployeeId) -> Result<Vec<Case>, StoreError> {
        let rows = query(RECUSING).bind(employee.as_str()).fetch_all(&self.read).await?;
        self.cases_from(&rows)
    }

    /// Cases by a filter, gravest first.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let rows = query(LIST)
            .bind(filter.with_closed)
            .bind(filter.lane.as_ref().map(word))
            .bind(filter.with_leak_lane)
            .bind(filter.changed_since.map_or(0, Timestamp::ms))
            .bind(i64::from(filter.limit.unwrap_or(1_000)))
            .fetch_all(&self.read)
            .await?;
        self.cases_from(&rows)
    }

    /// Cases of a lane, not closed, whose last change stands in no message to this reader yet, gravest first: what the
    /// reader's next digest tells.
    /// Ask for [`Notify::Immediate`] too: a re-check or a further finding of a case that was told at once is news of a digest.
    pub async fn cases_untold(
        &self,
        lane: &Lane,
        notify: Notify,
        reader: &EmployeeId,
    ) -> Result<Vec<Case>, StoreError> {
        let rows =
            query(UNTOLD).bind(word(lane)).bind(word(&notify)).bind(reader.as_str()).fetch_all(&self.read).await?;
        self.cases_from(&rows)
    }

    /// Does one step of a case, with its mails, its audit line and its link of the chain, in one transaction. Of a case that
    /// is closed as protected speech the subjects still are to be erased.
    ///
    /// # Errors
    /// [`StoreError::Held`] when a case on legal hold is to be closed as protected speech.
    pub async fn decide(&self, decision: &Decision) -> Result<Case, StoreError> {
        self.decide_because(decision, "").await
    }

    /// Closes a case because an exemption covers it, whose number its history, the audit and the chain say.
    ///
    /// # Errors
    /// When the case is closed or locked by now.
    pub async fn close_exempted(
        &self,
        case: &CaseId,
        exemption: &ExemptionId,
        at: Timestamp,
    ) -> Result<Case, StoreError> {
        let (step, by) = (Step::Close(Disposition::Exempted), "wanglou".to_owned());
        let decision = Decision { case: case.clone(), step, by, at, alerts: Vec::new() };
        self.decide_because(&decision, exemption.as_str()).await
    }

    async fn decide_because(&self, decision: &Decision, exemption: &str) -> Result<Case, StoreError> {
        let mut tx = self.begin().await?;
        let after = tx.decide_because(decision, exemption).await?;
        if decision.step == Step::Close(Disposition::Unreviewed) {
            let day = decision.at.date(self.zone);
            tx.count_let_go(&after.judgement.lane, SilentCause::Unreviewed, day).await?;
        }
        tx.commit().await?;
        if names_nobody(&after) {
            self.scrub().await?;
        }
        Ok(after)
    }

    pub(super) fn cases_from(&self, rows: &[Row]) -> Result<Vec<Case>, StoreError> {
        rows.iter().map(|row| case_row(row, &self.sealing).map(|r| r.case)).collect()
    }
}

impl Tx {
    /// One step of a case, with its mails, its audit line and its link of the chain.
    pub(super) async fn decide(&mut self, decision: &Decision) -> Result<Case, StoreError> {
        self.decide_because(decision, "").await
    }

    async fn decide_because(&mut self, decision: &Decision, exemption: &str) -> Result<Case, StoreError> {
        let row = self.case_row(&decision.case).await?;
        let state = stepped(row.case.state.clone(), decision)?;
        if decision.step == Step::Close(Disposition::ProtectedSpeech) && self.is_held(&decision.case).await? {
            return Err(StoreError::Held(row.case.number));
        }
        self.set_case_state(&row.case, &state, decision.at).await?;
        let action = action(decision.step);
        for alert in &decision.alerts {
            let occasion = format!("{action}:{}", decision.at.ms());
            self.queue_alert(&decision.case, alert, &occasion, decision.at).await?;
        }
        self.audit(&audit_line(decision, action, exemption)).await?;
        self.chain_decision(&row.case.number, action, &state, exemption, decision.at).await?;
        self.link_by_decision(&row.case, decision).await?;
        if names_nobody(&self.case_row(&decision.case).await?.case) {
            self.forget_candidates(&decision.case).await?;
        }
        let after = self.case_row(&decision.case).await?.case;
        self.note_figure(&after).await?;
        Ok(after)
    }

    pub(super) async fn case_row(&mut self, id: &CaseId) -> Result<CaseRow, StoreError> {
        let row = query(ONE).bind(id.as_str()).fetch_optional(&mut self.inner).await?;
        row.map(|row| case_row(&row, &self.sealing)).transpose()?.ok_or_else(|| StoreError::NoCase(id.clone()))
    }

    /// Writes a new state; leaving a decided or waiting state counts as a reopening.
    pub(super) async fn set_case_state(
        &mut self,
        before: &Case,
        state: &CaseState,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.note_band(before, state).await?;
        let (disposition, by) = match state {
            CaseState::Closed { disposition, by, .. } => (Some(word(disposition)), Some(by.as_str())),
            CaseState::Open | CaseState::AwaitingConfirmation { .. } | CaseState::Locked { .. } => (None, None),
        };
        let reopened = matches!(state, CaseState::Open) && before.state != CaseState::Open;
        query(SET_STATE)
            .bind(before.id.as_str())
            .bind(state_word(state))
            .bind(disposition)
            .bind(by)
            .bind(state_since(state).unwrap_or(at).ms())
            .bind(i64::from(reopened))
            .bind(at.ms())
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn chain_decision(
        &mut self,
        number: &str,
        action: &str,
        state: &CaseState,
        exemption: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut body = serde_json::json!({"case": number, "action": action});
        if !exemption.is_empty() {
            body["exemption"] = serde_json::json!(exemption);
        }
        if let CaseState::Closed { disposition, .. } = state {
            body["disposition"] = serde_json::json!(disposition);
        }
        self.chain(ChainKind::Decision, at, body).await
    }
}

fn stepped(state: CaseState, decision: &Decision) -> Result<CaseState, StoreError> {
    Ok(match decision.step {
        Step::Close(disposition) => state.close(disposition, &decision.by, decision.at)?,
        Step::Reopen => state.reopen()?,
        Step::Recheck => state.rechecked(decision.at)?,
        Step::Lock => state.lock(decision.at)?,
        Step::Unlock => state.unlock()?,
    })
}

const fn action(step: Step) -> &'static str {
    match step {
        Step::Close(_) => "case.close",
        Step::Reopen => "case.reopen",
        Step::Recheck => "case.recheck",
        Step::Lock => "case.lock",
        Step::Unlock => "case.unlock",
    }
}

fn audit_line(decision: &Decision, action: &str, exemption: &str) -> AuditEntry {
    let detail = match decision.step {
        Step::Close(disposition) => format!("{} {exemption}", word(&disposition)).trim_end().to_owned(),
        Step::Reopen | Step::Recheck | Step::Lock | Step::Unlock => String::new(),
    };
    let (actor, object) = (decision.by.clone(), decision.case.to_string());
    AuditEntry { at: decision.at, actor, action: action.to_owned(), object, detail }
}

pub(super) const fn state_word(state: &CaseState) -> &'static str {
    match state {
        CaseState::Open => "open",
        CaseState::AwaitingConfirmation { .. } => "awaiting_confirmation",
        CaseState::Locked { .. } => "locked",
        CaseState::Closed { .. } => "closed",
    }
}

const fn state_since(state: &CaseState) -> Option<Timestamp> {
    match state {
        CaseState::Open => None,
        CaseState::AwaitingConfirmation { rechecked_at } => Some(*rechecked_at),
        CaseState::Locked { since } => Some(*since),
        CaseState::Closed { at, .. } => Some(*at),
    }
}

pub(super) fn case_row(row: &Row, sealing: &Sealing) -> Result<CaseRow, StoreError> {
    let judgement = sealing.read(JUDGEMENT, row.try_get("judgement")?, row.try_get("sealed")?)?;
    let case = Case {
        id: CaseId::new(row.try_get::<String>("id")?),
        number: row.try_get("number")?,
        clause: row.try_get("clause")?,
        judgement: judgement.map_or_else(|| closed_envelope(row), |text| from_json(&text, JUDGEMENT))?,
        state: state(row)?,
        open_since: open_since(row)?,
        opened_at: Timestamp::from_ms(row.try_get("opened_at_ms")?),
        updated_at: Timestamp::from_ms(row.try_get("updated_at_ms")?),
    };
    Ok(CaseRow { case, gravity: row.try_get("gravity")? })
}

/// A case that is open knows since when; of another one the first opening counts.
fn open_since(row: &Row) -> Result<Timestamp, StoreError> {
    let is_open = row.try_get::<String>("state")? == "open";
    let column = if is_open { "state_since_ms" } else { "opened_at_ms" };
    Ok(Timestamp::from_ms(row.try_get(column)?))
}

fn state(row: &Row) -> Result<CaseState, StoreError> {
    let since = Timestamp::from_ms(row.try_get("state_since_ms")?);
    Ok(match row.try_get::<String>("state")?.as_str() {
        "awaiting_confirmation" => CaseState::AwaitingConfirmation { rechecked_at: since },
        "locked" => CaseState::Locked { since },
        "closed" => {
            let disposition: Option<String> = row.try_get("disposition")?;
            let by: Option<String> = row.try_get("decided_by")?;
            let disposition = from_word(&disposition.unwrap_or_default(), "cases.disposition")?;
            CaseState::Closed { disposition, by: by.unwrap_or_default(), at: since }
        }
        _ => CaseState::Open,
    })
}

/// What can be said of a sealed judgement without the key: that it exists, for which lane, how grave.
fn closed_envelope(row: &Row) -> Result<Judgement, StoreError> {
    let severity: String = row.try_get("severity")?;
    let nobody = Subject {
        kind: SubjectKind::Account,
        id: None,
        platform: PlatformId::default(),
        handle: String::new(),
        url: String::new(),
    };
    Ok(Judgement {
        lane: from_word(row.try_get("lane")?, "cases.lane")?,
        notify: from_word(row.try_get("notify")?, "cases.notify")?,
        severity: (!severity.is_empty()).then(|| from_word(&severity, "cases.severity")).transpose()?,
        ..Judgement::silent(nobody, from_word(row.try_get("outcome")?, "cases.outcome")?)
    })
}
