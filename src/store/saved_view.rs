//! Lists of cases that people saved for themselves. Name and filters are sealed where there is a key: somebody may look for a
//! confidential word without knowing that it is one.

use crate::model::audit::AuditEntry;
use crate::model::ids::{SavedViewId, UserId};
use crate::model::saved_view::{SavedView, ViewWish};
use crate::model::time::Timestamp;
use crate::store::column::{from_json, json};
use crate::store::sealed::{Readers, Sealing};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError};

const WISH: &str = "saved_views.wish";
const OF_USER: &str = "SELECT id, user_id, is_default, created_at_ms, sealed, wish FROM saved_views \
    WHERE user_id = $1 ORDER BY id";
const SAVE: &str = "INSERT INTO saved_views (id, user_id, is_default, created_at_ms, sealed, wish) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET is_default = excluded.is_default, \
    sealed = excluded.sealed, wish = excluded.wish WHERE saved_views.user_id = excluded.user_id";
const NO_OTHER_DEFAULT: &str =
    "UPDATE saved_views SET is_default = FALSE WHERE user_id = $1 AND id <> $2 AND is_default";
const DELETE: &str = "DELETE FROM saved_views WHERE user_id = $1 AND id = $2";

impl Store {
    /// The views of a person, oldest first.
    pub async fn saved_views(&self, user: &UserId) -> Result<Vec<SavedView>, StoreError> {
        let rows = query(OF_USER).bind(user.as_str()).fetch_all(&self.read).await?;
        rows.iter().map(|row| view(row, &self.sealing)).collect()
    }

    /// Writes a view, new or in the place of the same person's of that identifier, with its audit line. The list begins with one
    /// view at most.
    pub async fn save_view(&self, view: &SavedView, audit: &AuditEntry) -> Result<(), StoreError> {
        let readers = if self.sealing.has_key() { Readers::LeakLane } else { Readers::All };
        let (text, sealed) = self.sealing.write(readers, WISH, json(&view.wish, WISH)?, "");
        let mut tx = self.begin().await?;
        let save = query(SAVE).bind(view.id.as_str()).bind(view.user.as_str()).bind(view.is_default);
        save.bind(view.created_at.ms()).bind(sealed).bind(text).execute(&mut tx.inner).await?;
        if view.is_default {
            let others = query(NO_OTHER_DEFAULT).bind(view.user.as_str()).bind(view.id.as_str());
            others.execute(&mut tx.inner).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Deletes a view of a person, with its audit line; false when there is none of that identifier.
    pub async fn delete_view(&self, user: &UserId, id: &SavedViewId, audit: &AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let delete = query(DELETE).bind(user.as_str()).bind(id.as_str());
        if delete.execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn view(row: &Row, sealing: &Sealing) -> Result<SavedView, StoreError> {
    let text = sealing.read(WISH, row.try_get("wish")?, row.try_get("sealed")?)?;
    let wish: Option<Option<ViewWish>> = text.map(|text| from_json(&text, WISH)).transpose()?;
    Ok(SavedView {
        id: SavedViewId::new(row.try_get::<String>("id")?),
        user: UserId::new(row.try_get::<String>("user_id")?),
        wish: wish.flatten(),
        is_default: row.try_get("is_default")?,
        created_at: Timestamp::from_ms(row.try_get("created_at_ms")?),
    })
}
