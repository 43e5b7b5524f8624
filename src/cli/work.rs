//! `wanglou work`: one more worker on a database server; `wanglou workers`: who does what.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use crate::cli::installation::Global;
use crate::cli::scan::stopped;
use crate::clock::Clock;
use crate::daemon::{check_kinds, serve};
use crate::pipeline::progress::nobody;
use crate::pipeline::shell::Shell;
use crate::store::{HeldHost, Worker};

/// Join the workers on a database server: visit and send beside them, until stopped.
#[derive(Debug, Args)]
#[command(
    after_help = "The machine needs a configuration with database.url, and the key where there is a confidential list. Ledgers, platform
files and sources come from the machine on which `wanglou serve` runs.

Examples:
  wanglou work
  wanglou work --hosts '*.example.com' --hosts forum.example
  wanglou work --kinds visit --egress dmz"
)]
pub struct WorkArgs {
    /// Only these hosts, by name or as *.example.com; may be given several times. Default: work.hosts, else all.
    #[arg(long, value_name = "HOST")]
    pub hosts: Vec<String>,
    /// Only these kinds of jobs: visit, letters, retain; may be given several times. Default: work.kinds, else all.
    #[arg(long, value_name = "KIND")]
    pub kinds: Vec<String>,
    /// Label of this machine's way out: it visits sources with the same label, and those without one.
    #[arg(long, value_name = "LABEL")]
    pub egress: Option<String>,
    /// Name by which people know this worker. Default: work.name, else host name and process number.
    #[arg(long)]
    pub name: Option<String>,
}

/// Runs a worker until it is stopped.
pub async fn run(args: &WorkArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let mut config = global.config()?;
    let work = &mut config.work;
    if !args.hosts.is_empty() {
        work.hosts.clone_from(&args.hosts);
    }
    if !args.kinds.is_empty() {
        work.kinds.clone_from(&args.kinds);
    }
    work.egress = args.egress.clone().unwrap_or_else(|| work.egress.clone());
    work.name = args.name.clone().unwrap_or_else(|| work.name.clone());
    check_kinds(&work.kinds)?;
    let shell = Shell::open_to_follow(config, clock.clone()).await?;
    eprintln!("working; stop with Ctrl-C");
    serve(shell, nobody(), stopped()).await?;
    Ok(0)
}

/// Show the workers on the database: which live, what each may do, which hosts it visits now.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou workers
  wanglou workers --json")]
pub struct WorkersArgs {
    /// One JSON object a worker on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Days for which workers that have ended are shown.
const ENDED_DAYS: i64 = 1;

/// Shows the workers.
pub async fn show(args: &WorkersArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let store = crate::store::Store::open_at(&global.config()?.database()?).await?;
    let workers = store.workers(clock.now().plus_days(-ENDED_DAYS)).await?;
    let mut held: BTreeMap<_, Vec<HeldHost>> = BTreeMap::new();
    for host in store.held_hosts().await? {
        held.entry(host.worker.clone()).or_default().push(host);
    }
    let hosts_of = |worker: &Worker| held.get(&worker.id).map(Vec::as_slice).unwrap_or_default();
    if args.json {
        workers.iter().for_each(|worker| println!("{}", as_json(worker, hosts_of(worker))));
        return Ok(0);
    }
    let mut table =
        crate::cli::table(&["worker", "version", "state", "since", "last sign of life", "may do", "visits"]);
    for worker in &workers {
        table.add_row(row(worker, hosts_of(worker), clock));
    }
    println!("{table}");
    Ok(0)
}

fn as_json(worker: &Worker, hosts: &[HeldHost]) -> serde_json::Value {
    let hosts = hosts.iter().map(|held| json!({"host": held.host, "source": held.source, "since": held.since}));
    json!({
        "id": worker.id,
        "name": worker.name,
        "version": worker.version,
        "started_at": worker.started_at,
        "seen_at": worker.seen_at,
        "ended_at": worker.ended.as_ref().map(|(at, _)| at),
        "ended_why": worker.ended.as_ref().map(|(_, why)| why),
        "may_do": worker.may_do,
        "visits": hosts.collect::<Vec<_>>(),
    })
}

fn row(worker: &Worker, hosts: &[HeldHost], clock: &Clock) -> Vec<String> {
    let state = worker.ended.as_ref().map_or("lives", |(_, why)| why);
    let age_s = clock.now().ms_since(worker.seen_at).max(0) / 1_000;
    let visits = hosts.iter().map(|held| match &held.source {
        Some(source) => format!("{} ({source})", held.host),
        None => held.host.clone(),
    });
    vec![
        worker.name.clone(),
        worker.version.clone(),
        state.to_owned(),
        worker.started_at.to_string(),
        format!("{age_s} s ago"),
        may_do(&worker.may_do),
        visits.collect::<Vec<_>>().join("\n"),
    ]
}

/// What a worker takes on, in words.
fn may_do(value: &serde_json::Value) -> String {
    let list = |key: &str| {
        let words = value[key].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        Some(words.collect::<Vec<_>>().join(" ")).filter(|words| !words.is_empty())
    };
    let egress = value["egress"].as_str().filter(|label| !label.is_empty()).map(|label| format!("way out: {label}"));
    let (kinds, hosts) = (list("kinds"), list("hosts"));
    let parts: Vec<String> = [kinds, hosts, egress].into_iter().flatten().collect();
    if parts.is_empty() { "everything".to_owned() } else { parts.join("\n") }
}
