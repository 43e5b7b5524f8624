//! Permissions and the company's own accounts. Both name an account by platform and identifier, never by its shown name.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, EmployeeId, ExemptionId, OfficialAccountId, PlatformId};

/// State that HR wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExemptionStatus {
    /// 有效
    Valid,
    /// 过期
    Expired,
    /// 审批中
    Pending,
    /// 撤销, with the day where one is given.
    Revoked(Option<NaiveDate>),
}

/// HR-approved permission with scope and end date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Number of the permission.
    pub id: ExemptionId,
    /// Who applied: the owner of the account.
    pub employee: EmployeeId,
    /// Company of the applicant.
    pub company: CompanyCode,
    /// Platform.
    pub platform: PlatformId,
    /// Shown name at the time of the application.
    pub account_name: String,
    /// Identifier of the account on the platform.
    pub handle: String,
    /// Marks that may be used.
    pub marks: Vec<String>,
    /// Purpose.
    pub purpose: String,
    /// Conditions.
    pub conditions: String,
    /// Day of the application.
    pub applied_on: Option<NaiveDate>,
    /// First check in the company.
    pub checked_by: Option<EmployeeId>,
    /// Approval by the listed company's HR.
    pub approved_by: Option<EmployeeId>,
    /// Day of approval.
    pub approved_on: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
    /// State as written.
    pub status: ExemptionStatus,
}

impl Exemption {
    /// The state on a day: a permission past its last day is expired whatever the ledger says.
    pub fn status_on(&self, day: NaiveDate) -> ExemptionStatus {
        match self.status {
            ExemptionStatus::Valid if self.until.is_some_and(|until| until < day) => ExemptionStatus::Expired,
            status => status,
        }
    }
}

/// The company's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficialAccount {
    /// Number of the line.
    pub id: OfficialAccountId,
    /// Platform.
    pub platform: PlatformId,
    /// Shown name.
    pub account_name: String,
    /// Identifier of the account on the platform.
    pub handle: String,
    /// Company that runs it.
    pub company: CompanyCode,
    /// Department that runs it.
    pub department: String,
    /// Administrator.
    pub administrator: Option<EmployeeId>,
    /// Verified subject.
    pub verified_as: String,
    /// Day of filing.
    pub filed_on: Option<NaiveDate>,
    /// Day of the last post.
    pub last_post_on: Option<NaiveDate>,
    /// Followers.
    pub followers: Option<u64>,
    /// State as HR wrote it, such as 在用 or 注销.
    pub status: String,
}

impl OfficialAccount {
    /// Whether the account is in use; one that was given up no longer speaks for the company.
    pub fn is_in_use(&self) -> bool {
        !["注销", "停用", "关闭", "废止"].iter().any(|word| self.status.contains(word))
    }
}
