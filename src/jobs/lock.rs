//! One daemon a database: a file lock that the system releases when its process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::store::Address;

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process works on the same database.
    #[error("another wanglou works on this database (it holds {0}): stop it first")]
    Held(PathBuf),
    /// The lock file cannot be used.
    #[error("lock file {path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Held by the one process that visits and mails for a database. Released when dropped.
#[derive(Debug)]
pub struct DaemonLock {
    _file: File,
}

impl DaemonLock {
    /// Takes the lock of a database that is a file. A server lets many processes in, and takes care itself that they do
    /// not get into each other's way.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process has it.
    pub fn of(database: &Address) -> Result<Option<Self>, LockError> {
        database.file().map(Self::take).transpose()
    }

    /// Takes the lock of a database file. The lock file beside it stays; an unlocked one means nothing.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process has it.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let path = database.with_added_extension("lock");
        let fault = |source| LockError::File { path: path.clone(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(path)),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DaemonLock, LockError};

    #[test]
    fn a_second_daemon_on_one_database_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("wanglou.db");
        let first = DaemonLock::take(&database).unwrap();
        assert!(matches!(DaemonLock::take(&database), Err(LockError::Held(_))));
        drop(first);
        assert!(DaemonLock::take(&database).is_ok());
    }
}
