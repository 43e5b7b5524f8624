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
    /// Hashes of the runs that end in each stretch of the document, every stretch sorted, so that the order of the text
    /// is lost.
    pub blocks: Vec<Vec<u32>>,
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({} characters)", self.chars)
    }
}
