//! Office Open XML (ECMA-376): archives of XML parts, of which the text runs are read.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use calamine::{Reader as _, Xlsx};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::documents::{DocumentError, TEXT_BYTES_MAX};

/// Parts of an archive at most.
const PARTS_MAX: usize = 10_000;

/// Text, notes, headers and footers of a Word document. What was deleted under tracked changes is not read.
pub(super) fn word(bytes: &[u8]) -> Result<String, DocumentError> {
    parts(bytes, |name| {
        let part = name.strip_prefix("word/").unwrap_or_default();
        let is_text = ["document", "footnotes", "endnotes", "header", "footer", "comments"];
        part.ends_with(".xml") && is_text.iter().any(|start| part.starts_with(start))
    })
}

/// Slides and their notes.
pub(super) fn slides(bytes: &[u8]) -> Result<String, DocumentError> {
    parts(bytes, |name| {
        name.ends_with(".xml") && (name.starts_with("ppt/slides/slide") || name.starts_with("ppt/notesSlides/"))
    })
}

/// Every sheet, cell by cell; formulas count by their stored value.
pub(super) fn sheets(bytes: &[u8]) -> Result<String, DocumentError> {
    unpacked_bytes(bytes)?;
    // The workbook parser is not ours; a panic in it must cost this document only.
    std::panic::catch_unwind(|| cells(bytes)).map_err(|_| DocumentError::Damaged)?
}

fn cells(bytes: &[u8]) -> Result<String, DocumentError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| DocumentError::Damaged)?;
    let mut text = String::new();
    for (_, sheet) in book.worksheets() {
        for row in sheet.rows() {
            row.iter().for_each(|cell| text.extend([cell.to_string().as_str(), " "]));
            text.push('\n');
        }
    }
    Ok(text)
}

/// The text of the parts that count, in the order of their names.
fn parts(bytes: &[u8], counts: impl Fn(&str) -> bool) -> Result<String, DocumentError> {
    unpacked_bytes(bytes)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DocumentError::Damaged)?;
    let names = archive.file_names().filter_map(Result::ok).filter(|name| counts(name));
    let mut names: Vec<String> = names.map(Cow::into_owned).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    let mut text = String::new();
    for name in names {
        let mut xml = String::new();
        let mut part = archive.by_name(&name).map_err(|_| DocumentError::Damaged)?;
        part.read_to_string(&mut xml).map_err(|_| DocumentError::Damaged)?;
        runs(&xml, &mut text)?;
    }
    Ok(text)
}

/// Counts what an archive unpacks to: the sizes that it declares may lie.
fn unpacked_bytes(bytes: &[u8]) -> Result<(), DocumentError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DocumentError::Damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(DocumentError::TooLarge);
    }
    let mut left = TEXT_BYTES_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| DocumentError::Damaged)?;
        let is_text = part.name().is_ok_and(|name| name.ends_with(".xml") || name.ends_with(".rels"));
        if is_text {
            let read = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
            let read = read.map_err(|_| DocumentError::Damaged)?;
            left = left.checked_sub(read).ok_or(DocumentError::TooLarge)?;
        }
    }
    Ok(())
}

/// Text runs (`w:t`, `a:t`); a paragraph (`w:p`, `a:p`) ends a line.
fn runs(xml: &str, text: &mut String) -> Result<(), DocumentError> {
    let mut reader = Reader::from_str(xml);
    let mut is_text = false;
    loop {
        match reader.read_event().map_err(|_| DocumentError::Damaged)? {
            Event::Start(start) => is_text = start.local_name().as_ref() == "t",
            Event::End(end) => {
                is_text = false;
                if end.local_name().as_ref() == "p" {
                    text.push('\n');
                }
            }
            Event::Text(run) if is_text => text.push_str(&run.xml10_content()),
            Event::GeneralRef(reference) if is_text => {
                let known = reference.resolve_char_ref().ok().flatten().map(String::from);
                let named = || resolve_predefined_entity(&reference).map(str::to_owned);
                text.push_str(&known.or_else(named).unwrap_or_default());
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::{DocumentError, sheets, slides, word};

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, xml) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(xml.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn a_word_document_is_read_by_its_runs_without_what_was_deleted() {
        let xml = "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>云舟</w:t></w:r><w:r><w:t>储能 &amp; 电芯</w:t></w:r>\
            <w:del><w:r><w:delText>旧版</w:delText></w:r></w:del></w:p><w:p><w:r><w:t>第二段</w:t></w:r></w:p></w:body></w:document>";
        let bytes = archive(&[("word/document.xml", xml), ("word/styles.xml", "<s><t>样式</t></s>")]);
        assert_eq!(word(&bytes).as_deref(), Ok("云舟储能 & 电芯\n第二段\n"));
    }

    #[test]
    fn slides_are_read_in_their_order_with_their_notes() {
        let slide =
            |text: &str| format!("<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>");
        let bytes = archive(&[
            ("ppt/slides/slide10.xml", &slide("十")),
            ("ppt/slides/slide2.xml", &slide("二")),
            ("ppt/notesSlides/notesSlide1.xml", &slide("备注")),
        ]);
        assert_eq!(slides(&bytes).as_deref(), Ok("二\n十\n备注\n"));
    }

    #[test]
    fn every_sheet_of_a_workbook_is_read() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write_string(0, 0, "云舟储能").unwrap();
        book.add_worksheet().write_number(1, 2, 588).unwrap();
        let text = sheets(&book.save_to_buffer().unwrap()).unwrap();
        assert!(text.contains("云舟储能") && text.contains("588"), "{text}");
    }

    #[test]
    fn an_archive_that_is_no_document_or_broken_inside_says_so() {
        assert_eq!(word(&archive(&[("word/document.xml", "<w:p><w:t>云")])).as_deref(), Ok("云"));
        assert_eq!(word(&archive(&[("word/document.xml", "<a></b>")])), Err(DocumentError::Damaged));
        assert_eq!(sheets(&archive(&[("x", "")])), Err(DocumentError::Damaged));
    }
}
