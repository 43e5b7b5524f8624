//! managers.csv: who is told, who stands in, who is next.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Choice, Column, Ledger, Shape, choice, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::ledger::terms;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::{DigestRhythm, Manager, ManagerRole};

const ROLES: &[Choice] = &[
    choice("指定专人", "designated_manager"),
    choice("上市公司HR审批人", "group_hr"),
    choice("泄密专线(董办)", "leak_lane").or(&["董办", "泄密线"]),
    choice("仿冒维权(法务)", "legal").or(&["法务"]),
    choice("审计", "auditor"),
    choice("申诉会商(工会)", "union").or(&["工会"]),
    choice("系统运维", "operator").or(&["运维"]),
];

const IMMEDIATE: &[Choice] = &[
    choice("严重", "critical"),
    choice("高", "high"),
    choice("中", "medium"),
    choice("低", "low"),
    choice("仅系统告警", "system_only").or(&["无", "none"]),
];

const RHYTHMS: &[Choice] = &[
    choice("每日", "daily").or(&["每天"]),
    choice("每周一", "monday").or(&["每周", "weekly"]),
    choice("每周二", "tuesday"),
    choice("每周三", "wednesday"),
    choice("每周四", "thursday"),
    choice("每周五", "friday"),
    choice("每周六", "saturday"),
    choice("每周日", "sunday").or(&["每周天"]),
    choice("每月", "monthly"),
    choice("无", "none").or(&["不发送"]),
];

const COLUMNS: &[Column] = &[
    column("角色", "role", Shape::Choice(ROLES), "指定专人").required(),
    column("公司代码", "company", Shape::Code, "XH").also(&["company_code", "公司"]).company().required(),
    column("工号", "employee_id", Shape::Code, "XH0001").also(&["employee", "id"]).employee().required(),
    column("姓名", "name", Shape::Text, "林知远"),
    column("邮箱", "mail", Shape::Text, "xh0001@xinghe.example").also(&["email", "办公邮箱"]),
    column("代理人工号", "deputy", Shape::Code, "XH0002").also(&["deputy_id"]).employee(),
    column("升级对象工号", "escalates_to", Shape::Code, "XH0003").also(&["escalation"]).employee(),
    column("即时告警", "immediate", Shape::Choices(IMMEDIATE), "严重、高"),
    column("摘要频率", "digest", Shape::Choice(RHYTHMS), "每日").also(&["digest_rhythm"]),
    column("摘要时间", "digest_at", Shape::Time, "09:00").also(&["digest_time"]),
    column("企业微信", "wecom", Shape::Text, ""),
    column("钉钉", "dingtalk", Shape::Text, ""),
    column("语言", "language", Shape::Usual(&["zh-CN", "en"]), "zh-CN"),
    column("可见范围", "scope", Shape::Text, "本公司"),
];

/// The managers ledger.
pub static MANAGERS: Ledger = Ledger {
    name: "managers",
    title_zh: "指定专人",
    title_en: "Designated managers",
    columns: COLUMNS,
    key: &["role", "company", "employee_id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads who is told.
pub fn managers(lines: &Lines) -> (Vec<Manager>, Vec<Problem>) {
    read_lines(lines, manager)
}

fn manager(cells: &mut Cells<'_>) -> Manager {
    Manager {
        role: role(cells.choice("role").unwrap_or_default()),
        company: CompanyCode::new(cells.code("company")),
        employee: EmployeeId::new(cells.code("employee_id")),
        name: cells.text("name"),
        mail: cells.text("mail"),
        deputy: cells.optional_code("deputy"),
        escalates_to: cells.optional_code("escalates_to"),
        immediate: cells.choices("immediate").into_iter().filter_map(terms::severity).collect(),
        digest: cells.choice("digest").and_then(rhythm),
        digest_at: cells.time("digest_at"),
        wecom: cells.text("wecom"),
        dingtalk: cells.text("dingtalk"),
        language: language(&cells.text("language")),
        scope: cells.text("scope"),
    }
}

fn role(word: &str) -> ManagerRole {
    match word {
        "group_hr" => ManagerRole::GroupHr,
        "leak_lane" => ManagerRole::LeakLane,
        "legal" => ManagerRole::Legal,
        "auditor" => ManagerRole::Auditor,
        "union" => ManagerRole::Union,
        "operator" => ManagerRole::Operator,
        _ => ManagerRole::DesignatedManager,
    }
}

fn rhythm(word: &str) -> Option<DigestRhythm> {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match word {
        "daily" => Some(DigestRhythm::Daily),
        "monthly" => Some(DigestRhythm::Monthly),
        day => (0..7).zip(days).find(|(_, name)| *name == day).map(|(index, _)| DigestRhythm::Weekly(index)),
    }
}

fn language(text: &str) -> String {
    let is_english = text.to_ascii_lowercase().starts_with("en") || text.starts_with('英');
    if is_english { "en".to_owned() } else { "zh-CN".to_owned() }
}
