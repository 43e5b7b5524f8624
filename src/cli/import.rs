//! `wanglou import`: records from elsewhere, judged and filed like what a scan sees.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::check::{print_table, read_records};
use crate::cli::installation::{Global, actor};
use crate::clock::Clock;
use crate::pipeline::import::{import, is_identified};

/// Take in account and post records from elsewhere (partner feeds, manual reports).
#[derive(Debug, Args)]
#[command(
    after_help = "Each record is judged, filed and told like what a scan sees; the record itself is the evidence.
A record that cannot be used is named, and the others are taken in; the exit code is 2 then.

Examples:
  wanglou import partner.jsonl
  wanglou import - --jsonl < reports.jsonl"
)]
pub struct ImportArgs {
    /// Files of records: JSON lines or an array. `-` reads standard input.
    #[arg(required = true)]
    pub records: Vec<PathBuf>,
    /// One JSON object a subject on standard output.
    #[arg(long)]
    pub jsonl: bool,
    /// A summary as one JSON object on standard output.
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
}

/// Runs the command. Exit code 2 when a record could not be used.
pub async fn run(args: &ImportArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let shell = global.open(clock).await?;
    let (mut records, mut bad) = read_records(&args.records)?;
    let readable = records.len();
    records.retain(is_identified);
    if records.len() < readable {
        eprintln!("{} records without url, handle and id were left out", readable - records.len());
        bad += readable - records.len();
    }
    let imported = import(&shell, &shell.world(), &records, &actor()).await?;
    match (args.jsonl, args.json) {
        (true, _) => imported.judgements.iter().for_each(|j| println!("{}", j.to_outcome_json())),
        (_, true) => println!(
            "{}",
            json!({"scan": imported.scan, "subjects": imported.inspected.subjects, "asking": imported.inspected.asking,
                "protected": imported.protected, "bad_records": bad})
        ),
        _ => print_table(&imported.judgements),
    }
    eprintln!("taken in as run {}; see `wanglou cases list`", imported.scan);
    Ok(if bad > 0 { 2 } else { 0 })
}
