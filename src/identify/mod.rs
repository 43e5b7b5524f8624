//! Who might be behind an account: explained evidence, bands and caps. A match is a lead, never a statement.
//! Read only after a mark was found.

pub mod directory;
pub mod evidence;
pub mod names;
pub mod score;

use std::collections::HashSet;

use crate::detect::profile::Profile;
use crate::detect::scan::FieldText;
use crate::detect::watch::Watch;
use crate::identify::directory::Directory;
use crate::identify::evidence::{Evidence, NameEvidence};
use crate::model::account::Account;
use crate::model::finding::{Band, Candidate};
use crate::model::ids::{CompanyCode, EmployeeId};

/// What is known about an account when its owner is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The watchlist, for titles and marks.
    pub watch: &'a Watch,
    /// The account.
    pub account: &'a Account,
    /// Its profile.
    pub profile: &'a Profile,
    /// A post of the account, when the question comes from one.
    pub post: &'a [FieldText],
    /// Companies named, most telling first.
    pub companies: &'a [CompanyCode],
    /// The listed company: its marks stand for the whole group.
    pub listed: Option<&'a CompanyCode>,
    /// Owner by an account identifier in a ledger.
    pub known_owner: Option<&'a EmployeeId>,
}

/// Most candidates that are shown.
const CANDIDATES_MAX: usize = 8;

/// Possible owners, best first. Empty when nothing above the weakest band points anywhere.
/// Colleagues of the same full name always stand beside the best one.
pub fn identify(directory: &Directory, question: &Question<'_>) -> Vec<Candidate> {
    let found = evidence::gather(directory, question);
    let mut candidates: Vec<Candidate> = found.iter().filter_map(|e| score::candidate(directory, e)).collect();
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.employee_id.cmp(&b.employee_id)));
    let strongest = candidates.first().map(|c| c.band);
    if strongest.is_none_or(|band| band == Band::Low) {
        return Vec::new();
    }
    let leading: HashSet<String> = candidates
        .iter()
        .filter(|c| c.band != Band::Low && is_by_full_name(&found, &c.employee_id))
        .filter_map(|c| name_of(directory, &c.employee_id))
        .collect();
    let is_namesake = |c: &Candidate| name_of(directory, &c.employee_id).is_some_and(|name| leading.contains(&name));
    candidates.retain(|c| c.band != Band::Low || c.score >= score::SHOWN_FROM || is_namesake(c));
    candidates.truncate(CANDIDATES_MAX);
    candidates
}

fn name_of(directory: &Directory, id: &EmployeeId) -> Option<String> {
    directory.get(id).map(|employee| crate::text::fold::dense(&employee.name))
}

fn is_by_full_name(found: &[Evidence], id: &EmployeeId) -> bool {
    found.iter().any(|e| e.employee == *id && matches!(e.name, NameEvidence::Full { .. }))
}
