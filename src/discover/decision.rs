//! Whether a site has an account of a name, with the reason.

/// Whether a site has an account of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It has.
    Found,
    /// It has none.
    Absent,
    /// Nobody can tell from the answer.
    Unknown,
}

/// A presence with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The presence.
    pub presence: Presence,
    /// Why, in English.
    pub reason: String,
}

impl Decision {
    /// Nobody can tell.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self { presence: Presence::Unknown, reason: reason.into() }
    }

    /// There is none.
    pub fn absent(reason: impl Into<String>) -> Self {
        Self { presence: Presence::Absent, reason: reason.into() }
    }

    /// There is one.
    pub fn found(reason: impl Into<String>) -> Self {
        Self { presence: Presence::Found, reason: reason.into() }
    }
}
