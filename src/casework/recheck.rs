//! Looking again after a case: whether the marks are gone.

use crate::model::case::{Judgement, Lane, Notify, Outcome};
use crate::model::finding::{Finding, Reason, Rule};

/// What a later look at an account makes of an earlier alert. None when there is nothing to rectify, or the marks still stand.
pub fn recheck(earlier: &Judgement, later: &Judgement) -> Option<Judgement> {
    let is_clean = matches!(later.outcome, Outcome::Ignore | Outcome::Record);
    if !earlier.outcome.opens_case() || !is_clean {
        return None;
    }
    let reason = Reason::new(
        "复查：账号名、认证已去除公司标识，待指定专人确认整改",
        "re-check: the marks are gone from name and verification; the manager confirms",
    );
    let clause = earlier.findings.first().map_or_else(|| "四.2".to_owned(), |f| f.clause.clone());
    let finding = Finding { rule: Rule::Recheck, clause, terms: Vec::new(), reasons: vec![reason] };
    let lane = earlier.lane.clone();
    let notify = if lane == Lane::None { Notify::None } else { Notify::Daily };
    Some(Judgement {
        outcome: Outcome::Rectified,
        lane,
        notify,
        findings: vec![finding],
        candidates: Vec::new(),
        severity: None,
        ..later.clone()
    })
}
