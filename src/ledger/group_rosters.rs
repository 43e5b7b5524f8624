//! group_rosters.csv: members of work chat groups as their owners exported them.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::group::RosterLine;
use crate::model::ids::GroupId;

const COLUMNS: &[Column] = &[
    column("群编号", "group", Shape::Code, "G901").also(&["group_id"]).required(),
    column("平台", "platform", Shape::Text, "微信"),
    column("群内备注", "remark", Shape::Text, "星河科技-市场部-林知远").also(&["群昵称", "nickname"]).required(),
    column("角色", "role", Shape::Usual(&["群主", "管理员", "成员"]), "群主"),
    column("入群日期", "joined_on", Shape::Date, "2025-01-10"),
    column("邀请人", "invited_by", Shape::Text, "群主"),
    column("实名关联工号(仅钉钉/企微)", "employee_id", Shape::Code, "").also(&["实名关联工号", "工号", "employee"]),
];

/// The rosters.
pub static GROUP_ROSTERS: Ledger = Ledger {
    name: "group_rosters",
    title_zh: "群成员表",
    title_en: "Group rosters",
    columns: COLUMNS,
    key: &["group", "remark"],
    is_unique: false,
    is_required: false,
    is_confidential: false,
};

/// Reads the rosters.
pub fn group_rosters(lines: &Lines) -> (Vec<RosterLine>, Vec<Problem>) {
    read_lines(lines, roster_line)
}

fn roster_line(cells: &mut Cells<'_>) -> RosterLine {
    RosterLine {
        group: GroupId::new(cells.code("group")),
        platform: cells.text("platform"),
        remark: cells.text("remark"),
        role: cells.text("role"),
        joined_on: cells.date("joined_on"),
        invited_by: cells.text("invited_by"),
        employee: cells.optional_code("employee_id"),
    }
}
