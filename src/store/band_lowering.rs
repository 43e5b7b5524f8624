//! When the highest band was shown as the next, and by which figures: at most one such time is under way.

use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::alert::digest_key;
use crate::store::column::{big, count};
use crate::store::sql::{Row, query};
use crate::store::{DigestRequest, Store, StoreError};

const LOWER: &str = "INSERT INTO band_lowerings (id, since_ms, until_ms, decided, confirmed) \
    SELECT $1, $2, NULL, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM band_lowerings WHERE until_ms IS NULL)";
const RESTORE: &str = "UPDATE band_lowerings SET until_ms = $1 WHERE until_ms IS NULL";
const ALL: &str =
    "SELECT id, since_ms, until_ms, decided, confirmed FROM band_lowerings ORDER BY since_ms DESC, id DESC LIMIT 50";

/// A time in which the highest band was shown as the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BandLowering {
    /// Identifier.
    pub id: String,
    /// When it began.
    pub since: Timestamp,
    /// When it ended; none while it is under way.
    pub until: Option<Timestamp>,
    /// Decided leads of the band when it began.
    pub decided: u64,
    /// Confirmed ones among them.
    pub confirmed: u64,
}

impl Store {
    /// Begins a time with its letters and its line of the audit; false when one is under way.
    pub async fn lower_band(
        &self,
        lowering: &BandLowering,
        told: &[DigestRequest],
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let lower = query(LOWER).bind(&lowering.id).bind(lowering.since.ms());
        let lower = lower.bind(big(lowering.decided)).bind(big(lowering.confirmed));
        if lower.execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        for one in told {
            let key = digest_key(&one.request.lane, &one.occasion, one.request.recipient.as_str());
            tx.queue(&key, &one.request, &one.cases, lowering.since).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends the time that is under way, with its line of the audit; false when none is.
    pub async fn restore_band(&self, audit: &AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if query(RESTORE).bind(audit.at.ms()).execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The latest times, newest first.
    pub async fn band_lowerings(&self) -> Result<Vec<BandLowering>, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(lowering).collect()
    }
}

fn lowering(row: &Row) -> Result<BandLowering, StoreError> {
    Ok(BandLowering {
        id: row.try_get("id")?,
        since: Timestamp::from_ms(row.try_get("since_ms")?),
        until: row.try_get::<Option<i64>>("until_ms")?.map(Timestamp::from_ms),
        decided: count(row.try_get("decided")?),
        confirmed: count(row.try_get("confirmed")?),
    })
}
