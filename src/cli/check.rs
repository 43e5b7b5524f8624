//! `wanglou check`: judge records as if just seen. Stores nothing.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use crate::casework::batch::judge_records;
use crate::casework::world::World;
use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::model::case::{Judgement, Outcome};
use crate::model::record::Record;
use crate::model::time::Timestamp;
use crate::pipeline::records;

/// Judge account and post records as if just seen; store nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou check records/accounts.jsonl records/posts.jsonl --ledgers watchlists
  wanglou check posts.jsonl --fingerprints fingerprints.sealed
  wanglou check export.json --at 2026-11-20T18:00:00+08:00 --jsonl > outcomes.jsonl")]
pub struct CheckArgs {
    /// Files of records: JSON lines, an array, or a table (CSV, XLSX). `-` reads standard input.
    #[arg(required = true)]
    pub records: Vec<PathBuf>,
    /// Folder of the ledgers. Default: that of the configuration, else `watchlists`.
    #[arg(long, value_name = "DIR")]
    pub ledgers: Option<PathBuf>,
    /// Instant of the judgement, RFC 3339. Default: now.
    #[arg(long, value_parser = parse_instant)]
    pub at: Option<Timestamp>,
    /// Time zone of the group. Default: that of the configuration, else Asia/Shanghai.
    #[arg(long)]
    pub zone: Option<chrono_tz::Tz>,
    /// Key file that opens the sealed confidential list. Default: environment `WANGLOU_KEY`, else that of the
    /// configuration, else `secrets/wanglou.key`.
    #[arg(long)]
    pub key_file: Option<PathBuf>,
    /// File of fingerprints. Default: that of the ledgers' folder.
    #[arg(long, value_name = "FILE")]
    pub fingerprints: Option<PathBuf>,
    /// One JSON object a subject on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// Reads an instant given on the command line.
pub(crate) fn parse_instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|e| e.to_string())
}

/// Runs the command. Exit code 2 when a record or a ledger could not be used.
pub fn run(args: &CheckArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let config = global.config_or_default()?;
    let zone = args.zone.unwrap_or(config.group.time_zone);
    let (records, bad_records) = read_records(&args.records, zone)?;
    let folder = args.ledgers.as_ref().unwrap_or(&config.paths.watchlists);
    let key_file = args.key_file.as_ref().unwrap_or(&config.paths.key_file);
    let (mut ledgers, bad_lines) = crate::cli::ledgers_of(folder, key_file)?;
    if let Some(file) = &args.fingerprints {
        ledgers.fingerprints = Arc::new(crate::cli::fingerprint::read(file, key_file)?);
    }
    let at = args.at.unwrap_or_else(|| clock.now());
    let world = World::of(ledgers, at, zone, config.policy);
    let judgements = judge_records(&world, &records);
    if args.jsonl {
        judgements.iter().for_each(|j| println!("{}", j.to_outcome_json()));
    } else {
        print_table(&judgements);
    }
    Ok(if bad_records + bad_lines > 0 { 2 } else { 0 })
}

/// Reads files of records; problems are told on standard error and counted.
pub(crate) fn read_records(paths: &[PathBuf], zone: chrono_tz::Tz) -> anyhow::Result<(Vec<Record>, usize)> {
    let mut all = Vec::new();
    let mut bad = 0;
    for path in paths {
        let found = records::read(&path.display().to_string(), &read_bytes(path)?, zone);
        found.problems.iter().for_each(|problem| eprintln!("{problem}"));
        found.unread.iter().for_each(|header| eprintln!("{} column 「{header}」 is not read", path.display()));
        bad += found.problems.len();
        all.extend(found.records);
    }
    Ok((all, bad))
}

fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let limit = records::RECORDS_BYTES_MAX as u64 + 1;
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).context("standard input cannot be read")?;
        if bytes.len() > records::RECORDS_BYTES_MAX {
            bail!("standard input is larger than {} bytes: split it", records::RECORDS_BYTES_MAX);
        }
        return Ok(bytes);
    }
    let size = std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?.len();
    if size as usize > records::RECORDS_BYTES_MAX {
        bail!("{} is larger than {} bytes: split it", path.display(), records::RECORDS_BYTES_MAX);
    }
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// A table for people: what asks for attention, then a line of counts.
pub(crate) fn print_table(judgements: &[Judgement]) {
    let mut table =
        crate::cli::table(&["subject", "outcome", "severity", "lane", "notify", "rules", "candidates", "why"]);
    for judgement in judgements.iter().filter(|j| j.outcome != Outcome::Ignore) {
        table.add_row(crate::cli::outcome_row(judgement));
    }
    println!("{table}");
    let asking = judgements.iter().filter(|j| j.outcome.opens_case()).count();
    eprintln!("{} subjects judged, {asking} ask for attention", judgements.len());
}
