//! Reports for people: what a month came to, from counted facts, as a page, a Word document and a PDF. No person stands in
//! them, and no count under five.

mod blocks;
pub(crate) mod chart;
pub mod docx;
mod drawing;
pub mod facts;
pub mod figure;
pub(crate) mod html;
pub mod monthly;
pub mod pdf;
pub mod registers;
mod svg;
pub mod tallies;
pub mod tally;

pub use crate::reports::blocks::{Block, Document, Table};
