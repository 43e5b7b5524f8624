//! What owners confirm: every month how their groups are used, and in a self-inspection that they have looked them through.

use std::collections::HashMap;

use crate::casework::world::World;
use crate::groups::attested::{Missed, missed, month_of};
use crate::groups::overview::Overview;
use crate::groups::register::is_dissolved;
use crate::groups::responsibility::Responsibility;
use crate::model::audit::AuditEntry;
use crate::model::group::Group;
use crate::model::ids::{CampaignId, CompanyCode, EmployeeId, GroupId};
use crate::model::self_inspection::{Attestation, Campaign, Inspection};
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, new_id};

/// Months that are looked back for attestations that were missed.
const LOOKED_BACK_DAYS: i64 = 400;

/// Groups that live, with who answers for each.
pub fn answered(world: &World) -> Vec<(&Group, &EmployeeId)> {
    let (day, people) = (world.day(), Responsibility::of(&world.ledgers, world.day()));
    let living = world.ledgers.groups.iter().filter(|group| !is_dissolved(group, day));
    living.filter_map(|group| Some((group, people.answers_for(group)?))).collect()
}

/// Notes that everybody who answers for a group is asked to confirm it for this month; returns of how many groups that is new.
///
/// # Errors
/// When the database fails.
pub async fn ask_for_month(shell: &Shell, world: &World) -> Result<u64, StoreError> {
    let asked: Vec<(GroupId, EmployeeId)> =
        answered(world).into_iter().map(|(group, to)| (group.id.clone(), to.clone())).collect();
    shell.store.ask_attestations(&asked, &month_of(world.day()), world.at).await
}

/// How the attestations of groups stand.
#[derive(Debug, Default)]
pub struct Attestations {
    by_group: HashMap<GroupId, Vec<Attestation>>,
}

impl Attestations {
    /// Reads what was asked of some groups within the last year.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_groups(shell: &Shell, world: &World, groups: Vec<GroupId>) -> Result<Self, StoreError> {
        let (since, mut by_group) = (since(world), HashMap::new());
        for group in groups {
            let asked = shell.store.attestations_of(&group, &since).await?;
            by_group.insert(group, asked);
        }
        Ok(Self { by_group })
    }

    /// Reads what was asked of all groups within the last year.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(shell: &Shell, world: &World) -> Result<Self, StoreError> {
        let since = since(world);
        let mut by_group: HashMap<GroupId, Vec<Attestation>> = HashMap::new();
        for one in shell.store.attestations(&since).await? {
            by_group.entry(one.group.clone()).or_default().push(one);
        }
        Ok(Self { by_group })
    }

    /// Whether somebody is asked to confirm a group for the month and has not done so.
    pub fn is_awaited(&self, group: &GroupId, month: &str) -> bool {
        self.of(group).any(|one| one.month == month && one.attested_at.is_none())
    }

    /// What follows because months were missed.
    pub fn missed(&self, group: &GroupId, day: chrono::NaiveDate) -> Option<Missed> {
        missed(self.of(group), day)
    }

    /// The last confirmation of a group.
    pub fn last(&self, group: &GroupId) -> Option<&Attestation> {
        self.of(group).filter(|one| one.attested_at.is_some()).max_by(|a, b| a.month.cmp(&b.month))
    }

    fn of(&self, group: &GroupId) -> impl Iterator<Item = &Attestation> {
        self.by_group.get(group).into_iter().flatten()
    }
}

fn since(world: &World) -> String {
    month_of(world.at.plus_days(-LOOKED_BACK_DAYS).date(world.zone))
}

/// Announces a self-inspection of all living groups of a company for which somebody answers; gives it and how many groups it has.
///
/// # Errors
/// When the database fails.
pub async fn announce(
    shell: &Shell,
    world: &World,
    company: &CompanyCode,
    title: &str,
    due_on: chrono::NaiveDate,
    audit: &AuditEntry,
) -> Result<(Campaign, Vec<(GroupId, EmployeeId)>), StoreError> {
    let asked: Vec<(GroupId, EmployeeId)> = answered(world)
        .into_iter()
        .filter(|(group, _)| group.company == *company)
        .map(|(group, to)| (group.id.clone(), to.clone()))
        .collect();
    let campaign = Campaign {
        id: CampaignId::new(new_id(world.at)),
        company: company.clone(),
        title: title.to_owned(),
        announced_at: world.at,
        due_on,
        closed_at: None,
    };
    let audit = AuditEntry { object: campaign.id.to_string(), ..audit.clone() };
    shell.store.announce_campaign(&campaign, &asked, &audit).await?;
    Ok((campaign, asked))
}

/// Self-inspections that go on, each with its groups.
///
/// # Errors
/// When the database fails.
pub async fn going_on(shell: &Shell) -> Result<Vec<(Campaign, Vec<Inspection>)>, StoreError> {
    let mut all = Vec::new();
    for campaign in shell.store.campaigns().await?.into_iter().filter(|campaign| campaign.closed_at.is_none()) {
        let inspections = shell.store.inspections(&campaign.id).await?;
        all.push((campaign, inspections));
    }
    Ok(all)
}

/// What of a self-inspection is not confirmed yet, with its group and who answers for that now: owners change while it goes on.
pub fn unconfirmed<'w, 'i>(
    world: &'w World,
    inspections: &'i [Inspection],
) -> Vec<(&'i Inspection, &'w Group, &'w EmployeeId)> {
    let people = Responsibility::of(&world.ledgers, world.day());
    let groups: HashMap<&GroupId, &Group> = world.ledgers.groups.iter().map(|group| (&group.id, group)).collect();
    let waiting = inspections.iter().filter(|one| one.confirmed_at.is_none());
    let asked = waiting.filter_map(|one| {
        let group = *groups.get(&one.group)?;
        Some((one, group, people.answers_for(group)?))
    });
    asked.collect()
}

/// Notes which groups that were looked through have nothing left to be mended.
///
/// # Errors
/// When the database fails.
pub async fn note_rectified(shell: &Shell, overview: &Overview) -> Result<(), StoreError> {
    for (campaign, inspections) in going_on(shell).await? {
        let waiting = inspections.iter().filter(|one| one.confirmed_at.is_some() && one.rectified_at.is_none());
        for one in waiting.filter(|one| overview.findings(&one.group).next().is_none()) {
            shell.store.rectify_inspection(&campaign.id, &one.group, shell.clock.now()).await?;
        }
    }
    Ok(())
}
