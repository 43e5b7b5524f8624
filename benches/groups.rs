//! How long the register of a very large group of companies takes to check, ledgers read from disk included, and how much
//! memory. Writes fictional ledgers into a folder that goes afterwards. Asserts nothing.
//!
//!     taskset -c 0 cargo bench --bench groups -- 5000 100 20000

#[path = "support/register.rs"]
mod register;

use std::time::Instant;

use chrono::NaiveDate;
use wanglou::casework::world::Policy;
use wanglou::groups::register::check;
use wanglou::watchlists::Folder;

use crate::register::{Size, write_ledgers};

fn main() {
    let size = Size::asked();
    let folder = tempfile::tempdir().expect("a folder");
    write_ledgers(folder.path(), size);

    let start = Instant::now();
    let loaded = Folder::open(folder.path(), None).expect("the folder").load(None).expect("the ledgers");
    let ledgers = loaded.ledgers;
    let read_s = start.elapsed().as_secs_f64();
    let checked = check(&ledgers, Policy::default(), NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day"));
    let all_s = start.elapsed().as_secs_f64();

    let count = |rule: &str| checked.findings.iter().filter(|finding| finding.rule.as_str() == rule).count();
    let (groups, lines, people) = (ledgers.groups.len(), ledgers.group_rosters.len(), size.people);
    println!("{groups} groups, {lines} roster lines, {people} employees");
    println!("{} findings, {} of them duplicates", checked.findings.len(), count("G-DUP"));
    println!("ledgers read in {read_s:.2} s, checked in {:.2} s, together {all_s:.2} s", all_s - read_s);
    println!("peak of memory: {}", peak());
}

/// The largest resident set so far, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown".into(), |text| text.trim().to_owned())
}
