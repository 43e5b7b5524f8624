//! The few things in which one database engine differs from another.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

/// Begins a transaction that will write.
/// Differs from Postgres: the lock is taken at the start, so that two writers wait instead of failing half-way.
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// How long a writer waits for another process before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections that only read; WAL lets them run beside the writer.
const READERS: u32 = 4;

/// How every connection to a database file is opened: durable (FULL, so that a power cut loses no commit) and checked.
pub(super) fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // What was deleted is overwritten, so that erasure is more than a forgotten page of the file.
        .pragma("secure_delete", "ON")
}

/// Makes an empty database file that only its owner may read, where there is none; SQLite gives its side files the same mode.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Connections for reading.
pub(super) fn readers(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options)
}

/// The one connection for writing: writers of this process queue here instead of polling the file's lock.
pub(super) async fn writer(options: SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    SqlitePoolOptions::new().max_connections(1).acquire_timeout(BUSY_TIMEOUT).connect_with(options).await
}

/// Writes the log back into the file, so that erased text does not linger in the log.
pub(super) async fn scrub(writer: &SqlitePool) -> sqlx::Result<()> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(writer).await.map(drop)
}
