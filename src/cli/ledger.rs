//! `wanglou ledger`: look at HR's ledgers, bring files in and out, go back to an earlier state.

pub(in crate::cli) mod desk;
mod export;
mod history;
pub(in crate::cli) mod import;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::installation::Places;
use crate::cli::ledger::desk::{Desk, Lang, kind_word};
use crate::clock::Clock;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::store::{Address, AddressError};

/// Look at the ledgers, bring files in and out, go back to an earlier state.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou ledger check
  wanglou ledger import 词表.xlsx --as terms
  wanglou ledger export all --xlsx -o 台账
  wanglou ledger restore terms 3")]
pub struct LedgerArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LedgerCommand,
    /// Folder of the ledgers.
    #[arg(long, global = true)]
    pub ledgers: Option<PathBuf>,
    /// Key file of the confidential list; the environment variable `WANGLOU_KEY` comes first.
    #[arg(long, global = true)]
    pub key_file: Option<PathBuf>,
    /// Database that keeps the history: a file, or postgres://user@host/database.
    #[arg(long, global = true, value_parser = database_address)]
    pub database: Option<Address>,
    /// Language of what is said.
    #[arg(long, global = true, value_enum, default_value_t = Lang::ZhCn)]
    pub lang: Lang,
}

/// Reads a database's address from the call; a file counts from the current folder.
pub(crate) fn database_address(text: &str) -> Result<Address, AddressError> {
    Address::parse(text, Path::new(""))
}

/// What can be done with ledgers.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Read all ledgers and show what is wrong, by file, row and column, and what will make noise.
    #[command(after_help = "Exit code 2 when a line cannot be used.\n\nExamples:
  wanglou ledger check
  wanglou ledger check --ledgers watchlists --json")]
    Check {
        /// Problems as JSON on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Replace a ledger by a CSV (UTF-8 or GBK) or XLSX file, after showing what would change.
    #[command(
        after_help = "Columns that must not be brought in, such as 身份证号, are refused by name and dropped unread.
The confidential list is sealed.\n\nExamples:
  wanglou ledger import 员工名册.xlsx --as employees --dry-run
  wanglou ledger import confidential.csv --as confidential_terms --yes"
    )]
    Import(import::ImportArgs),
    /// Write a ledger, or all, as CSV or XLSX for Excel and WPS.
    #[command(after_help = "Examples:
  wanglou ledger export terms --xlsx -o 词表.xlsx
  wanglou ledger export all -o backup
  wanglou ledger export confidential_terms --with-confidential -o secret.csv")]
    Export(export::ExportArgs),
    /// The kept states of a ledger, or of all.
    #[command(after_help = "Examples:
  wanglou ledger history
  wanglou ledger history terms")]
    History {
        /// Name of the ledger, such as `terms`.
        name: Option<String>,
    },
    /// Bring a kept state back.
    #[command(after_help = "Example:
  wanglou ledger restore terms 3")]
    Restore(history::RestoreArgs),
}

/// Runs a subcommand and gives its exit code.
///
/// # Errors
/// When the call is wrong or a file cannot be used; the message says which.
pub async fn run(args: &LedgerArgs, places: &Places, clock: &Clock) -> anyhow::Result<u8> {
    let desk =
        Desk::open(args.ledgers.as_deref(), args.key_file.as_deref(), args.database.clone(), places, clock, args.lang)?;
    match &args.command {
        LedgerCommand::Check { json } => check(&desk, *json),
        LedgerCommand::Import(args) => import::run(&desk, args).await,
        LedgerCommand::Export(args) => export::run(&desk, args).await,
        LedgerCommand::History { name } => history::list(&desk, name.as_deref()).await,
        LedgerCommand::Restore(args) => history::restore(&desk, args).await,
    }
}

fn check(desk: &Desk<'_>, as_json: bool) -> anyhow::Result<u8> {
    let loaded = desk.folder.load(None)?;
    let advice = loaded.advice();
    let all: Vec<&Problem> = loaded.problems.iter().chain(&advice).collect();
    if as_json {
        println!("{}", serde_json::json!({ "digest": loaded.digest, "problems": all }));
    } else {
        print_problems(desk.lang, &all);
        summary(desk, &all, loaded.files.len());
    }
    Ok(if all.iter().any(|problem| problem.is_error()) { 2 } else { 0 })
}

fn print_problems(lang: Lang, problems: &[&Problem]) {
    if problems.is_empty() {
        return;
    }
    let mut table = crate::cli::table(&lang.of(["", "问题"], ["", "problem"]));
    for problem in problems {
        let (zh, en) = kind_word(problem.kind);
        table.add_row([lang.of(zh, en), lang.of(&problem.zh, &problem.en)]);
    }
    println!("{table}");
}

fn summary(desk: &Desk<'_>, problems: &[&Problem], files: usize) {
    let count = |kind| problems.iter().filter(|problem| problem.kind == kind).count();
    let (errors, refused) = (count(ProblemKind::Error), count(ProblemKind::Refused));
    let warnings = count(ProblemKind::Warning);
    desk.say(
        format!("已读取{files}张台账：错误{errors}，拒收{refused}，提醒{warnings}"),
        format!("{files} ledgers read: {errors} errors, {refused} refused columns, {warnings} warnings"),
    );
}
