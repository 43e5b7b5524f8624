//! Any CSV or XLSX file → rows of trimmed cells, each with its number as Excel shows it. What the cells mean is not
//! decided here.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030};

use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::{values, workbook};

/// How much of a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: usize,
    /// Bytes of all parts of an XLSX file after unpacking.
    pub unpacked_bytes: u64,
    /// Parts of an XLSX file.
    pub parts: usize,
    /// Rows, the header included.
    pub rows: usize,
    /// Columns of a row.
    pub columns: usize,
    /// Cells of the whole table.
    pub cells: usize,
    /// Characters of one cell.
    pub cell_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            unpacked_bytes: 512 << 20,
            parts: 2_000,
            // The rosters of 5,000 groups have half a million lines.
            rows: 1_000_001,
            columns: 200,
            cells: 6_000_000,
            cell_chars: 32_767,
        }
    }
}

/// One row. Empty rows are left out but counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Number as Excel shows it, from 1.
    pub number: u32,
    /// Cells without surrounding white space.
    pub cells: Vec<String>,
}

/// A file as rows of cells, not yet understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Rows in order.
    pub rows: Vec<TableRow>,
}

/// Why a file cannot be read as a table at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("is larger than {0} bytes; split it")]
    TooLarge(u64),
    #[error("has more than {0} rows; split it")]
    TooManyRows(usize),
    #[error("has more than {0} columns; delete the empty ones")]
    TooManyColumns(usize),
    #[error("has more than {0} cells; delete empty rows and columns")]
    TooManyCells(usize),
    #[error("row {0} has a cell of more than {1} characters; look for a quotation mark that is never closed")]
    CellTooLong(u32, usize),
    #[error("is neither UTF-8 nor GBK text; save it as 「CSV UTF-8」")]
    Encoding,
    #[error("is an old .xls workbook; save it as .xlsx or 「CSV UTF-8」")]
    OldWorkbook,
    #[error("is not a readable XLSX workbook; open it and save it again")]
    Workbook,
    #[error("is empty; it needs a header row")]
    Empty,
}

impl Unreadable {
    fn zh(&self) -> String {
        match self {
            Self::TooLarge(bytes) => format!("超过{bytes}字节，请拆分"),
            Self::TooManyRows(rows) => format!("超过{rows}行，请拆分"),
            Self::TooManyColumns(columns) => format!("超过{columns}列，请删除空列"),
            Self::TooManyCells(cells) => format!("超过{cells}个单元格，请删除空行和空列"),
            Self::CellTooLong(row, chars) => format!("第{row}行有单元格超过{chars}字，请检查是否有未闭合的引号"),
            Self::Encoding => "既不是UTF-8也不是GBK编码，请另存为「CSV UTF-8」".to_owned(),
            Self::OldWorkbook => "是旧版.xls工作簿，请另存为.xlsx或「CSV UTF-8」".to_owned(),
            Self::Workbook => "不是可读取的XLSX工作簿，请打开后重新保存".to_owned(),
            Self::Empty => "是空文件，至少需要表头".to_owned(),
        }
    }

    fn problem(&self, file: &str) -> Problem {
        Problem::of_file(ProblemKind::Error, file, self.zh(), self.to_string())
    }
}

/// Reads a file by its content: XLSX when it is one, else CSV in UTF-8, UTF-16 with a mark, GBK or Big5.
///
/// # Errors
/// The problem of the whole file when nothing of it can be read.
pub fn read(file: &str, bytes: &[u8], limits: &Limits) -> Result<Table, Problem> {
    read_bytes(bytes, limits).map_err(|unreadable| unreadable.problem(file))
}

fn read_bytes(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    if bytes.len() > limits.file_bytes {
        return Err(Unreadable::TooLarge(limits.file_bytes as u64));
    }
    let table = match bytes {
        [b'P', b'K', 3, 4, ..] => workbook::read(bytes, limits)?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(Unreadable::OldWorkbook),
        _ => read_text(&decode(bytes).ok_or(Unreadable::Encoding)?, limits)?,
    };
    if table.rows.is_empty() { Err(Unreadable::Empty) } else { Ok(table) }
}

/// The text of a file in whichever of the usual encodings it is.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]).map(Into::into);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    // Short files mislead the detector towards Japanese or Cyrillic; here a ledger is Chinese, so only Big5 outranks GB18030.
    let order = if guessed == BIG5 { [BIG5, GB18030] } else { [GB18030, BIG5] };
    order
        .iter()
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes))
        .map(Into::into)
}

/// UTF-8 with a byte order mark, which Excel and WPS need to recognise it.
pub(crate) fn encode(text: &str) -> Vec<u8> {
    [b"\xef\xbb\xbf", text.as_bytes()].concat()
}

fn read_text(text: &str, limits: &Limits) -> Result<Table, Unreadable> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut builder = Builder::new(limits);
    let mut record = csv::StringRecord::new();
    let mut number = 0_u32;
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        if !reader.read_record(&mut record).map_err(|_| Unreadable::Encoding)? {
            return Ok(builder.table);
        }
        number += 1 + blank_lines(text.as_bytes(), start);
        builder.push(number, record.iter())?;
    }
}

/// The separator of the first line: a comma, or what Excel writes elsewhere.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match (header.contains(','), header.contains('\t'), header.contains(';')) {
        (false, true, _) => b'\t',
        (false, false, true) => b';',
        _ => b',',
    }
}

/// Empty lines that the CSV reader skips silently but Excel numbers.
fn blank_lines(bytes: &[u8], start: usize) -> u32 {
    let mut at = start;
    // The reader stops between the two characters of a line end.
    if at > 0 && bytes.get(at - 1) == Some(&b'\r') && bytes.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut blank = 0;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => at += 2,
            (Some(b'\r' | b'\n'), _) => at += 1,
            _ => return blank,
        }
        blank += 1;
    }
}

/// Collects rows and holds the limits.
pub(crate) struct Builder<'a> {
    limits: &'a Limits,
    cells: usize,
    /// The rows so far.
    pub(crate) table: Table,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, cells: 0, table: Table::default() }
    }

    pub(crate) fn push<'c>(&mut self, number: u32, cells: impl Iterator<Item = &'c str>) -> Result<(), Unreadable> {
        let cells = cells.map(|cell| self.cell(number, cell)).collect::<Result<Vec<_>, _>>()?;
        let width = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        if width == 0 {
            return Ok(());
        }
        self.cells += cells.len();
        self.check(number, width)?;
        self.table.rows.push(TableRow { number, cells });
        Ok(())
    }

    fn cell(&self, number: u32, cell: &str) -> Result<String, Unreadable> {
        let cell = values::clean(cell);
        // Every character takes at least a byte, so most cells need no counting.
        if cell.len() > self.limits.cell_chars && cell.chars().count() > self.limits.cell_chars {
            return Err(Unreadable::CellTooLong(number, self.limits.cell_chars));
        }
        Ok(unguarded(cell).to_owned())
    }

    fn check(&self, number: u32, width: usize) -> Result<(), Unreadable> {
        match self.limits {
            limits if number as usize > limits.rows => Err(Unreadable::TooManyRows(limits.rows)),
            limits if width > limits.columns => Err(Unreadable::TooManyColumns(limits.columns)),
            limits if self.cells > limits.cells => Err(Unreadable::TooManyCells(limits.cells)),
            _ => Ok(()),
        }
    }
}

/// Whether a spreadsheet program would take the text for a formula.
pub(crate) fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// The text without the apostrophe that [`guarded`] put before it.
fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

/// The text so that no spreadsheet program runs it as a formula.
pub(crate) fn guarded(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GBK;
    use proptest::prelude::{any, proptest};

    use super::{Limits, Table, encode, guarded, read};

    fn table(bytes: &[u8]) -> Table {
        read("terms.csv", bytes, &Limits::default()).unwrap()
    }

    fn numbers(bytes: &[u8]) -> Vec<u32> {
        table(bytes).rows.iter().map(|row| row.number).collect()
    }

    const SAMPLE: &str = "编号,词条\nW901,星河科技\nW902,云舟\n";

    #[test]
    fn every_usual_encoding_reads_alike() {
        let (gbk, _, _) = GBK.encode(SAMPLE);
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(SAMPLE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let plain = table(SAMPLE.as_bytes());
        assert_eq!(plain.rows[1].cells, ["W901", "星河科技"]);
        for bytes in [encode(SAMPLE), gbk.to_vec(), utf16] {
            assert_eq!(table(&bytes), plain);
        }
    }

    #[test]
    fn rows_are_numbered_as_excel_shows_them() {
        assert_eq!(numbers(b"a,b\r\n1,2\r\n\r\n\r\n3,4\r\n"), [1, 2, 5]);
        assert_eq!(numbers(b"\na\n\"two\nlines\"\n\n,\nlast"), [2, 3, 6]);
    }

    #[test]
    fn surrounding_space_of_any_width_is_dropped() {
        assert_eq!(table("a,b\n　甲 ,\u{a0}乙\u{200b}".as_bytes()).rows[1].cells, ["甲", "乙"]);
    }

    #[test]
    fn tabs_and_semicolons_separate_where_no_comma_does() {
        assert_eq!(table("编号\t词条\n1\t2".as_bytes()).rows[1].cells, ["1", "2"]);
        assert_eq!(table("编号;词条\n1;2".as_bytes()).rows[1].cells, ["1", "2"]);
    }

    #[test]
    fn a_guarded_formula_comes_back_as_it_was() {
        for text in ["=1+1", "+86", "-x", "@sum", "＝1"] {
            let guard = guarded(text);
            assert!(guard.starts_with('\''));
            assert_eq!(table(format!("a\n\"{guard}\"").as_bytes()).rows[1].cells, [text]);
        }
        assert_eq!(guarded("'quoted'"), "'quoted'");
    }

    #[test]
    fn limits_refuse_the_file_by_name() {
        let limits = Limits { rows: 2, cell_chars: 5, columns: 3, ..Limits::default() };
        for (text, expected) in [("a\nb\nc", "超过2行"), ("a\nbbbbbb", "第2行"), ("a,b,c,d", "超过3列"), ("", "空文件")]
        {
            let problem = read("terms.csv", text.as_bytes(), &limits).unwrap_err();
            assert!(problem.zh.starts_with("terms.csv ") && problem.zh.contains(expected), "{}", problem.zh);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in any::<Vec<u8>>()) {
            let _ = read("x.csv", &bytes, &Limits::default());
            let _ = read("x.xlsx", &[b"PK\x03\x04".to_vec(), bytes].concat(), &Limits::default());
        }

        #[test]
        fn row_numbers_only_grow(text in "[a,\"\r\n ]{0,60}") {
            if let Ok(table) = read("x.csv", text.as_bytes(), &Limits::default()) {
                assert!(table.rows.windows(2).all(|pair| pair[0].number < pair[1].number));
            }
        }
    }
}
