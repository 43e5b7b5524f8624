//! groups.csv: the register of work chat groups.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::ledger::values;
use crate::model::group::Group;
use crate::model::ids::{CompanyCode, EmployeeId, GroupId};

/// Chat platforms as the register writes them.
pub const PLATFORMS: &[&str] = &["微信", "企业微信", "钉钉", "飞书", "QQ"];

/// Levels of a group that the company's people built.
pub const LEVELS: &[&str] = &["公司级", "部门级", "项目级"];

/// In the place of a level: a group that somebody else built, such as a customer, and in which our people take part. Its line is
/// optional, its owner is our contact, and no rule is held against it.
pub const EXTERNAL: &str = "外部群";
const LEVELS_WRITTEN: &[&str] = &["公司级", "部门级", "项目级", EXTERNAL];

const COLUMNS: &[Column] = &[
    column("群编号", "id", Shape::Code, "G901").also(&["编号", "group_id"]).required(),
    column("平台", "platform", Shape::Usual(PLATFORMS), "微信"),
    column("群名称", "name", Shape::Text, "星河科技-市场部工作群").also(&["群名"]).required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code"]).company().required(),
    column("级别", "level", Shape::Usual(LEVELS_WRITTEN), "部门级")
        .hint("外部群：别人建的、我方参与的群，选填，不作检查，群主工号填我方联系人"),
    column("是否临时", "is_temporary", Shape::YesNo, "否").also(&["temporary"]),
    column("建群日期", "created_on", Shape::Date, "2024-01-15"),
    column("计划结束日期", "planned_end_on", Shape::Date, "").hint("临时群必填"),
    column("最近活跃", "last_active_on", Shape::Date, "2026-11-20"),
    column("成员数", "members", Shape::Whole, "8"),
    column("群主工号", "owner", Shape::Code, "XH0001").also(&["owner_id"]).employee(),
    column("管理员工号", "administrators", Shape::Codes, "").also(&["administrator_ids"]).employee(),
    column("本公司登记日期", "filed_locally_on", Shape::Date, "2024-01-16"),
    column("上市公司备案日期", "filed_with_listed_on", Shape::Date, ""),
    column("主要用途", "purpose", Shape::Text, "市场协同").also(&["用途"]),
    column("延期至", "extended_until", Shape::Date, "").hint("临时群可延期一次，最多90天"),
    column("延期理由", "extension_reason", Shape::Text, "").also(&["延期原因"]).hint("延期必填"),
    column("解散日期", "dissolved_on", Shape::Date, "").hint("群主确认解散后填写，此后不再检查"),
    column("保留群编号", "kept_beside", Shape::Codes, "").hint("建议合并而说明理由后保留的另一个群"),
    column("保留理由", "keep_reason", Shape::Text, "").hint("保留必填"),
    column("成员数日期", "members_on", Shape::Date, "").hint("成员数是哪天填的"),
    column("成员表日期", "roster_on", Shape::Date, "").hint("成员表是哪天导出的"),
];

/// The group register.
pub static GROUPS: Ledger = Ledger {
    name: "groups",
    title_zh: "群组台账",
    title_en: "Chat groups",
    columns: COLUMNS,
    key: &["id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Whether a group was built by somebody else.
pub(crate) fn is_external(group: &Group) -> bool {
    group.level.starts_with(EXTERNAL)
}

/// Reads the register.
pub fn groups(lines: &Lines) -> (Vec<Group>, Vec<Problem>) {
    read_lines(lines, group)
}

fn group(cells: &mut Cells<'_>) -> Group {
    let administrators = cells.list("administrators");
    let kept_beside = cells.list("kept_beside");
    Group {
        id: GroupId::new(cells.code("id")),
        platform: cells.text("platform"),
        name: cells.text("name"),
        company: CompanyCode::new(cells.code("company")),
        level: cells.text("level"),
        is_temporary: cells.yes_no("is_temporary").unwrap_or(false),
        created_on: cells.date("created_on"),
        planned_end_on: cells.date("planned_end_on"),
        last_active_on: cells.date("last_active_on"),
        members: cells.whole("members"),
        owner: cells.optional_code("owner"),
        administrators: administrators.iter().map(|id| EmployeeId::new(values::fold_width(id))).collect(),
        filed_locally_on: cells.date("filed_locally_on"),
        filed_with_listed_on: cells.date("filed_with_listed_on"),
        purpose: cells.text("purpose"),
        extended_until: cells.date("extended_until"),
        extension_reason: cells.text("extension_reason"),
        dissolved_on: cells.date("dissolved_on"),
        kept_beside: kept_beside.iter().map(|id| GroupId::new(values::fold_width(id))).collect(),
        keep_reason: cells.text("keep_reason"),
        members_on: cells.date("members_on"),
        roster_on: cells.date("roster_on"),
    }
}
