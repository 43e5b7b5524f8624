//! Work chat groups and their members as exported. No message is ever read.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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
