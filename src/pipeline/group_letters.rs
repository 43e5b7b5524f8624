//! Letters about work groups and registers: who gets one, and what stands in it when it is sent. On Monday everybody gets
//! one list; in between only what has a date of its own, and heads of companies what was escalated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::groups::attested::{Missed, month_of};
use crate::groups::notices::{Notice, Reader};
use crate::groups::overview::Overview;
use crate::groups::register::Checked;
use crate::groups::responsibility::Responsibility;
use crate::model::alert::{Alert, AlertKind, LetterPart};
use crate::model::case::Lane;
use crate::model::ids::{EmployeeId, GroupId};
use crate::pipeline::group_cases::{FiledGroups, file_group_cases};
use crate::pipeline::letters::LINK_DAYS;
use crate::pipeline::member_attestation::{is_of_round, part_of_round};
use crate::pipeline::self_inspection::{Attestations, answered, ask_for_month, going_on, note_rectified, unconfirmed};
use crate::pipeline::shell::Shell;
use crate::seal::random_token;
use crate::store::{AlertRequest, DigestRequest, StoreError};

/// Days before the end of a self-inspection from which those are reminded who have not confirmed.
const INSPECTION_REMINDED_DAYS: i64 = 3;

/// Somebody and the lane in which the person is written to.
type To = (Lane, EmployeeId);

/// Daily: files cases, tells heads, reminds of what ends soon. Returns what filing came to, and how many reminders were queued.
///
/// # Errors
/// When the database fails.
pub async fn look_after_groups(shell: &Shell, world: &World) -> Result<(FiledGroups, usize), StoreError> {
    let overview = overview(shell, world).await?;
    let filed = file_group_cases(shell, world, &overview.checked).await?;
    note_rectified(shell, &overview).await?;
    let mut queued = 0;
    for (to, occasion) in reminders(world, &overview.checked).into_iter().chain(inspections(shell, world).await?) {
        queued += usize::from(queue(shell, &(Lane::None, to), &occasion).await?);
    }
    Ok((filed, queued))
}

/// Weekly: one letter to everybody who has something to see to. In the first week of a month owners are asked to confirm their
/// groups as well. Returns how many letters were queued.
///
/// # Errors
/// When the database fails.
pub async fn queue_weekly(shell: &Shell, world: &World) -> Result<usize, StoreError> {
    ask_for_month(shell, world).await?;
    let occasion = format!("groups:{}", monday_of(world.day()));
    let mut to: BTreeSet<To> = overview(shell, world).await?.notices.iter().map(addressee).collect();
    let attestations = Attestations::read(shell, world).await?;
    to.extend(asked_to_attest(world, &attestations).into_keys().map(|id| (Lane::None, id)));
    to.extend(missed_by_owner(world, &attestations).into_keys().map(|id| (Lane::None, id)));
    let mut queued = 0;
    for to in to {
        queued += usize::from(queue(shell, &to, &occasion).await?);
    }
    Ok(queued)
}

/// Sends somebody the own link, such as to register the first group.
///
/// # Errors
/// When the database fails.
pub async fn send_link(shell: &Shell, to: &EmployeeId) -> Result<bool, StoreError> {
    queue(shell, &(Lane::None, to.clone()), &format!("group-link:{}", shell.clock.now().ms())).await
}

/// Tells those who are asked that a self-inspection begins; returns how many letters were queued.
///
/// # Errors
/// When the database fails.
pub async fn announce_to(shell: &Shell, campaign: &str, asked: &[(GroupId, EmployeeId)]) -> Result<usize, StoreError> {
    let to: BTreeSet<&EmployeeId> = asked.iter().map(|(_, to)| to).collect();
    let mut queued = 0;
    for to in to {
        queued += usize::from(queue(shell, &(Lane::None, to.clone()), &announcement(campaign)).await?);
    }
    Ok(queued)
}

pub(super) async fn queue(shell: &Shell, to: &To, occasion: &str) -> Result<bool, StoreError> {
    Ok(shell.store.queue_digest(&digest(shell, to, occasion), shell.clock.now()).await?.is_some())
}

/// A letter about groups that is due now.
pub(super) fn digest(shell: &Shell, (lane, to): &To, occasion: &str) -> DigestRequest {
    let due_at = shell.clock.now();
    let request = AlertRequest { kind: AlertKind::Groups, recipient: to.clone(), lane: lane.clone(), due_at };
    DigestRequest { request, cases: Vec::new(), occasion: occasion.to_owned() }
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    day - chrono::Days::new(u64::from(day.weekday().num_days_from_monday()))
}

async fn overview(shell: &Shell, world: &World) -> Result<Arc<Overview>, StoreError> {
    shell.overview(world).await.map_err(|error| StoreError::File(std::io::Error::other(error)))
}

/// In which lane a notice is written: by it a letter that cannot be delivered finds the deputy.
fn addressee(notice: &Notice) -> To {
    let lane = match notice.reader {
        Reader::Owner | Reader::Head | Reader::Holder => Lane::None,
        Reader::Company => Lane::Manager(notice.company.clone()),
        Reader::Approver => Lane::GroupHr,
    };
    (lane, notice.to.clone())
}

/// Whom a date that comes soon is told, each date once.
fn reminders(world: &World, checked: &Checked) -> Vec<(EmployeeId, String)> {
    let people = Responsibility::of(&world.ledgers, world.day());
    let groups: BTreeMap<&GroupId, _> = world.ledgers.groups.iter().map(|group| (&group.id, group)).collect();
    let told = checked.reminders.iter().filter_map(|reminder| {
        let to = people.answers_for(groups.get(&reminder.group)?)?;
        Some((to.clone(), format!("group-reminder:{}:{}", reminder.group, reminder.until)))
    });
    told.collect()
}

/// Who has not confirmed a self-inspection: told once that it goes on, also where a crash came between its beginning and its
/// letters or the group has another owner since; told again when it ends soon, and when it has ended.
async fn inspections(shell: &Shell, world: &World) -> Result<Vec<(EmployeeId, String)>, StoreError> {
    let mut asked = Vec::new();
    for (campaign, inspections) in going_on(shell).await? {
        let occasion = match (campaign.due_on - world.day()).num_days() {
            ..0 => format!("campaign-late:{}", campaign.id),
            0..=INSPECTION_REMINDED_DAYS => format!("campaign-soon:{}", campaign.id),
            _ => announcement(campaign.id.as_str()),
        };
        let open = unconfirmed(world, &inspections).into_iter();
        asked.extend(open.map(|(_, _, to)| (to.clone(), occasion.clone())));
    }
    asked.sort();
    asked.dedup();
    Ok(asked)
}

fn announcement(campaign: &str) -> String {
    format!("campaign:{campaign}")
}

/// Groups that are to be confirmed for this month, by who answers for them.
fn asked_to_attest(world: &World, attestations: &Attestations) -> BTreeMap<EmployeeId, Vec<String>> {
    let month = month_of(world.day());
    let mut asked: BTreeMap<EmployeeId, Vec<String>> = BTreeMap::new();
    for (group, to) in answered(world) {
        if attestations.is_awaited(&group.id, &month) {
            let line = match attestations.missed(&group.id, world.day()) {
                Some(Missed::Owner(months) | Missed::Head(months)) => {
                    format!("“{}”（{}）：已连续{months}个月没有确认", group.name, group.id)
                }
                None => format!("“{}”（{}）", group.name, group.id),
            };
            asked.entry(to.clone()).or_default().push(line);
        }
    }
    asked
}

/// Groups that were not confirmed although their owners were reminded, by the head of the company.
fn missed_by_owner(world: &World, attestations: &Attestations) -> BTreeMap<EmployeeId, Vec<String>> {
    let people = Responsibility::of(&world.ledgers, world.day());
    let mut missed: BTreeMap<EmployeeId, Vec<String>> = BTreeMap::new();
    for (group, to) in answered(world) {
        let Some(head) = people.head(&group.company).filter(|head| *head != to) else { continue };
        if let Some(Missed::Head(months)) = attestations.missed(&group.id, world.day()) {
            let line = format!("“{}”（{}）：群主已连续{months}个月没有确认", group.name, group.id);
            missed.entry(head.clone()).or_default().push(line);
        }
    }
    missed
}

/// Self-inspections in which somebody still has groups to confirm: title, and a line a group.
async fn open_inspections(shell: &Shell, world: &World, to: &EmployeeId) -> Result<Vec<LetterPart>, StoreError> {
    let mut parts = Vec::new();
    for (campaign, inspections) in going_on(shell).await? {
        let own = unconfirmed(world, &inspections).into_iter().filter(|(_, _, asked)| *asked == to);
        let lines: Vec<String> = own.map(|(_, group, _)| format!("“{}”（{}）", group.name, group.id)).collect();
        if !lines.is_empty() {
            let title = format!("{}：请于{}前逐群核对并确认", campaign.title, campaign.due_on);
            parts.push(LetterPart { title, lines, ..LetterPart::default() });
        }
    }
    Ok(parts)
}

/// What a letter about groups says now to whom it is addressed. What belongs to the yearly round of members stands in the
/// letters of that alone.
///
/// # Errors
/// When the database fails.
pub async fn letter_parts(shell: &Shell, world: &World, alert: &Alert) -> Result<Vec<LetterPart>, StoreError> {
    let is_of_round = is_of_round(&shell.store.occasion(&alert.id).await?);
    let mut parts = match is_of_round {
        true => part_of_round(shell, world, alert).await?.into_iter().collect(),
        false => parts_of_register(shell, world, alert).await?,
    };
    parts.iter_mut().for_each(|part| mask(world, part));
    let console = shell.config.mail.console();
    let Some((console, last)) = console.zip(parts.last_mut().filter(|part| part.link.is_none())) else {
        return Ok(parts);
    };
    last.link = Some(match &alert.lane {
        Lane::Manager(_) => format!("{console}/groups/leavers"),
        Lane::GroupHr => format!("{console}/ledgers/exemptions"),
        _ => personal_link(shell, console, &alert.recipient).await? + if is_of_round { "/duties" } else { "" },
    });
    last.is_personal = alert.lane == Lane::None;
    Ok(parts)
}

/// What the registers have for the reader of a letter, and for its owner what stands in no notice.
async fn parts_of_register(shell: &Shell, world: &World, alert: &Alert) -> Result<Vec<LetterPart>, StoreError> {
    let overview = overview(shell, world).await?;
    let of_lane = |notice: &&Notice| match &alert.lane {
        Lane::Manager(code) => notice.reader == Reader::Company && notice.company == *code,
        Lane::GroupHr => notice.reader == Reader::Approver,
        _ => notice.to == alert.recipient && addressee(notice).0 == Lane::None,
    };
    let mut parts: Vec<LetterPart> = overview.notices.iter().filter(of_lane).map(part_of).collect();
    // Several people may decide applications; they all read the same.
    parts.dedup();
    if alert.lane == Lane::None {
        parts.extend(own_parts(shell, world, &alert.recipient).await?);
        parts.extend(parts.is_empty().then(own_page));
    }
    Ok(parts)
}

/// Names, purposes and reasons of the register may hold a confidential expression that somebody wrote into the file.
fn mask(world: &World, part: &mut LetterPart) {
    let texts = std::iter::once(&mut part.title).chain(&mut part.lines);
    texts.for_each(|text| *text = masked(&world.watch, text));
}

async fn own_parts(shell: &Shell, world: &World, to: &EmployeeId) -> Result<Vec<LetterPart>, StoreError> {
    let mut parts = open_inspections(shell, world, to).await?;
    let people = Responsibility::of(&world.ledgers, world.day());
    let groups = world.ledgers.groups.iter().filter(|group| people.acts_for(to, group));
    let groups = groups.map(|group| group.id.clone()).collect();
    let attestations = Attestations::of_groups(shell, world, groups).await?;
    if let Some(lines) = asked_to_attest(world, &attestations).remove(to) {
        let title = format!("请确认{}：群内仅用于工作；成员已核对；无代登录", month_of(world.day()));
        parts.push(LetterPart { title, lines, ..LetterPart::default() });
    }
    if let Some(lines) = missed_by_owner(world, &attestations).remove(to) {
        let title = format!("{}个工作群长期没有确认，请您协调", lines.len());
        parts.push(LetterPart { title, lines, ..LetterPart::default() });
    }
    Ok(parts)
}

/// Where somebody registers the first group, and finds all others later.
fn own_page() -> LetterPart {
    let title = "您的工作群登记页".to_owned();
    let lines = vec!["目前没有需要您处理的事项。您建的工作群在这里登记、交成员表。".to_owned()];
    LetterPart { title, lines, ..LetterPart::default() }
}

async fn personal_link(shell: &Shell, console: &str, to: &EmployeeId) -> Result<String, StoreError> {
    let token = random_token();
    shell.store.add_group_link(&token, to, shell.clock.now().plus_days(LINK_DAYS)).await?;
    Ok(format!("{console}/my-groups/{token}"))
}

fn part_of(notice: &Notice) -> LetterPart {
    let lines = notice.text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    LetterPart { title: notice.subject.clone(), lines, ..LetterPart::default() }
}

/// Why somebody receives a letter about groups.
pub fn part_in_groups(alert: &Alert, is_in_charge: bool) -> String {
    match &alert.lane {
        Lane::Manager(_) if is_in_charge => "公司的指定专人".to_owned(),
        Lane::Manager(_) => "公司的第一责任人".to_owned(),
        Lane::GroupHr => "上市公司人力资源部审批人".to_owned(),
        _ => "工作群的群主或成员、公司负责人，或使用许可的持有人".to_owned(),
    }
}
