//! disclosures.csv: what the group has published, with its minute.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::company::Disclosure;
use crate::model::ids::{CompanyCode, DisclosureId};

const COLUMNS: &[Column] = &[
    column("编号", "id", Shape::Code, "D901").required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code"]).company().required(),
    column("发布时间", "published", Shape::Instant, "2026-11-12T09:30:00+08:00").also(&["published_at"]).required(),
    column("渠道", "channel", Shape::Text, "官网新闻"),
    column("标题", "title", Shape::Text, "星河科技发布新一代产品"),
    column("正文", "text", Shape::Text, "星河科技今日发布新一代产品，即日起接受预订。")
        .also(&["内容", "body"])
        .required(),
];

/// The disclosures ledger.
pub static DISCLOSURES: Ledger = Ledger {
    name: "disclosures",
    title_zh: "已公开信息",
    title_en: "Disclosures",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads what was published.
pub fn disclosures(lines: &Lines) -> (Vec<Disclosure>, Vec<Problem>) {
    read_lines(lines, disclosure)
}

fn disclosure(cells: &mut Cells<'_>) -> Disclosure {
    Disclosure {
        id: DisclosureId::new(cells.code("id")),
        company: CompanyCode::new(cells.code("company")),
        published: cells.instant("published").unwrap_or_default(),
        channel: cells.text("channel"),
        title: cells.text("title"),
        text: cells.text("text"),
    }
}
