//! What the engine's failures mean to whoever runs the machine, and what helps.

use sqlx::Error;
use sqlx::migrate::MigrateError;

/// SQLite's primary result codes; the extended ones keep them in the lowest byte.
const SQLITE_READ_ONLY: u32 = 8;
const SQLITE_INPUT_OUTPUT: u32 = 10;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANNOT_OPEN: u32 = 14;

const FULL: &str = "the disk of the database is full: make room and start again; nothing half-written stays, and what was \
    under way is taken up";
const READ_ONLY: &str = "the database cannot be written: make its disk and its files writable for the program's user and \
    start again; what was under way is taken up";
const DISK: &str =
    "the disk of the database fails or is full: look into the system's log, make room, and run `wanglou verify`";
const AWAY: &str = "the database gives no connection: see that its server is up, or that no other program holds its file, and \
    start again; what was under way is taken up";
const OTHER: &str = "the database failed";

/// A failure in words; the engine's own stand behind it.
pub(super) fn words(error: &Error) -> &'static str {
    match error {
        Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => AWAY,
        Error::Database(told) => of_code(&told.code().unwrap_or_default()),
        _ => OTHER,
    }
}

/// What kept the schema from being brought up to date.
pub(super) fn words_of_migration(error: &MigrateError) -> &'static str {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => words(error),
        _ => OTHER,
    }
}

/// A server's codes have five characters (SQLSTATE), a file's are numbers.
fn of_code(code: &str) -> &'static str {
    match code {
        "53100" => return FULL,
        "25006" => return READ_ONLY,
        "57P01" | "57P02" | "57P03" => return AWAY,
        _ if code.len() == 5 => return if code.starts_with("08") { AWAY } else { OTHER },
        _ => {}
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(SQLITE_FULL) => FULL,
        Ok(SQLITE_READ_ONLY | SQLITE_CANNOT_OPEN) => READ_ONLY,
        Ok(SQLITE_INPUT_OUTPUT) => DISK,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::{AWAY, DISK, FULL, OTHER, READ_ONLY, of_code, words};

    #[test]
    fn the_codes_of_both_engines_are_told_in_words() {
        assert_eq!((of_code("13"), of_code("53100")), (FULL, FULL));
        assert_eq!((of_code("1544"), of_code("25006")), (READ_ONLY, READ_ONLY));
        assert_eq!((of_code("4874"), of_code("57P01"), of_code("08006")), (DISK, AWAY, AWAY));
        assert_eq!((of_code("1555"), of_code("23505"), of_code("")), (OTHER, OTHER, OTHER));
    }

    #[test]
    fn a_server_that_gives_no_connection_is_away() {
        assert_eq!(words(&sqlx::Error::PoolTimedOut), AWAY);
    }
}
