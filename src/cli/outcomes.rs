//! `wanglou outcomes`: what became of every subject of which something is kept.

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use crate::cli::installation::{Global, audit};
use crate::clock::Clock;
use crate::model::ids::ScanId;
use crate::pipeline::shell::Shell;

/// Show what became of every subject of which something is kept.
#[derive(Debug, Args)]
#[command(after_help = "What must not be stored (protected speech, children, nothing found …) does not appear.

Examples:
  wanglou outcomes --jsonl > outcomes.jsonl
  wanglou outcomes --scan latest")]
pub struct OutcomesArgs {
    /// One JSON object a subject on standard output.
    #[arg(long)]
    pub jsonl: bool,
    /// Only those of one run: `latest`, or its identifier. Default: the latest outcome of every subject.
    #[arg(long, value_name = "RUN")]
    pub scan: Option<String>,
}

/// Runs the command.
pub async fn run(args: &OutcomesArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let shell = global.open(clock).await?;
    let outcomes = match args.scan.as_deref() {
        None => shell.store.latest_outcomes().await?,
        Some(name) => shell.store.outcomes_of_scan(&scan_named(&shell, name).await?).await?,
    };
    audit(&shell, "outcomes.read", args.scan.as_deref().unwrap_or("all"), &format!("{} outcomes", outcomes.len()))
        .await?;
    if args.jsonl {
        outcomes.iter().for_each(|outcome| println!("{outcome}"));
    } else {
        let mut table =
            crate::cli::table(&["subject", "outcome", "severity", "lane", "notify", "rules", "candidates", "why"]);
        outcomes.iter().for_each(|outcome| _ = table.add_row(row(outcome)));
        println!("{table}");
        eprintln!("{} subjects", outcomes.len());
    }
    Ok(0)
}

async fn scan_named(shell: &Shell, name: &str) -> anyhow::Result<ScanId> {
    if name == "latest" {
        let latest = shell.store.latest_scans(1).await?.pop();
        return Ok(latest.context("there was no run yet; start one with `wanglou scan` or `wanglou import`")?.id);
    }
    let scan = shell.store.scan(&ScanId::new(name)).await?;
    Ok(scan.with_context(|| format!("there is no run {name}; `--scan latest` shows the last one"))?.id)
}

fn row(outcome: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let words = |value: &Value, by: &str| {
        value.as_array().map(|all| all.iter().map(word).collect::<Vec<_>>().join(by)).unwrap_or_default()
    };
    let candidate = |c: &Value| format!("{} {}", word(&c["employee_id"]), word(&c["band"]));
    let candidates = outcome["candidates"].as_array().map(|all| all.iter().map(candidate).collect::<Vec<_>>());
    vec![
        outcome["id"].as_str().map_or_else(|| word(&outcome["url"]), str::to_owned),
        word(&outcome["outcome"]),
        word(&outcome["severity"]),
        word(&outcome["lane"]),
        word(&outcome["notify"]),
        words(&outcome["rules"], " "),
        candidates.unwrap_or_default().join("\n"),
        words(&outcome["reasons"], "；"),
    ]
}
