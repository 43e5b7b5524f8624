//! Captures pinned to subjects and cases, each with its link of the chain.

use serde_json::json;

use crate::model::capture::Capture;
use crate::model::case::{Case, Lane};
use crate::model::ids::{CaptureHash, CaptureId, CaseId};
use crate::model::time::Timestamp;
use crate::store::chain::ChainKind;
use crate::store::column::sha256_hex;
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};
use crate::vault::Vault;

const PIN: &str = "INSERT INTO evidence (subject_key, capture_id, case_id, kept, pinned_at_ms) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subject_key, capture_id) DO NOTHING";
const OF_CASE: &str = "SELECT e.subject_key, k.is_repost, e.capture_id, e.kept, e.pinned_at_ms, c.url, c.fetched_at_ms, c.sha256 \
    FROM evidence AS e JOIN captures AS c ON c.id = e.capture_id \
    LEFT JOIN case_subjects AS k ON k.case_id = e.case_id AND k.subject_key = e.subject_key WHERE e.case_id = $1 ORDER BY e.pinned_at_ms, c.id";
const OF_SUBJECT: &str = "SELECT e.subject_key, k.is_repost, e.capture_id, e.kept, e.pinned_at_ms, c.url, c.fetched_at_ms, c.sha256 \
    FROM evidence AS e JOIN captures AS c ON c.id = e.capture_id \
    LEFT JOIN case_subjects AS k ON k.case_id = e.case_id AND k.subject_key = e.subject_key WHERE e.subject_key = $1 \
    ORDER BY e.pinned_at_ms, c.id";

/// A capture pinned to a case or to a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Key of the subject that it shows.
    pub subject: String,
    /// Whether that only repeats the text of the case.
    pub is_repost: bool,
    /// Capture.
    pub capture: CaptureId,
    /// Hash of the stored bytes.
    pub sha256: CaptureHash,
    /// Address; only its hash when the bytes were not kept.
    pub url: String,
    /// When the page was fetched.
    pub fetched_at: Timestamp,
    /// When it was pinned.
    pub pinned_at: Timestamp,
    /// Whether the bytes are in the vault. They are not for a leak found without a key.
    pub kept: bool,
}

impl Evidence {
    /// As what its subject stands in the case: what that is about, or a repost.
    pub const fn stands_as(&self) -> &'static str {
        if self.is_repost { "repost" } else { "case" }
    }
}

impl Store {
    /// The evidence of a case, oldest first.
    pub async fn evidence_of_case(&self, case: &CaseId) -> Result<Vec<Evidence>, StoreError> {
        query(OF_CASE).bind(case.as_str()).fetch_all(&self.read).await?.iter().map(evidence).collect()
    }

    /// The evidence of a subject (by its key), oldest first.
    pub async fn evidence_of_subject(&self, subject_key: &str) -> Result<Vec<Evidence>, StoreError> {
        query(OF_SUBJECT).bind(subject_key).fetch_all(&self.read).await?.iter().map(evidence).collect()
    }

    /// Makes the bytes of captures readable for the leak lane alone.
    pub(super) async fn seal_captures(&self, vault: &Vault, captures: &[CaptureId]) -> Result<(), StoreError> {
        for id in captures {
            let capture = self.capture(id).await?.ok_or_else(|| StoreError::NoCapture(id.clone()))?;
            vault.seal_stored(&capture.sha256).await?;
        }
        Ok(())
    }
}

impl Tx {
    pub(super) async fn pin_evidence(
        &mut self,
        subject_key: &str,
        lane: &Lane,
        case: Option<&Case>,
        captures: &[CaptureId],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let kept = *lane != Lane::Leak || self.sealing.has_key();
        for id in captures {
            let capture = self.capture(id).await?;
            let pinned = query(PIN)
                .bind(subject_key)
                .bind(id.as_str())
                .bind(case.map(|case| case.id.as_str()))
                .bind(kept)
                .bind(at.ms())
                .execute(&mut self.inner)
                .await?;
            if pinned > 0 {
                self.chain(ChainKind::Evidence, at, chain_body(&capture, case, kept)).await?;
            }
        }
        Ok(())
    }
}

fn chain_body(capture: &Capture, case: Option<&Case>, kept: bool) -> serde_json::Value {
    let mut body = json!({
        "capture": capture.id,
        "sha256": capture.sha256,
        "size": capture.size,
        "status": capture.status,
        "fetched_at": capture.fetched_at,
        "url_sha256": sha256_hex(capture.url.as_bytes()),
        "kept": kept,
    });
    if let Some(case) = case {
        body["case"] = json!(case.number);
    }
    body
}

fn evidence(row: &Row) -> Result<Evidence, StoreError> {
    Ok(Evidence {
        subject: row.try_get("subject_key")?,
        is_repost: row.try_get::<Option<bool>>("is_repost")?.unwrap_or_default(),
        capture: CaptureId::new(row.try_get::<String>("capture_id")?),
        sha256: CaptureHash::new(row.try_get::<String>("sha256")?),
        url: row.try_get("url")?,
        fetched_at: Timestamp::from_ms(row.try_get("fetched_at_ms")?),
        pinned_at: Timestamp::from_ms(row.try_get("pinned_at_ms")?),
        kept: row.try_get("kept")?,
    })
}
