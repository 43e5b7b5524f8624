//! What owners confirm of their work groups: every month, and when a company inspects itself; and what members confirm once a
//! year.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::ids::{CampaignId, CompanyCode, EmployeeId, GroupId};
use crate::model::time::Timestamp;

/// A month for which somebody was asked to confirm how a group is used, and whether that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Group.
    pub group: GroupId,
    /// Month, `2026-11`.
    pub month: String,
    /// Who was asked.
    pub asked_of: EmployeeId,
    /// When the person was asked.
    pub asked_at: Timestamp,
    /// When it was confirmed; none while nobody has.
    pub attested_at: Option<Timestamp>,
}

/// A member of work groups who is asked in a year to confirm the duties of a member, and whether that was done. Nothing else
/// is asked of the person, and nothing of any device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAttestation {
    /// Year of the round.
    pub year: i32,
    /// Who is asked.
    pub employee: EmployeeId,
    /// When the person was put on the list of the round.
    pub listed_at: Timestamp,
    /// When the first letter left the outbox; none while it waits there, for its turn, or for a mailbox.
    pub asked_at: Option<Timestamp>,
    /// When the reminder left the outbox.
    pub reminded_at: Option<Timestamp>,
    /// When one of the two turned out not to reach the person; none as long as nothing is known of that.
    pub returned_at: Option<Timestamp>,
    /// When the duties were confirmed.
    pub attested_at: Option<Timestamp>,
    /// Which text was confirmed.
    pub text_version: Option<String>,
}

/// A self-inspection (自查) of a company's work groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Identifier.
    pub id: CampaignId,
    /// Company.
    pub company: CompanyCode,
    /// What it is called, such as 十月自查.
    pub title: String,
    /// When it was announced.
    pub announced_at: Timestamp,
    /// Until when owners confirm.
    pub due_on: NaiveDate,
    /// When it was closed; none while it goes on.
    pub closed_at: Option<Timestamp>,
}

/// What became of one group in a self-inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Self-inspection.
    pub campaign: CampaignId,
    /// Group.
    pub group: GroupId,
    /// Who was asked.
    pub asked_of: EmployeeId,
    /// When the person confirmed to have looked through the group; none while nobody has.
    pub confirmed_at: Option<Timestamp>,
    /// Findings that stood at that moment.
    pub findings: u64,
    /// When nothing was found any more.
    pub rectified_at: Option<Timestamp>,
}
