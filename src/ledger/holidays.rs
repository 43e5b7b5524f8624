//! holidays.csv: holidays and the weekend days that are worked for them, beside the years that are built in.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Choice, Column, Ledger, Shape, choice, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::calendar::{DayKind, SpecialDay};

const KINDS: &[Choice] =
    &[choice("放假", "off").or(&["休", "休息"]), choice("上班", "working").or(&["班", "调休上班", "补班"])];

const COLUMNS: &[Column] = &[
    column("日期", "day", Shape::Date, "2027-01-01").also(&["date"]).required(),
    column("类型", "kind", Shape::Choice(KINDS), "放假").also(&["type"]).hint("周末调休上班的写“上班”").required(),
    column("名称", "name", Shape::Text, "元旦").also(&["holiday"]),
];

/// The ledger of holidays.
pub static HOLIDAYS: Ledger = Ledger {
    name: "holidays",
    title_zh: "节假日",
    title_en: "Holidays",
    columns: COLUMNS,
    key: &["day"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the holidays.
pub fn holidays(lines: &Lines) -> (Vec<SpecialDay>, Vec<Problem>) {
    read_lines(lines, special_day)
}

fn special_day(cells: &mut Cells<'_>) -> SpecialDay {
    let kind = if cells.choice("kind") == Some("working") { DayKind::Working } else { DayKind::Off };
    SpecialDay { day: cells.date("day").unwrap_or_default(), kind, name: cells.text("name") }
}
