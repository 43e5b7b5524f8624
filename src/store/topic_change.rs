//! Changes of protected topics that wait for a second person. That nobody decides on their own change is held here as well as
//! in the pages.

use std::collections::BTreeSet;

use crate::model::audit::AuditEntry;
use crate::model::ids::TopicChangeId;
use crate::model::time::Timestamp;
use crate::model::topic_change::{TopicChange, TopicChangeState};
use crate::store::column::{big, count, from_word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

macro_rules! select_changes {
    ($rest:literal) => {
        concat!(
            "SELECT id, state, text, read_sha256, diff, reason, proposed_by, proposed_at_ms, expires_at_ms, decided_by, ",
            "decided_at_ms, answer, version FROM topic_changes ",
            $rest
        )
    };
}

const LATEST: &str = select_changes!("ORDER BY id DESC LIMIT $1");
const BY_ID: &str = select_changes!("WHERE id = $1");
const OPEN: &str = "SELECT id FROM topic_changes WHERE (state = 'waiting' AND expires_at_ms > $1) \
    OR (state = 'approved' AND version IS NULL) LIMIT 1";
const OPEN_OF_OTHERS: &str = "SELECT id FROM topic_changes WHERE proposed_by <> $2 AND ((state = 'waiting' \
    AND expires_at_ms > $1) OR (state = 'approved' AND version IS NULL)) LIMIT 1";
const IN_FORCE: &str = "SELECT version FROM topic_changes WHERE version IS NOT NULL";
const PROPOSE: &str = "INSERT INTO topic_changes (id, state, text, read_sha256, diff, reason, proposed_by, proposed_at_ms, \
    expires_at_ms, decided_by, decided_at_ms, answer, version) VALUES ($1, 'waiting', $2, $3, $4, $5, $6, $7, $8, '', NULL, '', NULL)";
const WITHDRAW: &str = "UPDATE topic_changes SET state = 'withdrawn', decided_by = $2, decided_at_ms = $3 \
    WHERE id = $1 AND proposed_by = $2 AND state = 'waiting'";
// What was approved and could not be written may be approved again; it stays the decision of whoever approved first.
const APPROVE: &str = "UPDATE topic_changes SET decided_by = CASE WHEN state = 'waiting' THEN $2 ELSE decided_by END, \
    decided_at_ms = CASE WHEN state = 'waiting' THEN $3 ELSE decided_at_ms END, state = 'approved' WHERE id = $1 \
    AND proposed_by <> $2 AND ((state = 'waiting' AND expires_at_ms > $3) OR (state = 'approved' AND version IS NULL))";
const REFUSE: &str = "UPDATE topic_changes SET state = 'refused', decided_by = $2, decided_at_ms = $3, answer = $4 \
    WHERE id = $1 AND proposed_by <> $2 AND (state = 'waiting' OR (state = 'approved' AND version IS NULL))";
// What is in force was approved, whoever refused it while it was written.
const FINISH: &str = "UPDATE topic_changes SET decided_by = CASE WHEN state = 'approved' THEN decided_by ELSE $3 END, \
    decided_at_ms = CASE WHEN state = 'approved' THEN decided_at_ms ELSE $4 END, answer = '', state = 'approved', \
    version = $2 WHERE id = $1";

impl Store {
    /// Lets a change wait for a second person, with its audit line; false when another one is open.
    pub async fn propose_topic_change(&self, change: &TopicChange, audit: &AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if query(OPEN).bind(change.proposed_at.ms()).fetch_optional(&mut tx.inner).await?.is_some() {
            return Ok(false);
        }
        query(PROPOSE)
            .bind(change.id.as_str())
            .bind(&change.text)
            .bind(&change.read)
            .bind(&change.diff)
            .bind(&change.reason)
            .bind(&change.proposed_by)
            .bind(change.proposed_at.ms())
            .bind(change.expires_at.ms())
            .execute(&mut tx.inner)
            .await?;
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Proposed changes, the latest first.
    pub async fn topic_changes(&self, limit: u32) -> Result<Vec<TopicChange>, StoreError> {
        query(LATEST).bind(i64::from(limit)).fetch_all(&self.read).await?.iter().map(change).collect()
    }

    /// Whether a change waits for somebody, who did not propose it.
    pub async fn topic_change_waits_for(&self, actor: &str, now: Timestamp) -> Result<bool, StoreError> {
        let open = query(OPEN_OF_OTHERS).bind(now.ms()).bind(actor);
        Ok(open.fetch_optional(&self.read).await?.is_some())
    }

    /// Versions of the ledger that two people decided, in no order.
    pub async fn topic_versions_of_two(&self) -> Result<BTreeSet<u64>, StoreError> {
        let rows = query(IN_FORCE).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok(count(row.try_get("version")?))).collect()
    }

    /// One proposed change.
    pub async fn topic_change(&self, id: &TopicChangeId) -> Result<Option<TopicChange>, StoreError> {
        query(BY_ID).bind(id.as_str()).fetch_optional(&self.read).await?.as_ref().map(change).transpose()
    }

    /// Takes a change back for whoever proposed it, who stands in the audit line; false when it does not wait for that.
    pub async fn withdraw_topic_change(&self, id: &TopicChangeId, audit: &AuditEntry) -> Result<bool, StoreError> {
        self.decide_topic_change(WITHDRAW, id, audit, None).await
    }

    /// Approves a change for another person than the one who proposed it; false when it does not wait for that.
    pub async fn approve_topic_change(&self, id: &TopicChangeId, audit: &AuditEntry) -> Result<bool, StoreError> {
        self.decide_topic_change(APPROVE, id, audit, None).await
    }

    /// Refuses a change for another person than the one who proposed it, with the reason; false when it does not wait for that.
    pub async fn refuse_topic_change(
        &self,
        id: &TopicChangeId,
        answer: &str,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        self.decide_topic_change(REFUSE, id, audit, Some(answer)).await
    }

    async fn decide_topic_change(
        &self,
        decide: &'static str,
        id: &TopicChangeId,
        audit: &AuditEntry,
        answer: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let decide = query(decide).bind(id.as_str()).bind(audit.actor.as_str()).bind(audit.at.ms());
        let decide = answer.into_iter().fold(decide, |decide, answer| decide.bind(answer));
        if decide.execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A change is in force, as a version of the ledger and approved by whoever stands in the audit line if by nobody before. The
    /// approval has its audit line already.
    pub async fn finish_topic_change(
        &self,
        id: &TopicChangeId,
        version: u64,
        audit: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let finish = query(FINISH).bind(id.as_str()).bind(big(version)).bind(audit.actor.as_str()).bind(audit.at.ms());
        if finish.execute(&mut tx.inner).await? == 0 {
            return Err(StoreError::NoTopicChange(id.clone()));
        }
        tx.commit().await
    }
}

fn change(row: &Row) -> Result<TopicChange, StoreError> {
    let state: TopicChangeState = from_word(&row.try_get::<String>("state")?, "topic_changes.state")?;
    Ok(TopicChange {
        id: TopicChangeId::new(row.try_get::<String>("id")?),
        state,
        text: row.try_get("text")?,
        read: row.try_get("read_sha256")?,
        diff: row.try_get("diff")?,
        reason: row.try_get("reason")?,
        proposed_by: row.try_get("proposed_by")?,
        proposed_at: Timestamp::from_ms(row.try_get("proposed_at_ms")?),
        expires_at: Timestamp::from_ms(row.try_get("expires_at_ms")?),
        decided_by: row.try_get("decided_by")?,
        decided_at: row.try_get::<Option<i64>>("decided_at_ms")?.map(Timestamp::from_ms),
        answer: row.try_get("answer")?,
        version: row.try_get::<Option<i64>>("version")?.map(count),
    })
}
