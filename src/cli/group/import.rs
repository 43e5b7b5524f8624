//! `wanglou group import`: a member list takes the place of a group's roster, after a preview.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::cli::installation::Places;
use crate::cli::ledger::desk::{Desk, Lang};
use crate::cli::ledger::import::{ImportArgs as LedgerImportArgs, read_limited, settle};
use crate::clock::Clock;
use crate::groups::member_list::{self, Export, Source};
use crate::groups::writings::Writings;
use crate::ledger::group_rosters::GROUP_ROSTERS;
use crate::ledger::lines::Lines;
use crate::ledger::problem::{Problem, ProblemKind};
use crate::pipeline::edition::propose_lines;

/// Problems that one call tells at most.
const PROBLEMS_TOLD: usize = 100;

/// Replace a group's roster by a member list.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// CSV (UTF-8 or GBK) or XLSX file, or a text with one member a line.
    pub file: PathBuf,
    /// The group, by its number in the register.
    #[arg(long, value_name = "ID")]
    pub group: String,
    /// Whose export it is. Default: that of the group's platform.
    #[arg(long, value_enum)]
    pub platform: Option<ExportName>,
    /// Who changes it, for the history. Default: the login name.
    #[arg(long)]
    pub author: Option<String>,
    /// Write; without it the call only says what would change.
    #[arg(long)]
    pub confirm: bool,
}

/// The platforms whose exports are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportName {
    /// 钉钉
    Dingtalk,
    /// 企业微信
    Wecom,
}

/// Exit code 2 when the file cannot be the group's member list; nothing is written then.
pub(super) async fn run(
    args: &ImportArgs,
    ledgers: Option<&Path>,
    places: &Places,
    clock: &Clock,
) -> anyhow::Result<u8> {
    let desk = Desk::open(ledgers, None, None, places, clock, Lang::ZhCn)?;
    let loaded = desk.folder.load(None)?;
    let group = loaded.ledgers.groups.iter().find(|group| group.id.as_str() == args.group.trim());
    let group = group.with_context(|| format!("there is no group {} in the register", args.group))?;
    let export = match args.platform {
        Some(ExportName::Dingtalk) => Export::DingTalk,
        Some(ExportName::Wecom) => Export::WeCom,
        None => Export::of_platform(&group.platform),
    };
    let file = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = read_limited(&args.file)?;
    let source = Source { file: &file, bytes: &bytes, export, group };
    let (listed, mut problems) = member_list::read(source);
    let rosters = loaded.lines.get(GROUP_ROSTERS.name).cloned();
    let rosters = rosters.unwrap_or_else(|| Lines::empty(&GROUP_ROSTERS));
    if listed.is_empty() {
        desk.tell(&first_of(problems, &file));
        desk.say("没有读到任何成员，没有写入任何内容", "no member was read; nothing was written");
        return Ok(2);
    }
    problems.extend(member_list::doubts(source, &listed, &rosters, &Writings::of(&loaded.ledgers)));
    let lines = member_list::replaced(&rosters, source, &listed);
    let import = LedgerImportArgs {
        file: args.file.clone(),
        ledger: GROUP_ROSTERS.name.to_owned(),
        author: args.author.clone(),
        yes: true,
        dry_run: !args.confirm,
    };
    let history = desk.existing_store().await?;
    let proposal = propose_lines(&desk.folder, history.as_ref(), lines, first_of(problems, &file)).await?;
    let code = settle(&desk, &proposal, &import).await?;
    if code == 0 && !args.confirm {
        desk.say("这是预览；加 --confirm 写入", "this is a preview; call again with --confirm to write");
    }
    Ok(code)
}

/// Problems that one call tells, errors first, in the order of the rows.
fn first_of(mut problems: Vec<Problem>, file: &str) -> Vec<Problem> {
    problems.sort_by_key(|problem| (!problem.is_error(), problem.row));
    let left = problems.len().saturating_sub(PROBLEMS_TOLD);
    problems.truncate(PROBLEMS_TOLD);
    let (zh, en) = (format!("另有{left}处问题没有列出"), format!("has {left} more problems that are not listed"));
    problems.extend((left > 0).then(|| Problem::of_file(ProblemKind::Warning, file, zh, en)));
    problems
}
