//! The cases of one company in one month: counted, and what of it may be told.

use chrono_tz::Tz;

use crate::casework::calendar::Calendar;
use crate::model::case::Disposition;
use crate::model::month::PastMonth;
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::reports::facts::{CaseFigure, is_right};
use crate::reports::figure::{Figure, TOLD_MIN, over, parts, sum};

/// Severities, the gravest first, as reports list them.
pub const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: i64 = 86_400_000;
/// Working days within which a case is to be decided, by [`SEVERITIES`] (policy §4.5).
pub(super) const DECIDED_WITHIN: [i32; 4] = [1, 3, 10, 20];

/// Where and when days begin and which of them are worked.
#[derive(Debug, Clone, Copy)]
pub struct Days<'a> {
    /// Time zone.
    pub zone: Tz,
    /// Which days are worked.
    pub calendar: &'a Calendar,
}

/// What was counted in a month.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Whether anything was counted at all, by the program or by HR.
    pub is_known: bool,
    /// Cases opened.
    pub cases: u64,
    /// Of these, by [`SEVERITIES`]; none where only their number is known.
    pub severities: Option<[u64; 4]>,
    /// Cases decided to be right.
    pub confirmed: u64,
    /// Of these, rectified; none where it is not known.
    pub rectified: Option<u64>,
    /// Cases decided to be no matter.
    pub refuted: u64,
    /// Cases that were late: decided after their time, or still open when it was over.
    pub overdue: u64,
    /// Hours from the opening to the decision on working days, of each case; or the mean of an earlier month.
    pub hours: Hours,
}

/// How long decisions took.
#[derive(Debug, Clone, PartialEq)]
pub enum Hours {
    /// Of each case.
    Each(Vec<f64>),
    /// The mean of so many.
    Mean(f64, u64),
}

impl Default for Hours {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

/// What may be told of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// Cases opened.
    pub cases: Figure,
    /// Of these, by [`SEVERITIES`].
    pub severities: [Figure; 4],
    /// Cases decided to be right.
    pub confirmed: Figure,
    /// Of these, rectified.
    pub rectified: Figure,
    /// Cases decided to be no matter.
    pub refuted: Figure,
    /// Cases that were late.
    pub overdue: Figure,
}

impl Tally {
    /// A month in which the program counted, and nothing yet.
    pub(super) fn nothing() -> Self {
        Self { is_known: true, severities: Some([0; 4]), rectified: Some(0), ..Self::default() }
    }

    /// A month that HR counted before.
    pub fn past(month: &PastMonth) -> Self {
        Self {
            is_known: true,
            cases: month.cases,
            severities: None,
            confirmed: month.confirmed,
            rectified: None,
            refuted: month.refuted,
            overdue: month.overdue,
            hours: month.hours.map_or_else(Hours::default, |mean| Hours::Mean(mean, month.confirmed + month.refuted)),
        }
    }

    /// Several companies counted as one.
    fn merged(tallies: &[&Self]) -> Self {
        let mut whole = Self { is_known: !tallies.is_empty(), ..Self::default() };
        let each = tallies.iter().map(|tally| tally.severities).collect::<Option<Vec<[u64; 4]>>>();
        whole.severities = each.map(|each| std::array::from_fn(|at| each.iter().map(|counts| counts[at]).sum()));
        whole.rectified = tallies.iter().map(|tally| tally.rectified).sum();
        for tally in tallies {
            whole.cases += tally.cases;
            whole.confirmed += tally.confirmed;
            whole.refuted += tally.refuted;
            whole.overdue += tally.overdue;
        }
        whole
    }

    /// One more case was opened, with its place among [`SEVERITIES`].
    pub(super) fn opened(&mut self, severity: usize) {
        self.cases += 1;
        self.severities.get_or_insert_default()[severity] += 1;
    }

    /// One more case was decided, after so many working hours.
    pub(super) fn decided(&mut self, disposition: Disposition, took: impl FnOnce() -> f64) {
        match is_right(disposition) {
            Some(true) => self.confirmed += 1,
            Some(false) => self.refuted += 1,
            None => return,
        }
        *self.rectified.get_or_insert_default() += u64::from(disposition == Disposition::Rectified);
        if let Hours::Each(hours) = &mut self.hours {
            hours.push(took());
        }
    }

    /// What may be told of it.
    pub fn told(&self) -> Told {
        if !self.is_known {
            return Told::UNKNOWN;
        }
        let severities = self.severities.map(|counts| parts(self.cases, &counts, 0));
        let [confirmed, refuted] = self.outcomes();
        Told {
            cases: Figure::of(self.cases),
            severities: severities.map_or([Figure::Unknown; 4], |told| std::array::from_fn(|at| told[at])),
            rectified: self.rectified_of(confirmed),
            confirmed,
            refuted,
            overdue: Figure::of(self.overdue),
        }
    }

    /// Confirmed and refuted, so that neither follows from the other and the cases opened.
    fn outcomes(&self) -> [Figure; 2] {
        let decided = self.confirmed + self.refuted;
        let counts = [self.confirmed, self.refuted];
        let told = match self.cases.checked_sub(decided) {
            Some(rest) => parts(self.cases, &counts, rest),
            None => counts.map(Figure::of).to_vec(),
        };
        [told[0], told[1]]
    }

    fn rectified_of(&self, confirmed: Figure) -> Figure {
        let Some(rectified) = self.rectified else { return Figure::Unknown };
        match confirmed {
            Figure::Exact(total) => parts(total, &[rectified], total.saturating_sub(rectified))[0],
            Figure::Under => Figure::Under,
            _ => Figure::Withheld,
        }
    }
}

impl Told {
    /// Of a month about which nothing is known.
    pub const UNKNOWN: Self = Self {
        cases: Figure::Unknown,
        severities: [Figure::Unknown; 4],
        confirmed: Figure::Unknown,
        rectified: Figure::Unknown,
        refuted: Figure::Unknown,
        overdue: Figure::Unknown,
    };

    /// The companies of a group in one month. A total over them is told where neither a company's small count follows from it
    /// nor, with the other totals, a small total; else the sum of what is told.
    pub fn of_group(tallies: &[Tally]) -> Self {
        let known: Vec<&Tally> = tallies.iter().filter(|tally| tally.is_known).collect();
        let cells: Vec<Self> = known.iter().map(|tally| tally.told()).collect();
        let (sums, whole) = (Self::together(&cells), Tally::merged(&known).told());
        let total = |figure: fn(&Self) -> Figure, count: fn(&Tally) -> u64| {
            let companies: Vec<(Figure, u64)> =
                cells.iter().zip(&known).map(|(told, tally)| (figure(told), count(tally))).collect();
            over(&companies, figure(&whole))
        };
        let found = Self {
            cases: total(|t| t.cases, |t| t.cases),
            confirmed: total(|t| t.confirmed, |t| t.confirmed),
            refuted: total(|t| t.refuted, |t| t.refuted),
            overdue: total(|t| t.overdue, |t| t.overdue),
            ..sums
        };
        // What the whole withholds beside a total must not be told beside it after all.
        let is_told =
            |figure: fn(&Self) -> Figure| figure(&found).exact().is_some() && figure(&whole).exact().is_none();
        let severities = (0..SEVERITIES.len())
            .any(|at| sums.severities[at].exact().is_some() && whole.severities[at].exact().is_none());
        let is_open = is_told(|t| t.confirmed) || is_told(|t| t.refuted) || severities;
        Self {
            cases: if is_open { sums.cases } else { found.cases },
            confirmed: if is_told(|t| t.rectified) { sums.confirmed } else { found.confirmed },
            ..found
        }
    }

    /// Several companies or months together: the sums of what is told of each.
    pub fn together(told: &[Self]) -> Self {
        let of = |pick: fn(&Self) -> Figure| sum(told.iter().map(pick));
        Self {
            cases: of(|one| one.cases),
            severities: std::array::from_fn(|at| sum(told.iter().map(|one| one.severities[at]))),
            confirmed: of(|one| one.confirmed),
            rectified: of(|one| one.rectified),
            refuted: of(|one| one.refuted),
            overdue: of(|one| one.overdue),
        }
    }
}

/// Share of the confirmed among the decided, 0..=1, over those of which both are told.
pub fn precision(told: &[Told]) -> Option<f64> {
    let both = told.iter().filter_map(|one| one.confirmed.exact().zip(one.refuted.exact()));
    let (confirmed, decided) = both.fold((0, 0), |(yes, all), (right, wrong)| (yes + right, all + right + wrong));
    (decided > 0).then(|| confirmed as f64 / decided as f64)
}

/// The median of what decisions took, hours; of earlier months their mean. None where fewer than five were decided.
pub fn hours<'t>(tallies: impl Iterator<Item = &'t Tally>) -> Option<f64> {
    let (mut each, mut weighted, mut counted) = (Vec::new(), 0.0, 0);
    for tally in tallies {
        match &tally.hours {
            Hours::Each(hours) => each.extend_from_slice(hours),
            Hours::Mean(mean, count) => (weighted, counted) = (weighted + mean * *count as f64, counted + count),
        }
    }
    if !each.is_empty() {
        return median(each);
    }
    (counted >= TOLD_MIN).then(|| weighted / counted as f64)
}

fn median(mut hours: Vec<f64>) -> Option<f64> {
    if (hours.len() as u64) < TOLD_MIN {
        return None;
    }
    hours.sort_by(f64::total_cmp);
    let middle = hours.len() / 2;
    Some(if hours.len().is_multiple_of(2) { f64::midpoint(hours[middle - 1], hours[middle]) } else { hours[middle] })
}

/// Place of a case's severity among [`SEVERITIES`]; low where a person is to say.
pub(super) fn severity_of(case: &CaseFigure) -> usize {
    SEVERITIES.iter().position(|severity| Some(*severity) == case.severity).unwrap_or(SEVERITIES.len() - 1)
}

/// Hours between two instants without days that are not worked: a working day counts 24.
pub(super) fn working_hours(from: Timestamp, until: Timestamp, days: Days<'_>) -> f64 {
    let mut rest = until.ms_since(from).max(0);
    let mut day = from.date(days.zone);
    while day <= until.date(days.zone) {
        if !days.calendar.is_working_day(day) {
            let begins = Timestamp::start_of(day, days.zone).max(from);
            let ends = Timestamp::start_of(day + chrono::Days::new(1), days.zone).min(until);
            rest -= ends.ms_since(begins).clamp(0, DAY_MS);
        }
        day = day + chrono::Days::new(1);
    }
    rest.max(0) as f64 / HOUR_MS
}

#[cfg(test)]
mod tests {
    use super::{Days, Tally, Told, hours, precision, working_hours};
    use crate::casework::calendar::Calendar;
    use crate::model::case::{Disposition, Lane};
    use crate::model::month::{Month, PastMonth};
    use crate::model::term::Severity;
    use crate::model::time::Timestamp;
    use crate::reports::facts::CaseFigure;
    use crate::reports::figure::Figure;
    use crate::reports::tallies::Tallies;

    const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("{text}:00+08:00")).unwrap()
    }

    fn case(opened: &str, decided: Option<(Disposition, &str)>) -> CaseFigure {
        CaseFigure {
            lane: Lane::Manager("XH".into()),
            severity: Some(Severity::High),
            rules: Vec::new(),
            terms: Vec::new(),
            opened_at: at(opened),
            open_since: at(opened),
            decided: decided.map(|(disposition, when)| (disposition, at(when))),
            is_locked: false,
        }
    }

    fn tally(cases: &[CaseFigure], month: &str) -> Tally {
        let calendar = Calendar::default();
        let days = Days { zone: ZONE, calendar: &calendar };
        let month = Month::parse(month).unwrap();
        let tallies = Tallies::of(cases, (month, month), days, at("2026-11-30T18:00"));
        tallies.get(&Lane::Manager("XH".into()), month)
    }

    #[test]
    fn a_case_counts_in_the_month_of_its_opening_and_in_that_of_its_decision() {
        let cases = [case("2026-09-30T10:00", Some((Disposition::Rectified, "2026-10-08T10:00")))];
        let (september, october) = (tally(&cases, "2026-09"), tally(&cases, "2026-10"));
        assert_eq!((september.cases, september.confirmed), (1, 0));
        assert_eq!((october.cases, october.confirmed, october.rectified), (0, 1, Some(1)));
        assert_eq!((september.overdue, october.overdue), (0, 0), "three working days end on 10 October");
    }

    #[test]
    fn what_nobody_decided_in_time_is_late_in_the_month_in_which_its_time_was_over() {
        let open = [case("2026-10-29T10:00", None)];
        assert_eq!((tally(&open, "2026-10").overdue, tally(&open, "2026-11").overdue), (0, 1));
    }

    #[test]
    fn the_last_day_ends_with_the_office_and_what_an_objection_holds_up_is_not_late() {
        let decided =
            |hour: &str| case("2026-11-02T10:00", Some((Disposition::Rectified, &format!("2026-11-05T{hour}"))));
        let late = |case: CaseFigure| tally(&[case], "2026-11").overdue;
        assert_eq!((late(decided("18:00")), late(decided("18:01"))), (0, 1));
        let open = case("2026-11-02T10:00", None);
        assert_eq!((late(open.clone()), late(CaseFigure { is_locked: true, ..open })), (1, 0));
        assert_eq!(late(case("2026-11-02T19:00", Some((Disposition::Rectified, "2026-11-06T17:00")))), 0);
    }

    #[test]
    fn days_that_are_not_worked_take_no_time() {
        let calendar = Calendar::default();
        let hours =
            |from: &str, until: &str| working_hours(at(from), at(until), Days { zone: ZONE, calendar: &calendar });
        assert_eq!(hours("2026-11-20T17:00", "2026-11-23T10:00"), 17.0);
        assert_eq!(hours("2026-11-19T09:00", "2026-11-19T11:30"), 2.5);
        assert_eq!(hours("2026-11-21T09:00", "2026-11-22T11:30"), 0.0);
        assert_eq!(hours("2026-11-20T22:00", "2026-11-21T11:00"), 2.0);
        assert_eq!(hours("2026-11-20T22:00", "2026-11-20T21:00"), 0.0);
    }

    #[test]
    fn a_small_outcome_cannot_be_worked_out_from_the_cases_and_the_other_outcome() {
        let tally = Tally { is_known: true, cases: 12, confirmed: 9, refuted: 3, ..Tally::default() };
        let told = tally.told();
        assert_eq!((told.cases, told.confirmed, told.refuted), (Figure::Exact(12), Figure::Withheld, Figure::Under));
        assert_eq!(precision(&[told]), None);
    }

    #[test]
    fn a_group_s_total_is_told_unless_a_small_count_follows_from_it() {
        let company = |cases, confirmed, refuted| Tally {
            is_known: true,
            severities: Some([0, cases, 0, 0]),
            cases,
            confirmed,
            refuted,
            ..Tally::default()
        };
        let told =
            Told::of_group(&[company(9, 4, 1), company(4, 2, 1), company(2, 1, 0), company(2, 2, 1), Tally::default()]);
        assert_eq!(told.cases, Figure::Exact(17), "eight of three small companies");
        assert_eq!((told.confirmed, told.refuted), (Figure::Withheld, Figure::Withheld));
        let two = Told::of_group(&[company(9, 0, 0), company(4, 0, 0)]);
        assert_eq!(two.cases, Figure::AtLeast(9));
        assert_eq!(Told::of_group(&[Tally::default()]), Told::UNKNOWN);
    }

    #[test]
    fn months_from_before_are_counted_as_hr_wrote_them() {
        let past = PastMonth {
            month: Month::parse("2026-08").unwrap(),
            company: "XH".into(),
            cases: 17,
            confirmed: 8,
            refuted: 9,
            hours: Some(30.0),
            overdue: 3,
            groups_rectified: 2,
        };
        let tally = Tally::past(&past);
        let told = tally.told();
        assert_eq!((told.cases, told.confirmed, told.refuted), (Figure::Exact(17), Figure::Exact(8), Figure::Exact(9)));
        assert_eq!((told.overdue, told.rectified), (Figure::Under, Figure::Unknown));
        assert_eq!(precision(&[told, Told::UNKNOWN]).map(|share| (share * 100.0).round()), Some(47.0));
        assert_eq!(hours([&tally].into_iter()), Some(30.0));
    }

    #[test]
    fn a_median_over_fewer_than_five_is_not_told() {
        let decided =
            |n: usize| case("2026-11-02T10:00", Some((Disposition::Rectified, &format!("2026-11-03T1{n}:00"))));
        let cases: Vec<CaseFigure> = (0..5).map(decided).collect();
        assert_eq!(hours([&tally(&cases, "2026-11")].into_iter()), Some(26.0));
        assert_eq!(hours([&tally(&cases[..4], "2026-11")].into_iter()), None);
    }
}
