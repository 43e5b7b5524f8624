//! Self-inspections of work groups.

use crate::model::audit::AuditEntry;
use crate::model::ids::{CampaignId, CompanyCode, EmployeeId, GroupId};
use crate::model::self_inspection::{Campaign, Inspection};
use crate::model::time::Timestamp;
use crate::store::column::{big, count, from_word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

const ANNOUNCE: &str =
    "INSERT INTO campaigns (id, company, title, announced_at_ms, due_on) VALUES ($1, $2, $3, $4, $5)";
const ADD: &str = "INSERT INTO inspections (campaign_id, group_id, asked_of, findings) VALUES ($1, $2, $3, 0) \
    ON CONFLICT (campaign_id, group_id) DO NOTHING";
const ALL: &str = "SELECT id, company, title, announced_at_ms, due_on, closed_at_ms FROM campaigns ORDER BY id DESC";
const OF_CAMPAIGN: &str = "SELECT campaign_id, group_id, asked_of, confirmed_at_ms, findings, rectified_at_ms \
    FROM inspections WHERE campaign_id = $1 ORDER BY group_id";
const CONFIRM: &str = "UPDATE inspections SET confirmed_at_ms = $3, findings = $4 \
    WHERE campaign_id = $1 AND group_id = $2 AND confirmed_at_ms IS NULL";
const RECTIFY: &str = "UPDATE inspections SET rectified_at_ms = $3 \
    WHERE campaign_id = $1 AND group_id = $2 AND confirmed_at_ms IS NOT NULL AND rectified_at_ms IS NULL";
const CLOSE: &str = "UPDATE campaigns SET closed_at_ms = $2 WHERE id = $1 AND closed_at_ms IS NULL";

impl Store {
    /// Announces a self-inspection of groups, each with whom is asked.
    pub async fn announce_campaign(
        &self,
        campaign: &Campaign,
        groups: &[(GroupId, EmployeeId)],
        audit: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(ANNOUNCE)
            .bind(campaign.id.as_str())
            .bind(campaign.company.as_str())
            .bind(campaign.title.as_str())
            .bind(campaign.announced_at.ms())
            .bind(campaign.due_on.to_string())
            .execute(&mut tx.inner)
            .await?;
        for (group, employee) in groups {
            let add = query(ADD).bind(campaign.id.as_str()).bind(group.as_str()).bind(employee.as_str());
            add.execute(&mut tx.inner).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// All self-inspections, newest first.
    pub async fn campaigns(&self) -> Result<Vec<Campaign>, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(campaign).collect()
    }

    /// The groups of a self-inspection, by number.
    pub async fn inspections(&self, campaign: &CampaignId) -> Result<Vec<Inspection>, StoreError> {
        query(OF_CAMPAIGN).bind(campaign.as_str()).fetch_all(&self.read).await?.iter().map(inspection).collect()
    }

    /// Notes that a group was looked through, with how many findings stood then; false when that was done before.
    pub async fn confirm_inspection(
        &self,
        campaign: &CampaignId,
        group: &GroupId,
        findings: usize,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let confirm = query(CONFIRM).bind(campaign.as_str()).bind(group.as_str()).bind(audit.at.ms());
        let confirmed = confirm.bind(big(findings)).execute(&mut tx.inner).await?;
        if confirmed > 0 {
            tx.audit(audit).await?;
        }
        tx.commit().await?;
        Ok(confirmed > 0)
    }

    /// Notes that nothing is found any more in a group that was looked through; false when that was noted before.
    pub async fn rectify_inspection(
        &self,
        campaign: &CampaignId,
        group: &GroupId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let rectify = query(RECTIFY).bind(campaign.as_str()).bind(group.as_str()).bind(at.ms());
        let rectified = rectify.execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(rectified > 0)
    }

    /// Ends a self-inspection; false when it had ended before.
    pub async fn close_campaign(&self, campaign: &CampaignId, audit: &AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let closed = query(CLOSE).bind(campaign.as_str()).bind(audit.at.ms()).execute(&mut tx.inner).await?;
        if closed > 0 {
            tx.audit(audit).await?;
        }
        tx.commit().await?;
        Ok(closed > 0)
    }
}

fn campaign(row: &Row) -> Result<Campaign, StoreError> {
    let due_on: String = row.try_get("due_on")?;
    let announced_at = Timestamp::from_ms(row.try_get("announced_at_ms")?);
    Ok(Campaign {
        id: CampaignId::new(row.try_get::<String>("id")?),
        company: CompanyCode::new(row.try_get::<String>("company")?),
        title: row.try_get("title")?,
        announced_at,
        due_on: from_word(&due_on, "campaigns.due_on")?,
        closed_at: row.try_get::<Option<i64>>("closed_at_ms")?.map(Timestamp::from_ms),
    })
}

fn inspection(row: &Row) -> Result<Inspection, StoreError> {
    Ok(Inspection {
        campaign: CampaignId::new(row.try_get::<String>("campaign_id")?),
        group: GroupId::new(row.try_get::<String>("group_id")?),
        asked_of: EmployeeId::new(row.try_get::<String>("asked_of")?),
        confirmed_at: row.try_get::<Option<i64>>("confirmed_at_ms")?.map(Timestamp::from_ms),
        findings: count(row.try_get("findings")?),
        rectified_at: row.try_get::<Option<i64>>("rectified_at_ms")?.map(Timestamp::from_ms),
    })
}
