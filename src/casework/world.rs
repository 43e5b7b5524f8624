//! Everything a judgement needs beside the subject: ledgers, compiled once, and the policy's switches.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::casework::calendar::Calendar;
use crate::casework::calibration::Lowered;
use crate::detect::context::is_mark;
use crate::detect::disclosure::Publications;
use crate::detect::fingerprint::index::PassageIndex;
use crate::detect::leak::masked;
use crate::detect::watch::Watch;
use crate::identify::directory::Directory;
use crate::ledger::Ledgers;
use crate::model::company::{Company, QuietPeriod};
use crate::model::ids::CompanyCode;
use crate::model::term::{Term, TermKind, TermStatus};
use crate::model::time::Timestamp;
use crate::model::unlinking::Unlinkings;
use crate::text::fold::dense;
use crate::text::pinyin::spellings;
use logo_search::LogoIndex;

/// Switches that the listed company's HR may turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whether a truthful employer field on a workplace platform alerts as well. Default: no.
    pub employer_field_alerts: bool,
    /// Whether outsourced and dispatched staff (外包, 劳务派遣) count as the company's own people in its work groups.
    /// Default: yes.
    pub count_outsourced_as_member: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { employer_field_alerts: false, count_outsourced_as_member: true }
    }
}

/// Ledgers as of one day, ready for judging. Clones share what was compiled.
#[derive(Debug, Clone)]
pub struct World {
    /// The ledgers.
    pub ledgers: Arc<Ledgers>,
    /// The watchlist in force on the day.
    pub watch: Arc<Watch>,
    /// The terms on trial: what they would find is counted, and nobody is told.
    pub trial: Arc<Watch>,
    /// The staff directory.
    pub directory: Arc<Directory>,
    /// Fingerprints of protected documents.
    pub passages: Arc<PassageIndex>,
    /// Registered marks as drawings, where their images are at hand: number of the mark in the ledger.
    pub logos: Arc<LogoIndex>,
    /// Which days are worked.
    pub working_days: Arc<Calendar>,
    /// What the companies have published.
    pub publications: Arc<Publications>,
    /// Accounts of which it is known whose they are not.
    pub unlinkings: Arc<Unlinkings>,
    /// Whether the highest band is shown as the next, and by which figures.
    pub lowered: Option<Lowered>,
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
        let trial = Arc::new(Watch::on_trial(&ledgers, at.date(zone)));
        let directory = Arc::new(Directory::of(&ledgers.employees));
        let passages = Arc::new(PassageIndex::of(Arc::clone(&ledgers.fingerprints), &ledgers.disclosures));
        let publications = Arc::new(Publications::of(&ledgers.disclosures));
        let working_days = Arc::new(Calendar::of(&ledgers.holidays));
        Self {
            ledgers: Arc::new(ledgers),
            watch,
            trial,
            directory,
            passages,
            logos: Arc::default(),
            working_days,
            publications,
            unlinkings: Arc::default(),
            lowered: None,
            zone,
            policy,
            at,
            digest: String::new(),
        }
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

    /// Marks in force that may be asked for on sites, because they neither are confidential nor hold what is.
    pub fn outbound_terms(&self) -> impl Iterator<Item = &Term> {
        let is_outbound = |t: &&Term| {
            t.outbound
                && t.mask.is_none()
                && is_mark(t.kind)
                && t.status == TermStatus::Active
                && t.is_in_force(self.day())
                && !self.is_secret(&t.text)
        };
        self.ledgers.terms.iter().filter(is_outbound)
    }

    /// Whether a text holds a confidential expression that not everybody may see, in whatever context, also in pinyin: it
    /// leaves the system in no question.
    pub fn is_secret(&self, text: &str) -> bool {
        let folded = dense(text);
        let is_hidden = |term: &&Term| term.kind == TermKind::Confidential && !term.is_open_to_all();
        let secrets = self.ledgers.terms.iter().chain(&self.ledgers.confidential_terms).filter(is_hidden);
        let mut writings = secrets.flat_map(|term| std::iter::once(&term.text).chain(&term.aliases));
        writings.any(|writing| holds(&folded, &dense(writing))) || masked(&self.watch, text) != text
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

/// Whether a folded text holds a folded expression or its pinyin by any reading; two short syllables stand in too many words.
fn holds(text: &str, expression: &str) -> bool {
    const PINYIN_LETTERS_MIN: usize = 6;
    let is_spelled = |pinyin: &String| pinyin.len() >= PINYIN_LETTERS_MIN && text.contains(pinyin.as_str());
    !expression.is_empty() && (text.contains(expression) || spellings(expression).iter().any(is_spelled))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Policy, World};
    use crate::ledger::Ledgers;
    use crate::model::term::{Term, TermKind};
    use crate::model::time::Timestamp;

    fn world(terms: Vec<Term>) -> World {
        let at = Timestamp::parse("2026-11-24T09:00:00+08:00").unwrap();
        let ledgers = Ledgers { terms, ..Ledgers::default() };
        World::of(ledgers, at, chrono_tz::Asia::Shanghai, Policy::default())
    }

    #[test]
    fn a_confidential_expression_is_secret_in_any_writing_and_context_and_its_holder_is_never_asked_for() {
        let mark = |text: &str| Term { outbound: true, ..Term::of(text, TermKind::Trademark) };
        let need = vec!["并购".to_owned()];
        let secret = Term {
            need,
            aliases: vec!["77 Kx".to_owned()],
            visibility: "董办".to_owned(),
            ..Term::of("苍鹰", TermKind::Confidential)
        };
        let world = world(vec![mark("星河"), mark("星河苍鹰"), secret]);
        for text in ["苍鹰", "苍 鹰_official", "CangYing_hr", "xh-77kx"] {
            assert!(world.is_secret(text), "{text}");
        }
        assert!(!world.is_secret("星河官方"));
        assert_eq!(world.outbound_terms().map(|term| term.text.as_str()).collect::<Vec<_>>(), ["星河"]);
    }

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
