//! Everything a judgement needs beside the subject: ledgers, compiled once, and the policy's switches.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::detect::watch::Watch;
use crate::identify::directory::Directory;
use crate::ledger::Ledgers;
use crate::model::company::{Company, QuietPeriod};
use crate::model::ids::CompanyCode;
use crate::model::time::Timestamp;

/// Switches that the listed company's HR may turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whether a truthful employer field on a workplace platform alerts as well. Default: no.
    pub employer_field_alerts: bool,
}

/// Ledgers as of one day, ready for judging. Clones share what was compiled.
#[derive(Debug, Clone)]
pub struct World {
    /// The ledgers.
    pub ledgers: Arc<Ledgers>,
    /// The watchlist in force on the day.
    pub watch: Arc<Watch>,
    /// The staff directory.
    pub directory: Arc<Directory>,
    /// The group's time zone.
    pub zone: Tz,
    /// Switches.
    pub policy: Policy,
    /// The instant of the judgement, on the day for which the watchlist was compiled.
    pub at: Timestamp,
    /// Digest of everything by which is judged; empty where the ledgers do not come from a folder.
    pub digest: String,
}

impl World {
    /// Compiles the ledgers for an instant.
    pub fn of(ledgers: Ledgers, at: Timestamp, zone: Tz, policy: Policy) -> Self {
        let watch = Arc::new(Watch::compile(&ledgers, at.date(zone)));
        let directory = Arc::new(Directory::of(&ledgers.employees));
        Self { ledgers: Arc::new(ledgers), watch, directory, zone, policy, at, digest: String::new() }
    }

    /// The same world at another instant; none when that lies on another day, for which the ledgers must be compiled anew.
    pub fn moved_to(&self, at: Timestamp) -> Option<Self> {
        (at.date(self.zone) == self.day()).then(|| Self { at, ..self.clone() })
    }

    /// What of the ledgers depends on the day: another text means that yesterday's judgement may not stand today.
    pub fn calendar(&self) -> String {
        let day = self.day();
        let terms = self.ledgers.terms.iter().chain(&self.ledgers.confidential_terms);
        let terms = terms.map(|term| if term.is_in_force(day) { "1" } else { "0" }.to_owned());
        let exemptions = self.ledgers.exemptions.iter().map(|exemption| format!("{:?}", exemption.status_on(day)));
        let quiet = self.ledgers.quiet_periods.iter().map(|period| period.holds(day).to_string());
        terms.chain(exemptions).chain(quiet).collect::<Vec<_>>().join(" ")
    }

    /// The day of the judgement in the group's zone.
    pub fn day(&self) -> NaiveDate {
        self.at.date(self.zone)
    }

    /// The listed company: the one marked so, else the first.
    pub fn listed(&self) -> Option<&Company> {
        let companies = &self.ledgers.companies;
        companies.iter().find(|c| c.listed).or_else(|| companies.first())
    }

    /// Code of the listed company.
    pub fn listed_code(&self) -> Option<&CompanyCode> {
        self.listed().map(|c| &c.code)
    }

    /// The quiet period for results that holds at an instant for one of the companies; the listed company's holds for all.
    pub fn quiet_for_results(&self, instant: Timestamp, companies: &[CompanyCode]) -> Option<&QuietPeriod> {
        let day = instant.date(self.zone);
        let concerns = |p: &&QuietPeriod| companies.contains(&p.company) || Some(&p.company) == self.listed_code();
        self.ledgers.quiet_periods.iter().filter(concerns).find(|p| p.kind.contains("定期报告") && p.holds(day))
    }

    /// The quiet period for a matter of weight that holds at an instant.
    pub fn quiet_for_matters(&self, instant: Timestamp) -> Option<&QuietPeriod> {
        let day = instant.date(self.zone);
        self.ledgers.quiet_periods.iter().find(|p| !p.kind.contains("定期报告") && p.holds(day))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Policy, World};
    use crate::ledger::Ledgers;
    use crate::model::time::Timestamp;

    #[test]
    fn a_world_moves_within_its_day_and_shares_what_was_compiled() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let morning = at("2026-11-24T09:00:00+08:00");
        let world = World::of(Ledgers::default(), morning, chrono_tz::Asia::Shanghai, Policy::default());
        let evening = world.moved_to(at("2026-11-24T23:59:59+08:00")).unwrap();
        assert!(Arc::ptr_eq(&world.watch, &evening.watch) && evening.at > world.at);
        assert!(world.moved_to(at("2026-11-25T00:00:00+08:00")).is_none());
        assert!(world.moved_to(at("2026-11-23T23:59:59+08:00")).is_none());
    }
}
