//! `wanglou ledger import`: a file of HR's takes the place of a ledger, after a preview.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::cli::installation::actor;
use crate::cli::ledger::{Desk, named};
use crate::ledger::definition::Ledger;
use crate::ledger::diff::{Change, ChangedCell, Diff, diff};
use crate::ledger::lines::{self, Lines};
use crate::ledger::number::number_lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::ledger::table::Limits;
use crate::ledger::{export, lint, read_files};
use crate::watchlists::{Folder, LedgerFile, SEALED_FILE, versions};

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
    let file = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (mut lines, problems) = lines::read(ledger, &file, &read_limited(&args.file)?, &Limits::default());
    let numbered = number_lines(&mut lines, &taken_numbers(desk).await?);
    if numbered > 0 {
        desk.say(format!("{numbered}条没有编号，已自动编号"), format!("{numbered} lines had no number and got one"));
    }
    let author = args.author.clone().unwrap_or_else(actor);
    replace(desk, lines, problems, &Request { args, author }).await
}

/// Numbers of terms that are or ever were in either list, as far as the history goes.
async fn taken_numbers(desk: &Desk<'_>) -> anyhow::Result<Vec<String>> {
    let loaded = desk.folder.load(None)?;
    let lists = ["terms", "confidential_terms"].into_iter().filter_map(|name| loaded.lines.get(name));
    let mut taken: Vec<String> = lists.flat_map(|lines| lines.rows.iter().map(|line| lines.key(line))).collect();
    let Some(store) = desk.existing_store().await? else { return Ok(taken) };
    for file in ["terms.csv", "confidential_terms.csv"] {
        let diffs = store.ledger_versions(Some(file)).await?.into_iter().filter_map(|version| version.diff);
        let diffs = diffs.filter_map(|diff| serde_json::from_value::<Diff>(diff).ok());
        taken.extend(diffs.flat_map(|diff| diff.added).map(|entry| entry.key));
    }
    Ok(taken)
}

pub(in crate::cli) struct Request<'a> {
    pub(in crate::cli) args: &'a ImportArgs,
    pub(in crate::cli) author: String,
}

/// Puts lines in the place of a ledger, after a trial of the whole folder and a preview.
pub(in crate::cli) async fn replace(
    desk: &Desk<'_>,
    lines: Lines,
    mut problems: Vec<Problem>,
    request: &Request<'_>,
) -> anyhow::Result<u8> {
    let ledger = lines.ledger;
    let current = desk.folder.read(ledger)?;
    problems.extend(trial(&desk.folder, &lines)?);
    desk.tell(&problems);
    if problems.iter().any(Problem::is_error) {
        desk.say("有错误，没有写入任何内容", "there are errors; nothing was written");
        return Ok(2);
    }
    let before = current.as_ref().map_or_else(|| Lines::empty(ledger), |file| lines_of(ledger, file));
    let diff = diff(&before, &lines);
    show(desk, &diff);
    let is_settled = diff.is_empty() && !needs_sealing(ledger, current.as_ref());
    if is_settled {
        desk.say("与现有台账相同，无需写入", "the ledger is the same already; nothing was written");
    }
    if is_settled || request.args.dry_run || !is_agreed(desk, request.args.yes)? {
        return Ok(0);
    }
    write(desk, &lines, current.as_ref(), request).await?;
    Ok(0)
}

fn lines_of(ledger: &'static Ledger, file: &LedgerFile) -> Lines {
    lines::read(ledger, &file.file, &file.bytes, &Limits::default()).0
}

fn needs_sealing(ledger: &Ledger, current: Option<&LedgerFile>) -> bool {
    ledger.is_confidential && current.is_some_and(|file| file.file != SEALED_FILE)
}

/// Reads the folder as it would be, and gives the problems and advice of the new file.
fn trial(folder: &Folder, lines: &Lines) -> anyhow::Result<Vec<Problem>> {
    let name = lines.ledger.file_name();
    let mut files: BTreeMap<String, Vec<u8>> =
        folder.load(None)?.lines.values().map(|other| (other.ledger.file_name(), export::csv(other))).collect();
    files.insert(name.clone(), export::csv(lines));
    let reading = read_files(&files);
    let advice = lint::lint(&reading.ledgers, &reading.lines);
    let mut problems: Vec<Problem> =
        reading.problems.into_iter().chain(advice).filter(|problem| problem.file == name).collect();
    // Unknown columns were named when the file itself was read.
    problems.retain(|problem| problem.row.is_some() || problem.kind == ProblemKind::Error || problem.column.is_none());
    problems.iter_mut().for_each(|problem| at_home(problem, lines));
    Ok(problems)
}

/// Gives a problem of the trial the file name and row of the file that HR handed in.
fn at_home(problem: &mut Problem, lines: &Lines) {
    let row = problem.row.and_then(|row| lines.rows.get((row as usize).checked_sub(2)?)).map(|line| line.row);
    let name = lines.ledger.file_name();
    if let (Some(trial), Some(real)) = (problem.row, row) {
        problem.zh = problem.zh.replacen(&format!("第{trial}行"), &format!("第{real}行"), 1);
        problem.en = problem.en.replacen(&format!("row {trial}"), &format!("row {real}"), 1);
        problem.row = Some(real);
    }
    problem.zh = problem.zh.replacen(&name, &lines.file, 1);
    problem.en = problem.en.replacen(&name, &lines.file, 1);
    problem.file = lines.file.clone();
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

pub(super) fn is_agreed(desk: &Desk<'_>, yes: bool) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("nobody is here to agree; look at the preview and call again with --yes");
    }
    eprint!("{}", desk.lang.of("写入？[y/N] ", "write? [y/N] "));
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}

async fn write(
    desk: &Desk<'_>,
    lines: &Lines,
    current: Option<&LedgerFile>,
    request: &Request<'_>,
) -> anyhow::Result<()> {
    let ledger = lines.ledger;
    keep_history(desk, "").await?;
    desk.folder.write(ledger, &export::csv(lines), current)?;
    keep_history(desk, &request.author).await?;
    desk.audit("ledger.import", ledger, &request.author, "").await?;
    if ledger.is_confidential {
        told_sealed(desk, &request.args.file);
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

/// Keeps what is in force in the history. Without author it is a state that somebody made outside of this command.
pub(super) async fn keep_history(desk: &Desk<'_>, author: &str) -> anyhow::Result<()> {
    let Some(store) = desk.store().await? else { return Ok(()) };
    versions::keep(&store, &desk.folder.load(None)?, author, desk.clock.now()).await?;
    Ok(())
}

fn read_limited(path: &Path) -> anyhow::Result<Vec<u8>> {
    let limit = Limits::default().file_bytes as u64;
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(bytes)
}
