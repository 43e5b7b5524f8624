//! Stored bytes as files: `aa/bb/<hash>.zst`, written once, never changed; `<hash>.zst.sealed` where they are sealed.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::model::ids::CaptureHash;
use crate::model::time::Timestamp;
use crate::vault::{Form, Swept, VaultError};

const PLAIN: &str = ".zst";
const SEALED: &str = ".zst.sealed";
const TEMPORARY: &str = ".writing-";

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, VaultError> {
        fs::create_dir_all(path).map_err(|e| file_error(path, e))?;
        Ok(Self { path: path.to_owned() })
    }

    /// In which form bytes are stored; sealed goes before plain.
    pub(super) fn form_of(&self, hash: &CaptureHash) -> Option<Form> {
        [Form::Sealed, Form::Plain].into_iter().find(|form| self.file(hash, *form).exists())
    }

    pub(super) fn read(&self, hash: &CaptureHash, form: Form) -> Result<Option<Vec<u8>>, VaultError> {
        let path = self.file(hash, form);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(file_error(&path, e)),
        }
    }

    /// Writes durably; a file is there whole or not at all.
    pub(super) fn write(&self, hash: &CaptureHash, form: Form, stored: &[u8]) -> Result<(), VaultError> {
        let path = self.file(hash, form);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder).map_err(|e| file_error(folder, e))?;
        write_whole(folder, &path, stored).map_err(|e| file_error(&path, e))?;
        folder.ancestors().take(3).try_for_each(sync)
    }

    pub(super) fn remove(&self, hash: &CaptureHash, form: Form) -> Result<bool, VaultError> {
        self.unlink(&self.file(hash, form))
    }

    /// Removes what `is_kept` does not know and half-written files, where last written before an instant
    /// (by the clock of the file system). Files that are none of ours are left alone.
    pub(super) fn sweep(&self, before: Timestamp, is_kept: impl Fn(&CaptureHash) -> bool) -> Result<Swept, VaultError> {
        let limit = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(before.ms()).unwrap_or(0));
        let mut swept = Swept::default();
        for outer in folders(&self.path)? {
            for inner in folders(&outer)? {
                self.sweep_folder(&inner, limit, &is_kept, &mut swept)?;
            }
        }
        Ok(swept)
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

    pub(super) fn file(&self, hash: &CaptureHash, form: Form) -> PathBuf {
        let text = hash.as_str();
        let suffix = match form {
            Form::Plain => PLAIN,
            Form::Sealed => SEALED,
        };
        self.path.join(&text[..2]).join(&text[2..4]).join(format!("{text}{suffix}"))
    }

    fn unlink(&self, path: &Path) -> Result<bool, VaultError> {
        match fs::remove_file(path) {
            Ok(()) => path.parent().map_or(Ok(()), sync).map(|()| true),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(file_error(path, e)),
        }
    }
}

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

pub(super) fn file_error(path: &Path, source: std::io::Error) -> VaultError {
    VaultError::File { path: path.to_owned(), source }
}
