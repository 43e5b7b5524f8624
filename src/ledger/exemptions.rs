//! exemptions.csv: permissions, each for one account on one platform.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Choice, Column, Ledger, Shape, choice, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::ledger::values;
use crate::model::exemption::{Exemption, ExemptionStatus};
use crate::model::ids::{CompanyCode, EmployeeId, ExemptionId, PlatformId};

const STATES: &[Choice] = &[
    choice("有效", "valid").or(&["已批准", "生效"]),
    choice("过期", "expired").or(&["已过期"]),
    choice("审批中", "pending").or(&["待审批"]),
    choice("撤销", "revoked").or(&["已撤销"]),
];

const COLUMNS: &[Column] = &[
    column("豁免编号", "id", Shape::Code, "EX-901").also(&["编号", "exemption_id"]).required(),
    column("申请人工号", "employee_id", Shape::Code, "XH0001").also(&["employee", "applicant"]).employee().required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code"]).company(),
    column("平台", "platform", Shape::Code, "forum").required(),
    column("账号名", "account_name", Shape::Text, "星河技术笔记"),
    column("账号ID", "handle", Shape::Text, "xh_notes")
        .also(&["account_id"])
        .hint("平台上的账号标识，不是显示名")
        .required(),
    column("使用标识", "marks", Shape::List, "星河、首席工程师"),
    column("用途", "purpose", Shape::Text, "技术科普"),
    column("附加条件", "conditions", Shape::Text, "不得发布未公开参数"),
    column("申请日期", "applied_on", Shape::Date, "2026-03-10"),
    column("公司初审人", "checked_by", Shape::Code, "XH0002").employee(),
    column("上市公司HR审批人", "approved_by", Shape::Code, "XH0003").employee(),
    column("批准日期", "approved_on", Shape::Date, "2026-03-18"),
    column("有效期至", "until", Shape::Date, "2027-03-31").also(&["valid_until", "expires_on"]),
    column("状态", "status", Shape::Choice(STATES), "有效").hint("撤销可写日期：撤销(2026-07-15)").required(),
];

/// The exemptions ledger.
pub static EXEMPTIONS: Ledger = Ledger {
    name: "exemptions",
    title_zh: "豁免台账",
    title_en: "Exemptions",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the permissions.
pub fn exemptions(lines: &Lines) -> (Vec<Exemption>, Vec<Problem>) {
    read_lines(lines, exemption)
}

fn exemption(cells: &mut Cells<'_>) -> Exemption {
    Exemption {
        id: ExemptionId::new(cells.code("id")),
        employee: EmployeeId::new(cells.code("employee_id")),
        company: CompanyCode::new(cells.code("company")),
        platform: PlatformId::new(cells.code("platform")),
        account_name: cells.text("account_name"),
        handle: cells.text("handle"),
        marks: cells.list("marks"),
        purpose: cells.text("purpose"),
        conditions: cells.text("conditions"),
        applied_on: cells.date("applied_on"),
        checked_by: cells.optional_code("checked_by"),
        approved_by: cells.optional_code("approved_by"),
        approved_on: cells.date("approved_on"),
        until: cells.date("until"),
        status: status(cells),
    }
}

fn status(cells: &mut Cells<'_>) -> ExemptionStatus {
    match cells.choice("status") {
        Some("valid") => ExemptionStatus::Valid,
        Some("expired") => ExemptionStatus::Expired,
        Some("revoked") => {
            ExemptionStatus::Revoked(values::bracketed(&cells.text("status")).as_deref().and_then(values::date))
        }
        // A line without a readable state is not used; pending permits nothing.
        _ => ExemptionStatus::Pending,
    }
}
