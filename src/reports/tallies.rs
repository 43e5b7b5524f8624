//! The cases of every company in every month of a series, counted in one look at each case: reports ask for the same months again
//! and again.

use std::collections::HashMap;

use crate::casework::told::office_end_after;
use crate::model::case::Lane;
use crate::model::month::Month;
use crate::model::time::Timestamp;
use crate::reports::facts::CaseFigure;
use crate::reports::tally::{DECIDED_WITHIN, Days, Tally, severity_of, working_hours};

/// Within so long the date and the hour of every clock of the world stay the same, milliseconds.
const SAME_HOUR_MS: i64 = 15 * 60_000;

/// What was counted, by who works on it and month.
#[derive(Debug)]
pub struct Tallies {
    first: Month,
    /// When each month begins, and when the last one ends.
    begins: Vec<Timestamp>,
    by_lane: HashMap<Lane, Vec<Tally>>,
}

impl Tallies {
    /// Counts the cases of all months from the first to the last; `now` says which of the open ones are late.
    pub fn of(cases: &[CaseFigure], (first, last): (Month, Month), days: Days<'_>, now: Timestamp) -> Self {
        let months = std::iter::successors(Some(first), |month| Some(month.plus(1))).take_while(|month| *month <= last);
        let begins = months.chain([last.plus(1)]).map(|month| month.start(days.zone)).collect();
        let mut tallies = Self { first, begins, by_lane: HashMap::new() };
        let mut dues = Dues { days, known: HashMap::new() };
        cases.iter().for_each(|case| tallies.add(case, &mut dues, now));
        tallies
    }

    /// What was counted of a lane in a month; nothing outside the series.
    pub fn get(&self, lane: &Lane, month: Month) -> Tally {
        let at = (0..self.begins.len() - 1).find(|at| self.first.plus(*at as i32) == month);
        let counted = at.and_then(|at| self.by_lane.get(lane)?.get(at));
        counted.cloned().unwrap_or_else(Tally::nothing)
    }

    fn add(&mut self, case: &CaseFigure, dues: &mut Dues<'_>, now: Timestamp) {
        let opened = self.place(case.opened_at);
        let due = dues.of(case);
        let is_late = case.decided.map_or(now, |(_, at)| at) > due && !case.is_locked;
        let late = is_late.then(|| self.place(due)).flatten();
        let decided = case.decided.and_then(|(disposition, at)| Some((self.place(at)?, disposition, at)));
        let tallies = self.of_lane(&case.lane);
        if let Some(month) = opened {
            tallies[month].opened(severity_of(case));
        }
        if let Some(month) = late {
            tallies[month].overdue += 1;
        }
        if let Some((month, disposition, at)) = decided {
            tallies[month].decided(disposition, || working_hours(case.open_since, at, dues.days));
        }
    }

    fn of_lane(&mut self, lane: &Lane) -> &mut Vec<Tally> {
        let months = self.begins.len() - 1;
        if !self.by_lane.contains_key(lane) {
            self.by_lane.insert(lane.clone(), vec![Tally::nothing(); months]);
        }
        self.by_lane.get_mut(lane).expect("it was put there")
    }

    /// Which month of the series an instant is in.
    fn place(&self, at: Timestamp) -> Option<usize> {
        let begun = self.begins.partition_point(|begins| *begins <= at);
        (1..self.begins.len()).contains(&begun).then(|| begun - 1)
    }
}

/// Until when cases are decided in time: by the day and hour of their opening, which many share. Reminders count alike.
struct Dues<'a> {
    days: Days<'a>,
    known: HashMap<(i64, usize), Timestamp>,
}

impl Dues<'_> {
    fn of(&mut self, case: &CaseFigure) -> Timestamp {
        let (days, severity) = (self.days, severity_of(case));
        let due = || office_end_after(days.zone, days.calendar, case.open_since, DECIDED_WITHIN[severity]);
        *self.known.entry((case.open_since.ms().div_euclid(SAME_HOUR_MS), severity)).or_insert_with(due)
    }
}
