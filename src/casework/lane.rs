//! Who is told: the lane of a company, and 回避 — whoever is suspected does not receive the alert.

use crate::casework::unlinking::is_recused;
use crate::casework::world::World;
use crate::model::case::{Judgement, Lane};
use crate::model::finding::{Band, Candidate, Reason};
use crate::model::ids::CompanyCode;
use crate::model::person::{Manager, ManagerRole};

/// The company whose manager works on it: that of the best candidate, else the most specific company named,
/// else the listed company.
pub fn company_of(world: &World, candidates: &[Candidate], named: &[CompanyCode]) -> Option<CompanyCode> {
    let by_candidate = company_of_best(world, candidates);
    let specific = named.iter().find(|c| Some(*c) != world.listed_code()).cloned();
    by_candidate.filter(|c| is_ours(world, c)).or(specific).or_else(|| world.listed_code().cloned())
}

/// The company of the best candidate. None when candidates of several companies are equally good: then nothing in the
/// directory says whose colleague it is.
fn company_of_best(world: &World, candidates: &[Candidate]) -> Option<CompanyCode> {
    let best = candidates.first().filter(|c| c.band >= Band::Medium)?;
    let mut equal = candidates.iter().take_while(|c| c.score >= best.score);
    let company = |c: &Candidate| world.directory.get(&c.employee_id).map(|e| e.company.clone());
    let first = equal.next().and_then(company)?;
    equal.all(|c| company(c).as_ref() == Some(&first)).then_some(first)
}

fn is_ours(world: &World, code: &CompanyCode) -> bool {
    world.ledgers.companies.iter().any(|c| c.code == *code)
}

/// The manager's lane, or the group's HR when that manager is among the candidates, or was linked with the account once; the
/// reason says so.
pub fn manager_lane(world: &World, judgement: &Judgement, named: &[CompanyCode]) -> (Lane, Option<Reason>) {
    let Some(company) = company_of(world, &judgement.candidates, named) else { return (Lane::GroupHr, None) };
    if !has_recused(world, &company, judgement) {
        return (Lane::Manager(company), None);
    }
    let reason = Reason::new(
        format!("候选人中有或曾有{company}的指定专人本人：回避，改送上市公司人力资源部（四.5）"),
        format!(
            "the designated manager of {company} is or was among the candidates: sent to the listed company's HR instead (四.5)"
        ),
    );
    (Lane::GroupHr, Some(reason))
}

fn has_recused(world: &World, company: &CompanyCode, judgement: &Judgement) -> bool {
    let is_appointed = |m: &&Manager| m.role == ManagerRole::DesignatedManager && m.company == *company;
    let mut appointed = world.ledgers.managers.iter().filter(is_appointed);
    appointed.any(|manager| is_recused(world, judgement, &manager.employee))
}
