//! `wanglou ledger export`: ledgers for Excel and WPS.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::installation::actor;
use crate::cli::ledger::desk::{Desk, named};
use crate::ledger::definition::{ALL, Ledger};
use crate::ledger::export;
use crate::ledger::lines::{self, Lines};
use crate::ledger::table::Limits;

/// Write a ledger, or all.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Name of the ledger, such as `terms`, or `all`.
    pub name: String,
    /// As a workbook with explanations and drop-downs instead of CSV.
    #[arg(long)]
    pub xlsx: bool,
    /// File to write, `-` for standard output; with `all` the folder to write into.
    #[arg(short, long)]
    pub output: PathBuf,
    /// Write the confidential list too, in plain text. Needs the key; it is noted in the audit.
    #[arg(long)]
    pub with_confidential: bool,
}

pub(super) async fn run(desk: &Desk<'_>, args: &ExportArgs) -> anyhow::Result<u8> {
    if args.name != "all" {
        let ledger = named(&args.name)?;
        let bytes = bytes(desk, args, ledger).await?.with_context(|| format!("there is no {} yet", ledger.name))?;
        put(&args.output, &bytes)?;
        return Ok(0);
    }
    std::fs::create_dir_all(&args.output).with_context(|| format!("{} cannot be made", args.output.display()))?;
    for ledger in ALL.into_iter().filter(|ledger| !ledger.is_confidential || args.with_confidential) {
        let extension = if args.xlsx { "xlsx" } else { "csv" };
        if let Some(bytes) = bytes(desk, args, ledger).await? {
            put(&args.output.join(format!("{}.{extension}", ledger.name)), &bytes)?;
        }
    }
    if !args.with_confidential {
        desk.say(
            "保密词未导出（需要 --with-confidential）",
            "the confidential list was left out (--with-confidential)",
        );
    }
    Ok(0)
}

async fn bytes(desk: &Desk<'_>, args: &ExportArgs, ledger: &'static Ledger) -> anyhow::Result<Option<Vec<u8>>> {
    if ledger.is_confidential {
        check_confidential(desk, args)?;
    }
    let Some(file) = desk.folder.read(ledger)? else { return Ok(None) };
    let (lines, problems) = lines::read(ledger, &file.file, &file.bytes, &Limits::default());
    desk.tell(&problems.into_iter().filter(|problem| problem.is_error()).collect::<Vec<_>>());
    if ledger.is_confidential {
        desk.audit(&desk.entry("ledger.export_confidential", ledger, &actor(), "")).await?;
    }
    written(&lines, args.xlsx).map(Some)
}

fn check_confidential(desk: &Desk<'_>, args: &ExportArgs) -> anyhow::Result<()> {
    if !args.with_confidential {
        bail!("the confidential list leaves only with --with-confidential");
    }
    if desk.key.is_none() {
        bail!("the confidential list needs its key; set WANGLOU_KEY or --key-file");
    }
    Ok(())
}

fn written(lines: &Lines, as_workbook: bool) -> anyhow::Result<Vec<u8>> {
    if as_workbook { Ok(export::xlsx(lines)?) } else { Ok(export::csv(lines)) }
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(std::io::stdout().write_all(bytes)?);
    }
    std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    eprintln!("{}", path.display());
    Ok(())
}
