//! Once a year members of work groups are asked to confirm their duties: listed in the month that is set, written to a few a
//! day, reminded once; then the manager of their company hears how many have not. No case, and nothing follows for anybody.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::casework::world::World;
use crate::groups::duties::{DUTIES, Standing, Tally, Today, members};
use crate::groups::responsibility::Responsibility;
use crate::model::alert::{Alert, LetterPart};
use crate::model::case::Lane;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::self_inspection::MemberAttestation;
use crate::model::time::Timestamp;
use crate::pipeline::group_letters::{digest, queue};
use crate::pipeline::letters::mail_of;
use crate::pipeline::shell::Shell;
use crate::store::StoreError;

/// Working days over which the first letters of a round are spread, and letters of a day that need no spreading: with the pace
/// of sending (60 a minute) a group of companies of any size keeps its mail server free for what is urgent.
const SPREAD_WORKING_DAYS: usize = 10;
const LETTERS_A_DAY_MIN: usize = 200;

/// Occasions of the letters of a round, each followed by its year: the first letter, the reminder, and the counts.
const FIRST: &str = "members:";
const AGAIN: &str = "members-again:";
const TOLD: &str = "members-told:";

/// Daily: begins the round of the year in its month, writes the letters of the day, and tells managers once their company's
/// round is over. Nothing while the setting or the mail is off. Returns how many letters were queued.
///
/// # Errors
/// When the database fails; the next day goes on where this one ended.
pub async fn look_after_members(shell: &Shell, world: &World) -> Result<usize, StoreError> {
    if is_off(shell) || shell.transport.is_off() || !world.working_days.is_working_day(world.day()) {
        return Ok(0);
    }
    begin(shell, world).await?;
    let Some(year) = shell.store.last_member_round(world.at).await? else { return Ok(0) };
    shell.store.note_member_letters(year, &format!("{FIRST}{year}"), &format!("{AGAIN}{year}")).await?;
    let Some(round) = Round::read(shell, world, world.at).await? else { return Ok(0) };
    Ok(round.write(shell).await? + round.tell_managers(shell, world).await?)
}

const fn is_off(shell: &Shell) -> bool {
    shell.config.attestation.members_month == 0
}

/// Puts down whom the round asks, once, on the first working day of its month on which anybody stands in a roster.
async fn begin(shell: &Shell, world: &World) -> Result<(), StoreError> {
    let day = world.day();
    let has_begun = shell.store.last_member_round(world.at).await?.is_some_and(|year| year >= day.year());
    if has_begun || day.month() != shell.config.attestation.members_month {
        return Ok(());
    }
    let (ledgers, policy) = (std::sync::Arc::clone(&world.ledgers), world.policy);
    // Half a million lines of rosters take seconds: nobody waits for them on a thread of other work.
    let listed = tokio::task::spawn_blocking(move || members(&ledgers, policy, day)).await;
    let listed: Vec<EmployeeId> =
        listed.map_err(|error| StoreError::File(std::io::Error::other(error)))?.into_iter().collect();
    let count = shell.store.list_members(day.year(), &listed, world.at).await?;
    tracing::info!(count, "the yearly confirmation of members has begun");
    Ok(())
}

/// A member of a round who still works here.
#[derive(Debug)]
pub struct Asked {
    /// What was asked, and what came of it.
    pub attestation: MemberAttestation,
    /// Company of the person now.
    pub company: CompanyCode,
    /// Where the person stands.
    pub standing: Standing,
}

/// The last round that has begun.
#[derive(Debug)]
pub struct Round {
    /// Its year.
    pub year: i32,
    /// Everybody whom it asks and who still works here, by employee number.
    pub asked: Vec<Asked>,
}

impl Round {
    /// Reads the last round that had begun by an instant, as it stands today; none when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(shell: &Shell, world: &World, by: Timestamp) -> Result<Option<Self>, StoreError> {
        let Some(year) = shell.store.last_member_round(by).await? else { return Ok(None) };
        let people = Responsibility::of(&world.ledgers, world.day());
        let today = Today { calendar: &world.working_days, zone: world.zone, day: world.day() };
        let asked = |attestation: MemberAttestation| {
            let company = people.colleague(&attestation.employee)?.company.clone();
            let has_mailbox = mail_of(world, &attestation.employee).is_some_and(|mail| !mail.is_empty());
            let standing = today.standing(&attestation, has_mailbox);
            Some(Asked { attestation, company, standing })
        };
        let all = shell.store.member_attestations(year).await?;
        Ok(Some(Self { year, asked: all.into_iter().filter_map(asked).collect() }))
    }

    /// How far it has got, by company.
    pub fn tallies(&self) -> BTreeMap<CompanyCode, Tally> {
        let mut tallies: BTreeMap<CompanyCode, Tally> = BTreeMap::new();
        for one in &self.asked {
            tallies.entry(one.company.clone()).or_default().add(one.standing);
        }
        tallies
    }

    /// Whom it asks and who had confirmed by an instant, by company.
    pub fn attested_by(&self, by: Timestamp) -> BTreeMap<CompanyCode, (u64, u64)> {
        let mut counts: BTreeMap<CompanyCode, (u64, u64)> = BTreeMap::new();
        for one in &self.asked {
            let (asked, attested) = counts.entry(one.company.clone()).or_default();
            *asked += 1;
            *attested += u64::from(one.attestation.attested_at.is_some_and(|at| at <= by));
        }
        counts
    }

    /// The letters of a day: first ones and reminders.
    async fn write(&self, shell: &Shell) -> Result<usize, StoreError> {
        let is_due = |one: &&Asked| matches!(one.standing, Standing::ToAsk | Standing::ToRemind);
        let letters_a_day = self.asked.len().div_ceil(SPREAD_WORKING_DAYS).max(LETTERS_A_DAY_MIN);
        let mut queued = 0;
        for one in self.asked.iter().filter(is_due).take(letters_a_day) {
            queued += usize::from(self.write_to(shell, one).await?);
        }
        Ok(queued)
    }

    /// Each letter is queued once. When it left is noted later, so that nobody is reminded of a letter that still waits.
    async fn write_to(&self, shell: &Shell, one: &Asked) -> Result<bool, StoreError> {
        let occasion = if one.standing == Standing::ToAsk { FIRST } else { AGAIN };
        let to = (Lane::None, one.attestation.employee.clone());
        queue(shell, &to, &format!("{occasion}{}", self.year)).await
    }

    async fn tell_managers(&self, shell: &Shell, world: &World) -> Result<usize, StoreError> {
        let people = Responsibility::of(&world.ledgers, world.day());
        let mut queued = 0;
        for (company, tally) in self.tallies() {
            let Some(manager) = people.manager(&company).filter(|_| tally.is_to_be_told()) else { continue };
            let digest = digest(shell, &(Lane::Manager(company), manager.clone()), &format!("{TOLD}{}", self.year));
            // Once a company, also when another manager comes.
            queued += usize::from(shell.store.queue_once(&digest, shell.clock.now()).await?.is_some());
        }
        Ok(queued)
    }
}

/// What a member is still asked to confirm in the last round; none when nothing is, or the setting is off.
///
/// # Errors
/// When the database fails.
pub async fn awaited(
    shell: &Shell,
    world: &World,
    member: &EmployeeId,
) -> Result<Option<MemberAttestation>, StoreError> {
    if is_off(shell) {
        return Ok(None);
    }
    let last = shell.store.last_member_round(world.at).await?;
    let own = shell.store.member_attestation(member).await?;
    Ok(own.filter(|own| Some(own.year) == last && own.attested_at.is_none()))
}

/// Whether a letter of this occasion is one of a round.
pub(super) fn is_of_round(occasion: &str) -> bool {
    [FIRST, AGAIN, TOLD].iter().any(|prefix| occasion.starts_with(prefix))
}

/// What a letter of a round says, and nothing else; none when there is nothing left to say.
pub(super) async fn part_of_round(
    shell: &Shell,
    world: &World,
    alert: &Alert,
) -> Result<Option<LetterPart>, StoreError> {
    match &alert.lane {
        Lane::Manager(company) => part_for_manager(shell, world, company).await,
        _ => part_for_member(shell, world, &alert.recipient).await,
    }
}

async fn part_for_member(shell: &Shell, world: &World, member: &EmployeeId) -> Result<Option<LetterPart>, StoreError> {
    let part = |own: MemberAttestation| LetterPart {
        title: format!("请确认工作群成员职责（{}年度）", own.year),
        lines: DUTIES.iter().map(|duty| format!("{}（{}）", duty.zh, duty.clause)).collect(),
        ..LetterPart::default()
    };
    Ok(awaited(shell, world, member).await?.map(part))
}

/// What the manager of a company reads once its round is over: counts, and nobody's name.
async fn part_for_manager(
    shell: &Shell,
    world: &World,
    company: &CompanyCode,
) -> Result<Option<LetterPart>, StoreError> {
    if is_off(shell) {
        return Ok(None);
    }
    let Some(round) = Round::read(shell, world, world.at).await? else { return Ok(None) };
    let tally = round.tallies().remove(company).filter(Tally::is_to_be_told);
    Ok(tally.map(|tally| LetterPart {
        title: format!("工作群成员年度确认（{}年度）：{}人未确认", round.year, tally.late + tally.no_mailbox),
        lines: vec![
            format!("应确认{}人，已确认{}人。", tally.members, tally.attested),
            format!("提醒后仍未确认{}人；名册里没有邮箱或邮件送不到、未能通知{}人。", tally.late, tally.no_mailbox),
            "这只是进度，不是违规，也不形成线索。".to_owned(),
        ],
        link: shell.config.mail.console().map(|console| format!("{console}/groups/duties")),
        ..LetterPart::default()
    }))
}
