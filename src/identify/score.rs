//! From evidence to a score, a band and reasons. The caps are a contract (policy §3.5): a name alone is never shown,
//! name and company stay below 0.79, a surname never passes 0.79, nothing is ever certain.

use crate::identify::directory::Directory;
use crate::identify::evidence::{Evidence, Given, NameEvidence};
use crate::model::finding::{Band, Candidate, Reason};
use crate::model::person::Employee;

/// A name alone.
const NAME_ONLY_MAX: f64 = 0.34;
/// Full name and company, or anything with only a part of the name.
const MEDIUM_MAX: f64 = 0.79;
/// Whatever the evidence.
const SCORE_MAX: f64 = 0.95;
/// Bands: 较高 from, 中 from, 低 from.
const HIGH_FROM: f64 = 0.80;
const MEDIUM_FROM: f64 = 0.55;
/// Below this only namesakes of a better candidate are shown, beside it.
pub(crate) const SHOWN_FROM: f64 = 0.35;

/// The candidate that the evidence makes, if it makes one worth showing at least beside a better one.
pub fn candidate(directory: &Directory, evidence: &Evidence) -> Option<Candidate> {
    let employee = directory.get(&evidence.employee)?;
    let score = score(evidence, employee);
    let is_full_name = matches!(evidence.name, NameEvidence::Full { .. });
    if score < MEDIUM_FROM && !is_full_name {
        return None;
    }
    Some(Candidate {
        employee_id: employee.id.clone(),
        score: (score * 100.0).round() / 100.0,
        band: band(score),
        reasons: reasons(evidence, employee),
    })
}

/// The shown class of a score.
pub fn band(score: f64) -> Band {
    if score >= HIGH_FROM {
        Band::High
    } else if score >= MEDIUM_FROM {
        Band::Medium
    } else {
        Band::Low
    }
}

fn score(evidence: &Evidence, employee: &Employee) -> f64 {
    let base = if evidence.known { known(evidence) } else { by_name(evidence) };
    let left = if employee.has_left { 0.03 } else { 0.0 };
    (base - left).clamp(0.0, SCORE_MAX)
}

/// The account stands in a ledger under this number.
fn known(evidence: &Evidence) -> f64 {
    let supported = u8::from(evidence.company) + u8::from(!matches!(evidence.name, NameEvidence::None));
    0.90 + 0.02 * f64::from(supported)
}

fn by_name(evidence: &Evidence) -> f64 {
    let further =
        [evidence.title.is_some(), evidence.department.is_some(), evidence.city].into_iter().filter(|&b| b).count();
    match (&evidence.name, evidence.company, further) {
        (NameEvidence::None, _, _) => 0.0,
        (NameEvidence::Partial { .. }, true, 1..) => {
            (0.58 + 0.06 * (further - 1) as f64 + whole(evidence)).min(MEDIUM_MAX)
        }
        (NameEvidence::Partial { .. }, _, _) => 0.30,
        // A given name that runs on into other words needs two further signs before it counts as a name.
        (NameEvidence::Full { given: Given::RunningOn, .. }, true, 0 | 1) => 0.30,
        (NameEvidence::Full { given, .. }, true, 1..) => {
            let rarity = if evidence.namesakes <= 1 { 0.02 } else { 0.0 };
            let shortened = if *given == Given::WithSurname { 0.0 } else { 0.03 };
            let group = if evidence.company_by_group { 0.01 } else { 0.0 };
            0.85 + 0.02 * (further - 1) as f64 + whole(evidence) + rarity - shortened - group
        }
        (NameEvidence::Full { given: Given::WithSurname, .. }, true, 0) => {
            (if evidence.namesakes <= 1 { 0.74 } else { 0.64_f64 }).min(MEDIUM_MAX)
        }
        (NameEvidence::Full { given: Given::Alone, .. }, true, 0) => 0.56,
        (NameEvidence::Full { .. }, false, 1..) => 0.40,
        (NameEvidence::Full { .. }, false, 0) => NAME_ONLY_MAX,
    }
}

fn whole(evidence: &Evidence) -> f64 {
    if evidence.whole_title { 0.04 } else { 0.0 }
}

fn reasons(evidence: &Evidence, employee: &Employee) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut say = |zh: String, en: String| reasons.push(Reason::new(zh, en));
    if evidence.known {
        say("台账中此账号ID登记在该员工名下".into(), "the account is registered under this employee".into());
    }
    match &evidence.name {
        NameEvidence::None => {}
        NameEvidence::Partial { written } => say(
            format!("称呼“{written}”与姓名部分相符（辨识度低）"),
            format!("“{written}” fits a part of the name (weak)"),
        ),
        NameEvidence::Full { given: Given::Alone | Given::RunningOn, .. } => {
            say("名字一致，集团名册中仅此一人".into(), "the given name fits, and nobody else has it".into());
        }
        NameEvidence::Full { .. } if evidence.namesakes > 1 => say(
            format!("姓名一致（集团内同名 {} 人）", evidence.namesakes),
            format!("the full name fits ({} people have it)", evidence.namesakes),
        ),
        NameEvidence::Full { .. } => say("姓名一致".into(), "the full name fits".into()),
    }
    if evidence.company_by_group {
        say("所提为集团标识，未指明公司".into(), "only the group is named, not the company".into());
    } else if evidence.company {
        say("公司一致".into(), "the company fits".into());
    } else if evidence.other_company {
        say("所提公司与其任职公司不符".into(), "another company is named".into());
    }
    if let Some(title) = &evidence.title {
        say(format!("职务相符（{title}）"), format!("the job fits ({title})"));
    } else if matches!(evidence.name, NameEvidence::Full { .. }) && !evidence.known {
        say("职务未见相符".into(), "no sign of the job".into());
    }
    if let Some(department) = &evidence.department {
        say(format!("部门相符（{department}）"), format!("the department fits ({department})"));
    }
    if evidence.city {
        say("工作地一致".into(), "the city fits".into());
    }
    if employee.has_left {
        let day = employee.left_on.map_or_else(|| "日期不详".to_owned(), |d| d.to_string());
        say(format!("已离职（{day}）"), format!("has left ({day})"));
    }
    if employee.signed_on.is_none() && !employee.has_left {
        say("无制度签收记录".into(), "no record that the rule was signed".into());
    }
    reasons
}
