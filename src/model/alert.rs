//! Messages about cases.

use serde::{Deserialize, Serialize};

use crate::model::case::{Lane, Notify, Outcome, SubjectKind};
use crate::model::finding::{Band, Reason, Rule};
use crate::model::ids::{AlertId, CaptureHash, CaseId, EmployeeId};
use crate::model::term::Severity;
use crate::model::time::Timestamp;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// One case, at once.
    Immediate,
    /// Everything of a day.
    Daily,
    /// Everything of a week.
    Weekly,
    /// What piled up while no letter could be sent.
    Backlog,
    /// Nothing new, the system works.
    Heartbeat,
    /// What somebody should do for work groups and registers; written of what holds when it is sent.
    Groups,
    /// One matter of the house itself, such as mail that came back; written of what holds when it is sent.
    Notice,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Waits for its time or for another try.
    Queued,
    /// Accepted by the transport.
    Sent,
    /// Refused for good, or sent back after it had been accepted; the deputy is told.
    Failed,
    /// Lost sight of after the body was handed over: shown, not sent again.
    Uncertain,
    /// Told in another message, together with others that had piled up.
    Folded,
}

/// One message to one person. Its Message-ID is fixed by its identifier, so that a second try is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Identifier.
    pub id: AlertId,
    /// What it is for.
    pub kind: AlertKind,
    /// Cases it is about; one for an immediate message.
    pub cases: Vec<CaseId>,
    /// Who receives it.
    pub recipient: EmployeeId,
    /// Lane through which it goes.
    pub lane: Lane,
    /// Not sent before.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: AlertState,
    /// Tries so far.
    pub attempts: u32,
    /// Last failure, or which message a folded one is told in; without personal data.
    pub last_error: Option<String>,
}

/// A text with the passages that matter, as byte ranges on character boundaries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarkedText {
    /// The text; masked where the reader may not see.
    pub text: String,
    /// Passages to mark, in order, not overlapping.
    pub marks: Vec<std::ops::Range<usize>>,
}

/// What one letter shows of a possible owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateBrief {
    /// Employee number.
    pub employee_id: EmployeeId,
    /// Name.
    pub name: String,
    /// Company, department and title, joined with ·.
    pub position: String,
    /// Shown class.
    pub band: Band,
    /// Score, 0..1.
    pub score: f64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Day on which the rule was signed, `2026-09-01`; none when there is no record of it.
    pub signed_on: Option<chrono::NaiveDate>,
    /// Day of leaving, for people who left.
    pub left_on: Option<chrono::NaiveDate>,
}

/// What one letter shows of one case. Everything is already masked for its reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseBrief {
    /// Number for people.
    pub number: String,
    /// Case.
    pub case: CaseId,
    /// Alert or review.
    pub outcome: Outcome,
    /// Lane.
    pub lane: Lane,
    /// How grave.
    pub severity: Severity,
    /// How soon.
    pub notify: Notify,
    /// Account or post.
    pub subject: SubjectKind,
    /// Name of the platform.
    pub platform_name: String,
    /// Shown name of the account.
    pub account_name: MarkedText,
    /// Handle.
    pub handle: String,
    /// Public address.
    pub url: String,
    /// Followers.
    pub followers: Option<u64>,
    /// Region shown.
    pub ip_region: String,
    /// Self-description.
    pub bio: MarkedText,
    /// Verification text.
    pub verification: MarkedText,
    /// Text of the post, or the excerpt that the lane may see.
    pub text: MarkedText,
    /// When the post was published.
    pub published: Option<Timestamp>,
    /// Hash of the stored page.
    pub evidence: Option<CaptureHash>,
    /// When the page was fetched.
    pub captured_at: Option<Timestamp>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Clauses.
    pub clauses: Vec<String>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Possible owners; always empty in the leak lane.
    pub candidates: Vec<CandidateBrief>,
    /// When somebody should have looked, by the SLA.
    pub due: Timestamp,
    /// Personal address under which the reader decides without signing in; none where there is no console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A letter to be rendered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The message it belongs to.
    pub alert: AlertId,
    /// What it is for.
    pub kind: AlertKind,
    /// Lane.
    pub lane: Lane,
    /// Name for the salutation.
    pub recipient_name: String,
    /// Why this person receives it, such as 星河科技的指定专人.
    pub recipient_part: String,
    /// `zh-CN` or `en`.
    pub language: String,
    /// Company for a digest's subject.
    pub company_name: String,
    /// When it is written.
    pub at: Timestamp,
    /// New cases, gravest first.
    pub cases: Vec<CaseBrief>,
    /// Cases still open from before, soonest due first (digests only).
    pub pending: Vec<CaseBrief>,
    /// What was kept silent and why, as (zh, en, count) (digests only).
    pub silent: Vec<(String, String, u64)>,
    /// State of the sources (digests and heartbeats); none when it is not known, and then nothing is claimed about it.
    #[serde(default)]
    pub sources: Option<SourceHealth>,
    /// What it says of work groups and registers (letters about those).
    #[serde(default)]
    pub parts: Vec<LetterPart>,
}

/// A part of a letter about work groups and registers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LetterPart {
    /// What it is about, without any name of a person: subjects are made of it.
    pub title: String,
    /// One sentence each.
    pub lines: Vec<String>,
    /// Where the reader sees to it; none where there is no console.
    pub link: Option<String>,
    /// Whether that address is the reader's own, by which nobody has to sign in.
    pub is_personal: bool,
}

/// What a letter says about the sources, so that silence does not look like innocence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceHealth {
    /// Sources in force.
    pub total: u64,
    /// Those whose last visit was a confirmed success.
    pub working: u64,
    /// What is wrong with the others, one sentence each.
    pub troubles: Vec<Reason>,
}
