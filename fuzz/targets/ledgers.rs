//! Any bytes read as the CSV and the XLSX of a ledger.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wanglou_fuzz::ledger::definition::ALL;
use wanglou_fuzz::ledger::lines;
use wanglou_fuzz::ledger::table::Limits;

fuzz_target!(|input: (u8, &[u8])| {
    let (number, bytes) = input;
    let ledger = ALL[usize::from(number) % ALL.len()];
    let file = if number < 128 { ledger.file_name() } else { format!("{}.xlsx", ledger.name) };
    let (lines, _) = lines::read(ledger, &file, bytes, &Limits::default());
    assert!(lines.rows.iter().all(|line| line.cells.len() == ledger.columns.len()));
});
