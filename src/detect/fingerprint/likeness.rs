//! How much a passage of a post is like a document, beyond what it is like any other.

/// What a post and a document share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Likeness {
    /// Longest run of sounds that stands in both, in characters.
    pub(crate) run: usize,
    /// Longest run with single other characters between, which are not counted.
    pub(crate) chain: usize,
    /// Share of the post's runs of three that stand in the document, by their rarity, 0..=1.
    pub(crate) share: f64,
    /// Share of the post's runs of two that stand in one part of the document, by their rarity, 0..=1.
    pub(crate) part: f64,
}

/// Fewer characters in a row than this make no passage: three consecutive runs of eight (policy, rule book 5) …
pub(crate) const RUN_MIN: usize = 10;
/// … unless so much of the post stands in the document.
pub(crate) const SHARE_MIN: f64 = 0.2;

/// So many characters but for single ones between, and so many times as many as with any other document, are copied by
/// somebody who changed some.
const CHAIN_MIN: usize = 30;
const CHAIN_TIMES: usize = 2;
/// How likely that is at least: enough to be told of, and not beyond doubt.
const CHAINED: f64 = 0.85;

impl Likeness {
    /// The likelihood, 0..=1, that the post repeats the document and not merely the language of its trade: a logistic
    /// model of how much longer the run and the chain and how much larger the shares are than with any other document. Fitted
    /// on posts that repeat, cut, edit or paraphrase 120 statutes and on others of the same subjects (`docs/benchmarks.md`).
    pub(crate) fn likelihood(self, of_others: Self) -> f64 {
        if self.run < RUN_MIN && self.share < SHARE_MIN {
            return 0.0;
        }
        let likely = 1.0 / (1.0 + (-self.log_odds(of_others)).exp());
        let is_chained = self.chain >= CHAIN_MIN && self.chain >= CHAIN_TIMES * of_others.chain;
        if is_chained { likely.max(CHAINED) } else { likely }
    }

    fn log_odds(self, of_others: Self) -> f64 {
        let more = |own: f64, other: f64| (own - other).max(0.0);
        let length = |length: usize| length as f64;
        0.63 * more(length(self.run), length(of_others.run)).ln_1p()
            + 0.579 * length(self.run).ln_1p()
            + 1.005 * more(length(self.chain), length(of_others.chain)).ln_1p()
            + 0.515 * length(self.chain).ln_1p()
            + 9.408 * more(self.share, of_others.share).ln_1p()
            + 6.854 * more(self.part, of_others.part)
            - 5.146 * self.part
            - 7.525
    }

    /// The larger of each figure.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            run: self.run.max(other.run),
            chain: self.chain.max(other.chain),
            share: self.share.max(other.share),
            part: self.part.max(other.part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Likeness;

    #[test]
    fn what_other_documents_have_as_well_says_little() {
        let passage = Likeness { run: 30, chain: 40, share: 0.8, part: 0.7 };
        assert!(passage.likelihood(Likeness::default()) > 0.9);
        assert!(passage.likelihood(Likeness { run: 28, chain: 38, share: 0.8, part: 0.7 }) < 0.3);
        assert_eq!(Likeness { run: 9, chain: 9, share: 0.1, part: 0.9 }.likelihood(Likeness::default()), 0.0);
    }

    #[test]
    fn a_long_chain_counts_where_no_other_document_has_half_of_it() {
        let changed = Likeness { run: 12, chain: 32, share: 0.1, part: 0.1 };
        let other = |chain| changed.likelihood(Likeness { run: 12, chain, share: 0.1, part: 0.1 });
        assert!(other(16) > 0.8 && other(17) < 0.4, "{} {}", other(16), other(17));
    }
}
