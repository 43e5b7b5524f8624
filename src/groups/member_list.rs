//! Member lists as chat platforms export them, or pasted one member a line, into lines of the rosters. What a platform
//! calls its columns stands in one table; a row that cannot be read is named and left out.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::groups::writings::Writings;
use crate::ledger::definition::Ledger;
use crate::ledger::lines::{Line, Lines};
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::table::{self, Limits, Table, TableRow};
use crate::ledger::values;
use crate::model::group::Group;
use crate::model::ids::{EmployeeId, GroupId};
use crate::text::fold::dense;

/// Rows among which the header is looked for; exports have a title above it.
const HEADER_WITHIN: usize = 10;
/// Members of a group beyond which the file is doubted; no chat platform has larger groups.
const MEMBERS_USUAL_MAX: usize = 10_000;
/// Lines that another group's roster must share, in percent, for the file to be taken for that group's.
const OTHER_GROUP_PERCENT_MIN: usize = 85;
/// Lines that the group's own roster must share, in percent, to be its own beyond doubt.
const OWN_GROUP_PERCENT_MIN: usize = 50;

/// A platform whose exports are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// 钉钉
    DingTalk,
    /// 企业微信
    WeCom,
    /// The columns of the rosters' ledger.
    Ledger,
}

impl Export {
    /// The export of a platform as the register writes it.
    pub fn of_platform(platform: &str) -> Self {
        match platform {
            "钉钉" => Self::DingTalk,
            "企业微信" | "企微" => Self::WeCom,
            _ => Self::Ledger,
        }
    }

    /// The platform as the register writes it; none where the export says nothing of it.
    fn platform(self) -> Option<&'static str> {
        match self {
            Self::DingTalk => Some("钉钉"),
            Self::WeCom => Some("企业微信"),
            Self::Ledger => None,
        }
    }

    /// The headers under which a column of the rosters stands in the platform's export, the best one first. Where the cell
    /// under it is empty, the next one counts.
    fn headers(self, column: &str) -> &'static [&'static str] {
        match (self, column) {
            (Self::DingTalk, "remark") => &["群昵称", "群内昵称", "成员昵称", "昵称", "姓名", "成员姓名"],
            (Self::DingTalk, "employee_id") => &["工号", "员工工号", "员工号", "员工UserID", "UserID"],
            (Self::DingTalk, "role") => &["群角色", "角色", "身份", "成员身份"],
            (Self::DingTalk, "joined_on") => &["入群时间", "入群日期", "加入时间"],
            (Self::DingTalk, "invited_by") => &["邀请人", "邀请者", "邀请人姓名"],
            (Self::WeCom, "remark") => &["群昵称", "在群里的昵称", "群内昵称", "成员名称", "成员姓名", "姓名", "名称"],
            (Self::WeCom, "employee_id") => &["工号", "员工编号", "账号", "帐号", "成员账号", "成员UserID", "UserID"],
            (Self::WeCom, "role") => &["群身份", "身份", "角色", "成员身份", "成员类型"],
            (Self::WeCom, "joined_on") => &["入群时间", "加入群聊时间", "加入时间", "入群日期"],
            (Self::WeCom, "invited_by") => &["邀请人", "邀请者", "邀请成员"],
            (Self::DingTalk | Self::WeCom, "group") => &["群编号", "群ID", "群聊ID"],
            (Self::DingTalk | Self::WeCom, "name") => &["群名称", "群名", "群聊名称"],
            (Self::Ledger, "remark") => &["群内备注", "群昵称", "备注", "昵称", "姓名", "remark", "nickname"],
            (Self::Ledger, "employee_id") => {
                &["实名关联工号(仅钉钉/企微)", "实名关联工号", "工号", "employee_id", "employee"]
            }
            (Self::Ledger, "role") => &["角色", "身份", "role"],
            (Self::Ledger, "joined_on") => &["入群日期", "入群时间", "joined_on"],
            (Self::Ledger, "invited_by") => &["邀请人", "invited_by"],
            (Self::Ledger, "group") => &["群编号", "group", "group_id"],
            (Self::Ledger, "name") => &["群名称", "群名"],
            _ => &[],
        }
    }
}

/// A member as the list has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// Row as Excel shows it, or line of the text.
    pub row: u32,
    /// Name shown in the group.
    pub remark: String,
    /// 群主, 管理员 or 成员.
    pub role: String,
    /// Day of joining, as written.
    pub joined_on: String,
    /// Who invited.
    pub invited_by: String,
    /// Employee number that the platform knows.
    pub employee_id: String,
}

/// A list and the group whose it is said to be.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Name of the file, for messages.
    pub file: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// Whose export it is.
    pub export: Export,
    /// The group.
    pub group: &'a Group,
}

/// Reads a list. Rows that are left out are named; an error means that the file is not to be used at all.
pub fn read(source: Source<'_>) -> (Vec<Listed>, Vec<Problem>) {
    let table = match table::read(source.file, source.bytes, &Limits::default()) {
        Ok(table) => table,
        Err(problem) => return (Vec::new(), vec![problem]),
    };
    let (mut listed, mut problems) = match header(&table, source.export) {
        Some(at) => of_table(source, &table, at),
        None if is_pasted(&table) => (pasted(source.bytes), Vec::new()),
        None => return (Vec::new(), vec![without_columns(source, &table)]),
    };
    drop_repeated(source.file, &mut listed, &mut problems);
    problems.extend(too_many(source, listed.len()));
    (listed, problems)
}

fn header(table: &Table, export: Export) -> Option<usize> {
    let is_header = |row: &TableRow| row.cells.iter().any(|cell| is_headed(export, "remark", cell));
    table.rows.iter().take(HEADER_WITHIN).position(is_header)
}

fn is_headed(export: Export, column: &str, cell: &str) -> bool {
    let folded = values::fold_header(cell);
    export.headers(column).iter().any(|known| values::fold_header(known) == folded)
}

/// Whether the text is a list of members, one a line, and no table whose columns go by other names.
fn is_pasted(table: &Table) -> bool {
    table.rows.iter().all(|row| row.cells.iter().filter(|cell| !cell.is_empty()).count() == 1)
}

fn without_columns(source: Source<'_>, table: &Table) -> Problem {
    let row = table.rows.first().map_or(1, |row| row.number);
    let known = source.export.headers("remark").join("、");
    let zh = format!("没有成员一列，可用的列名：{known}；或每行粘贴一名成员");
    Problem::of_row(ProblemKind::Error, source.file, row, zh, format!("has no column of members, such as {known}"))
}

/// The columns of a table by what they hold, best header first.
struct Columns(Vec<(&'static str, Vec<usize>)>);

impl Columns {
    fn of(export: Export, header: &TableRow) -> Self {
        let columns = ["remark", "employee_id", "role", "joined_on", "invited_by", "group", "name"];
        let places = |column: &str| {
            let place = |known: &&str| {
                header.cells.iter().position(|cell| values::fold_header(cell) == values::fold_header(known))
            };
            export.headers(column).iter().filter_map(place).collect()
        };
        Self(columns.into_iter().map(|column| (column, places(column))).collect())
    }

    fn cell<'r>(&self, row: &'r TableRow, column: &str) -> &'r str {
        let places = self.0.iter().find(|(known, _)| *known == column).map_or(&[][..], |(_, places)| places.as_slice());
        let cells = places.iter().filter_map(|at| row.cells.get(*at)).map(String::as_str);
        cells.into_iter().find(|cell| !cell.is_empty()).unwrap_or("")
    }
}

fn of_table(source: Source<'_>, table: &Table, header: usize) -> (Vec<Listed>, Vec<Problem>) {
    let columns = Columns::of(source.export, &table.rows[header]);
    let (mut listed, mut problems) = (Vec::new(), Vec::new());
    for row in &table.rows[header + 1..] {
        match of_row(source, &columns, row) {
            Ok((member, problem)) => {
                listed.push(member);
                problems.extend(problem);
            }
            Err(problem) => problems.push(problem),
        }
    }
    (listed, problems)
}

/// The member of a row, and what is wrong with a cell that is left empty; an error where there is no member.
fn of_row(source: Source<'_>, columns: &Columns, row: &TableRow) -> Result<(Listed, Option<Problem>), Problem> {
    let cell = |column| columns.cell(row, column);
    let of_row = |kind, zh: &str, en: &str| Problem::of_row(kind, source.file, row.number, zh, en);
    let group = values::fold_width(cell("group"));
    let is_other_name = !cell("name").is_empty() && dense(cell("name")) != dense(&source.group.name);
    if (!group.is_empty() && group != source.group.id.as_str()) || (group.is_empty() && is_other_name) {
        return Err(of_row(ProblemKind::Error, "是另一个群的成员", "is a member of another group"));
    }
    if cell("remark").is_empty() {
        let zh = "没有成员名称，未读取（合并的单元格请取消合并）";
        return Err(of_row(ProblemKind::Warning, zh, "has no member and was left out; merged cells must be split"));
    }
    let joined_on = values::date(cell("joined_on"));
    let zh = "入群日期应为日期，如 2026-09-01，入群日期留空";
    let en = "has a day of joining that is no day; it was left empty";
    let is_bad_day = joined_on.is_none() && !cell("joined_on").is_empty();
    let member = Listed {
        row: row.number,
        remark: cell("remark").to_owned(),
        role: role(cell("role")).to_owned(),
        joined_on: joined_on.map(|day| day.to_string()).unwrap_or_default(),
        invited_by: cell("invited_by").to_owned(),
        employee_id: values::fold_width(cell("employee_id")),
    };
    Ok((member, is_bad_day.then(|| of_row(ProblemKind::Warning, zh, en))))
}

fn role(text: &str) -> &'static str {
    let folded = text.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    match () {
        () if is(&["群主", "owner", "创建"]) => "群主",
        () if is(&["管理员", "admin"]) => "管理员",
        () => "成员",
    }
}

/// One member a line, perhaps numbered, perhaps with the role behind the name.
fn pasted(bytes: &[u8]) -> Vec<Listed> {
    let text = table::decode(bytes).unwrap_or_default();
    let lines = (1..).zip(text.lines()).map(|(row, line)| (row, values::clean(line)));
    lines.map(|(row, line)| pasted_line(row, line)).filter(|member| !member.remark.is_empty()).collect()
}

fn pasted_line(row: u32, line: &str) -> Listed {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = match numbered.strip_prefix(['.', '、', ')', '）', '．']) {
        Some(rest) if numbered.len() < line.len() => values::clean(rest),
        _ => line,
    };
    for word in ["群主", "管理员"] {
        let marked = [word.to_owned(), format!("({word})"), format!("（{word}）"), format!("[{word}]")];
        let rest = marked.iter().find_map(|mark| line.strip_suffix(mark)).map(values::clean);
        if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
            return Listed { row, remark: rest.to_owned(), role: word.to_owned(), ..Listed::default() };
        }
    }
    Listed { row, remark: line.to_owned(), role: "成员".to_owned(), ..Listed::default() }
}

/// Leaves out rows that repeat an employee number and its name. Who only shows the same name may be somebody else, and stays.
fn drop_repeated(file: &str, listed: &mut Vec<Listed>, problems: &mut Vec<Problem>) {
    let mut seen: HashMap<(String, String), u32> = HashMap::new();
    listed.retain(|member| {
        let key = (values::fold_header(&member.remark), member.employee_id.clone());
        let first = *seen.entry(key).or_insert(member.row);
        let (is_first, is_same) = (first == member.row, !member.employee_id.is_empty());
        if !is_first {
            let (zh, en) = if is_same {
                (format!("与第{first}行重复，未读取"), format!("repeats row {first} and was left out"))
            } else {
                (
                    format!("与第{first}行同名，请核对是否同一人"),
                    format!("shows the name of row {first}; check who it is"),
                )
            };
            problems.push(Problem::of_row(ProblemKind::Warning, file, member.row, zh, en));
        }
        is_first || !is_same
    });
}

fn too_many(source: Source<'_>, members: usize) -> Option<Problem> {
    let zh = format!("有{members}名成员，没有聊天群这样大，请核对是否导出错了");
    let en = format!("has {members} members; no chat group is that large, check the export");
    (members > MEMBERS_USUAL_MAX).then(|| Problem::of_file(ProblemKind::Warning, source.file, zh, en))
}

/// What speaks against the list being the group's: its employee numbers, another group's roster, the declared number.
pub fn doubts(source: Source<'_>, listed: &[Listed], rosters: &Lines, writings: &Writings<'_>) -> Vec<Problem> {
    let unknown = listed.iter().filter(|member| {
        !member.employee_id.is_empty() && writings.employee_of_id(&EmployeeId::new(&member.employee_id)).is_none()
    });
    let unknown = unknown.map(|member| {
        let (zh, en) = ("工号不在员工名册", "holds an employee number that is not in the staff directory");
        Problem::of_row(ProblemKind::Warning, source.file, member.row, zh, en)
    });
    let of_file =
        [of_another_group(source, listed, rosters), unlike_declared(source, listed.len()), of_another_platform(source)];
    unknown.chain(of_file.into_iter().flatten()).collect()
}

fn of_another_platform(source: Source<'_>) -> Option<Problem> {
    let platform = source.export.platform().filter(|_| Export::of_platform(&source.group.platform) != source.export)?;
    let zh = format!("按{platform}的导出读取，台账登记的平台是{}，请核对", source.group.platform);
    let en = format!("is read as an export of {platform}, the register says {}", source.group.platform);
    Some(Problem::of_file(ProblemKind::Warning, source.file, zh, en))
}

fn of_another_group(source: Source<'_>, listed: &[Listed], rosters: &Lines) -> Option<Problem> {
    let new: std::collections::HashSet<String> = listed.iter().map(|member| dense(&member.remark)).collect();
    let mut shared: HashMap<GroupId, usize> = HashMap::new();
    for line in rosters.rows.iter().filter(|line| new.contains(&dense(rosters.cell(line, "remark")))) {
        *shared.entry(GroupId::new(rosters.cell(line, "group"))).or_default() += 1;
    }
    let own = shared.remove(&source.group.id).unwrap_or(0);
    let (other, lines) = shared.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let has_roster = rosters.rows.iter().any(|line| rosters.cell(line, "group") == source.group.id.as_str());
    let is_other = lines * 100 >= listed.len() * OTHER_GROUP_PERCENT_MIN;
    let is_own = own * 100 >= listed.len() * OWN_GROUP_PERCENT_MIN;
    let kind = if has_roster { ProblemKind::Error } else { ProblemKind::Warning };
    let zh = format!("与群 {other} 的成员表有{lines}行相同，像是那个群的成员表");
    let en = format!("shares {lines} lines with the roster of group {other}; it looks like that group's");
    (is_other && !is_own).then(|| Problem::of_file(kind, source.file, zh, en))
}

fn unlike_declared(source: Source<'_>, members: usize) -> Option<Problem> {
    let declared = source.group.members.filter(|declared| *declared != members as u64)?;
    let (zh, en) = (
        format!("有{members}名成员，台账登记{declared}人，请一并更正台账"),
        format!("has {members} members, the register says {declared}; correct the register as well"),
    );
    Some(Problem::of_file(ProblemKind::Warning, source.file, zh, en))
}

/// By which the roster of a group is known: it changes with every line.
pub fn mark(rosters: &Lines, group: &GroupId) -> String {
    let mut hash = Sha256::new();
    for line in rosters.rows.iter().filter(|line| rosters.cell(line, "group") == group.as_str()) {
        hash.update(line.cells.join("\0"));
        hash.update("\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rosters with the group's lines replaced by the list, in the place of the first of them.
pub fn replaced(rosters: &Lines, source: Source<'_>, listed: &[Listed]) -> Lines {
    let is_own = |line: &Line| rosters.cell(line, "group") == source.group.id.as_str();
    let at = rosters.rows.iter().position(is_own).unwrap_or(rosters.rows.len());
    let (before, after) = rosters.rows.split_at(at);
    let new = listed.iter().map(|member| line(rosters.ledger, rosters.extra.len(), source, member));
    let kept = after.iter().filter(|line| !is_own(line)).cloned();
    let mut rows: Vec<Line> = before.iter().cloned().chain(new).chain(kept).collect();
    (2..).zip(&mut rows).for_each(|(row, line)| line.row = row);
    Lines { rows, ..Lines { extra: rosters.extra.clone(), ..Lines::empty(rosters.ledger) } }
}

fn line(ledger: &Ledger, extra: usize, source: Source<'_>, member: &Listed) -> Line {
    let cell = |column: &str| match column {
        "group" => source.group.id.as_str(),
        "platform" => source.export.platform().unwrap_or(&source.group.platform),
        "remark" => &member.remark,
        "role" => &member.role,
        "joined_on" => &member.joined_on,
        "invited_by" => &member.invited_by,
        "employee_id" => &member.employee_id,
        _ => "",
    };
    let cells = ledger.columns.iter().map(|column| cell(column.en).to_owned()).collect();
    Line { row: member.row, cells, extra: vec![String::new(); extra] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Export, Listed, Source, read};
    use crate::ledger::Ledgers;
    use crate::ledger::problem::Problem;
    use crate::model::group::Group;

    const GROUPS: &str = "群编号,群名称,公司代码\nG901,市场部工作群,XH\n";

    fn group() -> Group {
        let files = [("groups.csv".to_owned(), GROUPS.as_bytes().to_vec())].into();
        let Ledgers { mut groups, .. } = crate::ledger::read_all(&files).0;
        groups.remove(0)
    }

    fn listed(export: Export, bytes: &[u8]) -> (Vec<Listed>, Vec<Problem>) {
        read(Source { file: "x.csv", bytes, export, group: &group() })
    }

    fn remarks(export: Export, text: &str) -> Vec<String> {
        listed(export, text.as_bytes()).0.into_iter().map(|member| member.remark).collect()
    }

    #[test]
    fn the_name_counts_where_a_member_has_no_nickname_in_the_group() {
        let text = "成员名称,群昵称,账号\n林知远,星河科技-市场部-林知远,XH01\n周砚,,XH02\n";
        assert_eq!(remarks(Export::WeCom, text), ["星河科技-市场部-林知远", "周砚"]);
    }

    #[test]
    fn who_shows_the_same_name_or_joined_on_no_day_stays_and_is_named() {
        let (members, problems) = listed(Export::DingTalk, "姓名,入群时间\n周砚,\n周砚,昨天\n".as_bytes());
        assert_eq!((members.len(), problems.len()), (2, 2), "{problems:?}");
        assert!(members[1].joined_on.is_empty());
    }

    #[test]
    fn a_platform_has_headers_of_its_own() {
        let text = "账号,成员名称\nXH01,林知远\n";
        assert_eq!(remarks(Export::WeCom, text), ["林知远"]);
        assert!(listed(Export::Ledger, text.as_bytes()).1[0].zh.contains("没有成员一列"));
    }

    #[test]
    fn lines_without_a_header_are_members() {
        let text = "1. 林知远\n2)周砚（群主）\n\n3号仓库的老周\n";
        let members = listed(Export::Ledger, text.as_bytes()).0;
        let rows: Vec<(u32, &str, &str)> =
            members.iter().map(|m| (m.row, m.remark.as_str(), m.role.as_str())).collect();
        assert_eq!(rows, [(1, "林知远", "成员"), (2, "周砚", "群主"), (4, "3号仓库的老周", "成员")]);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in any::<Vec<u8>>()) {
            for export in [Export::DingTalk, Export::WeCom, Export::Ledger] {
                let _ = listed(export, &bytes);
            }
        }

        #[test]
        fn every_member_comes_from_a_row_of_its_own(text in "[姓名,林知远周砚群主1. \n]{0,60}") {
            let members = listed(Export::DingTalk, text.as_bytes()).0;
            assert!(members.windows(2).all(|pair| pair[0].row < pair[1].row), "{members:?}");
            assert!(members.iter().all(|member| !member.remark.is_empty()));
        }
    }
}
