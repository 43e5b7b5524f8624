//! Bytes by their SHA-256, compressed, written once, never changed. What only the leak lane may read is sealed as well.
//! They lie in a folder of this machine, or in the database where several machines share one. Bytes that wait for their
//! inspection lie in the database in either case: most are dropped soon. Knows nothing of cases; the database says what is kept.

mod folder;
mod room;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::ids::CaptureHash;
use crate::model::time::Timestamp;
use crate::seal::Key;
use crate::store::{Object, Store, sha256_hex};
use crate::vault::folder::{Folder, file_error};

pub use crate::vault::room::{ROOM_LEAST, ROOM_LOW, free_bytes, size_text};

/// Most bytes of one object; larger ones are refused.
pub const OBJECT_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes that are hashed and compressed where they are.
const AT_ONCE_BYTES: usize = 256 * 1024;

/// The fastest: most pages are dropped again within minutes.
const COMPRESSION_LEVEL: i32 = 1;

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
    /// The database that holds the bytes failed.
    #[error("the database of the vault failed")]
    Database(#[from] sqlx::Error),
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

impl Swept {
    const fn and(self, others: Self) -> Self {
        Self {
            kept: self.kept + others.kept,
            removed: self.removed + others.removed,
            leftovers: self.leftovers + others.leftovers,
        }
    }
}

/// The stored bytes. Clones share them.
#[derive(Debug, Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shelf: Shelf,
    key: Option<Arc<Key>>,
    // Storing bytes together with the row that refers to them excludes removing them, and the other way round.
    gate: tokio::sync::RwLock<()>,
}

#[derive(Debug, Clone)]
enum Shelf {
    /// A folder, and the database beside it where bytes wait for their inspection.
    Folder(Folder, Option<Store>),
    Database(Store),
}

/// How an object is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Compressed.
    Plain,
    /// Compressed and sealed.
    Sealed,
}

impl Vault {
    /// Opens a folder of objects by itself, such as that of a backup, and makes it when there is none. Without a key, sealed
    /// objects can be neither written nor read.
    pub fn open(folder: &Path, key: Option<Arc<Key>>) -> Result<Self, VaultError> {
        Ok(Self::on(Shelf::Folder(Folder::open(folder)?, None), key))
    }

    /// As [`Self::open`], for the folder of an installation on a database file, in which bytes wait for their inspection.
    pub fn beside(store: &Store, folder: &Path, key: Option<Arc<Key>>) -> Result<Self, VaultError> {
        Ok(Self::on(Shelf::Folder(Folder::open(folder)?, Some(store.clone())), key))
    }

    /// The vault within a database, for machines that share nothing else.
    pub fn in_database(store: &Store, key: Option<Arc<Key>>) -> Self {
        Self::on(Shelf::Database(store.clone()), key)
    }

    fn on(shelf: Shelf, key: Option<Arc<Key>>) -> Self {
        Self { inner: Arc::new(Inner { shelf, key, gate: tokio::sync::RwLock::new(()) }) }
    }

    /// Whether sealed objects can be written and read.
    pub fn can_seal(&self) -> bool {
        self.inner.key.is_some()
    }

    /// Stores bytes durably and returns their hash. Bytes that are there already, in either form, are not written again.
    pub async fn put(&self, bytes: &[u8]) -> Result<CaptureHash, VaultError> {
        let hash = CaptureHash::new(sha256_hex(bytes));
        if self.form_of(&hash).await?.is_none() {
            self.write(&hash, Form::Plain, compress(bytes)?).await?;
        }
        Ok(hash)
    }

    /// What a transaction stores of bytes that begin to wait for their inspection.
    pub(crate) async fn take_in(&self, bytes: Vec<u8>) -> Result<Object, VaultError> {
        // A usual page takes less time to compress than to hand to another thread.
        if bytes.len() <= AT_ONCE_BYTES { packed(&bytes) } else { off_thread(move || packed(&bytes)).await }
    }

    /// Lays an object that has waited where kept ones lie, durably, unless it is there in either form.
    pub(crate) async fn lay_down(&self, object: Object) -> Result<(), VaultError> {
        match &self.inner.shelf {
            Shelf::Folder(folder, _) if folder.form_of(&object.hash).is_none() => self.put_object(object).await,
            Shelf::Folder(..) | Shelf::Database(_) => Ok(()),
        }
    }

    /// Whether bytes lie in the folder, so that the database need not hold them.
    pub(crate) fn has_laid_down(&self, hash: &CaptureHash) -> bool {
        self.folder().is_some_and(|folder| folder.form_of(hash).is_some())
    }

    /// An object as it is stored, to be brought elsewhere.
    pub async fn object(&self, hash: &CaptureHash) -> Result<Option<Object>, VaultError> {
        let read = self.read(hash).await?;
        Ok(read.map(|(form, bytes)| Object { hash: hash.clone(), is_sealed: form == Form::Sealed, bytes }))
    }

    /// Takes in an object in the form in which it was stored elsewhere.
    pub async fn put_object(&self, object: Object) -> Result<(), VaultError> {
        self.write(&object.hash, form(object.is_sealed), object.bytes).await
    }

    /// Stores bytes sealed; a plain copy of the same bytes is removed.
    pub async fn put_sealed(&self, bytes: &[u8]) -> Result<CaptureHash, VaultError> {
        let hash = CaptureHash::new(sha256_hex(bytes));
        if self.form_of(&hash).await? != Some(Form::Sealed) {
            let key = self.inner.key.as_ref().ok_or_else(|| VaultError::Sealed(hash.clone()))?;
            self.write(&hash, Form::Sealed, key.seal(&compress(bytes)?, &context(&hash))).await?;
        }
        self.forget_plain(&hash).await?;
        Ok(hash)
    }

    /// Seals an object that is stored plainly. Does nothing when it is sealed already.
    pub async fn seal_stored(&self, hash: &CaptureHash) -> Result<(), VaultError> {
        if self.form_of(hash).await? == Some(Form::Sealed) {
            return self.forget_plain(hash).await;
        }
        self.put_sealed(&self.get(hash).await?).await.map(drop)
    }

    /// Whether bytes are stored under a hash, in either form.
    pub async fn contains(&self, hash: &CaptureHash) -> Result<bool, VaultError> {
        Ok(self.form_of(hash).await?.is_some())
    }

    /// The bytes under a hash, checked against it.
    pub async fn get(&self, hash: &CaptureHash) -> Result<Vec<u8>, VaultError> {
        let (form, stored) = self.read(hash).await?.ok_or_else(|| VaultError::Missing(hash.clone()))?;
        let (hash, key) = (hash.clone(), self.inner.key.clone());
        if stored.len() <= AT_ONCE_BYTES {
            return opened(&hash, form, &stored, key.as_deref());
        }
        off_thread(move || opened(&hash, form, &stored, key.as_deref())).await
    }

    /// Removes the bytes under a hash, durably; returns whether there were any.
    pub async fn remove(&self, hash: &CaptureHash) -> Result<bool, VaultError> {
        checked(hash)?;
        let is_waiting = match self.database() {
            Some(store) => store.remove_object(hash).await?,
            None => false,
        };
        Ok(self.remove_let_go(hash).await? | is_waiting)
    }

    /// Removes the bytes under a hash that a transaction has just let go of. In a database they went with it: what lies under
    /// the hash by now, another process has put there.
    pub(crate) async fn remove_let_go(&self, hash: &CaptureHash) -> Result<bool, VaultError> {
        let Some(folder) = self.folder().filter(|folder| folder.form_of(hash).is_some()) else { return Ok(false) };
        let (folder, hash) = (folder.clone(), hash.clone());
        off_thread(move || Ok(folder.remove(&hash, Form::Plain)? | folder.remove(&hash, Form::Sealed)?)).await
    }

    /// Removes half-written files and what `is_kept` does not know, where last written before an instant (by the clock of
    /// the file system). In a database nothing is half-written, and what no row refers to goes whatever its age.
    pub async fn sweep(
        &self,
        before: Timestamp,
        is_kept: impl Fn(&CaptureHash) -> bool + Send + 'static,
    ) -> Result<Swept, VaultError> {
        match &self.inner.shelf {
            Shelf::Folder(folder, waiting) => {
                let folder = folder.clone();
                let swept = off_thread(move || folder.sweep(before, is_kept)).await?;
                let Some(waiting) = waiting else { return Ok(swept) };
                Ok(swept.and(waiting.sweep_objects().await?))
            }
            Shelf::Database(store) => store.sweep_objects().await,
        }
    }

    /// Held while bytes are stored together with the row that refers to them.
    pub(crate) async fn storing(&self) -> tokio::sync::RwLockReadGuard<'_, ()> {
        self.inner.gate.read().await
    }

    /// Held while unreferenced bytes are looked up and removed.
    pub(crate) async fn removing(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.inner.gate.write().await
    }

    async fn form_of(&self, hash: &CaptureHash) -> Result<Option<Form>, VaultError> {
        checked(hash)?;
        let in_folder = || self.folder().and_then(|folder| folder.form_of(hash));
        let in_database = match (in_folder(), self.database()) {
            (None, Some(store)) => store.object_is_sealed(hash).await?.map(form),
            (found, _) => found,
        };
        // It may have been laid down since the first look.
        Ok(in_database.or_else(in_folder))
    }

    async fn read(&self, hash: &CaptureHash) -> Result<Option<(Form, Vec<u8>)>, VaultError> {
        checked(hash)?;
        if let Some(found) = self.read_laid_down(hash).await? {
            return Ok(Some(found));
        }
        let Some(store) = self.database() else { return Ok(None) };
        match store.object(hash).await? {
            Some(object) => Ok(Some((form(object.is_sealed), object.bytes))),
            // It may have been laid down since the first look.
            None => self.read_laid_down(hash).await,
        }
    }

    /// What lies in the folder: the plain form first, since sealing writes the sealed one before it removes the plain one.
    async fn read_laid_down(&self, hash: &CaptureHash) -> Result<Option<(Form, Vec<u8>)>, VaultError> {
        let Some(folder) = self.folder().filter(|folder| folder.form_of(hash).is_some()) else { return Ok(None) };
        let (folder, hash) = (folder.clone(), hash.clone());
        off_thread(move || {
            let read = |form| folder.read(&hash, form).map(|found| found.map(|bytes| (form, bytes)));
            read(Form::Plain)?.map_or_else(|| read(Form::Sealed), |plain| Ok(Some(plain)))
        })
        .await
    }

    fn folder(&self) -> Option<&Folder> {
        match &self.inner.shelf {
            Shelf::Folder(folder, _) => Some(folder),
            Shelf::Database(_) => None,
        }
    }

    /// The database in which bytes wait, or all lie.
    fn database(&self) -> Option<&Store> {
        match &self.inner.shelf {
            Shelf::Folder(_, waiting) => waiting.as_ref(),
            Shelf::Database(store) => Some(store),
        }
    }

    async fn write(&self, hash: &CaptureHash, form: Form, stored: Vec<u8>) -> Result<(), VaultError> {
        checked(hash)?;
        match &self.inner.shelf {
            Shelf::Folder(folder, _) => {
                let (folder, hash) = (folder.clone(), hash.clone());
                off_thread(move || folder.write(&hash, form, &stored)).await
            }
            Shelf::Database(store) => {
                let object = Object { hash: hash.clone(), is_sealed: form == Form::Sealed, bytes: stored };
                store.put_object(&object).await
            }
        }
    }

    /// In a database the sealed bytes have taken the place of the plain ones.
    async fn forget_plain(&self, hash: &CaptureHash) -> Result<(), VaultError> {
        let Shelf::Folder(folder, waiting) = &self.inner.shelf else { return Ok(()) };
        if let Some(store) = waiting {
            store.remove_object(hash).await?;
        }
        let (folder, hash) = (folder.clone(), hash.clone());
        off_thread(move || folder.remove(&hash, Form::Plain).map(drop)).await
    }
}

const fn form(is_sealed: bool) -> Form {
    if is_sealed { Form::Sealed } else { Form::Plain }
}

/// A name that is no hash never becomes a path.
fn checked(hash: &CaptureHash) -> Result<(), VaultError> {
    let text = hash.as_str();
    let is_hash = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_hash { Ok(()) } else { Err(VaultError::NotAHash(text.chars().take(80).collect())) }
}

fn opened(hash: &CaptureHash, form: Form, stored: &[u8], key: Option<&Key>) -> Result<Vec<u8>, VaultError> {
    let bytes = match form {
        Form::Plain => decompress(stored, hash)?,
        Form::Sealed => {
            let key = key.ok_or_else(|| VaultError::Sealed(hash.clone()))?;
            let compressed = key.open(stored, &context(hash)).map_err(|_| VaultError::Sealed(hash.clone()))?;
            decompress(&compressed, hash)?
        }
    };
    if sha256_hex(&bytes) == hash.as_str() { Ok(bytes) } else { Err(VaultError::Damaged(hash.clone())) }
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > OBJECT_MAX_BYTES {
        return Err(VaultError::TooLarge(size));
    }
    zstd::bulk::compress(bytes, COMPRESSION_LEVEL).map_err(|e| file_error(Path::new("memory"), e))
}

fn decompress(stored: &[u8], hash: &CaptureHash) -> Result<Vec<u8>, VaultError> {
    let damaged = |_| VaultError::Damaged(hash.clone());
    match zstd::zstd_safe::get_frame_content_size(stored) {
        Ok(Some(size)) if size <= AT_ONCE_BYTES as u64 => {
            zstd::bulk::decompress(stored, size as usize).map_err(damaged)
        }
        _ => decompress_at_length(stored).map_err(damaged),
    }
}

fn decompress_at_length(stored: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    zstd::Decoder::new(stored)?.take(OBJECT_MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn context(hash: &CaptureHash) -> String {
    format!("vault {hash}")
}

fn packed(bytes: &[u8]) -> Result<Object, VaultError> {
    let hash = CaptureHash::new(sha256_hex(bytes));
    Ok(Object { hash, is_sealed: false, bytes: compress(bytes)? })
}

/// Runs work where it may block.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| file_error(Path::new("a thread"), std::io::Error::other(error)))?
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

    fn file(folder: &Path, hash: &CaptureHash, form: super::Form) -> std::path::PathBuf {
        super::Folder::open(folder).unwrap().file(hash, form)
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

    #[tokio::test]
    async fn bytes_come_back_under_their_hash_and_are_stored_once() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put("网页".as_bytes()).await.unwrap();
        assert_eq!(vault.put("网页".as_bytes()).await.unwrap(), hash);
        assert_eq!(vault.get(&hash).await.unwrap(), "网页".as_bytes());
        assert_eq!(files(folder.path()), [format!("{hash}.zst")]);
        assert!(vault.remove(&hash).await.unwrap() && !vault.remove(&hash).await.unwrap());
        assert!(matches!(vault.get(&hash).await, Err(VaultError::Missing(_))));
    }

    #[tokio::test]
    async fn sealing_replaces_the_plain_copy_and_happens_once() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put(b"leak").await.unwrap();
        vault.seal_stored(&hash).await.unwrap();
        vault.seal_stored(&hash).await.unwrap();
        assert_eq!(vault.put(b"leak").await.unwrap(), hash);
        assert_eq!(files(folder.path()), [format!("{hash}.zst.sealed")]);
        assert_eq!(vault.get(&hash).await.unwrap(), b"leak");
        let stranger = Vault::open(folder.path(), None).unwrap();
        assert!(matches!(stranger.get(&hash).await, Err(VaultError::Sealed(_))));
        assert!(matches!(stranger.put_sealed(b"other").await, Err(VaultError::Sealed(_))));
    }

    #[tokio::test]
    async fn a_seal_that_was_interrupted_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put_sealed(b"leak").await.unwrap();
        // Killed before the plain copy was removed.
        std::fs::write(file(folder.path(), &hash, super::Form::Plain), zstd::encode_all(&b"leak"[..], 1).unwrap())
            .unwrap();
        vault.seal_stored(&hash).await.unwrap();
        assert_eq!(files(folder.path()), [format!("{hash}.zst.sealed")]);
    }

    #[tokio::test]
    async fn a_sealed_object_moved_to_another_name_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let (one, two) = (vault.put_sealed(b"one").await.unwrap(), vault.put_sealed(b"two").await.unwrap());
        let path = |hash| file(folder.path(), hash, super::Form::Sealed);
        std::fs::copy(path(&one), path(&two)).unwrap();
        assert!(vault.get(&two).await.is_err());
    }

    #[tokio::test]
    async fn damaged_bytes_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put(b"page").await.unwrap();
        let path = file(folder.path(), &hash, super::Form::Plain);
        for damage in [&b"no zstd"[..], &zstd::encode_all(&b"other page"[..], 1).unwrap()] {
            std::fs::write(&path, damage).unwrap();
            assert!(matches!(vault.get(&hash).await, Err(VaultError::Damaged(_))));
        }
    }

    #[tokio::test]
    async fn a_bomb_in_the_vault_is_not_unpacked_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let hash = vault.put(b"page").await.unwrap();
        let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), OBJECT_MAX_BYTES + 9), 1).unwrap();
        std::fs::write(file(folder.path(), &hash, super::Form::Plain), bomb).unwrap();
        assert!(matches!(vault.get(&hash).await, Err(VaultError::Damaged(_))));
    }

    #[tokio::test]
    async fn a_name_that_is_no_hash_never_becomes_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let upper = "A".repeat(64);
        for name in ["../../etc/passwd", "", "abc", upper.as_str(), &"字".repeat(64)] {
            assert!(matches!(vault.get(&CaptureHash::new(name)).await, Err(VaultError::NotAHash(_))), "{name}");
        }
    }

    #[tokio::test]
    async fn a_sweep_removes_leftovers_and_leaves_what_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let (kept, orphan) = (vault.put(b"kept").await.unwrap(), vault.put_sealed(b"orphan").await.unwrap());
        let beside = |name: &str| file(folder.path(), &kept, super::Form::Plain).with_file_name(name);
        std::fs::write(beside(".writing-x1"), "half").unwrap();
        std::fs::write(beside("readme.txt"), "by the operator").unwrap();

        assert_eq!(vault.sweep(Timestamp::from_ms(0), |_| false).await.unwrap(), Swept::default(), "too young");
        let swept = vault
            .sweep(FAR, {
                let kept = kept.clone();
                move |hash| *hash == kept
            })
            .await
            .unwrap();

        assert_eq!(swept, Swept { kept: 1, removed: 1, leftovers: 1 });
        assert!(!vault.contains(&orphan).await.unwrap());
        let mut left = files(folder.path());
        left.sort();
        assert_eq!(left, [format!("{kept}.zst"), "readme.txt".to_owned()]);
    }
}
