//! Facts about `wanglou group`, shown with the program itself.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use encoding_rs::GBK;
use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;
use tempfile::TempDir;

const COMPANIES: &str = "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n";
const TOPICS: &str = "编号,名称,词语\nP01,工资,欠薪\n";
const TERMS: &str = "编号,词条,类别,公司,严重度,状态\nW001,星河科技,简称,XH,高,启用\n";
const EMPLOYEES: &str = "工号,姓名,公司代码,部门,在职状态,离职日期\nXH01,林知远,XH,市场部,在职,\nXH02,周砚,XH,市场部,在职,\n\
                         XH03,叶青禾,XH,研发部,离职,2026-10-01\nXH04,许一诺,XH,研发部,在职,\n";
const GROUPS: &str = "群编号,平台,群名称,公司代码,级别,成员数,群主工号,本公司登记日期\n\
                      G901,微信,市场部工作群,XH,部门级,2,XH01,2026-01-05\nG902,钉钉,研发部群,XH,部门级,2,XH04,2026-01-05\n";
const ROSTERS: &str = "群编号,平台,群内备注,角色,入群日期,邀请人,工号,楼层\n\
                       G901,微信,星河科技-市场部-林知远,群主,2026-01-05,群主,,3\nG901,微信,周砚,成员,2026-01-05,群主,,3\n\
                       G902,钉钉,诺,群主,2026-01-05,群主,XH04,5\nG902,钉钉,青禾,成员,2026-01-05,群主,XH03,5\n";
const AT: [&str; 2] = ["--at", "2026-11-20T18:00:00+08:00"];

fn home() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("watchlists")).unwrap();
    let files = [
        ("companies", COMPANIES),
        ("protected_topics", TOPICS),
        ("terms", TERMS),
        ("employees", EMPLOYEES),
        ("groups", GROUPS),
        ("group_rosters", ROSTERS),
    ];
    for (name, text) in files {
        put(dir.path(), &format!("watchlists/{name}.csv"), text);
    }
    dir
}

fn put(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), bytes).unwrap();
}

fn command(dir: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wanglou"));
    command.arg("group").args(args).current_dir(dir.path()).env_remove("WANGLOU_KEY");
    command
}

fn group(dir: &TempDir, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn expect(output: &Output, code: i32, stderr: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    stderr.iter().for_each(|text| assert!(said.contains(text), "{text} is not in {said}"));
}

fn rosters(dir: &TempDir) -> String {
    std::fs::read_to_string(dir.path().join("watchlists/group_rosters.csv")).unwrap()
}

#[test]
fn a_check_gives_one_finding_a_line_with_group_rule_and_member() {
    let dir = home();
    let found = lines(&group(&dir, &["check", "--jsonl", AT[0], AT[1]]));
    let of =
        |line: &Value| [&line["group"], &line["rule"], &line["member"]].map(|text| text.as_str().unwrap().to_owned());
    let found: Vec<[String; 3]> = found.iter().map(of).collect();
    assert_eq!(found, [["G901", "G-REMARK", "周砚"], ["G902", "G-DEPARTED", "青禾"]]);
    let table = group(&dir, &["check", AT[0], AT[1]]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("已 50 天未移出"));
    expect(&table, 0, &["2个群：2条需要处理"]);
}

#[test]
fn a_broken_line_of_the_register_is_named_and_the_others_are_checked() {
    let dir = home();
    put(dir.path(), "watchlists/groups.csv", GROUPS.replace("部门级,2,XH01", "部门级,很多,XH01"));
    let output = group(&dir, &["check", "--jsonl", AT[0], AT[1]]);
    expect(&output, 2, &["groups.csv 第2行「成员数」", "群 G901 的成员表，群组台账没有登记这个群"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("G-DEPARTED"));
}

#[test]
fn remarks_come_from_the_call_or_from_standard_input() {
    let dir = home();
    let told = lines(&group(&dir, &["remark", "--jsonl", "市场部-周砚", "XH|市场|周砚"]));
    assert_eq!((told[0]["verdict"].as_str(), told[0]["notes"][0].as_str()), (Some("否"), Some("缺公司")));
    assert_eq!(told[0]["write"], "星河科技-市场部-周砚");
    assert_eq!(told[1]["verdict"], "是");
    let mut child = command(&dir, &["remark", "--jsonl"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("\u{feff}周砚\r\n\r\n小周\r\n".as_bytes()).unwrap();
    let told = lines(&child.wait_with_output().unwrap());
    assert_eq!(told.iter().map(|line| line["remark"].as_str().unwrap()).collect::<Vec<_>>(), ["周砚", "小周"]);
    let table = group(&dir, &["remark", "小周"]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("昵称"));
}

#[test]
fn leavers_are_listed_by_company() {
    let found = lines(&group(&home(), &["leavers", "--jsonl", AT[0], AT[1]]));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0]["company"].as_str(), found[0]["emp"].as_str()), (Some("XH"), Some("XH03")));
    assert_eq!(
        (found[0]["holdings"][0]["holds"].as_str(), found[0]["holdings"][0]["owner"].as_str()),
        (Some("member"), Some("XH04"))
    );
}

#[test]
fn a_member_list_takes_the_place_of_a_roster_only_when_confirmed() {
    let dir = home();
    let (gbk, _, _) =
        GBK.encode("研发部群 群成员\n姓名,工号,群角色,入群时间\n许一诺,XH04,群主,2026/1/5 09:30\n周砚,XH02,成员,\n");
    put(dir.path(), "export.csv", &gbk);
    let call = ["import", "export.csv", "--group", "G902"];
    expect(&group(&dir, &call), 0, &["新增2、修改0、删除2", "+ G902 许一诺", "这是预览"]);
    assert_eq!(rosters(&dir), ROSTERS);
    expect(&group(&dir, &[&call[..], &["--confirm"]].concat()), 0, &["已写入 group_rosters.csv"]);
    let written = rosters(&dir);
    assert!(written.contains("G902,钉钉,许一诺,群主,2026-01-05,,XH04,\r\n"), "{written}");
    assert!(
        written.contains("G901,微信,周砚,成员,2026-01-05,群主,,3\r\n"),
        "other groups keep unknown columns: {written}"
    );
    assert!(!written.contains("青禾"), "{written}");
}

#[test]
fn a_pasted_list_may_be_numbered_and_say_who_owns_the_group() {
    let dir = home();
    put(dir.path(), "members.txt", "1. 星河科技-市场部-林知远（群主）\n2、星河科技-市场部-周砚\n\n");
    expect(&group(&dir, &["import", "members.txt", "--group", "G901", "--confirm"]), 0, &["已写入"]);
    let written = rosters(&dir);
    assert!(written.contains("G901,微信,星河科技-市场部-林知远,群主,"), "{written}");
    assert!(written.contains("G901,微信,星河科技-市场部-周砚,成员,"), "{written}");
}

#[test]
fn rows_that_cannot_be_read_are_named_and_left_out() {
    let dir = home();
    put(
        dir.path(),
        "bad.csv",
        "成员名称,账号,入群时间\n许一诺,XH04,\n许一诺,XH04,\n,XH02,\n周砚,XH02,昨天\n林知远,XH77,\n",
    );
    let output = group(&dir, &["import", "bad.csv", "--group", "G902", "--platform", "wecom"]);
    let told = [
        "第3行与第2行重复，未读取",
        "第4行没有成员名称，未读取",
        "第5行入群日期应为日期，如 2026-09-01，入群日期留空",
        "第6行工号不在员工名册",
        "台账登记的平台是钉钉",
        "新增3、修改0、删除2",
    ];
    expect(&output, 0, &told);
}

#[test]
fn merged_cells_of_a_workbook_are_named_by_row() {
    let dir = home();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 2, "市场部工作群成员", &Format::new()).unwrap();
    ["昵称", "角色", "邀请人"].iter().zip(0..).for_each(|(header, at)| _ = sheet.write(1, at, *header).unwrap());
    sheet.merge_range(2, 0, 3, 0, "星河科技-市场部-林知远", &Format::new()).unwrap();
    sheet.write(2, 1, "群主").unwrap().write(3, 1, "成员").unwrap();
    put(dir.path(), "merged.xlsx", book.save_to_buffer().unwrap());
    let output = group(&dir, &["import", "merged.xlsx", "--group", "G901"]);
    expect(&output, 0, &["merged.xlsx 第4行与第3行同名，请核对是否同一人"]);
}

#[test]
fn a_list_that_is_not_the_groups_changes_nothing_even_when_confirmed() {
    let dir = home();
    let of_group = |file: &str, text: &str, told: &[&str]| {
        put(dir.path(), file, text);
        expect(&group(&dir, &["import", file, "--group", "G901", "--confirm"]), 2, told);
        assert_eq!(rosters(&dir), ROSTERS);
    };
    of_group("columns.csv", "部门,职务\n市场部,经理\n", &["columns.csv 第1行没有成员一列"]);
    of_group(
        "numbered.csv",
        "群编号,群昵称\nG902,诺\nG902,青禾\n",
        &["第2行是另一个群的成员", "第3行是另一个群的成员"],
    );
    of_group("named.csv", "群名称,群昵称\n研发部群,诺\n", &["第2行是另一个群的成员"]);
    of_group("other.csv", "群昵称\n诺\n青禾\n", &["与群 G902 的成员表有2行相同"]);
    of_group("empty.csv", "群昵称\n", &["没有读到任何成员"]);
    of_group("binary.csv", "PK\u{3}\u{4}kaputt", &["binary.csv 不是可读取的XLSX工作簿"]);
    expect(&group(&dir, &["import", "other.csv", "--group", "G999"]), 2, &["there is no group G999 in the register"]);
}

#[test]
fn a_list_of_fifty_thousand_members_is_doubted_and_its_problems_are_cut_short() {
    let dir = home();
    let members: String = (0..50_000).map(|number| format!("成员{number},Z{number}\n")).collect();
    put(dir.path(), "large.csv", format!("姓名,工号\n{members}"));
    let output = group(&dir, &["import", "large.csv", "--group", "G902"]);
    expect(&output, 0, &["有50000名成员，没有聊天群这样大", "另有49902处问题没有列出", "这是预览"]);
    assert_eq!(rosters(&dir), ROSTERS);
}
