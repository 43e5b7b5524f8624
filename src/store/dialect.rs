//! The few things in which one database engine differs from another: opening, who may write, what erasing takes.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::store::Address;
use crate::store::sql::{Pool, Session, built, query};

/// How long a writer waits for another one before it gives up.
const WRITER_WAIT: Duration = Duration::from_secs(30);

/// Connections that only read.
const READERS: u32 = 4;

/// Transactions of one process that may stand in line for writing to a server.
const WRITERS_IN_LINE: u32 = 4;

/// A server ends a session that holds the right to write and does nothing for so long: a process that hangs or lost its
/// network keeps nobody waiting longer, and what it writes late is refused.
const IDLE_WRITER: Duration = Duration::from_secs(10);

/// By this number a server knows who is in line for writing. Chosen once; any other use of the same number in the same
/// database would wait too.
const WRITE_LOCK: i64 = 0x7761_6e67_6c6f_7500;

/// Opens the connections for reading and for writing. A file is made where there is none.
pub(super) async fn open(address: &Address) -> sqlx::Result<(Pool, Pool)> {
    match address {
        Address::File(path) => open_file(path).await,
        Address::Server(options) => open_server(options).await,
    }
}

async fn open_file(path: &Path) -> sqlx::Result<(Pool, Pool)> {
    make_private(path)?;
    let options = file_options(path);
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options.clone());
    // Writers of this process queue for the one connection instead of polling the file's lock.
    let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(WRITER_WAIT);
    // On a full disk the engine takes the whole transaction back by itself; the connection counts on and must be replaced.
    let writer = writer.before_acquire(|connection, _| {
        let is_free = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_free) })
    });
    // How to take a statement for many rows back half-way is noted in memory: in a file it would be written for each of them, for
    // nothing. What readers sort may be large and stays there.
    let writing = options.pragma("temp_store", "MEMORY");
    Ok((Pool::Sqlite(readers), Pool::Sqlite(writer.connect_with(writing).await?)))
}

/// How every connection to a database file is opened: durable (FULL, so that a power cut loses no commit) and checked.
fn file_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        // WAL lets readers run beside the writer.
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(WRITER_WAIT)
        // What was deleted is overwritten, so that erasure is more than a forgotten page of the file.
        .pragma("secure_delete", "ON")
}

/// Makes an empty database file that only its owner may read, where there is none; SQLite gives its side files the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn open_server(options: &PgConnectOptions) -> sqlx::Result<(Pool, Pool)> {
    let ms = |length: Duration| length.as_millis().to_string();
    let options = options.clone().application_name("wanglou").options([("TimeZone", "UTC".to_owned())]);
    let writing = options.clone().options([
        ("idle_in_transaction_session_timeout", ms(IDLE_WRITER)),
        ("lock_timeout", ms(WRITER_WAIT)),
        ("synchronous_commit", "on".to_owned()),
    ]);
    let pool = |most| PgPoolOptions::new().max_connections(most).acquire_timeout(WRITER_WAIT);
    let writers = pool(WRITERS_IN_LINE).connect_with(writing).await?;
    Ok((Pool::Postgres(pool(READERS).connect_lazy_with(options)), Pool::Postgres(writers)))
}

/// Runs the migrations that the database does not have yet. On a server, processes that start together wait for each other.
pub(super) async fn migrate(writer: &Pool, migrations: &Migrator) -> Result<(), MigrateError> {
    match writer {
        Pool::Sqlite(pool) => migrations.run(pool).await,
        Pool::Postgres(pool) => migrations.run(pool).await,
    }
}

/// Held by the process that opens a file and changes its schema: neither can be done by two at once. The lock's own file
/// beside it stays; unlocked it means nothing. A server takes care of this itself.
pub(super) async fn alone(address: &Address) -> std::io::Result<Option<File>> {
    let Some(path) = address.file().map(|path| path.with_added_extension("schema")) else { return Ok(None) };
    let waited = tokio::task::spawn_blocking(move || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(Some(file))
    });
    waited.await.map_err(std::io::Error::other)?
}

/// Begins a transaction that writes, and waits for its turn: on either engine there is one writer at a time, so that what
/// a transaction read is still so when it writes.
pub(super) async fn begin(writer: &Pool) -> sqlx::Result<Session> {
    match writer {
        // The lock is taken at the start, so that two writers wait instead of failing half-way.
        Pool::Sqlite(pool) => Ok(Session::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
        Pool::Postgres(pool) => {
            let mut session = Session::Postgres(pool.begin().await?);
            query("SELECT pg_advisory_xact_lock($1)").bind(WRITE_LOCK).execute(&mut session).await?;
            Ok(session)
        }
    }
}

/// Begins a transaction that writes what stands on its own: on a server it waits for no other writer.
pub(super) async fn begin_beside(readers: &Pool, writer: &Pool) -> sqlx::Result<Session> {
    match readers {
        Pool::Postgres(pool) => Ok(Session::Postgres(pool.begin().await?)),
        Pool::Sqlite(_) => begin(writer).await,
    }
}

/// Begins a transaction that reads one state of the whole database, whatever others write meanwhile.
pub(super) async fn snapshot(reader: &Pool) -> sqlx::Result<Session> {
    let mut session = match reader {
        Pool::Sqlite(pool) => Session::Sqlite(pool.begin().await?),
        Pool::Postgres(pool) => {
            Session::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
        }
    };
    // On either engine the state is that of the first statement.
    query("SELECT COUNT(*) AS n FROM compatibility").fetch_one(&mut session).await?;
    Ok(session)
}

/// An empty database in memory, gone when it is closed.
pub(super) async fn in_memory() -> sqlx::Result<Pool> {
    let one = SqlitePoolOptions::new().max_connections(1);
    Ok(Pool::Sqlite(one.connect_with(SqliteConnectOptions::new().in_memory(true)).await?))
}

/// Connections for single statements that write and stand on their own. On a server they stand in no line; a file has its
/// one writer.
pub(super) const fn beside<'a>(readers: &'a Pool, writer: &'a Pool) -> &'a Pool {
    if matches!(writer, Pool::Postgres(_)) { readers } else { writer }
}

/// How long somebody who reads is waited for before the log of a file is left as it is until the next time.
const READER_WAIT: Duration = Duration::from_millis(200);

/// Empties the log of a file, so that pages which were let go do not linger in it. While somebody reads an older state, such
/// as a backup, they linger until the next time. A server keeps its log by its own rules.
pub(super) async fn empty_log(writer: &Pool) -> sqlx::Result<()> {
    let Pool::Sqlite(pool) = writer else { return Ok(()) };
    let mut connection = pool.acquire().await?;
    busy_timeout(&mut connection, READER_WAIT).await?;
    let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut *connection).await;
    busy_timeout(&mut connection, WRITER_WAIT).await?;
    emptied.map(drop)
}

async fn busy_timeout(connection: &mut SqliteConnection, wait: Duration) -> sqlx::Result<()> {
    let pragma = format!("PRAGMA busy_timeout = {}", wait.as_millis());
    sqlx::query(AssertSqlSafe(pragma)).execute(connection).await.map(drop)
}

/// Brings erased text out of what the engine keeps beside its tables.
pub(super) async fn scrub(writer: &Pool) -> sqlx::Result<()> {
    match writer {
        // Writes the log back into the file, so that erased text does not linger in the log.
        Pool::Sqlite(pool) => checkpoint(pool).await,
        // Frees the room of erased rows for new ones. A server's own log and its copies end by its own rules.
        Pool::Postgres(_) => {
            for table in ["subjects", "subject_texts", "case_subjects", "outcomes", "candidates"] {
                built(format!("VACUUM {table}")).execute(writer).await?;
            }
            Ok(())
        }
    }
}

async fn checkpoint(writer: &SqlitePool) -> sqlx::Result<()> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(writer).await.map(drop)
}

/// Makes an empty schema of a server anew, and takes away that of its jobs. Whatever stood there is gone; other schemas are
/// left alone.
pub(super) async fn renew_schema(options: &PgConnectOptions, schema: &str) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    let name = schema.replace('"', "");
    let drop = |name: &str| format!("DROP SCHEMA IF EXISTS \"{name}\" CASCADE");
    let renew = format!("{}; {}; CREATE SCHEMA \"{name}\"", drop(&format!("{name}_jobs")), drop(&name));
    sqlx::raw_sql(AssertSqlSafe(renew)).execute(&mut connection).await?;
    connection.close().await
}
