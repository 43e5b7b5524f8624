//! What sources answered to the query whose answer is known.

use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

const ALL: &str = "SELECT source_id, asked_at_ms, contradiction, since_ms FROM canaries ORDER BY source_id";
const SAVE: &str = "INSERT INTO canaries (source_id, asked_at_ms, contradiction, since_ms) VALUES ($1, $2, $3, $2) \
    ON CONFLICT (source_id) DO UPDATE SET asked_at_ms = excluded.asked_at_ms, contradiction = excluded.contradiction, \
    since_ms = CASE WHEN (canaries.contradiction = '') = (excluded.contradiction = '') THEN canaries.since_ms \
    ELSE excluded.since_ms END";

/// The last answer of a source to its canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryState {
    /// Source.
    pub source: SourceId,
    /// When it was asked last.
    pub asked_at: Timestamp,
    /// What was otherwise than known; none when it answered as known.
    pub contradiction: Option<String>,
    /// Since when it answers so.
    pub since: Timestamp,
}

impl Store {
    /// The canaries of all sources that were ever asked.
    pub async fn canaries(&self) -> Result<Vec<CanaryState>, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(state).collect()
    }

    /// Notes what a source answered: what was otherwise than known, if anything.
    pub async fn save_canary(
        &self,
        source: &SourceId,
        contradiction: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let said = contradiction.unwrap_or_default();
        query(SAVE).bind(source.as_str()).bind(at.ms()).bind(said).execute(&mut tx.inner).await?;
        tx.commit().await
    }
}

fn state(row: &Row) -> Result<CanaryState, StoreError> {
    Ok(CanaryState {
        source: SourceId::new(row.try_get::<String>("source_id")?),
        asked_at: Timestamp::from_ms(row.try_get("asked_at_ms")?),
        contradiction: Some(row.try_get::<String>("contradiction")?).filter(|text| !text.is_empty()),
        since: Timestamp::from_ms(row.try_get("since_ms")?),
    })
}
