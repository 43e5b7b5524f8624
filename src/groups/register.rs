//! The rules on a group itself: filed where it must be, owned by somebody, ended when its work ends, not asleep.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use crate::casework::calendar::Calendar;
use crate::casework::world::Policy;
use crate::groups::duplicates;
use crate::groups::responsibility::Responsibility;
use crate::groups::roster::{Member, Roster, has_left_by};
use crate::groups::writings::Writings;
use crate::ledger::Ledgers;
use crate::model::finding::Reason;
use crate::model::group::{Group, GroupFinding, GroupReminder, GroupRule, RosterLine};
use crate::model::ids::{EmployeeId, GroupId};

/// Groups with more members than this are filed with the listed company as well.
const MEMBERS_FILED_LOCALLY_MAX: u64 = 100;
/// Working days for filing once a group has grown beyond that.
const FILING_WORKING_DAYS: u32 = 5;
/// Working days that a temporary group may outlive its end.
const GRACE_WORKING_DAYS: u32 = 5;
/// Days before its end on which the owner of a temporary group is reminded.
const REMINDED_BEFORE_DAYS: i64 = 3;
/// Days for which a temporary group may be extended, once.
pub const EXTENSION_DAYS_MAX: u64 = 90;
/// Days without a sign of life after which a group is taken for dead.
const SILENT_DAYS_MAX: i64 = 60;
/// Days after which the company's head hears of a group that nobody answers for.
const OWNERLESS_DAYS_MAX: i64 = 3;

/// Words of names that are those of temporary groups, and words that are when a date or number stands beside them.
const TEMPORARY_WORDS: [&str; 3] = ["临时", "筹备", "专班"];
const EVENT_WORDS: [&str; 4] = ["会务", "投标", "年会", "展会"];

/// What a check of the register gives, in the order of the register.
#[derive(Debug, Default)]
pub struct Checked {
    /// What rules say.
    pub findings: Vec<GroupFinding>,
    /// What owners should do soon.
    pub reminders: Vec<GroupReminder>,
    /// Groups that have a roster and no line in the register.
    pub unregistered: Vec<GroupId>,
}

/// Checks all groups of the register as of a day. A group that was dissolved by then is asked nothing.
pub fn check(ledgers: &Ledgers, policy: Policy, day: NaiveDate) -> Checked {
    let writings = Writings::of(ledgers);
    let (rosters, calendar) = (rosters(ledgers), Calendar::of(&ledgers.holidays));
    let responsibility = Responsibility::of(ledgers, day);
    let mut checked = Checked { unregistered: unregistered(ledgers, &rosters), ..Checked::default() };
    let (mut people, mut counts) = (Vec::with_capacity(ledgers.groups.len()), Vec::with_capacity(ledgers.groups.len()));
    for group in &ledgers.groups {
        let is_dissolved = is_dissolved(group, day);
        let lines = rosters.get(&group.id).filter(|_| !is_dissolved).map_or(&[][..], Vec::as_slice);
        let home = writings.company_number(&group.company);
        let members: Vec<Member<'_>> = lines.iter().map(|line| Member::read(&writings, group, home, line)).collect();
        people.push(members.iter().filter_map(|member| member.person).collect());
        counts.push(member_count(group, lines.len()));
        if !is_dissolved {
            let (writings, responsibility, calendar) = (&writings, &responsibility, &calendar);
            Registration { ledgers, writings, responsibility, calendar, group, lines, day }.check(&mut checked);
            let counts_outsourced = policy.count_outsourced_as_member;
            let roster = Roster { writings, group, members: &members, day, counts_outsourced };
            checked.findings.extend(roster.findings());
        }
    }
    checked.findings.extend(duplicates::findings(ledgers, &writings, people, &counts));
    in_order_of_register(ledgers, &mut checked.findings);
    checked
}

fn in_order_of_register(ledgers: &Ledgers, findings: &mut [GroupFinding]) {
    let places: HashMap<&GroupId, usize> = ledgers.groups.iter().enumerate().map(|(at, g)| (&g.id, at)).collect();
    findings.sort_by_key(|finding| places.get(&finding.group).copied());
}

/// Whether a group has been dissolved by a day.
pub fn is_dissolved(group: &Group, day: NaiveDate) -> bool {
    group.dissolved_on.is_some_and(|dissolved| dissolved <= day)
}

/// Lines of the rosters by group.
pub(crate) fn rosters(ledgers: &Ledgers) -> HashMap<&GroupId, Vec<&RosterLine>> {
    let mut rosters: HashMap<&GroupId, Vec<&RosterLine>> = HashMap::new();
    for line in &ledgers.group_rosters {
        rosters.entry(&line.group).or_default().push(line);
    }
    rosters
}

fn unregistered(ledgers: &Ledgers, rosters: &HashMap<&GroupId, Vec<&RosterLine>>) -> Vec<GroupId> {
    let known = ledgers.groups.iter().chain(&ledgers.external_groups);
    let known: std::collections::HashSet<&GroupId> = known.map(|group| &group.id).collect();
    let mut unknown: Vec<GroupId> = rosters.keys().filter(|id| !known.contains(**id)).map(|id| (*id).clone()).collect();
    unknown.sort();
    unknown
}

/// Members of a group: the number declared or those of the roster, whichever is newer; where that is not known, whichever
/// are more.
pub fn member_count(group: &Group, roster_lines: usize) -> u64 {
    let (declared, listed) = (group.members.unwrap_or(0), roster_lines as u64);
    match (group.members_on, group.roster_on) {
        _ if group.members.is_none() => listed,
        _ if roster_lines == 0 => declared,
        (Some(declared_on), Some(roster_on)) if declared_on > roster_on => declared,
        (Some(_), Some(_)) => listed,
        _ => declared.max(listed),
    }
}

/// One line of the register.
struct Registration<'r, 'a> {
    ledgers: &'a Ledgers,
    writings: &'r Writings<'a>,
    responsibility: &'r Responsibility<'a>,
    calendar: &'r Calendar,
    group: &'a Group,
    lines: &'r [&'a RosterLine],
    day: NaiveDate,
}

impl Registration<'_, '_> {
    fn check(&self, checked: &mut Checked) {
        self.filed(checked);
        self.temporary(checked);
        self.owned(checked);
        self.awake(checked);
    }

    fn finding(&self, rule: GroupRule, zh: impl Into<String>, en: impl Into<String>) -> GroupFinding {
        GroupFinding::of_group(&self.group.id, rule, Reason::new(zh, en))
    }

    fn remind(&self, until: NaiveDate, zh: impl Into<String>, en: impl Into<String>) -> GroupReminder {
        GroupReminder { group: self.group.id.clone(), until, what: Reason::new(zh, en) }
    }

    /// The head of the group's company, who answers first (第一责任人).
    fn head(&self) -> Option<EmployeeId> {
        self.responsibility.head(&self.group.company).cloned()
    }

    fn is_filed(&self, on: Option<NaiveDate>) -> bool {
        on.is_some_and(|filed| filed <= self.day)
    }

    fn filed(&self, checked: &mut Checked) {
        if !self.is_filed(self.group.filed_locally_on) {
            let en = "not filed with the company's own HR";
            checked.findings.push(self.finding(GroupRule::FiledLocally, "未在本公司人力资源部登记", en));
        }
        if self.is_filed(self.group.filed_with_listed_on) {
            return;
        }
        let members = member_count(self.group, self.lines.len());
        let is_large = members > MEMBERS_FILED_LOCALLY_MAX;
        if is_company_level(self.group) {
            let large = if is_large { format!("（且{members}人>100）") } else { String::new() };
            let zh = format!("公司级群，人数多少都须报备，未报上市公司备案{large}");
            let en = "a group of company level is filed with the listed company whatever its size, and is not";
            checked.findings.push(self.finding(GroupRule::FiledWithListed, zh, en));
        } else if is_large {
            self.grown(members, checked);
        }
    }

    /// The clock of a group that has grown: five working days from the day on which the 101st member joined.
    fn grown(&self, members: u64, checked: &mut Checked) {
        let level = &self.group.level;
        let until = self.grown_on().map(|since| self.calendar.after_working_days(since, FILING_WORKING_DAYS));
        match until.filter(|until| self.day <= *until) {
            Some(until) => {
                let zh = format!("成员{members}人，超过100人，请在5个工作日内（{until}前）补报上市公司备案");
                let en = format!("{members} members, more than 100: file it with the listed company by {until}");
                checked.reminders.push(self.remind(until, zh, en));
            }
            None => {
                let zh = format!("{level}但 {members} 人 > 100，未报上市公司备案");
                let en = format!("{members} members, more than 100, and not filed with the listed company");
                checked.findings.push(self.finding(GroupRule::FiledWithListed, zh, en));
            }
        }
    }

    fn grown_on(&self) -> Option<NaiveDate> {
        let mut joined: Vec<NaiveDate> = self.lines.iter().filter_map(|line| line.joined_on).collect();
        joined.sort_unstable();
        joined.get(MEMBERS_FILED_LOCALLY_MAX as usize).copied()
    }

    fn temporary(&self, checked: &mut Checked) {
        if !self.group.is_temporary {
            if let Some(word) = temporary_word(&self.group.name) {
                let zh = format!("群名含“{word}”但登记为非临时群，请群主确认是否临时、何时结束");
                let en = format!(
                    "the name holds “{word}”, and the group is registered as permanent: is it temporary, until when?"
                );
                checked.findings.push(self.finding(GroupRule::TemporaryAsk, zh, en));
            }
            return;
        }
        match end_of(self.group) {
            Some(end) => self.ending(end, checked),
            None => {
                let (zh, en) = ("临时群没有计划结束日期，请群主补填", "a temporary group without a planned end");
                checked.findings.push(self.finding(GroupRule::TemporaryAsk, zh, en));
            }
        }
    }

    fn ending(&self, end: NaiveDate, checked: &mut Checked) {
        let grace = self.calendar.after_working_days(end, GRACE_WORKING_DAYS);
        let days = (self.day - end).num_days();
        if self.day > grace {
            let (active, still) = if self.is_asleep() { ("", "") } else { ("仍活跃", ", still active") };
            let zh = format!("计划 {end} 结束，至 {} 逾期 {days} 天{active}，请解散或说明延期理由", self.day);
            let en = format!("planned to end on {end}, {days} days over on {}{still}", self.day);
            let escalates_to = self.head();
            checked.findings.push(GroupFinding { escalates_to, ..self.finding(GroupRule::TemporaryOverdue, zh, en) });
        } else if days > 0 {
            let zh = format!("临时群已于 {end} 到期，请在 {grace} 前解散或延期一次");
            let en = format!("the temporary group ended on {end}: dissolve it by {grace}, or extend it once");
            checked.reminders.push(self.remind(grace, zh, en));
        } else if days >= -REMINDED_BEFORE_DAYS {
            let zh = format!("临时群将于 {end} 到期，工作结束请解散");
            let en = format!("the temporary group ends on {end}: dissolve it when the work has ended");
            checked.reminders.push(self.remind(end, zh, en));
        }
    }

    fn owned(&self, checked: &mut Checked) {
        let Some(owner) = self.group.owner.as_ref().filter(|owner| !owner.is_empty()) else {
            return checked.findings.push(self.ownerless("没有填写群主", "no owner is given"));
        };
        let Some(number) = self.writings.employee_of_id(owner) else {
            let (zh, en) = ("群主工号不在员工名册", "the owner's number is not in the staff directory");
            return checked.findings.push(self.ownerless(zh, en));
        };
        let employee = self.writings.employee(number);
        let is_listed = self.ledgers.companies.iter().any(|c| c.listed && c.code == employee.company);
        if has_left_by(employee, self.day) {
            let days = employee.left_on.map(|left| (self.day - left).num_days());
            let (since, ago) =
                days.map_or_else(Default::default, |days| (format!(" {days} 天"), format!(" {days} days ago")));
            let (zh, en) = (
                format!("群主已离职{since}，群无人负责"),
                format!("the owner left{ago}, and nobody answers for the group"),
            );
            let escalates_to = self.head().filter(|_| days.is_none_or(|days| days > OWNERLESS_DAYS_MAX));
            let finding = self.finding(GroupRule::OwnerLeft, zh, en).about(Some(owner));
            checked.findings.push(GroupFinding { escalates_to, ..finding });
        } else if !employee.company.is_empty() && employee.company != self.group.company && !is_listed {
            let zh = format!("群主现在{}任职，不在本公司，请更换群主", employee.company_name);
            let en = format!("the owner works for {} now, not for the company", employee.company_name);
            checked.findings.push(self.finding(GroupRule::OwnerLeft, zh, en).about(Some(owner)));
        }
    }

    fn ownerless(&self, zh: &str, en: &str) -> GroupFinding {
        GroupFinding { escalates_to: self.head(), ..self.finding(GroupRule::OwnerNone, zh, en) }
    }

    fn silent_days(&self) -> Option<i64> {
        self.group.last_active_on.map(|last| (self.day - last).num_days())
    }

    fn is_asleep(&self) -> bool {
        self.silent_days().is_some_and(|days| days > SILENT_DAYS_MAX)
    }

    fn awake(&self, checked: &mut Checked) {
        if let Some(days) = self.silent_days().filter(|_| self.is_asleep()) {
            let zh = format!("已 {days} 天没有活动（阈值 {SILENT_DAYS_MAX} 天），不再需要请解散");
            let en = format!("nothing has happened for {days} days (limit {SILENT_DAYS_MAX})");
            checked.findings.push(self.finding(GroupRule::Zombie, zh, en));
        }
    }
}

/// Whether a group is one of the whole company.
pub(crate) fn is_company_level(group: &Group) -> bool {
    group.level.starts_with("公司") || group.level.starts_with("集团")
}

/// When a temporary group ends: as planned, or as extended once, with a reason, for at most 90 days.
pub fn end_of(group: &Group) -> Option<NaiveDate> {
    let planned = group.planned_end_on?;
    let last = planned.checked_add_days(Days::new(EXTENSION_DAYS_MAX))?;
    let is_reasoned = !group.extension_reason.trim().is_empty();
    let extended = group.extended_until.filter(|until| is_reasoned && *until > planned);
    Some(extended.map_or(planned, |until| until.min(last)))
}

/// The word by which a name is that of a temporary group.
fn temporary_word(name: &str) -> Option<&'static str> {
    let has_date = name.contains(|c: char| c.is_ascii_digit()) || has_written_date(name);
    let events = EVENT_WORDS.iter().filter(|_| has_date);
    TEMPORARY_WORDS.iter().chain(events).copied().find(|word| name.contains(word))
}

/// 十一月, 第三届, 今年 …
fn has_written_date(name: &str) -> bool {
    let number = |c: char| "一二三四五六七八九十〇".contains(c);
    let mut is_number = false;
    for c in name.chars() {
        if is_number && "年月日届期".contains(c) {
            return true;
        }
        is_number = number(c);
    }
    ["今年", "明年", "本年", "春季", "秋季", "夏季", "冬季"].iter().any(|word| name.contains(word))
}
