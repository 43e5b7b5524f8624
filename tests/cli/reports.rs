//! Records that people bring: tables, and what a colleague saw.

use std::fs;
use std::path::Path;

use encoding_rs::GBK;
use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::house::{expect, installation, json, refused, stderr, stdout};

const TABLE: [[&str; 5]; 3] = [
    ["平台", "账号ID", "昵称", "简介", "备注"],
    ["luntan", "u1", "禾灿科技研发小周", "禾灿科技 研发工程师", "x"],
    ["luntan", "u2", "园丁", "", ""],
];
const URL: &str = "https://luntan.example/u/u1";
const WHO: [&str; 8] =
    ["--platform", "luntan", "--handle", "u1", "--name", "禾灿科技研发小周", "--bio", "禾灿科技 研发工程师"];
/// The first bytes of a PNG; nobody draws it here.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n-a picture-";

fn write_xlsx(file: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(TABLE) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    book.save(file).unwrap();
}

fn handles(folder: &Path) -> Vec<String> {
    let cases = json(&expect(folder, &["cases", "list", "--json"], 0));
    cases.as_array().unwrap().iter().map(|case| case["handle"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_table_from_a_spreadsheet_program_is_taken_in_like_lines() {
    let dir = installation();
    let here = dir.path();
    write_xlsx(&here.join("r.xlsx"));
    let output = expect(here, &["import", "r.xlsx", "--json"], 0);
    assert_eq!((json(&output)["subjects"].clone(), json(&output)["asking"].clone()), (2.into(), 1.into()));
    assert!(stderr(&output).contains("r.xlsx column 「备注」 is not read"), "{}", stderr(&output));
    assert_eq!(handles(here), ["u1"]);
    let csv = TABLE.map(|row| row.join(",")).join("\r\n");
    fs::write(here.join("r.csv"), GBK.encode(&csv).0).unwrap();
    assert_eq!(json(&expect(here, &["import", "r.csv", "--json"], 0))["subjects"], 2);
    assert_eq!(handles(here), ["u1"], "the same account is the same case");
}

#[test]
fn a_bad_row_is_named_by_row_and_column_and_the_others_are_taken_in() {
    let dir = installation();
    fs::write(dir.path().join("r.csv"), "平台,账号ID,粉丝\nluntan,u1,很多\nluntan,u2,12\n").unwrap();
    let output = expect(dir.path(), &["import", "r.csv", "--json"], 2);
    assert!(stderr(&output).contains("r.csv row 2: column 「粉丝」 is not a whole number"), "{}", stderr(&output));
    assert_eq!(json(&output)["subjects"], 1);
    fs::write(dir.path().join("bad.csv"), "昵称\n园丁\n").unwrap();
    let said = stderr(&expect(dir.path(), &["import", "bad.csv"], 2));
    assert!(said.contains("bad.csv is neither JSON lines nor a table of records"), "{said}");
}

#[test]
fn the_template_of_a_table_is_written_once_and_can_be_taken_in() {
    let dir = installation();
    expect(dir.path(), &["import", "--template", "r.csv"], 0);
    refused(dir.path(), &["import", "--template", "r.csv"], "r.csv cannot be written");
    refused(dir.path(), &["import", "--template", "r.xlsx"], "is written as CSV");
    assert_eq!(json(&expect(dir.path(), &["import", "r.csv", "--json"], 0))["subjects"], 0);
}

#[test]
fn what_a_colleague_saw_becomes_a_case_with_note_and_screenshots_as_evidence() {
    let dir = installation();
    let here = dir.path();
    fs::write(here.join("seen.png"), PNG).unwrap();
    let more = ["--note", "同事转来的截图", "--screenshot", "seen.png", "--json"];
    let told = json(&expect(here, &[&["report", URL], &WHO[..], &more[..]].concat(), 0));
    assert_eq!((told["asking"].clone(), told["evidence"].clone()), (1.into(), 2.into()));
    let number = json(&expect(here, &["cases", "list", "--json"], 0))[0]["number"].as_str().unwrap().to_owned();
    expect(here, &["cases", "export", "--evidence", &number, "out"], 0);
    let exported: Vec<Vec<u8>> = files(&here.join("out")).into_iter().map(|file| fs::read(file).unwrap()).collect();
    let has = |part: &str| exported.iter().any(|bytes| String::from_utf8_lossy(bytes).contains(part));
    assert!(exported.contains(&PNG.to_vec()) && has("\"note\":\"同事转来的截图\""));
    let again = b"\x89PNG\r\n\x1a\n-another-".to_vec();
    fs::write(here.join("seen.png"), &again).unwrap();
    let told = json(&expect(here, &[&["report", URL], &WHO[..], &more[..]].concat(), 0));
    assert_eq!(told["evidence"], 2, "a second report of a known case is evidence too");
    expect(here, &["cases", "export", "--evidence", &number, "more"], 0);
    assert!(files(&here.join("more")).into_iter().any(|file| fs::read(file).unwrap() == again));
    assert!(stdout(&expect(here, &["verify"], 0)).contains("The evidence is sound"));
    assert!(stdout(&expect(here, &["doctor"], 0)).contains("objects are sound"));
    assert_eq!(files(&here.join("store/vault")).len(), 3, "the record, which is the same twice, and two pictures");
}

#[test]
fn of_protected_speech_neither_text_nor_screenshot_is_kept() {
    let dir = installation();
    let here = dir.path();
    fs::write(here.join("seen.png"), PNG).unwrap();
    let call = [
        "report",
        "https://luntan.example/p/1",
        "--platform",
        "luntan",
        "--text",
        "公司拖欠加班费，仲裁去了",
        "--screenshot",
        "seen.png",
        "--json",
    ];
    let told: Value = json(&expect(here, &call, 0));
    assert_eq!((told["outcome"].clone(), told["evidence"].clone()), (Value::Null, 0.into()));
    assert_eq!(files(&here.join("store/vault")), Vec::<std::path::PathBuf>::new(), "no byte of it is stored");
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_report_that_says_nothing_or_shows_no_picture_is_refused_with_what_to_do() {
    let dir = installation();
    let here = dir.path();
    fs::write(here.join("seen.gif"), b"GIF89a").unwrap();
    refused(here, &["report", URL, "--platform", "luntan"], "there is nothing to judge");
    refused(here, &["report", URL, "--name", "云里"], "name the platform with --platform");
    refused(here, &[&["report", URL], &WHO[..], &["--screenshot", "seen.gif"]].concat(), "neither PNG, JPEG nor WebP");
    refused(here, &["report", "ftp://a.example/", "--platform", "luntan", "--name", "云里"], "http:// or https://");
}

#[test]
fn the_monthly_report_is_written_in_each_form_and_impossible_ones_are_refused() {
    let dir = installation();
    let here = dir.path();
    for form in ["html", "docx", "pdf"] {
        let out = format!("report.{form}");
        expect(here, &["monthly", "--month", "2026-10", "--format", form, "--out", &out], 0);
        let text =
            wanglou::documents::text_of(&out.replace("html", "txt"), &fs::read(here.join(&out)).unwrap()).unwrap();
        assert!(text.contains("自查自纠月报"), "{text}");
    }
    let english = stdout(&expect(here, &["monthly", "--month", "2001-01", "--language", "en"], 0));
    assert!(english.contains("Self-inspection report") && english.contains("Nothing was counted"), "{english}");
    refused(here, &["monthly", "--company", "NONE"], "there is no company NONE");
    refused(here, &["monthly", "--month", "2999-01"], "there is no report of 2999-01");
    refused(here, &["monthly", "--month", "soon"], "is no month such as 2026-10");
    fs::write(here.join("font.ttf"), "no font").unwrap();
    let settings = fs::read_to_string(here.join("wanglou.toml")).unwrap();
    fs::write(here.join("wanglou.toml"), settings.replace("[report]\n", "[report]\nfont = \"font.ttf\"\n")).unwrap();
    refused(here, &["monthly", "--format", "pdf", "--out", "x.pdf"], "font.ttf is no font");
}
