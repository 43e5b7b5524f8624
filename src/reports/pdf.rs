//! A document as PDF (ISO 32000): A4, text that can be found and copied, charts as drawings. Of the font only the glyphs that
//! are shown are embedded.

mod file;
mod font;
mod lines;

use crate::reports::blocks::{Block, Document, Table};
use crate::reports::drawing::draw;
use crate::reports::pdf::file::Pages;
use crate::reports::pdf::font::Glyphs;
use crate::reports::pdf::lines::wrapped;

pub use crate::reports::pdf::font::{Font, FontError};

/// A4 and its margin, points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;
const TEXT: f32 = PAGE.0 - 2.0 * MARGIN;
const TITLE_SIZE: f32 = 18.0;
const HEADING_SIZE: f32 = 14.0;
const SIZE: f32 = 10.5;
const NOTE_SIZE: f32 = 8.5;
/// Height of a line in sizes of its text.
const LEADING: f32 = 1.55;
/// Space within the borders of a cell.
const PAD: f32 = 3.0;
/// A heading stays with so much of what follows it.
const KEPT_BELOW: f32 = 60.0;

/// Writes the file.
///
/// # Errors
/// When the font cannot be used.
pub fn pdf(document: &Document, font: &Font) -> Result<Vec<u8>, FontError> {
    let mut writer = Writer { pages: Pages::new(), glyphs: Glyphs::of(font.face()?), y: PAGE.1 - MARGIN };
    writer.title(document);
    document.blocks.iter().for_each(|block| writer.block(block));
    let Writer { mut pages, mut glyphs, .. } = writer;
    pages.number(&mut glyphs);
    pages.finish(document, &glyphs, &font.subset(&glyphs.remapper)?)
}

/// Where the next line goes.
struct Writer<'f> {
    pages: Pages,
    glyphs: Glyphs<'f>,
    /// The lower edge of what is written, from the bottom of the page.
    y: f32,
}

impl Writer<'_> {
    fn title(&mut self, document: &Document) {
        self.text(&document.title, TITLE_SIZE, 0.0);
        document.subtitle.iter().for_each(|line| self.text(line, NOTE_SIZE, 0.0));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => {
                self.need(KEPT_BELOW);
                self.y -= SIZE;
                self.text(text, HEADING_SIZE, 0.0);
            }
            Block::Paragraph(text) => self.text(text, SIZE, 0.0),
            Block::Note(text) => self.text(text, NOTE_SIZE, 0.0),
            Block::Items(items) => items.iter().for_each(|item| self.text(&format!("· {item}"), SIZE, SIZE)),
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => {
                let drawing = draw(chart);
                let scale = TEXT / crate::reports::drawing::WIDTH as f32;
                let height = drawing.height as f32 * scale;
                self.need(height + 2.0 * SIZE * LEADING);
                self.y -= SIZE / 2.0;
                self.text(&chart.title, SIZE, 0.0);
                self.pages.draw(&drawing, (MARGIN, self.y), scale, &mut self.glyphs);
                self.y -= height + SIZE / 2.0;
            }
        }
    }

    /// A new page unless there is room for so much.
    fn need(&mut self, height: f32) {
        if self.y - height < MARGIN {
            self.pages.next();
            self.y = PAGE.1 - MARGIN;
        }
    }

    fn text(&mut self, text: &str, size: f32, indent: f32) {
        for line in wrapped(&self.glyphs, text, size, TEXT - indent) {
            self.need(size * LEADING);
            self.y -= size * LEADING;
            self.pages.text(&line, (MARGIN + indent, self.y), size, &mut self.glyphs);
        }
    }

    fn table(&mut self, table: &Table) {
        let columns = table.head.len().max(1) as f32;
        let share = TEXT / (columns + 1.0);
        let widths: Vec<f32> = (0..table.head.len()).map(|at| if at == 0 { share * 2.0 } else { share }).collect();
        self.y -= SIZE / 2.0;
        self.row(&table.head, &widths, false);
        table.rows.iter().for_each(|row| self.row(row, &widths, table.is_of_figures));
        self.y -= SIZE / 2.0;
    }

    fn row(&mut self, cells: &[String], widths: &[f32], is_of_figures: bool) {
        let leading = NOTE_SIZE * LEADING;
        let lines = |(text, width): (&String, &f32)| wrapped(&self.glyphs, text, NOTE_SIZE, width - 2.0 * PAD);
        let cells: Vec<Vec<String>> = cells.iter().zip(widths).map(lines).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(1) as f32 * leading + 2.0 * PAD;
        self.need(height);
        let mut x = MARGIN;
        for (at, (lines, width)) in cells.iter().zip(widths).enumerate() {
            self.pages.frame((x, self.y - height), (*width, height));
            for (line_at, line) in lines.iter().enumerate() {
                let y = self.y - PAD - leading * (line_at as f32 + 1.0) + leading / 4.0;
                let slack = width - 2.0 * PAD - self.glyphs.width(line, NOTE_SIZE);
                let indent = if is_of_figures && at > 0 { slack.max(0.0) } else { 0.0 };
                self.pages.text(line, (x + PAD + indent, y), NOTE_SIZE, &mut self.glyphs);
            }
            x += width;
        }
        self.y -= height;
    }
}
