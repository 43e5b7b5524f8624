//! How often people confirmed what a band promised: of the cases that were decided, by the band of the best candidate at that
//! moment. Counts under five are not told, since they point at single people, nor what would tell them by subtraction.

use serde::Serialize;

use crate::model::case::Disposition;
use crate::model::finding::{Band, Reason};
use crate::model::time::Timestamp;

/// Smallest count that is told.
pub const TOLD_MIN: u64 = 5;
/// Cases of the highest band after which its share is held against its promise (policy §3.5).
pub const CASES_ENOUGH: u64 = 50;
/// Share that the highest band promises.
pub const HIGH_PROMISE: f64 = 0.8;

/// Whether a decision says that the account is one of our people's: yes, no, or nothing about it.
pub const fn confirms(disposition: Disposition) -> Option<bool> {
    match disposition {
        Disposition::Rectified | Disposition::CaseFiled | Disposition::Exempted => Some(true),
        Disposition::FalseAlarm | Disposition::SameName | Disposition::NotEmployee => Some(false),
        Disposition::Official
        | Disposition::Published
        | Disposition::ToLegal
        | Disposition::ProtectedSpeech
        | Disposition::Unreviewed => None,
    }
}

/// What became of the cases of one band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BandShare {
    /// The band.
    pub band: Band,
    /// Cases whose decision says yes or no.
    pub decided: u64,
    /// Those whose decision says yes.
    pub confirmed: u64,
}

/// A band as it may be told: what is under five is left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Told {
    /// The band.
    pub band: Band,
    /// Cases whose decision says yes or no; none when under five.
    pub decided: Option<u64>,
    /// Those whose decision says yes; none when they, or the others, are under five.
    pub confirmed: Option<u64>,
    /// Share of the confirmed, 0..=1; none when one of the counts is not told.
    pub share: Option<f64>,
}

/// The bands, highest first, with the decisions of their cases.
pub fn shares(decisions: &[(Band, Disposition)]) -> Vec<BandShare> {
    let of_band = |band: Band| {
        let said = decisions.iter().filter(|(of, _)| *of == band).filter_map(|(_, disposition)| confirms(*disposition));
        let (decided, confirmed) =
            said.fold((0, 0), |(decided, confirmed), yes| (decided + 1, confirmed + u64::from(yes)));
        BandShare { band, decided, confirmed }
    };
    [Band::High, Band::Medium, Band::Low].map(of_band).to_vec()
}

impl BandShare {
    /// The band as it may be told.
    pub fn told(self) -> Told {
        let told = |count: u64| (count >= TOLD_MIN).then_some(count);
        let decided = told(self.decided);
        // Who knows all and the yes knows the no.
        let others = self.decided.saturating_sub(self.confirmed);
        let confirmed = told(self.confirmed).filter(|_| others == 0 || others >= TOLD_MIN);
        let share = decided.zip(confirmed).map(|(all, yes)| (yes as f64 / all as f64 * 100.0).round() / 100.0);
        Told { band: self.band, decided, confirmed, share }
    }

    /// Whether the highest band promises more than it holds, over enough cases to say so.
    pub fn falls_short(self) -> bool {
        self.band == Band::High && self.decided >= CASES_ENOUGH && !self.is_kept()
    }

    /// Whether the highest band keeps its promise, over enough cases to say so.
    pub fn holds(self) -> bool {
        self.band == Band::High && self.decided >= CASES_ENOUGH && self.is_kept()
    }

    fn is_kept(self) -> bool {
        (self.confirmed as f64) >= HIGH_PROMISE * self.decided as f64
    }
}

/// The highest band is shown as the next, because too few of its leads were confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    /// Since when.
    pub since: Timestamp,
    /// The figures by which it was lowered.
    pub share: BandShare,
}

impl Lowered {
    /// Since an instant, by decided and confirmed leads of the highest band.
    pub const fn of(since: Timestamp, decided: u64, confirmed: u64) -> Self {
        Self { since, share: BandShare { band: Band::High, decided, confirmed } }
    }

    /// The band as it is shown.
    pub fn shown(&self, band: Band) -> Band {
        band.min(Band::Medium)
    }

    /// Why it is shown so. Counts that may not be told are left out.
    pub fn reason(&self) -> Reason {
        let promise = HIGH_PROMISE * 100.0;
        let (zh, en) = match self.share.told() {
            Told { decided: Some(decided), confirmed: Some(confirmed), .. } => (
                format!("已有结论的{decided}条“较高”线索中确认{confirmed}条，不到{promise:.0}%"),
                format!(
                    "of {decided} decided leads of the band \"likelier\" {confirmed} were confirmed, under {promise:.0}%"
                ),
            ),
            _ => (
                format!("“较高”线索的确认率不到{promise:.0}%"),
                format!("under {promise:.0}% of the decided leads of the band \"likelier\" were confirmed"),
            ),
        };
        Reason::new(format!("{zh}：“较高”暂按“中”显示"), format!("{en}: it is shown as \"medium\" for now"))
    }
}

#[cfg(test)]
mod tests {
    use super::{BandShare, Lowered, Told, shares};
    use crate::model::case::Disposition;
    use crate::model::finding::Band;
    use crate::model::time::Timestamp;

    #[test]
    fn decisions_that_say_nothing_of_a_person_do_not_count() {
        let decisions = [
            (Band::High, Disposition::Rectified),
            (Band::High, Disposition::SameName),
            (Band::High, Disposition::ToLegal),
            (Band::Medium, Disposition::CaseFiled),
        ];
        let shares = shares(&decisions);
        assert_eq!(shares[0], BandShare { band: Band::High, decided: 2, confirmed: 1 });
        assert_eq!((shares[1].decided, shares[1].confirmed, shares[2].decided), (1, 1, 0));
    }

    #[test]
    fn counts_under_five_are_not_told_nor_the_share_that_would_tell_them() {
        let told = |decided, confirmed| BandShare { band: Band::High, decided, confirmed }.told();
        assert_eq!(told(12, 6), Told { band: Band::High, decided: Some(12), confirmed: Some(6), share: Some(0.5) });
        assert_eq!(told(6, 6), Told { band: Band::High, decided: Some(6), confirmed: Some(6), share: Some(1.0) });
        assert_eq!(told(8, 6), Told { band: Band::High, decided: Some(8), confirmed: None, share: None });
        assert_eq!(told(8, 4), Told { band: Band::High, decided: Some(8), confirmed: None, share: None });
        assert_eq!(told(4, 4), Told { band: Band::High, decided: None, confirmed: None, share: None });
    }

    #[test]
    fn the_highest_band_falls_short_or_holds_only_over_enough_cases() {
        let holds = |decided, confirmed| BandShare { band: Band::High, decided, confirmed }.holds();
        assert!(holds(50, 40) && !holds(50, 39) && !holds(49, 49) && !holds(1, 1));
        let falls_short = |decided, confirmed| BandShare { band: Band::High, decided, confirmed }.falls_short();
        assert!(falls_short(50, 39) && !falls_short(50, 40) && !falls_short(49, 0));
    }

    #[test]
    fn a_lowered_band_is_shown_as_the_next_with_the_figures_that_may_be_told() {
        let lowered = Lowered::of(Timestamp::from_ms(0), 50, 30);
        assert_eq!(
            [Band::High, Band::Medium, Band::Low].map(|band| lowered.shown(band)),
            [Band::Medium, Band::Medium, Band::Low]
        );
        assert!(lowered.reason().zh.contains("50条“较高”线索中确认30条"), "{}", lowered.reason().zh);
        let few = Lowered::of(Timestamp::from_ms(0), 50, 3).reason();
        assert!(!few.zh.contains('3') && !few.en.contains(" 3 "), "{} {}", few.zh, few.en);
    }
}
