//! Cases from records to decisions, as people call the program for them.

use std::fs;

use serde_json::Value;

use crate::house::{Installation, RECORDS, expect, first_looks, installation, json, refused, root, stderr, stdout};

#[test]
fn a_new_installation_says_what_is_missing_and_is_not_overwritten() {
    let dir = Installation::bare();
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
fn settings_of_mail_are_tried_with_their_lines_before_they_are_in_force() {
    let dir = Installation::bare();
    let here = dir.path();
    assert!(stdout(&expect(here, &["mail", "check"], 0)).contains("nobody is told"));
    let file = fs::read_to_string(here.join("wanglou.toml")).unwrap();
    let trial =
        |lines: &str| fs::write(here.join("trial.toml"), file.replace("[mail]\n", &format!("[mail]\n{lines}\n")));
    let check = |code| expect(here, &["mail", "check", "--config", "trial.toml", "--to", "x@xinghe.example"], code);

    trial("transport = \"smtp\"\nhost = \"\"").unwrap();
    let line = file.lines().position(|line| line == "[mail]").unwrap() + 3;
    let said = stderr(&check(2));
    assert!(said.contains(&format!("trial.toml:{line}: mail.host is empty")), "{said}");
    trial("transport = \"smtp\"\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"").unwrap();
    assert!(stderr(&check(1)).contains("the test letter was not taken: connection"));
    trial("transport = \"file\"").unwrap();
    assert!(stdout(&check(0)).contains("the test letter was written"));
    assert_eq!(fs::read_dir(here.join("mail")).unwrap().count(), 1);
    assert!(!here.join("store").exists() || !here.join("store/wanglou.db").exists(), "the database is left alone");
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
    let bands = stdout(&expect(here, &["calibration", "--jsonl"], 0));
    assert_eq!(bands.lines().next().unwrap(), r#"{"band":"high","confirmed":null,"decided":null,"share":null}"#);
    assert!(stdout(&expect(here, &["calibration"], 0)).contains("较高"));
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
    expect(here, &["cases", "export", "--xlsx", "all.xlsx", "--all", "--lane", "group_hr"], 0);
    refused(here, &["cases", "export", "--xlsx", "two.xlsx", "--csv", "two.csv"], "cannot be used with");
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
