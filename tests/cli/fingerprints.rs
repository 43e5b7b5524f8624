//! Protected documents: entered, listed, found in posts, forgotten, sealed anew.

use std::fs;
use std::path::Path;

use crate::house::{Installation, expect, installation, json, refused, stderr, stdout};

const PLAN: &str = "第七条 折叠无人机的电芯改用磷酸锰铁锂，单机成本下降一成二。供应商在滨城完成试产以前，任何部门不得对外\
    说明选型与报价；样机只在岚城试飞场调试，飞行记录由质量部统一保管。";
const POST: &str =
    r#"{"kind":"post","id":"P1","text":"听说*供應商*在滨城完成试产以前，任何部门不得对外说明选型与报价，真的吗"}"#;

fn begun() -> Installation {
    let dir = installation();
    fs::write(dir.path().join("方案.txt"), PLAN).unwrap();
    fs::write(dir.path().join("p.jsonl"), POST).unwrap();
    dir
}

fn outcome(here: &Path, more: &[&str]) -> serde_json::Value {
    json(&expect(here, &[&["check", "p.jsonl", "--jsonl"], more].concat(), 0))
}

#[test]
fn a_passage_of_an_entered_document_is_a_leak_and_nothing_of_the_document_lies_on_the_disk() {
    let dir = begun();
    let here = dir.path();
    assert_eq!(outcome(here, &[])["outcome"], "ignore");
    expect(here, &["fingerprint", "add", "方案.txt", "--id", "DOC-7"], 0);
    let found = outcome(here, &[]);
    assert_eq!(
        (&found["outcome"], &found["lane"], &found["rules"][0]),
        (&"alert".into(), &"leak".into(), &"R-LEAK".into())
    );
    assert!(found["reasons"].to_string().contains("DOC-7"), "{found}");
    let sealed = fs::read(here.join("watchlists/fingerprints.sealed")).unwrap();
    assert!(!sealed.windows(6).any(|bytes| bytes == "供应".as_bytes()));
    let listed = json(&expect(here, &["fingerprint", "list", "--json"], 0));
    assert_eq!((&listed[0]["id"], &listed[0]["public"]), (&"DOC-7".into(), &false.into()));
    expect(here, &["fingerprint", "remove", "DOC-7"], 0);
    assert_eq!(outcome(here, &[])["outcome"], "ignore");
}

#[test]
fn what_everybody_may_read_is_no_leak() {
    let dir = begun();
    let here = dir.path();
    fs::write(
        here.join("新闻.md"),
        "任何部门不得对外说明选型与报价。供应商在滨城完成试产以前，任何部门不得对外说明选型与报价。",
    )
    .unwrap();
    expect(here, &["fingerprint", "add", "方案.txt"], 0);
    expect(here, &["fingerprint", "add", "--public", "新闻.md"], 0);
    assert_eq!(outcome(here, &[])["outcome"], "ignore");
    assert!(stdout(&expect(here, &["fingerprint", "list"], 0)).contains("yes"));
}

#[test]
fn a_document_that_cannot_be_read_is_named_and_the_others_are_entered() {
    let dir = begun();
    let here = dir.path();
    fs::write(here.join("坏.docx"), "no archive").unwrap();
    let output = expect(here, &["fingerprint", "add", "坏.docx", "方案.txt"], 2);
    assert!(stderr(&output).contains("坏.docx is damaged"), "{}", stderr(&output));
    assert_eq!(json(&expect(here, &["fingerprint", "list", "--json"], 0)).as_array().unwrap().len(), 1);
    expect(here, &["fingerprint", "remove", "X"], 2);
    refused(here, &["fingerprint", "add", "坏.docx", "方案.txt", "--id", "X"], "--id and --title are for one file");
}

#[test]
fn fingerprints_are_sealed_with_another_key_and_only_that_opens_them() {
    let dir = begun();
    let here = dir.path();
    expect(here, &["fingerprint", "add", "方案.txt", "--fingerprints", "f.sealed"], 0);
    assert_eq!(outcome(here, &["--fingerprints", "f.sealed"])["outcome"], "alert");
    expect(here, &["init", "--dir", "other"], 0);
    expect(here, &["fingerprint", "rotate", "--to", "other/secrets/wanglou.key", "--fingerprints", "f.sealed"], 0);
    refused(here, &["fingerprint", "list", "--fingerprints", "f.sealed"], "sealed with another key");
    let list =
        ["fingerprint", "list", "--json", "--fingerprints", "f.sealed", "--key-file", "other/secrets/wanglou.key"];
    assert_eq!(json(&expect(here, &list, 0))[0]["id"], "D-0001", "the name of a file may give something away");
    refused(here, &["check", "p.jsonl", "--fingerprints", "nowhere"], "there is no file of fingerprints nowhere");
}
