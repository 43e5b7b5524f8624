//! `wanglou doctor`: everything a support call would ask, each line with what to do about it. No personal data.

mod mail;
mod storage;
mod watch;

use clap::Args;
use serde::Serialize;

use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::config::Config;
use crate::seal::Key;

/// Say how the installation is, and what to do about it.
#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 when something has failed. Nothing is fetched and nobody is mailed.

Examples:
  wanglou doctor
  wanglou doctor --json > doctor.json
  wanglou doctor --probe-mail")]
pub struct DoctorArgs {
    /// A JSON array on standard output.
    #[arg(long)]
    pub json: bool,
    /// Also open a connection to the mail server; no letter is sent.
    #[arg(long)]
    pub probe_mail: bool,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    level: Level,
    topic: &'static str,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    todo: String,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Report {
    findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, level: Level, topic: &'static str, text: impl Into<String>, todo: impl Into<String>) {
        self.findings.push(Finding { level, topic, text: text.into(), todo: todo.into() });
    }

    fn ok(&mut self, topic: &'static str, text: impl Into<String>) {
        self.add(Level::Ok, topic, text, "");
    }

    fn warn(&mut self, topic: &'static str, text: impl Into<String>, todo: impl Into<String>) {
        self.add(Level::Warn, topic, text, todo);
    }

    fn fail(&mut self, topic: &'static str, text: impl Into<String>, todo: impl Into<String>) {
        self.add(Level::Fail, topic, text, todo);
    }

    fn has_failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Fail)
    }

    fn print(&self) {
        for Finding { level, topic, text, todo } in &self.findings {
            let level = match level {
                Level::Ok => "ok  ",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            println!("{level}  {topic:<10}  {text}");
            if !todo.is_empty() {
                println!("{:18}→ {todo}", "");
            }
        }
    }
}

/// Runs the command.
pub async fn run(args: &DoctorArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let mut report = Report::default();
    report.ok("version", concat!("wanglou ", env!("CARGO_PKG_VERSION")));
    if let Some(config) = configuration(&mut report, global) {
        examine(&mut report, &config, args, clock).await;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report.findings)?);
    } else {
        report.print();
    }
    Ok(u8::from(report.has_failed()))
}

fn configuration(report: &mut Report, global: &Global) -> Option<Config> {
    let file = global.config_file().display().to_string();
    match global.config() {
        Ok(config) => {
            report.ok("config", file);
            Some(config)
        }
        Err(error) => {
            report.fail("config", format!("{error:#}"), "repair it, or write a new one with `wanglou init`");
            None
        }
    }
}

async fn examine(report: &mut Report, config: &Config, args: &DoctorArgs, clock: &Clock) {
    let now = clock.now();
    let local = now.local(config.group.time_zone).format("%Y-%m-%d %H:%M:%S");
    report.ok("clock", format!("{local} in {}", config.group.time_zone));
    let key = key(report, config);
    let ledgers = watch::ledgers(report, config, key.as_ref());
    let store = storage::database(report, config, key.as_ref(), clock).await;
    storage::vault(report, config, key.as_ref(), store.as_ref()).await;
    storage::disk(report, config);
    watch::sources(report, config, store.as_ref(), now).await;
    watch::fetching(report, config);
    mail::settings(report, config, args.probe_mail).await;
    mail::outbox(report, store.as_ref()).await;
    mail::returned(report, config, store.as_ref()).await;
    mail::channels(report, config, store.as_ref()).await;
    if let Some(ledgers) = ledgers {
        watch::managers(report, &ledgers);
        watch::calendar(report, &ledgers, now.date(config.group.time_zone));
    }
}

fn key(report: &mut Report, config: &Config) -> Option<Key> {
    match Key::from_env_or_file(Some(&config.paths.key_file)) {
        Ok(Some(key)) => {
            report.ok("key", format!("fingerprint {}", key.fingerprint()));
            Some(key)
        }
        Ok(None) => {
            let text = "there is none: leaks are stored without their text, and the confidential list cannot be used";
            report.warn("key", text, "`wanglou init` writes one; or set WANGLOU_KEY or paths.key_file");
            None
        }
        Err(error) => {
            report.fail("key", error.to_string(), "");
            None
        }
    }
}
