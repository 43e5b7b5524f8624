//! The fictional group: its platforms served on loopback, its folder, and the two passes over it.

pub mod data;
mod folder;
mod run;
pub mod site;

pub use crate::demo::folder::prepare;
pub use crate::demo::run::{Demo, Options};
