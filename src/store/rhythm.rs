//! How often lists change.

use crate::model::time::Timestamp;
use crate::pace::rhythm::Rhythm;
use crate::store::column::{count, sha256_hex};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const ONE: &str =
    "SELECT fingerprint, digest, looks, changes, first_at_ms, last_at_ms FROM rhythms WHERE url_hash = $1";
const SAVE: &str = "INSERT INTO rhythms (url_hash, fingerprint, digest, looks, changes, first_at_ms, last_at_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (url_hash) DO UPDATE SET fingerprint = excluded.fingerprint, \
    digest = excluded.digest, looks = excluded.looks, changes = excluded.changes, first_at_ms = excluded.first_at_ms, \
    last_at_ms = excluded.last_at_ms";
const PURGE: &str = "DELETE FROM rhythms WHERE last_at_ms < $1";

impl Store {
    /// What is known of the list at an address.
    pub async fn rhythm(&self, url: &str) -> Result<Option<Rhythm>, StoreError> {
        let row = query(ONE).bind(sha256_hex(url.as_bytes())).fetch_optional(&self.read).await?;
        row.as_ref().map(rhythm).transpose()
    }

    /// Remembers a look at a list; of the address only the hash is kept.
    pub async fn save_rhythm(&self, url: &str, rhythm: &Rhythm) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        query(SAVE)
            .bind(sha256_hex(url.as_bytes()))
            .bind(&rhythm.fingerprint)
            .bind(&rhythm.digest)
            .bind(i64::from(rhythm.looks))
            .bind(i64::from(rhythm.changes))
            .bind(rhythm.first_at.ms())
            .bind(rhythm.last_at.ms())
            .execute(&mut tx.inner)
            .await?;
        tx.commit().await
    }
}

impl Tx {
    /// Forgets lists last looked at before an instant.
    pub(super) async fn purge_rhythms(&mut self, before: Timestamp) -> Result<(), StoreError> {
        query(PURGE).bind(before.ms()).execute(&mut self.inner).await?;
        Ok(())
    }
}

fn rhythm(row: &Row) -> Result<Rhythm, StoreError> {
    Ok(Rhythm {
        fingerprint: row.try_get("fingerprint")?,
        digest: row.try_get("digest")?,
        looks: count(row.try_get("looks")?),
        changes: count(row.try_get("changes")?),
        first_at: Timestamp::from_ms(row.try_get("first_at_ms")?),
        last_at: Timestamp::from_ms(row.try_get("last_at_ms")?),
    })
}
