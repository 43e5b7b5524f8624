//! employees.csv: the staff directory, as far as the watch needs it. The last digits of a phone number are never read.

use crate::ledger::cells::{Cells, read_lines};
use crate::ledger::definition::{Column, Ledger, Shape, column};
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::ledger::values;
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::model::person::Employee;

const STATES: &[&str] = &["在职", "离职"];
const EMPLOYMENTS: &[&str] = &["正式", "外包", "劳务派遣", "实习"];

const COLUMNS: &[Column] = &[
    column("工号", "employee_id", Shape::Code, "XH0001")
        .also(&["id", "员工编号", "人员编号", "employee_no"])
        .required(),
    column("姓名", "name", Shape::Text, "林知远").also(&["员工姓名", "full_name"]).required(),
    column("英文名", "english_name", Shape::Text, "Leo"),
    column("公司", "company", Shape::Text, "星河科技").also(&["公司名称", "company_name"]),
    column("公司代码", "company_code", Shape::Code, "XH").also(&["code"]).company().hint("空着时按「公司」一列查找"),
    column("部门", "department", Shape::Text, "市场部"),
    column("职务", "title", Shape::Text, "销售经理").also(&["职位", "岗位", "job_title"]),
    column("在职状态", "status", Shape::Usual(STATES), "在职").also(&["员工状态", "状态"]),
    column("用工形式", "employment", Shape::Usual(EMPLOYMENTS), "正式").also(&["用工类型", "employment_type"]),
    column("入职日期", "joined_on", Shape::Date, "2020-03-01").also(&["入职时间", "hire_date"]),
    column("离职日期", "left_on", Shape::Date, "").also(&["离职时间", "leave_date"]),
    column("办公邮箱", "mail", Shape::Text, "xh0001@xinghe.example").also(&["邮箱", "email", "工作邮箱"]),
    column("手机后四位", "phone_tail", Shape::Text, "").hint("可以留空，本系统不读取"),
    column("工作地", "city", Shape::Text, "杭州").also(&["工作地点", "工作城市", "work_city", "location"]),
    column("直属上级工号", "superior", Shape::Code, "").also(&["上级工号", "superior_id"]).employee(),
    column("制度签收日期", "signed_on", Shape::Date, "2026-09-01").also(&["签收日期", "policy_signed_on"]),
];

/// The staff directory.
pub static EMPLOYEES: Ledger = Ledger {
    name: "employees",
    title_zh: "员工名册",
    title_en: "Staff directory",
    columns: COLUMNS,
    key: &["employee_id"],
    is_unique: true,
    is_required: false,
    is_confidential: false,
};

/// Reads the directory.
pub fn employees(lines: &Lines) -> (Vec<Employee>, Vec<Problem>) {
    read_lines(lines, employee)
}

fn employee(cells: &mut Cells<'_>) -> Employee {
    Employee {
        id: EmployeeId::new(cells.code("employee_id")),
        name: cells.text("name"),
        english_name: cells.text("english_name"),
        company_name: cells.text("company"),
        company: CompanyCode::new(cells.code("company_code")),
        department: cells.text("department"),
        title: cells.text("title"),
        has_left: has_left(&cells.text("status")),
        employment: cells.text("employment"),
        joined_on: cells.date("joined_on"),
        left_on: cells.date("left_on"),
        mail: cells.text("mail"),
        city: cells.text("city"),
        superior: cells.optional_code("superior"),
        signed_on: cells.date("signed_on"),
    }
}

fn has_left(status: &str) -> bool {
    let folded = values::fold_header(status);
    ["离职", "已离", "退休", "left", "departed", "resigned", "terminated", "retired"].iter().any(|w| folded.contains(w))
}
