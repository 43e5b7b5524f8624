//! Until when something is kept and by which rule. Pure: what was decided and the instants are handed in.

mod keeping;
mod rule;

pub use crate::retention::keeping::{CaseStanding, Keeping, Stage, Standing};
pub use crate::retention::rule::RetentionRule;
