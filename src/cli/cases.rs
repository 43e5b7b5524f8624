//! `wanglou cases`: what managers work on, in the terminal. Every reading and every decision stands in the audit.

mod export;
mod show;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::casework::told::due;
use crate::casework::world::World;
use crate::cli::installation::{Global, actor, audit};
use crate::cli::words::chinese;
use crate::clock::Clock;
use crate::model::case::{Case, Disposition, Lane};
use crate::model::term::Severity;
use crate::pipeline::retain::decide;
use crate::pipeline::shell::Shell;
use crate::store::{CaseFilter, Decision, Step};

/// Most cases that a list shows.
const CASES_MAX: u32 = 100_000;

/// List, show, decide and export cases.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou cases list
  wanglou cases show XS-2611-0001
  wanglou cases close XS-2611-0001 --as same_name
  wanglou cases export --xlsx cases.xlsx")]
pub struct CasesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CasesCommand,
}

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum CasesCommand {
    /// List cases, gravest first.
    #[command(after_help = "Cases of the leak lane (XM-…) are listed with --leak-lane only.

Examples:
  wanglou cases list
  wanglou cases list --lane manager:XH --all
  wanglou cases list --leak-lane --json")]
    List(ListArgs),
    /// Show one case with its reasons, possible owners and evidence.
    #[command(after_help = "Examples:
  wanglou cases show XS-2611-0001
  wanglou cases show XM-2611-0001 --leak-lane --json")]
    Show(ShowArgs),
    /// Decide a case.
    #[command(after_help = "Codes: rectified, false_alarm, same_name, exempted, official, published, not_employee,
to_legal, case_filed, protected_speech, unreviewed

protected_speech erases at once everything that is stored about the accounts and posts of the case.

Examples:
  wanglou cases close XS-2611-0001 --as rectified
  wanglou cases close XS-2611-0002 --as false_alarm --by XH0002")]
    Close(CloseArgs),
    /// Write the list for Excel and WPS, or the evidence of a case for legal.
    #[command(
        after_help = "The evidence folder holds the stored bytes, index.csv, and SHA256SUMS for `sha256sum --check`.

Examples:
  wanglou cases export --csv cases.csv
  wanglou cases export --xlsx cases.xlsx --all
  wanglou cases export --evidence XS-2611-0001 evidence-0001"
    )]
    Export(export::ExportArgs),
}

/// Which cases are listed.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this lane: manager:CODE, legal, group_hr or leak.
    #[arg(long)]
    pub lane: Option<Lane>,
    /// Closed ones too.
    #[arg(long)]
    pub all: bool,
    /// Those of the leak lane too. Only for its readers; it is noted in the audit.
    #[arg(long)]
    pub leak_lane: bool,
    /// A JSON array on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Which case is shown.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Number of the case, such as XS-2611-0001.
    pub number: String,
    /// Show a case of the leak lane. Only for its readers; it is noted in the audit.
    #[arg(long)]
    pub leak_lane: bool,
    /// A JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// How a case is decided.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Number of the case, such as XS-2611-0001.
    pub number: String,
    /// What it came to.
    #[arg(long = "as", value_name = "CODE", value_parser = parse_disposition)]
    pub disposition: Disposition,
    /// Who decided: an employee number. Default: whoever is logged in.
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
}

fn parse_disposition(text: &str) -> Result<Disposition, String> {
    serde_json::from_value(json!(text)).map_err(|_| {
        "one of rectified, false_alarm, same_name, exempted, official, published, not_employee, to_legal, case_filed, \
         protected_speech, unreviewed"
            .to_owned()
    })
}

/// Runs the command.
pub async fn run(args: &CasesArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let shell = global.open(clock).await?;
    match &args.command {
        CasesCommand::List(args) => list(&shell, args).await,
        CasesCommand::Show(args) => show::run(&shell, args).await,
        CasesCommand::Close(args) => close(&shell, args).await,
        CasesCommand::Export(args) => export::run(&shell, args).await,
    }
}

async fn list(shell: &Shell, args: &ListArgs) -> anyhow::Result<u8> {
    let cases = select(shell, args.lane.as_ref(), args.all, args.leak_lane).await?;
    let world = shell.world();
    audit(shell, "cases.list", if args.leak_lane { "with leak lane" } else { "cases" }, &count(&cases)).await?;
    if args.json {
        let all: Vec<Value> = cases.iter().map(|case| as_json(&world, case)).collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(0);
    }
    let mut table = crate::cli::table(&COLUMNS);
    cases.iter().for_each(|case| _ = table.add_row(row(shell, &world, case)));
    println!("{table}");
    eprintln!("{}", count(&cases));
    Ok(0)
}

fn count(cases: &[Case]) -> String {
    format!("{} cases", cases.len())
}

/// Cases by the options of a call.
async fn select(shell: &Shell, lane: Option<&Lane>, all: bool, leak_lane: bool) -> anyhow::Result<Vec<Case>> {
    if lane == Some(&Lane::Leak) && !leak_lane {
        bail!("cases of the leak lane are for its readers only; add --leak-lane if you are one");
    }
    let filter = CaseFilter {
        lane: lane.cloned(),
        with_closed: all,
        with_leak_lane: leak_lane,
        limit: Some(CASES_MAX),
        ..CaseFilter::default()
    };
    Ok(shell.store.cases(&filter).await?)
}

/// The case of a number; one of the leak lane only for its readers.
pub(crate) async fn numbered(shell: &Shell, number: &str, leak_lane: bool) -> anyhow::Result<Case> {
    let number = number.trim().to_ascii_uppercase();
    let found = shell.store.case_by_number(&number).await?;
    let case = found.with_context(|| format!("there is no case {number}; `wanglou cases list --all` shows all"))?;
    if case.judgement.lane == Lane::Leak && !leak_lane {
        bail!("case {number} is of the leak lane, for its readers only; add --leak-lane if you are one");
    }
    Ok(case)
}

async fn close(shell: &Shell, args: &CloseArgs) -> anyhow::Result<u8> {
    let case = numbered(shell, &args.number, true).await?;
    let by = args.by.clone().unwrap_or_else(actor);
    if args.by.is_some() {
        audit(shell, "case.close_for", case.id.as_str(), &format!("for {by}")).await?;
    }
    let step = Step::Close(args.disposition);
    let decision = Decision { case: case.id, step, by, at: shell.clock.now(), alerts: Vec::new() };
    let after = decide(&shell.store, &shell.vault, &decision).await?;
    eprintln!("{} {}", after.number, chinese(&shell.world()).state(&after.state));
    Ok(0)
}

/// Headers of the list, on the screen and in exports.
const COLUMNS: [&str; 12] =
    ["编号", "状态", "严重度", "结论", "去向", "条款", "规则", "平台", "账号", "链接", "发现时间", "处理期限"];

/// One case as cells under [`COLUMNS`]. Possible owners are not among them: a list travels further than a case.
fn row(shell: &Shell, world: &World, case: &Case) -> Vec<String> {
    let judgement = &case.judgement;
    let severity = judgement.severity.unwrap_or(Severity::Low);
    let rules: Vec<_> = judgement.rules().iter().map(|r| r.as_str()).collect();
    vec![
        case.number.clone(),
        chinese(world).state(&case.state),
        chinese(world).severity(severity).to_owned(),
        chinese(world).outcome(judgement.outcome).to_owned(),
        chinese(world).lane(&world.ledgers.companies, &judgement.lane),
        judgement.clauses().join("、"),
        rules.join(" "),
        shell.platform_name(&judgement.subject.platform),
        judgement.subject.handle.clone(),
        judgement.subject.url.clone(),
        chinese(world).minute(case.opened_at),
        chinese(world).minute(due(world, severity, case.opened_at)),
    ]
}

fn as_json(world: &World, case: &Case) -> Value {
    let severity = case.judgement.severity.unwrap_or(Severity::Low);
    let mut object = json!({"number": case.number, "state": case.state, "opened_at": case.opened_at,
        "updated_at": case.updated_at, "due": due(world, severity, case.opened_at), "kind": case.judgement.subject.kind,
        "platform": case.judgement.subject.platform, "handle": case.judgement.subject.handle});
    let outcome = case.judgement.to_outcome_json();
    for key in ["url", "outcome", "lane", "notify", "severity", "rules", "clauses", "terms"] {
        object[key] = outcome[key].clone();
    }
    object
}

#[cfg(test)]
mod tests {
    use super::parse_disposition;
    use crate::model::case::Disposition;

    #[test]
    fn a_disposition_is_its_code_and_anything_else_lists_the_codes() {
        assert_eq!(parse_disposition("same_name"), Ok(Disposition::SameName));
        assert!(parse_disposition("done").unwrap_err().contains("false_alarm"));
    }
}
