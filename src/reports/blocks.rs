//! A document as it is written whatever its form: headings, paragraphs, lists, tables, charts.

use crate::reports::chart::Chart;

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Language code for HTML and Word: `zh-CN` or `en`.
    pub language: &'static str,
    /// Title.
    pub title: String,
    /// Who made it, when, about whom; one line each.
    pub subtitle: Vec<String>,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph in small print.
    Note(String),
    /// A list.
    Items(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
}

/// A table; the first cell of each row is its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Headings of the columns.
    pub head: Vec<String>,
    /// Rows, as wide as `head`.
    pub rows: Vec<Vec<String>>,
    /// Whether all cells but the first of a row are figures.
    pub is_of_figures: bool,
}

impl Table {
    /// The heading of a column.
    pub(crate) fn label(&self, at: usize) -> &str {
        self.head.get(at).map_or("", String::as_str)
    }
}
