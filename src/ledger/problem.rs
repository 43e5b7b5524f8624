//! What is wrong with a ledger, in words for the person who edits it: file, row, column, what to write instead.

use serde::Serialize;

use crate::ledger::definition::Column;

/// What follows from a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The line or the file is not used as it stands.
    Error,
    /// A column that must not be brought in; it was dropped unread.
    Refused,
    /// It is used, but somebody should look.
    Warning,
}

/// One thing that is wrong, with its place. The texts may quote the cell: they are for the editor's screen.
/// Logs use [`Problem::place`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What follows.
    pub kind: ProblemKind,
    /// File name without folder.
    pub file: String,
    /// Row as Excel counts it; the header is row 1. None when the whole file is meant.
    pub row: Option<u32>,
    /// Chinese header of the column, or the header as written for an unknown one.
    pub column: Option<String>,
    /// The whole sentence in Chinese.
    pub zh: String,
    /// The whole sentence in English.
    pub en: String,
}

impl Problem {
    /// A problem of a whole file.
    pub(crate) fn of_file(kind: ProblemKind, file: &str, zh: impl AsRef<str>, en: impl AsRef<str>) -> Self {
        let (zh, en) = (format!("{file} {}", zh.as_ref()), format!("{file} {}", en.as_ref()));
        Self { kind, file: file.to_owned(), row: None, column: None, zh, en }
    }

    /// A problem of a row.
    pub(crate) fn of_row(kind: ProblemKind, file: &str, row: u32, zh: impl AsRef<str>, en: impl AsRef<str>) -> Self {
        let zh = format!("{file} 第{row}行{}", zh.as_ref());
        let en = format!("{file} row {row} {}", en.as_ref());
        Self { kind, file: file.to_owned(), row: Some(row), column: None, zh, en }
    }

    /// A problem of one cell. `zh` follows the header directly: `填了「很高」，可选：…`.
    pub(crate) fn of_cell(
        kind: ProblemKind,
        (file, row): (&str, u32),
        column: &Column,
        zh: impl AsRef<str>,
        en: impl AsRef<str>,
    ) -> Self {
        let header = column.zh;
        let zh = format!("{file} 第{row}行「{header}」{}", zh.as_ref());
        let en = format!("{file} row {row} column 「{header}」 ({}) {}", column.en, en.as_ref());
        Self { kind, file: file.to_owned(), row: Some(row), column: Some(header.to_owned()), zh, en }
    }

    /// A problem of a whole column, by its header as written.
    pub(crate) fn of_column(
        kind: ProblemKind,
        file: &str,
        header: &str,
        zh: impl AsRef<str>,
        en: impl AsRef<str>,
    ) -> Self {
        let zh = format!("{file} 列「{header}」{}", zh.as_ref());
        let en = format!("{file} column 「{header}」 {}", en.as_ref());
        Self { kind, file: file.to_owned(), row: None, column: Some(header.to_owned()), zh, en }
    }

    /// Whether the line or file is not used as it stands.
    pub fn is_error(&self) -> bool {
        self.kind == ProblemKind::Error
    }

    /// File, row and column without any content, for logs.
    pub fn place(&self) -> String {
        let row = self.row.map(|row| format!(" row {row}")).unwrap_or_default();
        let column = self.column.as_deref().map(|column| format!(" column {column}")).unwrap_or_default();
        format!("{}{row}{column}", self.file)
    }
}
