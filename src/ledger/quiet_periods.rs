//! quiet_periods.csv: days when talk of results is a leak.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::model::company::QuietPeriod;
use crate::model::ids::{CompanyCode, QuietPeriodId};

const COLUMNS: &[Column] = &[
    column("编号", "id", Shape::Code, "SP-901").required(),
    column("名称", "name", Shape::Text, "三季报静默期").required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code"]).company().required(),
    column("开始", "from", Shape::Date, "2026-10-15").also(&["开始日期", "start"]).required(),
    column("结束", "until", Shape::Date, "2026-10-30").also(&["结束日期", "end", "to"]).hint("未结束时留空"),
    column("类型", "kind", Shape::Usual(&["定期报告", "重大事项"]), "定期报告").also(&["type"]),
    column("可见范围", "visibility", Shape::Text, "全部"),
    column("说明", "note", Shape::Text, "").also(&["备注"]),
];

/// The quiet periods ledger.
pub static QUIET_PERIODS: Ledger = Ledger {
    name: "quiet_periods",
    title_zh: "静默期",
    title_en: "Quiet periods",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the quiet periods.
pub fn quiet_periods(lines: &Lines) -> (Vec<QuietPeriod>, Vec<Problem>) {
    read_lines(lines, quiet_period)
}

fn quiet_period(cells: &mut Cells<'_>) -> QuietPeriod {
    let (from, until) = (cells.date("from").unwrap_or_default(), cells.date("until"));
    if until.is_some_and(|until| until < from) {
        let (zh, en) = ("早于开始日期", "lies before the first day");
        cells.complain(ProblemKind::Error, cells.column("until"), zh, en);
    }
    QuietPeriod {
        id: QuietPeriodId::new(cells.code("id")),
        name: cells.text("name"),
        company: CompanyCode::new(cells.code("company")),
        from,
        until,
        kind: cells.text("kind"),
        visibility: cells.text("visibility"),
        note: cells.text("note"),
    }
}
