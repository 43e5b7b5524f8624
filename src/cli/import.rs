//! `wanglou import`: records from elsewhere, judged and filed like what a scan sees.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use crate::cli::check::{print_table, read_records};
use crate::cli::installation::{Global, actor};
use crate::clock::Clock;
use crate::pipeline::import::{Item, SOURCE, import, is_identified};
use crate::pipeline::records::template;

/// Take in account and post records from elsewhere (partner feeds, manual reports).
#[derive(Debug, Args)]
#[command(
    after_help = "Each record is judged, filed and told like what a scan sees; the record itself is the evidence.
A record that cannot be used is named, and the others are taken in; the exit code is 2 then.
A table has a header row; `--template` writes an empty one. A row with a text or a title is a post, another one an account.

Examples:
  wanglou import partner.jsonl
  wanglou import --template records.csv
  wanglou import records.xlsx
  wanglou import - --jsonl < reports.jsonl"
)]
pub struct ImportArgs {
    /// Files of records: JSON lines, an array, or a table (CSV, XLSX). `-` reads standard input.
    #[arg(required_unless_present = "template")]
    pub records: Vec<PathBuf>,
    /// Write an empty table of records to this file, CSV, and do nothing else.
    #[arg(long, value_name = "FILE", conflicts_with = "records")]
    pub template: Option<PathBuf>,
    /// One JSON object a subject on standard output.
    #[arg(long)]
    pub jsonl: bool,
    /// A summary as one JSON object on standard output.
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
}

/// Runs the command. Exit code 2 when a record could not be used.
pub async fn run(args: &ImportArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    if let Some(file) = &args.template {
        return write_template(file);
    }
    let shell = global.open(clock).await?;
    let (mut records, mut bad) = read_records(&args.records, shell.zone())?;
    let readable = records.len();
    records.retain(is_identified);
    if records.len() < readable {
        eprintln!("{} records without url, handle and id were left out", readable - records.len());
        bad += readable - records.len();
    }
    let items: Vec<Item> = records.into_iter().map(Item::from).collect();
    let imported = import(&shell, &shell.world(), &items, SOURCE, &actor()).await?;
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

/// Nothing that is there is overwritten.
fn write_template(file: &Path) -> anyhow::Result<u8> {
    if !file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        bail!("{} is written as CSV: name it so, such as records.csv", file.display());
    }
    let created = File::create_new(file).and_then(|mut created| created.write_all(&template()));
    created.with_context(|| format!("{} cannot be written", file.display()))?;
    eprintln!("{} has the headers and an example that is not read", file.display());
    Ok(0)
}
