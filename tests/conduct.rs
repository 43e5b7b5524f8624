//! What people do under the group's flag, rule by rule: a folder of texts that the rule is for and one of texts that it
//! must leave alone. `held_out` was written after the detectors were last changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use wanglou::casework::post::judge_post;
use wanglou::casework::world::{Policy, World};
use wanglou::ledger::read_all;
use wanglou::model::account::{Account, Post};
use wanglou::model::case::Outcome;
use wanglou::model::time::Timestamp;

const FOLDER: &str = "tests/data/conduct";

fn world() -> World {
    let files: BTreeMap<String, Vec<u8>> = entries(&Path::new(FOLDER).join("ledgers"))
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    let (ledgers, problems) = read_all(&files);
    assert!(!problems.iter().any(|p| p.is_error()), "{problems:?}");
    let at = Timestamp::parse("2026-11-20T18:00:00+08:00").unwrap();
    World::of(ledgers, at, chrono_tz::Asia::Shanghai, Policy::default())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

/// An author, unless the file names none, and what it wrote.
fn sample(path: &Path) -> (Option<Account>, Post) {
    let content = fs::read_to_string(path).unwrap();
    let (head, text) = content.split_once("\n\n").unwrap();
    let mut lines = head.lines().map(|line| line.split_once('：').unwrap().1);
    let (display_name, bio) = (lines.next().unwrap(), lines.next().unwrap());
    let account = Account {
        platform: "weiyan".into(),
        handle: "u1".into(),
        display_name: display_name.into(),
        bio: bio.into(),
        ..Account::default()
    };
    let published = Timestamp::parse("2026-11-19T10:00:00+08:00").ok();
    let post = Post { platform: "weiyan".into(), text: text.trim().into(), published, ..Post::default() };
    ((!display_name.is_empty()).then_some(account), post)
}

/// Texts on which the rule speaks, and all.
fn told(world: &World, rule: &str, folder: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut told, mut all) = (BTreeSet::new(), BTreeSet::new());
    for path in entries(&Path::new(FOLDER).join(rule).join(folder)) {
        let (author, post) = sample(&path);
        let judgement = judge_post(world, &post, author.as_ref());
        let asks = matches!(judgement.outcome, Outcome::Alert | Outcome::Review);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if asks && judgement.findings.iter().any(|f| f.rule.as_str() == rule) {
            told.insert(name.clone());
        }
        all.insert(name);
    }
    (told, all)
}

fn assert_told(rule: &str, folder: &str, missed: &[&str], wrong: &[&str]) {
    let world = world();
    let (found, hits) = told(&world, rule, &format!("{folder}hit"));
    let (false_alarms, misses) = told(&world, rule, &format!("{folder}miss"));
    println!(
        "{rule} {folder}: {} of {} found, {} false of {}",
        found.len(),
        hits.len(),
        false_alarms.len(),
        misses.len()
    );
    let not_found: Vec<&str> = hits.difference(&found).map(String::as_str).collect();
    assert_eq!(
        (not_found, false_alarms.iter().map(String::as_str).collect::<Vec<_>>()),
        (missed.to_vec(), wrong.to_vec())
    );
}

/// Both folders of a rule, then those that were held out, with the texts that the detectors are known to get wrong.
#[test]
fn what_is_carried_out_of_a_work_group_is_told_and_small_talk_is_not() {
    assert_told("R-GROUP-SPILL", "", &["02", "03", "12", "24", "34", "44", "46", "48"], &[]);
    assert_told("R-GROUP-SPILL", "held_out/", &["02", "03", "04", "06", "07", "09", "10"], &[]);
}

#[test]
fn an_attack_on_a_partner_is_told_and_criticism_is_not() {
    assert_told("R-NEG", "", &["05", "07", "09", "13", "16", "50"], &[]);
    assert_told("R-NEG", "held_out/", &["02", "05", "07", "10"], &[]);
}

#[test]
fn selling_against_the_company_is_told_and_talking_of_a_competitor_is_not() {
    assert_told("R-COI", "", &["06", "10", "23", "34", "37"], &[]);
    assert_told("R-COI", "held_out/", &["03", "04", "07", "09"], &[]);
}
