//! The fictional group: its platforms served on loopback.

pub mod data;
pub mod site;
