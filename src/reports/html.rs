//! A document as HTML: whole as a file of its own, or its parts for a page.

use askama::Template;

use crate::reports::blocks::{Block, Document};
use crate::reports::drawing::draw;
use crate::reports::svg::svg;

#[derive(Debug, Template)]
#[template(path = "reports/document.html")]
struct Page<'a> {
    document: &'a Document,
    body: String,
}

#[derive(Debug, Template)]
#[template(path = "reports/blocks.html")]
struct Parts<'a> {
    blocks: Vec<Part<'a>>,
}

/// A part of a document with its chart drawn.
#[derive(Debug)]
struct Part<'a> {
    block: &'a Block,
    drawn: String,
}

/// A file that needs nothing else.
///
/// # Errors
/// When the template fails, which its test shows it does not.
pub(crate) fn page(document: &Document) -> askama::Result<String> {
    Page { document, body: parts(&document.blocks)? }.render()
}

/// The parts of a document, one below the other.
///
/// # Errors
/// As [`page`].
pub(crate) fn parts<'b>(blocks: &'b [Block]) -> askama::Result<String> {
    let part = |(at, block): (usize, &'b Block)| {
        let drawn = match block {
            Block::Chart(chart) => svg(&draw(chart), &format!("c{at}"), &chart.title),
            _ => String::new(),
        };
        Part { block, drawn }
    };
    Parts { blocks: blocks.iter().enumerate().map(part).collect() }.render()
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::reports::blocks::{Block, Document, Table};

    #[test]
    fn names_are_escaped_and_nothing_is_loaded_from_elsewhere() {
        let table = Table {
            head: vec!["甲".into(), "乙".into()],
            rows: vec![vec!["<b>".into(), "<5".into()]],
            is_of_figures: true,
        };
        let document = Document {
            language: "zh-CN",
            title: "月报 <x>".into(),
            subtitle: vec!["星河".into()],
            blocks: vec![Block::Table(table), Block::Items(vec!["一 & 二".into()])],
        };
        let page = page(&document).unwrap();
        assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("&#60;5") && !page.contains("<b>"), "{page}");
        assert!(!page.contains("http") && !page.contains("<script"));
    }
}
