//! The command line: talk on standard error, machine output on standard output.
//! Exit 0 done, 1 something in the world failed, 2 the input or the call is wrong.

pub mod check;
pub mod demo;
pub mod ledger;
pub mod platform;
mod progress;
pub mod scan;
pub mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Parser, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;

use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::Ledgers;
use crate::model::case::Judgement;
use crate::pipeline::shell::Shell;
use crate::seal::Key;
use crate::watchlists::Folder;

/// Watchtower of a company group: finds accounts that fly its flag without leave, and leaks, and asks the designated manager.
#[derive(Debug, Parser)]
#[command(name = "wanglou", version, about, long_about = None, propagate_version = true)]
pub struct Cli {
    /// Configuration file.
    #[arg(long, global = true, value_name = "FILE", default_value = "wanglou.toml")]
    pub config: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a fictional group's platforms on this machine, scan them for real, file cases and write the letters.
    Demo(demo::DemoArgs),
    /// Visit the sources once, judge what they show, file cases and send what is due.
    Scan(scan::ScanArgs),
    /// Run the scheduled daemon until it is stopped.
    Serve(scan::ServeArgs),
    /// Judge account and post records as if just seen; store nothing.
    Check(check::CheckArgs),
    /// Look at HR's ledgers, bring files in and out, go back to an earlier state.
    Ledger(ledger::LedgerArgs),
    /// Show, check and try the files that teach Wanglou to read a kind of site.
    Platform(platform::PlatformArgs),
}

/// Runs a command and gives its exit code.
pub fn run(cli: &Cli) -> anyhow::Result<u8> {
    let clock = Clock::system();
    match &cli.command {
        Command::Demo(args) => block_on(demo::run(args)),
        Command::Scan(args) => block_on(async { scan::run(args, installation(&cli.config, clock).await?).await }),
        Command::Serve(args) => {
            block_on(async { scan::run_daemon(args, installation(&cli.config, clock).await?).await })
        }
        Command::Check(args) => check::run(args, &clock),
        Command::Ledger(args) => block_on(ledger::run(args, &places(), &clock)),
        Command::Platform(args) => platform::run(args, &clock),
    }
}

/// The installation of a configuration file.
async fn installation(config: &Path, clock: Clock) -> anyhow::Result<Arc<Shell>> {
    let shell = Shell::open(Config::read(config)?, clock).await?;
    shell.troubles.iter().for_each(|trouble| eprintln!("{trouble}"));
    Ok(Arc::new(shell))
}

/// Where things are when neither the call nor a configuration says.
fn places() -> ledger::Places {
    let key_file = Some(PathBuf::from(KEY_FILE));
    ledger::Places { ledgers: PathBuf::from("watchlists"), key_file, database: Some(PathBuf::from("data/wanglou.db")) }
}

const KEY_FILE: &str = "secrets/wanglou.key";

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

/// Reads the ledgers of a folder; problems are told on standard error, errors are counted.
pub(crate) fn ledgers_of(folder: &Path, key_file: Option<&Path>) -> anyhow::Result<(Ledgers, usize)> {
    let key = Key::from_env_or_file(Some(key_file.unwrap_or(Path::new(KEY_FILE))))?;
    let loaded = Folder::open(folder, key.as_ref())?.load(None)?;
    loaded.problems.iter().for_each(|problem| eprintln!("{}", problem.zh));
    let errors = loaded.problems.iter().filter(|problem| problem.is_error()).count();
    Ok((loaded.ledgers, errors))
}

/// An empty table in the house's style.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .set_header(header);
    table
}

/// A judgement as a row: subject, outcome, severity, lane, notify, rules, candidates, why.
pub(crate) fn outcome_row(judgement: &Judgement) -> Vec<String> {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let rules: Vec<_> = judgement.rules().iter().map(|r| r.as_str()).collect();
    let candidates =
        judgement.candidates.iter().map(|c| format!("{} {}", c.employee_id, word(serde_json::json!(c.band))));
    let why: Vec<&str> =
        judgement.findings.iter().flat_map(|f| &f.reasons).chain(&judgement.reasons).map(|r| r.zh.as_str()).collect();
    vec![
        judgement.subject.id.clone().unwrap_or_else(|| judgement.subject.url.clone()),
        word(serde_json::json!(judgement.outcome)),
        judgement.severity.map(|s| word(serde_json::json!(s))).unwrap_or_default(),
        judgement.lane.to_string(),
        word(serde_json::json!(judgement.notify)),
        rules.join(" "),
        candidates.collect::<Vec<_>>().join("\n"),
        why.join("；"),
    ]
}
