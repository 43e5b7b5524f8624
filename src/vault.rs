//! Bytes by their SHA-256: compressed files `aa/bb/<hash>.zst`, written once, never changed.
//! `<hash>.zst.sealed` holds what only the leak lane may read. Knows nothing of cases; the database says what is kept.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::model::ids::CaptureHash;
use crate::model::time::Timestamp;
use crate::seal::Key;
use crate::store::sha256_hex;

/// Most bytes of one object; larger ones are refused.
pub const OBJECT_MAX_BYTES: u64 = 64 * 1024 * 1024;

const COMPRESSION_LEVEL: i32 = 6;

/// What may go wrong with stored bytes.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The text is not a SHA-256.
    #[error("「{0}」 is not a SHA-256 of 64 hexadecimal digits")]
    NotAHash(String),
    /// Nothing is stored under the hash.
    #[error("the vault has no object {0}")]
    Missing(CaptureHash),
    /// The stored bytes are not those that were put in.
    #[error("object {0} in the vault is damaged: restore it from a backup")]
    Damaged(CaptureHash),
    /// The object is sealed, and the key is missing or another one.
    #[error("object {0} is sealed: configure the key with which it was written")]
    Sealed(CaptureHash),
    /// More bytes than an object may have.
    #[error("an object of {0} bytes is too large for the vault")]
    TooLarge(u64),
    /// The file system failed.
    #[error("the vault at {path} cannot be used")]
    File {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Objects that stay.
    pub kept: u64,
    /// Objects that nothing referred to, removed.
    pub removed: u64,
    /// Half-written files of killed processes, removed.
    pub leftovers: u64,
}

/// The folder with the stored bytes. Clones share it.
#[derive(Debug, Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    key: Option<Arc<Key>>,
    // Storing bytes together with the row that refers to them excludes removing them, and the other way round.
    gate: tokio::sync::RwLock<()>,
}

#[derive(Clone, Copy)]
enum Form {
    Plain,
    Sealed,
}

impl Vault {
    /// Opens a vault folder and makes it when there is none. Without a key, sealed objects can be neither written nor read.
    pub fn open(folder: &Path, key: Option<Arc<Key>>) -> Result<Self, VaultError> {
        fs::create_dir_all(folder).map_err(|e| file_error(folder, e))?;
        let gate = tokio::sync::RwLock::new(());
        Ok(Self { inner: Arc::new(Inner { folder: folder.to_owned(), key, gate }) })
    }

    /// Whether sealed objects can be written and read.
    pub fn can_seal(&self) -> bool {
        self.inner.key.is_some()
    }

    /// Stores bytes durably and returns their hash. Bytes that are there already, in either form, are not written again.
    pub fn put(&self, bytes: &[u8]) -> Result<CaptureHash, VaultError> {
        let hash = CaptureHash::new(sha256_hex(bytes));
        if !self.contains(&hash)? {
            self.write(&hash, Form::Plain, &compress(bytes)?)?;
        }
        Ok(hash)
    }

    /// Stores bytes sealed; a plain copy of the same bytes is removed.
    pub fn put_sealed(&self, bytes: &[u8]) -> Result<CaptureHash, VaultError> {
        let hash = CaptureHash::new(sha256_hex(bytes));
        let sealed = self.path(&hash, Form::Sealed)?;
        if !sealed.exists() {
            let key = self.inner.key.as_ref().ok_or_else(|| VaultError::Sealed(hash.clone()))?;
            self.write(&hash, Form::Sealed, &key.seal(&compress(bytes)?, &context(&hash)))?;
        }
        self.unlink(&self.path(&hash, Form::Plain)?)?;
        Ok(hash)
    }

    /// Seals an object that is stored plainly. Does nothing when it is sealed already.
    pub fn seal_stored(&self, hash: &CaptureHash) -> Result<(), VaultError> {
        if self.path(hash, Form::Sealed)?.exists() {
            return self.unlink(&self.path(hash, Form::Plain)?).map(drop);
        }
        self.put_sealed(&self.get(hash)?).map(drop)
    }

    /// Whether bytes are stored under a hash, in either form.
    pub fn contains(&self, hash: &CaptureHash) -> Result<bool, VaultError> {
        Ok(self.path(hash, Form::Plain)?.exists() || self.path(hash, Form::Sealed)?.exists())
    }

    /// The bytes under a hash, checked against it.
    pub fn get(&self, hash: &CaptureHash) -> Result<Vec<u8>, VaultError> {
        let compressed = match self.read(hash, Form::Plain)? {
            Some(bytes) => bytes,
            None => {
                self.unseal(hash, &self.read(hash, Form::Sealed)?.ok_or_else(|| VaultError::Missing(hash.clone()))?)?
            }
        };
        let bytes = decompress(&compressed, hash)?;
        if sha256_hex(&bytes) == hash.as_str() { Ok(bytes) } else { Err(VaultError::Damaged(hash.clone())) }
    }

    /// Removes the bytes under a hash, durably; returns whether there were any.
    pub fn remove(&self, hash: &CaptureHash) -> Result<bool, VaultError> {
        let plain = self.unlink(&self.path(hash, Form::Plain)?)?;
        let sealed = self.unlink(&self.path(hash, Form::Sealed)?)?;
        Ok(plain || sealed)
    }

    /// Removes what `is_kept` does not know and half-written files, where last written before an instant
    /// (by the clock of the file system).
    /// Files that are none of ours are left alone.
    pub fn sweep(&self, before: Timestamp, is_kept: impl Fn(&CaptureHash) -> bool) -> Result<Swept, VaultError> {
        let limit = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(before.ms()).unwrap_or(0));
        let mut swept = Swept::default();
        for outer in folders(&self.inner.folder)? {
            for inner in folders(&outer)? {
                self.sweep_folder(&inner, limit, &is_kept, &mut swept)?;
            }
        }
        Ok(swept)
    }

    /// Held while bytes are stored together with the row that refers to them.
    pub(crate) async fn storing(&self) -> tokio::sync::RwLockReadGuard<'_, ()> {
        self.inner.gate.read().await
    }

    /// Held while unreferenced bytes are looked up and removed.
    pub(crate) async fn removing(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.inner.gate.write().await
    }

    fn sweep_folder(
        &self,
        folder: &Path,
        limit: SystemTime,
        is_kept: &impl Fn(&CaptureHash) -> bool,
        swept: &mut Swept,
    ) -> Result<(), VaultError> {
        for entry in fs::read_dir(folder).map_err(|e| file_error(folder, e))? {
            let path = entry.map_err(|e| file_error(folder, e))?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            if written_at(&path).is_none_or(|at| at >= limit) {
                continue;
            }
            if name.starts_with(TEMPORARY) {
                swept.leftovers += u64::from(self.unlink(&path)?);
            } else if let Some(hash) = hash_of(&name) {
                match is_kept(&hash) {
                    true => swept.kept += 1,
                    false => swept.removed += u64::from(self.unlink(&path)?),
                }
            }
        }
        Ok(())
    }

    fn path(&self, hash: &CaptureHash, form: Form) -> Result<PathBuf, VaultError> {
        let text = hash.as_str();
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(VaultError::NotAHash(text.chars().take(80).collect()));
        }
        let suffix = match form {
            Form::Plain => PLAIN,
            Form::Sealed => SEALED,
        };
        Ok(self.inner.folder.join(&text[..2]).join(&text[2..4]).join(format!("{text}{suffix}")))
    }

    fn read(&self, hash: &CaptureHash, form: Form) -> Result<Option<Vec<u8>>, VaultError> {
        let path = self.path(hash, form)?;
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(file_error(&path, e)),
        }
    }

    fn unseal(&self, hash: &CaptureHash, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let key = self.inner.key.as_ref().ok_or_else(|| VaultError::Sealed(hash.clone()))?;
        key.open(sealed, &context(hash)).map_err(|_| VaultError::Sealed(hash.clone()))
    }

    fn write(&self, hash: &CaptureHash, form: Form, stored: &[u8]) -> Result<(), VaultError> {
        let path = self.path(hash, form)?;
        let folder = path.parent().unwrap_or(&self.inner.folder);
        fs::create_dir_all(folder).map_err(|e| file_error(folder, e))?;
        write_whole(folder, &path, stored).map_err(|e| file_error(&path, e))?;
        for made in folder.ancestors().take(3) {
            sync(made)?;
        }
        Ok(())
    }

    fn unlink(&self, path: &Path) -> Result<bool, VaultError> {
        match fs::remove_file(path) {
            Ok(()) => path.parent().map_or(Ok(()), sync).map(|()| true),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(file_error(path, e)),
        }
    }
}

const PLAIN: &str = ".zst";
const SEALED: &str = ".zst.sealed";
const TEMPORARY: &str = ".writing-";

fn write_whole(folder: &Path, path: &Path, stored: &[u8]) -> std::io::Result<()> {
    let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
    temporary.write_all(stored)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
}

fn sync(folder: &Path) -> Result<(), VaultError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| file_error(folder, e))
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > OBJECT_MAX_BYTES {
        return Err(VaultError::TooLarge(size));
    }
    zstd::encode_all(bytes, COMPRESSION_LEVEL).map_err(|e| file_error(Path::new("memory"), e))
}

fn decompress(stored: &[u8], hash: &CaptureHash) -> Result<Vec<u8>, VaultError> {
    let damaged = |_| VaultError::Damaged(hash.clone());
    let mut bytes = Vec::new();
    let decoder = zstd::Decoder::new(stored).map_err(damaged)?;
    decoder.take(OBJECT_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(damaged)?;
    Ok(bytes)
}

fn context(hash: &CaptureHash) -> String {
    format!("vault {hash}")
}

fn hash_of(name: &str) -> Option<CaptureHash> {
    let stem = name.strip_suffix(SEALED).or_else(|| name.strip_suffix(PLAIN))?;
    (stem.len() == 64 && stem.bytes().all(|b| b.is_ascii_hexdigit())).then(|| CaptureHash::new(stem))
}

fn written_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|m| m.modified()).ok()
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let entries = fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    Ok(entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.is_dir()).collect())
}

fn file_error(path: &Path, source: std::io::Error) -> VaultError {
    VaultError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::{OBJECT_MAX_BYTES, Swept, Vault, VaultError};
    use crate::model::ids::CaptureHash;
    use crate::model::time::Timestamp;
    use crate::seal::Key;

    const FAR: Timestamp = Timestamp::from_ms(32_503_680_000_000);

    fn vault(folder: &Path) -> Vault {
        Vault::open(folder, Some(Arc::new(Key::from_bytes(&[7; 32])))).unwrap()
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => names.extend(files(&path)),
                false => names.push(path.file_name().unwrap().to_str().unwrap().to_owned()),
            }
        }
        names
    }

    #[test]
    fn bytes_come_back_under_their_hash_and_are_stored_once() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put("网页".as_bytes()).unwrap();
        assert_eq!(vault.put("网页".as_bytes()).unwrap(), hash);
        assert_eq!(vault.get(&hash).unwrap(), "网页".as_bytes());
        assert_eq!(files(folder.path()), [format!("{hash}.zst")]);
        assert!(vault.remove(&hash).unwrap() && !vault.remove(&hash).unwrap());
        assert!(matches!(vault.get(&hash), Err(VaultError::Missing(_))));
    }

    #[test]
    fn sealing_replaces_the_plain_copy_and_happens_once() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put(b"leak").unwrap();
        vault.seal_stored(&hash).unwrap();
        vault.seal_stored(&hash).unwrap();
        assert_eq!(vault.put(b"leak").unwrap(), hash);
        assert_eq!(files(folder.path()), [format!("{hash}.zst.sealed")]);
        assert_eq!(vault.get(&hash).unwrap(), b"leak");
        let stranger = Vault::open(folder.path(), None).unwrap();
        assert!(matches!(stranger.get(&hash), Err(VaultError::Sealed(_))));
        assert!(matches!(stranger.put_sealed(b"other"), Err(VaultError::Sealed(_))));
    }

    #[test]
    fn a_seal_that_was_interrupted_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put_sealed(b"leak").unwrap();
        // Killed before the plain copy was removed.
        std::fs::write(vault.path(&hash, super::Form::Plain).unwrap(), zstd::encode_all(&b"leak"[..], 1).unwrap())
            .unwrap();
        vault.seal_stored(&hash).unwrap();
        assert_eq!(files(folder.path()), [format!("{hash}.zst.sealed")]);
    }

    #[test]
    fn a_sealed_object_moved_to_another_name_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let (one, two) = (vault.put_sealed(b"one").unwrap(), vault.put_sealed(b"two").unwrap());
        let path = |hash| vault.path(hash, super::Form::Sealed).unwrap();
        std::fs::copy(path(&one), path(&two)).unwrap();
        assert!(vault.get(&two).is_err());
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put(b"page").unwrap();
        let path = vault.path(&hash, super::Form::Plain).unwrap();
        for damage in [&b"no zstd"[..], &zstd::encode_all(&b"other page"[..], 1).unwrap()] {
            std::fs::write(&path, damage).unwrap();
            assert!(matches!(vault.get(&hash), Err(VaultError::Damaged(_))));
        }
    }

    #[test]
    fn a_bomb_in_the_vault_is_not_unpacked_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put(b"page").unwrap();
        let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), OBJECT_MAX_BYTES + 9), 1).unwrap();
        std::fs::write(vault.path(&hash, super::Form::Plain).unwrap(), bomb).unwrap();
        assert!(matches!(vault.get(&hash), Err(VaultError::Damaged(_))));
    }

    #[test]
    fn a_name_that_is_no_hash_never_becomes_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let upper = "A".repeat(64);
        for name in ["../../etc/passwd", "", "abc", upper.as_str(), &"字".repeat(64)] {
            assert!(matches!(vault.get(&CaptureHash::new(name)), Err(VaultError::NotAHash(_))), "{name}");
        }
    }

    #[test]
    fn a_sweep_removes_leftovers_and_leaves_what_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let (kept, orphan) = (vault.put(b"kept").unwrap(), vault.put_sealed(b"orphan").unwrap());
        let beside = |name: &str| vault.path(&kept, super::Form::Plain).unwrap().with_file_name(name);
        std::fs::write(beside(".writing-x1"), "half").unwrap();
        std::fs::write(beside("readme.txt"), "by the operator").unwrap();

        assert_eq!(vault.sweep(Timestamp::from_ms(0), |_| false).unwrap(), Swept::default(), "too young");
        let swept = vault.sweep(FAR, |hash| *hash == kept).unwrap();

        assert_eq!(swept, Swept { kept: 1, removed: 1, leftovers: 1 });
        assert!(!vault.contains(&orphan).unwrap());
        let mut left = files(folder.path());
        left.sort();
        assert_eq!(left, [format!("{kept}.zst"), "readme.txt".to_owned()]);
    }
}
