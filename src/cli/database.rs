//! `wanglou database`: from one engine to the other, and what is in it.

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::backup::wrong;
use crate::cli::installation::{Global, audit};
use crate::cli::ledger::database_address;
use crate::clock::Clock;
use crate::jobs::DaemonLock;
use crate::pipeline::copy::{Facts, copy};
use crate::store::{Address, Store};
use crate::vault::Vault;

/// Look at the database, and bring everything from one engine to the other.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou database status
  wanglou database copy --to postgres://wanglou@db.example/wanglou")]
pub struct DatabaseArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DatabaseCommand,
}

/// What can be done with the database.
#[derive(Debug, Subcommand)]
pub enum DatabaseCommand {
    /// Bring everything, evidence included, into another database, which must be empty; counts and chain are checked.
    #[command(
        after_help = "Stop the daemon and all workers first. Afterwards set database.url to the new address. A password of the new server comes
from the environment variable PGPASSWORD.

Examples:
  wanglou database copy --to postgres://wanglou@db.example/wanglou
  wanglou --config served.toml database copy --to /srv/wanglou/store/wanglou.db"
    )]
    Copy(CopyArgs),
    /// Where the database is, its schema, and what its tables hold.
    #[command(after_help = "Examples:
  wanglou database status
  wanglou database status --json")]
    Status {
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
    },
}

/// Where to copy to.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// postgres://user@host/database, or a file. The evidence lies in the database on a server, in `vault` of paths.store otherwise.
    #[arg(long, value_name = "URL", value_parser = database_address)]
    pub to: Address,
    /// The counts as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs a subcommand.
pub async fn run(args: &DatabaseArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    match &args.command {
        DatabaseCommand::Copy(args) => bring_over(args, global, clock).await,
        DatabaseCommand::Status { json } => status(*json, global).await,
    }
}

async fn bring_over(args: &CopyArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let _lock = DaemonLock::of(&global.config()?.database()?)?;
    let shell = global.open(clock).await?;
    let at_work = shell.store.workers(clock.now()).await?.iter().filter(|worker| worker.ended.is_none()).count();
    if at_work > 0 && shell.store.is_on_server() {
        bail!("{at_work} workers are at work on the database: stop them first (`wanglou workers` shows them)");
    }
    let target = Store::open_at(&args.to).await?;
    let vault = match args.to.file() {
        // Where the installation looks for it once database.url names the file.
        Some(_) => Vault::beside(&target, &shell.config.vault(), None)?,
        None => Vault::in_database(&target, None),
    };
    let from = Facts { store: &shell.store, vault: &shell.vault };
    let told = |table: &str, rows: u64| eprintln!("{table}: {rows}");
    let copied = copy(from, Facts { store: &target, vault: &vault }, &told).await?;
    target.close().await;
    audit(&shell, "database.copy", &copied.chain.head, &format!("{} links", copied.chain.links)).await?;
    if args.json {
        println!("{}", json!({"tables": copied.tables, "objects": copied.objects, "chain": copied.chain}));
    }
    eprintln!("everything is in {}; counts and chain agree. Set database.url to it now", args.to);
    Ok(wrong(&copied.problems))
}

async fn status(as_json: bool, global: &Global) -> anyhow::Result<u8> {
    let address = global.config()?.database()?;
    if address.file().is_some_and(|file| !file.exists()) {
        bail!("{address} is not there yet; the first scan makes it");
    }
    let store = Store::open_at(&address).await?;
    let mut snapshot = store.snapshot().await?;
    let (tables, chain, schema) =
        (snapshot.tallies().await?, snapshot.chain_end().await?, store.schema_version().await?);
    if as_json {
        println!("{}", json!({"address": address.to_string(), "schema": schema, "tables": tables, "chain": chain}));
        return Ok(0);
    }
    println!("{address}, schema {schema}, {} links ending in {}", chain.links, chain.head);
    let mut table = crate::cli::table(&["table", "rows"]);
    for (name, tally) in &tables {
        table.add_row([name.clone(), tally.rows.to_string()]);
    }
    println!("{table}");
    Ok(0)
}
