//! What employees were told: each text once, with a number of its own.

use crate::model::audit::AuditEntry;
use crate::model::request::Notice;
use crate::model::time::Timestamp;
use crate::store::column::{big, count, sha256_hex};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

macro_rules! select_notices {
    ($rest:literal) => {
        concat!("SELECT version, text_zh, text_en, issued_by, issued_at_ms FROM notices ", $rest)
    };
}

const ALL: &str = select_notices!("ORDER BY version DESC");
const BY_TEXT: &str = select_notices!("WHERE sha256 = $1");
const ISSUE: &str = "INSERT INTO notices (version, sha256, text_zh, text_en, issued_by, issued_at_ms) \
    VALUES ($1, $2, $3, $4, $5, $6)";

impl Store {
    /// Every notice, the latest first.
    pub async fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        query(ALL).fetch_all(&self.read).await?.iter().map(notice).collect()
    }

    /// Issues a text; one that was issued before keeps its number.
    pub async fn issue_notice(&self, zh: &str, en: &str, audit: &AuditEntry) -> Result<Notice, StoreError> {
        let mut tx = self.begin().await?;
        let sha256 = sha256_hex(format!("{zh}\n{en}").as_bytes());
        if let Some(row) = query(BY_TEXT).bind(sha256.as_str()).fetch_optional(&mut tx.inner).await? {
            return notice(&row);
        }
        let version: u64 = count(tx.count_up("notices").await?);
        let (zh, en, issued_by) = (zh.to_owned(), en.to_owned(), audit.actor.clone());
        let issue = query(ISSUE).bind(big(version)).bind(sha256).bind(zh.as_str()).bind(en.as_str());
        issue.bind(issued_by.as_str()).bind(audit.at.ms()).execute(&mut tx.inner).await?;
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(Notice { version, zh, en, issued_by, issued_at: audit.at })
    }
}

fn notice(row: &Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        version: count(row.try_get("version")?),
        zh: row.try_get("text_zh")?,
        en: row.try_get("text_en")?,
        issued_by: row.try_get("issued_by")?,
        issued_at: Timestamp::from_ms(row.try_get("issued_at_ms")?),
    })
}
