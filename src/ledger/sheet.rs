//! A list as a workbook for Excel and WPS (ECMA-376): one sheet of texts, packed row by row, so that a long list takes little more
//! memory than its file. What people fill in has another writer, with help and drop-downs: `export`.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use crate::ledger::table::is_formula;

/// Longest text of a cell, in units of UTF-16: a spreadsheet program calls a file with a longer one damaged.
const CELL_UNITS_MAX: usize = 32_767;
/// Rows by which the width of columns is measured.
const MEASURED_ROWS: usize = 200;
/// Width of a column, in characters of half width.
const WIDTHS: std::ops::RangeInclusive<usize> = 6..=40;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Styles of cells, by their place in `styles.xml`: plain text, text that begins like a formula, the header. The quote prefix keeps
/// `=` from becoming a formula when the cell is edited.
const TEXT: usize = 1;
const DISARMED: usize = 2;
const HEADER: usize = 3;
const STYLES: &str = "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
    <font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>\
    <fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
    <fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE8EEF4\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>\
    <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
    <cellXfs count=\"4\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" quotePrefix=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"1\" fillId=\"2\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\"/>\
    </cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>";

/// Rows as a workbook whose sheet has this title: the first row is the header, which stays in sight and can be filtered by. Cells
/// are texts and never formulas; what is longer than a cell may be ends with `…`. The same rows give the same bytes.
///
/// # Errors
/// When the archive cannot be written, which only want of memory brings about.
pub fn xlsx_of<R: AsRef<[C]>, C: AsRef<str>>(
    title: &str,
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in frame(title) {
        begin(&mut archive, name)?;
        archive.write_all(format!("{HEAD}{text}").as_bytes())?;
    }
    begin(&mut archive, "xl/worksheets/sheet1.xml")?;
    write_sheet(&mut archive, rows.into_iter())?;
    Ok(archive.finish()?.into_inner())
}

fn begin(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str) -> Result<(), ZipError> {
    archive.start_file(name, SimpleFileOptions::default())
}

/// The parts around the sheet.
fn frame(title: &str) -> [(&'static str, String); 5] {
    let of = |part: &str, kind: &str| format!("<Override PartName=\"/{part}\" ContentType=\"{TYPES}.{kind}+xml\"/>");
    let related = |id: u8, kind: &str, target: &str| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: String| format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{all}</Relationships>");
    let types = [
        of("xl/workbook.xml", "sheet.main"),
        of("xl/worksheets/sheet1.xml", "worksheet"),
        of("xl/styles.xml", "styles"),
    ];
    let of_book = related(1, "worksheet", "worksheets/sheet1.xml") + &related(2, "styles", "styles.xml");
    [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\">\
                 <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Default Extension=\"xml\" ContentType=\"application/xml\"/>{}</Types>",
                types.concat()
            ),
        ),
        ("_rels/.rels", relations(related(1, "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets>\
                 </workbook>",
                cell_text(title)
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relations(of_book)),
        ("xl/styles.xml", format!("<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>")),
    ]
}

fn write_sheet<R: AsRef<[C]>, C: AsRef<str>>(
    out: &mut impl Write,
    mut rows: impl Iterator<Item = R>,
) -> Result<(), ZipError> {
    let first: Vec<R> = rows.by_ref().take(MEASURED_ROWS).collect();
    let columns = first.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    write!(
        out,
        "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>{}<sheetData>",
        widths(&first, columns)
    )?;
    let mut last = 0;
    for (number, row) in (1..).zip(first.into_iter().chain(rows)) {
        last = number;
        out.write_all(row_text(number, row.as_ref()).as_bytes())?;
    }
    out.write_all(b"</sheetData>")?;
    if let (Some(column), 1..) = (columns.checked_sub(1), last) {
        write!(out, "<autoFilter ref=\"A1:{}{last}\"/>", letters(column))?;
    }
    Ok(out.write_all(b"</worksheet>")?)
}

fn widths<R: AsRef<[C]>, C: AsRef<str>>(rows: &[R], columns: usize) -> String {
    let shown = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let widest = |at: usize| rows.iter().filter_map(|row| row.as_ref().get(at)).map(|cell| shown(cell.as_ref())).max();
    let width = |at: usize| widest(at).unwrap_or(0).clamp(*WIDTHS.start(), *WIDTHS.end()) + 2;
    let column = |at: usize| {
        let number = at + 1;
        format!("<col min=\"{number}\" max=\"{number}\" width=\"{}\" customWidth=\"1\" style=\"{TEXT}\"/>", width(at))
    };
    let all: String = (0..columns).map(column).collect();
    if all.is_empty() { all } else { format!("<cols>{all}</cols>") }
}

fn row_text<C: AsRef<str>>(number: u32, cells: &[C]) -> String {
    let mut text = format!("<row r=\"{number}\">");
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let style = match number {
            1 => HEADER,
            _ if is_formula(cell) => DISARMED,
            _ => TEXT,
        };
        let (column, said) = (letters(at), cell_text(cell));
        text += &format!(
            "<c r=\"{column}{number}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{said}</t></is></c>"
        );
    }
    text + "</row>"
}

/// The letters of a column: A, B, … Z, AA.
fn letters(column: usize) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    if column < 26 { last.to_string() } else { letters(column / 26 - 1) + &last.to_string() }
}

/// A text as it stands in a cell: no longer than one may be, without what XML has no place for, and `_x000D_` as itself rather
/// than the character that spreadsheet programs take it for.
fn cell_text(text: &str) -> String {
    let mut clear = String::with_capacity(text.len());
    for (at, c) in shortened(text).char_indices() {
        match c {
            '&' => clear.push_str("&amp;"),
            '<' => clear.push_str("&lt;"),
            '>' => clear.push_str("&gt;"),
            '"' => clear.push_str("&quot;"),
            '_' if is_escape(&text[at..]) => clear.push_str("_x005F_"),
            c if (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                clear.push(' ')
            }
            c => clear.push(c),
        }
    }
    clear
}

fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    // A character has at most as many units as bytes.
    if text.len() <= CELL_UNITS_MAX || text.encode_utf16().count() <= CELL_UNITS_MAX {
        return text.into();
    }
    let mut units = 1;
    let fitting = text.chars().take_while(|c| {
        units += c.len_utf16();
        units <= CELL_UNITS_MAX
    });
    (fitting.collect::<String>() + "…").into()
}

/// Whether a text begins with `_x`, four hexadecimal digits and `_`.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[2..6].iter().all(u8::is_ascii_hexdigit) && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::{CELL_UNITS_MAX, letters, xlsx_of};
    use crate::ledger::table::{Limits, read};

    fn sheet(bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        read("x.xlsx", bytes, &Limits::default()).unwrap().rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn what_is_written_is_read_again_and_zeros_stay() {
        let rows = [["编号", "名称"], ["00123", "“甲” & <乙>"], ["Z_x000D_", "两\n行"]];
        assert_eq!(cells(&xlsx_of("线索", rows).unwrap()), rows);
    }

    #[test]
    fn no_cell_is_a_formula_nor_becomes_one_when_it_is_edited() {
        let text = sheet(&xlsx_of("x", [["a"], ["=HYPERLINK(1)"], ["＝1"], ["plain"]]).unwrap());
        assert!(!text.contains("<f>"));
        assert!(
            text.contains("<c r=\"A2\" s=\"2\"")
                && text.contains("<c r=\"A3\" s=\"2\"")
                && text.contains("<c r=\"A4\" s=\"1\"")
        );
    }

    #[test]
    fn a_text_that_is_too_long_for_a_cell_says_so() {
        let fits = "𠮷".repeat(CELL_UNITS_MAX / 2);
        let read = cells(&xlsx_of("x", [["a".to_owned()], [fits.clone()], [format!("{fits}ab")]]).unwrap());
        assert_eq!(read[1][0], fits);
        assert_eq!((read[2][0].encode_utf16().count(), read[2][0].chars().last()), (CELL_UNITS_MAX, Some('…')));
    }

    #[test]
    fn characters_that_a_file_cannot_hold_leave_a_space() {
        assert_eq!(cells(&xlsx_of("x", [["a\u{1}b\u{ffff}c"]]).unwrap())[0], ["a b c"]);
    }

    #[test]
    fn an_empty_list_has_its_header_and_no_list_is_a_workbook_too() {
        assert!(sheet(&xlsx_of("x", [["编号"; 3]]).unwrap()).contains("<autoFilter ref=\"A1:C1\"/>"));
        assert!(!sheet(&xlsx_of("x", [] as [[&str; 1]; 0]).unwrap()).contains("<row"));
    }

    #[test]
    fn columns_beyond_z_have_two_letters() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
