//! What sites said about names of the watchlist, and when.

use std::collections::BTreeSet;

use crate::discover::Presence;
use crate::model::time::Timestamp;
use crate::store::column::{count, from_word, word};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const SINCE: &str = "SELECT name FROM discoveries WHERE site = $1 AND asked_at_ms >= $2";
const SAVE: &str = "INSERT INTO discoveries (site, name, presence, asked_at_ms) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (site, name) DO UPDATE SET presence = excluded.presence, asked_at_ms = excluded.asked_at_ms";
const COUNTS: &str = "SELECT presence, COUNT(*) AS n FROM discoveries WHERE asked_at_ms >= $1 \
    GROUP BY presence ORDER BY presence";
const PURGE: &str = "DELETE FROM discoveries WHERE asked_at_ms < $1";

impl Store {
    /// The names for which a site was asked since an instant.
    pub async fn names_asked(&self, site: &str, since: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        let rows = query(SINCE).bind(site).bind(since.ms()).fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
    }

    /// Notes what a site said about a name.
    pub async fn save_discovery(
        &self,
        site: &str,
        name: &str,
        presence: Presence,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let save = query(SAVE).bind(site).bind(name).bind(word(&presence)).bind(at.ms());
        save.execute(&mut tx.inner).await?;
        tx.commit().await
    }

    /// How many answers of each kind came since an instant.
    pub async fn discoveries(&self, since: Timestamp) -> Result<Vec<(Presence, u64)>, StoreError> {
        query(COUNTS).bind(since.ms()).fetch_all(&self.read).await?.iter().map(counted).collect()
    }
}

impl Tx {
    /// Forgets answers from before an instant.
    pub(super) async fn purge_discoveries(&mut self, before: Timestamp) -> Result<(), StoreError> {
        query(PURGE).bind(before.ms()).execute(&mut self.inner).await?;
        Ok(())
    }
}

fn counted(row: &Row) -> Result<(Presence, u64), StoreError> {
    Ok((from_word(&row.try_get::<String>("presence")?, "discoveries.presence")?, count(row.try_get("n")?)))
}
