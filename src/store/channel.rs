//! How far each channel beside mail has heard of what happened to cases.

use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::audit::entry;
use crate::store::column::count;
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const END: &str = "SELECT COALESCE(MAX(seq), 0) AS seq FROM audit";
const STATE: &str = "SELECT heard_seq, failures, retry_at_ms, last_error FROM channels WHERE name = $1";
const SAVE: &str = "INSERT INTO channels (name, heard_seq, failures, retry_at_ms, last_error) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET heard_seq = excluded.heard_seq, \
    failures = excluded.failures, retry_at_ms = excluded.retry_at_ms, last_error = excluded.last_error";
const EVENTS: &str = "SELECT seq, at_ms, actor, action, object, detail FROM audit WHERE seq > $1 AND at_ms >= $2 \
    AND action IN ('case.open', 'case.close', 'case.reopen', 'case.recheck') ORDER BY seq LIMIT $3";

/// Where a channel stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelState {
    /// Number of the last line of the audit that it was told of, or that was not for it.
    pub heard: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Not tried before.
    pub retry_at: Timestamp,
    /// The last failure, without address and secret.
    pub last_error: Option<String>,
}

impl Store {
    /// Number of the last line of the audit; 0 when there is none.
    pub async fn audit_end(&self) -> Result<u64, StoreError> {
        Ok(count(query(END).fetch_one(&self.read).await?.try_get("seq")?))
    }

    /// Where a channel stands; none for one that was never seen.
    pub async fn channel_state(&self, name: &str) -> Result<Option<ChannelState>, StoreError> {
        let Some(row) = query(STATE).bind(name).fetch_optional(&self.read).await? else { return Ok(None) };
        Ok(Some(ChannelState {
            heard: count(row.try_get("heard_seq")?),
            failures: u32::try_from(row.try_get::<i64>("failures")?).unwrap_or(u32::MAX),
            retry_at: Timestamp::from_ms(row.try_get("retry_at_ms")?),
            last_error: row.try_get("last_error")?,
        }))
    }

    /// Writes where a channel stands.
    pub async fn save_channel_state(&self, name: &str, state: &ChannelState) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(SAVE)
            .bind(name)
            .bind(i64::try_from(state.heard).unwrap_or(i64::MAX))
            .bind(i64::from(state.failures))
            .bind(state.retry_at.ms())
            .bind(state.last_error.clone())
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await
    }

    /// What happened to cases after a line of the audit and since an instant, oldest first, with the lines' numbers.
    pub async fn case_events(
        &self,
        after: u64,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        let events = query(EVENTS).bind(i64::try_from(after).unwrap_or(i64::MAX)).bind(since.ms());
        let rows = events.bind(i64::from(limit)).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((count(row.try_get("seq")?), entry(row)?))).collect()
    }
}
