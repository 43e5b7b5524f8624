//! Platform files and sources that were added in the console. Every state is kept; whoever writes says which state was seen, so
//! that nobody overwrites what somebody else has just written.

use crate::model::added::{Added, AddedKind};
use crate::model::audit::AuditEntry;
use crate::model::time::Timestamp;
use crate::store::column::{big, count, from_word, word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

macro_rules! select_added {
    ($text:literal, $rest:literal) => {
        concat!("SELECT kind, name, version, removed, ", $text, ", author, at_ms FROM added_files AS a ", $rest)
    };
}
macro_rules! select_latest {
    ($text:literal) => {
        select_added!(
            $text,
            "WHERE version = (SELECT MAX(b.version) FROM added_files AS b WHERE b.kind = a.kind AND b.name = a.name) \
             ORDER BY kind, name"
        )
    };
}

const LATEST: &str = select_latest!("CASE WHEN removed THEN '' ELSE text END AS text");
const LISTED: &str = select_latest!("'' AS text");
const STATES: &str = select_added!("text", "WHERE kind = $1 AND name = $2 ORDER BY version DESC LIMIT $3");
const COUNT: &str = "SELECT COUNT(*) AS states FROM added_files";
const ADD: &str = "INSERT INTO added_files (kind, name, version, removed, text, author, at_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, name, version) DO NOTHING";

impl Store {
    /// The latest state of everything that was ever added, also of what was removed since, but without the text of that.
    pub async fn added_files(&self) -> Result<Vec<Added>, StoreError> {
        query(LATEST).fetch_all(&self.read).await?.iter().map(added).collect()
    }

    /// The same without any text: to list what there is.
    pub async fn added_list(&self) -> Result<Vec<Added>, StoreError> {
        query(LISTED).fetch_all(&self.read).await?.iter().map(added).collect()
    }

    /// The states of one file, the latest first.
    pub async fn added_states(&self, kind: AddedKind, name: &str, most: usize) -> Result<Vec<Added>, StoreError> {
        let rows = query(STATES).bind(word(&kind)).bind(name).bind(big(most)).fetch_all(&self.read).await?;
        rows.iter().map(added).collect()
    }

    /// How many states there are: whoever knows as many has seen all.
    pub async fn added_count(&self) -> Result<u64, StoreError> {
        let row = query(COUNT).fetch_one(&self.read).await?;
        Ok(count(row.try_get("states")?))
    }

    /// Writes states, all or none, each with a line of the audit. False, and nothing written, where one of them is there already:
    /// somebody else was faster.
    pub async fn add_files(&self, states: &[(Added, AuditEntry)]) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        for (state, audit) in states {
            let add = query(ADD).bind(word(&state.kind)).bind(&state.name).bind(big(state.version));
            let add = add.bind(state.is_removed).bind(&state.text).bind(&state.author).bind(state.at.ms());
            if add.execute(&mut tx.inner).await? == 0 {
                return Ok(false);
            }
            tx.audit(audit).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

fn added(row: &Row) -> Result<Added, StoreError> {
    Ok(Added {
        kind: from_word(&row.try_get::<String>("kind")?, "added_files.kind")?,
        name: row.try_get("name")?,
        version: count(row.try_get("version")?),
        is_removed: row.try_get("removed")?,
        text: row.try_get("text")?,
        author: row.try_get("author")?,
        at: Timestamp::from_ms(row.try_get("at_ms")?),
    })
}
