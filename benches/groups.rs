//! How long the register of a very large group of companies takes to check, ledgers read from disk included, and how much
//! memory. Writes fictional ledgers into a folder that goes afterwards. Asserts nothing.
//!
//!     taskset -c 0 cargo bench --bench groups -- 5000 100

#[path = "support/register.rs"]
mod register;

use std::time::Instant;

use chrono::NaiveDate;
use wanglou::casework::world::Policy;
use wanglou::groups::register::check;
use wanglou::watchlists::Folder;

use crate::register::{EMPLOYEES, write_ledgers};

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (groups, members) = (numbers.first().copied().unwrap_or(5_000), numbers.get(1).copied().unwrap_or(100));
    let folder = tempfile::tempdir().expect("a folder");
    write_ledgers(folder.path(), groups, members);

    let start = Instant::now();
    let loaded = Folder::open(folder.path(), None).expect("the folder").load(None).expect("the ledgers");
    let ledgers = loaded.ledgers;
    let read_s = start.elapsed().as_secs_f64();
    let checked = check(&ledgers, Policy::default(), NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day"));
    let all_s = start.elapsed().as_secs_f64();

    let count = |rule: &str| checked.findings.iter().filter(|finding| finding.rule.as_str() == rule).count();
    println!("{} groups, {} roster lines, {EMPLOYEES} employees", ledgers.groups.len(), ledgers.group_rosters.len());
    println!("{} findings, {} of them duplicates", checked.findings.len(), count("G-DUP"));
    println!("ledgers read in {read_s:.2} s, checked in {:.2} s, together {all_s:.2} s", all_s - read_s);
    println!("peak of memory: {}", peak());
}

/// The largest resident set so far, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown".into(), |text| text.trim().to_owned())
}
