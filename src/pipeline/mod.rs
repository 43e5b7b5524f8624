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
pub mod filing;
pub mod group_cases;
pub mod group_letters;
pub mod import;
pub mod inspect;
pub mod letters;
pub mod progress;
pub mod records;
pub mod register;
pub mod replay;
pub mod retain;
pub(crate) mod rhythm;
pub mod scan;
pub mod self_inspection;
pub mod share;
pub mod shell;
