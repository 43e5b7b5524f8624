//! The program as people call it: helps, errors and exit codes, and the way from an empty folder to a decided case.

#[path = "support/score.rs"]
mod score;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use encoding_rs::GB18030;
use serde_json::Value;
use tempfile::TempDir;

const AS_OF: &str = include_str!("../src/demo/data/AS_OF");
const RECORDS: [&str; 2] = ["src/demo/data/records/accounts.jsonl", "src/demo/data/records/posts.jsonl"];

fn wanglou(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wanglou"));
    command.args(args).current_dir(folder).env_remove("WANGLOU_KEY").env_remove("WANGLOU_LOG").env("USER", "tester");
    command.env_remove("COLUMNS");
    command.output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a call that must end with a code, and gives its output.
#[track_caller]
fn expect(folder: &Path, args: &[&str], code: i32) -> Output {
    let output = wanglou(folder, args);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{}\n{}", stdout(&output), stderr(&output));
    output
}

#[track_caller]
fn refused(folder: &Path, args: &[&str], words: &str) {
    let said = stderr(&expect(folder, args, 2));
    assert!(said.contains(words), "{said}");
}

fn root(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

fn copy_ledgers(from: &str, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(root(from)).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

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

/// An installation with the repository's ledgers.
fn installation() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    expect(dir.path(), &["init"], 0);
    copy_ledgers("watchlists", &dir.path().join("watchlists"));
    dir
}

/// The accounts as first seen, in a file of the folder; later looks would take some cases back.
fn first_looks(folder: &Path) -> &'static str {
    let all = score::json_lines(&fs::read_to_string(root(RECORDS[0])).unwrap());
    let first: Vec<String> = all.iter().filter(|r| r["snapshot_of"].is_null()).map(Value::to_string).collect();
    fs::write(folder.join("accounts.jsonl"), first.join("\n")).unwrap();
    "accounts.jsonl"
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 35] = [
        &[],
        &["demo"],
        &["init"],
        &["doctor"],
        &["scan"],
        &["serve"],
        &["check"],
        &["identify"],
        &["import"],
        &["cases"],
        &["cases", "list"],
        &["cases", "show"],
        &["cases", "close"],
        &["cases", "export"],
        &["outcomes"],
        &["replay"],
        &["retention"],
        &["retention", "plan"],
        &["retention", "receipts"],
        &["retention", "run"],
        &["retention", "hold"],
        &["retention", "release"],
        &["ledger"],
        &["ledger", "check"],
        &["ledger", "import"],
        &["ledger", "export"],
        &["ledger", "history"],
        &["ledger", "restore"],
        &["platform"],
        &["platform", "list"],
        &["platform", "check"],
        &["platform", "try"],
        &["verify"],
        &["completions"],
        &["man"],
    ];
    let mut all = String::new();
    for command in commands {
        let help = stdout(&expect(dir.path(), &[command, &["--help"]].concat(), 0));
        assert!(help.contains("Example"), "{command:?} has no example");
        all += &format!("$ wanglou {}\n{help}\n", command.join(" "));
    }
    insta::assert_snapshot!("help", all);
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
fn a_new_installation_says_what_is_missing_and_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    expect(dir.path(), &["init"], 0);
    let report = stdout(&expect(dir.path(), &["doctor"], 0));
    for missing in ["fetch.contact", "none is enabled", "mail.transport is \"none\"", "companies has no line yet"] {
        assert!(report.contains(missing), "{missing}\n{report}");
    }
    refused(dir.path(), &["init"], "nothing was written");
    fs::write(dir.path().join("watchlists/terms.csv"), "编号,词条\n").unwrap();
    expect(dir.path(), &["init", "--force"], 0);
    assert_eq!(fs::read_to_string(dir.path().join("watchlists/terms.csv")).unwrap(), "编号,词条\n");
}

#[test]
fn doctor_fails_where_something_is_broken() {
    let dir = installation();
    fs::write(dir.path().join("sources.toml"), "[[source]]\nid='a'\nplatform='nowhere'\nbase='https://a.example'\n")
        .unwrap();
    let output = expect(dir.path(), &["doctor", "--json"], 1);
    let failed: Vec<Value> =
        json(&output).as_array().unwrap().iter().filter(|f| f["level"] == "fail").cloned().collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["text"], "a: there is no platform nowhere");
    let empty = tempfile::tempdir().unwrap();
    expect(empty.path(), &["doctor"], 1);
}

#[test]
fn records_become_cases_that_are_shown_decided_and_verified() {
    let dir = installation();
    let here = dir.path();
    let imported = json(&expect(here, &["import", first_looks(here), "--json"], 0));
    assert!(imported["asking"].as_u64().unwrap() > 5, "{imported}");
    let cases = json(&expect(here, &["cases", "list", "--json"], 0));
    let number = cases[0]["number"].as_str().unwrap();
    let page = stdout(&expect(here, &["cases", "show", number], 0));
    assert!(!page.contains("复查"), "{page}");
    assert!(page.contains("依据：") && page.contains("证据：") && page.contains("待处理"), "{page}");
    expect(here, &["cases", "close", number, "--as", "same_name"], 0);
    refused(here, &["cases", "close", number, "--as", "same_name"], "closed");
    let rest = json(&expect(here, &["cases", "list", "--json"], 0));
    assert_eq!(rest.as_array().unwrap().len() + 1, cases.as_array().unwrap().len());
    let outcomes = stdout(&expect(here, &["outcomes", "--jsonl"], 0));
    assert!(outcomes.lines().all(|line| {
        let outcome = serde_json::from_str::<Value>(line).unwrap()["outcome"].clone();
        !["ignore", "protected", "minor", "consumer", "published"].contains(&outcome.as_str().unwrap())
    }));
    assert_eq!(stdout(&expect(here, &["outcomes", "--jsonl", "--scan", "latest"], 0)), outcomes);
    assert!(stdout(&expect(here, &["verify"], 0)).contains("The evidence is sound"));
    assert!(stdout(&expect(here, &["doctor"], 0)).contains("objects are sound"));
}

#[test]
fn a_case_closed_as_protected_speech_is_erased_at_once_with_a_receipt() {
    let dir = installation();
    let here = dir.path();
    expect(here, &["import", first_looks(here)], 0);
    let cases = json(&expect(here, &["cases", "list", "--json"], 0));
    let (number, url) = (cases[0]["number"].as_str().unwrap(), cases[0]["url"].as_str().unwrap());
    expect(here, &["retention", "hold", number], 0);
    refused(here, &["cases", "close", number, "--as", "protected_speech"], "legal hold");
    expect(here, &["retention", "release", number], 0);

    expect(here, &["cases", "close", number, "--as", "protected_speech"], 0);

    refused(here, &["cases", "show", number], "there is no case");
    assert!(!stdout(&expect(here, &["outcomes", "--jsonl"], 0)).contains(&format!("{url:?}")));
    let receipts = json(&expect(here, &["retention", "receipts", "--json"], 0));
    let shown = (&receipts[0]["rule"], &receipts[0]["erased"], &receipts[0]["failed"], &receipts[0]["by"]);
    assert_eq!(shown, (&"protected".into(), &1.into(), &0.into(), &"cli:tester".into()));
    expect(here, &["import", first_looks(here)], 0);
    assert!(!stdout(&expect(here, &["cases", "list", "--json", "--all"], 0)).contains(&format!("{url:?}")));
    let plan = json(&expect(here, &["retention", "plan", "--json"], 0));
    assert!(plan["rules"].as_array().unwrap().iter().all(|rule| rule["over"] == 0), "{plan}");
    expect(here, &["retention", "run"], 0);
    assert!(stdout(&expect(here, &["verify"], 0)).contains("The evidence is sound"));
}

#[test]
fn a_later_look_without_marks_waits_for_confirmation_and_marks_nothing_in_the_new_text() {
    let dir = installation();
    expect(dir.path(), &["import", &root(RECORDS[0])], 0);
    let cases = json(&expect(dir.path(), &["cases", "list", "--json"], 0));
    let waits = cases.as_array().unwrap().iter().find(|c| c["state"]["state"] == "awaiting_confirmation").unwrap();
    let page = stdout(&expect(dir.path(), &["cases", "show", waits["number"].as_str().unwrap()], 0));
    assert!(page.contains("复查已整改，待确认") && !page.contains('【'), "{page}");
}

#[test]
fn the_same_records_again_change_nothing() {
    let dir = installation();
    let records = first_looks(dir.path());
    expect(dir.path(), &["import", records], 0);
    let before = stdout(&expect(dir.path(), &["cases", "list", "--json"], 0));
    let chain = stdout(&expect(dir.path(), &["verify", "--json"], 0));
    let outcomes = stdout(&expect(dir.path(), &["outcomes", "--jsonl"], 0));
    expect(dir.path(), &["import", records], 0);
    let count = |text: &str| serde_json::from_str::<Value>(text).unwrap().as_array().unwrap().len();
    assert_eq!(count(&before), count(&stdout(&expect(dir.path(), &["cases", "list", "--json"], 0))));
    assert_eq!(outcomes.lines().count(), stdout(&expect(dir.path(), &["outcomes", "--jsonl"], 0)).lines().count());
    let links = |text: &str| serde_json::from_str::<Value>(text).unwrap()["links"].clone();
    assert_eq!(links(&chain), links(&stdout(&expect(dir.path(), &["verify", "--json"], 0))));
}

#[test]
fn a_bad_record_does_not_stop_an_import() {
    let dir = installation();
    let first = fs::read_to_string(root(RECORDS[0])).unwrap().lines().next().unwrap().to_owned();
    fs::write(dir.path().join("r.jsonl"), format!("{{\"kind\":\"account\"}}\nnonsense\n{first}\n")).unwrap();
    let output = expect(dir.path(), &["import", "r.jsonl", "--json"], 2);
    assert_eq!((json(&output)["subjects"].clone(), json(&output)["bad_records"].clone()), (1.into(), 2.into()));
}

#[test]
fn an_unknown_case_is_answered_with_where_to_look() {
    let dir = installation();
    refused(
        dir.path(),
        &["cases", "show", "XS-2611-9999"],
        "there is no case XS-2611-9999; `wanglou cases list --all`",
    );
    refused(dir.path(), &["cases", "close", "XS-2611-9999", "--as", "done"], "false_alarm");
    refused(dir.path(), &["outcomes", "--scan", "nowhere"], "there is no run nowhere");
    refused(dir.path(), &["replay", "--since", "soon"], "30d");
}

#[test]
fn cases_of_the_leak_lane_are_for_its_readers() {
    let dir = installation();
    fs::copy(root("src/demo/ledgers/confidential_terms.csv"), dir.path().join("secret.csv")).unwrap();
    expect(dir.path(), &["ledger", "import", "secret.csv", "--as", "confidential_terms", "--yes"], 0);
    expect(dir.path(), &["import", &root(RECORDS[0]), &root(RECORDS[1])], 0);
    let open = json(&expect(dir.path(), &["cases", "list", "--json"], 0));
    assert!(open.as_array().unwrap().iter().all(|case| case["lane"] != "leak"));
    let all = json(&expect(dir.path(), &["cases", "list", "--leak-lane", "--json"], 0));
    let leak = all.as_array().unwrap().iter().find(|case| case["lane"] == "leak").unwrap();
    let number = leak["number"].as_str().unwrap();
    refused(dir.path(), &["cases", "show", number], "add --leak-lane");
    refused(dir.path(), &["cases", "list", "--lane", "leak"], "add --leak-lane");
    let page = stdout(&expect(dir.path(), &["cases", "show", number, "--leak-lane"], 0));
    assert!(page.contains("泄密专线") && !page.contains("候选人员"), "{page}");
    fs::remove_file(dir.path().join("secrets/wanglou.key")).unwrap();
    let sealed = expect(dir.path(), &["cases", "show", number, "--leak-lane"], 0);
    assert!(stderr(&sealed).contains("sealed") && !stdout(&sealed).contains("https://"), "{}", stdout(&sealed));
}

#[test]
fn cases_and_evidence_leave_the_house_as_files() {
    let dir = installation();
    let here = dir.path();
    expect(here, &["import", first_looks(here)], 0);
    let cases = json(&expect(here, &["cases", "list", "--json"], 0));
    let number = cases[0]["number"].as_str().unwrap();
    let csv = stdout(&expect(here, &["cases", "export", "--csv", "-"], 0));
    assert!(csv.starts_with("\u{feff}编号,状态,") && csv.contains(number), "{csv}");
    expect(here, &["cases", "export", "--xlsx", "cases.xlsx"], 0);
    assert!(fs::read(here.join("cases.xlsx")).unwrap().starts_with(b"PK"));
    expect(here, &["cases", "export", "--evidence", number, "evidence"], 0);
    let sums = fs::read_to_string(here.join("evidence/SHA256SUMS")).unwrap();
    let (hash, name) = sums.lines().next().unwrap().split_once("  ").unwrap();
    let bytes = fs::read(here.join("evidence").join(name)).unwrap();
    assert_eq!(wanglou::store::sha256_hex(&bytes), hash);
    refused(here, &["cases", "export", "--evidence", number, "evidence"], "exists already");
    refused(here, &["cases", "export"], "required");
}

#[test]
fn a_list_change_is_tried_on_the_past_before_it_is_filed() {
    let dir = installation();
    let here = dir.path();
    expect(here, &["import", first_looks(here)], 0);
    let dry = ["replay", "--since", "1d", "--dry-run", "--jsonl"];
    assert_eq!(stdout(&expect(here, &dry, 0)), "");
    let accounts = here.join("watchlists/official_accounts.csv");
    let first: Value =
        serde_json::from_str(fs::read_to_string(root(RECORDS[0])).unwrap().lines().next().unwrap()).unwrap();
    let text = fs::read_to_string(&accounts).unwrap();
    let line = text.lines().nth(1).unwrap();
    let handle = line.split(',').nth(3).unwrap();
    let platform = line.split(',').nth(1).unwrap();
    let added = line.replacen("OF-001", "OF-901", 1).replacen(handle, first["handle"].as_str().unwrap(), 1).replacen(
        platform,
        first["platform"].as_str().unwrap(),
        1,
    );
    fs::write(&accounts, format!("{}\n{added}\n", text.trim_end())).unwrap();
    let changed = stdout(&expect(here, &dry, 0));
    let change: Value = serde_json::from_str(changed.lines().next().unwrap()).unwrap();
    assert_eq!((change["before"].as_str(), change["outcome"].as_str()), (Some("alert"), Some("official")));
    assert_eq!(stdout(&expect(here, &dry, 0)), changed);
    expect(here, &["replay", "--since", "1d"], 0);
    assert_eq!(stdout(&expect(here, &dry, 0)), "");
}

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
