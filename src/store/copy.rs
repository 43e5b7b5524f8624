//! A whole database read in one state and written in one transaction, from either engine into either. Bytes of the vault
//! are not copied here; they come and go one by one. Who lives and who visits what belongs to the moment and stays behind.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::model::ids::CaptureHash;
use crate::store::chain::GENESIS;
use crate::store::column::{big, count, to_hex};
use crate::store::schema::{Column, Table, tables};
use crate::store::sql::{Bind, Query, Row, Session, built, query};
use crate::store::{Store, StoreError, Tx, dialect};

const HEAD: &str = "SELECT COUNT(*) AS links, COALESCE(MAX(seq), 0) AS seq FROM chain";
const LINK: &str = "SELECT hash FROM chain WHERE seq = $1";
const REFERRED: &str =
    "SELECT DISTINCT sha256 FROM captures WHERE state <> 'dropped' AND sha256 > $1 ORDER BY sha256 LIMIT $2";

const EVIDENCE: &str = "SELECT COUNT(*) AS n FROM captures AS c JOIN evidence AS e ON e.capture_id = c.id \
    WHERE c.sha256 = $1 AND e.kept";

/// Bytes of the vault, which are brought over by their hash whether they lie here or in a folder; and what belongs to the
/// moment.
const LEFT_BEHIND: [&str; 11] = [
    "objects",
    "workers",
    "hosts",
    "sessions",
    "invitations",
    "mail_links",
    "exemption_links",
    "group_links",
    "pending_sign_ins",
    "provider_visits",
    "unread_subjects",
];
/// Tables whose rows may be large; they are read one by one.
const LARGE: [&str; 2] = ["ledger_versions", "added_files"];
/// Rows of other tables that are in memory at a time.
const ROWS_AT_ONCE: i64 = 200;

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Rows.
    pub rows: u64,
    /// The rows' SHA-256 values, added up bit by bit: equal contents have equal sums, whatever the engine and the order.
    pub sum: String,
}

/// What every table holds, by its name.
pub type Tallies = BTreeMap<String, Tally>;

/// One state of a whole database, while others write on.
#[derive(Debug)]
pub struct Snapshot {
    session: Session,
}

/// Number of links and hash of the last one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChainEnd {
    /// Links.
    pub links: u64,
    /// Hash of the last link; 64 zeros when there is none.
    pub head: String,
}

impl Store {
    /// Holds the database as it is at this moment, for reading it whole.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot { session: dialect::snapshot(&self.read).await? })
    }
}

impl Snapshot {
    /// Hashes of stored bytes to which captures refer, in their order, from the one after `after`.
    pub async fn referred_after(&mut self, after: &str, limit: u32) -> Result<Vec<CaptureHash>, StoreError> {
        let rows = query(REFERRED).bind(after).bind(i64::from(limit)).fetch_all(&mut self.session).await?;
        let hash = |row: &Row| Ok(CaptureHash::new(row.try_get::<String>("sha256")?));
        rows.iter().map(hash).collect()
    }

    /// Whether stored bytes are evidence for something.
    pub async fn is_evidence(&mut self, hash: &CaptureHash) -> Result<bool, StoreError> {
        let found = query(EVIDENCE).bind(hash.as_str()).fetch_one(&mut self.session).await?;
        Ok(found.try_get::<i64>("n")? > 0)
    }

    /// How far the chain goes.
    pub async fn chain_end(&mut self) -> Result<ChainEnd, StoreError> {
        let end = query(HEAD).fetch_one(&mut self.session).await?;
        let seq: i64 = end.try_get("seq")?;
        let last = query(LINK).bind(seq).fetch_optional(&mut self.session).await?;
        let head = last.map(|row| row.try_get("hash")).transpose()?.unwrap_or_else(|| GENESIS.to_owned());
        Ok(ChainEnd { links: count(end.try_get("links")?), head })
    }

    /// What every table holds, the vault's aside.
    pub async fn tallies(&mut self) -> Result<Tallies, StoreError> {
        tallies(&mut self.session).await
    }
}

impl Tx {
    /// Names of the tables that hold something worth keeping.
    pub async fn filled_tables(&mut self) -> Result<Vec<String>, StoreError> {
        let mut filled = Vec::new();
        for table in rows_tables().await? {
            let any = format!("SELECT 1 AS n FROM {} LIMIT 1", table.name);
            if built(any).fetch_optional(&mut self.inner).await?.is_some() {
                filled.push(table.name);
            }
        }
        Ok(filled)
    }

    /// Copies every table of another database, the vault's aside, and reads back what was written. Returns what was read
    /// and what is there now; they are equal when all went well. `told` hears of each table with its rows.
    pub async fn copy_from(
        &mut self,
        from: &mut Snapshot,
        told: &(dyn Fn(&str, u64) + Send + Sync),
    ) -> Result<(Tallies, Tallies), StoreError> {
        let mut read = Tallies::new();
        for table in rows_tables().await? {
            let tally = self.copy_table(&table, from).await?;
            told(&table.name, tally.rows);
            read.insert(table.name, tally);
        }
        Ok((read, tallies(&mut self.inner).await?))
    }

    async fn copy_table(&mut self, table: &Table, from: &mut Snapshot) -> Result<Tally, StoreError> {
        let (mut sum, mut after) = (Sum::default(), Vec::new());
        loop {
            let rows = page(table, &after, &mut from.session).await?;
            let Some(last) = rows.last() else { return Ok(sum.tally()) };
            after = values(&table.key, last)?;
            let rows: Vec<Vec<Bind>> = rows.iter().map(|row| values(&table.columns, row)).collect::<Result<_, _>>()?;
            rows.iter().for_each(|row| sum.add(row));
            insert(table, rows).execute(&mut self.inner).await?;
        }
    }
}

async fn rows_tables() -> Result<Vec<Table>, StoreError> {
    let mut tables = tables().await?;
    tables.retain(|table| !LEFT_BEHIND.contains(&table.name.as_str()));
    Ok(tables)
}

async fn tallies(session: &mut Session) -> Result<Tallies, StoreError> {
    let mut found = Tallies::new();
    for table in rows_tables().await? {
        found.insert(table.name.clone(), tally(&table, session).await?);
    }
    Ok(found)
}

async fn tally(table: &Table, session: &mut Session) -> Result<Tally, StoreError> {
    let (mut sum, mut after) = (Sum::default(), Vec::new());
    loop {
        let rows = page(table, &after, session).await?;
        let Some(last) = rows.last() else { return Ok(sum.tally()) };
        after = values(&table.key, last)?;
        for row in &rows {
            sum.add(&values(&table.columns, row)?);
        }
    }
}

/// The rows after a key; the first ones when there is none.
async fn page(table: &Table, after: &[Bind], session: &mut Session) -> Result<Vec<Row>, StoreError> {
    let (all, key) = (names(&table.columns), names(&table.key));
    let begin = format!("SELECT {all} FROM {}", table.name);
    let next = match after.len() {
        0 => begin,
        places => format!("{begin} WHERE ({key}) > ({})", places_from(1, places)),
    };
    let statement = built(format!("{next} ORDER BY {key} LIMIT ${}", after.len() + 1));
    let statement = after.iter().cloned().fold(statement, Query::bind);
    let rows = if LARGE.contains(&table.name.as_str()) { 1 } else { ROWS_AT_ONCE };
    Ok(statement.bind(rows).fetch_all(session).await?)
}

fn insert(table: &Table, rows: Vec<Vec<Bind>>) -> Query {
    let width = table.columns.len();
    let places: Vec<String> = (0..rows.len()).map(|at| format!("({})", places_from(at * width + 1, width))).collect();
    let into = format!("INSERT INTO {} ({}) VALUES {}", table.name, names(&table.columns), places.join(", "));
    rows.into_iter().flatten().fold(built(into), Query::bind)
}

fn values(columns: &[Column], row: &Row) -> Result<Vec<Bind>, StoreError> {
    Ok(columns.iter().map(|column| column.of(row)).collect::<Result<_, _>>()?)
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn places_from(first: usize, count: usize) -> String {
    (first..first + count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

/// Adds rows up in a way that does not ask for their order.
#[derive(Default)]
struct Sum {
    rows: i64,
    bits: [u8; 32],
}

impl Sum {
    fn add(&mut self, row: &[Bind]) {
        let mut hash = Sha256::new();
        for value in row {
            let (kind, bytes) = spelled(value);
            hash.update([kind]);
            hash.update(big(bytes.len()).to_be_bytes());
            hash.update(bytes);
        }
        self.bits.iter_mut().zip(hash.finalize()).for_each(|(sum, byte)| *sum ^= byte);
        self.rows += 1;
    }

    fn tally(&self) -> Tally {
        Tally { rows: count(self.rows), sum: to_hex(&self.bits) }
    }
}

/// A value as bytes, and a mark of its kind; NULL has one of its own.
fn spelled(value: &Bind) -> (u8, Vec<u8>) {
    match value {
        Bind::Text(Some(text)) => (b't', text.clone().into_bytes()),
        Bind::Number(Some(number)) => (b'n', number.to_be_bytes().to_vec()),
        Bind::Real(Some(real)) => (b'r', real.to_bits().to_be_bytes().to_vec()),
        Bind::Truth(Some(truth)) => (b'b', vec![u8::from(*truth)]),
        Bind::Bytes(Some(bytes)) => (b'x', bytes.clone()),
        Bind::Text(None) | Bind::Number(None) | Bind::Real(None) | Bind::Truth(None) | Bind::Bytes(None) => {
            (b'0', Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bind, Sum};

    #[test]
    fn a_sum_knows_null_from_nothing_and_asks_for_no_order() {
        let (a, b) = (vec![Bind::Text(Some(String::new()))], vec![Bind::Text(None)]);
        let sum = |rows: &[&Vec<Bind>]| {
            let mut sum = Sum::default();
            rows.iter().for_each(|row| sum.add(row));
            sum.tally()
        };
        assert_eq!(sum(&[&a, &b]), sum(&[&b, &a]));
        assert_ne!(sum(&[&a]), sum(&[&b]));
    }
}
