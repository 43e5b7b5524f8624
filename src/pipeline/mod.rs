//! Use cases: read, decide, write once.

pub mod records;
