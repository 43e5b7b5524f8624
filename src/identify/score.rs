//! From evidence to a score and a band. Weights are the logarithms (base 2) of how much more often something shows on
//! an employee's own account than on another's (Fellegi and Sunter 1969, with the frequencies of values after Winkler
//! 1990): a name that fifty bear weighs less than one that nobody else has, a large department less than a small one.
//! The caps are a contract (policy §3.5): a name alone is never shown, name and company stay below 0.79, a part of a
//! name never passes 0.79, nothing is ever certain.

use crate::identify::directory::Directory;
use crate::identify::evidence::{CompanyFit, Evidence};
use crate::identify::naming::NameForm;
use crate::identify::reasons::reasons;
use crate::identify::tenure::TenureSign;
use crate::model::finding::{Band, Candidate};
use crate::model::person::Employee;

/// A name alone.
const NAME_ONLY_MAX: f64 = 0.34;
/// A name with other signs, but no company.
const NO_COMPANY_MAX: f64 = 0.40;
/// Full name and company, or anything with only a part of the name.
const MEDIUM_MAX: f64 = 0.79;
/// Whatever the evidence.
const SCORE_MAX: f64 = 0.95;
/// Bands: 较高 from, 中 from, 低 from.
const HIGH_FROM: f64 = 0.80;
const MEDIUM_FROM: f64 = 0.55;
/// Below this only namesakes of a better candidate are shown, beside it.
pub(crate) const SHOWN_FROM: f64 = 0.35;

/// A name as rare as it can be: as many people outside the group bear it as inside.
const NAME_BITS: f64 = -1.0;
/// Another letter or character, or a reading at the price of one.
const SLIP_BITS: f64 = 2.0;
/// One account in forty of people of that name says the company by chance.
const COMPANY_BITS: f64 = 5.3;
/// Customers and partners name the group more often than a company of it.
const GROUP_BITS: f64 = 4.3;
/// The company of another.
const OTHER_COMPANY_BITS: f64 = -4.0;
/// Shares of employees who say title, department and city where they say one at all.
const TITLE_SAID: f64 = 0.6;
const DEPARTMENT_SAID: f64 = 0.8;
const CITY_SAID: f64 = 0.9;
/// Agreement on what only a hundredth shares weighs no more than that: the directory is small and words are ambiguous.
const CHANCE_MIN: f64 = 0.01;
/// A whole title is copied, not met by chance.
const WHOLE_TITLE_BITS: f64 = 1.0;
/// Another department, another city: people move faster than directories.
const OTHER_DEPARTMENT_BITS: f64 = -4.0;
const OTHER_CITY_BITS: f64 = -3.5;
/// Who has left says so less often.
const LEFT_BITS: f64 = -0.5;
/// Shares of employees who say the year of their joining, and that they have left, rightly where they say it.
const JOINED_SAID: f64 = 0.8;
const LEFT_SAID: f64 = 0.7;
/// Another year of joining than the directory's: as much as another department.
const OTHER_JOINED_BITS: f64 = -4.0;
/// Who is said to have left is still there, or the other way round: bios grow old, and HR is late.
const OTHER_STANDING_BITS: f64 = -3.0;
/// A post that is older than the employment is by somebody else, unless HR knows a later contract only.
const POST_BEFORE_BITS: f64 = -6.0;
/// An account may have got its name later.
const ACCOUNT_BEFORE_BITS: f64 = -1.5;
/// Somebody who fits better by so many bits counts as a rival.
const RIVAL_BITS: f64 = 2.0;

/// A candidate and how it came to the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// As shown.
    pub candidate: Candidate,
    /// How likely the candidate is one of those whom everything visible fits, 0..=1, before the caps.
    pub likelihood: f64,
}

/// Candidates that the evidence makes, in its order, with their scores. Somebody who fits clearly better takes from the
/// others; people who fit alike have the same score, since nothing visible tells them apart.
pub(crate) fn scored(directory: &Directory, found: &[Evidence]) -> Vec<Scored> {
    let weighed = |evidence: &Evidence| {
        let employee = directory.get(&evidence.employee)?;
        Some((bits(evidence, employee), employee))
    };
    let weighed: Vec<(f64, &Employee, &Evidence)> =
        found.iter().filter_map(|e| weighed(e).map(|(bits, employee)| (bits, employee, e))).collect();
    let all_bits: Vec<f64> = weighed.iter().map(|(bits, ..)| *bits).collect();
    let rivals = Rivals::of(all_bits);
    weighed.into_iter().filter_map(|(bits, employee, e)| candidate(e, employee, rivals.share(bits))).collect()
}

/// The candidate, if it is worth showing at least beside a better one.
fn candidate(evidence: &Evidence, employee: &Employee, likelihood: f64) -> Option<Scored> {
    let score = score(evidence, employee, likelihood);
    let candidate = || Candidate {
        employee_id: employee.id.clone(),
        score: (score * 100.0).round() / 100.0,
        band: band(score),
        reasons: reasons(evidence, employee),
    };
    (score >= MEDIUM_FROM || evidence.has_strong_name()).then(|| Scored { candidate: candidate(), likelihood })
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

/// Odds of everybody to whom something points, best first, with the sums up to each.
struct Rivals {
    bits: Vec<f64>,
    sums: Vec<f64>,
}

impl Rivals {
    fn of(mut bits: Vec<f64>) -> Self {
        bits.sort_by(|a, b| b.total_cmp(a));
        let add = |sum: &mut f64, bits: &f64| {
            *sum += bits.exp2();
            Some(*sum)
        };
        let sums = bits.iter().scan(0.0, add).collect();
        Self { bits, sums }
    }

    /// Likelihood, 0..=1, against those who fit better and everybody outside the directory.
    fn share(&self, bits: f64) -> f64 {
        let better = self.bits.partition_point(|&other| other >= bits + RIVAL_BITS);
        let rivals = better.checked_sub(1).map_or(0.0, |last| self.sums[last]);
        bits.exp2() / (1.0 + rivals + bits.exp2())
    }
}

fn score(evidence: &Evidence, employee: &Employee, likelihood: f64) -> f64 {
    if evidence.known {
        let left = if employee.has_left { 0.03 } else { 0.0 };
        return (known(evidence) - left).clamp(0.0, SCORE_MAX);
    }
    likelihood.min(cap(evidence))
}

/// The account stands in a ledger under this number.
fn known(evidence: &Evidence) -> f64 {
    let supported = u8::from(evidence.company.fits()) + u8::from(evidence.name.is_some());
    0.90 + 0.02 * f64::from(supported)
}

fn cap(evidence: &Evidence) -> f64 {
    match (evidence.has_strong_name(), evidence.company.fits(), evidence.further()) {
        (true, true, 1..) => SCORE_MAX,
        (true, true, 0) | (false, true, 1..) => MEDIUM_MAX,
        (true, false, 1..) => NO_COMPANY_MAX,
        (_, _, _) => NAME_ONLY_MAX,
    }
}

fn bits(evidence: &Evidence, employee: &Employee) -> f64 {
    let company = match evidence.company {
        CompanyFit::Own => COMPANY_BITS,
        CompanyFit::Group => GROUP_BITS,
        CompanyFit::Other => OTHER_COMPANY_BITS,
        CompanyFit::Unnamed => 0.0,
    };
    let said = [
        (evidence.title.is_some(), agreement(TITLE_SAID, evidence.chance.title)),
        (evidence.whole_title, WHOLE_TITLE_BITS),
        (evidence.department.is_some(), agreement(DEPARTMENT_SAID, evidence.chance.department)),
        (evidence.city, agreement(CITY_SAID, evidence.chance.city)),
        (evidence.other_department, OTHER_DEPARTMENT_BITS),
        (evidence.other_city, OTHER_CITY_BITS),
        (employee.has_left, LEFT_BITS),
    ];
    let tenure: f64 = evidence.tenure.iter().map(|sign| tenure_bits(*sign, evidence)).sum();
    name_bits(evidence)
        + company
        + tenure
        + said.into_iter().filter_map(|(holds, bits)| holds.then_some(bits)).sum::<f64>()
}

fn tenure_bits(sign: TenureSign, evidence: &Evidence) -> f64 {
    match sign {
        TenureSign::JoinedThen(_) => agreement(JOINED_SAID, evidence.chance.joined),
        TenureSign::LeftAsSaid => agreement(LEFT_SAID, evidence.chance.left),
        TenureSign::JoinedOtherwise(_) => OTHER_JOINED_BITS,
        TenureSign::SaidToHaveLeft | TenureSign::SaidToStay(_) => OTHER_STANDING_BITS,
        TenureSign::PostBeforeJoining(_) => POST_BEFORE_BITS,
        TenureSign::AccountBeforeJoining(_) => ACCOUNT_BEFORE_BITS,
    }
}

/// Weight of an agreement that an employee shows in `said` of the cases and chance in `chance` of them; never against.
fn agreement(said: f64, chance: f64) -> f64 {
    (said / chance.max(CHANCE_MIN)).log2().max(0.0)
}

fn name_bits(evidence: &Evidence) -> f64 {
    let Some(name) = &evidence.name else { return 0.0 };
    let form = match name.form {
        NameForm::Full | NameForm::EnglishWithSurname => 0.0,
        NameForm::Spelled => -1.0,
        NameForm::SpelledUncommonly => -5.0,
        // A given name may be a part of anything, one that runs on into other words the more.
        NameForm::Given => -4.0,
        NameForm::GivenRunningOn => -7.0,
        // Slips are rarer than people whose name is nearly the same; what is covered leaves the more names open.
        NameForm::Misspelt | NameForm::SameSound => -4.0,
        NameForm::Covered => -5.0,
        NameForm::SharedGiven | NameForm::Initials | NameForm::English | NameForm::Address => 0.0,
    };
    NAME_BITS + form - SLIP_BITS * name.slips - (name.bearers.max(1) as f64).log2()
}

#[cfg(test)]
mod tests {
    use super::{Rivals, agreement};

    #[test]
    fn people_who_fit_alike_have_the_same_score_and_a_better_one_takes_from_the_others() {
        let rivals = Rivals::of(vec![5.0, 5.0, 1.0]);
        assert!((rivals.share(5.0) - 32.0 / 33.0).abs() < 1e-9);
        assert!((rivals.share(1.0) - 2.0 / 67.0).abs() < 1e-9);
    }

    #[test]
    fn agreement_weighs_by_its_rarity_and_never_against() {
        assert!(agreement(0.8, 0.1) > agreement(0.8, 0.4));
        assert_eq!(agreement(0.8, 0.9), 0.0);
        assert_eq!(agreement(0.8, 0.0), agreement(0.8, 0.01));
    }
}
