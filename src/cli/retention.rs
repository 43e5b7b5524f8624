//! `wanglou retention`: what goes next because its time is over, what went, and what is kept for a dispute.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::cases::numbered;
use crate::cli::installation::{Global, actor, audit};
use crate::cli::words::chinese;
use crate::clock::Clock;
use crate::model::time::Timestamp;
use crate::pipeline::retain::{Plan, Planned, plan, retain};
use crate::pipeline::shell::Shell;
use crate::retention::RetentionRule;
use crate::store::Receipt;

/// Show what goes next because its time is over, what went, and keep a case for a dispute.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou retention plan
  wanglou retention receipts
  wanglou retention hold XS-2611-0001")]
pub struct RetentionArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RetentionCommand,
}

/// What can be done about retention.
#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// Count by rule what is kept, what goes with the next run, and when the next time is over. Erases nothing.
    #[command(after_help = "Examples:
  wanglou retention plan
  wanglou retention plan --json")]
    Plan(PlanArgs),
    /// Show the receipts of what was erased, the newest run first: counts only.
    #[command(after_help = "Examples:
  wanglou retention receipts
  wanglou retention receipts --limit 20 --json")]
    Receipts(ReceiptsArgs),
    /// Erase now what the daemon would erase in the night.
    #[command(after_help = "Example:
  wanglou retention run")]
    Run,
    /// Keep a case and everything about its subjects for a dispute, whatever the rules say.
    #[command(after_help = "Example:
  wanglou retention hold XS-2611-0001")]
    Hold(NumberArgs),
    /// End a legal hold: the rules count again, from the same instants as before.
    #[command(after_help = "Example:
  wanglou retention release XS-2611-0001")]
    Release(NumberArgs),
}

/// How the plan is shown.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// A JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Which receipts are shown.
#[derive(Debug, Args)]
pub struct ReceiptsArgs {
    /// Most rows.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// A JSON array on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Which case is meant.
#[derive(Debug, Args)]
pub struct NumberArgs {
    /// Number of the case, such as XS-2611-0001.
    pub number: String,
}

/// Runs the command.
pub async fn run(args: &RetentionArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    match &args.command {
        RetentionCommand::Plan(args) => show_plan(&*global.open(clock).await?, args).await,
        RetentionCommand::Receipts(args) => show_receipts(&*global.open(clock).await?, args).await,
        RetentionCommand::Run => run_now(&*global.open_to_work(clock).await?).await,
        RetentionCommand::Hold(args) => hold(&*global.open(clock).await?, args).await,
        RetentionCommand::Release(args) => release(&*global.open(clock).await?, args).await,
    }
}

async fn show_plan(shell: &Shell, args: &PlanArgs) -> anyhow::Result<u8> {
    let plan = plan(&shell.store, shell.clock.now()).await?;
    let holds = shell.store.held_cases().await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&plan_as_json(&plan, &holds))?);
        return Ok(0);
    }
    let world = shell.world();
    let mut table = crate::cli::table(&["rule", "length", "kept", "over", "next", "about"]);
    for (rule, planned) in &plan.rules {
        let Planned { kept, over, next } = planned;
        let next = next.map(|at| chinese(&world).minute(at)).unwrap_or_default();
        table.add_row([rule.name(), &rule.length_text(), &kept.to_string(), &over.to_string(), &next, rule.about()]);
    }
    println!("{table}");
    eprintln!("{} subjects are kept by legal holds on: {}", plan.held, some(&holds));
    Ok(0)
}

fn some(holds: &[String]) -> String {
    if holds.is_empty() { "no case".to_owned() } else { holds.join(", ") }
}

fn plan_as_json(plan: &Plan, holds: &[String]) -> Value {
    let rules = plan.rules.iter().map(|(rule, planned)| {
        json!({"rule": rule, "length": rule.length_text(), "kept": planned.kept, "over": planned.over, "next": planned.next})
    });
    json!({"rules": rules.collect::<Vec<_>>(), "held": {"subjects": plan.held, "cases": holds}})
}

async fn show_receipts(shell: &Shell, args: &ReceiptsArgs) -> anyhow::Result<u8> {
    let receipts = shell.store.receipts(args.limit).await?;
    if args.json {
        let all: Vec<Value> = receipts.iter().map(receipt_as_json).collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(0);
    }
    let world = shell.world();
    let minute = |at: Timestamp| chinese(&world).minute(at);
    let mut table = crate::cli::table(&["when", "by", "rule", "before", "erased", "cases", "objects", "failed"]);
    for receipt in &receipts {
        let Receipt { run, rule, before, amount } = receipt;
        let numbers = [amount.erased, amount.cases, amount.objects, amount.failed].map(|n| n.to_string());
        let words = [minute(run.at), run.actor.clone(), rule.name().to_owned(), minute(*before)];
        table.add_row(words.into_iter().chain(numbers));
    }
    println!("{table}");
    Ok(0)
}

fn receipt_as_json(receipt: &Receipt) -> Value {
    let Receipt { run, rule, before, amount } = receipt;
    json!({"run": run.id, "at": run.at, "by": run.actor, "rule": rule, "before": before, "erased": amount.erased,
        "cases": amount.cases, "objects": amount.objects, "failed": amount.failed})
}

async fn run_now(shell: &Shell) -> anyhow::Result<u8> {
    let done = retain(&shell.store, &shell.vault, shell.clock.now(), &actor()).await;
    shell.leave().await?;
    let done = done?;
    let said = |rule: RetentionRule, erased| format!("{} {erased}", rule.name());
    let erased: Vec<String> = done.iter().map(|(rule, amount)| said(*rule, amount.erased)).collect();
    eprintln!("erased: {}", if erased.is_empty() { "nothing".to_owned() } else { erased.join(", ") });
    let failed: u64 = done.values().map(|amount| amount.failed).sum();
    if failed > 0 {
        eprintln!("{failed} could not be erased whole; the log says which, and the next run tries again");
    }
    Ok(u8::from(failed > 0))
}

async fn hold(shell: &Shell, args: &NumberArgs) -> anyhow::Result<u8> {
    let case = numbered(shell, &args.number, true).await?;
    let is_new = shell.store.hold_case(&case.id, &actor(), shell.clock.now()).await?;
    if is_new {
        audit(shell, "case.hold", case.id.as_str(), "").await?;
    }
    eprintln!("{} is on legal hold", case.number);
    Ok(0)
}

async fn release(shell: &Shell, args: &NumberArgs) -> anyhow::Result<u8> {
    let case = numbered(shell, &args.number, true).await?;
    if shell.store.release_case(&case.id).await? {
        audit(shell, "case.release", case.id.as_str(), "").await?;
    }
    eprintln!("{} is not on legal hold", case.number);
    Ok(0)
}
