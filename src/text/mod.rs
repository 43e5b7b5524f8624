//! Text folded for comparison, with a map back to the original.

pub mod boundary;
pub(crate) mod chars;
pub mod corners;
pub(crate) mod figures;
pub(crate) mod finder;
pub mod fold;
pub(crate) mod groups;
pub(crate) mod near;
pub mod parts;
pub mod pinyin;
pub(crate) mod postings;
pub mod script;
pub(crate) mod shelf;
pub mod sketch;
pub mod words;
