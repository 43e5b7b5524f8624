//! People on the payroll and their part in the work. Read only after a mark was found.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, EmployeeId, TopicId};
use crate::model::term::Severity;

/// A person on the payroll.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Employee {
    /// Employee number.
    pub id: EmployeeId,
    /// Full name.
    pub name: String,
    /// Registered English name.
    pub english_name: String,
    /// Company as written by HR.
    pub company_name: String,
    /// Company code.
    pub company: CompanyCode,
    /// Department.
    pub department: String,
    /// Job title.
    pub title: String,
    /// Whether HR lists the person as left (离职).
    pub has_left: bool,
    /// 正式, 外包, 劳务派遣, 实习 …
    pub employment: String,
    /// First day.
    pub joined_on: Option<NaiveDate>,
    /// Last day.
    pub left_on: Option<NaiveDate>,
    /// Office mail address.
    pub mail: String,
    /// Place of work.
    pub city: String,
    /// Direct superior.
    pub superior: Option<EmployeeId>,
    /// Day on which the rule was signed (制度签收).
    pub signed_on: Option<NaiveDate>,
}

/// What a person does in the procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagerRole {
    /// 指定专人
    DesignatedManager,
    /// 上市公司HR审批人
    GroupHr,
    /// 泄密专线(董办)
    LeakLane,
    /// 仿冒维权(法务)
    Legal,
    /// 审计
    Auditor,
    /// 申诉会商(工会)
    Union,
    /// 系统运维
    Operator,
}

/// How often a digest is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestRhythm {
    /// 每日
    Daily,
    /// 每周一 … 每周日: days from Monday, 0..=6.
    Weekly(u8),
    /// 每月: on the first day.
    Monthly,
}

/// Who is told about cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// Part in the procedure.
    pub role: ManagerRole,
    /// Company for which the person acts.
    pub company: CompanyCode,
    /// Employee number.
    pub employee: EmployeeId,
    /// Name for the salutation.
    pub name: String,
    /// Mail address.
    pub mail: String,
    /// Stands in on absence, bounce or recusal.
    pub deputy: Option<EmployeeId>,
    /// Next level.
    pub escalates_to: Option<EmployeeId>,
    /// Severities that are told at once.
    pub immediate: Vec<Severity>,
    /// Rhythm of the digest; none when no digest is wanted.
    pub digest: Option<DigestRhythm>,
    /// Local time of the digest.
    pub digest_at: Option<NaiveTime>,
    /// WeCom user.
    pub wecom: String,
    /// DingTalk user.
    pub dingtalk: String,
    /// Language tag, `zh-CN` or `en`.
    pub language: String,
    /// Scope as HR wrote it.
    pub scope: String,
}

/// Speech that must never alert (权益保护). HR cannot edit this list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedTopic {
    /// Number of the line.
    pub id: TopicId,
    /// Name of the topic.
    pub name: String,
    /// Words that show the topic.
    pub words: Vec<String>,
    /// Legal basis.
    pub basis: String,
}
