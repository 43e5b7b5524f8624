//! A ledger's text → CSV or XLSX for Excel and WPS. Cells that a spreadsheet would run as a formula are disarmed.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet,
    XlsxError,
};

use crate::ledger::definition::{Column, Shape};
use crate::ledger::lines::{Line, Lines};
use crate::ledger::{table, template};

const HELP_SHEET: &str = "填写说明";
const OPTIONS_SHEET: &str = "下拉选项";
const WIDTH_MAX: usize = 40;
const LAST_ROW: u32 = 1_048_575;

/// The ledger as CSV in UTF-8 with a byte order mark. Unknown columns follow the known ones.
pub fn csv(lines: &Lines) -> Vec<u8> {
    let rows = lines.rows.iter().map(|line| cells(line).collect::<Vec<_>>());
    csv_of([headers(lines).collect()].into_iter().chain(rows))
}

/// Rows of equal length as CSV in UTF-8 with a byte order mark, whose cells no spreadsheet program runs as a formula.
pub fn csv_of<R: AsRef<[C]>, C: AsRef<str>>(rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let expectation = "writing to memory does not fail";
    for row in rows {
        writer.write_record(row.as_ref().iter().map(|cell| table::guarded(cell.as_ref()))).expect(expectation);
    }
    table::encode(&String::from_utf8(writer.into_inner().expect(expectation)).expect("cells are text"))
}

fn headers(lines: &Lines) -> impl Iterator<Item = &str> {
    lines.ledger.columns.iter().map(|column| column.zh).chain(lines.extra.iter().map(String::as_str))
}

fn cells(line: &Line) -> impl Iterator<Item = &str> {
    line.cells.iter().chain(&line.extra).map(String::as_str)
}

/// The ledger as a workbook: the lines as text under a frozen header, how to fill them in, and the drop-down values.
///
/// # Errors
/// When the lines do not fit into a sheet.
pub fn xlsx(lines: &Lines) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same lines give the same bytes on every day.
    let written = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&written));
    write_lines(book.add_worksheet(), lines)?;
    write_help(book.add_worksheet(), lines)?;
    write_options(book.add_worksheet(), lines)?;
    book.save_to_buffer()
}

fn header_format() -> Format {
    Format::new().set_bold().set_text_wrap().set_background_color("E8EEF4")
}

fn write_lines(sheet: &mut Worksheet, lines: &Lines) -> Result<(), XlsxError> {
    // Text cells keep 00123 and long numbers as they are; the quote prefix keeps = from becoming a formula on edit.
    let text = Format::new().set_num_format("@");
    let disarmed = Format::new().set_num_format("@").set_quote_prefix();
    sheet.set_name(lines.ledger.title_zh)?.set_freeze_panes(1, 0)?;
    for (at, header) in (0..).zip(headers(lines)) {
        sheet.set_column_format(at, &text)?.set_column_width(at, width(lines, usize::from(at), header))?;
        sheet.write_string_with_format(0, at, header, &header_format())?;
    }
    for (row, line) in (1..).zip(&lines.rows) {
        for (at, cell) in (0..).zip(cells(line)).filter(|(_, cell)| !cell.is_empty()) {
            let format = if table::is_formula(cell) { &disarmed } else { &text };
            sheet.write_string_with_format(row, at, cell, format)?;
        }
    }
    add_drop_downs(sheet, lines)
}

/// Width in characters of half width, from the header and the first lines.
fn width(lines: &Lines, at: usize, header: &str) -> f64 {
    let shown = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let cells = lines.rows.iter().take(200).filter_map(|line| self::cells(line).nth(at));
    let widest = cells.map(shown).chain([shown(header)]).max().unwrap_or(0);
    (widest.clamp(6, WIDTH_MAX) + 2) as f64
}

/// Columns with offered values, with the column of the options sheet where these stand.
fn with_options(lines: &Lines) -> impl Iterator<Item = (u16, u16, &'static Column)> {
    let columns = (0..).zip(lines.ledger.columns).filter(|(_, column)| !column.offered().is_empty());
    columns.zip(0..).map(|((at, column), option)| (at, option, column))
}

fn add_drop_downs(sheet: &mut Worksheet, lines: &Lines) -> Result<(), XlsxError> {
    for (at, option, column) in with_options(lines) {
        let letter = rust_xlsxwriter::utility::column_number_to_name(option);
        let last = column.offered().len() + 1;
        let range = Formula::new(format!("='{OPTIONS_SHEET}'!${letter}$2:${letter}${last}"));
        // Several values and remarks in brackets are fine, so the drop-down offers and does not insist.
        let validation = DataValidation::new()
            .allow_list_formula(range)
            .set_error_style(DataValidationErrorStyle::Information)
            .show_error_message(matches!(column.shape, Shape::Choice(_) | Shape::YesNo));
        sheet.add_data_validation(1, at, LAST_ROW, at, &validation)?;
    }
    Ok(())
}

fn write_help(sheet: &mut Worksheet, lines: &Lines) -> Result<(), XlsxError> {
    sheet.set_name(HELP_SHEET)?.set_freeze_panes(1, 0)?;
    for (at, (header, width)) in (0..).zip([("列", 20.0), ("英文列名", 18.0), ("怎么填", 60.0), ("示例", 30.0)])
    {
        sheet.set_column_width(at, width)?.write_string_with_format(0, at, header, &header_format())?;
    }
    for (row, column) in (1..).zip(lines.ledger.columns) {
        sheet.write_string(row, 0, column.zh)?.write_string(row, 1, column.en)?;
        sheet.write_string(row, 2, template::allowed(column))?.write_string(row, 3, column.example)?;
    }
    Ok(())
}

fn write_options(sheet: &mut Worksheet, lines: &Lines) -> Result<(), XlsxError> {
    sheet.set_name(OPTIONS_SHEET)?.set_freeze_panes(1, 0)?;
    for (_, option, column) in with_options(lines) {
        sheet.write_string_with_format(0, option, column.zh, &header_format())?;
        for (row, value) in (1..).zip(column.offered()) {
            sheet.write_string(row, option, value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{csv, xlsx};
    use crate::ledger::definition::{ALL, Ledger};
    use crate::ledger::lines::{Lines, read};
    use crate::ledger::table::Limits;

    const TOPICS: &str = "编号,名称,词语,内部批注,依据\n00123,=1+1,\"甲、乙\n丙\",请勿删除,@劳动法\nP902,-2,丁,,\n";

    fn lines(bytes: &[u8]) -> Lines {
        read(Ledger::named("protected_topics").unwrap(), "protected_topics.csv", bytes, &Limits::default()).0
    }

    #[test]
    fn a_round_trip_keeps_unknown_columns_zeros_and_formulas_as_text() {
        let before = lines(TOPICS.as_bytes());
        for bytes in [csv(&before), xlsx(&before).unwrap()] {
            let after = lines(&bytes);
            assert_eq!((&after.rows, &after.extra), (&before.rows, &before.extra));
        }
        assert_eq!(before.rows[0].cells[0], "00123");
        assert_eq!(before.rows[0].extra, ["请勿删除"]);
    }

    #[test]
    fn no_cell_of_a_csv_begins_as_a_formula() {
        let text = String::from_utf8(csv(&lines(TOPICS.as_bytes()))).unwrap();
        assert!(text.starts_with('\u{feff}'));
        assert!(text.contains(",'=1+1,") && text.contains(",'@劳动法,") && text.contains(",'-2,"), "{text}");
    }

    #[test]
    fn every_ledger_can_be_written_as_a_workbook() {
        for ledger in ALL {
            assert!(xlsx(&Lines::empty(ledger)).unwrap().starts_with(b"PK"));
        }
    }
}
