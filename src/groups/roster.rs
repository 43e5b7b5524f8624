//! The members of one group as its owner exported them: who they are, who should not be there, whose remark lacks what.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::groups::remark::{Note, Remark, RemarkVerdict};
use crate::groups::words;
use crate::groups::writings::{Number, Writings};
use crate::model::finding::Reason;
use crate::model::group::{Group, GroupFinding, GroupRule, RosterLine};
use crate::model::person::Employee;
use crate::text::fold::dense;

/// Platforms on which the company's own registration says who a member is.
const REAL_NAME_PLATFORMS: [&str; 8] = ["钉钉", "企业微信", "企微", "飞书", "dingtalk", "wecom", "feishu", "lark"];
/// How an export says that it does not know who invited.
const UNKNOWN_INVITERS: [&str; 5] = ["无", "未知", "不详", "系统", "本人"];
const OWNER: &str = "群主";

/// Whether a platform ties its members to the staff directory.
pub fn has_real_names(platform: &str) -> bool {
    let folded = platform.to_lowercase();
    REAL_NAME_PLATFORMS.iter().any(|known| folded.contains(known))
}

/// A member of a group.
#[derive(Debug)]
pub struct Member<'a> {
    /// Line of the roster.
    pub line: &'a RosterLine,
    /// The colleague, where that is beyond doubt.
    pub person: Option<Number>,
    /// What the remark says; none where the platform says who the member is. An account that is no employee's number that the
    /// directory knows says nothing, and the remark counts.
    pub remark: Option<Remark>,
}

impl<'a> Member<'a> {
    /// Reads a line of the roster of a group.
    pub fn read(writings: &Writings<'_>, group: &Group, home: Option<Number>, line: &'a RosterLine) -> Self {
        let linked = line.employee.as_ref().and_then(|id| writings.employee_of_id(id));
        let platform = if line.platform.is_empty() { &group.platform } else { &line.platform };
        if linked.is_some() && has_real_names(platform) {
            return Self { line, person: linked, remark: None };
        }
        let remark = Remark::read(writings, &line.remark, home);
        Self { line, person: linked.or(remark.person), remark: Some(remark) }
    }

    fn is_owner(&self) -> bool {
        self.line.role.contains(OWNER)
    }

    fn is_second(&self) -> bool {
        words::names_second(&dense(&self.line.remark))
    }

    fn note(&self, is: impl Fn(&Note) -> bool) -> Option<&Note> {
        self.remark.as_ref().and_then(|remark| remark.notes.iter().find(|note| is(note)))
    }
}

/// A group with its members, ready to be looked at.
pub(crate) struct Roster<'r, 'a> {
    pub(crate) writings: &'r Writings<'a>,
    pub(crate) group: &'a Group,
    pub(crate) members: &'r [Member<'a>],
    pub(crate) day: NaiveDate,
    pub(crate) counts_outsourced: bool,
}

impl Roster<'_, '_> {
    /// Everything that is to be said about members, in the order of the roster.
    pub(crate) fn findings(&self) -> Vec<GroupFinding> {
        let mut findings = Vec::new();
        let second = self.second_accounts();
        let mut invitations = Invitations::of(self);
        for (at, member) in self.members.iter().enumerate() {
            let further = second[at].then(|| self.about(member, GroupRule::Remark, twice()));
            findings.extend(self.judge(member).or(further));
            if !invitations.came_through_owner(member) {
                let by = &member.line.invited_by;
                let why =
                    Reason::new(format!("由{by}邀请入群，不是群主"), format!("let in by {by}, who is not the owner"));
                findings.push(self.about(member, GroupRule::Invite, why));
            }
        }
        findings
    }

    fn about(&self, member: &Member<'_>, rule: GroupRule, why: Reason) -> GroupFinding {
        GroupFinding::of_member(&self.group.id, rule, &member.line.remark, why)
    }

    /// At most one thing is said about who a member is: what the owner has to do first.
    fn judge(&self, member: &Member<'_>) -> Option<GroupFinding> {
        if member.note(|note| *note == Note::Kin).is_some() {
            return Some(self.about(member, GroupRule::OwnUse, kin()));
        }
        if let Some(person) = member.person {
            return self.judge_colleague(member, person);
        }
        self.judge_remark(member, member.remark.as_ref()?)
    }

    fn judge_colleague(&self, member: &Member<'_>, person: Number) -> Option<GroupFinding> {
        let employee = self.writings.employee(person);
        if has_left_by(employee, self.day) {
            let finding = self.about(member, GroupRule::Departed, departed(employee, self.day));
            return Some(finding.about(Some(&employee.id)));
        }
        if !self.counts_outsourced && is_outsourced(employee) {
            let why = Reason::new(
                format!("{}人员，按设置不算本公司人员", employee.employment),
                format!("{}: not counted as the company's own by the settings", employee.employment),
            );
            return Some(self.about(member, GroupRule::Outsider, why).about(Some(&employee.id)));
        }
        self.judge_remark(member, member.remark.as_ref()?)
    }

    fn judge_remark(&self, member: &Member<'_>, remark: &Remark) -> Option<GroupFinding> {
        if let Some(note) = member.note(|note| matches!(note, Note::Outsider(_))) {
            return Some(self.about(member, GroupRule::Outsider, note.said(self.writings)));
        }
        if let Some(finding) = self.mismatch(member) {
            return Some(finding);
        }
        let is_nobody = member.note(|note| *note == Note::Nobody).is_some();
        if !remark.says_something() || is_nobody {
            let why = Reason::new("无法对应到员工", "cannot be tied to an employee");
            return Some(self.about(member, GroupRule::Unidentified, why));
        }
        (remark.verdict() == RemarkVerdict::Bad).then(|| {
            let bad = remark.notes.iter().filter(|note| note.verdict() == RemarkVerdict::Bad);
            let (zh, en): (Vec<String>, Vec<String>) = bad.map(|note| note.both(self.writings)).unzip();
            let advice = remark.advice(self.writings);
            let zh = format!("{}；请改为“{advice}”", zh.join("、"));
            self.about(member, GroupRule::Remark, Reason::new(zh, format!("{}; write “{advice}”", en.join(", "))))
        })
    }

    /// Remark and directory differ: who may be meant is named for checking, never assigned.
    fn mismatch(&self, member: &Member<'_>) -> Option<GroupFinding> {
        let is_mismatch = |note: &Note| {
            matches!(note, Note::Elsewhere(_) | Note::OtherDepartment(_) | Note::Misspelt(_) | Note::MisspeltCompany(_))
        };
        let note = member.note(is_mismatch)?;
        let meant = match note {
            Note::Elsewhere(people) => (people.len() == 1).then(|| people[0]),
            Note::OtherDepartment(person) | Note::Misspelt(person) => Some(*person),
            _ => member.person,
        };
        let id = meant.map(|person| &self.writings.employee(person).id);
        Some(self.about(member, GroupRule::RemarkMismatch, note.said(self.writings)).about(id))
    }

    /// Which members are the further accounts of somebody who is in the group already.
    fn second_accounts(&self) -> Vec<bool> {
        let mut first: HashMap<Number, usize> = HashMap::new();
        let mut second = vec![false; self.members.len()];
        for (at, member) in self.members.iter().enumerate() {
            let Some(person) = member.person else { continue };
            let Some(earlier) = first.get(&person).copied() else {
                first.insert(person, at);
                continue;
            };
            let is_earlier_the_second = self.members[earlier].is_second() && !member.is_second();
            second[if is_earlier_the_second { earlier } else { at }] = true;
            if is_earlier_the_second {
                first.insert(person, at);
            }
        }
        second
    }
}

/// Whether somebody has left by a day.
pub(crate) fn has_left_by(employee: &Employee, day: NaiveDate) -> bool {
    match employee.left_on {
        Some(left_on) => left_on < day || (left_on == day && employee.has_left),
        None => employee.has_left,
    }
}

fn departed(employee: &Employee, day: NaiveDate) -> Reason {
    let Some(left_on) = employee.left_on else {
        return Reason::new("已离职，未移出", "has left, and was not taken out");
    };
    let days = (day - left_on).num_days();
    let en = format!("left on {left_on}, and was not taken out for {days} days");
    Reason::new(format!("{left_on} 离职，已 {days} 天未移出"), en)
}

fn twice() -> Reason {
    let en = "a second account of one person: does the colleague use both?";
    Reason::new("同一人两个账号，请核实是否都由本人使用", en)
}

fn kin() -> Reason {
    let en = "the remark reads as if a relative used the account: does the colleague?";
    Reason::new("备注像是家属在用，请群主核实是否本人使用", en)
}

/// Whether somebody works here for another employer.
pub(crate) fn is_outsourced(employee: &Employee) -> bool {
    ["外包", "派遣"].iter().any(|word| employee.employment.contains(word))
}

/// Who let members in.
struct Invitations<'r, 'a> {
    roster: &'r Roster<'r, 'a>,
    owner: Option<Number>,
    owner_remarks: Vec<String>,
    known: HashMap<String, bool>,
}

impl<'r, 'a> Invitations<'r, 'a> {
    fn of(roster: &'r Roster<'r, 'a>) -> Self {
        let owner = roster.group.owner.as_ref().and_then(|id| roster.writings.employee_of_id(id));
        let is_owner = |member: &&Member<'_>| member.is_owner() || (owner.is_some() && member.person == owner);
        let owner_remarks = roster.members.iter().filter(is_owner).map(|member| dense(&member.line.remark)).collect();
        Self { roster, owner, owner_remarks, known: HashMap::new() }
    }

    fn came_through_owner(&mut self, member: &Member<'_>) -> bool {
        if member.is_owner() || (self.owner.is_some() && member.person == self.owner) {
            return true;
        }
        let inviter = member.line.invited_by.trim();
        if inviter == OWNER {
            return true;
        }
        if let Some(known) = self.known.get(inviter) {
            return *known;
        }
        let is_owner = self.is_owner(inviter);
        self.known.insert(inviter.to_owned(), is_owner);
        is_owner
    }

    /// Whether a text names the owner, or nobody.
    fn is_owner(&self, inviter: &str) -> bool {
        let folded = dense(inviter);
        if folded.is_empty() || UNKNOWN_INVITERS.contains(&folded.as_str()) || folded.starts_with(OWNER) {
            return true;
        }
        let writings = self.roster.writings;
        let is_named = self.owner.is_some_and(|owner| {
            let employee = writings.employee(owner);
            folded == dense(&employee.name) || folded == dense(employee.id.as_str())
        });
        let home = writings.company_number(&self.roster.group.company);
        is_named
            || self.owner_remarks.contains(&folded)
            || (self.owner.is_some() && Remark::read(writings, inviter, home).person == self.owner)
    }
}
