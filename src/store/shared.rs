//! Files of the installation that machines which share nothing else take from the database: ledgers as they lie in the
//! folder (the confidential one sealed), marks, platform files, sources.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::time::Timestamp;
use crate::store::column::sha256_hex;
use crate::store::sql::query;
use crate::store::{Store, StoreError};

const DIGESTS: &str = "SELECT path, sha256 FROM shared_files ORDER BY path";
const ONE: &str = "SELECT bytes FROM shared_files WHERE path = $1";
const PUT: &str = "INSERT INTO shared_files (path, sha256, bytes, at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes, at_ms = excluded.at_ms";
const REMOVE: &str = "DELETE FROM shared_files WHERE path = $1";

impl Store {
    /// Puts files in the place of those that were shared before, all at once; returns how many changed.
    pub async fn share_files(&self, files: &BTreeMap<String, Vec<u8>>, now: Timestamp) -> Result<usize, StoreError> {
        let before = self.shared_digests().await?;
        let is_new = |path: &String, bytes: &[u8]| before.get(path) != Some(&sha256_hex(bytes));
        let changed: Vec<_> = files.iter().filter(|(path, bytes)| is_new(path, bytes)).collect();
        let gone: BTreeSet<_> = before.keys().filter(|path| !files.contains_key(*path)).collect();
        if changed.is_empty() && gone.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        for (path, bytes) in &changed {
            let put = query(PUT).bind(*path).bind(sha256_hex(bytes)).bind((*bytes).clone()).bind(now.ms());
            put.execute(&mut tx.inner).await?;
        }
        for path in &gone {
            query(REMOVE).bind(*path).execute(&mut tx.inner).await?;
        }
        tx.commit().await?;
        Ok(changed.len() + gone.len())
    }

    /// SHA-256 of each shared file by its path.
    pub async fn shared_digests(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let rows = query(DIGESTS).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((row.try_get("path")?, row.try_get("sha256")?))).collect()
    }

    /// The bytes of a shared file.
    pub async fn shared_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = query(ONE).bind(path).fetch_optional(&self.read).await?;
        Ok(row.map(|row| row.try_get("bytes")).transpose()?)
    }
}
