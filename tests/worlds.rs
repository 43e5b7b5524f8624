//! Fictional groups of several trades, judged by the same general rules.

#[path = "support/score.rs"]
mod score;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wanglou::casework::batch::judge_records;
use wanglou::casework::world::{Policy, World};
use wanglou::ledger::{Ledgers, read_all};
use wanglou::model::record::Record;
use wanglou::model::time::Timestamp;
use wanglou::pipeline::records::{FileRecords, read};

struct Group {
    ledgers: Vec<PathBuf>,
    records: PathBuf,
    expected: PathBuf,
    as_of: PathBuf,
}

fn ledgers(folders: &[PathBuf]) -> Ledgers {
    let mut files = BTreeMap::new();
    for folder in folders {
        for entry in fs::read_dir(folder)
            .unwrap()
            .map(Result::unwrap)
            .filter(|e| e.path().extension().is_some_and(|x| x == "csv"))
        {
            files.insert(entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
        }
    }
    let (ledgers, problems) = read_all(&files);
    assert!(!problems.iter().any(|p| p.is_error()), "{problems:?}");
    ledgers
}

fn records(folder: &Path) -> Vec<Record> {
    let read = |name: &str| read(name, &fs::read(folder.join(name)).unwrap(), chrono_tz::Asia::Shanghai);
    let [accounts, posts] = ["accounts.jsonl", "posts.jsonl"].map(read);
    let good = |found: FileRecords| {
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        found.records
    };
    good(accounts).into_iter().chain(good(posts)).collect()
}

fn differences(group: &Group) -> Vec<String> {
    let at = Timestamp::parse(&fs::read_to_string(&group.as_of).unwrap()).unwrap();
    let world = World::of(ledgers(&group.ledgers), at, chrono_tz::Asia::Shanghai, Policy::default());
    let judged = judge_records(&world, &records(&group.records));
    let found = judged.iter().map(|j| (j.subject.id.clone().unwrap(), j.to_outcome_json())).collect();
    // A page that robots.txt keeps to itself is known only to a crawl.
    let expected = score::json_lines(&fs::read_to_string(&group.expected).unwrap());
    let expected: Vec<Value> = expected.into_iter().filter(|e| e["outcome"] != "not_fetched").collect();
    score::differences(&expected, &found)
}

fn further_group(name: &str) -> Group {
    let folder = Path::new("tests/data/worlds").join(name);
    Group {
        ledgers: vec![folder.join("ledgers")],
        records: folder.join("records"),
        expected: folder.join("expected/outcomes.jsonl"),
        as_of: folder.join("AS_OF"),
    }
}

#[test]
fn the_industrial_group_is_judged_as_expected() {
    let group = Group {
        ledgers: vec!["watchlists".into(), "src/demo/ledgers".into()],
        records: "src/demo/data/records".into(),
        expected: "tests/data/demo/expected_outcomes.jsonl".into(),
        as_of: "src/demo/data/AS_OF".into(),
    };
    assert_eq!(differences(&group), Vec::<String>::new());
}

#[test]
fn the_pharmaceutical_group_is_judged_as_expected() {
    assert_eq!(differences(&further_group("pharma")), Vec::<String>::new());
}

#[test]
fn the_food_group_is_judged_as_expected() {
    assert_eq!(differences(&further_group("foods")), Vec::<String>::new());
}

#[test]
fn the_tourism_group_is_judged_as_expected() {
    assert_eq!(differences(&further_group("tourism")), Vec::<String>::new());
}

#[test]
fn the_education_group_is_judged_as_expected() {
    assert_eq!(differences(&further_group("education")), Vec::<String>::new());
}

/// A directory with one colleague whose name of two characters is also a part of other words.
fn candidates_of(display_name: &str, bio: &str) -> usize {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for entry in fs::read_dir("watchlists")
        .unwrap()
        .map(Result::unwrap)
        .filter(|e| e.path().extension().is_some_and(|x| x == "csv"))
    {
        files.insert(entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    }
    let (mut ledgers, _) = read_all(&files);
    let colleague = ledgers.employees.iter_mut().find(|e| e.id.as_str() == "HC0011").unwrap();
    colleague.name = "方舟".into();
    let at = Timestamp::parse("2026-11-20T18:00:00+08:00").unwrap();
    let world = World::of(ledgers, at, chrono_tz::Asia::Shanghai, Policy::default());
    let account = wanglou::model::account::Account {
        platform: "luntan".into(),
        handle: "u1".into(),
        display_name: display_name.into(),
        bio: bio.into(),
        ..Default::default()
    };
    wanglou::casework::account::judge_account(&world, &account).candidates.len()
}

#[test]
fn a_name_of_two_characters_inside_another_word_is_nobodys_name() {
    for name in ["明日方舟玩家", "诺亚方舟", "方舟日志"] {
        assert_eq!(candidates_of(name, "和璨储能销售｜合肥"), 0, "{name}");
    }
}

#[test]
fn a_name_of_two_characters_where_a_name_stands_is_one() {
    for name in ["方舟", "和璨储能方舟", "方舟的日常", "方舟-储能"] {
        assert_eq!(candidates_of(name, "和璨储能销售｜合肥"), 1, "{name}");
    }
}
