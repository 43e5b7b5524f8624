//! The file of fingerprints: sealed whole, so that whoever has the disk without the key has not even the hashes.

use std::path::Path;

use crate::model::fingerprint::{Fingerprint, Fingerprints};
use crate::model::time::Timestamp;
use crate::seal::Key;
use crate::watchlists::{WatchlistsError, fault, read_limited, replace_file};

/// Name of the file beside the ledgers.
pub const FINGERPRINTS_FILE: &str = "fingerprints.sealed";
/// Bytes of the file at most.
pub(crate) const FINGERPRINTS_BYTES_MAX: usize = 1 << 30;

const SEAL_CONTEXT: &str = "fingerprints";
const MAGIC: &[u8; 8] = b"WLPRINT2";
/// How files began that have no hashes of runs across the beginnings of words, without which passages of letters are not found.
const FORMER: &[u8; 8] = b"WLPRINT1";

/// Reads a file of fingerprints; none when there is no such file.
///
/// # Errors
/// When it cannot be read or opened with the key, or holds hashes of an earlier form.
pub fn read(path: &Path, key: Option<&Key>) -> Result<Option<Fingerprints>, WatchlistsError> {
    if !path.exists() {
        return Ok(None);
    }
    open(&read_limited(path, FINGERPRINTS_BYTES_MAX)?, key).map(Some)
}

/// Opens sealed fingerprints.
pub(crate) fn open(sealed: &[u8], key: Option<&Key>) -> Result<Fingerprints, WatchlistsError> {
    let key = key.ok_or(WatchlistsError::NoKey)?;
    let damaged = |source| WatchlistsError::Sealed { file: FINGERPRINTS_FILE, source };
    let plain = key.open(sealed, SEAL_CONTEXT).map_err(damaged)?;
    if plain.starts_with(FORMER) {
        return Err(WatchlistsError::Former { file: FINGERPRINTS_FILE });
    }
    decode(&plain).ok_or_else(|| damaged(crate::seal::OpenError::Damaged))
}

/// Writes a file of fingerprints, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, key: &Key, fingerprints: &Fingerprints) -> Result<(), WatchlistsError> {
    let bytes = encode(fingerprints);
    if bytes.len() > FINGERPRINTS_BYTES_MAX {
        return Err(WatchlistsError::TooLarge(path.to_owned()));
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(fault(dir))?;
    replace_file(path, &key.seal(&bytes, SEAL_CONTEXT), 0o600)
}

fn encode(fingerprints: &Fingerprints) -> Vec<u8> {
    let mut bytes = [MAGIC.as_slice(), &fingerprints.key].concat();
    push(&mut bytes, fingerprints.documents.len());
    for document in &fingerprints.documents {
        push(&mut bytes, document.id.len());
        bytes.extend(document.id.as_bytes());
        bytes.push(u8::from(document.is_public));
        bytes.extend(document.added.ms().to_le_bytes());
        bytes.extend(document.chars.to_le_bytes());
        push(&mut bytes, document.stretches.iter().len());
        for hashes in document.stretches.iter() {
            push(&mut bytes, hashes.len());
            hashes.iter().for_each(|hash| bytes.extend(hash.to_le_bytes()));
        }
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn decode(bytes: &[u8]) -> Option<Fingerprints> {
    let mut bytes = Bytes(bytes.strip_prefix(MAGIC)?);
    let key = bytes.take(16)?.try_into().ok()?;
    let count = bytes.number()?;
    let documents = (0..count).map(|_| document(&mut bytes)).collect::<Option<_>>()?;
    bytes.0.is_empty().then_some(Fingerprints { key, documents })
}

fn document(bytes: &mut Bytes<'_>) -> Option<Fingerprint> {
    let length = bytes.number()? as usize;
    let id = String::from_utf8(bytes.take(length)?.to_vec()).ok()?;
    let is_public = bytes.take(1)? == [1];
    let added = Timestamp::from_ms(i64::from_le_bytes(bytes.take(8)?.try_into().ok()?));
    let chars = bytes.number()?;
    let count = bytes.number()?;
    let stretches = (0..count).map(|_| stretch(bytes)).collect::<Option<_>>()?;
    Some(Fingerprint { id, is_public, added, chars, stretches })
}

fn stretch<'b>(bytes: &mut Bytes<'b>) -> Option<impl Iterator<Item = u32> + use<'b>> {
    let length = bytes.number()? as usize;
    let hashes = bytes.take(length.checked_mul(4)?)?;
    Some(hashes.as_chunks::<4>().0.iter().map(|hash| u32::from_le_bytes(*hash)))
}

/// Bytes that are left.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{FINGERPRINTS_FILE, decode, encode, open, read, write};
    use crate::model::fingerprint::{Fingerprint, Fingerprints};
    use crate::model::time::Timestamp;
    use crate::seal::Key;

    fn some() -> Fingerprints {
        let document = |id: &str, is_public| Fingerprint {
            id: id.into(),
            is_public,
            added: Timestamp::from_ms(17),
            chars: 130,
            stretches: [vec![1, 2], vec![], vec![u32::MAX]].into_iter().collect(),
        };
        Fingerprints { key: [9; 16], documents: vec![document("X1", false), document("N1", true)] }
    }

    #[test]
    fn fingerprints_come_back_as_they_were_and_only_with_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FINGERPRINTS_FILE);
        let key = Key::from_bytes(&[1; 32]);
        assert_eq!(read(&path, Some(&key)).unwrap(), None);
        write(&path, &key, &some()).unwrap();
        assert_eq!(read(&path, Some(&key)).unwrap(), Some(some()));
        for other in [None, Some(Key::from_bytes(&[2; 32]))] {
            assert!(read(&path, other.as_ref()).is_err());
        }
    }

    #[test]
    fn hashes_of_an_earlier_form_are_refused_with_what_to_do() {
        let key = Key::from_bytes(&[1; 32]);
        let former = [super::FORMER.as_slice(), &encode(&some())[8..]].concat();
        let error = open(&key.seal(&former, super::SEAL_CONTEXT), Some(&key)).unwrap_err();
        assert!(error.to_string().contains("enter the documents again"), "{error}");
    }

    #[test]
    fn bytes_that_were_cut_are_damaged() {
        let whole = encode(&some());
        assert!((0..whole.len()).all(|end| decode(&whole[..end]).is_none()));
        assert!(decode(&[whole, vec![0]].concat()).is_none());
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_nothing_breaks(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&[super::MAGIC.as_slice(), &bytes].concat());
        }
    }
}
