//! Applications for an exemption: filed by the employee or for them, checked in the company, approved by the listed company's HR.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::ids::{CompanyCode, EmployeeId, ExemptionId, PlatformId, RequestId};
use crate::model::time::Timestamp;

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// Waits for the company's check.
    Filed,
    /// Waits for the listed company's HR; its line in the ledger says 审批中.
    Checked,
    /// Stands in the ledger.
    Approved,
    /// Refused, with the reason.
    Refused,
}

/// What is applied for. Kept sealed where there is a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Platform.
    pub platform: PlatformId,
    /// Shown name at the time of the application.
    pub account_name: String,
    /// Identifier of the account on the platform.
    pub handle: String,
    /// Marks that would be used.
    pub marks: Vec<String>,
    /// Purpose.
    pub purpose: String,
    /// Conditions.
    pub conditions: String,
    /// Last day.
    pub until: NaiveDate,
    /// Whose the account is, and what becomes of it when the person leaves (账号归属约定).
    pub ownership: String,
}

/// One application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptionRequest {
    /// Identifier.
    pub id: RequestId,
    /// Number for people, such as `HM-2611-0003`.
    pub number: String,
    /// Company of the applicant.
    pub company: CompanyCode,
    /// The applicant: the owner of the account.
    pub employee: EmployeeId,
    /// Where it stands.
    pub state: ApplicationState,
    /// What is applied for; none when it is sealed and there is no key.
    pub application: Option<Application>,
    /// Who filed it.
    pub filed_by: String,
    /// When.
    pub filed_at: Timestamp,
    /// Who checked it in the company; empty while nobody has.
    pub checked_by: String,
    /// When.
    pub checked_at: Option<Timestamp>,
    /// Who approved or refused it, or began to approve it; empty while nobody has.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused.
    pub reason: String,
    /// Number of the permission; empty until it is given.
    pub exemption: ExemptionId,
}

impl ExemptionRequest {
    /// Whether nobody has approved or refused it yet.
    pub const fn waits(&self) -> bool {
        matches!(self.state, ApplicationState::Filed | ApplicationState::Checked)
    }
}
