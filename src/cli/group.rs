//! `wanglou group`: check the register of work chat groups, say how a remark should be written, take in member lists,
//! show what leavers still hold. No message of any group is read.

mod import;

use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::check::parse_instant;
use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::groups::leavers::{Holding, Leaver, sweep};
use crate::groups::notices::Notice;
use crate::groups::overview::Overview;
use crate::groups::own_accounts;
use crate::groups::register::{self, Checked};
use crate::groups::remark::{Remark, RemarkVerdict};
use crate::groups::writings::Writings;
use crate::ledger::Ledgers;
use crate::ledger::problem::Problem;
use crate::model::group::RegisterFinding;
use crate::model::time::Timestamp;
use crate::watchlists::Folder;

/// The ledgers from which everything here follows.
const ASKED: [&str; 6] = ["companies", "employees", "groups", "group_rosters", "official_accounts", "exemptions"];
/// Bytes of remarks on standard input that are read at most.
const REMARKS_BYTES_MAX: u64 = 16 << 20;

/// Check the register of work chat groups and its rosters; no message is ever read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou group check
  wanglou group remark 星河科技-市场部-林知远
  wanglou group import 成员.xlsx --group G901
  wanglou group leavers")]
pub struct GroupArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: GroupCommand,
    /// Folder of the ledgers. Default: that of the configuration, else `watchlists`.
    #[arg(long, value_name = "DIR", global = true)]
    pub ledgers: Option<PathBuf>,
}

/// What can be done with groups.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// What the rules say of every group and its members, and of official accounts and exemptions.
    #[command(
        after_help = "With --jsonl one finding a line: group, rule, clause, member, emp, why. Reminders have `reminder` and `until`
in the place of a rule. Exit code 2 when a line of a ledger could not be used.

Examples:
  wanglou group check
  wanglou group check --ledgers watchlists --at 2026-11-20T18:00:00+08:00 --jsonl > groups.jsonl
  wanglou group check --registers --jsonl > registers.jsonl"
    )]
    Check(CheckArgs),
    /// Whether a member's remark will do, what is wrong with it, and how to write it.
    #[command(after_help = "Examples:
  wanglou group remark 星河科技-市场部-林知远 市场部-林知远
  wanglou group remark --jsonl < remarks.txt")]
    Remark(RemarkArgs),
    /// Replace a group's roster by a member list: an export of DingTalk or WeCom, or one member a line.
    #[command(
        after_help = "Without --confirm it only says what would change. Rows that cannot be read are named and left out.

Examples:
  wanglou group import 群成员导出.xlsx --group G901 --platform dingtalk
  wanglou group import members.txt --group G901 --confirm"
    )]
    Import(import::ImportArgs),
    /// What people who have left still hold: places in groups, groups, official accounts, exemptions.
    #[command(after_help = "Examples:
  wanglou group leavers
  wanglou group leavers --at 2026-11-20T18:00:00+08:00 --jsonl > leavers.jsonl")]
    Leavers(LeaversArgs),
    /// What should be written to whom: help for owners, what heads of companies should settle, a page for each company.
    #[command(after_help = "Nothing is sent and nothing is stored.

Examples:
  wanglou group notices
  wanglou group notices --to XH0001
  wanglou group notices --jsonl > notices.jsonl")]
    Notices(NoticesArgs),
}

/// Check the register.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Instant of the check, RFC 3339. Default: now.
    #[arg(long, value_parser = parse_instant)]
    pub at: Option<Timestamp>,
    /// The registers of official accounts and exemptions instead of the groups.
    #[arg(long)]
    pub registers: bool,
    /// One JSON object a finding on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// Look at remarks.
#[derive(Debug, Args)]
pub struct RemarkArgs {
    /// Remarks as they stand in the group; without any, standard input has one a line.
    pub remarks: Vec<String>,
    /// Code of the company whose group it is: helps with a remark that names no company.
    #[arg(long, value_name = "CODE")]
    pub company: Option<String>,
    /// One JSON object a remark on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// Show what leavers hold.
#[derive(Debug, Args)]
pub struct LeaversArgs {
    /// Instant of the sweep, RFC 3339. Default: now.
    #[arg(long, value_parser = parse_instant)]
    pub at: Option<Timestamp>,
    /// One JSON object a leaver on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// Show notices.
#[derive(Debug, Args)]
pub struct NoticesArgs {
    /// Only those for this employee number.
    #[arg(long, value_name = "ID")]
    pub to: Option<String>,
    /// Instant of the check, RFC 3339. Default: now.
    #[arg(long, value_parser = parse_instant)]
    pub at: Option<Timestamp>,
    /// One JSON object a notice on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// Runs the command and gives its exit code.
pub async fn run(args: &GroupArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    if let GroupCommand::Import(import) = &args.command {
        return import::run(import, args.ledgers.as_deref(), &global.places()?, clock).await;
    }
    let config = global.config_or_default()?;
    let folder = args.ledgers.as_ref().unwrap_or(&config.paths.watchlists);
    let (ledgers, bad_lines) = ledgers_of(folder)?;
    let day = |at: Option<Timestamp>| at.unwrap_or_else(|| clock.now()).date(config.group.time_zone);
    let code = match &args.command {
        GroupCommand::Check(args) if args.registers => registers(args, &ledgers, day(args.at))?,
        GroupCommand::Check(args) => {
            check(args, &register::check(&ledgers, config.policy, day(args.at)), &ledgers, day(args.at))?
        }
        GroupCommand::Remark(args) => remarks(args, &ledgers)?,
        GroupCommand::Leavers(args) => leavers(args, &sweep(&ledgers, day(args.at)))?,
        GroupCommand::Notices(args) => {
            let day = day(args.at);
            show_notices(args, &Overview::of(&ledgers, config.policy, day).notices)?
        }
        GroupCommand::Import(_) => 0,
    };
    Ok(if bad_lines > 0 { 2 } else { code })
}

/// The ledgers of the folder; problems of those that are asked here are told on standard error, errors counted.
fn ledgers_of(folder: &Path) -> anyhow::Result<(Ledgers, usize)> {
    let loaded = Folder::open(folder, None)?.load(None)?;
    let is_asked =
        |problem: &&Problem| ASKED.iter().any(|name| problem.file.rsplit_once('.').is_some_and(|f| f.0 == *name));
    let problems: Vec<&Problem> = loaded.problems.iter().filter(is_asked).collect();
    problems.iter().for_each(|problem| eprintln!("{}", problem.zh));
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    Ok((loaded.ledgers, errors))
}

fn check(args: &CheckArgs, checked: &Checked, ledgers: &Ledgers, day: NaiveDate) -> anyhow::Result<u8> {
    for group in &checked.unregistered {
        eprintln!("group_rosters.csv 有群 {group} 的成员表，群组台账没有登记这个群");
    }
    if args.jsonl {
        let findings = checked.findings.iter().map(|finding| json!(finding));
        print_lines(findings.chain(checked.reminders.iter().map(|reminder| json!(reminder))))?;
        return Ok(0);
    }
    let mut table = crate::cli::table(&["群", "规则", "条款", "成员", "工号", "说明"]);
    for finding in &checked.findings {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        table.add_row([
            finding.group.to_string(),
            finding.rule.to_string(),
            finding.rule.clause().to_owned(),
            text(finding.member.as_deref()),
            text(finding.employee.as_ref().map(|id| id.as_str())),
            finding.why.zh.clone(),
        ]);
    }
    for reminder in &checked.reminders {
        table.add_row([reminder.group.as_str(), "提醒", "", "", "", &reminder.what.zh]);
    }
    println!("{table}");
    let of_registers = own_accounts::check(ledgers, day);
    if !of_registers.is_empty() {
        print_registers(&of_registers);
    }
    eprintln!(
        "{}个群：{}条需要处理，{}条提醒；官方账号和豁免台账{}条",
        ledgers.groups.len(),
        checked.findings.len(),
        checked.reminders.len(),
        of_registers.iter().filter(|finding| finding.remind).count()
    );
    Ok(0)
}

fn registers(args: &CheckArgs, ledgers: &Ledgers, day: NaiveDate) -> anyhow::Result<u8> {
    let findings = own_accounts::check(ledgers, day);
    if args.jsonl {
        print_lines(findings.iter().map(|finding| json!(finding)))?;
    } else {
        print_registers(&findings);
    }
    Ok(0)
}

fn print_registers(findings: &[RegisterFinding]) {
    let mut table = crate::cli::table(&["台账编号", "规则", "公司", "提醒", "说明"]);
    for finding in findings {
        let remind = if finding.remind { "是" } else { "否" };
        table.add_row([&finding.ledger, finding.rule.as_str(), finding.company.as_str(), remind, &finding.why.zh]);
    }
    println!("{table}");
}

fn remarks(args: &RemarkArgs, ledgers: &Ledgers) -> anyhow::Result<u8> {
    let writings = Writings::of(ledgers);
    let home = match &args.company {
        Some(code) => Some(
            writings.company_number(&code.as_str().into()).with_context(|| format!("there is no company {code}"))?,
        ),
        None => None,
    };
    let texts = if args.remarks.is_empty() { read_remarks()? } else { args.remarks.clone() };
    let read: Vec<(String, Remark)> =
        texts.into_iter().map(|text| (text.clone(), Remark::read(&writings, &text, home))).collect();
    if args.jsonl {
        print_lines(read.iter().map(|(text, remark)| remark_json(&writings, text, remark)))?;
    } else {
        print_remarks(&writings, &read);
    }
    Ok(0)
}

fn read_remarks() -> anyhow::Result<Vec<String>> {
    if std::io::stdin().is_terminal() {
        bail!("name a remark, or give one a line on standard input");
    }
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(REMARKS_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .context("standard input is no text")?;
    if text.len() as u64 > REMARKS_BYTES_MAX {
        bail!("standard input is larger than {REMARKS_BYTES_MAX} bytes: split it");
    }
    let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(str::to_owned).collect())
}

/// The three elements as the ledger of remarks writes them: code, department, name.
fn elements(writings: &Writings<'_>, remark: &Remark) -> [String; 3] {
    [
        remark.company.map(|number| writings.company(number).code.to_string()).unwrap_or_default(),
        remark.department.map(|number| writings.department(number).to_owned()).unwrap_or_default(),
        remark.name.map(|number| writings.employee(number).name.clone()).unwrap_or_default(),
    ]
}

fn remark_json(writings: &Writings<'_>, text: &str, remark: &Remark) -> serde_json::Value {
    let [company, department, name] = elements(writings, remark);
    let notes: Vec<String> = remark.notes.iter().map(|note| note.zh(writings)).collect();
    let advice = (remark.verdict() != RemarkVerdict::Good).then(|| remark.advice(writings));
    json!({
        "remark": text, "verdict": remark.verdict().zh(), "company": company, "department": department, "name": name,
        "emp": remark.person.map(|number| writings.employee(number).id.clone()), "notes": notes, "write": advice,
    })
}

fn print_remarks(writings: &Writings<'_>, read: &[(String, Remark)]) {
    let mut table = crate::cli::table(&["备注", "是否合格", "公司", "部门", "姓名", "原因", "请写成"]);
    for (text, remark) in read {
        let [company, department, name] = elements(writings, remark);
        let notes: Vec<String> = remark.notes.iter().map(|note| note.zh(writings)).collect();
        let is_good = remark.verdict() == RemarkVerdict::Good;
        let advice = if is_good { String::new() } else { remark.advice(writings) };
        let verdict = remark.verdict().zh().to_owned();
        table.add_row([text.clone(), verdict, company, department, name, notes.join("；"), advice]);
    }
    println!("{table}");
}

fn leavers(args: &LeaversArgs, leavers: &[Leaver]) -> anyhow::Result<u8> {
    if args.jsonl {
        print_lines(leavers.iter().map(|leaver| json!(leaver)))?;
        return Ok(0);
    }
    let mut table = crate::cli::table(&["公司", "工号", "离职日期", "仍持有"]);
    for leaver in leavers {
        let left_on = leaver.left_on.map(|day| day.to_string()).unwrap_or_default();
        let holdings = leaver.holdings.iter().map(Holding::zh).collect::<Vec<_>>().join("\n");
        table.add_row([leaver.company.to_string(), leaver.employee.to_string(), left_on, holdings]);
    }
    println!("{table}");
    let held: usize = leavers.iter().map(|leaver| leaver.holdings.len()).sum();
    eprintln!("{}名离职人员仍持有{held}项", leavers.len());
    Ok(0)
}

fn show_notices(args: &NoticesArgs, notices: &[Notice]) -> anyhow::Result<u8> {
    let wanted = notices.iter().filter(|notice| args.to.as_ref().is_none_or(|to| notice.to.as_str() == to.trim()));
    if args.jsonl {
        print_lines(wanted.map(|notice| json!(notice)))?;
        return Ok(0);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for notice in wanted {
        writeln!(out, "收件人 {}（{}）\n主题 {}\n\n{}\n", notice.to, notice.company, notice.subject, notice.text)?;
    }
    Ok(out.flush().map(|()| 0)?)
}

fn print_lines(mut lines: impl Iterator<Item = serde_json::Value>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    lines.try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(out.flush()?)
}
