//! Every state of a ledger file that was ever loaded, with author, time and diff, so that it can be brought back.

use std::io::Read;

use crate::model::time::Timestamp;
use crate::store::column::{count, from_hex, from_json, json, sha256_hex, to_hex};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const CONTENT: &str = "ledger_versions.content";
const DIFF: &str = "ledger_versions.diff";
const CONTENT_MAX_BYTES: u64 = 256 * 1024 * 1024;

const LATEST: &str = "SELECT version, sha256 FROM ledger_versions WHERE file = $1 ORDER BY version DESC LIMIT 1";
const ADD: &str = "INSERT INTO ledger_versions (file, version, sha256, author, at_ms, sealed, diff, content) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const AT: &str = "SELECT version FROM ledger_versions WHERE file = $1 AND at_ms <= $2 ORDER BY version DESC LIMIT 1";
const LIST: &str = "SELECT file, version, sha256, author, at_ms, sealed, diff FROM ledger_versions \
    WHERE file = $1 OR $1 = '' ORDER BY file, version DESC";
const BYTES: &str = "SELECT sealed, content FROM ledger_versions WHERE file = $1 AND version = $2";
const PURGE: &str = "DELETE FROM ledger_versions WHERE file = $1 AND version <= \
    (SELECT MAX(version) FROM ledger_versions WHERE file = $1) - $2";

/// A state of a ledger file to be kept.
#[derive(Debug, Clone)]
pub struct NewLedgerVersion<'a> {
    /// Name of the file, such as `terms.csv`.
    pub file: &'a str,
    /// The bytes of the file.
    pub bytes: &'a [u8],
    /// Who changed it, as far as known.
    pub author: &'a str,
    /// When it was read.
    pub at: Timestamp,
    /// What changed against the version before.
    pub diff: &'a serde_json::Value,
    /// Whether bytes and diff are secret. Such a version needs the store's key.
    pub confidential: bool,
}

/// A state of a ledger file, without its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerVersion {
    /// Name of the file.
    pub file: String,
    /// Number, from 1.
    pub version: u64,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// Who changed it.
    pub author: String,
    /// When it was read.
    pub at: Timestamp,
    /// What changed against the version before; none when it is sealed and there is no key.
    pub diff: Option<serde_json::Value>,
}

impl Store {
    /// Keeps a state of a ledger file and returns its number; none when the latest version has the same bytes.
    pub async fn add_ledger_version(&self, new: &NewLedgerVersion<'_>) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin().await?;
        let number = tx.add_ledger_version(new).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// The versions of a file, newest first; of every file when none is named.
    pub async fn ledger_versions(&self, file: Option<&str>) -> Result<Vec<LedgerVersion>, StoreError> {
        let rows = query(LIST).bind(file.unwrap_or("")).fetch_all(&self.read).await?;
        rows.iter().map(|row| self.ledger_version(row)).collect()
    }

    /// The number of the version of a file that was in force at an instant, as far as the history goes back.
    pub async fn ledger_version_at(&self, file: &str, at: Timestamp) -> Result<Option<u64>, StoreError> {
        let row = query(AT).bind(file).bind(at.ms()).fetch_optional(&self.read).await?;
        row.map(|row| Ok(count(row.try_get("version")?))).transpose()
    }

    /// Number and SHA-256 of the latest version of a file; nothing else of it is read.
    pub async fn latest_ledger_version(&self, file: &str) -> Result<Option<(u64, String)>, StoreError> {
        let row = query(LATEST).bind(file).fetch_optional(&self.read).await?;
        row.map(|row| Ok((count(row.try_get("version")?), row.try_get("sha256")?))).transpose()
    }

    /// The bytes of one version.
    pub async fn ledger_bytes(&self, file: &str, version: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let version = i64::try_from(version).unwrap_or(i64::MAX);
        let row = query(BYTES).bind(file).bind(version).fetch_optional(&self.read).await?;
        let Some(row) = row else { return Ok(None) };
        let text = self.sealing.read(CONTENT, row.try_get("content")?, row.try_get("sealed")?)?;
        unpack(&text.ok_or(StoreError::Sealed(CONTENT))?).map(Some)
    }

    /// Forgets all but the latest versions of a file that holds personal data; returns how many were forgotten.
    pub async fn purge_ledger_versions(&self, file: &str, keep: u32) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let purged = query(PURGE).bind(file).bind(i64::from(keep)).execute(&mut tx.inner).await?;
        tx.commit().await?;
        Ok(purged)
    }

    fn ledger_version(&self, row: &Row) -> Result<LedgerVersion, StoreError> {
        let diff = self.sealing.read(DIFF, row.try_get("diff")?, row.try_get("sealed")?)?;
        Ok(LedgerVersion {
            file: row.try_get("file")?,
            version: count(row.try_get("version")?),
            sha256: row.try_get("sha256")?,
            author: row.try_get("author")?,
            at: Timestamp::from_ms(row.try_get("at_ms")?),
            diff: diff.map(|text| from_json(&text, DIFF)).transpose()?,
        })
    }
}

impl Tx {
    async fn add_ledger_version(&mut self, new: &NewLedgerVersion<'_>) -> Result<Option<u64>, StoreError> {
        let sha256 = sha256_hex(new.bytes);
        let latest = query(LATEST).bind(new.file).fetch_optional(&mut self.inner).await?;
        let last: i64 = match &latest {
            Some(row) if row.try_get::<String>("sha256")? == sha256 => return Ok(None),
            Some(row) => row.try_get("version")?,
            None => 0,
        };
        let (diff, sealed) = self.secret(new.confidential, DIFF, json(new.diff, DIFF)?)?;
        let (content, _) = self.secret(new.confidential, CONTENT, pack(new.bytes)?)?;
        query(ADD)
            .bind(new.file)
            .bind(last + 1)
            .bind(sha256)
            .bind(new.author)
            .bind(new.at.ms())
            .bind(sealed)
            .bind(diff)
            .bind(content)
            .execute(&mut self.inner)
            .await?;
        Ok(Some(count(last + 1)))
    }

    fn secret(&self, confidential: bool, column: &'static str, plain: String) -> Result<(String, bool), StoreError> {
        use crate::store::sealed::Readers;
        match confidential {
            true if !self.sealing.has_key() => Err(StoreError::Sealed(column)),
            true => Ok(self.sealing.write(Readers::LeakLane, column, plain, "")),
            false => Ok(self.sealing.write(Readers::All, column, plain, "")),
        }
    }
}

fn pack(bytes: &[u8]) -> Result<String, StoreError> {
    Ok(to_hex(&zstd::encode_all(bytes, 9)?))
}

fn unpack(text: &str) -> Result<Vec<u8>, StoreError> {
    let packed = from_hex(text).ok_or_else(|| std::io::Error::other("a ledger version is not hexadecimal"))?;
    let mut bytes = Vec::new();
    zstd::Decoder::new(packed.as_slice())?.take(CONTENT_MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
