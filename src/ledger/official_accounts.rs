//! official_accounts.csv: the group's own accounts.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::exemption::OfficialAccount;
use crate::model::ids::{CompanyCode, OfficialAccountId, PlatformId};

const COLUMNS: &[Column] = &[
    column("台账编号", "id", Shape::Code, "OF-901").also(&["编号"]).required(),
    column("平台", "platform", Shape::Code, "forum").required(),
    column("账号名", "account_name", Shape::Text, "星河科技官方"),
    column("账号ID", "handle", Shape::Text, "xh_official")
        .also(&["account_id"])
        .hint("平台上的账号标识，不是显示名")
        .required(),
    column("运营公司", "company", Shape::Code, "XH").also(&["company_code", "公司代码"]).company().required(),
    column("运营部门", "department", Shape::Text, "品牌部"),
    column("管理员工号", "administrator", Shape::Code, "XH0001").also(&["administrator_id"]).employee(),
    column("认证主体", "verified_as", Shape::Text, "星河科技股份有限公司"),
    column("备案日期", "filed_on", Shape::Date, "2024-05-10"),
    column("最近发布", "last_post_on", Shape::Date, "2026-11-19"),
    column("粉丝", "followers", Shape::Whole, "1200"),
    column("状态", "status", Shape::Usual(&["在用", "停用", "注销"]), "在用"),
];

/// The official accounts ledger.
pub static OFFICIAL_ACCOUNTS: Ledger = Ledger {
    name: "official_accounts",
    title_zh: "官方账号台账",
    title_en: "Official accounts",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the group's own accounts.
pub fn official_accounts(lines: &Lines) -> (Vec<OfficialAccount>, Vec<Problem>) {
    read_lines(lines, official_account)
}

fn official_account(cells: &mut Cells<'_>) -> OfficialAccount {
    OfficialAccount {
        id: OfficialAccountId::new(cells.code("id")),
        platform: PlatformId::new(cells.code("platform")),
        account_name: cells.text("account_name"),
        handle: cells.text("handle"),
        company: CompanyCode::new(cells.code("company")),
        department: cells.text("department"),
        administrator: cells.optional_code("administrator"),
        verified_as: cells.text("verified_as"),
        filed_on: cells.date("filed_on"),
        last_post_on: cells.date("last_post_on"),
        followers: cells.whole("followers"),
        status: cells.text("status"),
    }
}
