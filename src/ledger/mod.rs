//! HR's tables: rows in, typed lines out, every error by file, row and column. No I/O: files arrive as bytes.

pub mod brand_marks;
mod cells;
pub mod companies;
pub mod definition;
pub mod diff;
pub mod disclosures;
pub mod employees;
pub mod exemptions;
pub mod export;
pub mod forbidden;
pub mod group_rosters;
pub mod groups;
mod header_words;
pub mod holidays;
pub mod lines;
pub mod lint;
pub mod managers;
pub mod mapping;
pub mod monthly_history;
pub mod number;
pub mod official_accounts;
pub mod problem;
pub mod protected_topics;
pub mod quiet_periods;
mod read;
pub mod sheet;
pub mod table;
pub mod template;
pub mod terms;
pub(crate) mod values;
mod workbook;

pub use crate::ledger::read::{Reading, read_all, read_files};
pub(crate) use crate::ledger::read::{from_lines, read_lines};

use std::sync::Arc;

use crate::model::calendar::SpecialDay;
use crate::model::company::{BrandMark, Company, Disclosure, QuietPeriod};
use crate::model::exemption::{Exemption, OfficialAccount};
use crate::model::fingerprint::Fingerprints;
use crate::model::group::{Group, RosterLine};
use crate::model::month::PastMonth;
use crate::model::person::{Employee, Manager, ProtectedTopic};
use crate::model::term::Term;

/// All ledgers as last read. The order of lines is the order of the files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ledgers {
    /// companies.csv
    pub companies: Vec<Company>,
    /// terms.csv
    pub terms: Vec<Term>,
    /// The sealed confidential list (confidential_terms.csv before it is sealed). Each has its `mask`.
    pub confidential_terms: Vec<Term>,
    /// employees.csv
    pub employees: Vec<Employee>,
    /// managers.csv
    pub managers: Vec<Manager>,
    /// exemptions.csv
    pub exemptions: Vec<Exemption>,
    /// official_accounts.csv
    pub official_accounts: Vec<OfficialAccount>,
    /// quiet_periods.csv
    pub quiet_periods: Vec<QuietPeriod>,
    /// disclosures.csv
    pub disclosures: Vec<Disclosure>,
    /// brand_marks.csv
    pub brand_marks: Vec<BrandMark>,
    /// protected_topics.csv
    pub protected_topics: Vec<ProtectedTopic>,
    /// groups.csv, without the external ones: what is said of groups is said of these.
    pub groups: Vec<Group>,
    /// groups.csv, groups that others built and in which our people take part; the owner is our contact.
    pub external_groups: Vec<Group>,
    /// group_rosters.csv
    pub group_rosters: Vec<RosterLine>,
    /// holidays.csv
    pub holidays: Vec<SpecialDay>,
    /// monthly_history.csv
    pub monthly_history: Vec<PastMonth>,
    /// The sealed fingerprints of protected documents.
    pub fingerprints: Arc<Fingerprints>,
}
