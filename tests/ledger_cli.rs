//! Facts about `wanglou ledger`, shown with the program itself.

use std::path::Path;
use std::process::{Command, Output};

use encoding_rs::GBK;
use tempfile::TempDir;
use wanglou::seal::Key;

const COMPANIES: &str = "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n";
const TOPICS: &str = "编号,名称,词语\nP01,工资,欠薪\n";
const TERMS: &str = "编号,词条,类别,公司,严重度,状态\nW001,星河科技,简称,XH,高,启用\n";
const SECRET: &str = "编号,词条,类别,公司,状态\nW900,甲计划,保密,XH,启用\n";

fn home() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("watchlists")).unwrap();
    for (name, text) in [("companies", COMPANIES), ("protected_topics", TOPICS), ("terms", TERMS)] {
        std::fs::write(dir.path().join(format!("watchlists/{name}.csv")), text).unwrap();
    }
    dir
}

fn put(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), bytes).unwrap();
}

fn ledger(dir: &TempDir, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wanglou"));
    let places = ["--ledgers", "watchlists", "--key-file", "key", "--database", "wanglou.db"];
    command.arg("ledger").args(args).args(places).current_dir(dir.path()).env_remove("WANGLOU_KEY");
    command.output().unwrap()
}

#[track_caller]
fn expect(output: &Output, code: i32, stderr: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(stderr), "{said}");
}

fn terms(dir: &TempDir) -> String {
    std::fs::read_to_string(dir.path().join("watchlists/terms.csv")).unwrap()
}

#[test]
fn a_good_folder_passes_and_a_broken_line_fails_with_its_place() {
    let dir = home();
    expect(&ledger(&dir, &["check"]), 0, "已读取3张台账");
    put(dir.path(), "watchlists/terms.csv", TERMS.replace(",高,", ",很高,"));
    let output = ledger(&dir, &["check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["problems"][0]["zh"], "terms.csv 第2行「严重度」填了「很高」，可选：严重、高、中、低");
}

#[test]
fn an_import_shows_what_changes_and_writes_only_when_told() {
    let dir = home();
    let (gbk, _, _) =
        GBK.encode("编号,词条,类别,公司,严重度,状态\nW001,星河科技,简称,XH,中,启用\nW002,云舟软件,商标,XH,低,启用\n");
    put(dir.path(), "new.csv", &gbk);
    let dry = ledger(&dir, &["import", "new.csv", "--as", "terms", "--dry-run"]);
    expect(&dry, 0, "新增1、修改1、删除0");
    expect(&dry, 0, "~ W001：严重度 高 → 中");
    assert_eq!(terms(&dir), TERMS);
    expect(&ledger(&dir, &["import", "new.csv", "--as", "terms"]), 2, "--yes");
    expect(&ledger(&dir, &["import", "new.csv", "--as", "terms", "--yes"]), 0, "已写入 terms.csv");
    assert!(terms(&dir).contains("云舟软件"));
    expect(&ledger(&dir, &["import", "new.csv", "--as", "terms", "--yes"]), 0, "与现有台账相同");
}

#[test]
fn an_import_with_an_error_names_its_row_and_writes_nothing() {
    let dir = home();
    put(dir.path(), "新词表.csv", "我的词表\n编号,词条,类别,公司\nW1,甲,商标,ZZ\n");
    let output = ledger(&dir, &["import", "新词表.csv", "--as", "terms", "--yes"]);
    expect(&output, 2, "新词表.csv 第3行「公司」填了「ZZ」");
    assert_eq!(terms(&dir), TERMS);
}

#[test]
fn forbidden_columns_are_refused_by_name_and_not_written() {
    let dir = home();
    put(dir.path(), "hr.csv", "工号,姓名,身份证号,家庭住址,备注\nX1,林知远,3301,某街,新人\n");
    let output = ledger(&dir, &["import", "hr.csv", "--as", "employees", "--yes"]);
    expect(&output, 0, "拒收 hr.csv 列「身份证号」");
    expect(&output, 0, "拒收 hr.csv 列「家庭住址」");
    let written = std::fs::read_to_string(dir.path().join("watchlists/employees.csv")).unwrap();
    assert!(written.contains("新人") && !written.contains("3301") && !written.contains("某街"));
}

#[test]
fn the_confidential_list_is_sealed_on_import_and_leaves_only_when_asked() {
    let dir = home();
    put(dir.path(), "watchlists/confidential_terms.csv", SECRET);
    let import = ["import", "watchlists/confidential_terms.csv", "--as", "confidential_terms", "--yes"];
    expect(&ledger(&dir, &import), 2, "no key is set");
    Key::create_file(&dir.path().join("key")).unwrap();
    expect(&ledger(&dir, &import), 0, "已加密保存");
    assert!(!dir.path().join("watchlists/confidential_terms.csv").exists());
    expect(&ledger(&dir, &["export", "confidential_terms", "-o", "-"]), 2, "--with-confidential");
    let output = ledger(&dir, &["export", "confidential_terms", "--with-confidential", "-o", "-"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("甲计划"));
    expect(&ledger(&dir, &["export", "all", "-o", "out"]), 0, "保密词未导出");
    assert!(!dir.path().join("out/confidential_terms.csv").exists());
    assert!(dir.path().join("out/terms.csv").exists());
}

#[test]
fn an_exported_workbook_comes_back_unchanged() {
    let dir = home();
    expect(&ledger(&dir, &["export", "terms", "--xlsx", "-o", "词表.xlsx"]), 0, "词表.xlsx");
    expect(&ledger(&dir, &["import", "词表.xlsx", "--as", "terms", "--yes"]), 0, "与现有台账相同");
}

#[test]
fn an_earlier_state_is_listed_and_brought_back() {
    let dir = home();
    put(dir.path(), "new.csv", TERMS.replace(",高,", ",低,"));
    expect(&ledger(&dir, &["import", "new.csv", "--as", "terms", "--yes", "--author", "编辑甲"]), 0, "已写入");
    let history = ledger(&dir, &["history", "terms"]);
    let table = String::from_utf8_lossy(&history.stdout).into_owned();
    assert!(
        table.contains("编辑甲") && table.contains("新增0、修改1、删除0") && table.contains("直接编辑文件"),
        "{table}"
    );
    expect(&ledger(&dir, &["restore", "terms", "1", "--yes"]), 0, "已恢复 terms.csv");
    assert_eq!(terms(&dir), TERMS);
    expect(&ledger(&dir, &["restore", "terms", "9", "--yes"]), 2, "no state 9");
}

#[test]
fn new_terms_without_number_are_numbered_and_no_number_comes_twice() {
    let dir = home();
    put(dir.path(), "two.csv", format!("{TERMS},云舟软件,商标,XH,低,启用\n"));
    expect(&ledger(&dir, &["import", "two.csv", "--as", "terms", "--yes"]), 0, "+ W002");
    put(dir.path(), "one.csv", TERMS);
    expect(&ledger(&dir, &["import", "one.csv", "--as", "terms", "--yes"]), 0, "- W002");
    expect(&ledger(&dir, &["import", "two.csv", "--as", "terms", "--yes"]), 0, "+ W003");
}

#[test]
fn an_unknown_ledger_is_answered_with_the_known_ones() {
    expect(&ledger(&home(), &["export", "nonsense", "-o", "-"]), 2, "there are: companies, terms");
}

#[test]
fn protected_topics_are_neither_imported_nor_brought_back_at_the_machine() {
    let dir = home();
    put(dir.path(), "new.csv", "编号,名称,词语\nP02,安全,事故\n");
    for call in [&["import", "new.csv", "--as", "protected_topics", "--yes"][..], &["restore", "protected_topics", "1"]]
    {
        expect(&ledger(&dir, call), 2, "by two people, in the console");
    }
    let topics = std::fs::read_to_string(dir.path().join("watchlists/protected_topics.csv")).unwrap();
    assert_eq!(topics, TOPICS);
}
