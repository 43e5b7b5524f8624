//! XLSX → rows of cells. Only the first sheet is read; formulas count by their stored value.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};

use crate::ledger::table::{Builder, Limits, Table, Unreadable};

type Rows = BTreeMap<u32, BTreeMap<u32, String>>;

/// Reads the first sheet.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    check_archive(bytes, limits)?;
    // The workbook parser is not ours and meets hostile files here; a panic in it must not end the daemon.
    let rows = std::panic::catch_unwind(|| first_sheet(bytes, limits)).map_err(|_| Unreadable::Workbook)??;
    let mut builder = Builder::new(limits);
    for (row, cells) in &rows {
        let width = cells.last_key_value().map_or(0, |(column, _)| column + 1);
        let row_cells = (0..width).map(|column| cells.get(&column).map_or("", String::as_str));
        builder.push(row + 1, row_cells)?;
    }
    Ok(builder.table)
}

/// Unpacks every part once, counting: the sizes that an archive declares may lie.
fn check_archive(bytes: &[u8], limits: &Limits) -> Result<(), Unreadable> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::Workbook)?;
    if archive.len() > limits.parts {
        return Err(Unreadable::Workbook);
    }
    let mut left = limits.unpacked_bytes;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| Unreadable::Workbook)?;
        let read = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| Unreadable::Workbook)?;
        left = left.checked_sub(read).ok_or(Unreadable::TooLarge(limits.unpacked_bytes))?;
    }
    Ok(())
}

fn first_sheet(bytes: &[u8], limits: &Limits) -> Result<Rows, Unreadable> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| Unreadable::Workbook)?;
    let sheet = book.sheet_names().first().cloned().ok_or(Unreadable::Workbook)?;
    let mut rows = Rows::new();
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| Unreadable::Workbook)?;
    while let Some(cell) = cells.next_cell().map_err(|_| Unreadable::Workbook)? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if !text.is_empty() {
            check_place(row, column, limits)?;
            rows.entry(row).or_default().insert(column, text);
        }
    }
    drop(cells);
    fill_merged(&mut rows, &book.merge_cells_by_sheet_name(&sheet).unwrap_or_default());
    Ok(rows)
}

fn check_place(row: u32, column: u32, limits: &Limits) -> Result<(), Unreadable> {
    if row as usize >= limits.rows {
        return Err(Unreadable::TooManyRows(limits.rows));
    }
    if column as usize >= limits.columns {
        return Err(Unreadable::TooManyColumns(limits.columns));
    }
    Ok(())
}

/// A cell merged over several rows counts in each of them. A cell merged over several columns is a heading or a
/// remark and counts once.
fn fill_merged(rows: &mut Rows, regions: &[calamine::Dimensions]) {
    for region in regions {
        let ((top, left), (bottom, _)) = (region.start, region.end);
        let Some(text) = rows.get(&top).and_then(|cells| cells.get(&left)).cloned() else { continue };
        let below = rows.range_mut(top.saturating_add(1)..=bottom.max(top.saturating_add(1)));
        for (_, cells) in below.filter(|(row, _)| **row <= bottom) {
            cells.entry(left).or_insert_with(|| text.clone());
        }
    }
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(true) => "是".to_owned(),
        DataRef::Bool(false) => "否".to_owned(),
        DataRef::DateTime(instant) => date_text(instant),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn date_text(instant: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
    let value = instant.as_f64();
    if (0.0..1.0).contains(&value) {
        return format!("{hour:02}:{minute:02}:{second:02}");
    }
    if value.fract() == 0.0 {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    use crate::ledger::table::{Limits, read};

    fn cells(build: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<(u32, Vec<String>)> {
        let mut book = Workbook::new();
        build(book.add_worksheet());
        let bytes = book.save_to_buffer().unwrap();
        let table = read("x.xlsx", &bytes, &Limits::default()).unwrap();
        table.rows.into_iter().map(|row| (row.number, row.cells)).collect()
    }

    #[test]
    fn dates_times_and_numbers_become_plain_text() {
        let rows = cells(|sheet| {
            let day = Format::new().set_num_format("yyyy-mm-dd");
            let time = Format::new().set_num_format("hh:mm");
            sheet.write_with_format(0, 0, ExcelDateTime::from_ymd(2026, 9, 1).unwrap(), &day).unwrap();
            sheet.write_with_format(0, 1, ExcelDateTime::from_hms(8, 45, 0).unwrap(), &time).unwrap();
            sheet.write(0, 2, 30).unwrap();
            sheet.write(0, 3, "00123").unwrap();
        });
        assert_eq!(rows, [(1, ["2026-09-01", "08:45:00", "30", "00123"].map(String::from).to_vec())]);
    }

    #[test]
    fn a_cell_merged_downwards_counts_in_each_row() {
        let rows = cells(|sheet| {
            sheet.merge_range(0, 0, 1, 0, "XH", &Format::new()).unwrap();
            sheet.write(0, 1, "甲").unwrap();
            sheet.write(1, 1, "乙").unwrap();
        });
        assert_eq!(rows[1].1, ["XH", "乙"]);
    }

    #[test]
    fn a_cell_in_the_last_corner_is_refused_instead_of_filling_memory() {
        let mut book = Workbook::new();
        book.add_worksheet().write(1_048_575, 16_383, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert!(read("x.xlsx", &bytes, &Limits::default()).unwrap_err().zh.contains("超过"));
    }

    #[test]
    fn an_archive_that_unpacks_too_far_is_refused() {
        let mut book = Workbook::new();
        book.add_worksheet().write(0, 0, "x".repeat(30_000)).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let limits = Limits { unpacked_bytes: 10_000, ..Limits::default() };
        assert!(read("x.xlsx", &bytes, &limits).unwrap_err().zh.contains("超过10000字节"));
    }
}
