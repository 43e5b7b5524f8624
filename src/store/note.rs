//! Remarks on cases. Those of the leak lane are sealed; all are erased with their case.

use crate::model::audit::AuditEntry;
use crate::model::case::{Case, Lane};
use crate::model::ids::CaseId;
use crate::model::note::{Note, NoteKind};
use crate::model::time::Timestamp;
use crate::store::column::{from_word, new_id, word};
use crate::store::sealed::{Readers, Sealing};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

const WORDS: &str = "case_notes.words";
const ADD: &str = "INSERT INTO case_notes (id, case_id, kind, author, at_ms, sealed, words) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const OF_CASE: &str = "SELECT kind, author, at_ms, sealed, words FROM case_notes WHERE case_id = $1 ORDER BY id";

impl Store {
    /// Adds a remark, with its line of the audit.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] for the leak lane without a key.
    pub async fn add_note(
        &self,
        case: &Case,
        kind: NoteKind,
        words: &str,
        audit: &AuditEntry,
    ) -> Result<(), StoreError> {
        let readers = if case.judgement.lane == Lane::Leak { Readers::LeakLane } else { Readers::All };
        let (text, sealed) = self.sealing.write(readers, WORDS, words.to_owned(), "");
        if readers == Readers::LeakLane && !sealed {
            return Err(StoreError::NoKey);
        }
        let mut tx = self.begin().await?;
        query(ADD)
            .bind(new_id(audit.at))
            .bind(case.id.as_str())
            .bind(word(&kind))
            .bind(audit.actor.as_str())
            .bind(audit.at.ms())
            .bind(sealed)
            .bind(text)
            .execute(&mut tx.inner)
            .await?;
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// The remarks on a case, oldest first.
    pub async fn notes_of(&self, case: &CaseId) -> Result<Vec<Note>, StoreError> {
        let rows = query(OF_CASE).bind(case.as_str()).fetch_all(&self.read).await?;
        rows.iter().map(|row| note(row, &self.sealing)).collect()
    }
}

fn note(row: &Row, sealing: &Sealing) -> Result<Note, StoreError> {
    Ok(Note {
        kind: from_word(row.try_get("kind")?, "case_notes.kind")?,
        author: row.try_get("author")?,
        at: Timestamp::from_ms(row.try_get("at_ms")?),
        words: sealing.read(WORDS, row.try_get("words")?, row.try_get("sealed")?)?,
    })
}
