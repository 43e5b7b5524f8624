//! A table whose columns have other names and another order than ours: which of its columns means which of ours is proposed,
//! corrected by a person, and remembered by the headers. What must not be brought in can be chosen by nobody.

use std::collections::BTreeMap;

use crate::ledger::definition::{Column, Ledger};
use crate::ledger::employees::EMPLOYEES;
use crate::ledger::header_words::likeness;
use crate::ledger::lines::{Line, Lines, bind};
use crate::ledger::problem::Problem;
use crate::ledger::table::{self, Limits, Table, TableRow};
use crate::ledger::{forbidden, values};

/// Rows among which the header is looked for, and rows behind it that are shown.
const HEADER_WITHIN: usize = 10;
const SHOWN: usize = 3;
/// Columns that are not offered: the program reads nothing from them.
const UNOFFERED: [&str; 1] = ["phone_tail"];
/// Digits in a row that may be a telephone number or more.
const LONG_NUMBER: usize = 7;
/// Digits in a cell that no row of headers has: numbers, days and telephones are said of a person.
const NUMBER: usize = 3;
/// What headers of people's names hold.
const NAMES: [&str; 7] = ["姓名", "中文名", "英文名", "曾用名", "联系人", "fullname", "employeename"];
/// Characters of a cell that are shown.
const CELL_CHARS: usize = 16;

/// Headers of a file by the English names of our columns, as they were chosen last.
pub type ColumnMapping = BTreeMap<String, String>;

/// The first rows of a table, which of them is taken for its header, and which is most like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    rows: Vec<TableRow>,
    header: usize,
    likely: usize,
    is_of_people: bool,
}

/// A column of a foreign table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetColumn {
    /// Header as written; empty where there is none.
    pub header: String,
    /// The header as it may be shown: what forbids the column, or what is no header at all, by its beginning.
    pub shown: String,
    /// The cells below it as they may be shown.
    pub samples: Vec<String>,
    /// Whether it must not be brought in. Nothing of it is shown.
    pub is_forbidden: bool,
}

impl Sheet {
    /// The first rows of a file, with the row that is most like a header of the ledger.
    ///
    /// # Errors
    /// The problem of the whole file when nothing of it can be read.
    pub fn read(ledger: &Ledger, file: &str, bytes: &[u8], limits: &Limits) -> Result<Self, Problem> {
        Ok(Self::of(ledger, &table::read(file, bytes, limits)?))
    }

    fn of(ledger: &Ledger, table: &Table) -> Self {
        let rows: Vec<TableRow> = table.rows.iter().take(HEADER_WITHIN + SHOWN).cloned().collect();
        let within = rows.iter().take(HEADER_WITHIN).enumerate().rev();
        let likely = within.max_by_key(|(_, row)| (meant(ledger, row), filled(row))).map_or(0, |(at, _)| at);
        Self { rows, header: likely, likely, is_of_people: *ledger == EMPLOYEES }
    }

    /// The same with another row as the header, by its number as Excel shows it; unchanged where that is none of the first.
    #[must_use]
    pub fn headed_by(self, number: u32) -> Self {
        let chosen = self.rows.iter().take(HEADER_WITHIN).position(|row| row.number == number);
        Self { header: chosen.unwrap_or(self.header), ..self }
    }

    /// Number of the header's row as Excel shows it.
    pub fn header(&self) -> u32 {
        self.rows.get(self.header).map_or(1, |row| row.number)
    }

    /// Numbers of the rows that may be the header.
    pub fn possible_headers(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().take(HEADER_WITHIN).map(|row| row.number)
    }

    /// The columns in the order of the file.
    pub fn columns(&self) -> Vec<SheetColumn> {
        let width = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        (0..width).map(|at| self.column(at)).collect()
    }

    fn column(&self, at: usize) -> SheetColumn {
        let header = self.rows.get(self.header).map_or("", |row| cell(row, at)).to_owned();
        let forbidding = self.headed(at, forbidden::is_forbidden);
        let show = if self.headed(at, is_of_names).is_some() { initial } else { shown };
        let below = self.rows.iter().skip(self.first_line()).take(if forbidding.is_some() { 0 } else { SHOWN });
        SheetColumn {
            samples: below.map(|row| show(cell(row, at))).collect(),
            shown: forbidding.map_or_else(|| if is_of_names(&header) { shown(&header) } else { show(&header) }, shown),
            is_forbidden: forbidding.is_some(),
            header,
        }
    }

    fn is_forbidden(&self, at: usize) -> bool {
        self.headed(at, forbidden::is_forbidden).is_some()
    }

    /// The cell of a kind that heads a column, in whatever row that may be a header: nobody gets round it by choosing another one.
    fn headed(&self, at: usize, is_of_kind: impl Fn(&str) -> bool) -> Option<&str> {
        let heads =
            self.rows.iter().take(HEADER_WITHIN).enumerate().filter(|(number, row)| self.may_head(*number, row));
        heads.map(|(_, row)| cell(row, at)).find(|cell| is_of_kind(cell))
    }

    /// Whether a row may be a header: whatever stands as high as the chosen one or the most likely one, and deeper what holds no
    /// numbers, where lines are of people and have some. A title over the whole table, which stands alone in its row, is none.
    fn may_head(&self, at: usize, row: &TableRow) -> bool {
        let is_high = at <= self.header.max(self.likely);
        filled(row) > 1 && (is_high || self.is_of_people && is_of_words(row))
    }

    /// Where the lines begin: below the chosen header, and below a likely one that it stands over and that is surely no line.
    fn first_line(&self) -> usize {
        let is_header = self.is_of_people && self.rows.get(self.likely).is_some_and(is_of_words);
        1 + if is_header { self.header.max(self.likely) } else { self.header }
    }

    /// Whether the chosen row is one of headers, and can be remembered as such.
    fn is_headed_by_words(&self) -> bool {
        self.rows.get(self.header).is_some_and(is_of_words)
    }
}

/// The columns of a ledger that a column of a file may be chosen for.
pub fn offered(ledger: &Ledger) -> impl Iterator<Item = &'static Column> {
    ledger.columns.iter().filter(|column| !UNOFFERED.contains(&column.en))
}

/// Which column of the file, by its position, means each of the [`offered`] ones: as it was chosen last where the header is there
/// again, else by the words of the header. No column of the file is proposed twice.
pub fn proposed(ledger: &Ledger, columns: &[SheetColumn], remembered: &ColumnMapping) -> Vec<Option<usize>> {
    let ours: Vec<&Column> = offered(ledger).collect();
    let mut likely: Vec<(usize, usize, usize)> = Vec::new();
    for (to, column) in ours.iter().enumerate() {
        let usable = columns.iter().enumerate().filter(|(_, theirs)| !theirs.is_forbidden && !theirs.header.is_empty());
        likely.extend(usable.map(|(from, theirs)| (trust(ledger, column, &theirs.header, remembered), to, from)));
    }
    likely.retain(|(trust, ..)| *trust > 0);
    likely.sort_by_key(|(trust, to, from)| (std::cmp::Reverse(*trust), *to, *from));
    let mut chosen = vec![None; ours.len()];
    for (_, to, from) in likely {
        if chosen[to].is_none() && !chosen.contains(&Some(from)) {
            chosen[to] = Some(from);
        }
    }
    chosen
}

fn trust(ledger: &Ledger, column: &Column, header: &str, remembered: &ColumnMapping) -> usize {
    let is_same = |known: &String| values::fold_header(known) == values::fold_header(header);
    // What somebody chose outweighs every word.
    if remembered.get(column.en).is_some_and(is_same) {
        usize::MAX
    } else {
        likeness(ledger, column, header).min(usize::MAX - 1)
    }
}

/// What is remembered of a choice: headers only, and nothing where a line was taken for them.
pub fn remembered(ledger: &Ledger, sheet: &Sheet, chosen: &[Option<usize>]) -> ColumnMapping {
    let columns = if sheet.is_headed_by_words() { sheet.columns() } else { Vec::new() };
    let pairs = offered(ledger).zip(chosen).filter_map(|(column, from)| Some((column, columns.get((*from)?)?)));
    pairs.map(|(column, theirs)| (column.en.to_owned(), theirs.header.clone())).collect()
}

/// Lines as the ledger would have them: what the file does not say of a line that is there already stays as it is, in columns
/// of ours that were not chosen and in those that are not ours.
#[must_use]
pub fn completed(lines: Lines, before: &Lines, chosen: &[Option<usize>]) -> Lines {
    let said: Vec<&str> =
        offered(lines.ledger).zip(chosen).filter(|(_, from)| from.is_some()).map(|(column, _)| column.en).collect();
    let known: BTreeMap<String, &Line> = before.rows.iter().map(|line| (before.key(line), line)).collect();
    let rows = lines.rows.iter().map(|line| match known.get(&lines.key(line)) {
        Some(known) => line_over(lines.ledger, line, known, &said),
        None => Line { extra: vec![String::new(); before.extra.len()], ..line.clone() },
    });
    Lines { rows: rows.collect(), extra: before.extra.clone(), ..lines }
}

fn line_over(ledger: &Ledger, line: &Line, known: &Line, said: &[&str]) -> Line {
    let cells = ledger.columns.iter().zip(line.cells.iter().zip(&known.cells));
    let cells = cells.map(|(column, (new, old))| if said.contains(&column.en) { new } else { old });
    Line { cells: cells.cloned().collect(), extra: known.extra.clone(), ..*line }
}

/// A file read as a ledger by the chosen columns. Rows keep their numbers; columns that were not chosen are empty.
pub fn mapped(
    ledger: &'static Ledger,
    (file, bytes): (&str, &[u8]),
    header: u32,
    chosen: &[Option<usize>],
    limits: &Limits,
) -> (Lines, Vec<Problem>) {
    let table = match table::read(file, bytes, limits) {
        Ok(table) => table,
        Err(problem) => return (Lines { file: file.to_owned(), ..Lines::empty(ledger) }, vec![problem]),
    };
    let sheet = Sheet::of(ledger, &table).headed_by(header);
    let usable = |from: &usize| !sheet.is_forbidden(*from);
    let pairs: Vec<(&Column, usize)> =
        offered(ledger).zip(chosen).filter_map(|(column, from)| Some((column, from.filter(usable)?))).collect();
    bind(ledger, file, laid_out(&table, &sheet, &pairs))
}

/// The chosen columns under our headers.
fn laid_out(table: &Table, sheet: &Sheet, pairs: &[(&Column, usize)]) -> Table {
    let head =
        TableRow { number: sheet.header(), cells: pairs.iter().map(|(column, _)| column.zh.to_owned()).collect() };
    let below = table.rows.iter().skip(sheet.first_line()).map(|row| TableRow {
        number: row.number,
        cells: pairs.iter().map(|(_, from)| cell(row, *from).to_owned()).collect(),
    });
    Table { rows: std::iter::once(head).chain(below).collect() }
}

fn cell(row: &TableRow, at: usize) -> &str {
    row.cells.get(at).map_or("", String::as_str)
}

fn filled(row: &TableRow) -> usize {
    row.cells.iter().filter(|cell| !cell.is_empty()).count()
}

/// How many of our columns a row speaks of.
fn meant(ledger: &Ledger, row: &TableRow) -> usize {
    offered(ledger).filter(|column| row.cells.iter().any(|cell| likeness(ledger, column, cell) > 0)).count()
}

/// Whether a row may be one of headers: no cell of it holds a number.
fn is_of_words(row: &TableRow) -> bool {
    let digits = |cell: &String| cell.chars().filter(char::is_ascii_digit).count();
    row.cells.iter().all(|cell| digits(cell) < NUMBER)
}

/// A cell as it may be shown: long numbers and mailboxes by their beginning only.
fn shown(text: &str) -> String {
    let is_mailbox = text.contains('@');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let kept = match (is_mailbox, digits >= LONG_NUMBER && !is_day(text)) {
        (true, _) => 1,
        (_, true) => 3,
        _ => return text.chars().take(CELL_CHARS).collect(),
    };
    text.chars().take(kept).chain("…".chars()).collect()
}

/// Whether a header stands above names of people, of whomever.
fn is_of_names(header: &str) -> bool {
    let folded = values::fold_header(header);
    NAMES.iter().any(|word| folded.contains(word)) || folded == "name"
}

fn is_day(text: &str) -> bool {
    values::instant(text).is_some() || values::date(text).is_some()
}

fn initial(text: &str) -> String {
    text.chars().next().map_or_else(String::new, |first| format!("{first}*"))
}

#[cfg(test)]
mod tests {
    use super::{ColumnMapping, Sheet, completed, mapped, offered, proposed, remembered, shown};
    use crate::ledger::employees::EMPLOYEES;
    use crate::ledger::lines::{Lines, read};
    use crate::ledger::protected_topics::PROTECTED_TOPICS;
    use crate::ledger::table::Limits;

    const EXPORT: &str = "在职员工花名册\n\
        人员编码,员工姓名,联系电话,所属组织,岗位名称,身份证号码,人员状态,直属上级姓名\n\
        XH0001,林知远,13800000001,市场部,销售经理,330100190001010000,在职,总一\n\
        XH0002,,13800000002,市场部,主管,330100190001010001,在职,总一\n";

    fn sheet(text: &str) -> Sheet {
        Sheet::read(&EMPLOYEES, "花名册.csv", text.as_bytes(), &Limits::default()).unwrap()
    }

    /// Our columns with the headers that are proposed for them.
    fn proposal(text: &str, before: &ColumnMapping) -> ColumnMapping {
        let sheet = sheet(text);
        remembered(&EMPLOYEES, &sheet, &proposed(&EMPLOYEES, &sheet.columns(), before))
    }

    fn pairs(pairs: &[(&str, &str)]) -> ColumnMapping {
        pairs.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect()
    }

    #[test]
    fn columns_of_an_hr_system_are_known_by_their_words_below_a_title() {
        assert_eq!(sheet(EXPORT).header(), 2);
        let expected = [
            ("employee_id", "人员编码"),
            ("name", "员工姓名"),
            ("department", "所属组织"),
            ("title", "岗位名称"),
            ("status", "人员状态"),
        ];
        assert_eq!(proposal(EXPORT, &ColumnMapping::new()), pairs(&expected));
    }

    #[test]
    fn what_was_chosen_last_is_proposed_again_where_its_header_is_there() {
        let before = pairs(&[("title", "人员状态"), ("city", "没有这一列")]);
        let again = proposal(EXPORT, &before);
        assert_eq!(
            (again.get("title").unwrap(), again.get("city"), again.get("status")),
            (&"人员状态".to_owned(), None, None)
        );
    }

    #[test]
    fn a_forbidden_column_shows_nothing_and_is_brought_in_by_nobody() {
        let columns = sheet(EXPORT).columns();
        let identity = columns.iter().position(|column| column.is_forbidden).unwrap();
        assert_eq!((columns[identity].header.as_str(), columns[identity].samples.len()), ("身份证号码", 0));
        assert!(!columns[0].is_forbidden, "the title of the table is no header");
        let deeper = sheet(EXPORT).headed_by(3).columns();
        assert!(deeper[identity].is_forbidden, "nor where another row is taken for the header");
        let mut chosen = vec![None; offered(&EMPLOYEES).count()];
        chosen[..3].copy_from_slice(&[Some(0), Some(1), Some(identity)]);
        let (lines, _) = mapped(&EMPLOYEES, ("a.csv", EXPORT.as_bytes()), 2, &chosen, &Limits::default());
        assert!(lines.rows.iter().all(|line| line.cells.iter().all(|cell| !cell.starts_with("3301"))), "{lines:?}");
    }

    /// The file with a row as the header and some columns chosen, the first ones of ours.
    fn brought_in(text: &str, header: u32, columns: &[usize]) -> Lines {
        let mut chosen = vec![None; offered(&EMPLOYEES).count()];
        columns.iter().enumerate().for_each(|(to, from)| chosen[to] = Some(*from));
        mapped(&EMPLOYEES, ("a.csv", text.as_bytes()), header, &chosen, &Limits::default()).0
    }

    #[test]
    fn a_header_above_the_real_one_lets_nothing_forbidden_in_and_shows_no_name() {
        let text = EXPORT.replace("在职员工花名册", "星河集团,在职名册");
        for row in [1, 3, 4] {
            let columns = sheet(&text).headed_by(row).columns();
            let identity = &columns[5];
            assert_eq!((identity.is_forbidden, identity.shown.as_str()), (true, "身份证号码"), "row {row}");
            assert!(identity.samples.is_empty());
            assert!(!columns[1].shown.contains("知远") && columns[1].samples.iter().all(|name| name != "林知远"));
            let lines = brought_in(&text, row, &[0, 1, 5]);
            assert!(lines.rows.iter().all(|line| line.cells.iter().all(|cell| !cell.starts_with("3301"))), "{lines:?}");
            assert!(lines.rows.iter().all(|line| lines.key(line) != "人员编码"), "nor is the header a line");
        }
    }

    #[test]
    fn a_second_row_of_headers_forbids_as_well() {
        let text = "工号,姓名,其他,\n,,民族,入职日期\nXH0001,林知远,汉,2020-03-01\n";
        assert_eq!(sheet(text).header(), 1);
        assert!(sheet(text).columns()[2].is_forbidden);
    }

    #[test]
    fn a_forbidden_word_in_a_line_forbids_no_column() {
        let text = EXPORT.replace("市场部", "健康事业部");
        assert!(!sheet(&text).columns()[3].is_forbidden);
        assert_eq!(brought_in(&text, 2, &[0, 1, 3]).rows.len(), 2);
        let topics = "主题,关键词,备注\n婚育,生育、哺乳,无\n".as_bytes();
        let topics = Sheet::read(&PROTECTED_TOPICS, "a.csv", topics, &Limits::default()).unwrap();
        assert!(topics.columns().iter().all(|column| !column.is_forbidden), "nor where lines have no numbers");
    }

    #[test]
    fn a_line_that_is_taken_for_the_header_is_shown_by_its_beginning_and_not_remembered() {
        let sheet = sheet(EXPORT).headed_by(3);
        let shown: Vec<String> = sheet.columns().into_iter().map(|column| column.shown).collect();
        assert_eq!(shown[1..3], ["林*", "138…"]);
        assert!(remembered(&EMPLOYEES, &sheet, &[Some(0), Some(1)]).is_empty());
    }

    #[test]
    fn what_the_file_does_not_say_stays_as_it_is() {
        let before = "工号,姓名,部门,制度签收日期,备注\nXH0001,林知远,旧部,2026-09-01,甲\nXH0003,走者,旧部,,乙\n";
        let (before, _) = read(&EMPLOYEES, "employees.csv", before.as_bytes(), &Limits::default());
        let mut chosen = vec![None; offered(&EMPLOYEES).count()];
        for (to, from) in [("employee_id", 0), ("name", 1), ("department", 3)] {
            chosen[offered(&EMPLOYEES).position(|column| column.en == to).unwrap()] = Some(from);
        }
        let (lines, _) = mapped(&EMPLOYEES, ("a.csv", EXPORT.as_bytes()), 2, &chosen, &Limits::default());
        let lines = completed(lines, &before, &chosen);
        let of = |at: usize| (lines.key(&lines.rows[at]), lines.cell(&lines.rows[at], "signed_on"));
        assert_eq!((of(0), of(1)), (("XH0001".into(), "2026-09-01"), ("XH0002".into(), "")));
        assert_eq!(lines.cell(&lines.rows[0], "department"), "市场部");
        assert_eq!((&lines.extra[..], &lines.rows[0].extra[..]), (&["备注".to_owned()][..], &["甲".to_owned()][..]));
        assert_eq!((lines.rows.len(), lines.rows[1].extra.len()), (2, 1), "who is not in the file goes");
    }

    #[test]
    fn rows_keep_their_numbers_and_what_was_not_chosen_stays_outside() {
        let columns = sheet(EXPORT).columns();
        let chosen = proposed(&EMPLOYEES, &columns, &ColumnMapping::new());
        let (lines, problems) = mapped(&EMPLOYEES, ("a.csv", EXPORT.as_bytes()), 2, &chosen, &Limits::default());
        assert!(problems.is_empty() && lines.extra.is_empty(), "{problems:?}");
        let rows: Vec<(u32, &str)> = lines.rows.iter().map(|line| (line.row, lines.cell(line, "title"))).collect();
        assert_eq!(rows, [(3, "销售经理"), (4, "主管")]);
        let without = vec![None; chosen.len()];
        let (lines, problems) = mapped(&EMPLOYEES, ("a.csv", EXPORT.as_bytes()), 2, &without, &Limits::default());
        assert!(lines.rows.is_empty() && problems[0].zh.contains("缺少列「工号」"), "{problems:?}");
    }

    #[test]
    fn names_long_numbers_and_mailboxes_are_shown_by_their_beginning() {
        let columns = sheet(EXPORT).columns();
        let first = |at: usize| columns[at].samples[0].as_str();
        assert_eq!((first(1), first(2), first(7)), ("林*", "138…", "总*"), "a superior's name as well");
        for (text, expected) in
            [("xh0001@xinghe.example", "x…"), ("2026-09-01", "2026-09-01"), ("市场部", "市场部"), ("", "")]
        {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_file_that_is_no_table_says_so() {
        assert!(Sheet::read(&EMPLOYEES, "a.csv", b"", &Limits::default()).unwrap_err().zh.contains("空文件"));
        let (lines, problems) = mapped(&EMPLOYEES, ("a.csv", b""), 1, &[], &Limits::default());
        assert!(lines.rows.is_empty() && problems[0].is_error());
    }
}
