//! What the register says of a group that its owner alone cannot mend becomes a case of its company: a temporary group that
//! outlives its end, a group that nobody answers for, people who have left and are still in it. When the register is in order
//! again the case closes. Everything else is help for owners and no case.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;

use crate::casework::world::World;
use crate::groups::register::Checked;
use crate::model::alert::AlertKind;
use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use crate::model::finding::{Finding, Reason, Rule};
use crate::model::group::{Group, GroupFinding, GroupRule};
use crate::model::ids::{EmployeeId, GroupId, PlatformId, ScanId};
use crate::model::term::Severity;
use crate::pipeline::retain::decide;
use crate::pipeline::shell::Shell;
use crate::store::{
    AlertOccasion, AlertRequest, CaseFilter, Decision, JudgementBatch, Step, StoreError, SubjectFacts, sha256_hex,
};

/// Cases that are looked at.
const CASES_MAX: u32 = 100_000;

/// What filing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FiledGroups {
    /// Cases that stand.
    pub open: usize,
    /// Cases that closed because the register is in order again.
    pub settled: usize,
    /// Letters to heads of companies that were queued now.
    pub escalated: usize,
}

/// The findings of one group under one clause.
type Claims<'a> = BTreeMap<(&'a GroupId, &'static str), Vec<&'a GroupFinding>>;

/// Files what was found, tells heads of companies, and closes what is settled. The same twice changes nothing the second time.
///
/// # Errors
/// When the database fails; what was filed by then stays.
pub async fn file_group_cases(shell: &Shell, world: &World, checked: &Checked) -> Result<FiledGroups, StoreError> {
    let claims = claims(checked);
    let filter = CaseFilter { limit: Some(CASES_MAX), ..CaseFilter::default() };
    let known: Vec<Case> = shell.store.cases(&filter).await?.into_iter().filter(is_of_group).collect();
    let mut filed = FiledGroups::default();
    if !claims.is_empty() {
        let scan = shell.store.start_scan(shell.clock.now(), &json!({"groups": claims.len()})).await?;
        let groups: BTreeMap<&GroupId, &Group> = world.ledgers.groups.iter().map(|group| (&group.id, group)).collect();
        for ((id, _), findings) in &claims {
            let Some(group) = groups.get(id) else { continue };
            filed.escalated += file(shell, &scan, group, findings).await?;
            filed.open += 1;
        }
        shell.store.finish_scan(&scan, shell.clock.now(), &json!({"groups": claims.len()})).await?;
    }
    let standing: HashSet<(&str, &str)> = claims.keys().map(|(id, clause)| (id.as_str(), *clause)).collect();
    let stands = |case: &Case| standing.contains(&(case.judgement.subject.handle.as_str(), case.clause.as_str()));
    for case in known.iter().filter(|case| !stands(case)) {
        filed.settled += usize::from(settle(shell, case).await?);
    }
    Ok(filed)
}

fn is_of_group(case: &Case) -> bool {
    case.judgement.subject.kind == SubjectKind::Group
}

fn claims(checked: &Checked) -> Claims<'_> {
    let mut claims = Claims::new();
    for finding in checked.findings.iter().filter(|finding| rule_of(finding.rule).is_some()) {
        claims.entry((&finding.group, finding.rule.clause())).or_default().push(finding);
    }
    claims
}

/// The rule of a case; none for what is the owner's own matter.
const fn rule_of(rule: GroupRule) -> Option<Rule> {
    match rule {
        GroupRule::TemporaryOverdue => Some(Rule::GroupOverdue),
        GroupRule::OwnerNone => Some(Rule::GroupOwnerNone),
        GroupRule::OwnerLeft => Some(Rule::GroupOwnerLeft),
        GroupRule::Departed => Some(Rule::GroupDeparted),
        _ => None,
    }
}

/// Files one case, and tells the head of the company where the rules say so; returns how many letters that came to.
async fn file(shell: &Shell, scan: &ScanId, group: &Group, findings: &[&GroupFinding]) -> Result<usize, StoreError> {
    let at = shell.clock.now();
    let batch = JudgementBatch {
        scan: scan.clone(),
        at,
        judgement: judgement(group, findings),
        facts: SubjectFacts::default(),
        captures: Vec::new(),
        alerts: Vec::new(),
        occasion: AlertOccasion::Opened,
        adds_evidence: false,
        audit: Vec::new(),
        repost_of: None,
    };
    let recorded = shell.store.record_judgement(&shell.vault, &batch).await?;
    let head = findings.iter().find_map(|finding| finding.escalates_to.as_ref());
    let Some((case, head)) = recorded.case.zip(head) else { return Ok(0) };
    let Some(case) = shell.store.case(&case).await?.filter(|case| case.state == CaseState::Open) else { return Ok(0) };
    escalate(shell, &case, head).await
}

/// Each opening of a case is told to the head of the company once.
async fn escalate(shell: &Shell, case: &Case, head: &EmployeeId) -> Result<usize, StoreError> {
    let now = shell.clock.now();
    let request = AlertRequest { kind: AlertKind::Groups, recipient: head.clone(), lane: Lane::None, due_at: now };
    let occasion = format!("group-head:{}", case.open_since.ms());
    Ok(usize::from(shell.store.queue_alert(&case.id, &request, &occasion, now).await?.is_some()))
}

fn judgement(group: &Group, findings: &[&GroupFinding]) -> Judgement {
    let is_of_leavers = findings.iter().all(|finding| finding.rule == GroupRule::Departed);
    Judgement {
        lane: Lane::Manager(group.company.clone()),
        notify: if is_of_leavers { Notify::Weekly } else { Notify::Daily },
        severity: Some(Severity::Medium),
        findings: of_case(findings),
        ..Judgement::silent(subject(group), Outcome::Alert)
    }
}

fn subject(group: &Group) -> Subject {
    Subject {
        kind: SubjectKind::Group,
        id: None,
        platform: PlatformId::new(&group.platform),
        handle: group.id.to_string(),
        url: String::new(),
    }
}

/// One finding a rule, with a reason that names nobody.
fn of_case(findings: &[&GroupFinding]) -> Vec<Finding> {
    let mut by_rule: BTreeMap<Rule, Vec<&GroupFinding>> = BTreeMap::new();
    for finding in findings {
        by_rule.extend(rule_of(finding.rule).filter(|rule| !by_rule.contains_key(rule)).map(|rule| (rule, Vec::new())));
        rule_of(finding.rule).and_then(|rule| by_rule.get_mut(&rule)).into_iter().for_each(|of| of.push(finding));
    }
    let finding = |(rule, of): (Rule, Vec<&GroupFinding>)| Finding {
        rule,
        clause: of[0].rule.clause().to_owned(),
        terms: Vec::new(),
        claims: of.iter().filter_map(|finding| leaver(finding)).collect(),
        reasons: vec![reason(rule, &of)],
    };
    by_rule.into_iter().map(finding).collect()
}

/// Somebody who has left and is still in a group, as a hash: that one is no matter says nothing of who leaves later.
fn leaver(finding: &GroupFinding) -> Option<String> {
    let who = finding.employee.as_ref().filter(|_| finding.rule == GroupRule::Departed)?;
    Some(sha256_hex(format!("{}\n{who}", finding.group).as_bytes())[..16].to_owned())
}

fn reason(rule: Rule, findings: &[&GroupFinding]) -> Reason {
    if rule != Rule::GroupDeparted {
        return findings[0].why.clone();
    }
    let count = findings.len();
    Reason::new(format!("{count}名离职人员仍在群内"), format!("{count} people who have left are still in the group"))
}

/// Closes the cases of one group that the register no longer gives a reason for, such as after an edit of it.
///
/// # Errors
/// When the database fails.
pub async fn settle_group(shell: &Shell, checked: &Checked, group: &Group) -> Result<(), StoreError> {
    let claims = claims(checked);
    for case in shell.store.cases_of_account(&subject(group)).await? {
        let stands = claims.keys().any(|(id, clause)| **id == group.id && case.clause == *clause);
        if !stands && !matches!(case.state, CaseState::Closed { .. }) {
            settle(shell, &case).await?;
        }
    }
    Ok(())
}

/// Closes a case whose group is in order again; false when somebody had decided it meanwhile.
async fn settle(shell: &Shell, case: &Case) -> Result<bool, StoreError> {
    let (step, at) = (Step::Close(Disposition::Rectified), shell.clock.now());
    let decision = Decision { case: case.id.clone(), step, by: "wanglou".to_owned(), at, alerts: Vec::new() };
    match decide(&shell.store, &shell.vault, &decision).await {
        Ok(_) => Ok(true),
        Err(StoreError::Transition(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
