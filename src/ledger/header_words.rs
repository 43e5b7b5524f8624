//! What the columns of HR systems are called where they mean a column of ours: words for a proposal that a person looks at,
//! looser than the headers that a ledger understands by itself.

use crate::ledger::definition::{Column, Ledger};
use crate::ledger::values::fold_header;

/// Columns of the staff directory by their English name, and words of headers in lower case without spaces. What stands in a
/// longer header counts as well, the longest word first.
const DIRECTORY: &[(&str, &[&str])] = &[
    (
        "employee_id",
        &["人员编码", "员工编码", "职工号", "职工编号", "员工号", "人事编号", "staffid", "staffno", "empid", "empno"],
    ),
    ("name", &["员工名称", "中文姓名", "中文名", "人员姓名", "chinesename", "employeename"]),
    ("english_name", &["英文姓名", "englishname"]),
    ("company", &["所属公司", "所属单位", "用人单位", "合同主体", "法人公司", "单位名称", "legalentity", "entity"]),
    ("company_code", &["公司编码", "公司编号", "单位编码", "单位代码", "companyno"]),
    ("department", &["所属部门", "部门名称", "所属组织", "组织名称", "一级部门", "科室", "dept", "orgunit"]),
    ("title", &["岗位名称", "职务名称", "职位名称", "position"]),
    ("status", &["人员状态", "在岗状态", "任职状态", "employmentstatus"]),
    ("employment", &["用工性质", "人员类别", "员工类别", "员工性质", "人员类型", "employeetype"]),
    ("joined_on", &["入司日期", "入司时间", "到岗日期", "joindate", "startdate", "onboarddate"]),
    ("left_on", &["离司日期", "离司时间", "离岗日期", "terminationdate", "leavingdate", "enddate"]),
    ("mail", &["电子邮箱", "电子邮件", "公司邮箱", "企业邮箱", "邮件地址", "workemail"]),
    ("city", &["办公地点", "办公城市", "所在城市", "工作地区", "worklocation"]),
    ("superior", &["上级编码", "主管工号", "直接上级工号", "汇报对象工号", "managerid", "supervisorid"]),
    ("signed_on", &["签署日期", "承诺书签署", "signdate"]),
];

/// Headers that hold one of those words and mean something else.
const OTHERS: [&str; 12] = [
    "上级姓名",
    "主管姓名",
    "经理姓名",
    "曾用名",
    "部门编码",
    "部门编号",
    "岗位编码",
    "岗位编号",
    "职务级别",
    "岗位级别",
    "职位等级",
    "拼音",
];

/// How well a header speaks for a column: 0 for not at all, and the longer the word that it holds, the better.
pub(super) fn likeness(ledger: &Ledger, column: &Column, header: &str) -> usize {
    let folded = fold_header(header);
    if column.is_headed(header) {
        return usize::MAX;
    }
    if folded.is_empty() || OTHERS.iter().any(|other| folded.contains(other)) {
        return 0;
    }
    let held = words(ledger, column).filter(|word| word.chars().count() > 1 && folded.contains(word.as_str()));
    held.map(|word| word.chars().count()).max().unwrap_or(0)
}

fn words(ledger: &Ledger, column: &Column) -> impl Iterator<Item = String> {
    let is_directory = ledger.name == "employees";
    let looser =
        DIRECTORY.iter().filter(move |(name, _)| is_directory && *name == column.en).flat_map(|(_, words)| *words);
    let own = [column.zh, column.en].into_iter().chain(column.also.iter().copied());
    own.chain(looser.copied()).map(fold_header).collect::<Vec<_>>().into_iter()
}
