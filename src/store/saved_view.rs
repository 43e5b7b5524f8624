//! Lists of cases that people saved for themselves. Name and filters are sealed where there is a key: somebody may look for a
//! confidential word without knowing that it is one.

use crate::model::audit::AuditEntry;
use crate::model::ids::{SavedViewId, UserId};
use crate::model::saved_view::{SavedView, ViewWish};
use crate::model::time::Timestamp;
use crate::store::column::{from_json, json};
use crate::store::sealed::{Readers, Sealing};
use crate::store::sql::{Row, query};
use crate::store::{Store, StoreError, Tx};

const WISH: &str = "saved_views.wish";
const OF_USER: &str = "SELECT id, user_id, is_default, created_at_ms, sealed, wish FROM saved_views \
    WHERE user_id = $1 ORDER BY id";
const ADD: &str = "INSERT INTO saved_views (id, user_id, is_default, created_at_ms, sealed, wish) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const WRITE: &str = "UPDATE saved_views SET sealed = $3, wish = $4 WHERE user_id = $1 AND id = $2";
const DEFAULT: &str = "UPDATE saved_views SET is_default = $3 WHERE user_id = $1 AND id = $2";
const NO_OTHER_DEFAULT: &str =
    "UPDATE saved_views SET is_default = FALSE WHERE user_id = $1 AND id <> $2 AND is_default";
const DELETE: &str = "DELETE FROM saved_views WHERE user_id = $1 AND id = $2";

/// What became of another name for a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renaming {
    /// The view has it.
    Done,
    /// Another view of the person has it.
    Taken,
    /// There is no such view, or it cannot be read.
    NoView,
}

impl Store {
    /// The views of a person, oldest first.
    pub async fn saved_views(&self, user: &UserId) -> Result<Vec<SavedView>, StoreError> {
        let rows = query(OF_USER).bind(user.as_str()).fetch_all(&self.read).await?;
        rows.iter().map(|row| view(row, &self.sealing)).collect()
    }

    /// Saves a view, in the place of what the same person's view of its name asked for; with the audit line of the one that is
    /// written. None where the person has `most` of them.
    pub async fn save_view(
        &self,
        view: &SavedView,
        most: usize,
        audit: &AuditEntry,
    ) -> Result<Option<SavedViewId>, StoreError> {
        let Some(wish) = &view.wish else { return Ok(None) };
        let mut tx = self.begin().await?;
        let views = tx.saved_views(&view.user).await?;
        let id = match views.iter().find(|known| is_named(known, &wish.name)) {
            Some(known) => {
                tx.write_view(known, wish).await?;
                known.id.clone()
            }
            None if views.len() >= most => return Ok(None),
            None => {
                tx.add_view(view, wish).await?;
                view.id.clone()
            }
        };
        tx.audit(&AuditEntry { object: id.to_string(), ..audit.clone() }).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Gives a view of a person another name, with its audit line.
    pub async fn rename_view(
        &self,
        user: &UserId,
        id: &SavedViewId,
        name: &str,
        audit: &AuditEntry,
    ) -> Result<Renaming, StoreError> {
        let mut tx = self.begin().await?;
        let views = tx.saved_views(user).await?;
        if views.iter().any(|other| other.id != *id && is_named(other, name)) {
            return Ok(Renaming::Taken);
        }
        let Some(known) = views.iter().find(|view| view.id == *id) else { return Ok(Renaming::NoView) };
        let Some(wish) = known.wish.clone() else { return Ok(Renaming::NoView) };
        tx.write_view(known, &ViewWish { name: name.to_owned(), ..wish }).await?;
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(Renaming::Done)
    }

    /// Lets the list begin with a view of a person and with no other, or no longer, with its audit line; false when there is none
    /// of that identifier.
    pub async fn make_view_default(
        &self,
        user: &UserId,
        id: &SavedViewId,
        is_default: bool,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let set = query(DEFAULT).bind(user.as_str()).bind(id.as_str()).bind(is_default);
        if set.execute(&mut tx.inner).await? == 0 {
            return Ok(false);
        }
        if is_default {
            query(NO_OTHER_DEFAULT).bind(user.as_str()).bind(id.as_str()).execute(&mut tx.inner).await?;
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
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

impl Tx {
    async fn saved_views(&mut self, user: &UserId) -> Result<Vec<SavedView>, StoreError> {
        let rows = query(OF_USER).bind(user.as_str()).fetch_all(&mut self.inner).await?;
        rows.iter().map(|row| view(row, &self.sealing)).collect()
    }

    async fn add_view(&mut self, view: &SavedView, wish: &ViewWish) -> Result<(), StoreError> {
        let (text, sealed) = written(&self.sealing, wish)?;
        let add = query(ADD).bind(view.id.as_str()).bind(view.user.as_str()).bind(view.is_default);
        add.bind(view.created_at.ms()).bind(sealed).bind(text).execute(&mut self.inner).await?;
        Ok(())
    }

    async fn write_view(&mut self, view: &SavedView, wish: &ViewWish) -> Result<(), StoreError> {
        let (text, sealed) = written(&self.sealing, wish)?;
        let write = query(WRITE).bind(view.user.as_str()).bind(view.id.as_str()).bind(sealed).bind(text);
        write.execute(&mut self.inner).await?;
        Ok(())
    }
}

fn written(sealing: &Sealing, wish: &ViewWish) -> Result<(String, bool), StoreError> {
    let readers = if sealing.has_key() { Readers::LeakLane } else { Readers::All };
    Ok(sealing.write(readers, WISH, json(wish, WISH)?, ""))
}

fn is_named(view: &SavedView, name: &str) -> bool {
    view.wish.as_ref().is_some_and(|wish| wish.name == name)
}

fn view(row: &Row, sealing: &Sealing) -> Result<SavedView, StoreError> {
    // What another key has sealed is as unreadable as without a key: the list of cases is not to fail for it.
    let text = sealing.read(WISH, row.try_get("wish")?, row.try_get("sealed")?).unwrap_or_default();
    let wish: Option<Option<ViewWish>> = text.map(|text| from_json(&text, WISH)).transpose()?;
    Ok(SavedView {
        id: SavedViewId::new(row.try_get::<String>("id")?),
        user: UserId::new(row.try_get::<String>("user_id")?),
        wish: wish.flatten(),
        is_default: row.try_get("is_default")?,
        created_at: Timestamp::from_ms(row.try_get("created_at_ms")?),
    })
}
