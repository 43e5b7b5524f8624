//! Looking again after a case: whether the marks are gone.

use crate::model::case::{Judgement, Lane, Notify, Outcome, SubjectKind};
use crate::model::finding::{Finding, Reason, Rule};

/// What a later look at an account or post makes of an earlier alert. None when there is nothing to rectify, or the marks
/// still stand.
pub fn recheck(earlier: &Judgement, later: &Judgement) -> Option<Judgement> {
    let is_clean = matches!(later.outcome, Outcome::Ignore | Outcome::Record);
    if !earlier.outcome.opens_case() || !is_clean {
        return None;
    }
    let reason = match later.subject.kind {
        SubjectKind::Group => return None,
        SubjectKind::Account => Reason::new(
            "复查：账号名、认证已去除公司标识，待指定专人确认整改",
            "re-check: the marks are gone from name and verification; the manager confirms",
        ),
        SubjectKind::Post => Reason::new(
            "复查：内容已修改，命中部分已不在，待指定专人确认整改",
            "re-check: the post was changed and no longer says it; the manager confirms",
        ),
    };
    Some(rectified(earlier, later.clone(), reason))
}

/// What it makes of an earlier alert that the page of its account or post is gone. None when there was no alert.
pub fn gone(earlier: &Judgement) -> Option<Judgement> {
    if !earlier.outcome.opens_case() {
        return None;
    }
    let reason = match earlier.subject.kind {
        // The register says when a group is in order again.
        SubjectKind::Group => return None,
        SubjectKind::Account => Reason::new(
            "复查：账号页面已不存在，待指定专人确认",
            "re-check: the account's page is gone; the manager confirms",
        ),
        SubjectKind::Post => {
            Reason::new("复查：内容已删除，待指定专人确认", "re-check: the post is gone; the manager confirms")
        }
    };
    let later = Judgement::silent(earlier.subject.clone(), Outcome::Rectified);
    Some(rectified(earlier, later, reason))
}

fn rectified(earlier: &Judgement, later: Judgement, reason: Reason) -> Judgement {
    let clause = earlier.findings.first().map_or_else(|| "四.2".to_owned(), |f| f.clause.clone());
    let finding = Finding { rule: Rule::Recheck, clause, terms: Vec::new(), claims: Vec::new(), reasons: vec![reason] };
    let lane = earlier.lane.clone();
    let notify = if lane == Lane::None { Notify::None } else { Notify::Daily };
    Judgement {
        outcome: Outcome::Rectified,
        lane,
        notify,
        findings: vec![finding],
        candidates: Vec::new(),
        severity: None,
        silence: None,
        ..later
    }
}
