//! How much a passage of a post is like a document, beyond what it is like any other.

/// What a post and a document share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Likeness {
    /// Longest run of sounds that stands in both, in characters.
    pub(crate) run: usize,
    /// Share of the post's runs of three that stand in the document, by their rarity, 0..=1.
    pub(crate) share: f64,
    /// Share of the post's runs of two that stand in one part of the document, by their rarity, 0..=1.
    pub(crate) part: f64,
}

/// Fewer characters in a row than this make no passage: three consecutive runs of eight (policy, rule book 5) …
pub(crate) const RUN_MIN: usize = 10;
/// … unless so much of the post stands in the document.
pub(crate) const SHARE_MIN: f64 = 0.2;

impl Likeness {
    /// The likelihood, 0..=1, that the post repeats the document and not merely the language of its trade: a logistic
    /// model of how much longer the run and how much larger the shares are than with any other document. Fitted on posts
    /// that repeat, cut, edit or paraphrase 120 statutes and on others of the same subjects (`docs/benchmarks.md`).
    pub(crate) fn likelihood(self, of_others: Self) -> f64 {
        if self.run < RUN_MIN && self.share < SHARE_MIN {
            return 0.0;
        }
        let more = |own: f64, other: f64| (own - other).max(0.0);
        let sum = 1.326 * more(self.run as f64, of_others.run as f64).ln_1p()
            + 6.676 * more(self.share, of_others.share).ln_1p()
            + 2.383 * (self.run as f64).ln_1p()
            + 10.184 * more(self.part, of_others.part)
            - 4.275 * self.part
            - 10.507;
        1.0 / (1.0 + (-sum).exp())
    }

    /// The larger of each figure.
    pub(crate) fn max(self, other: Self) -> Self {
        Self { run: self.run.max(other.run), share: self.share.max(other.share), part: self.part.max(other.part) }
    }
}

#[cfg(test)]
mod tests {
    use super::Likeness;

    #[test]
    fn what_other_documents_have_as_well_says_little() {
        let passage = Likeness { run: 30, share: 0.8, part: 0.7 };
        assert!(passage.likelihood(Likeness::default()) > 0.9);
        assert!(passage.likelihood(Likeness { run: 28, share: 0.8, part: 0.7 }) < 0.3);
        assert_eq!(Likeness { run: 9, share: 0.1, part: 0.9 }.likelihood(Likeness::default()), 0.0);
    }
}
