//! What became of each subject in each run, in the form of the command contract.

use serde_json::{Value, json};

use crate::model::case::Judgement;
use crate::model::ids::ScanId;
use crate::model::time::Timestamp;
use crate::store::column::{from_json, json as to_json, new_id};
use crate::store::sql::{Row, query};
use crate::store::subject::readers_of;
use crate::store::{Store, StoreError, Tx};

pub(super) const OUTCOME: &str = "outcomes.outcome";
const DIGEST: &str = "SELECT digest FROM outcomes WHERE subject_key = $1 AND scan_id = $2";
const SAVE: &str = "INSERT INTO outcomes (subject_key, scan_id, id, judged_at_ms, digest, sealed, outcome) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (subject_key, scan_id) DO UPDATE SET \
    judged_at_ms = excluded.judged_at_ms, digest = excluded.digest, sealed = excluded.sealed, outcome = excluded.outcome";
const OF_SCAN: &str = "SELECT sealed, outcome FROM outcomes WHERE scan_id = $1 ORDER BY id";
const LATEST: &str = "SELECT sealed, outcome FROM outcomes AS o WHERE o.id = \
    (SELECT MAX(n.id) FROM outcomes AS n WHERE n.subject_key = o.subject_key) ORDER BY o.id";

impl Store {
    /// The outcomes of one run in the order of judgement, in the contract's form.
    /// Sealed ones that cannot be opened show `{"outcome":"sealed","lane":"leak"}`.
    pub async fn outcomes_of_scan(&self, scan: &ScanId) -> Result<Vec<Value>, StoreError> {
        let rows = query(OF_SCAN).bind(scan.as_str()).fetch_all(&self.read).await?;
        rows.iter().map(|row| self.outcome(row)).collect()
    }

    /// The latest outcome of every subject, in the contract's form.
    pub async fn latest_outcomes(&self) -> Result<Vec<Value>, StoreError> {
        query(LATEST).fetch_all(&self.read).await?.iter().map(|row| self.outcome(row)).collect()
    }

    fn outcome(&self, row: &Row) -> Result<Value, StoreError> {
        let text = self.sealing.read(OUTCOME, row.try_get("outcome")?, row.try_get("sealed")?)?;
        text.map_or_else(|| Ok(json!({"outcome": "sealed", "lane": "leak"})), |text| from_json(&text, OUTCOME))
    }
}

impl Tx {
    /// The digest under which a subject's outcome stands in a run already.
    pub(super) async fn outcome_digest(
        &mut self,
        subject_key: &str,
        scan: &ScanId,
    ) -> Result<Option<String>, StoreError> {
        let row = query(DIGEST).bind(subject_key).bind(scan.as_str()).fetch_optional(&mut self.inner).await?;
        Ok(row.map(|row| row.try_get("digest")).transpose()?)
    }

    pub(super) async fn save_outcome(
        &mut self,
        subject_key: &str,
        scan: &ScanId,
        judgement: &Judgement,
        digest: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let full = judgement.to_outcome_json();
        let bare = to_json(&without_text(full.clone()), OUTCOME)?;
        let (outcome, sealed) =
            self.sealing.write(readers_of(&judgement.lane), OUTCOME, to_json(&full, OUTCOME)?, &bare);
        query(SAVE)
            .bind(subject_key)
            .bind(scan.as_str())
            .bind(new_id(at))
            .bind(at.ms())
            .bind(digest)
            .bind(sealed)
            .bind(outcome)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }
}

/// The outcome with identifiers only: what is stored of a leak when there is no key.
fn without_text(mut outcome: Value) -> Value {
    outcome["reasons"] = json!([]);
    outcome["candidates"] = json!([]);
    outcome
}
