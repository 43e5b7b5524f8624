//! Use cases: read, decide, write once.

pub mod accuracy;
pub mod backup;
pub mod brief;
pub mod canary;
pub mod copy;
pub mod crawl;
pub mod discover;
pub mod discovery;
pub mod edition;
pub mod evidence;
pub mod exemptions;
pub mod filing;
pub mod import;
pub mod inspect;
pub mod leavers;
pub mod letters;
pub mod pack;
pub mod progress;
pub mod records;
pub mod replay;
pub mod requests;
pub mod retain;
pub(crate) mod rhythm;
pub mod scan;
pub mod share;
pub mod shell;
