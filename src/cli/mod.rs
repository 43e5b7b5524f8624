//! The command line: talk on standard error, machine output on standard output.
//! Exit 0 done, 1 something in the world failed, 2 the input or the call is wrong.

pub mod backup;
pub mod bench;
pub mod calibration;
pub mod cases;
pub mod check;
pub mod database;
pub mod demo;
pub mod discover;
pub mod docs;
pub mod doctor;
pub mod fingerprint;
pub mod group;
pub mod identify;
pub mod import;
pub mod init;
pub mod installation;
pub mod ledger;
pub mod logging;
pub mod mail;
pub mod monthly;
mod open_files;
pub mod outcomes;
pub mod platform;
mod progress;
pub mod replay;
pub mod report;
pub mod retention;
pub mod scan;
pub mod user;
pub mod verify;
mod words;
pub mod work;

use std::io::IsTerminal;
use std::path::Path;

use clap::{Parser, Subcommand};
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;

use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::daemon::DaemonError;
use crate::ledger::Ledgers;
use crate::model::case::Judgement;
use crate::pipeline::backup::BackupError;
use crate::pipeline::copy::CopyError;
use crate::pipeline::shell::{ShellError, with_marks};
use crate::seal::Key;
use crate::store::StoreError;
use crate::watchlists::Folder;

/// Watchtower of a company group: finds accounts that fly its flag without leave, and leaks, and asks the designated manager.
#[derive(Debug, Parser)]
#[command(
    name = "wanglou",
    version,
    about,
    long_about = None,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 1 something in the world failed, 2 the input or the call is wrong.
WANGLOU_LOG says how much is logged, such as debug.

Examples:
  wanglou demo --once
  wanglou init && wanglou doctor"
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a fictional group's platforms on this machine, scan them for real, file cases and write the letters.
    Demo(demo::DemoArgs),
    /// Begin a new installation: configuration, ledgers to fill in, key.
    Init(init::InitArgs),
    /// Everything a support call would ask, and what to do about it.
    Doctor(doctor::DoctorArgs),
    /// Visit the sources once, judge what they show, file cases and send what is due.
    Scan(scan::ScanArgs),
    /// Run the scheduled daemon until it is stopped.
    Serve(scan::ServeArgs),
    /// Join the workers on a database server: visit and send beside them, until stopped.
    Work(work::WorkArgs),
    /// Try the settings of mail, in force or not.
    Mail(mail::MailArgs),
    /// Show the workers on the database: which live, what each may do, which hosts it visits now.
    Workers(work::WorkersArgs),
    /// Invite people to the console, show who may sign in, shut somebody out.
    User(user::UserArgs),
    /// Judge account and post records as if just seen; store nothing.
    Check(check::CheckArgs),
    /// Who might be behind accounts: candidates only, with their reasons.
    Identify(identify::IdentifyArgs),
    /// Which sites have an account of a name: found, absent or unknown.
    Discover(discover::DiscoverArgs),
    /// Take in account and post records from elsewhere (partner feeds, manual reports).
    Import(import::ImportArgs),
    /// File what a colleague saw, with screenshots.
    Report(report::ReportArgs),
    /// List, show, decide and export cases.
    Cases(cases::CasesArgs),
    /// Show what became of every subject of which something is kept.
    Outcomes(outcomes::OutcomesArgs),
    /// Show how often a lead of each band was confirmed when its case was decided.
    Calibration(calibration::CalibrationArgs),
    /// Write the monthly self-inspection report (自查自纠月报).
    Monthly(monthly::MonthlyArgs),
    /// Judge what was seen before again, with the ledgers of today.
    Replay(replay::ReplayArgs),
    /// Write a backup: database, evidence, ledgers, platform files, sources, configuration.
    Backup(backup::BackupArgs),
    /// Bring a backup back into an empty installation, on either engine.
    Restore(backup::RestoreArgs),
    /// Look at the database, and bring everything from one engine to the other.
    Database(database::DatabaseArgs),
    /// Show what goes next because its time is over, what went, and keep a case for a dispute.
    Retention(retention::RetentionArgs),
    /// Look at HR's ledgers, bring files in and out, go back to an earlier state.
    Ledger(ledger::LedgerArgs),
    /// Check the register of work chat groups, their rosters and remarks; no message is ever read.
    Group(group::GroupArgs),
    /// Enter protected documents, so that passages of them are found. Only keyed hashes are kept.
    Fingerprint(fingerprint::FingerprintArgs),
    /// Show, check and try the files that teach Wanglou to read a kind of site.
    Platform(platform::PlatformArgs),
    /// Measure what the detectors get right on a labelled set.
    Bench(bench::BenchArgs),
    /// Check the evidence chain and the bytes of all evidence.
    Verify(verify::VerifyArgs),
    /// Print the completions of a shell.
    Completions(docs::CompletionsArgs),
    /// Write the manual pages.
    Man(docs::ManArgs),
}

/// Runs a command and gives its exit code.
pub fn run(cli: &Cli) -> anyhow::Result<u8> {
    let clock = Clock::system();
    let global = &cli.global;
    logging::start(
        global.log_json,
        if matches!(cli.command, Command::Serve(_) | Command::Work(_)) { "info" } else { "warn" },
    )?;
    open_files::raise_limit();
    match &cli.command {
        Command::Demo(args) => block_on(demo::run(args)),
        Command::Init(args) => init::run(args),
        Command::Doctor(args) => block_on(doctor::run(args, global, &clock)),
        Command::Scan(args) => block_on(async { scan::run(args, global.open_to_work(&clock).await?).await }),
        Command::Serve(args) => block_on(async { scan::run_daemon(args, global.open_to_work(&clock).await?).await }),
        Command::Work(args) => block_on(work::run(args, global, &clock)),
        Command::Mail(args) => block_on(mail::run(args, global, &clock)),
        Command::Workers(args) => block_on(work::show(args, global, &clock)),
        Command::User(args) => block_on(user::run(args, global, &clock)),
        Command::Check(args) => check::run(args, global, &clock),
        Command::Identify(args) => identify::run(args, global, &clock),
        Command::Discover(args) => block_on_one_thread(discover::run(args, global, &clock)),
        Command::Import(args) => block_on(import::run(args, global, &clock)),
        Command::Report(args) => block_on(report::run(args, global, &clock)),
        Command::Cases(args) => block_on(cases::run(args, global, &clock)),
        Command::Outcomes(args) => block_on(outcomes::run(args, global, &clock)),
        Command::Calibration(args) => block_on(calibration::run(args, global, &clock)),
        Command::Monthly(args) => block_on(monthly::run(args, global, &clock)),
        Command::Replay(args) => block_on(replay::run(args, global, &clock)),
        Command::Backup(args) => block_on(backup::run(args, global, &clock)),
        Command::Restore(args) => block_on(backup::bring_back(args, global)),
        Command::Database(args) => block_on(database::run(args, global, &clock)),
        Command::Retention(args) => block_on(retention::run(args, global, &clock)),
        Command::Ledger(args) => block_on(ledger::run(args, &global.places()?, &clock)),
        Command::Group(args) => block_on(group::run(args, global, &clock)),
        Command::Fingerprint(args) => fingerprint::run(args, global, &clock),
        Command::Platform(args) => block_on(platform::run(args, global, &clock)),
        Command::Bench(args) => bench::run(args),
        Command::Verify(args) => block_on(async {
            let shell = global.open(&clock).await?;
            verify::run(&shell.store, &shell.vault, args, &mut std::io::stdout().lock()).await
        }),
        Command::Completions(args) => docs::completions(args),
        Command::Man(args) => docs::man(args),
    }
}

/// The exit code of a failure: 1 when something in the world failed, 2 when the input or the call is wrong.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    u8::from(!error.chain().any(is_of_the_world)) + 1
}

/// Whether something failed that the caller could not know.
fn is_of_the_world(cause: &(dyn std::error::Error + 'static)) -> bool {
    let of_store = |store: &StoreError| {
        use StoreError::{Held, NoCapture, NoCase, Taken, Transition};
        !matches!(store, NoCase(_) | NoCapture(_) | Transition(_) | Held(_) | Taken(_))
    };
    let of_copy = |copy: &CopyError| match copy {
        CopyError::NotEmpty(_) => false,
        CopyError::Store(store) => of_store(store),
        CopyError::Differs(_) | CopyError::Unsound(_) | CopyError::Vault(_) => true,
    };
    cause.is::<crate::vault::VaultError>()
        || cause.downcast_ref().is_some_and(of_store)
        || cause.downcast_ref().is_some_and(of_copy)
        || match cause.downcast_ref::<BackupError>() {
            Some(BackupError::Copy(copy)) => of_copy(copy),
            Some(BackupError::Store(_) | BackupError::Vault(_) | BackupError::File { .. }) => true,
            _ => false,
        }
        || match cause.downcast_ref::<DaemonError>() {
            Some(DaemonError::Store(_) | DaemonError::Shell(ShellError::Store(_) | ShellError::Vault(_))) => true,
            _ => matches!(cause.downcast_ref(), Some(ShellError::Store(_) | ShellError::Vault(_))),
        }
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

/// For work that waits for the network nearly all the time: no thread has to wake another.
fn block_on_one_thread<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Reads the ledgers of a folder; problems are told on standard error, errors are counted.
pub(crate) fn ledgers_of(folder: &Path, key_file: &Path) -> anyhow::Result<(Ledgers, usize)> {
    let key = Key::from_env_or_file(Some(key_file))?;
    let folder = Folder::open(folder, key.as_ref())?;
    let loaded = folder.load(None)?;
    loaded.problems.iter().for_each(|problem| eprintln!("{}", problem.zh));
    let errors = loaded.problems.iter().filter(|problem| problem.is_error()).count();
    Ok((with_marks(&folder, loaded.ledgers), errors))
}

/// Columns of a table that is written to a file.
const WIDTH_WITHOUT_TERMINAL: u16 = 180;

/// An empty table in the house's style.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .set_header(header);
    if !std::io::stdout().is_terminal() {
        table.set_width(WIDTH_WITHOUT_TERMINAL);
    }
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
