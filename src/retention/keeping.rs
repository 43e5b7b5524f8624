//! How a subject stands, and until when it is kept for that.

use crate::model::case::{CaseState, Disposition};
use crate::model::time::Timestamp;
use crate::retention::RetentionRule;

/// Where a case stands, as far as retention asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has decided yet.
    Open,
    /// The re-check found the marks gone; nobody has confirmed it yet.
    AwaitingConfirmation,
    /// An objection waits for its answer.
    Locked,
    /// Decided.
    Closed(Disposition),
}

/// A case in which a subject stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseStanding {
    /// Where it stands.
    pub stage: Stage,
    /// Its last change; of a closed case, the decision.
    pub changed_at: Timestamp,
    /// Whether somebody asked that it be kept for a dispute.
    pub is_held: bool,
}

/// How a subject stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Whether it is a work group, which the register shows every day as long as something is amiss.
    pub is_group: bool,
    /// Its cases.
    pub cases: Vec<CaseStanding>,
}

/// Until when a subject is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Until somebody takes back the legal hold on one of its cases, or answers the objection that locks one.
    Held,
    /// Until an instant, by a rule.
    Until(Timestamp, RetentionRule),
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 14] = [
        Self::Open,
        Self::AwaitingConfirmation,
        Self::Locked,
        Self::Closed(Disposition::Rectified),
        Self::Closed(Disposition::FalseAlarm),
        Self::Closed(Disposition::SameName),
        Self::Closed(Disposition::Exempted),
        Self::Closed(Disposition::Official),
        Self::Closed(Disposition::Published),
        Self::Closed(Disposition::NotEmployee),
        Self::Closed(Disposition::ToLegal),
        Self::Closed(Disposition::CaseFiled),
        Self::Closed(Disposition::ProtectedSpeech),
        Self::Closed(Disposition::Unreviewed),
    ];

    /// The stage of a case.
    pub const fn of(state: &CaseState) -> Self {
        match state {
            CaseState::Open => Self::Open,
            CaseState::AwaitingConfirmation { .. } => Self::AwaitingConfirmation,
            CaseState::Locked { .. } => Self::Locked,
            CaseState::Closed { disposition, .. } => Self::Closed(*disposition),
        }
    }

    /// Whether nobody may stay named in a case of this stage: whoever was thought of has nothing to do with it.
    pub const fn names_nobody(self) -> bool {
        matches!(self, Self::Closed(Disposition::FalseAlarm | Disposition::SameName))
    }

    /// The rule for cases of this stage.
    pub const fn rule(self) -> RetentionRule {
        use Disposition as D;
        match self {
            Self::Open | Self::Locked | Self::Closed(D::Unreviewed) => RetentionRule::Unreviewed,
            Self::AwaitingConfirmation | Self::Closed(D::Rectified) => RetentionRule::PutRight,
            Self::Closed(D::FalseAlarm | D::SameName | D::Exempted | D::Official | D::Published) => {
                RetentionRule::FoundWrong
            }
            Self::Closed(D::NotEmployee | D::ToLegal) => RetentionRule::Outsider,
            Self::Closed(D::CaseFiled) => RetentionRule::Filed,
            Self::Closed(D::ProtectedSpeech) => RetentionRule::Protected,
        }
    }
}

impl Standing {
    /// Until when the subject is kept. Of several cases the longest counts, except that a legal hold goes before
    /// everything, protected speech before everything else, and an objection before the rest: it is heard to its end.
    pub fn keeping(&self) -> Keeping {
        if self.cases.iter().any(|case| case.is_held) {
            return Keeping::Held;
        }
        let terms = self.cases.iter().map(|case| self.term(case));
        let protected = terms.clone().find(|(_, rule)| *rule == RetentionRule::Protected);
        if protected.is_none() && self.cases.iter().any(|case| case.stage == Stage::Locked) {
            return Keeping::Held;
        }
        let alone = (after(self.last_seen, RetentionRule::NoCase), RetentionRule::NoCase);
        let (until, rule) = protected.or_else(|| terms.max_by_key(|(until, _)| *until)).unwrap_or(alone);
        Keeping::Until(until, rule)
    }

    fn term(&self, case: &CaseStanding) -> (Timestamp, RetentionRule) {
        let rule = case.stage.rule();
        // Of an account of somebody else the last sight stands for the day on which it was taken down; a group that is still
        // amiss is no new case after ninety days.
        let is_seen_on = rule == RetentionRule::Outsider || (self.is_group && case.stage == Stage::Open);
        let from = if is_seen_on { case.changed_at.max(self.last_seen) } else { case.changed_at };
        (after(from, rule), rule)
    }
}

impl Keeping {
    /// The rule whose time is over at an instant; none while the subject is kept.
    pub fn over_at(self, now: Timestamp) -> Option<RetentionRule> {
        match self {
            Self::Until(until, rule) if until <= now => Some(rule),
            Self::Until(..) | Self::Held => None,
        }
    }
}

const fn after(from: Timestamp, rule: RetentionRule) -> Timestamp {
    from.plus_ms(rule.length_ms())
}

#[cfg(test)]
mod tests {
    use super::{CaseStanding, Keeping, Stage, Standing};
    use crate::model::case::Disposition;
    use crate::model::time::Timestamp;
    use crate::retention::RetentionRule;

    const DAY: Timestamp = Timestamp::from_ms(1_764_000_000_000);

    fn case(stage: Stage) -> CaseStanding {
        CaseStanding { stage, changed_at: DAY, is_held: false }
    }

    fn standing(cases: &[CaseStanding]) -> Standing {
        Standing { last_seen: DAY, is_group: false, cases: cases.to_vec() }
    }

    fn of(stage: Stage) -> Keeping {
        standing(&[case(stage)]).keeping()
    }

    fn days(days: i64, rule: RetentionRule) -> Keeping {
        Keeping::Until(DAY.plus_days(days), rule)
    }

    #[test]
    fn every_stage_is_kept_as_long_as_the_policy_says() {
        use Disposition as D;
        use RetentionRule as R;
        let closed = |disposition| of(Stage::Closed(disposition));
        assert_eq!(of(Stage::Open), days(90, R::Unreviewed));
        assert_eq!(of(Stage::Locked), Keeping::Held, "an objection is heard to its end");
        assert_eq!(of(Stage::AwaitingConfirmation), days(180, R::PutRight));
        assert_eq!(closed(D::Rectified), days(180, R::PutRight));
        for wrong in [D::FalseAlarm, D::SameName, D::Exempted, D::Official, D::Published] {
            assert_eq!(closed(wrong), days(30, R::FoundWrong), "{wrong:?}");
        }
        assert_eq!(closed(D::NotEmployee), days(365, R::Outsider));
        assert_eq!(closed(D::ToLegal), days(365, R::Outsider));
        assert_eq!(closed(D::CaseFiled), days(365, R::Filed));
        assert_eq!(closed(D::ProtectedSpeech), days(0, R::Protected));
        assert_eq!(closed(D::Unreviewed), days(90, R::Unreviewed));
        assert_eq!(standing(&[]).keeping(), days(90, R::NoCase));
    }

    #[test]
    fn a_time_is_over_at_its_last_instant_and_not_before() {
        let until = DAY.plus_days(90);
        assert_eq!(of(Stage::Open).over_at(until.plus_ms(-1)), None);
        assert_eq!(of(Stage::Open).over_at(until), Some(RetentionRule::Unreviewed));
    }

    #[test]
    fn an_outsider_is_kept_for_a_year_after_the_last_sight() {
        let outsider = case(Stage::Closed(Disposition::ToLegal));
        let seen_later = Standing { last_seen: DAY.plus_days(10), ..standing(&[outsider]) };
        let seen_before = Standing { last_seen: DAY.plus_days(-10), ..standing(&[outsider]) };
        assert_eq!(seen_later.keeping(), days(375, RetentionRule::Outsider));
        assert_eq!(seen_before.keeping(), days(365, RetentionRule::Outsider));
    }

    #[test]
    fn a_last_sight_does_not_prolong_what_was_decided() {
        let seen_later =
            Standing { last_seen: DAY.plus_days(10), ..standing(&[case(Stage::Closed(Disposition::SameName))]) };
        assert_eq!(seen_later.keeping(), days(30, RetentionRule::FoundWrong));
    }

    #[test]
    fn a_group_that_is_amiss_day_after_day_stays_the_same_case() {
        let seen_later = Standing { last_seen: DAY.plus_days(80), ..standing(&[case(Stage::Open)]) };
        assert_eq!(seen_later.keeping(), days(90, RetentionRule::Unreviewed));
        let group = Standing { is_group: true, ..seen_later };
        assert_eq!(group.keeping(), days(170, RetentionRule::Unreviewed));
    }

    #[test]
    fn of_two_cases_the_longer_one_keeps_the_subject() {
        let both = standing(&[case(Stage::Closed(Disposition::FalseAlarm)), case(Stage::Open)]);
        assert_eq!(both.keeping(), days(90, RetentionRule::Unreviewed));
    }

    #[test]
    fn protected_speech_is_not_kept_for_another_case() {
        let both =
            standing(&[case(Stage::Closed(Disposition::CaseFiled)), case(Stage::Closed(Disposition::ProtectedSpeech))]);
        assert_eq!(both.keeping(), days(0, RetentionRule::Protected));
    }

    #[test]
    fn a_legal_hold_keeps_everything_of_the_subject() {
        for stage in Stage::ALL {
            let held = CaseStanding { is_held: true, ..case(Stage::Open) };
            let keeping = standing(&[case(stage), held]).keeping();
            assert_eq!((keeping, keeping.over_at(DAY.plus_days(9_999))), (Keeping::Held, None));
        }
    }
}
