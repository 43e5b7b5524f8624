//! Stored bytes in the database: those that wait for their inspection, and all where the vault lies in it. They go in and
//! out together with the rows that refer to them.

use crate::model::ids::CaptureHash;
use crate::store::column::count;
use crate::store::sql::{Query, Row, query};
use crate::store::{Store, StoreError, Tx, dialect};
use crate::vault::{Swept, VaultError};

const ONE: &str = "SELECT sealed, bytes FROM objects WHERE sha256 = $1";
const FORM: &str = "SELECT sealed FROM objects WHERE sha256 = $1";
// What is sealed stays sealed.
const PUT: &str = "INSERT INTO objects (sha256, sealed, bytes) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO UPDATE SET \
    bytes = CASE WHEN excluded.sealed THEN excluded.bytes ELSE objects.bytes END, \
    sealed = (objects.sealed OR excluded.sealed)";
const COUNT: &str = "SELECT COUNT(*) AS n FROM objects";
const SWEEP: &str = "DELETE FROM objects WHERE NOT EXISTS \
    (SELECT 1 FROM captures AS c WHERE c.sha256 = objects.sha256 AND c.state <> 'dropped')";
const REMOVE: &str = "DELETE FROM objects WHERE sha256 = $1";

/// Stored bytes under their hash.
#[derive(Debug, Clone)]
pub struct Object {
    /// SHA-256 of what was put in.
    pub hash: CaptureHash,
    /// Whether the stored bytes are sealed.
    pub is_sealed: bool,
    /// The stored bytes: compressed, and sealed where they are.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Stored bytes under a hash.
    pub async fn object(&self, hash: &CaptureHash) -> Result<Option<Object>, VaultError> {
        let row = query(ONE).bind(hash.as_str()).fetch_optional(&self.read).await?;
        Ok(row.map(|row| object(hash, &row)).transpose()?)
    }

    /// Whether the bytes under a hash are sealed; none when there are none.
    pub async fn object_is_sealed(&self, hash: &CaptureHash) -> Result<Option<bool>, VaultError> {
        let row = query(FORM).bind(hash.as_str()).fetch_optional(&self.read).await?;
        Ok(row.map(|row| row.try_get("sealed")).transpose()?)
    }

    /// Stores bytes; sealed ones take the place of plain ones.
    pub async fn put_object(&self, object: &Object) -> Result<(), VaultError> {
        put(object.clone()).execute(&self.write).await?;
        Ok(())
    }

    /// Removes stored bytes to which no capture refers. In line with the writers, since one that stores bytes which are
    /// there already and the row that refers to them would lose them otherwise.
    pub async fn sweep_objects(&self) -> Result<Swept, VaultError> {
        let mut session = dialect::begin(&self.write).await?;
        let removed = query(SWEEP).execute(&mut session).await?;
        session.commit().await?;
        let kept: i64 = query(COUNT).fetch_one(&self.read).await?.try_get("n")?;
        Ok(Swept { kept: count(kept), removed, leftovers: 0 })
    }

    /// Removes stored bytes; false when there were none.
    pub async fn remove_object(&self, hash: &CaptureHash) -> Result<bool, VaultError> {
        Ok(query(REMOVE).bind(hash.as_str()).execute(&self.write).await? > 0)
    }
}

impl Tx {
    pub(super) async fn object(&mut self, hash: &CaptureHash) -> Result<Option<Object>, StoreError> {
        let row = query(ONE).bind(hash.as_str()).fetch_optional(&mut self.inner).await?;
        Ok(row.map(|row| object(hash, &row)).transpose()?)
    }

    pub(super) async fn put_object(&mut self, object: Object) -> Result<(), StoreError> {
        put(object).execute(&mut self.inner).await?;
        Ok(())
    }

    pub(super) async fn remove_object(&mut self, hash: &CaptureHash) -> Result<(), StoreError> {
        query(REMOVE).bind(hash.as_str()).execute(&mut self.inner).await?;
        Ok(())
    }
}

fn put(object: Object) -> Query {
    query(PUT).bind(object.hash.as_str()).bind(object.is_sealed).bind(object.bytes)
}

fn object(hash: &CaptureHash, row: &Row) -> sqlx::Result<Object> {
    Ok(Object { hash: hash.clone(), is_sealed: row.try_get("sealed")?, bytes: row.try_get("bytes")? })
}
