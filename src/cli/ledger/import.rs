//! `wanglou ledger import`: a file of HR's takes the place of a ledger, after a preview.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::cli::installation::actor;
use crate::cli::ledger::desk::{Desk, must_not_be_of_two, named};
use crate::ledger::diff::{Change, ChangedCell, Diff};
use crate::ledger::table::Limits;
use crate::pipeline::edition::{Proposal, accept, propose};

/// Lines of each kind that a preview shows.
const SHOWN: usize = 20;
/// Characters of a cell that a preview shows.
const CELL_CHARS: usize = 30;

/// Replace a ledger by a file.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// CSV (UTF-8 or GBK) or XLSX file.
    pub file: PathBuf,
    /// The ledger it becomes, such as `terms` or `employees`.
    #[arg(long = "as", value_name = "NAME")]
    pub ledger: String,
    /// Who changes it, for the history. Default: the login name.
    #[arg(long)]
    pub author: Option<String>,
    /// Write without asking.
    #[arg(long)]
    pub yes: bool,
    /// Show what would change and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Exit code 2 when the file has an error; nothing is written then.
pub(super) async fn run(desk: &Desk<'_>, args: &ImportArgs) -> anyhow::Result<u8> {
    let ledger = named(&args.ledger)?;
    must_not_be_of_two(ledger)?;
    let file = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let history = desk.existing_store().await?;
    let proposal = propose(&desk.folder, history.as_ref(), ledger, &file, &read_limited(&args.file)?).await?;
    let numbered = proposal.numbered;
    if numbered > 0 {
        desk.say(format!("{numbered}条没有编号，已自动编号"), format!("{numbered} lines had no number and got one"));
    }
    settle(desk, &proposal, args).await
}

/// Tells what was proposed; writes it where it has no errors and somebody agrees.
pub(in crate::cli) async fn settle(desk: &Desk<'_>, proposal: &Proposal, args: &ImportArgs) -> anyhow::Result<u8> {
    desk.tell(&proposal.problems);
    if proposal.has_errors() {
        desk.say("有错误，没有写入任何内容", "there are errors; nothing was written");
        return Ok(2);
    }
    show(desk, &proposal.diff);
    if proposal.is_settled() {
        desk.say("与现有台账相同，无需写入", "the ledger is the same already; nothing was written");
    }
    if proposal.is_settled() || args.dry_run || !desk.is_agreed(args.yes)? {
        return Ok(0);
    }
    write(desk, proposal, args).await?;
    Ok(0)
}

fn show(desk: &Desk<'_>, diff: &Diff) {
    desk.say(diff.summary_zh(), diff.summary_en());
    let lines = |sign: &str, keys: Vec<String>| {
        keys.iter().take(SHOWN).for_each(|key| eprintln!("  {sign} {key}"));
        if keys.len() > SHOWN {
            eprintln!("  {sign} … {}", keys.len());
        }
    };
    lines("+", diff.added.iter().map(|entry| entry.key.clone()).collect());
    lines("-", diff.removed.iter().map(|entry| entry.key.clone()).collect());
    let cells = |change: &Change| change.cells.iter().map(cell_text).collect::<Vec<_>>().join("；");
    lines("~", diff.changed.iter().map(|change| format!("{}：{}", change.key, cells(change))).collect());
}

/// `严重度 高 → 中`; the header alone where the content is secret.
fn cell_text(cell: &ChangedCell) -> String {
    let short = |text: &str| text.chars().take(CELL_CHARS).collect::<String>();
    match (&cell.before, &cell.after) {
        (Some(before), Some(after)) => format!("{} {} → {}", cell.column, short(before), short(after)),
        _ => cell.column.clone(),
    }
}

async fn write(desk: &Desk<'_>, proposal: &Proposal, args: &ImportArgs) -> anyhow::Result<()> {
    let ledger = proposal.lines.ledger;
    let author = args.author.clone().unwrap_or_else(actor);
    accept(&desk.folder, desk.store().await?.as_ref(), proposal, &desk.entry("ledger.import", ledger, &author, ""))
        .await?;
    if ledger.is_confidential {
        told_sealed(desk, &args.file);
    } else {
        desk.say(format!("已写入 {}", ledger.file_name()), format!("{} was written", ledger.file_name()));
    }
    Ok(())
}

fn told_sealed(desk: &Desk<'_>, source: &Path) {
    desk.say(
        "保密词已加密保存为 confidential_terms.sealed，台账文件夹中不留明文",
        "the confidential list was sealed as confidential_terms.sealed; no plain copy stays in the folder",
    );
    if source.exists() {
        let source = source.display();
        desk.say(
            format!("请删除导入用的明文文件 {source}"),
            format!("delete the plain file {source} that you imported"),
        );
    }
}

/// A file that is handed in, cut off behind the size that a ledger may have.
pub(in crate::cli) fn read_limited(path: &Path) -> anyhow::Result<Vec<u8>> {
    let limit = Limits::default().file_bytes as u64;
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(bytes)
}
