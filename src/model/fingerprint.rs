//! What is kept of a protected document: keyed hashes of short runs of its characters, never the text.

use crate::model::time::Timestamp;

/// All fingerprints of an installation.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fingerprints {
    /// Key of the hashes. Without it they say nothing about any text.
    pub key: [u8; 16],
    /// The documents, in the order in which they were added.
    pub documents: Vec<Fingerprint>,
}

impl std::fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprints({} documents)", self.documents.len())
    }
}

/// One document.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Number of the document in the company's register of documents.
    pub id: String,
    /// Whether everybody may read it: what it shares with a protected document then tells nothing.
    pub is_public: bool,
    /// When it was added.
    pub added: Timestamp,
    /// Letters, digits and ideographs of the document.
    pub chars: u32,
    /// Hashes of the runs that begin in each stretch of the document.
    pub stretches: Stretches,
}

/// Hashes stretch by stretch, every stretch sorted, so that the order of the text is lost. All lie side by side, since there are
/// many stretches and few hashes in each.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Stretches {
    hashes: Vec<u32>,
    /// Where each stretch ends.
    ends: Vec<usize>,
}

impl Stretches {
    /// The hashes of each stretch.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        let start = |number: usize| number.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.iter().enumerate().map(move |(number, end)| &self.hashes[start(number)..*end])
    }

    /// The hashes of all stretches, one after the other.
    pub fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    /// Enters another stretch.
    pub fn push(&mut self, hashes: impl IntoIterator<Item = u32>) {
        let start = self.hashes.len();
        self.hashes.extend(hashes);
        self.hashes[start..].sort_unstable();
        self.ends.push(self.hashes.len());
    }

    /// Gives back the memory that was set aside for further stretches.
    pub fn shrink(&mut self) {
        self.hashes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl<H: IntoIterator<Item = u32>> FromIterator<H> for Stretches {
    fn from_iter<S: IntoIterator<Item = H>>(all: S) -> Self {
        let mut stretches = Self::default();
        all.into_iter().for_each(|hashes| stretches.push(hashes));
        stretches.shrink();
        stretches
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({} characters)", self.chars)
    }
}
