//! The outbox: messages written together with the change that causes them, and sent afterwards.
//! None is lost and none is sent twice: an unclear end is shown as uncertain and not tried again.

use crate::model::alert::{Alert, AlertState};
use crate::model::case::Lane;
use crate::model::ids::{AlertId, CaseId, EmployeeId};
use crate::model::time::Timestamp;
use crate::store::column::{big, count, from_word, new_id, word};
use crate::store::sql::{Row, query};
use crate::store::{AlertRequest, Store, StoreError, Tx};

const QUEUE: &str = "INSERT INTO alerts (id, idempotency_key, kind, lane, recipient, due_at_ms, state, attempts, \
    handed_over, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0, FALSE, $7) \
    ON CONFLICT (idempotency_key) DO NOTHING";
pub(super) const ADD_CASE: &str = "INSERT INTO alert_cases (alert_id, case_id, position) VALUES ($1, $2, $3) \
    ON CONFLICT (alert_id, case_id) DO NOTHING";
pub(super) const CASES: &str = "SELECT case_id FROM alert_cases WHERE alert_id = $1 ORDER BY position";
const LATEST: &str = "SELECT id, kind, lane, recipient, due_at_ms, state, attempts, last_error FROM alerts \
    ORDER BY id DESC LIMIT $1";
const OF_CASE: &str = "SELECT a.id, a.kind, a.lane, a.recipient, a.due_at_ms, a.state, a.attempts, a.last_error \
    FROM alerts AS a JOIN alert_cases AS c ON c.alert_id = a.id WHERE c.case_id = $1 ORDER BY a.id";
const DEPUTYS: &str = "SELECT COUNT(*) AS n FROM alerts WHERE id = $1 AND idempotency_key LIKE '%|deputy:%'";
const KEY: &str = "SELECT idempotency_key FROM alerts WHERE id = $1";
const COUNTS: &str = "SELECT state, COUNT(*) AS n FROM alerts GROUP BY state ORDER BY state";
// A worker died after the server may have had the body: nobody can know, so nobody sends again. The owner stays, because
// it may live after all and report late: a clock that was set forward ends a lease early.
pub(super) const LOST: &str = "UPDATE alerts SET state = 'uncertain', lease_until_ms = NULL, \
    settled_at_ms = $1, last_error = 'the sender stopped while the server had the message' \
    WHERE state = 'queued' AND handed_over AND lease_until_ms <= $1";
const DUE: &str = "SELECT a.id FROM alerts AS a WHERE a.state = 'queued' AND a.due_at_ms <= $1 \
    AND (a.lease_until_ms IS NULL OR a.lease_until_ms <= $1) \
    ORDER BY COALESCE((SELECT MAX(c.gravity) FROM alert_cases AS k JOIN cases AS c ON c.id = k.case_id \
    WHERE k.alert_id = a.id), -1) DESC, a.due_at_ms, a.id LIMIT $2";
const LEASE: &str = "UPDATE alerts SET lease_owner = $2, lease_until_ms = $3, attempts = attempts + 1, \
    handed_over = FALSE WHERE id = $1 \
    RETURNING id, kind, lane, recipient, due_at_ms, state, attempts, last_error";
const HAND_OVER: &str = "UPDATE alerts SET handed_over = TRUE, lease_until_ms = $3 \
    WHERE id = $1 AND lease_owner = $2 AND state = 'queued'";
const SETTLE: &str = "UPDATE alerts SET state = $3, last_error = $4, due_at_ms = COALESCE($5, due_at_ms), \
    settled_at_ms = $6, attempts = attempts - $7, lease_owner = NULL, lease_until_ms = NULL, handed_over = FALSE \
    WHERE id = $1 AND lease_owner = $2 AND state IN ('queued', 'uncertain')";

/// Why a letter was not written: nothing is left in it for its reader. It has failed nobody.
pub(crate) const NOT_FOR_THE_READER: &str =
    "what it is about concerns the reader, is locked by an objection, or went to another lane";

/// A digest or heartbeat to queue.
#[derive(Debug, Clone)]
pub struct DigestRequest {
    /// The message.
    pub request: AlertRequest,
    /// Cases it is about, in the order of the letter; none for a heartbeat.
    pub cases: Vec<CaseId>,
    /// What makes it unique for its recipient, lane and kind, such as the local day `2026-11-20`.
    pub occasion: String,
}

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// The server took it.
    Sent,
    /// Try again from this instant.
    RetryAt {
        /// When.
        at: Timestamp,
        /// Why, without personal data.
        error: String,
    },
    /// The server could not be had at all: the message stays as it was, and no try is counted.
    Held {
        /// Why, without personal data.
        error: String,
    },
    /// Refused for good.
    Failed {
        /// Why, without personal data.
        error: String,
    },
    /// Lost sight of after the body was handed over.
    Uncertain {
        /// Why, without personal data.
        error: String,
    },
}

impl Store {
    /// Queues a digest or heartbeat; none when the same one was queued before.
    pub async fn queue_digest(&self, digest: &DigestRequest, now: Timestamp) -> Result<Option<AlertId>, StoreError> {
        // Of whatever kind: one digest an occasion, also where it turned out that there was nothing to tell.
        self.queue_as(digest.request.recipient.as_str(), digest, now).await
    }

    /// Queues a message that a lane gets once, whoever receives it; none when anybody was told in it before.
    pub async fn queue_once(&self, digest: &DigestRequest, now: Timestamp) -> Result<Option<AlertId>, StoreError> {
        self.queue_as("", digest, now).await
    }

    async fn queue_as(&self, to: &str, digest: &DigestRequest, now: Timestamp) -> Result<Option<AlertId>, StoreError> {
        let mut tx = self.begin().await?;
        let key = digest_key(&digest.request.lane, &digest.occasion, to);
        let id = tx.queue(&key, &digest.request, &digest.cases, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Queues one message about one case outside of any change of it, such as a reminder or the deputy's copy;
    /// none when the same occasion was queued for this recipient before.
    pub async fn queue_alert(
        &self,
        case: &CaseId,
        request: &AlertRequest,
        occasion: &str,
        now: Timestamp,
    ) -> Result<Option<AlertId>, StoreError> {
        let mut tx = self.begin().await?;
        let id = tx.queue_alert(case, request, occasion, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes messages that are due for sending, for `lease_ms`: those about the gravest cases first, then the earliest.
    /// Messages of a worker that died before handing over come again; those handed over become uncertain.
    pub async fn claim_alerts(
        &self,
        now: Timestamp,
        worker: &str,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<Alert>, StoreError> {
        let mut tx = self.begin().await?;
        query(LOST).bind(now.ms()).execute(&mut tx.inner).await?;
        let due = query(DUE).bind(now.ms()).bind(i64::from(limit)).fetch_all(&mut tx.inner).await?;
        let mut claimed = Vec::new();
        for row in &due {
            let id: String = row.try_get("id")?;
            let until = now.plus_ms(lease_ms).ms();
            let leased = query(LEASE).bind(&id).bind(worker).bind(until).fetch_one(&mut tx.inner).await?;
            let cases = query(CASES).bind(&id).fetch_all(&mut tx.inner).await?;
            claimed.push(alert(&leased, &cases)?);
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Says that the body goes to the server now, with a lease that is counted anew and ends at `until`. From here until
    /// [`Store::settle_alert`] a dead worker leaves the message uncertain.
    pub async fn hand_over_alert(&self, id: &AlertId, worker: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = query(HAND_OVER).bind(id.as_str()).bind(worker).bind(until.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        if done == 1 { Ok(()) } else { Err(StoreError::AlertLost(id.clone())) }
    }

    /// Writes how an attempt ended. The report of a worker whose lease ran out while it was handing over is late and
    /// still counts, as long as nobody else has taken the message: it alone knows what the server said.
    pub async fn settle_alert(
        &self,
        id: &AlertId,
        worker: &str,
        end: &Outgoing,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, error) = match end {
            Outgoing::Sent => (AlertState::Sent, None),
            Outgoing::RetryAt { error, .. } | Outgoing::Held { error } => (AlertState::Queued, Some(error)),
            Outgoing::Failed { error } => (AlertState::Failed, Some(error)),
            Outgoing::Uncertain { error } => (AlertState::Uncertain, Some(error)),
        };
        let due_at = if let Outgoing::RetryAt { at, .. } = end { Some(at.ms()) } else { None };
        let mut tx = self.begin().await?;
        let done = query(SETTLE)
            .bind(id.as_str())
            .bind(worker)
            .bind(word(&state))
            .bind(error)
            .bind(due_at)
            .bind((state != AlertState::Queued).then(|| now.ms()))
            .bind(i64::from(matches!(end, Outgoing::Held { .. })))
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await?;
        if done == 1 { Ok(()) } else { Err(StoreError::AlertLost(id.clone())) }
    }

    /// The latest messages, newest first.
    pub async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let rows = query(LATEST).bind(i64::from(limit)).fetch_all(&self.read).await?;
        self.alerts_from(&rows).await
    }

    /// Every message about a case, oldest first.
    pub async fn alerts_of_case(&self, case: &CaseId) -> Result<Vec<Alert>, StoreError> {
        let rows = query(OF_CASE).bind(case.as_str()).fetch_all(&self.read).await?;
        self.alerts_from(&rows).await
    }

    /// Whether a message is the copy of one that could not be delivered to somebody else.
    pub async fn is_deputys_copy(&self, id: &AlertId) -> Result<bool, StoreError> {
        Ok(query(DEPUTYS).bind(id.as_str()).fetch_one(&self.read).await?.try_get::<i64>("n")? > 0)
    }

    /// On what occasion a message was queued; a deputy's copy has that of the message which could not be delivered.
    pub async fn occasion(&self, id: &AlertId) -> Result<String, StoreError> {
        let occasion = self.own_occasion(id.as_str()).await?;
        match occasion.strip_prefix("deputy:") {
            Some(original) => self.own_occasion(original).await,
            None => Ok(occasion),
        }
    }

    async fn own_occasion(&self, id: &str) -> Result<String, StoreError> {
        let row = query(KEY).bind(id).fetch_optional(&self.read).await?;
        let key = row.map(|row| row.try_get::<String>("idempotency_key")).transpose()?.unwrap_or_default();
        Ok(key.split('|').nth(2).unwrap_or_default().to_owned())
    }

    /// How many messages stand where.
    pub async fn alert_counts(&self) -> Result<Vec<(AlertState, u64)>, StoreError> {
        let rows = query(COUNTS).fetch_all(&self.read).await?;
        let pair = |row: &Row| Ok((from_word(row.try_get("state")?, "alerts.state")?, count(row.try_get("n")?)));
        rows.iter().map(pair).collect()
    }

    pub(super) async fn alerts_from(&self, rows: &[Row]) -> Result<Vec<Alert>, StoreError> {
        let mut alerts = Vec::with_capacity(rows.len());
        for row in rows {
            let cases = query(CASES).bind(row.try_get::<String>("id")?).fetch_all(&self.read).await?;
            alerts.push(alert(row, &cases)?);
        }
        Ok(alerts)
    }
}

impl Tx {
    /// Queues one message about one case; none when the same occasion was queued for this recipient before.
    pub(super) async fn queue_alert(
        &mut self,
        case: &CaseId,
        request: &AlertRequest,
        occasion: &str,
        now: Timestamp,
    ) -> Result<Option<AlertId>, StoreError> {
        let key = format!("case|{case}|{occasion}|{}|{}", word(&request.kind), request.recipient);
        self.queue(&key, request, std::slice::from_ref(case), now).await
    }

    pub(super) async fn queue(
        &mut self,
        key: &str,
        request: &AlertRequest,
        cases: &[CaseId],
        now: Timestamp,
    ) -> Result<Option<AlertId>, StoreError> {
        let id = AlertId::new(new_id(now));
        let queued = query(QUEUE)
            .bind(id.as_str())
            .bind(key)
            .bind(word(&request.kind))
            .bind(word(&request.lane))
            .bind(request.recipient.as_str())
            .bind(request.due_at.ms())
            .bind(now.ms())
            .execute(&mut self.inner)
            .await?;
        if queued == 0 {
            return Ok(None);
        }
        for (position, case) in cases.iter().enumerate() {
            let position = big(position);
            query(ADD_CASE).bind(id.as_str()).bind(case.as_str()).bind(position).execute(&mut self.inner).await?;
        }
        Ok(Some(id))
    }
}

/// What makes a digest unique; without a recipient, whoever receives it.
pub(super) fn digest_key(lane: &Lane, occasion: &str, recipient: &str) -> String {
    format!("digest|{lane}|{occasion}|{recipient}")
}

fn alert(row: &Row, cases: &[Row]) -> Result<Alert, StoreError> {
    let case = |row: &Row| row.try_get::<String>("case_id").map(CaseId::new);
    Ok(Alert {
        id: AlertId::new(row.try_get::<String>("id")?),
        kind: from_word(row.try_get("kind")?, "alerts.kind")?,
        cases: cases.iter().map(case).collect::<Result<_, _>>()?,
        recipient: EmployeeId::new(row.try_get::<String>("recipient")?),
        lane: from_word(row.try_get("lane")?, "alerts.lane")?,
        due_at: Timestamp::from_ms(row.try_get("due_at_ms")?),
        state: from_word(row.try_get("state")?, "alerts.state")?,
        attempts: count(row.try_get("attempts")?),
        last_error: row.try_get("last_error")?,
    })
}
