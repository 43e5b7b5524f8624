//! The program as people call it: helps, errors and exit codes, and the way from an empty folder to a decided case.

mod casework;
mod fingerprints;
mod house;
#[path = "../support/postgres.rs"]
mod postgres;
mod reports;
#[path = "../support/score.rs"]
mod score;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use encoding_rs::GB18030;
use serde_json::Value;

use crate::house::{RECORDS, copy_ledgers, expect, refused, root, stderr, stdout};

const AS_OF: &str = include_str!("../../src/demo/data/AS_OF");
const IS_ON_SERVER: bool = false;

/// The repository's ledgers with the confidential list beside them.
fn all_ledgers(to: &Path) {
    copy_ledgers("watchlists", to);
    copy_ledgers("src/demo/ledgers", to);
}

fn check(folder: &Path, ledgers: &str) -> String {
    let (accounts, posts) = (root(RECORDS[0]), root(RECORDS[1]));
    let args = ["check", &accounts, &posts, "--ledgers", ledgers, "--at", AS_OF.trim(), "--jsonl"];
    stdout(&expect(folder, &args, 0))
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    let commands = commands(dir.path());
    assert!(commands.len() > 40, "{commands:?}");
    let mut all = String::new();
    for command in commands {
        let call: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).chain(["--help"]).collect();
        let help = stdout(&expect(dir.path(), &call, 0));
        assert!(help.contains("Example"), "{command:?} has no example");
        all += &format!("$ wanglou {command}\n{help}\n");
    }
    insta::assert_snapshot!("help", all);
}

#[test]
fn accuracy_is_measured_on_a_labelled_set() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("brands.jsonl"), "{\"id\":\"b1\",\"zh\":\"星河科技\",\"latin\":[]}\n").unwrap();
    let name = |id: &str, name: &str, labels: &str| {
        format!(
            "{{\"id\":\"{id}\",\"name\":\"{name}\",\"labels\":[{labels}],\"kind\":\"real\",\"slice\":\"real_other\"}}\n"
        )
    };
    fs::write(dir.path().join("names.jsonl"), name("1", "星河科技客服", "\"b1\"") + &name("2", "花猫", "")).unwrap();
    let measured = expect(dir.path(), &["bench", "accuracy", ".", "--predictions", "said.jsonl", "--json"], 0);
    let figures: Value = serde_json::from_str(&stdout(&measured)).unwrap();
    assert_eq!((&figures["all"]["f1"], &figures["all"]["rows"]), (&1.0.into(), &2.into()), "{figures}");
    let said = fs::read_to_string(dir.path().join("said.jsonl")).unwrap();
    assert_eq!(said, "{\"id\":\"1\",\"labels\":[\"b1\"]}\n{\"id\":\"2\",\"labels\":[]}\n");
    let table = stdout(&expect(dir.path(), &["bench", "accuracy", "."], 0));
    assert!(table.contains("real_other") && table.contains("of 2 real names"), "{table}");
}

#[test]
fn a_folder_without_a_labelled_set_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = expect(dir.path(), &["bench", "accuracy", "."], 2);
    assert!(stderr(&refused).contains("holds no labelled set"), "{}", stderr(&refused));
}

/// All commands, as the manual pages list them.
fn commands(folder: &Path) -> Vec<String> {
    expect(folder, &["man", "-o", "pages"], 0);
    let pages = fs::read_dir(folder.join("pages")).unwrap().map(|page| page.unwrap().file_name());
    let name =
        |page: String| page.trim_start_matches("wanglou").trim_end_matches(".1").replace('-', " ").trim().to_owned();
    let mut names: Vec<String> = pages.map(|page| name(page.into_string().unwrap())).collect();
    names.sort();
    names
}

#[test]
fn a_missing_configuration_says_how_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["cases", "list"][..], &["outcomes"], &["verify"], &["replay", "--since", "1d"], &["scan"]] {
        refused(dir.path(), args, "there is no wanglou.toml; `wanglou init` writes one");
    }
    refused(dir.path(), &["check", "x.jsonl", "--config", "elsewhere.toml"], "there is no elsewhere.toml");
}

#[test]
fn a_broken_configuration_names_file_line_and_key() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("wanglou.toml"), "[fetch]\nuser_agnet = \"x\"\n").unwrap();
    refused(dir.path(), &["cases", "list"], "wanglou.toml: line 2: unknown field `user_agnet`");
}

#[test]
fn a_bad_record_is_named_and_the_others_are_judged() {
    let dir = tempfile::tempdir().unwrap();
    copy_ledgers("watchlists", &dir.path().join("watchlists"));
    let good = r#"{"kind":"account","id":"B1","platform":"luntan","handle":"b1","url":"https://luntan.example/b1","display_name":"园丁"}"#;
    fs::write(dir.path().join("r.jsonl"), format!("{good}\n{{\"kind\":\"acc\n")).unwrap();
    let output = expect(dir.path(), &["check", "r.jsonl", "--jsonl"], 2);
    assert!(stderr(&output).contains("r.jsonl record 2: the JSON ends too early"), "{}", stderr(&output));
    assert!(stdout(&output).contains("\"B1\""));
    refused(dir.path(), &["check", "nowhere.jsonl"], "nowhere.jsonl cannot be read");
}

#[test]
fn a_bad_ledger_cell_is_named_by_file_row_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("watchlists");
    copy_ledgers("watchlists", &folder);
    let terms = fs::read_to_string(folder.join("terms.csv")).unwrap();
    fs::write(folder.join("terms.csv"), terms.replacen(",高,", ",很高,", 1)).unwrap();
    fs::write(dir.path().join("r.jsonl"), "").unwrap();
    refused(dir.path(), &["check", "r.jsonl"], "terms.csv 第2行「严重度」填了「很高」，可选：严重、高、中、低");
}

#[test]
fn the_outcomes_are_the_same_from_utf8_gbk_and_workbooks_and_as_expected() {
    let dir = tempfile::tempdir().unwrap();
    let (utf8, gbk, xlsx) = (dir.path().join("utf8"), dir.path().join("gbk"), dir.path().join("xlsx"));
    all_ledgers(&utf8);
    fs::create_dir(&gbk).unwrap();
    fs::create_dir(&xlsx).unwrap();
    for entry in fs::read_dir(&utf8).unwrap().map(Result::unwrap) {
        let bytes = fs::read(entry.path()).unwrap();
        if entry.path().extension().unwrap() == "csv" {
            let text = String::from_utf8(bytes).unwrap();
            let (bytes, _, had_errors) = GB18030.encode(text.trim_start_matches('\u{feff}'));
            assert!(!had_errors);
            fs::write(gbk.join(entry.file_name()), bytes).unwrap();
        } else {
            fs::write(gbk.join(entry.file_name()), &bytes).unwrap();
            fs::write(xlsx.join(entry.file_name()), &bytes).unwrap();
        }
    }
    fs::write(dir.path().join("key"), "00".repeat(32)).unwrap();
    set_private(&dir.path().join("key"));
    let export = [
        "ledger",
        "export",
        "all",
        "--xlsx",
        "--with-confidential",
        "--ledgers",
        "utf8",
        "--key-file",
        "key",
        "-o",
        "xlsx",
    ];
    expect(dir.path(), &export, 0);
    let outcomes = check(dir.path(), "utf8");
    assert_eq!(outcomes, check(dir.path(), "gbk"));
    assert_eq!(outcomes, check(dir.path(), "xlsx"));
    let found: BTreeMap<String, Value> =
        score::json_lines(&outcomes).into_iter().map(|o| (o["id"].as_str().unwrap().to_owned(), o)).collect();
    // Pages that robots.txt or a login keeps to itself are known only to a crawl.
    let expected = score::json_lines(&fs::read_to_string(root("tests/data/demo/expected_outcomes.jsonl")).unwrap());
    let expected: Vec<Value> =
        expected.into_iter().filter(|e| !["A30", "A32"].contains(&e["id"].as_str().unwrap())).collect();
    let found: BTreeMap<String, Value> =
        found.into_iter().filter(|(id, _)| !["A30", "A32"].contains(&id.as_str())).collect();
    assert_eq!(score::differences(&expected, &found), Vec::<String>::new());
}

#[cfg(unix)]
fn set_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn set_private(_: &Path) {}

#[test]
fn candidates_follow_from_a_staff_list_alone() {
    let dir = tempfile::tempdir().unwrap();
    let staff = "工号,姓名,公司,部门,职务,在职状态\nXH0010,林知远,星河科技,销售部,销售经理,在职\nXH0011,周以宁,星河科技,财务部,会计,在职\n";
    fs::write(dir.path().join("staff.csv"), staff).unwrap();
    fs::write(dir.path().join("staff.tsv"), staff.replace(',', "\t")).unwrap();
    let record = |id: &str, name: &str, bio: &str| {
        format!(
            r#"{{"kind":"account","id":"{id}","platform":"luntan","handle":"{id}","url":"https://luntan.example/{id}","display_name":"{name}","bio":"{bio}"}}"#
        )
    };
    let records = [record("c1", "星河科技林知远", "销售经理"), record("c2", "林知远的花园", "种花")].join("\n");
    fs::write(dir.path().join("r.jsonl"), records).unwrap();
    let found = stdout(&expect(dir.path(), &["identify", "--employees", "staff.csv", "r.jsonl", "--jsonl"], 0));
    let lines = score::json_lines(&found);
    assert_eq!(lines[0]["candidates"][0]["employee_id"], "XH0010");
    assert!(!lines[0]["candidates"][0]["reasons"].as_array().unwrap().is_empty());
    assert_eq!(lines[1]["candidates"], serde_json::json!([]));
    assert_eq!(found, stdout(&expect(dir.path(), &["identify", "--employees", "staff.tsv", "r.jsonl", "--jsonl"], 0)));
    refused(dir.path(), &["identify", "--employees", "nobody.csv", "r.jsonl"], "nobody.csv cannot be read");
}

#[test]
fn completions_and_manual_pages_are_written() {
    let dir = tempfile::tempdir().unwrap();
    assert!(stdout(&expect(dir.path(), &["completions", "bash"], 0)).contains("_wanglou"));
    assert!(stdout(&expect(dir.path(), &["man"], 0)).contains(".TH wanglou"));
    expect(dir.path(), &["man", "-o", "man1"], 0);
    assert!(dir.path().join("man1/wanglou-cases-list.1").exists());
}
