//! Typed access to one line. What does not fit becomes a problem with row and column, and the line is not used.

use chrono::{NaiveDate, NaiveTime};

use crate::ledger::definition::{Choice, Column};
use crate::ledger::lines::{Line, Lines};
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::values;
use crate::model::time::Timestamp;

/// Characters of a cell that a message quotes at most.
const QUOTED_CHARS: usize = 40;

/// One line being read.
pub(crate) struct Cells<'a> {
    lines: &'a Lines,
    line: &'a Line,
    problems: &'a mut Vec<Problem>,
    is_good: bool,
}

/// Reads every line; lines with an error are left out.
pub(crate) fn read_lines<T>(lines: &Lines, read: impl Fn(&mut Cells<'_>) -> T) -> (Vec<T>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut good = Vec::with_capacity(lines.rows.len());
    let mut seen = std::collections::HashMap::new();
    for line in &lines.rows {
        let mut cells = Cells { lines, line, problems: &mut problems, is_good: true };
        cells.check_required();
        cells.check_unique(&mut seen);
        let item = read(&mut cells);
        if cells.is_good {
            good.push(item);
        }
    }
    (good, problems)
}

impl Cells<'_> {
    fn check_required(&mut self) {
        for column in self.lines.ledger.columns.iter().filter(|column| column.required) {
            if self.text_of(column).is_empty() {
                self.complain(ProblemKind::Error, column, "不能为空", "must not be empty");
            }
        }
    }

    fn check_unique(&mut self, seen: &mut std::collections::HashMap<String, u32>) {
        if !self.lines.ledger.is_unique {
            return;
        }
        let (key, row) = (self.lines.key(self.line), self.line.row);
        if key.is_empty() {
            return;
        }
        if let Some(first) = seen.get(&key).copied() {
            let (zh, en) = (format!("与第{first}行重复"), format!("repeats row {first}"));
            let column = self.column(self.lines.ledger.key[0]);
            self.complain(ProblemKind::Error, column, &zh, &en);
        } else {
            seen.insert(key, row);
        }
    }

    /// The column of an English name.
    pub(crate) fn column(&self, en: &str) -> &'static Column {
        let at = self.lines.ledger.position(en).expect("a ledger reads only columns of its own table");
        &self.lines.ledger.columns[at]
    }

    fn text_of(&self, column: &Column) -> &str {
        self.lines.cell(self.line, column.en)
    }

    /// The cell as it stands.
    pub(crate) fn text(&self, en: &str) -> String {
        self.text_of(self.column(en)).to_owned()
    }

    /// An identifier, in ordinary width.
    pub(crate) fn code(&self, en: &str) -> String {
        values::clean(&values::fold_width(self.text_of(self.column(en)))).to_owned()
    }

    /// An identifier; none when the cell is empty.
    pub(crate) fn optional_code<T: for<'c> From<&'c str>>(&self, en: &str) -> Option<T> {
        let code = self.code(en);
        (!code.is_empty()).then(|| T::from(code.as_str()))
    }

    /// The parts of a list.
    pub(crate) fn list(&self, en: &str) -> Vec<String> {
        values::list(self.text_of(self.column(en)))
    }

    /// A calendar day; none when the cell is empty.
    pub(crate) fn date(&mut self, en: &str) -> Option<NaiveDate> {
        self.parsed(en, values::date, "应为日期，如 2026-09-01", "must be a day such as 2026-09-01")
    }

    /// A time of day; none when the cell is empty.
    pub(crate) fn time(&mut self, en: &str) -> Option<NaiveTime> {
        self.parsed(en, values::time, "应为时间，如 09:00", "must be a time such as 09:00")
    }

    /// A whole number; none when the cell is empty.
    pub(crate) fn whole(&mut self, en: &str) -> Option<u64> {
        self.parsed(en, values::whole, "应为整数", "must be a whole number")
    }

    /// 是 or 否; none when the cell is empty.
    pub(crate) fn yes_no(&mut self, en: &str) -> Option<bool> {
        self.parsed(en, values::yes_no, "可选：是、否", "allowed: 是, 否 (yes, no)")
    }

    /// An instant; one without offset is read as Beijing time, with a warning.
    pub(crate) fn instant(&mut self, en: &str) -> Option<Timestamp> {
        let expected = "应为带时区的时间，如 2026-11-12T09:30:00+08:00";
        let (instant, is_exact) =
            self.parsed(en, values::instant, expected, "must be an instant such as 2026-11-12T09:30:00+08:00")?;
        if !is_exact {
            let (zh, en_text) = ("没有写时区，按北京时间理解", "has no offset and is read as Beijing time");
            self.complain(ProblemKind::Warning, self.column(en), zh, en_text);
        }
        Some(instant)
    }

    fn parsed<T>(&mut self, en: &str, parse: impl Fn(&str) -> Option<T>, zh: &str, en_text: &str) -> Option<T> {
        let column = self.column(en);
        let text = self.text_of(column).to_owned();
        if text.is_empty() {
            return None;
        }
        let value = parse(&text);
        if value.is_none() {
            self.refuse(column, &text, zh, en_text);
        }
        value
    }

    /// One of the allowed values, by its English word; none when the cell is empty.
    pub(crate) fn choice(&mut self, en: &str) -> Option<&'static str> {
        let column = self.column(en);
        let text = self.text_of(column).to_owned();
        if text.is_empty() {
            return None;
        }
        self.chosen(column, &text)
    }

    /// Several of the allowed values, by their English words.
    pub(crate) fn choices(&mut self, en: &str) -> Vec<&'static str> {
        let column = self.column(en);
        self.list(en).iter().filter_map(|part| self.chosen(column, part)).collect()
    }

    fn chosen(&mut self, column: &'static Column, text: &str) -> Option<&'static str> {
        let choice: Option<&Choice> = column.choice(text);
        if choice.is_none() {
            let allowed = column.offered();
            let zh = format!("可选：{}", allowed.join("、"));
            self.refuse(column, text, &zh, &format!("allowed: {}", allowed.join(", ")));
        }
        choice.map(|choice| choice.en)
    }

    /// Reports a cell with its content, which makes the line unusable.
    pub(crate) fn refuse(&mut self, column: &'static Column, text: &str, zh: &str, en: &str) {
        // The confidential list is never quoted: its messages are read by people who may not see it.
        if self.lines.ledger.is_confidential {
            let (zh, en) = (format!("填写的内容不对，{zh}"), format!("is not right; {en}"));
            return self.complain(ProblemKind::Error, column, &zh, &en);
        }
        let quoted = quoted(text);
        let (zh, en) = (format!("填了「{quoted}」，{zh}"), format!("holds 「{quoted}」; {en}"));
        self.complain(ProblemKind::Error, column, &zh, &en);
    }

    /// Reports a cell without its content; an error makes the line unusable.
    pub(crate) fn complain(&mut self, kind: ProblemKind, column: &'static Column, zh: &str, en: &str) {
        self.is_good &= kind != ProblemKind::Error;
        self.problems.push(Problem::of_cell(kind, (&self.lines.file, self.line.row), column, zh, en));
    }
}

/// A cell's text, short enough for a message.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED_CHARS).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
