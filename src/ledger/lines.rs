//! A table laid under a ledger's columns: known columns in order, unknown ones kept, forbidden ones dropped unread.

use crate::ledger::definition::{Column, Ledger};
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::table::{self, Limits, Table, TableRow};
use crate::ledger::{forbidden, values};

/// Rows among which the header is looked for; forms often have a title above it.
const HEADER_WITHIN: usize = 10;

/// One line of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Row as Excel shows it; the header is usually row 1.
    pub row: u32,
    /// One cell for each column of the ledger, in its order.
    pub cells: Vec<String>,
    /// One cell for each unknown column.
    pub extra: Vec<String>,
}

/// A ledger's file as text. Holds no cell of a forbidden column.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The ledger.
    pub ledger: &'static Ledger,
    /// File name, for messages.
    pub file: String,
    /// Headers of unknown columns, as written.
    pub extra: Vec<String>,
    /// Lines in the order of the file.
    pub rows: Vec<Line>,
    /// Whether a forbidden column was dropped on reading.
    pub was_stripped: bool,
}

impl Lines {
    /// A ledger without lines.
    pub fn empty(ledger: &'static Ledger) -> Self {
        Self { ledger, file: ledger.file_name(), extra: Vec::new(), rows: Vec::new(), was_stripped: false }
    }

    /// The cell of a line under a column's English name; empty for a name that the ledger does not have.
    pub fn cell<'a>(&self, line: &'a Line, column: &str) -> &'a str {
        self.ledger.position(column).and_then(|at| line.cells.get(at)).map_or("", String::as_str)
    }

    /// What tells a line from the others: the cells of the key columns, joined with a space.
    pub fn key(&self, line: &Line) -> String {
        let parts = self.ledger.key.iter().map(|column| values::fold_width(self.cell(line, column)));
        parts.collect::<Vec<_>>().join(" ").trim().to_owned()
    }
}

/// What a header means.
enum Meaning {
    Known(usize),
    Unknown(usize),
    Dropped,
}

/// Reads a file as a ledger. Problems of single cells are found later, by the typed reading.
pub fn read(ledger: &'static Ledger, file: &str, bytes: &[u8], limits: &Limits) -> (Lines, Vec<Problem>) {
    match table::read(file, bytes, limits) {
        Ok(table) => bind(ledger, file, table),
        Err(problem) => (Lines { file: file.to_owned(), ..Lines::empty(ledger) }, vec![problem]),
    }
}

/// Lays a table under the columns of a ledger.
pub(super) fn bind(ledger: &'static Ledger, file: &str, table: Table) -> (Lines, Vec<Problem>) {
    let mut lines = Lines { file: file.to_owned(), ..Lines::empty(ledger) };
    let mut problems = Vec::new();
    let at = header_position(ledger, &table);
    let meanings = meanings(&mut lines, &table.rows[at], &mut problems);
    problems.extend(missing_columns(ledger, file, &table.rows[at], &meanings));
    // Without its required columns every line would be wrong; one problem says it all.
    if !problems.iter().any(Problem::is_error) {
        let rows = table.rows.into_iter().skip(at + 1).filter(|row| !is_remark(row));
        lines.rows = rows.map(|row| line(&lines, row, &meanings)).collect();
        lines.rows.retain(|line| line.cells.iter().chain(&line.extra).any(|cell| !cell.is_empty()));
    }
    (lines, problems)
}

fn header_position(ledger: &Ledger, table: &Table) -> usize {
    let known = |row: &TableRow| ledger.columns.iter().filter(|c| row.cells.iter().any(|h| c.is_headed(h))).count();
    let rows = table.rows.iter().take(HEADER_WITHIN).enumerate();
    rows.rev().max_by_key(|(_, row)| known(row)).map_or(0, |(at, _)| at)
}

fn meanings(lines: &mut Lines, header: &TableRow, problems: &mut Vec<Problem>) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = Vec::new();
    for cell in &header.cells {
        let known = lines.ledger.columns.iter().position(|column| column.is_headed(cell));
        let is_repeated = |at: usize| meanings.iter().any(|m| matches!(m, Meaning::Known(other) if *other == at));
        meanings.push(match known {
            Some(at) if is_repeated(at) => repeated(lines, cell, problems),
            Some(at) => Meaning::Known(at),
            None if forbidden::is_forbidden(cell) => refused(lines, cell, problems),
            None => unknown(lines, cell, problems),
        });
    }
    meanings
}

fn repeated(lines: &Lines, header: &str, problems: &mut Vec<Problem>) -> Meaning {
    let (zh, en) = ("出现了两次，只读取第一列", "stands there twice; only the first one is read");
    problems.push(Problem::of_column(ProblemKind::Error, &lines.file, header, zh, en));
    Meaning::Dropped
}

fn refused(lines: &mut Lines, header: &str, problems: &mut Vec<Problem>) -> Meaning {
    lines.was_stripped = true;
    let (zh, en) = (
        "属于禁止导入的个人信息，整列未读取，请从文件中删除",
        "must not be brought in; it was dropped unread, delete it",
    );
    problems.push(Problem::of_column(ProblemKind::Refused, &lines.file, header, zh, en));
    Meaning::Dropped
}

fn unknown(lines: &mut Lines, header: &str, problems: &mut Vec<Problem>) -> Meaning {
    if header.is_empty() {
        return Meaning::Dropped;
    }
    lines.extra.push(header.to_owned());
    let (zh, en) = ("不是本表的列，原样保留，不使用", "is no column of this ledger; kept as it is, not used");
    problems.push(Problem::of_column(ProblemKind::Warning, &lines.file, header, zh, en));
    Meaning::Unknown(lines.extra.len() - 1)
}

fn missing_columns(ledger: &Ledger, file: &str, header: &TableRow, meanings: &[Meaning]) -> Vec<Problem> {
    let is_there = |at: usize| meanings.iter().any(|meaning| matches!(meaning, Meaning::Known(other) if *other == at));
    let missing = ledger.columns.iter().enumerate().filter(|(at, column)| column.required && !is_there(*at));
    missing.map(|(_, column)| missing_column(file, header.number, column)).collect()
}

fn missing_column(file: &str, row: u32, column: &Column) -> Problem {
    let zh = format!("缺少列「{}」", column.zh);
    let en = format!("lacks the column 「{}」 ({})", column.zh, column.en);
    Problem::of_row(ProblemKind::Error, file, row, zh, en)
}

/// Rows whose first cell begins with # are talk to the editor, such as those of a template.
fn is_remark(row: &TableRow) -> bool {
    row.cells.first().is_some_and(|cell| cell.starts_with(['#', '＃']))
}

fn line(lines: &Lines, row: TableRow, meanings: &[Meaning]) -> Line {
    let mut line = Line {
        row: row.number,
        cells: vec![String::new(); lines.ledger.columns.len()],
        extra: vec![String::new(); lines.extra.len()],
    };
    for (cell, meaning) in row.cells.into_iter().zip(meanings) {
        match meaning {
            Meaning::Known(at) => line.cells[*at] = cell,
            Meaning::Unknown(at) => line.extra[*at] = cell,
            Meaning::Dropped => {}
        }
    }
    line
}
