//! The pages of a PDF and the objects around them.

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use ttf_parser::{RawFace, Tag};

use crate::reports::blocks::Document;
use crate::reports::drawing::{Anchor, Drawing, Fill, Mark};
use crate::reports::pdf::font::{FontError, Glyphs};
use crate::reports::pdf::{MARGIN, NOTE_SIZE, PAGE};

const FONT: Name<'static> = Name(b"F");
const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// Distance of the lines of a pattern, points.
const HATCH: f32 = 4.0;

/// What is drawn on each page.
pub(super) struct Pages {
    pages: Vec<Content>,
}

impl Pages {
    pub(super) fn new() -> Self {
        Self { pages: vec![Content::new()] }
    }

    pub(super) fn next(&mut self) {
        self.pages.push(Content::new());
    }

    fn last(&mut self) -> &mut Content {
        self.pages.last_mut().expect("there is a page from the beginning")
    }

    pub(super) fn text(&mut self, text: &str, at: (f32, f32), size: f32, glyphs: &mut Glyphs<'_>) {
        put_text(self.last(), text, at, size, glyphs);
    }

    /// The borders of a cell.
    pub(super) fn frame(&mut self, (x, y): (f32, f32), (width, height): (f32, f32)) {
        self.last().set_line_width(0.5).rect(x, y, width, height).stroke();
    }

    /// A drawing whose upper left corner is given.
    pub(super) fn draw(&mut self, drawing: &Drawing, (left, top): (f32, f32), scale: f32, glyphs: &mut Glyphs<'_>) {
        let place = |x: f64, y: f64| (left + x as f32 * scale, top - y as f32 * scale);
        let content = self.last();
        for mark in &drawing.marks {
            match mark {
                Mark::Box { x, y, width, height, fill } => {
                    let (x, y) = place(*x, *y + *height);
                    put_box(content, Rect::new(x, y, x + *width as f32 * scale, y + *height as f32 * scale), *fill);
                }
                Mark::Line { points, dash, width } => {
                    let points: Vec<(f32, f32)> = points.iter().map(|(x, y)| place(*x, *y)).collect();
                    let dash = dash.iter().map(|length| *length as f32);
                    content.save_state().set_line_width(*width as f32).set_dash_pattern(dash, 0.0);
                    put_line(content, &points);
                    content.restore_state();
                }
                Mark::Dot { x, y } => {
                    let (x, y) = place(*x, *y);
                    content.rect(x - 1.8, y - 1.8, 3.6, 3.6).fill_nonzero();
                }
                Mark::Word { x, y, size, anchor, text } => {
                    let (size, (x, y)) = (*size as f32 * scale, place(*x, *y));
                    let back = match anchor {
                        Anchor::Start => 0.0,
                        Anchor::Middle => glyphs.width(text, size) / 2.0,
                        Anchor::End => glyphs.width(text, size),
                    };
                    put_text(content, text, (x - back, y), size, glyphs);
                }
            }
        }
    }

    /// Writes the number of each page below it.
    pub(super) fn number(&mut self, glyphs: &mut Glyphs<'_>) {
        let count = self.pages.len();
        for (at, page) in self.pages.iter_mut().enumerate() {
            let text = format!("{} / {count}", at + 1);
            let x = (PAGE.0 - glyphs.width(&text, NOTE_SIZE)) / 2.0;
            put_text(page, &text, (x, MARGIN / 2.0), NOTE_SIZE, glyphs);
        }
    }

    pub(super) fn finish(self, document: &Document, glyphs: &Glyphs<'_>, subset: &[u8]) -> Result<Vec<u8>, FontError> {
        let mut pdf = Pdf::new();
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, tree, info, font) = (next(), next(), next(), next());
        pdf.catalog(catalog).pages(tree).lang(TextStr(document.language));
        pdf.document_info(info).title(TextStr(&document.title)).creator(TextStr("Wanglou"));
        let pages: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (next(), next())).collect();
        pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(pages.len() as i32);
        for (content, (page_id, content_id)) in self.pages.into_iter().zip(pages) {
            let mut page = pdf.page(page_id);
            page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(content_id);
            page.resources().fonts().pair(FONT, font);
            page.finish();
            pdf.stream(content_id, &content.finish());
        }
        embed(&mut pdf, font, [next(), next(), next(), next()], glyphs, subset);
        Ok(pdf.finish())
    }
}

fn put_text(content: &mut Content, text: &str, (x, y): (f32, f32), size: f32, glyphs: &mut Glyphs<'_>) {
    let encoded = glyphs.encode(text);
    content.begin_text().set_font(FONT, size).next_line(x, y).show(Str(&encoded)).end_text();
}

fn put_line(content: &mut Content, points: &[(f32, f32)]) {
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 {
            content.move_to(*x, *y)
        } else {
            content.line_to(*x, *y)
        };
    }
    content.stroke();
}

fn put_box(content: &mut Content, rect: Rect, fill: Fill) {
    let (x, y, width, height) = (rect.x1, rect.y1, rect.x2 - rect.x1, rect.y2 - rect.y1);
    content.save_state();
    match fill {
        Fill::Shade => {
            content.set_fill_gray(0.88).rect(x, y, width, height).fill_nonzero().restore_state();
            return;
        }
        Fill::Black => _ = content.rect(x, y, width, height).fill_nonzero(),
        Fill::Blank => {}
        Fill::Rising | Fill::Dotted | Fill::Level => {
            content.rect(x, y, width, height).clip_nonzero().end_path();
            hatch(content, rect, fill);
        }
    }
    content.restore_state();
    content.set_line_width(0.5).rect(x, y, width, height).stroke();
}

/// Lines over a box that is clipped to itself.
fn hatch(content: &mut Content, rect: Rect, fill: Fill) {
    let (width, height) = (rect.x2 - rect.x1, rect.y2 - rect.y1);
    content.set_line_width(0.6);
    if fill == Fill::Dotted {
        content.set_dash_pattern([0.8, HATCH - 0.8], 0.0);
    }
    let (reach, rise) = if fill == Fill::Rising { (width + height, height) } else { (height, 0.0) };
    for step in 1..=(reach / HATCH) as u32 {
        let along = step as f32 * HATCH;
        if fill == Fill::Rising {
            put_line(content, &[(rect.x1 + along - rise, rect.y1), (rect.x1 + along, rect.y1 + rise)]);
        } else {
            put_line(content, &[(rect.x1, rect.y1 + along), (rect.x2, rect.y1 + along)]);
        }
    }
}

/// The outlines of a font whose table of them is all that PDF takes.
fn outlines(subset: &[u8]) -> Option<&[u8]> {
    RawFace::parse(subset, 0).ok()?.table(Tag::from_bytes(b"CFF "))
}

/// The font as a composite one whose numbers are those of its own glyphs, and the characters that they stand for.
fn embed(pdf: &mut Pdf, font: Ref, ids: [Ref; 4], glyphs: &Glyphs<'_>, subset: &[u8]) {
    let [cid, descriptor, file, cmap] = ids;
    let (face, name) = (glyphs.face(), Name(b"WANGLO+Report"));
    let is_cff = face.tables().cff.is_some();
    pdf.type0_font(font).base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(cid).to_unicode(cmap);
    let mut composite = pdf.cid_font(cid);
    composite.subtype(if is_cff { CidFontType::Type0 } else { CidFontType::Type2 });
    composite.base_font(name).system_info(SYSTEM).font_descriptor(descriptor).default_width(1_000.0);
    if !is_cff {
        composite.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = composite.widths();
    glyphs.widths.iter().for_each(|(glyph, width)| _ = widths.same(*glyph, *glyph, *width));
    widths.finish();
    composite.finish();
    let scale = 1_000.0 / f32::from(face.units_per_em()).max(1.0);
    let bbox = face.global_bounding_box();
    let bbox = [bbox.x_min, bbox.y_min, bbox.x_max, bbox.y_max].map(|edge| f32::from(edge) * scale);
    let mut about = pdf.font_descriptor(descriptor);
    about.name(name).flags(FontFlags::SYMBOLIC).bbox(Rect::new(bbox[0], bbox[1], bbox[2], bbox[3]));
    about.italic_angle(0.0).ascent(f32::from(face.ascender()) * scale).descent(f32::from(face.descender()) * scale);
    about.cap_height(f32::from(face.capital_height().unwrap_or(face.ascender())) * scale).stem_v(80.0);
    if is_cff {
        about.font_file3(file)
    } else {
        about.font_file2(file)
    };
    about.finish();
    let outlines = if is_cff { outlines(subset).unwrap_or(subset) } else { subset };
    let mut stream = pdf.stream(file, outlines);
    if is_cff {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    stream.finish();
    let mut map = UnicodeCmap::<u16>::new(Name(b"Report"), SYSTEM);
    glyphs.characters.iter().for_each(|(glyph, character)| map.pair(*glyph, *character));
    pdf.cmap(cmap, &map.finish());
}
