//! Work chat groups and their members as exported. No message is ever read.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

use crate::model::finding::{Reason, rules};
use crate::model::ids::{CompanyCode, EmployeeId, GroupId};

/// A work chat group of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Number of the group.
    pub id: GroupId,
    /// Chat platform, such as 微信 or 钉钉.
    pub platform: String,
    /// Name of the group.
    pub name: String,
    /// Company.
    pub company: CompanyCode,
    /// 公司级, 部门级 or 项目级.
    pub level: String,
    /// Whether it is temporary.
    pub is_temporary: bool,
    /// Day of creation.
    pub created_on: Option<NaiveDate>,
    /// Planned end of a temporary group.
    pub planned_end_on: Option<NaiveDate>,
    /// Day of the last activity.
    pub last_active_on: Option<NaiveDate>,
    /// Members declared.
    pub members: Option<u64>,
    /// Owner.
    pub owner: Option<EmployeeId>,
    /// Administrators.
    pub administrators: Vec<EmployeeId>,
    /// Filed with the company's own HR.
    pub filed_locally_on: Option<NaiveDate>,
    /// Filed with the listed company's HR.
    pub filed_with_listed_on: Option<NaiveDate>,
    /// Purpose.
    pub purpose: String,
    /// Day to which a temporary group was extended, once.
    pub extended_until: Option<NaiveDate>,
    /// Why it was extended; an extension without a reason does not count.
    pub extension_reason: String,
    /// Day of dissolution, confirmed by the owner; nothing is asked of the group from then on.
    pub dissolved_on: Option<NaiveDate>,
    /// Like groups beside which this one is kept.
    pub kept_beside: Vec<GroupId>,
    /// Why they are kept side by side.
    pub keep_reason: String,
    /// Day on which the members were declared.
    pub members_on: Option<NaiveDate>,
    /// Day of the roster that lies in the ledger of rosters.
    pub roster_on: Option<NaiveDate>,
}

/// One line of a group's member list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterLine {
    /// Group.
    pub group: GroupId,
    /// Chat platform.
    pub platform: String,
    /// Name shown in the group.
    pub remark: String,
    /// 群主, 管理员 or 成员.
    pub role: String,
    /// Day of joining.
    pub joined_on: Option<NaiveDate>,
    /// Who invited.
    pub invited_by: String,
    /// Employee linked by the platform's real-name registration.
    pub employee: Option<EmployeeId>,
}

rules! {
    /// A rule on work chat groups; `docs/policy.md` has each with examples.
    GroupRule {
        /// Not filed with the company's own HR.
        FiledLocally = "G-REG-LOCAL",
        /// Company level or more than 100 members, and not filed with the listed company's HR.
        FiledWithListed = "G-REG-LISTED",
        /// A temporary group lives on after its end and the days of grace.
        TemporaryOverdue = "G-TEMP-OVERDUE",
        /// A question: is this a temporary group, and when does it end?
        TemporaryAsk = "G-TEMP-ASK",
        /// Nobody owns the group.
        OwnerNone = "G-OWNER-NONE",
        /// The owner has left, or works for another company now.
        OwnerLeft = "G-OWNER-LEFT",
        /// A member's remark lacks company, department or full name, or one person is in the group twice.
        Remark = "G-REMARK",
        /// A member's remark and the staff directory differ.
        RemarkMismatch = "G-REMARK-MISMATCH",
        /// A member who cannot be tied to a colleague.
        Unidentified = "G-UNIDENTIFIED",
        /// A member of a company outside of the group of companies.
        Outsider = "G-OUTSIDER",
        /// A member who has left.
        Departed = "G-DEPARTED",
        /// A member whom somebody else than the owner let in.
        Invite = "G-INVITE",
        /// A question: does somebody else than the colleague use the account?
        OwnUse = "G-OWN-USE",
        /// Two groups with like members and a like purpose.
        Duplicate = "G-DUP",
        /// Nothing has happened in the group for a long time.
        Zombie = "G-ZOMBIE",
    }
}

impl GroupRule {
    /// The clause that the rule serves.
    pub const fn clause(self) -> &'static str {
        match self {
            Self::FiledLocally | Self::FiledWithListed => "三.2(1)",
            Self::TemporaryOverdue | Self::TemporaryAsk | Self::Zombie => "三.2(2)",
            Self::OwnerNone | Self::OwnerLeft => "三.4(1)(2)",
            Self::Duplicate => "三.4(2)",
            Self::OwnUse => "三.4(5)",
            _ => "三.4(3)",
        }
    }
}

/// What a rule says of a group or of one of its members. It goes to the owner as help, never to HR as an offence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupFinding {
    /// Group.
    pub group: GroupId,
    /// Rule.
    pub rule: GroupRule,
    /// The member's remark as it stands in the roster, where the finding is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The colleague meant, where that is beyond doubt or to be checked; the reason says which.
    #[serde(skip_serializing_if = "Option::is_none", rename = "emp")]
    pub employee: Option<EmployeeId>,
    /// The other group of a pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<GroupId>,
    /// Which group of the pair should stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<GroupId>,
    /// Who is told if the owner does nothing, or cannot: the company's head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalates_to: Option<EmployeeId>,
    /// Why; in Chinese where it is written for programs.
    #[serde(serialize_with = "in_chinese")]
    pub why: Reason,
}

fn in_chinese<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&reason.zh)
}

impl GroupFinding {
    /// A finding about the group itself.
    pub fn of_group(group: &GroupId, rule: GroupRule, why: Reason) -> Self {
        let group = group.clone();
        Self { group, rule, member: None, employee: None, with: None, keep: None, escalates_to: None, why }
    }

    /// A finding about a member.
    pub fn of_member(group: &GroupId, rule: GroupRule, member: &str, why: Reason) -> Self {
        Self { member: Some(member.to_owned()), ..Self::of_group(group, rule, why) }
    }

    /// The same finding about a colleague.
    #[must_use]
    pub fn about(mut self, employee: Option<&EmployeeId>) -> Self {
        self.employee = employee.cloned();
        self
    }
}

/// What an owner should do soon although no rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupReminder {
    /// Group.
    pub group: GroupId,
    /// Until when.
    pub until: NaiveDate,
    /// What; in Chinese where it is written for programs.
    #[serde(rename = "reminder", serialize_with = "in_chinese")]
    pub what: Reason,
}

rules! {
    /// A rule on the registers of official accounts and of exemptions.
    RegisterRule {
        /// The administrator of an official account has left.
        AdministratorLeft = "O-ADMIN-LEFT",
        /// An official account publishes nothing any more.
        AccountZombie = "O-ZOMBIE",
        /// An application waits; a reminder is due once the time for deciding is over.
        PendingSla = "X-PENDING-SLA",
        /// An exemption ends soon, or has ended while its line still calls it valid.
        Expiry = "X-EXPIRY",
    }
}

/// What a rule says of a line of the registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterFinding {
    /// Number of the line.
    pub ledger: String,
    /// Rule.
    pub rule: RegisterRule,
    /// Company whose line it is.
    pub company: CompanyCode,
    /// Whether somebody has to be reminded; otherwise the line is shown and nobody is asked for anything.
    pub remind: bool,
    /// Why; in Chinese where it is written for programs.
    #[serde(serialize_with = "in_chinese")]
    pub why: Reason,
}
