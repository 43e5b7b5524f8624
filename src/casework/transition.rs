//! How a case moves: `Open → AwaitingConfirmation → Closed`, and back when something is found again; an objection locks it
//! until it is answered. Pure.

use crate::model::case::{CaseState, Disposition};
use crate::model::time::Timestamp;

/// The state of the case does not allow the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// A decision was made before; reopen the case to make another.
    #[error("the case is closed: reopen it first")]
    Closed,
    /// Only a closed case can be opened again.
    #[error("the case is not closed")]
    NotClosed,
    /// An objection waits for its answer.
    #[error("an objection waits for its answer: answer it first")]
    Locked,
    /// No objection waits.
    #[error("the case is not locked")]
    NotLocked,
}

/// Whether a judgement brings something that the case did not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// At least one finding is new.
    New,
    /// Every finding was known.
    Known,
}

impl CaseState {
    /// Decides the case. `by` is an employee number, or `cli:` with a login name. Protected speech is erased at once whatever
    /// waits: an objection must not keep what nobody may have.
    pub fn close(self, disposition: Disposition, by: &str, at: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Closed { .. } => Err(TransitionError::Closed),
            Self::Locked { .. } if disposition != Disposition::ProtectedSpeech => Err(TransitionError::Locked),
            Self::Open | Self::AwaitingConfirmation { .. } | Self::Locked { .. } => {
                Ok(Self::Closed { disposition, by: by.to_owned(), at })
            }
        }
    }

    /// Somebody objects: until that is answered nobody decides. A second objection changes nothing; what is decided stays.
    pub fn lock(self, at: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Open | Self::AwaitingConfirmation { .. } => Ok(Self::Locked { since: at }),
            locked @ Self::Locked { .. } => Ok(locked),
            Self::Closed { .. } => Err(TransitionError::Closed),
        }
    }

    /// The objection is answered.
    pub fn unlock(self) -> Result<Self, TransitionError> {
        match self {
            Self::Locked { .. } => Ok(Self::Open),
            Self::Open | Self::AwaitingConfirmation { .. } | Self::Closed { .. } => Err(TransitionError::NotLocked),
        }
    }

    /// Takes a decision back.
    pub fn reopen(self) -> Result<Self, TransitionError> {
        match self {
            Self::Closed { .. } => Ok(Self::Open),
            Self::Open | Self::AwaitingConfirmation { .. } => Err(TransitionError::NotClosed),
            Self::Locked { .. } => Err(TransitionError::Locked),
        }
    }

    /// The re-check found the marks gone; the manager is to confirm. The first such sight is kept.
    pub fn rechecked(self, at: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Open => Ok(Self::AwaitingConfirmation { rechecked_at: at }),
            waiting @ Self::AwaitingConfirmation { .. } => Ok(waiting),
            Self::Closed { .. } => Err(TransitionError::Closed),
            Self::Locked { .. } => Err(TransitionError::Locked),
        }
    }

    /// The subject was found again. A case that waited for confirmation is open again; a closed one only when the
    /// decision no longer covers what is seen.
    #[must_use]
    pub fn found_again(self, news: News) -> Self {
        match self {
            Self::Open | Self::AwaitingConfirmation { .. } => Self::Open,
            Self::Closed { disposition, .. } if reopens(disposition, news) => Self::Open,
            as_before @ (Self::Closed { .. } | Self::Locked { .. }) => as_before,
        }
    }
}

/// A rectified account that shows the marks again was not rectified. Decisions about single findings cover those
/// findings; decisions about the account itself, or that moved it elsewhere, cover what comes later too.
pub const fn reopens(disposition: Disposition, news: News) -> bool {
    match disposition {
        Disposition::Rectified => true,
        Disposition::FalseAlarm
        | Disposition::SameName
        | Disposition::Exempted
        | Disposition::Published
        | Disposition::Unreviewed => matches!(news, News::New),
        Disposition::Official
        | Disposition::NotEmployee
        | Disposition::ToLegal
        | Disposition::CaseFiled
        | Disposition::ProtectedSpeech => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{News, TransitionError};
    use crate::model::case::{CaseState, Disposition};
    use crate::model::time::Timestamp;

    const NOON: Timestamp = Timestamp::from_ms(1_764_000_000_000);
    const ALL: [Disposition; 11] = [
        Disposition::Rectified,
        Disposition::FalseAlarm,
        Disposition::SameName,
        Disposition::Exempted,
        Disposition::Official,
        Disposition::Published,
        Disposition::NotEmployee,
        Disposition::ToLegal,
        Disposition::CaseFiled,
        Disposition::ProtectedSpeech,
        Disposition::Unreviewed,
    ];

    fn waiting() -> CaseState {
        CaseState::AwaitingConfirmation { rechecked_at: NOON }
    }

    fn closed(disposition: Disposition) -> CaseState {
        CaseState::Closed { disposition, by: "E1".into(), at: NOON }
    }

    fn locked() -> CaseState {
        CaseState::Locked { since: NOON }
    }

    fn every_state() -> Vec<CaseState> {
        [CaseState::Open, waiting(), locked()].into_iter().chain(ALL.map(closed)).collect()
    }

    #[test]
    fn whatever_is_not_closed_can_be_closed_once_and_while_locked_as_protected_speech_alone() {
        for state in every_state() {
            for disposition in ALL {
                let result = state.clone().close(disposition, "E1", NOON);
                match state {
                    CaseState::Closed { .. } => assert_eq!(result, Err(TransitionError::Closed)),
                    CaseState::Locked { .. } if disposition != Disposition::ProtectedSpeech => {
                        assert_eq!(result, Err(TransitionError::Locked));
                    }
                    _ => assert_eq!(result, Ok(closed(disposition))),
                }
            }
        }
    }

    #[test]
    fn only_a_closed_case_reopens() {
        for state in every_state() {
            let expected = match state {
                CaseState::Closed { .. } => Ok(CaseState::Open),
                CaseState::Locked { .. } => Err(TransitionError::Locked),
                _ => Err(TransitionError::NotClosed),
            };
            assert_eq!(state.reopen(), expected);
        }
    }

    #[test]
    fn a_clean_recheck_waits_for_the_manager_and_keeps_its_first_instant() {
        let later = NOON.plus_days(1);
        assert_eq!(CaseState::Open.rechecked(NOON), Ok(waiting()));
        assert_eq!(waiting().rechecked(later), Ok(waiting()));
        for disposition in ALL {
            assert_eq!(closed(disposition).rechecked(later), Err(TransitionError::Closed));
        }
    }

    #[test]
    fn an_objection_locks_what_is_undecided_until_it_is_answered() {
        for state in every_state() {
            let expected = match state {
                CaseState::Closed { .. } => Err(TransitionError::Closed),
                _ => Ok(locked()),
            };
            assert_eq!(state.clone().lock(NOON), expected);
            let is_locked = state == locked();
            assert_eq!(state.unlock(), if is_locked { Ok(CaseState::Open) } else { Err(TransitionError::NotLocked) });
        }
        assert_eq!(locked().rechecked(NOON), Err(TransitionError::Locked));
        assert_eq!(locked().found_again(News::New), locked(), "it is filed, and nobody is asked");
    }

    #[test]
    fn found_again_opens_whatever_waited() {
        for news in [News::New, News::Known] {
            assert_eq!(CaseState::Open.found_again(news), CaseState::Open);
            assert_eq!(waiting().found_again(news), CaseState::Open);
        }
    }

    #[test]
    fn a_decision_covers_what_it_was_about() {
        use Disposition::{Exempted, FalseAlarm, Published, Rectified, SameName, Unreviewed};
        for disposition in ALL {
            let after_known = closed(disposition).found_again(News::Known);
            let after_new = closed(disposition).found_again(News::New);
            assert_eq!(after_known == CaseState::Open, disposition == Rectified, "{disposition:?} and nothing new");
            let opens = [Rectified, FalseAlarm, SameName, Exempted, Published, Unreviewed].contains(&disposition);
            assert_eq!(after_new == CaseState::Open, opens, "{disposition:?} and a new finding");
        }
    }
}
