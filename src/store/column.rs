//! How values stand in columns: words as text, hashes, identifiers, JSON.

use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::{ContextV7, Uuid};

use crate::model::time::Timestamp;
use crate::store::StoreError;

static SEQUENCE: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A new identifier (UUID version 7). Within one process, later identifiers compare greater also in the same millisecond.
pub fn new_id(now: Timestamp) -> String {
    let ms = u64::try_from(now.ms()).unwrap_or(0);
    let nanos = u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(&SEQUENCE, ms / 1_000, nanos)).to_string()
}

/// What is smaller than every identifier made at an instant or later.
pub(super) fn first_id(at: Timestamp) -> String {
    let ms = u64::try_from(at.ms()).unwrap_or(0);
    format!("{:08x}-{:04x}", ms >> 16, ms & 0xffff)
}

/// SHA-256 in 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    let digits = bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
    digits.for_each(|digit| text.push(char::from(digit)));
    text
}

/// Bytes from hexadecimal digits; none when the text is not of that form.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    rest.is_empty().then_some(())?;
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// The serialised word of a value that serialises to one word, such as `open`.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Reads a word back.
pub(super) fn from_word<T: DeserializeOwned>(word: &str, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::from(word)).map_err(|source| StoreError::Malformed { column, source })
}

/// A value as JSON text.
pub(super) fn json<T: Serialize>(value: &T, column: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Malformed { column, source })
}

/// Reads JSON text back.
pub(super) fn from_json<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Malformed { column, source })
}

/// A count as the signed integer that databases have.
pub(super) fn big(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// A count from a column; negative ones, which the program never writes, become zero.
pub(super) fn count<T: TryFrom<i64> + Default>(value: i64) -> T {
    T::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{from_hex, new_id, to_hex};
    use crate::model::time::Timestamp;

    #[test]
    fn identifiers_of_one_millisecond_are_ordered() {
        let now = Timestamp::from_ms(1_764_000_000_000);
        let ids: Vec<String> = (0..2_000).map(|_| new_id(now)).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn hexadecimal_text_reads_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
    }

    #[test]
    fn text_that_is_not_hexadecimal_is_refused() {
        assert_eq!((from_hex("0"), from_hex("zz"), from_hex("é")), (None, None, None));
    }
}
