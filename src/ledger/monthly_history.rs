//! monthly_history.csv: figures of months from before the program counted them itself.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::values;
use crate::model::ids::CompanyCode;
use crate::model::month::{Month, PastMonth};

/// Most hours that a handling may have taken: a year.
const HOURS_MAX: f64 = 8_784.0;
/// Most of anything that is counted in a month.
const COUNT_MAX: u64 = 1_000_000;

const COLUMNS: &[Column] = &[
    column("月份", "month", Shape::Text, "2026-08").hint("年-月").required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code"]).company().required(),
    column("线索数", "cases", Shape::Whole, "12").required(),
    column("确认数", "confirmed", Shape::Whole, "7").required(),
    column("误报数", "refuted", Shape::Whole, "5").also(&["false_alarms"]).required(),
    column("豁免或备案", "permitted", Shape::Whole, "0").also(&["exempted"]),
    column("平均处置小时", "hours", Shape::Text, "30.5").also(&["mean_hours"]),
    column("逾期数", "overdue", Shape::Whole, "0"),
    column("群组整改数", "groups_rectified", Shape::Whole, "0"),
];

/// The ledger of months from before.
pub static MONTHLY_HISTORY: Ledger = Ledger {
    name: "monthly_history",
    title_zh: "历史月报数据",
    title_en: "Figures of earlier months",
    columns: COLUMNS,
    key: &["month", "company"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the months.
pub fn monthly_history(lines: &Lines) -> (Vec<PastMonth>, Vec<Problem>) {
    read_lines(lines, past_month)
}

fn past_month(cells: &mut Cells<'_>) -> PastMonth {
    PastMonth {
        month: month(cells),
        company: CompanyCode::new(cells.code("company")),
        cases: counted(cells, "cases"),
        confirmed: counted(cells, "confirmed"),
        refuted: counted(cells, "refuted") + counted(cells, "permitted"),
        hours: hours(cells),
        overdue: counted(cells, "overdue"),
        groups_rectified: counted(cells, "groups_rectified"),
    }
}

fn month(cells: &mut Cells<'_>) -> Month {
    let text = values::fold_width(&cells.text("month"));
    // Excel makes a day of a month.
    let month = Month::parse(values::clean(&text)).or_else(|| values::date(&text).map(Month::of));
    if month.is_none() && !text.trim().is_empty() {
        cells.refuse(cells.column("month"), &text, "应为月份，如 2026-08", "must be a month such as 2026-08");
    }
    month.unwrap_or_default()
}

fn counted(cells: &mut Cells<'_>, column: &str) -> u64 {
    let count = cells.whole(column).unwrap_or(0);
    if count > COUNT_MAX {
        let (zh, en) = ("太大，请核对", "is too large: look at it again");
        cells.complain(ProblemKind::Error, cells.column(column), zh, en);
    }
    count.min(COUNT_MAX)
}

fn hours(cells: &mut Cells<'_>) -> Option<f64> {
    let text = values::fold_width(&cells.text("hours"));
    let text = values::clean(&text);
    if text.is_empty() {
        return None;
    }
    let hours = text.parse().ok().filter(|hours: &f64| (0.0..=HOURS_MAX).contains(hours));
    if hours.is_none() {
        cells.refuse(cells.column("hours"), text, "应为小时数，如 30.5", "must be hours such as 30.5");
    }
    hours
}
