//! The band of a case's best candidate at the moment of its decision. A case closed as another person's loses its candidates with
//! the decision, and later the case itself is erased: what was promised and what came of it stays, without anybody's name.

use crate::model::case::{Case, CaseState, Disposition};
use crate::model::finding::Band;
use crate::model::ids::CaseId;
use crate::store::column::{from_word, word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const SAVE: &str = "INSERT INTO band_decisions (case_id, band, disposition, decided_at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (case_id) DO UPDATE SET band = excluded.band, disposition = excluded.disposition, \
    decided_at_ms = excluded.decided_at_ms";
const FORGET: &str = "DELETE FROM band_decisions WHERE case_id = $1";
const COUNTED: &str = "SELECT band, disposition FROM band_decisions ORDER BY decided_at_ms, case_id";
const PURGE: &str = "DELETE FROM band_decisions WHERE decided_at_ms < $1";

impl Store {
    /// Of every decided case that had a candidate the best one's band and what was decided, the oldest first.
    pub async fn band_decisions(&self) -> Result<Vec<(Band, Disposition)>, StoreError> {
        let rows = query(COUNTED).fetch_all(&self.read).await?;
        let pair = |row: &Row| {
            let band = from_word(row.try_get("band")?, "band_decisions.band")?;
            Ok((band, from_word(row.try_get("disposition")?, "band_decisions.disposition")?))
        };
        rows.iter().map(pair).collect()
    }
}

impl Tx {
    /// Notes the band of a case that is decided; a decision that is taken back is forgotten. Of protected speech nothing is noted.
    pub(super) async fn note_band(&mut self, before: &Case, state: &CaseState) -> Result<(), StoreError> {
        let decided = match state {
            CaseState::Closed { disposition, at, .. } if *disposition != Disposition::ProtectedSpeech => {
                Some((disposition, at))
            }
            _ => None,
        };
        let best = before.judgement.candidates.iter().map(|candidate| candidate.band).max();
        let Some(((disposition, at), band)) = decided.zip(best) else {
            return self.forget_band(&before.id).await;
        };
        let saved = query(SAVE).bind(before.id.as_str()).bind(word(&band)).bind(word(disposition)).bind(at.ms());
        saved.execute(&mut self.inner).await?;
        Ok(())
    }

    pub(super) async fn forget_band(&mut self, case: &CaseId) -> Result<(), StoreError> {
        query(FORGET).bind(case.as_str()).execute(&mut self.inner).await?;
        Ok(())
    }

    /// Forgets bands of decisions before an instant; returns how many.
    pub(super) async fn purge_bands(&mut self, before_ms: i64) -> Result<u64, StoreError> {
        Ok(query(PURGE).bind(before_ms).execute(&mut self.inner).await?)
    }
}
