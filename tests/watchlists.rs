//! Facts about the folder of ledgers: sealing, atomic writing, the last good version, history.

use std::path::Path;

use tempfile::TempDir;
use wanglou::ledger::definition::Ledger;
use wanglou::model::fingerprint::{Fingerprint, Fingerprints, Stretches};
use wanglou::model::time::Timestamp;
use wanglou::seal::Key;
use wanglou::store::Store;
use wanglou::watchlists::fingerprints::{FINGERPRINTS_FILE, write};
use wanglou::watchlists::{Folder, Loaded, SEALED_FILE, WatchlistsError, versions};

const COMPANIES: &str = "代码,全称,简称,角色\nXH,星河科技股份有限公司,星河科技,上市公司\n";
const TOPICS: &str = "编号,名称,词语\nP01,工资,欠薪\n";
const TERMS: &str = "编号,词条,类别,公司,状态\nW001,星河科技,简称,XH,启用\n";
const SECRET: &str = "编号,词条,类别,公司,状态\nW900,甲计划,保密,XH,启用\n";

fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("companies.csv", COMPANIES), ("protected_topics.csv", TOPICS), ("terms.csv", TERMS)] {
        put(dir.path(), name, text);
    }
    dir
}

fn put(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

fn load(dir: &TempDir, key: Option<&Key>, last_good: Option<&Loaded>) -> Loaded {
    Folder::open(dir.path(), key).unwrap().load(last_good).unwrap()
}

fn terms(loaded: &Loaded) -> Vec<&str> {
    loaded.ledgers.terms.iter().map(|term| term.text.as_str()).collect()
}

fn sealed_folder() -> (TempDir, Key) {
    let (dir, (key, _)) = (folder(), Key::generate());
    let confidential = Ledger::named("confidential_terms").unwrap();
    Folder::open(dir.path(), Some(&key)).unwrap().write(confidential, SECRET.as_bytes(), None).unwrap();
    (dir, key)
}

async fn store(dir: &TempDir) -> Store {
    Store::open(&dir.path().join("wanglou.db")).await.unwrap()
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = Folder::open("/nonexistent/watchlists", None).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/watchlists"));
}

#[test]
fn a_broken_edit_changes_nothing_and_is_shown() {
    let dir = folder();
    let good = load(&dir, None, None);
    put(dir.path(), "terms.csv", &TERMS.replace("简称", "别的").replace("星河科技", "新词"));
    let loaded = load(&dir, None, Some(&good));
    assert_eq!(terms(&loaded), ["星河科技"]);
    assert!(loaded.problems.iter().any(|p| p.is_error() && p.zh.contains("terms.csv 第2行「类别」填了「别的」")));
    assert!(loaded.problems.iter().any(|p| p.zh == "terms.csv 有错误，沿用上一份有效版本"));
    assert_ne!(loaded.digest, good.digest);
}

#[test]
fn an_edit_of_one_file_takes_effect_while_another_is_broken() {
    let dir = folder();
    let good = load(&dir, None, None);
    put(dir.path(), "terms.csv", &format!("{TERMS}W002,云舟,商标,XH,启用\n"));
    put(dir.path(), "protected_topics.csv", "编号,名称\nP01,工资\n");
    let loaded = load(&dir, None, Some(&good));
    assert_eq!(terms(&loaded), ["星河科技", "云舟"]);
    assert_eq!(loaded.ledgers.protected_topics, good.ledgers.protected_topics);
}

#[test]
fn a_file_that_vanished_stays_in_force() {
    let dir = folder();
    let good = load(&dir, None, None);
    std::fs::remove_file(dir.path().join("terms.csv")).unwrap();
    let loaded = load(&dir, None, Some(&good));
    assert_eq!(terms(&loaded), ["星河科技"]);
    assert!(loaded.problems.iter().any(|p| p.zh.starts_with("terms.csv 不见了")));
}

#[test]
fn without_a_last_good_version_the_good_lines_are_used() {
    let dir = folder();
    put(dir.path(), "terms.csv", &format!("{TERMS}W002,云舟,别的,XH,启用\n"));
    assert_eq!(terms(&load(&dir, None, None)), ["星河科技"]);
}

#[test]
fn the_confidential_list_lies_sealed_and_opens_with_its_key_only() {
    let (dir, key) = sealed_folder();
    let bytes = std::fs::read(dir.path().join(SEALED_FILE)).unwrap();
    assert!(!bytes.windows(6).any(|window| window == "甲计".as_bytes()));
    let loaded = load(&dir, Some(&key), None);
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.ledgers.confidential_terms[0].mask.as_deref(), Some("保密词 C-01"));
    assert!(!format!("{loaded:?}").contains("甲计划"));
    for wrong in [None, Some(&Key::generate().0)] {
        let loaded = load(&dir, wrong, None);
        assert!(loaded.ledgers.confidential_terms.is_empty());
        assert!(loaded.problems.iter().any(|p| p.is_error() && p.file == SEALED_FILE));
    }
}

#[test]
fn a_damaged_sealed_list_leaves_the_last_good_one_in_force() {
    let (dir, key) = sealed_folder();
    let good = load(&dir, Some(&key), None);
    std::fs::write(dir.path().join(SEALED_FILE), b"WLSEAL1\nbroken").unwrap();
    let loaded = load(&dir, Some(&key), Some(&good));
    assert_eq!(loaded.ledgers.confidential_terms, good.ledgers.confidential_terms);
}

#[test]
fn fingerprints_that_are_damaged_or_gone_stay_in_force() {
    let (dir, key) = sealed_folder();
    let path = dir.path().join(FINGERPRINTS_FILE);
    let document = Fingerprint {
        id: "D-0001".into(),
        is_public: false,
        added: Timestamp::from_ms(0),
        chars: 9,
        stretches: Stretches::default(),
    };
    write(&path, &key, &Fingerprints { key: [1; 16], documents: vec![document] }).unwrap();
    let good = load(&dir, Some(&key), None);
    std::fs::write(&path, "no seal").unwrap();
    let damaged = load(&dir, Some(&key), Some(&good));
    assert!(damaged.problems.iter().any(|problem| problem.file == FINGERPRINTS_FILE && problem.is_error()));
    std::fs::remove_file(&path).unwrap();
    let gone = load(&dir, Some(&key), Some(&damaged));
    for loaded in [&good, &damaged, &gone] {
        assert_eq!(loaded.ledgers.fingerprints.documents.len(), 1);
    }
    assert!(load(&dir, Some(&key), None).ledgers.fingerprints.documents.is_empty());
}

#[test]
fn a_plain_confidential_list_is_used_with_a_warning_and_goes_when_it_is_sealed() {
    let (dir, (key, _)) = (folder(), Key::generate());
    put(dir.path(), "confidential_terms.csv", SECRET);
    let loaded = load(&dir, Some(&key), None);
    assert_eq!(loaded.ledgers.confidential_terms.len(), 1);
    assert!(loaded.problems[0].zh.contains("明文保密词"));
    let folder = Folder::open(dir.path(), Some(&key)).unwrap();
    let ledger = Ledger::named("confidential_terms").unwrap();
    let read = folder.read(ledger).unwrap().unwrap();
    folder.write(ledger, &read.bytes, Some(&read)).unwrap();
    assert!(!dir.path().join("confidential_terms.csv").exists());
    assert_eq!(load(&dir, Some(&key), None).problems, []);
}

#[test]
fn sealing_needs_a_key() {
    let dir = folder();
    let folder = Folder::open(dir.path(), None).unwrap();
    let error = folder.write(Ledger::named("confidential_terms").unwrap(), SECRET.as_bytes(), None).unwrap_err();
    assert!(matches!(error, WatchlistsError::NoKey));
}

#[test]
fn a_write_over_somebody_elses_edit_is_refused() {
    let dir = folder();
    let folder = Folder::open(dir.path(), None).unwrap();
    let ledger = Ledger::named("terms").unwrap();
    let read = folder.read(ledger).unwrap();
    put(dir.path(), "terms.csv", "somebody else's");
    assert!(matches!(folder.write(ledger, b"mine", read.as_ref()), Err(WatchlistsError::Changed(_))));
    assert!(matches!(folder.write(ledger, b"mine", None), Err(WatchlistsError::Changed(_))));
    let now = folder.read(ledger).unwrap();
    assert_eq!(now.as_ref().unwrap().bytes, b"somebody else's");
    folder.write(ledger, TERMS.as_bytes(), now.as_ref()).unwrap();
    assert_eq!(std::fs::read_to_string(dir.path().join("terms.csv")).unwrap(), TERMS);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn the_stamp_changes_when_a_file_does() {
    let dir = folder();
    let folder = Folder::open(dir.path(), None).unwrap();
    let before = folder.stamp().unwrap();
    assert_eq!(folder.stamp().unwrap(), before);
    put(dir.path(), "terms.csv", &format!("{TERMS}\n"));
    assert_ne!(folder.stamp().unwrap(), before);
}

#[test]
fn strange_files_are_named_and_editors_lock_files_are_not() {
    let dir = folder();
    put(dir.path(), "term.csv", TERMS);
    put(dir.path(), "~$terms.xlsx", "");
    let loaded = load(&dir, None, None);
    let named: Vec<&str> = loaded.problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(named, ["term.csv"]);
}

#[test]
fn an_image_is_read_by_name_and_only_inside_the_folder() {
    let dir = folder();
    put(dir.path(), "mark.png", "png");
    let folder = Folder::open(dir.path(), None).unwrap();
    assert_eq!(folder.image("mark.png").unwrap(), b"png");
    for name in ["../mark.png", "/etc/passwd", "terms.csv", "no.png"] {
        assert!(folder.image(name).is_err(), "{name}");
    }
}

#[tokio::test]
async fn every_state_is_kept_with_its_diff_and_begins_the_next_start() {
    let dir = folder();
    let (store, at) = (store(&dir).await, Timestamp::from_ms(1_000));
    let first = versions::keep(&store, &load(&dir, None, None), "编辑甲", at).await.unwrap();
    assert_eq!(first.iter().map(|kept| kept.version).collect::<Vec<_>>(), [1, 1, 1]);
    put(dir.path(), "terms.csv", &format!("{TERMS}W002,云舟,商标,XH,启用\n"));
    let second = versions::keep(&store, &load(&dir, None, None), "编辑乙", at.plus_ms(1)).await.unwrap();
    assert_eq!((second.len(), second[0].version, second[0].diff.summary_zh().as_str()), (1, 2, "新增1、修改0、删除0"));
    put(dir.path(), "terms.csv", "编号\n");
    let last_good = versions::last_good(&store).await.unwrap();
    assert_eq!(terms(&load(&dir, None, last_good.as_ref())), ["星河科技", "云舟"]);
}

#[tokio::test]
async fn forbidden_values_reach_neither_memory_nor_history() {
    let dir = folder();
    put(dir.path(), "employees.csv", "工号,姓名,身份证号,备注\nX1,林知远,330100199001011234,新人\n");
    let loaded = load(&dir, None, None);
    let kept = &loaded.files["employees"].bytes;
    assert!(!String::from_utf8_lossy(kept).contains("3301"));
    assert!(String::from_utf8_lossy(kept).contains("新人"), "an unknown column stays");
    let store = store(&dir).await;
    versions::keep(&store, &loaded, "x", Timestamp::from_ms(1)).await.unwrap();
    let bytes = store.ledger_bytes("employees.csv", 1).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("3301"));
}

#[tokio::test]
async fn of_the_staff_directory_only_two_states_are_kept() {
    let dir = folder();
    let store = store(&dir).await;
    for day in 1..=4 {
        put(dir.path(), "employees.csv", &format!("工号,姓名,入职日期\nX1,林知远,2020-01-0{day}\n"));
        versions::keep(&store, &load(&dir, None, None), "x", Timestamp::from_ms(day)).await.unwrap();
    }
    let numbers = store.ledger_versions(Some("employees.csv")).await.unwrap();
    assert_eq!(numbers.iter().map(|version| version.version).collect::<Vec<_>>(), [4, 3]);
}

#[tokio::test]
async fn the_confidential_list_is_kept_sealed_or_not_at_all() {
    let (dir, key) = sealed_folder();
    let loaded = load(&dir, Some(&key), None);
    let plain_store = store(&dir).await;
    assert_eq!(versions::keep(&plain_store, &loaded, "x", Timestamp::from_ms(1)).await.unwrap().len(), 3);
    let store = plain_store.with_key(std::sync::Arc::new(key));
    let kept = versions::keep(&store, &loaded, "x", Timestamp::from_ms(2)).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(store.ledger_bytes("confidential_terms.csv", 1).await.unwrap().unwrap(), SECRET.as_bytes());
    drop(store);
    let files = std::fs::read_dir(dir.path()).unwrap().flatten();
    let plain = files.filter(|entry| entry.file_name().to_string_lossy().starts_with("wanglou.db"));
    assert!(plain.into_iter().all(|entry| {
        !std::fs::read(entry.path()).unwrap().windows(9).any(|window| window == "甲计划".as_bytes())
    }));
}
