//! What was let go without a case, and why: counts of it are all that people are told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::case::{Judgement, Lane};

/// Why something was let go without a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilentCause {
    /// A valid exemption.
    Exempt,
    /// The company's own account.
    Official,
    /// A mark is merely mentioned, or truthfully named as the employer.
    Mention,
    /// Words beside the term make it harmless, or what it needs is not there.
    Context,
    /// A term on trial, which alerts nobody yet.
    Trial,
    /// Repeats what the company has published.
    Published,
    /// A customer's complaint.
    Consumer,
    /// Repeats the text of a case.
    Repost,
    /// Nobody had looked at the case when its time was over.
    Unreviewed,
    /// A child's account.
    Minor,
}

impl SilentCause {
    /// Every cause, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Exempt,
        Self::Official,
        Self::Mention,
        Self::Context,
        Self::Trial,
        Self::Published,
        Self::Consumer,
        Self::Repost,
        Self::Unreviewed,
        Self::Minor,
    ];
}

/// One thing that was let go: whose it would have been, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Silence {
    /// Whose it would have been; none where no company is meant.
    pub lane: Lane,
    /// Why.
    pub cause: SilentCause,
}

/// How many things were let go, by whose they would have been and why. Neither text nor account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Silences(BTreeMap<Silence, u64>);

impl Silences {
    /// Counts what a judgement let go, where nothing of it is stored; what is stored is counted with it.
    pub fn note(&mut self, judgement: &Judgement) {
        if let Some(silence) = judgement.silence.as_ref().filter(|_| !judgement.outcome.may_be_stored()) {
            *self.0.entry(silence.clone()).or_default() += 1;
        }
    }

    /// Adds others.
    pub fn add(&mut self, others: Self) {
        for (silence, count) in others.0 {
            *self.0.entry(silence).or_default() += count;
        }
    }

    /// All of them with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&Silence, u64)> {
        self.0.iter().map(|(silence, count)| (silence, *count))
    }
}
