//! The rules of retention: a name, a length, and the line of the policy that says so.

use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// One rule of retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionRule {
    /// A case that was decided to be protected speech.
    Protected,
    /// A case that was decided to be no matter.
    FoundWrong,
    /// A case that nobody decided.
    Unreviewed,
    /// A case in which the marks are gone.
    PutRight,
    /// A case that was filed, with a step in employment.
    Filed,
    /// A case about somebody who is not of the staff.
    Outsider,
    /// A subject of no case: nobody was asked.
    NoCase,
    /// Whatever somebody asked to have erased.
    OnRequest,
    /// What somebody asked, after it was answered.
    Request,
    /// That a decision was made, after the case is gone.
    Decision,
    /// Hash, status and time of a page.
    Page,
    /// The outside of a fetched answer that was not kept.
    Capture,
    /// A job that ended.
    Job,
    /// A worker that ended.
    Worker,
    /// A host that nobody visits.
    Host,
    /// A line of the audit.
    Audit,
    /// What reports count of a case.
    Figure,
    /// Stored bytes that nothing refers to.
    Orphan,
}

impl RetentionRule {
    /// Every rule, in the order in which a run applies them.
    pub const ALL: [Self; 18] = [
        Self::Protected,
        Self::FoundWrong,
        Self::Unreviewed,
        Self::PutRight,
        Self::Filed,
        Self::Outsider,
        Self::NoCase,
        Self::OnRequest,
        Self::Request,
        Self::Decision,
        Self::Page,
        Self::Capture,
        Self::Job,
        Self::Worker,
        Self::Host,
        Self::Audit,
        Self::Figure,
        Self::Orphan,
    ];

    /// The rules about accounts and posts: those that come first.
    pub const OF_SUBJECTS: &[Self] = Self::ALL.split_at(7).0;

    /// Its name in receipts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::FoundWrong => "found_wrong",
            Self::Unreviewed => "unreviewed",
            Self::PutRight => "put_right",
            Self::Filed => "filed",
            Self::Outsider => "outsider",
            Self::NoCase => "no_case",
            Self::OnRequest => "on_request",
            Self::Request => "request",
            Self::Decision => "decision",
            Self::Page => "page",
            Self::Capture => "capture",
            Self::Job => "job",
            Self::Worker => "worker",
            Self::Host => "host",
            Self::Audit => "audit",
            Self::Figure => "figure",
            Self::Orphan => "orphan",
        }
    }

    /// How long it keeps, milliseconds. Zero: no longer than it takes.
    pub const fn length_ms(self) -> i64 {
        match self {
            Self::Protected | Self::OnRequest | Self::Host => 0,
            // A capture that is being taken in has its bytes before it has its row.
            Self::Orphan => HOUR_MS,
            Self::Job | Self::Worker => 7 * DAY_MS,
            Self::FoundWrong | Self::Page | Self::Capture => 30 * DAY_MS,
            Self::Unreviewed | Self::NoCase => 90 * DAY_MS,
            Self::PutRight => 180 * DAY_MS,
            Self::Filed | Self::Outsider | Self::Decision => 365 * DAY_MS,
            Self::Request | Self::Audit | Self::Figure => 3 * 365 * DAY_MS,
        }
    }

    /// The length as people read it, such as `30 days`.
    pub fn length_text(self) -> String {
        match self.length_ms() {
            0 => "at once".to_owned(),
            HOUR_MS => "1 hour".to_owned(),
            ms => format!("{} days", ms / DAY_MS),
        }
    }

    /// What it is about, and from when its time counts.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Protected => "case closed as protected_speech, from the decision",
            Self::FoundWrong => {
                "case closed as false_alarm, same_name, exempted, official or published, from the decision"
            }
            Self::Unreviewed => "case still open, from its last change; closed as unreviewed, from the decision",
            Self::PutRight => {
                "case that waits for confirmation, from the re-check; closed as rectified, from the decision"
            }
            Self::Filed => "case closed as case_filed, from the decision",
            Self::Outsider => {
                "case closed as to_legal or not_employee, from the decision or the last sight, whichever is later"
            }
            Self::NoCase => "account or post of no case, from the last sight",
            Self::OnRequest => "account or post whose erasure somebody asked for, from the answer",
            Self::Request => {
                "request about personal data or for an exemption, from its answer; one that nobody answered, from the day it came in"
            }
            Self::Decision => {
                "that a decision was made about a finding, without content, from the last time it counted"
            }
            Self::Page => "hash, status and time of a page, from the last visit",
            Self::Capture => "hash, status and time of an answer that was not kept, from its fetch",
            Self::Job => "finished job, from its end",
            Self::Worker => "worker that ended, from its end",
            Self::Host => "host that nobody visits and that wants no peace",
            Self::Audit => "line of the audit, from its writing",
            Self::Figure => "what reports count of a case, without content, from the decision",
            Self::Orphan => "stored bytes that nothing refers to, from their writing",
        }
    }

    /// The line of the policy's section "Keeping" from which the rule comes.
    pub const fn policy(self) -> &'static str {
        match self {
            Self::Protected => "case found to be protected speech",
            Self::FoundWrong => "lead found wrong, permitted or public",
            Self::Unreviewed => "lead nobody looked at",
            Self::PutRight => "put right, no case",
            Self::Filed => "case with a step in employment",
            Self::Outsider => "impersonator",
            Self::NoCase => "account or post nobody is asked about",
            Self::OnRequest => "erasure that somebody asked for",
            Self::Request => "what somebody asked of us",
            Self::Decision => "that a decision was made, without content",
            Self::Page | Self::Capture | Self::Orphan => "page without a finding",
            Self::Job | Self::Worker | Self::Host => "how the program did its work",
            Self::Audit => "audit entries, without content",
            Self::Figure => "what reports count of a case",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RetentionRule;

    #[test]
    fn the_name_is_the_serialised_word() {
        for rule in RetentionRule::ALL {
            assert_eq!(serde_json::json!(rule), rule.name());
        }
    }

    #[test]
    fn every_rule_about_subjects_is_applied() {
        let subjects = RetentionRule::OF_SUBJECTS;
        assert_eq!(
            (subjects.first(), subjects.last()),
            (Some(&RetentionRule::Protected), Some(&RetentionRule::NoCase))
        );
    }

    #[test]
    fn lengths_read_as_people_say_them() {
        let texts =
            [RetentionRule::Protected, RetentionRule::Orphan, RetentionRule::Audit].map(RetentionRule::length_text);
        assert_eq!(texts, ["at once", "1 hour", "1095 days"]);
    }
}
