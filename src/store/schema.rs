//! The tables as the migrations make them: names, columns and kinds, in an order in which rows can be put in. Read from
//! the migrations themselves, so that no table can be forgotten.

use crate::store::dialect;
use crate::store::sql::{Bind, Pool, Row, query};
use crate::store::{MIGRATIONS, StoreError};

// What the migrations themselves write is not copied.
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
    AND name NOT IN ('_sqlx_migrations', 'compatibility') ORDER BY name";
const COLUMNS: &str = "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid";
const PARENTS: &str = "SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list($1)";

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// Columns of the primary key, in its order.
    pub(super) key: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    kind: Kind,
}

/// The kinds of values that the migrations use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Real,
    Truth,
    Bytes,
}

impl Column {
    /// The value of this column, NULL included.
    pub(super) fn of(&self, row: &Row) -> sqlx::Result<Bind> {
        Ok(match self.kind {
            Kind::Text => Bind::Text(row.try_get(&self.name)?),
            Kind::Number => Bind::Number(row.try_get(&self.name)?),
            Kind::Real => Bind::Real(row.try_get(&self.name)?),
            Kind::Truth => Bind::Truth(row.try_get(&self.name)?),
            Kind::Bytes => Bind::Bytes(row.try_get(&self.name)?),
        })
    }
}

/// All tables; a table comes after those that it refers to.
pub(super) async fn tables() -> Result<Vec<Table>, StoreError> {
    let blank = dialect::in_memory().await?;
    if let Pool::Sqlite(pool) = &blank {
        MIGRATIONS.run(pool).await.map_err(StoreError::Migration)?;
    }
    let mut waiting = Vec::new();
    for row in query(TABLES).fetch_all(&blank).await? {
        let name: String = row.try_get("name")?;
        waiting.push((table(&blank, &name).await?, parents(&blank, &name).await?));
    }
    blank.close().await;
    Ok(in_order(waiting))
}

async fn table(blank: &Pool, name: &str) -> Result<Table, StoreError> {
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    for row in query(COLUMNS).bind(name).fetch_all(blank).await? {
        let column = Column { name: row.try_get("name")?, kind: kind(&row.try_get::<String>("type")?) };
        let place: i64 = row.try_get("pk")?;
        if place > 0 {
            key.push((place, column.clone()));
        }
        columns.push(column);
    }
    key.sort_by_key(|(place, _)| *place);
    Ok(Table { name: name.to_owned(), columns, key: key.into_iter().map(|(_, column)| column).collect() })
}

async fn parents(blank: &Pool, name: &str) -> Result<Vec<String>, StoreError> {
    let rows = query(PARENTS).bind(name).fetch_all(blank).await?;
    Ok(rows.iter().map(|row| row.try_get("parent")).collect::<Result<_, _>>()?)
}

fn in_order(mut waiting: Vec<(Table, Vec<String>)>) -> Vec<Table> {
    let mut placed: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |(_, parents): &(Table, Vec<String>)| {
            parents.iter().all(|parent| placed.iter().any(|table| table.name == *parent))
        };
        // The migrations let no two tables refer to each other, so that one is always ready.
        let next = waiting.iter().position(is_ready).unwrap_or(0);
        placed.push(waiting.remove(next).0);
    }
    placed
}

fn kind(declared: &str) -> Kind {
    match declared {
        "BIGINT" => Kind::Number,
        "DOUBLE PRECISION" => Kind::Real,
        "BOOLEAN" => Kind::Truth,
        "BYTEA" => Kind::Bytes,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, tables};
    use crate::store::MIGRATION_FILES;

    #[tokio::test]
    async fn every_table_has_a_key_and_kinds_that_are_known() {
        for table in tables().await.unwrap() {
            assert!(!table.key.is_empty(), "{} has no primary key, by which it is copied", table.name);
        }
        let written: String = MIGRATION_FILES.iter().map(|(_, _, sql)| *sql).collect();
        for odd in [" INTEGER", " REAL", " BLOB", " INT ", " VARCHAR", " BOOL "] {
            assert!(!written.contains(odd), "the copy knows no{odd}");
        }
    }

    #[tokio::test]
    async fn what_is_referred_to_comes_first() {
        let tables = tables().await.unwrap();
        let place = |name: &str| tables.iter().position(|table| table.name == name).unwrap();
        assert!(place("subjects") < place("evidence") && place("captures") < place("evidence"));
        assert!(place("workers") < place("hosts") && place("cases") < place("alert_cases"));
    }

    #[tokio::test]
    async fn a_composite_key_keeps_its_order() {
        let tables = tables().await.unwrap();
        let evidence = tables.iter().find(|table| table.name == "evidence").unwrap();
        let key: Vec<&str> = evidence.key.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(key, ["subject_key", "capture_id"]);
        assert!(evidence.columns.iter().any(|column| column.name == "kept" && column.kind == Kind::Truth));
    }
}
