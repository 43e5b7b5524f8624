//! What was judged, and what a manager works on.

use serde::{Deserialize, Serialize};

use crate::model::finding::{Candidate, Finding, Reason, Rule};
use crate::model::ids::{CaseId, CompanyCode, PlatformId, TermId, TopicId};
use crate::model::silence::Silence;
use crate::model::term::Severity;
use crate::model::time::Timestamp;

/// What became of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Somebody is asked to look.
    Alert,
    /// Somebody is asked to judge; weaker than an alert.
    Review,
    /// Kept without asking anybody.
    Record,
    /// Covered by a valid exemption.
    Exempt,
    /// The company's own account.
    Official,
    /// Repeats what the company has published.
    Published,
    /// Protected speech: counted by topic, nothing kept.
    Protected,
    /// A child's account: nothing kept.
    Minor,
    /// A customer's complaint.
    Consumer,
    /// Nothing.
    Ignore,
    /// The site asks not to be read there.
    NotFetched,
    /// The re-check found the marks gone.
    Rectified,
}

impl Outcome {
    /// Whether the subject may be stored at all.
    pub const fn may_be_stored(self) -> bool {
        !matches!(self, Self::Ignore | Self::Protected | Self::Minor | Self::Consumer | Self::Published)
    }

    /// Whether somebody is asked to act.
    pub const fn opens_case(self) -> bool {
        matches!(self, Self::Alert | Self::Review)
    }
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lane {
    /// Nobody.
    #[default]
    None,
    /// The designated manager of a company.
    Manager(CompanyCode),
    /// 泄密专线 (board office).
    Leak,
    /// 法务
    Legal,
    /// 上市公司人力资源部
    GroupHr,
}

impl std::fmt::Display for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Manager(code) => write!(f, "manager:{code}"),
            Self::Leak => f.write_str("leak"),
            Self::Legal => f.write_str("legal"),
            Self::GroupHr => f.write_str("group_hr"),
        }
    }
}

impl std::str::FromStr for Lane {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" | "" => Ok(Self::None),
            "leak" => Ok(Self::Leak),
            "legal" => Ok(Self::Legal),
            "group_hr" => Ok(Self::GroupHr),
            other => match other.strip_prefix("manager:") {
                Some(code) if !code.is_empty() => Ok(Self::Manager(CompanyCode::new(code))),
                _ => Err(format!("「{other}」 is not a lane")),
            },
        }
    }
}

impl Serialize for Lane {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lane {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How soon somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// Not at all.
    #[default]
    None,
    /// With the weekly digest.
    Weekly,
    /// With the daily digest.
    Daily,
    /// At once.
    Immediate,
}

/// What a judgement can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// An account.
    Account,
    /// A post.
    Post,
    /// A work chat group of the register, by its number.
    Group,
}

/// What a judgement is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Identifier that came with a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Platform.
    pub platform: PlatformId,
    /// The account: the author's handle for a post. Empty when the page names nobody.
    pub handle: String,
    /// Public address.
    pub url: String,
}

/// The result of judging one subject. A pure function of facts, ledgers and an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// About whom or what.
    pub subject: Subject,
    /// What became of it.
    pub outcome: Outcome,
    /// Who is told.
    pub lane: Lane,
    /// How soon.
    pub notify: Notify,
    /// How grave; none for silent outcomes.
    pub severity: Option<Severity>,
    /// Claims, strongest first.
    pub findings: Vec<Finding>,
    /// Possible owners, best first.
    pub candidates: Vec<Candidate>,
    /// Why the outcome is what it is: exemptions, disclosures, recusal and the like.
    pub reasons: Vec<Reason>,
    /// Terms that were found, also where no rule came of them.
    pub terms: Vec<TermId>,
    /// Topics of protected speech, for the count.
    pub topics: Vec<TopicId>,
    /// Why it was let go without a case, where that is counted. Not stored.
    #[serde(skip)]
    pub silence: Option<Silence>,
    /// What people in the lane may see of the text: protected passages are masked with ▇. None when the whole text may be shown.
    pub excerpt: Option<String>,
}

impl Judgement {
    /// An outcome that nobody is told of, with nothing claimed yet.
    pub const fn silent(subject: Subject, outcome: Outcome) -> Self {
        Self {
            subject,
            outcome,
            lane: Lane::None,
            notify: Notify::None,
            severity: None,
            findings: Vec::new(),
            candidates: Vec::new(),
            reasons: Vec::new(),
            terms: Vec::new(),
            topics: Vec::new(),
            silence: None,
            excerpt: None,
        }
    }

    /// Rules of all findings, each once, in the order of the findings.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for finding in &self.findings {
            if !rules.contains(&finding.rule) {
                rules.push(finding.rule);
            }
        }
        rules
    }

    /// Clauses of all findings, each once, in the order of the findings.
    pub fn clauses(&self) -> Vec<String> {
        let mut clauses: Vec<String> = Vec::new();
        for finding in &self.findings {
            if !clauses.contains(&finding.clause) {
                clauses.push(finding.clause.clone());
            }
        }
        clauses
    }

    /// The form of DESIGN's command contract: one JSON object a subject.
    pub fn to_outcome_json(&self) -> serde_json::Value {
        let reasons = self.findings.iter().flat_map(|f| &f.reasons).chain(&self.reasons).map(|r| &r.zh);
        let candidates = self.candidates.iter().map(|c| {
            let reasons: Vec<&String> = c.reasons.iter().map(|r| &r.zh).collect();
            serde_json::json!({"employee_id": c.employee_id, "score": c.score, "band": c.band, "reasons": reasons})
        });
        let mut object = serde_json::json!({
            "kind": self.subject.kind,
            "url": self.subject.url,
            "outcome": self.outcome,
            "lane": self.lane,
            "notify": self.notify,
            "severity": self.severity.map_or(serde_json::json!(""), |s| serde_json::json!(s)),
            "rules": self.rules(),
            "clauses": self.clauses(),
            "terms": self.terms,
            "candidates": candidates.collect::<Vec<_>>(),
            "reasons": reasons.collect::<Vec<_>>(),
        });
        if let Some(id) = &self.subject.id {
            object["id"] = serde_json::json!(id);
        }
        object
    }
}

/// Decided outcome of a case, with its reason code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// 已整改
    Rectified,
    /// 误报
    FalseAlarm,
    /// 同名
    SameName,
    /// 已豁免
    Exempted,
    /// 官方账号
    Official,
    /// 已公开
    Published,
    /// 非员工
    NotEmployee,
    /// 转法务
    ToLegal,
    /// 立案(线下)
    CaseFiled,
    /// 权益保护内容
    ProtectedSpeech,
    /// 未复核 (closed by time)
    Unreviewed,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has decided yet.
    Open,
    /// The re-check found the marks gone; the manager confirms.
    AwaitingConfirmation {
        /// When the re-check saw it.
        rechecked_at: Timestamp,
    },
    /// 申诉锁定: somebody said that the account is not theirs; nobody decides until that is answered.
    Locked {
        /// Since when.
        since: Timestamp,
    },
    /// Decided.
    Closed {
        /// How.
        disposition: Disposition,
        /// By whom: an employee number, or `cli` with the operator's login name.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// Account × clause, with all its findings: what a manager works on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Identifier.
    pub id: CaseId,
    /// Number for people, such as `XS-2611-0031`; leak cases count as `XM-…`.
    pub number: String,
    /// When it was opened, or opened again for the last time.
    pub open_since: Timestamp,
    /// Clause.
    pub clause: String,
    /// The judgement as last made.
    pub judgement: Judgement,
    /// Where it stands.
    pub state: CaseState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
