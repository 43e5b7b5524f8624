//! Who receives what, and when: recipients of a lane, 回避, deputies, hours of rest, digests and their days.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::casework::calendar::Calendar;
use crate::casework::unlinking::is_recused;
use crate::casework::world::World;
use crate::model::case::{Judgement, Lane, Notify};
use crate::model::ids::EmployeeId;
use crate::model::person::{DigestRhythm, Manager, ManagerRole};
use crate::model::term::Severity;
use crate::model::time::Timestamp;

/// The hour at which letters that were held over night go out (local time), and the hour from which they are held.
const MORNING: u32 = 7;
const NIGHT: u32 = 22;
/// Working days and hours are those of an office: 09:00 to 18:00.
const OFFICE_OPENS: u32 = 9;
const OFFICE_CLOSES: u32 = 18;

/// The people in charge of a lane; the listed company's HR where a company has no designated manager.
pub fn in_charge<'a>(world: &'a World, lane: &Lane) -> Vec<&'a Manager> {
    let fits = |m: &&Manager| match lane {
        Lane::None => false,
        Lane::Manager(code) => m.role == ManagerRole::DesignatedManager && m.company == *code,
        Lane::Leak => m.role == ManagerRole::LeakLane,
        Lane::Legal => m.role == ManagerRole::Legal,
        Lane::GroupHr => m.role == ManagerRole::GroupHr,
    };
    let mut found: Vec<&Manager> = world.ledgers.managers.iter().filter(fits).collect();
    if found.is_empty() && matches!(lane, Lane::Manager(_)) {
        // A company without a designated manager must not fall silent.
        found.extend(world.ledgers.managers.iter().filter(|m| m.role == ManagerRole::GroupHr));
    }
    found
}

/// Who receives a judgement's letter in place of each person in charge: that person, else the deputy, else one level up.
/// Whoever is suspected, or has left, is passed over.
pub fn recipients(world: &World, judgement: &Judgement) -> Vec<EmployeeId> {
    let mut recipients = Vec::new();
    for manager in in_charge(world, &judgement.lane) {
        let line = [Some(&manager.employee), manager.deputy.as_ref(), manager.escalates_to.as_ref()];
        let fit = line.into_iter().flatten().find(|id| may_receive(world, judgement, id));
        if let Some(id) = fit.filter(|id| !recipients.contains(*id)) {
            recipients.push(id.clone());
        }
    }
    if recipients.is_empty() && judgement.lane != Lane::None {
        recipients.extend(last_resort(world, judgement));
    }
    recipients
}

/// Where a whole line is suspected or gone: the head of the listed company.
fn last_resort(world: &World, judgement: &Judgement) -> Option<EmployeeId> {
    let head = world.listed().map(|company| company.responsible.clone())?;
    (!head.is_empty() && may_receive(world, judgement, &head)).then_some(head)
}

pub(super) fn may_receive(world: &World, judgement: &Judgement, id: &EmployeeId) -> bool {
    let has_left = world.directory.get(id).is_some_and(|e| e.has_left);
    !is_recused(world, judgement, id) && !has_left
}

/// When an immediate letter goes out: now, but not at night, unless a quiet period makes minutes count.
pub fn immediate_at(world: &World, judgement: &Judgement, now: Timestamp) -> Timestamp {
    let minutes_count = judgement.severity == Some(Severity::Critical)
        && (world.quiet_for_matters(now).is_some() || world.quiet_for_results(now, &[]).is_some());
    let local = now.local(world.zone);
    let is_night = local.hour() < MORNING || local.hour() >= NIGHT;
    if minutes_count || !is_night {
        return now;
    }
    let day = if local.hour() < MORNING { local.date_naive() } else { local.date_naive() + TimeDelta::days(1) };
    at_hour(day, MORNING, world.zone)
}

fn at_hour(day: NaiveDate, hour: u32, zone: Tz) -> Timestamp {
    Timestamp::start_of(day, zone).plus_ms(i64::from(hour) * 3_600_000)
}

/// Until when somebody should have looked, by severity (policy §4.5): one working day, three for medium, twenty for low,
/// to the end of office hours.
pub fn due(world: &World, severity: Severity, from: Timestamp) -> Timestamp {
    let days = match severity {
        Severity::Critical | Severity::High => 1,
        Severity::Medium => 3,
        Severity::Low => 20,
    };
    working_days_after(world, from, days)
}

/// The end of office hours so many working days after an instant.
pub fn working_days_after(world: &World, from: Timestamp, days: i32) -> Timestamp {
    office_end_after(world.zone, &world.working_days, from, days)
}

/// The same by a calendar, such as that of a report.
pub fn office_end_after(zone: Tz, calendar: &Calendar, from: Timestamp, days: i32) -> Timestamp {
    let local = from.local(zone);
    let is_working_day = |day| calendar.is_working_day(day);
    let mut day = local.date_naive();
    // What comes after office hours counts from the next working day.
    let mut left = days + i32::from(is_working_day(day) && local.hour() >= OFFICE_CLOSES)
        - i32::from(local.hour() < OFFICE_OPENS && is_working_day(day));
    while left > 0 || !is_working_day(day) {
        day += TimeDelta::days(1);
        left -= i32::from(is_working_day(day));
    }
    at_hour(day, OFFICE_CLOSES, zone)
}

/// A digest that a person in charge should have by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestSlot {
    /// Who.
    pub recipient: EmployeeId,
    /// Lane.
    pub lane: Lane,
    /// Local day of the digest.
    pub day: NaiveDate,
    /// When it goes out.
    pub at: Timestamp,
    /// What it gathers: news of what was told at once, daily cases, and on the weekly day the weekly ones too.
    pub rhythms: Vec<Notify>,
}

/// The latest digest of each person in charge whose time has come, at most one each.
pub fn digests_due(world: &World, now: Timestamp) -> Vec<DigestSlot> {
    let lanes = world.ledgers.managers.iter().filter_map(|m| Some((m, lane_of(m)?)));
    let orphaned = world.ledgers.companies.iter().map(|c| Lane::Manager(c.code.clone()));
    let orphaned = orphaned.filter(|lane| !world.ledgers.managers.iter().any(|m| lane_of(m).as_ref() == Some(lane)));
    let stood_in = orphaned.flat_map(|lane| in_charge(world, &lane).into_iter().map(move |m| (m, lane.clone())));
    lanes.chain(stood_in).filter_map(|(manager, lane)| slot(world, manager, lane, now)).collect()
}

fn lane_of(manager: &Manager) -> Option<Lane> {
    match manager.role {
        ManagerRole::DesignatedManager => Some(Lane::Manager(manager.company.clone())),
        ManagerRole::GroupHr => Some(Lane::GroupHr),
        ManagerRole::LeakLane => Some(Lane::Leak),
        ManagerRole::Legal => Some(Lane::Legal),
        ManagerRole::Auditor | ManagerRole::Union | ManagerRole::Operator => None,
    }
}

fn slot(world: &World, manager: &Manager, lane: Lane, now: Timestamp) -> Option<DigestSlot> {
    let rhythm = manager.digest?;
    let time = manager.digest_at.unwrap_or(NaiveTime::from_hms_opt(OFFICE_OPENS, 0, 0)?);
    let today = now.date(world.zone);
    let at = |day: NaiveDate| {
        Timestamp::start_of(day, world.zone).plus_ms(i64::from(time.num_seconds_from_midnight()) * 1000)
    };
    let day = (0..=31)
        .map(|back| today - TimeDelta::days(back))
        .find(|day| is_digest_day(rhythm, *day) && at(*day) <= now)?;
    let recipient = acting(world, manager)?;
    Some(DigestSlot { recipient, lane, day, at: at(day), rhythms: rhythms(rhythm, day) })
}

/// The person in charge, or the deputy once that person has left.
fn acting(world: &World, manager: &Manager) -> Option<EmployeeId> {
    let is_here = |id: &&EmployeeId| world.directory.get(id).is_none_or(|e| !e.has_left);
    [Some(&manager.employee), manager.deputy.as_ref(), manager.escalates_to.as_ref()]
        .into_iter()
        .flatten()
        .find(is_here)
        .cloned()
}

fn is_digest_day(rhythm: DigestRhythm, day: NaiveDate) -> bool {
    match rhythm {
        DigestRhythm::Daily => true,
        DigestRhythm::Weekly(weekday) => day.weekday().num_days_from_monday() == u32::from(weekday),
        DigestRhythm::Monthly => day.day() == 1,
    }
}

/// What was told at once comes again only when it has news. Whoever reads daily gets the weekly cases on Monday;
/// whoever reads less often gets both each time.
fn rhythms(rhythm: DigestRhythm, day: NaiveDate) -> Vec<Notify> {
    match rhythm {
        DigestRhythm::Daily if day.weekday().num_days_from_monday() != 0 => vec![Notify::Immediate, Notify::Daily],
        _ => vec![Notify::Immediate, Notify::Daily, Notify::Weekly],
    }
}
