//! Columns that only the leak lane may read: sealed text, in hexadecimal digits.

use std::sync::Arc;

use crate::seal::Key;
use crate::store::StoreError;
use crate::store::column::{from_hex, to_hex};

/// The key for sealed columns, if one is configured.
#[derive(Debug, Clone, Default)]
pub(super) struct Sealing(Option<Arc<Key>>);

/// Who may read a column's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Everybody who may open the database.
    All,
    /// Holders of the key.
    LeakLane,
}

impl Sealing {
    pub(super) const fn new(key: Arc<Key>) -> Self {
        Self(Some(key))
    }

    pub(super) const fn has_key(&self) -> bool {
        self.0.is_some()
    }

    /// By what the texts of these readers are hashed: without the key, those of the leak lane are not.
    pub(super) fn sketch_key(&self, readers: Readers) -> Option<[u8; 16]> {
        match readers {
            Readers::All => Some([0; 16]),
            Readers::LeakLane => self.0.as_ref().map(|key| key.sketch_key()),
        }
    }

    /// What is written into a column and whether it is sealed. Without a key, `instead` is written for the leak lane.
    pub(super) fn write(&self, readers: Readers, column: &str, plain: String, instead: &str) -> (String, bool) {
        match (readers, &self.0) {
            (Readers::All, _) => (plain, false),
            (Readers::LeakLane, Some(key)) => (to_hex(&key.seal(plain.as_bytes(), column)), true),
            (Readers::LeakLane, None) => (instead.to_owned(), false),
        }
    }

    /// The text of a column; none when it is sealed and there is no key.
    pub(super) fn read(&self, column: &'static str, text: String, sealed: bool) -> Result<Option<String>, StoreError> {
        match (sealed, &self.0) {
            (false, _) => Ok(Some(text)),
            (true, None) => Ok(None),
            (true, Some(key)) => {
                let opened = from_hex(&text).and_then(|bytes| key.open(&bytes, column).ok());
                opened.and_then(|plain| String::from_utf8(plain).ok()).map(Some).ok_or(StoreError::Sealed(column))
            }
        }
    }
}
