//! What the ledgers say about an account: its own company's, permitted, or neither. Platform and identifier decide, never the name.

use crate::casework::world::World;
use crate::model::account::Account;
use crate::model::exemption::{Exemption, ExemptionStatus, OfficialAccount};

/// How an account stands in the ledgers.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// The company's own account.
    Official(&'a OfficialAccount),
    /// Entered in the exemptions, in this state on the day.
    Exemption(&'a Exemption, ExemptionStatus),
    /// In no ledger.
    Unknown,
}

impl Standing<'_> {
    /// Whether the account may use the marks today.
    pub const fn is_permitted(&self) -> bool {
        matches!(self, Self::Official(_) | Self::Exemption(_, ExemptionStatus::Valid))
    }
}

/// Looks the account up.
pub fn standing<'a>(world: &'a World, account: &Account) -> Standing<'a> {
    let same = |platform: &crate::model::ids::PlatformId, handle: &str| {
        *platform == account.platform && !handle.is_empty() && handle.trim() == account.handle.trim()
    };
    let official = world.ledgers.official_accounts.iter().find(|o| o.is_in_use() && same(&o.platform, &o.handle));
    if let Some(official) = official {
        return Standing::Official(official);
    }
    let mut entered: Vec<_> = world.ledgers.exemptions.iter().filter(|e| same(&e.platform, &e.handle)).collect();
    entered.sort_by_key(|e| (matches!(e.status_on(world.day()), ExemptionStatus::Valid), e.applied_on));
    entered.pop().map_or(Standing::Unknown, |e| Standing::Exemption(e, e.status_on(world.day())))
}
