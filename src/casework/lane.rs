//! Who is told: the lane of a company, and 回避 — whoever is suspected does not receive the alert.

use crate::casework::world::World;
use crate::model::case::Lane;
use crate::model::finding::{Band, Candidate, Reason};
use crate::model::ids::CompanyCode;
use crate::model::person::ManagerRole;

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

/// The manager's lane, or the group's HR when that manager is among the candidates; the reason says so.
pub fn manager_lane(world: &World, candidates: &[Candidate], named: &[CompanyCode]) -> (Lane, Option<Reason>) {
    let Some(company) = company_of(world, candidates, named) else { return (Lane::GroupHr, None) };
    if is_recused(world, &company, candidates) {
        let reason = Reason::new(
            format!("候选人中有{company}的指定专人本人：回避，改送上市公司人力资源部（四.5）"),
            format!(
                "the designated manager of {company} is among the candidates: sent to the listed company's HR instead (四.5)"
            ),
        );
        return (Lane::GroupHr, Some(reason));
    }
    (Lane::Manager(company), None)
}

fn is_recused(world: &World, company: &CompanyCode, candidates: &[Candidate]) -> bool {
    let appointed =
        world.ledgers.managers.iter().filter(|m| m.role == ManagerRole::DesignatedManager && m.company == *company);
    let is_suspected = |id| candidates.iter().any(|c| c.employee_id == id && c.band >= Band::Medium);
    appointed.map(|m| m.employee.clone()).any(is_suspected)
}
