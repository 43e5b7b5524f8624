//! A list of cases that somebody comes back to.

use serde::{Deserialize, Serialize};

use crate::model::ids::{SavedViewId, UserId};
use crate::model::time::Timestamp;

/// What a list is called, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ViewWish {
    /// Name that the person gave it.
    pub name: String,
    /// Filters and order, as the address of the list has them. It is read like any other address: it gives nobody a right.
    pub asked: String,
}

/// A list of cases that one person saved for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Identifier.
    pub id: SavedViewId,
    /// Whose it is.
    pub user: UserId,
    /// Name and filters; none when they are sealed and there is no key, or another one.
    pub wish: Option<ViewWish>,
    /// Whether the list of cases begins with it.
    pub is_default: bool,
    /// When it was first saved.
    pub created_at: Timestamp,
}
