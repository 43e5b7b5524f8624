//! What people ask about their own data: to know, to copy, to correct, to erase, and "this is not me".

use serde::{Deserialize, Serialize};

use crate::model::finding::Reason;
use crate::model::ids::{EmployeeId, PlatformId, RequestId};
use crate::model::time::Timestamp;

/// What is asked for (个人信息保护法 44–50).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// 查询: what is kept, and why somebody was thought of.
    Know,
    /// 复制: the same as a file.
    Copy,
    /// 更正
    Correct,
    /// 删除
    Erase,
    /// 申诉: the account is not theirs.
    Object,
}

impl RequestKind {
    /// Every kind, in the order of the form.
    pub const ALL: [Self; 5] = [Self::Object, Self::Know, Self::Copy, Self::Correct, Self::Erase];
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for its answer.
    Open,
    /// Answered: done as asked.
    Granted,
    /// Answered: not done, with the reason.
    Refused,
}

/// Who asked, and for what. Kept sealed where there is a key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    /// The employee who asks; empty for somebody from outside.
    pub employee: EmployeeId,
    /// How to reach somebody from outside; empty for an employee.
    pub contact: String,
    /// Platform of the account that it is about; empty where none was named.
    pub platform: PlatformId,
    /// Identifier of the account on the platform.
    pub handle: String,
    /// What was said.
    pub words: String,
}

/// One request of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsRequest {
    /// Identifier.
    pub id: RequestId,
    /// Number for people, such as `SQ-2611-0003`.
    pub number: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// Who asked; none when it is sealed and there is no key.
    pub asked: Option<Asked>,
    /// When it came.
    pub asked_at: Timestamp,
    /// Until when it is to be answered.
    pub due_at: Timestamp,
    /// The answer as it was written; empty while there is none, or when it cannot be opened.
    pub answer: String,
    /// Who answered; empty while nobody has.
    pub answered_by: String,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// What employees were told of the program, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Number, from 1. The same text has the same number.
    pub version: u64,
    /// Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
    /// Who issued it first.
    pub issued_by: String,
    /// When.
    pub issued_at: Timestamp,
}

/// What is kept of an account in one case, as its person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Number of the case; a dash for a repost in somebody else's.
    pub number: String,
    /// Name of the platform.
    pub platform: String,
    /// Identifier of the account.
    pub account: String,
    /// Public address.
    pub address: String,
    /// When it was first found.
    pub found_at: Timestamp,
    /// Why it was found.
    pub why: Vec<Reason>,
    /// Why the person was thought of; empty for the owner of the account.
    pub why_you: Vec<Reason>,
    /// Until when it is kept as the case stands; none on legal hold.
    pub kept_until: Option<Timestamp>,
}
