//! Facts that outlive the process: one file an entity, portable SQL as constants. Bytes are not here but in the vault.
//! Nothing here reads a clock; every instant is handed in.

mod alert;
mod audit;
mod capture;
mod case;
mod chain;
mod column;
mod dialect;
mod erasure;
mod evidence;
mod job;
mod judgement;
mod ledger;
mod outcome;
mod page;
mod scan;
mod sealed;
mod source;
mod subject;
mod topic;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use chrono_tz::Tz;
use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};

use crate::casework::transition::TransitionError;
use crate::model::ids::{AlertId, CaptureId, CaseId};
use crate::seal::Key;
use crate::store::sealed::Sealing;

pub use crate::store::alert::{DigestRequest, Outgoing};
pub use crate::store::capture::PageDone;
pub use crate::store::case::{CaseFilter, Decision, Step};
pub use crate::store::chain::{ChainEntry, ChainKind, ChainProblem, Verification, export, verify};
pub use crate::store::column::{new_id, sha256_hex};
pub use crate::store::erasure::Erased;
pub use crate::store::evidence::Evidence;
pub use crate::store::job::{Job, JobEnd, NewJob};
pub use crate::store::judgement::{AlertOccasion, AlertRequest, CaseChange, JudgementBatch, Recorded};
pub use crate::store::ledger::{LedgerVersion, NewLedgerVersion};
pub use crate::store::page::PageMemo;
pub use crate::store::scan::Scan;
pub use crate::store::source::SourceState;
pub use crate::store::subject::{StoredSubject, SubjectFacts, account_key, subject_key};

const SCHEMA: &str = "SELECT COALESCE(MAX(version), 0) AS version FROM _sqlx_migrations";

/// The files of `migrations/`, by number. Never edited after a release, only added to.
const MIGRATION_FILES: &[(i64, &str, &str)] = &[(1, "init", include_str!("../../migrations/0001_init.sql"))];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, description, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, (*description).into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATION_FILES.iter().map(migration).collect())
});

/// What may go wrong between the program and its database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer program has used this database.
    #[error("the database has schema {found}, this program knows up to {known}: install the newer program again")]
    Newer {
        /// Newest schema in the database.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// The file cannot be opened as a database.
    #[error("{path} cannot be opened as a database")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[source] MigrateError),
    /// Protected speech and other outcomes of which nothing is kept.
    #[error("outcome {0} must not be stored: count its topics instead")]
    NotStorable(String),
    /// The case is unknown.
    #[error("no case {0}")]
    NoCase(CaseId),
    /// The capture is unknown.
    #[error("no capture {0}")]
    NoCapture(CaptureId),
    /// The lease on an alert has passed to another worker, or the alert is settled.
    #[error("alert {0} is no longer held by this worker")]
    AlertLost(AlertId),
    /// The state of a case does not allow the step.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// A column does not hold what the program writes there.
    #[error("column {column} does not hold what was expected")]
    Malformed {
        /// Table and column.
        column: &'static str,
        /// What was wrong.
        source: serde_json::Error,
    },
    /// A sealed column could not be opened: the key is missing or another one.
    #[error("{0} is sealed: configure the key with which it was written")]
    Sealed(&'static str),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] crate::vault::VaultError),
    /// The engine failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A file or folder could not be written.
    #[error("a file or folder could not be written")]
    File(#[from] std::io::Error),
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Store {
    read: SqlitePool,
    write: SqlitePool,
    sealing: Sealing,
    zone: Tz,
}

/// A transaction that writes. Dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Sqlite>,
    sealing: Sealing,
}

impl Store {
    /// Opens a database file, creates it when there is none, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let fault = |source| StoreError::Open { path: path.to_owned(), source };
        dialect::make_private(path).map_err(|error| fault(error.into()))?;
        let options = dialect::connect_options(path);
        let write = dialect::writer(options.clone()).await.map_err(fault)?;
        MIGRATIONS.run(&write).await.map_err(migration_error)?;
        let zone = chrono_tz::Asia::Shanghai;
        Ok(Self { read: dialect::readers(options), write, sealing: Sealing::default(), zone })
    }

    /// The same store with the key for what only the leak lane may read. Without a key, leak subjects store no text.
    #[must_use]
    pub fn with_key(mut self, key: Arc<Key>) -> Self {
        self.sealing = Sealing::new(key);
        self
    }

    /// The same store counting case numbers by the months of a zone; Asia/Shanghai otherwise.
    #[must_use]
    pub fn in_zone(mut self, zone: Tz) -> Self {
        self.zone = zone;
        self
    }

    /// Begins a transaction that writes; waits for the writer before.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let inner = self.write.begin_with(dialect::BEGIN_WRITE).await?;
        Ok(Tx { inner, sealing: self.sealing.clone() })
    }

    /// Number of the newest migration that the database has.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        let row = sqlx::query(SCHEMA).fetch_one(&self.read).await?;
        Ok(sqlx::Row::try_get(&row, "version")?)
    }

    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

impl Tx {
    /// Makes everything durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}

fn migration_error(error: MigrateError) -> StoreError {
    let known = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(found) if found > known => StoreError::Newer { found, known },
        other => StoreError::Migration(other),
    }
}

#[cfg(test)]
mod tests {
    use super::MIGRATION_FILES;

    #[test]
    fn every_migration_file_is_run() {
        let listed: Vec<String> = MIGRATION_FILES.iter().map(|(n, name, _)| format!("{n:04}_{name}.sql")).collect();
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let mut files: Vec<String> = folder.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        assert_eq!(files, listed);
    }
}
