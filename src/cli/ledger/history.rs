//! `wanglou ledger history` and `restore`: the kept states and the way back.

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::installation::actor;
use crate::cli::ledger::desk::{Desk, must_not_be_of_two, named};
use crate::ledger::definition::Ledger;
use crate::ledger::diff::Diff;
use crate::pipeline::edition::{accept, propose};
use crate::store::{LedgerVersion, Store};

/// Bring a kept state back.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Name of the ledger, such as `terms`.
    pub name: String,
    /// Number of the state, as `wanglou ledger history` shows it.
    #[arg(value_name = "VERSION")]
    pub number: u64,
    /// Who brings it back, for the history. Default: the login name.
    #[arg(long)]
    pub author: Option<String>,
    /// Write without asking.
    #[arg(long)]
    pub yes: bool,
}

async fn store(desk: &Desk<'_>) -> anyhow::Result<Store> {
    desk.existing_store().await?.context("there is no database with a history yet; name one with --database")
}

pub(super) async fn list(desk: &Desk<'_>, name: Option<&str>) -> anyhow::Result<u8> {
    let file = name.map(named).transpose()?.map(Ledger::file_name);
    let kept = store(desk).await?.ledger_versions(file.as_deref()).await?;
    let header =
        desk.lang.of(["台账", "版本", "时间", "作者", "变化"], ["ledger", "version", "time", "author", "change"]);
    let mut table = crate::cli::table(&header);
    for version in &kept {
        table.add_row(row(desk, version));
    }
    println!("{table}");
    Ok(0)
}

fn row(desk: &Desk<'_>, version: &LedgerVersion) -> [String; 5] {
    let diff = version.diff.clone().and_then(|diff| serde_json::from_value::<Diff>(diff).ok());
    let change = diff.map(|diff| desk.lang.of(diff.summary_zh(), diff.summary_en()));
    let name = version.file.trim_end_matches(".csv").to_owned();
    let time = version.at.local(chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M:%S").to_string();
    let author = match version.author.as_str() {
        "" => desk.lang.of("（直接编辑文件）", "(edited in the folder)").to_owned(),
        author => author.to_owned(),
    };
    [name, version.version.to_string(), time, author, change.unwrap_or_default()]
}

pub(super) async fn restore(desk: &Desk<'_>, args: &RestoreArgs) -> anyhow::Result<u8> {
    let ledger = named(&args.name)?;
    must_not_be_of_two(ledger)?;
    let file = ledger.file_name();
    let bytes = store(desk).await?.ledger_bytes(&file, args.number).await?;
    let bytes = bytes.with_context(|| format!("there is no state {} of {}", args.number, ledger.name))?;
    let history = desk.store().await?;
    let proposal = propose(&desk.folder, history.as_ref(), ledger, &file, &bytes).await?.as_kept(bytes);
    // A state that was in force with errors, or no longer fits the companies of today, is not brought back.
    if proposal.has_errors() {
        desk.tell(&proposal.problems);
        bail!("that state has errors; nothing was written");
    }
    desk.say(format!("将恢复 {file} 的版本{}", args.number), format!("version {} of {file} comes back", args.number));
    if !desk.is_agreed(args.yes)? {
        return Ok(0);
    }
    let author = args.author.clone().unwrap_or_else(actor);
    let entry = desk.entry("ledger.restore", ledger, &author, &format!("version {}", args.number));
    accept(&desk.folder, history.as_ref(), &proposal, &entry).await?;
    desk.say(format!("已恢复 {file}"), format!("{file} was restored"));
    Ok(0)
}
