//! The register of work chat groups: who may be in one, who answers for it, until when it lives. No message of any group
//! is ever read; everything follows from the register, the exported rosters and the staff directory.

pub mod attested;
pub mod duplicates;
pub mod duties;
pub mod edits;
pub mod leavers;
pub mod member_list;
pub mod notices;
pub mod overview;
pub mod own_accounts;
mod reading;
pub mod register;
pub mod remark;
pub mod responsibility;
pub mod roster;
mod split;
mod words;
pub mod writings;
