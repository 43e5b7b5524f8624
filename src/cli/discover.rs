//! `wanglou discover`: which sites have an account of a name.

mod names;
mod output;
mod self_check;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::discover::names::Names;
use crate::cli::discover::output::{Sink, write_report};
use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::config::{Config, read_sources};
use crate::discover::{Presence, Site};
use crate::fetch::{Fetcher, Settings};
use crate::model::source_list::SourceList;
use crate::pipeline::discover::{Checked, Manner, discover, each_with_each, known_sites, read_list};

/// Connections are kept for so long, seconds: of thousands of hosts few are asked again.
const IDLE_S: f64 = 15.0;

/// Which sites have an account of a name: found, absent or unknown, always with the reason. Names are marks of the company,
/// never people.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --sites the built-in platforms and the sources of the installation are asked. robots.txt and pace hold here too: what a
site forbids is unknown, not absent. Lists are yours to bring; they are read as they are. A name that holds a confidential
expression of the ledgers is never asked for.

Examples:
  wanglou discover xinghe_kefu
  wanglou discover 星河科技 --variants --sites wmn-data.json --only-found
  wanglou discover xinghe --sites data.json --jsonl > found.jsonl
  wanglou discover xinghe --sites data.json --html report.html
  wanglou discover --terms --jsonl > found.jsonl
  wanglou discover --self-check --sites data.json"
)]
pub struct DiscoverArgs {
    /// Names to look for.
    #[arg(required_unless_present_any = ["self_check", "terms"])]
    pub names: Vec<String>,
    /// Also look for the marks of the ledger that may be asked for on sites, in all variants.
    #[arg(long)]
    pub terms: bool,
    /// List of sites: Maigret's or Sherlock's data.json, or wmn-data.json. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub sites: Vec<PathBuf>,
    /// Only this site of the lists; may be given several times.
    #[arg(long = "site", value_name = "NAME")]
    pub only_sites: Vec<String>,
    /// Also look for handles that a mark may take: pinyin, initials, with hr, official, 官方.
    #[arg(long)]
    pub variants: bool,
    /// Ask each site for names that its list knows to exist or not, and list the sites that no longer work.
    #[arg(long, conflicts_with_all = ["names", "variants", "terms"])]
    pub self_check: bool,
    /// Show found accounts only.
    #[arg(long)]
    pub only_found: bool,
    /// One JSON object an answer on standard output.
    #[arg(long, conflicts_with = "csv")]
    pub jsonl: bool,
    /// CSV on standard output.
    #[arg(long)]
    pub csv: bool,
    /// Write a report for people to this file.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Hosts that are asked at the same time; each gets one request at a time.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub concurrency: usize,
    /// Longest time for one answer, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 15.0)]
    pub timeout: f64,
}

/// Runs the command. Exit code 1 when no site could be told anything about, 2 when a list could not be
/// read or a name not be asked for.
pub async fn run(args: &DiscoverArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let config = global.config_or_default()?;
    let (sites, bad) = sites_of(args, &config)?;
    let fetcher = Arc::new(Fetcher::new(settings(&config, args), clock.clone())?.in_zone(config.group.time_zone));
    let manner = Manner { hosts_at_once: args.concurrency, zone: config.group.time_zone };
    if args.self_check {
        let is_sound = self_check::run(&fetcher, &sites, manner).await;
        return Ok(if bad > 0 { 2 } else { u8::from(!is_sound) });
    }
    let Names { names, secret } = names::of(args, &config, clock)?;
    let bad = bad + secret;
    let bar = progress(sites.len() * names.len());
    let mut sink = Sink::of(args);
    let mut all = Vec::new();
    let mut answers = discover(&fetcher, each_with_each(&sites, &names), manner);
    while let Some(checked) = answers.recv().await {
        bar.inc(1);
        sink.tell(&checked);
        all.push(checked);
    }
    bar.finish_and_clear();
    sink.end(&all)?;
    if let Some(file) = &args.html {
        write_report(file, &all, clock.now(), config.group.time_zone)?;
    }
    summarize(&all);
    Ok(exit_code(&all, bad))
}

fn exit_code(all: &[Checked], bad: usize) -> u8 {
    if bad > 0 {
        return 2;
    }
    u8::from(!all.is_empty() && all.iter().all(|checked| checked.presence == Presence::Unknown))
}

/// Trouble is not tried again here: thousands of sites are asked, and unknown is an honest answer.
fn settings(config: &Config, args: &DiscoverArgs) -> Settings {
    let (total_timeout_s, connect_timeout_s) = (args.timeout, args.timeout);
    Settings { total_timeout_s, connect_timeout_s, idle_timeout_s: IDLE_S, retries_max: 0, ..config.fetch.clone() }
}

/// The sites of the lists, or those that are known without one; and how many entries could not be read.
fn sites_of(args: &DiscoverArgs, config: &Config) -> anyhow::Result<(Vec<Arc<Site>>, usize)> {
    let (mut sites, mut bad) = (Vec::new(), 0);
    if args.sites.is_empty() {
        let sources =
            if config.paths.sources.exists() { read_sources(&config.paths.sources)?.0 } else { SourceList::default() };
        sites = known_sites(config, sources.iter())?;
    }
    for file in &args.sites {
        let list = read_list(file)?;
        list.problems.iter().for_each(|problem| eprintln!("{problem}"));
        bad += list.problems.len();
        sites.extend(list.sites);
    }
    Ok((chosen(sites, &args.only_sites)?, bad))
}

fn chosen(sites: Vec<Site>, only: &[String]) -> anyhow::Result<Vec<Arc<Site>>> {
    if let Some(name) = only.iter().find(|name| !sites.iter().any(|site| site.name.eq_ignore_ascii_case(name))) {
        bail!("there is no site {name} among the {} that are known", sites.len());
    }
    let is_chosen = |site: &Site| only.is_empty() || only.iter().any(|name| site.name.eq_ignore_ascii_case(name));
    Ok(sites.into_iter().filter(is_chosen).map(Arc::new).collect())
}

fn progress(questions: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("[{bar:30}] {pos}/{len} asked, {eta} left");
    ProgressBar::new(questions as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn summarize(all: &[Checked]) {
    let count = |presence| all.iter().filter(|checked| checked.presence == presence).count();
    eprintln!(
        "{} found, {} absent, {} unknown",
        count(Presence::Found),
        count(Presence::Absent),
        count(Presence::Unknown)
    );
}
