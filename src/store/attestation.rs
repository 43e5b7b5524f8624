//! Monthly attestations of work groups.

use crate::model::audit::AuditEntry;
use crate::model::ids::{EmployeeId, GroupId};
use crate::model::self_inspection::Attestation;
use crate::model::time::Timestamp;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

const ASK: &str = "INSERT INTO attestations (group_id, month, asked_of, asked_at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (group_id, month) DO NOTHING";
const ATTEST: &str = "UPDATE attestations SET attested_at_ms = $3 \
    WHERE group_id = $1 AND month = $2 AND attested_at_ms IS NULL";
const SINCE: &str = "SELECT group_id, month, asked_of, asked_at_ms, attested_at_ms FROM attestations \
    WHERE month >= $1 ORDER BY group_id, month";
const OF_GROUP: &str = "SELECT group_id, month, asked_of, asked_at_ms, attested_at_ms FROM attestations \
    WHERE group_id = $1 AND month >= $2 ORDER BY month";
const PURGE: &str = "DELETE FROM attestations WHERE asked_at_ms < $1";
const PURGE_MEMBERS: &str = "DELETE FROM member_attestations WHERE listed_at_ms < $1";
const PURGE_CAMPAIGNS: &str = "DELETE FROM campaigns WHERE closed_at_ms < $1";

impl Store {
    /// Notes that people are asked to confirm groups for a month; returns of how many that was not noted before.
    pub async fn ask_attestations(
        &self,
        groups: &[(GroupId, EmployeeId)],
        month: &str,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut asked = 0;
        for (group, employee) in groups {
            let ask = query(ASK).bind(group.as_str()).bind(month).bind(employee.as_str()).bind(at.ms());
            asked += ask.execute(&mut tx.inner).await?;
        }
        tx.commit().await?;
        Ok(asked)
    }

    /// Confirms groups for a month for which somebody was asked, with the audit line of each; what was confirmed before stays.
    /// Returns how many were confirmed now.
    pub async fn attest(
        &self,
        groups: &[GroupId],
        month: &str,
        audit: &[AuditEntry],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut attested = 0;
        for group in groups {
            let attest = query(ATTEST).bind(group.as_str()).bind(month).bind(at.ms());
            attested += attest.execute(&mut tx.inner).await?;
        }
        for line in audit {
            tx.audit(line).await?;
        }
        tx.commit().await?;
        Ok(attested)
    }

    /// Everything that was asked since a month, by group and month.
    pub async fn attestations(&self, since_month: &str) -> Result<Vec<Attestation>, StoreError> {
        query(SINCE).bind(since_month).fetch_all(&self.read).await?.iter().map(attestation).collect()
    }

    /// What was asked of one group since a month.
    pub async fn attestations_of(&self, group: &GroupId, since_month: &str) -> Result<Vec<Attestation>, StoreError> {
        let rows = query(OF_GROUP).bind(group.as_str()).bind(since_month).fetch_all(&self.read).await?;
        rows.iter().map(attestation).collect()
    }

    /// Forgets what owners and members were asked, and self-inspections that were closed, before an instant; returns how many
    /// attestations.
    pub async fn purge_attestations(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut purged = query(PURGE).bind(before.ms()).execute(&mut tx.inner).await?;
        purged += query(PURGE_MEMBERS).bind(before.ms()).execute(&mut tx.inner).await?;
        query(PURGE_CAMPAIGNS).bind(before.ms()).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

fn attestation(row: &Row) -> Result<Attestation, StoreError> {
    Ok(Attestation {
        group: GroupId::new(row.try_get::<String>("group_id")?),
        month: row.try_get("month")?,
        asked_of: EmployeeId::new(row.try_get::<String>("asked_of")?),
        asked_at: Timestamp::from_ms(row.try_get("asked_at_ms")?),
        attested_at: row.try_get::<Option<i64>>("attested_at_ms")?.map(Timestamp::from_ms),
    })
}
