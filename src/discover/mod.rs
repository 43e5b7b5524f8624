//! Which sites have an account of a name: lists of sites, handles that a mark may take, and what an answer says. Pure.

pub mod decision;
mod entry;
pub mod lists;
mod maigret;
mod sherlock;
pub mod site;
pub mod variants;
pub mod verdict;
mod whatsmyname;

pub use crate::discover::decision::{Decision, Presence};
pub use crate::discover::lists::{ListProblem, SiteList};
pub use crate::discover::site::{Rule, Sign, Site};
pub use crate::discover::variants::{handles, variants};
pub use crate::discover::verdict::{Reply, judge};
