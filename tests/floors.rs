//! The floors of the house: a lower floor never imports a higher one, and below floor 2 there is no I/O, no async,
//! no clock and no randomness. `docs/ARCHITECTURE.md` says why.

#[path = "support/code.rs"]
mod code;
#[path = "support/tree.rs"]
mod tree;

use std::sync::LazyLock;

use code::code_of;
use regex::Regex;
use tree::{SourceFile, files, line_at, root};

/// Which room stands on which floor. A new room gets its line here and its line in `src/lib.rs`.
const FLOORS: [&[&str]; 5] = [
    &["model"],
    &[
        "casework",
        "detect",
        "discover",
        "documents",
        "groups",
        "identify",
        "ledger",
        "pace",
        "platform",
        "reports",
        "retention",
        "text",
    ],
    &["chat", "clock", "config", "fetch", "jobs", "mail", "seal", "store", "vault", "watchlists", "workers"],
    &["pipeline"],
    &["cli", "daemon", "demo", "main", "web"],
];

/// What floors 0 and 1 may not name, tests in their files included.
const BANNED: [&str; 17] = [
    "tokio",
    "reqwest",
    "sqlx",
    "lettre",
    "axum",
    "rand",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::io::stdin",
    "std::io::stdout",
    "chrono::Utc::now",
    "chrono::Local",
];

/// Words that give banned things away where no path does.
const BANNED_WORDS: [&str; 5] =
    [r"\basync\s+(fn|move|\{)", r"\.await\b", r"\bUtc::now\b", r"\bSystemTime\b", r"\bnow_v7\b"];

#[test]
fn a_lower_floor_never_imports_a_higher_one() {
    let broken: Vec<String> = sources().iter().flat_map(climbs).collect();
    assert!(broken.is_empty(), "a lower floor imports a higher one:\n{}", broken.join("\n"));
}

#[test]
fn words_and_logic_are_pure() {
    let broken: Vec<String> = sources().iter().flat_map(impurities).collect();
    assert!(broken.is_empty(), "floors 0 and 1 have no I/O, async, clock or randomness:\n{}", broken.join("\n"));
}

#[test]
fn every_room_has_a_floor() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let (mut heading, mut wrong) = (None, Vec::new());
    for line in lib.lines() {
        if let Some(rest) = line.strip_prefix("// Floor ") {
            heading = rest.chars().next().and_then(|digit| digit.to_digit(10)).map(|digit| digit as usize);
        }
        if let Some(room) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'))
            && (floor_of(room).is_none() || floor_of(room) != heading)
        {
            wrong.push(format!("src/lib.rs puts {room} on floor {heading:?}, the map on {:?}", floor_of(room)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_architecture_page_shows_the_same_floors() {
    let page = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md");
    let row = |floor: usize| page.lines().find(|line| line.starts_with(&format!("| {floor} "))).unwrap_or_default();
    let rooms: std::collections::BTreeSet<String> =
        sources().iter().map(|file| room_of(&file.path).to_owned()).filter(|room| room != "main").collect();
    let shown = |room: &String| floor_of(room).is_some_and(|floor| row(floor).contains(&format!("`{room}`")));
    let missing: Vec<&String> = rooms.iter().filter(|room| !shown(room)).collect();
    assert!(missing.is_empty(), "docs/ARCHITECTURE.md does not show {missing:?} on their floors");
}

#[test]
fn every_folder_is_in_the_map() {
    let lost: Vec<String> =
        sources().iter().filter(|file| floor_of(room_of(&file.path)).is_none()).map(|file| file.path.clone()).collect();
    assert!(lost.is_empty(), "these files stand on no floor: {lost:?}");
}

#[test]
fn the_scan_sees_an_import_however_it_is_written() {
    let climb = |path: &str, text: &str| climbs(&SourceFile { path: path.into(), text: text.into() });

    assert_eq!(climb("src/model/a.rs", "\nuse crate::store::Store;"), ["src/model/a.rs:2: model uses store"]);
    assert_eq!(climb("src/text/a.rs", "use crate::{model::term::Term,\n  fetch::{self, guard}};").len(), 1);
    assert_eq!(climb("src/text/a.rs", "fn f() { crate::cli::run() }").len(), 1);
    assert_eq!(climb("src/text/a.rs", "use super::super::mail::page;").len(), 1);
    assert_eq!(climb("src/text/a.rs", "#[cfg(test)] mod tests { use crate::vault::Vault; }").len(), 1);
    assert!(climb("src/store/a.rs", "use crate::model::x::Y; // like crate::cli").is_empty());
    assert!(climb("src/store/a.rs", "use crate::vault::Vault; const A: &str = \"crate::cli::run\";").is_empty());
}

#[test]
fn the_scan_sees_what_is_not_pure() {
    let impure = |text: &str| impurities(&SourceFile { path: "src/detect/a.rs".into(), text: text.into() }).len();

    assert_eq!(impure("use std::{collections::HashMap, fs};"), 1);
    assert_eq!(impure("use std::time::{Duration, Instant};"), 1);
    assert_eq!(impure("pub async fn read() {}"), 1);
    assert_eq!(impure("let now = chrono::Utc::now();"), 1);
    assert_eq!(impure("use std::time::Duration;\n/// Not tokio::spawn.\nlet brand = rand_of(1);"), 0);
}

fn sources() -> Vec<SourceFile> {
    let sources: Vec<SourceFile> = files("src", ".rs").into_iter().filter(|file| file.path != "src/lib.rs").collect();
    assert!(sources.len() > 50, "the scan found only {} files", sources.len());
    sources
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn room_of(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
}

fn climbs(file: &SourceFile) -> Vec<String> {
    let (room, floor) = (room_of(&file.path), floor_of(room_of(&file.path)).unwrap_or(0));
    let mut lines: Vec<String> = paths_in(&file.text)
        .into_iter()
        .filter_map(|(line, path)| Some((line, room_named(&path)?)))
        .filter(|(_, used)| used != room && floor_of(used).is_some_and(|other| other > floor))
        .map(|(line, used)| format!("{}:{line}: {room} uses {used}", file.path))
        .collect();
    lines.dedup();
    lines
}

/// The room that a path inside this crate leads to. `super` counts too: only a climb out of its room can name another room.
fn room_named(path: &str) -> Option<String> {
    let mut steps = path.split("::");
    let first = steps.next()?;
    let second = steps.find(|step| *step != "super")?;
    (matches!(first, "crate" | "super") && (first == "crate" || floor_of(second) >= Some(2))).then(|| second.to_owned())
}

fn impurities(file: &SourceFile) -> Vec<String> {
    if floor_of(room_of(&file.path)).is_none_or(|floor| floor > 1) {
        return Vec::new();
    }
    let code = code_of(&file.text);
    let named =
        paths_in(&file.text).into_iter().filter(|(_, path)| BANNED.iter().any(|banned| starts_with(path, banned)));
    let words = BANNED_WORDS.iter().flat_map(|word| {
        let word = Regex::new(word).expect("a fixed pattern");
        word.find_iter(&code).map(|at| (line_at(&code, at.start()), at.as_str().to_owned())).collect::<Vec<_>>()
    });
    let mut seen: Vec<(usize, String)> = named.chain(words).collect();
    seen.sort();
    seen.dedup_by_key(|(line, _)| *line);
    seen.into_iter().map(|(line, what)| format!("{}:{line}: {what}", file.path)).collect()
}

fn starts_with(path: &str, banned: &str) -> bool {
    path.strip_prefix(banned).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Every path with two or more steps in Rust text, with its line; groups in braces are spelled out.
fn paths_in(text: &str) -> Vec<(usize, String)> {
    let code = code_of(text);
    let start = Regex::new(r"\b[a-z_][a-z0-9_]*::").expect("a fixed pattern");
    let mut paths = Vec::new();
    let mut end = 0;
    for found in start.find_iter(&code) {
        if found.start() < end {
            continue;
        }
        let mut leaves = Vec::new();
        end = found.start() + spell_out(&code[found.start()..], "", &mut leaves);
        paths.extend(leaves.into_iter().map(|path| (line_at(&code, found.start()), path)));
    }
    paths
}

/// Reads one path tree (`a::{b, c::d}`) and gives the number of bytes read.
fn spell_out(code: &str, before: &str, leaves: &mut Vec<String>) -> usize {
    static STEP: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*([A-Za-z_][A-Za-z0-9_]*|\*)\s*(::)?\s*").expect("a fixed pattern"));
    let mut path = before.to_owned();
    let mut read = 0;
    while let Some(found) = STEP.captures(&code[read..]) {
        path = if path.is_empty() { found[1].to_owned() } else { format!("{path}::{}", &found[1]) };
        read += found[0].len();
        if found.get(2).is_none() {
            break;
        }
    }
    if !code[read..].starts_with('{') {
        leaves.push(path);
        return read;
    }
    read += 1;
    while !code[read..].trim_start().starts_with('}') && read < code.len() {
        let taken = spell_out(&code[read..], &path, leaves);
        read += taken;
        let rest = code[read..].trim_start();
        let comma = rest.starts_with(',');
        read += code[read..].len() - rest.len() + usize::from(comma);
        if taken == 0 && !comma {
            break;
        }
    }
    read
}
