//! One SQL for two engines: statements are constants with `$1` binds, values are of five kinds, and rows are read by the
//! name of a column. What an engine does in a way of its own stands in `dialect.rs`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, Transaction, Type};

/// Connections to one of the engines.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    /// A file.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

/// A transaction on one of the engines.
#[derive(Debug)]
pub(crate) enum Session {
    /// On a file.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a server.
    Postgres(Transaction<'static, Postgres>),
}

/// Where a statement runs: on any connection, or within a transaction.
pub(crate) enum Target<'a> {
    /// On any connection.
    Pool(&'a Pool),
    /// Within a transaction.
    Session(&'a mut Session),
}

/// One row of a result.
#[derive(Debug)]
pub(crate) enum Row {
    /// Of a file.
    Sqlite(SqliteRow),
    /// Of a server.
    Postgres(PgRow),
}

/// A value for a place in a statement.
#[derive(Debug, Clone)]
pub(crate) enum Bind {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Number(Option<i64>),
    /// DOUBLE PRECISION.
    Real(Option<f64>),
    /// BOOLEAN.
    Truth(Option<bool>),
    /// BYTEA.
    Bytes(Option<Vec<u8>>),
}

/// What both engines can read from a column.
pub(crate) trait Column<'r>: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres> {}

impl<'r, T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>> Column<'r> for T {}

/// A statement with its values.
#[derive(Debug)]
#[must_use = "a statement does nothing until it is run"]
pub(crate) struct Query {
    sql: SqlStr,
    /// The same for a file, where it is written otherwise.
    of_file: Option<SqlStr>,
    binds: Vec<Bind>,
    is_kept: bool,
}

/// A statement without values yet.
pub(crate) fn query(sql: impl SqlSafeStr) -> Query {
    Query { sql: sql.into_sql_str(), of_file: None, binds: Vec::new(), is_kept: true }
}

/// A statement for several rows, for a server and for a file.
type OfRows = (Arc<str>, Arc<str>);
/// Such statements, by their text and numbers of rows and columns.
type Written = HashMap<(&'static str, usize, usize), OfRows>;
/// Such statements that are kept; what would be one more is written out each time.
const WRITTEN_MAX: usize = 4_096;

/// A statement for several rows at once, without values yet: in the text, `@` stands for the rows' places, such as
/// `($1, $2), ($3, $4)`, and there are no others. It is written out and prepared once for each number of rows, so that callers
/// limit it.
pub(super) fn query_of_rows(sql: &'static str, rows: usize, columns: usize) -> Query {
    static WRITTEN: LazyLock<Mutex<Written>> = LazyLock::new(Mutex::default);
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (sql, rows, columns);
    let (of_server, of_file) = written.get(&key).cloned().unwrap_or_else(|| of_rows(sql, rows, columns));
    if written.len() < WRITTEN_MAX {
        written.entry(key).or_insert_with(|| (Arc::clone(&of_server), Arc::clone(&of_file)));
    }
    Query { of_file: Some(AssertSqlSafe(of_file).into_sql_str()), ..query(AssertSqlSafe(of_server)) }
}

/// Such a statement written out. Differs for a file: its places have no numbers there, since SQLite goes through all that have one
/// for each value.
fn of_rows(sql: &str, rows: usize, columns: usize) -> OfRows {
    let places = |place: &dyn Fn(usize) -> String| {
        let row = |row: usize| {
            let row: Vec<String> = (1..=columns).map(|column| place(row * columns + column)).collect();
            format!("({})", row.join(", "))
        };
        (0..rows).map(row).collect::<Vec<String>>().join(", ")
    };
    let written = |places: String| sql.replace('@', &places).into();
    (written(places(&|number| format!("${number}"))), written(places(&|_| "?".to_owned())))
}

/// A statement about whatever is in a list, with its values: in the text, `@` stands for their places, such as `($1, $2)`.
pub(super) fn query_of_list(sql: &'static str, values: &[&str]) -> Query {
    values.iter().fold(query_of_rows(sql, 1, values.len()), |statement, value| statement.bind(*value))
}

/// A statement made of the names in our own migrations, without values yet. Nothing from outside may be part of it.
pub(super) fn built(sql: String) -> Query {
    query(AssertSqlSafe(sql)).fresh()
}

/// The statement for one engine, as it is written there.
macro_rules! prepared {
    ($query:expr, $sql:expr) => {
        $query.binds.into_iter().fold(sqlx::query($sql).persistent($query.is_kept), |statement, bind| match bind {
            Bind::Text(value) => statement.bind(value),
            Bind::Number(value) => statement.bind(value),
            Bind::Real(value) => statement.bind(value),
            Bind::Truth(value) => statement.bind(value),
            Bind::Bytes(value) => statement.bind(value),
        })
    };
}

/// Runs a statement on whichever engine is open, and turns what it found into rows of either; the compiler checks the
/// body for each.
macro_rules! on_engine {
    ($target:expr, $query:expr, $run:ident, |$found:ident, $row:ident| $body:expr) => {
        match $target {
            Target::Pool(Pool::Sqlite(pool)) => {
                let ($found, $row) =
                    (prepared!($query, $query.of_file.unwrap_or($query.sql)).$run(pool).await?, Row::Sqlite);
                $body
            }
            Target::Pool(Pool::Postgres(pool)) => {
                let ($found, $row) = (prepared!($query, $query.sql).$run(pool).await?, Row::Postgres);
                $body
            }
            Target::Session(Session::Sqlite(session)) => {
                let ($found, $row) =
                    (prepared!($query, $query.of_file.unwrap_or($query.sql)).$run(&mut **session).await?, Row::Sqlite);
                $body
            }
            Target::Session(Session::Postgres(session)) => {
                let ($found, $row) = (prepared!($query, $query.sql).$run(&mut **session).await?, Row::Postgres);
                $body
            }
        }
    };
}

impl Query {
    /// The same statement with the next value.
    pub(crate) fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.binds.push(value.into());
        self
    }

    /// The same statement, prepared anew each time: for what may be replaced while the connection lives, such as functions of
    /// another owner, which a prepared statement would look for in vain ever after.
    pub(crate) const fn fresh(mut self) -> Self {
        self.is_kept = false;
        self
    }

    /// Runs the statement; returns how many rows it changed.
    pub(crate) async fn execute<'a>(self, on: impl Into<Target<'a>>) -> sqlx::Result<u64> {
        Ok(on_engine!(on.into(), self, execute, |done, _row| done.rows_affected()))
    }

    /// All rows.
    pub(crate) async fn fetch_all<'a>(self, on: impl Into<Target<'a>>) -> sqlx::Result<Vec<Row>> {
        Ok(on_engine!(on.into(), self, fetch_all, |found, row| found.into_iter().map(row).collect()))
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional<'a>(self, on: impl Into<Target<'a>>) -> sqlx::Result<Option<Row>> {
        Ok(on_engine!(on.into(), self, fetch_optional, |found, row| found.map(row)))
    }

    /// The first row; an error when there is none.
    pub(crate) async fn fetch_one<'a>(self, on: impl Into<Target<'a>>) -> sqlx::Result<Row> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

impl Row {
    /// The value of a column.
    pub(crate) fn try_get<'r, T: Column<'r>>(&'r self, column: &str) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

impl Pool {
    /// Waits for running statements and closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Session {
    /// Makes everything durable.
    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(session) => session.commit().await,
            Self::Postgres(session) => session.commit().await,
        }
    }
}

impl<'a> From<&'a Pool> for Target<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Session> for Target<'a> {
    fn from(session: &'a mut Session) -> Self {
        Self::Session(session)
    }
}

/// A value that may be missing goes into the same kind of place as one that may not.
macro_rules! binds {
    ($($kind:ident: $from:ty => $to:expr;)*) => {$(
        impl From<$from> for Bind {
            fn from(value: $from) -> Self {
                Self::$kind(Some($to(value)))
            }
        }

        impl From<Option<$from>> for Bind {
            fn from(value: Option<$from>) -> Self {
                Self::$kind(value.map($to))
            }
        }
    )*};
}

binds! {
    Text: String => std::convert::identity;
    Text: &str => str::to_owned;
    Text: &String => String::clone;
    Number: i64 => std::convert::identity;
    Real: f64 => std::convert::identity;
    Truth: bool => std::convert::identity;
    Bytes: Vec<u8> => std::convert::identity;
}

impl From<&Option<String>> for Bind {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}
