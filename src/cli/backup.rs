//! `wanglou backup` and `wanglou restore`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::installation::{Global, audit};
use crate::clock::Clock;
use crate::config::Config;
use crate::pipeline::backup::{Belongings, Manifest, Restored, backup, check, restore, restore_configuration};
use crate::pipeline::copy::Facts;

/// Write a backup: database, evidence, ledgers, platform files, sources, configuration. The daemon may go on working.
#[derive(Debug, Args)]
#[command(
    after_help = "A backup is a folder with a manifest and SHA256SUMS, which `sha256sum --check SHA256SUMS` verifies too. What the key seals stays
sealed in it. Keep the key elsewhere; with --with-key it lies in the backup, and whoever has the backup can read everything.

Examples:
  wanglou backup --to /backup/wanglou-2026-11-25
  wanglou backup --check /backup/wanglou-2026-11-25"
)]
pub struct BackupArgs {
    /// Folder to make.
    #[arg(long, value_name = "FOLDER", required_unless_present = "check")]
    pub to: Option<PathBuf>,
    /// Put the key's file into the backup as well.
    #[arg(long)]
    pub with_key: bool,
    /// Read an existing backup through and verify it, instead of making one.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["to", "with_key"])]
    pub check: Option<PathBuf>,
    /// The manifest as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Bring a backup back into an empty installation, on either engine.
#[derive(Debug, Args)]
#[command(
    after_help = "Where there is no configuration file yet, that of the backup is put there first. Files that lie in the way are left alone.
To move to another engine, write the configuration with the new database.url before.

Examples:
  wanglou restore /backup/wanglou-2026-11-25
  wanglou --config /srv/wanglou/wanglou.toml restore /backup/wanglou-2026-11-25"
)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(value_name = "FOLDER")]
    pub from: PathBuf,
    /// The manifest as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

fn told(table: &str, rows: u64) {
    eprintln!("{table}: {rows}");
}

/// Makes or verifies a backup.
pub async fn run(args: &BackupArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let manifest = match (&args.check, &args.to) {
        (Some(folder), _) => check(folder)?,
        (None, Some(to)) => make(args, to, global, clock).await?,
        (None, None) => anyhow::bail!("name the folder with --to"),
    };
    say(&manifest, args.json)?;
    Ok(wrong(&manifest.problems))
}

/// Names what is wrong with the evidence; gives the exit code.
pub(crate) fn wrong<P: std::fmt::Display>(problems: &[P]) -> u8 {
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    if !problems.is_empty() {
        eprintln!("the evidence was not sound before: everything else is whole, and this is as it was");
    }
    u8::from(!problems.is_empty())
}

async fn make(args: &BackupArgs, to: &std::path::Path, global: &Global, clock: &Clock) -> anyhow::Result<Manifest> {
    let shell = global.open(clock).await?;
    let config_file = global.config_file();
    let belongings = Belongings { config: &shell.config, config_file, with_key: args.with_key };
    let facts = Facts { store: &shell.store, vault: &shell.vault };
    let manifest = backup(facts, belongings, to, clock.now(), &told).await?;
    audit(&shell, "backup.make", &manifest.chain.head, &format!("{} links", manifest.chain.links)).await?;
    if args.with_key {
        eprintln!("the key lies in the backup: whoever has the backup can read everything in it");
    } else {
        eprintln!("the key is not in the backup: keep {} elsewhere", shell.config.paths.key_file.display());
    }
    Ok(manifest)
}

fn say(manifest: &Manifest, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        println!("{}", serde_json::to_string(manifest)?);
        return Ok(());
    }
    let rows: u64 = manifest.tables.values().map(|tally| tally.rows).sum();
    println!(
        "{rows} rows of {} tables, {} objects, {} links, made at {}: every byte is the one that was written",
        manifest.tables.len(),
        manifest.objects,
        manifest.chain.links,
        manifest.made_at,
    );
    println!("end of the chain, to be written down elsewhere: {}", manifest.chain.head);
    Ok(())
}

/// Brings a backup back.
pub async fn bring_back(args: &RestoreArgs, global: &Global) -> anyhow::Result<u8> {
    check(&args.from)?;
    let file = global.config_file();
    if !file.exists() {
        restore_configuration(&args.from, file)?;
        eprintln!("{} was put back", file.display());
    }
    let Restored { manifest, files, left_alone, problems } = restore(&args.from, &Config::read(file)?, &told).await?;
    files.iter().for_each(|file| eprintln!("{} was put back", file.display()));
    left_alone.iter().for_each(|file| eprintln!("{} is another one and was left alone", file.display()));
    say(&manifest, args.json)?;
    eprintln!("look at it with `wanglou verify` and `wanglou doctor` before you start the daemon");
    Ok(wrong(&problems))
}
