//! companies.csv: the companies of the group.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::ledger::values;
use crate::model::company::Company;
use crate::model::ids::{CompanyCode, EmployeeId};

const COLUMNS: &[Column] = &[
    column("代码", "code", Shape::Code, "XH").also(&["公司代码", "company_code"]).required(),
    column("全称", "name", Shape::Text, "星河科技股份有限公司").also(&["公司全称", "full_name"]).required(),
    column("简称", "short_name", Shape::Text, "星河科技").also(&["公司简称"]).required(),
    column("别名", "aliases", Shape::List, "星河、星河集团、XINGHE"),
    column("角色", "role", Shape::Usual(&["上市公司", "子公司"]), "上市公司").hint("全集团有且只有一家上市公司"),
    column("城市", "city", Shape::Text, "杭州"),
    column("邮件域名", "mail_domain", Shape::Text, "xinghe.example").also(&["domain"]),
    column("第一责任人工号", "responsible", Shape::Code, "XH0001").also(&["responsible_id"]).employee(),
];

/// The companies ledger.
pub static COMPANIES: Ledger = Ledger {
    name: "companies",
    title_zh: "公司",
    title_en: "Companies",
    columns: COLUMNS,
    key: &["code"],
    is_unique: true,
    is_required: true,
    is_confidential: false,
};

/// Reads the companies.
pub fn companies(lines: &Lines) -> (Vec<Company>, Vec<Problem>) {
    read_lines(lines, company)
}

fn company(cells: &mut Cells<'_>) -> Company {
    let role = values::fold_header(&cells.text("role"));
    Company {
        code: CompanyCode::new(cells.code("code")),
        name: cells.text("name"),
        short_name: cells.text("short_name"),
        aliases: cells.list("aliases"),
        listed: role.contains("上市") || role == "listed" || role == "listedcompany",
        city: cells.text("city"),
        mail_domain: cells.text("mail_domain"),
        responsible: EmployeeId::new(cells.code("responsible")),
    }
}
