//! `wanglou replay`: the ledgers of today on what was seen before.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::installation::{Global, actor, audit};
use crate::clock::Clock;
use crate::model::time::Timestamp;
use crate::pipeline::replay::{Replayed, file_changes, replay};

/// Judge what was seen before again, with the ledgers of today.
#[derive(Debug, Args)]
#[command(
    after_help = "With --dry-run nothing is stored and nobody is told: try a change of the lists on the past first.
Without it, what changed is filed, and letters follow as after a scan. What turned out to be
protected is erased.

Examples:
  wanglou replay --since 30d --dry-run
  wanglou replay --since 2026-11-01T00:00:00+08:00"
)]
pub struct ReplayArgs {
    /// From when on: a length of time such as 12h, 30d or 4w, or an RFC 3339 instant.
    #[arg(long, value_parser = parse_since)]
    pub since: Since,
    /// Only show what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object a changed subject on standard output.
    #[arg(long)]
    pub jsonl: bool,
}

/// The beginning of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So many milliseconds ago.
    Ago(i64),
    /// An instant.
    At(Timestamp),
}

impl Since {
    fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(ms) => now.plus_ms(-ms),
            Self::At(instant) => instant,
        }
    }
}

fn parse_since(text: &str) -> Result<Since, String> {
    if let Ok(instant) = Timestamp::parse(text) {
        return Ok(Since::At(instant));
    }
    let wrong = || format!("「{text}」 is neither a length of time such as 12h, 30d, 4w nor an RFC 3339 instant");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let hours: i64 = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 168,
        _ => return Err(wrong()),
    };
    let count: i64 = text[..text.len() - 1].trim().parse().map_err(|_| wrong())?;
    if !(1..=100_000).contains(&count) {
        return Err(wrong());
    }
    Ok(Since::Ago(count * hours * 3_600_000))
}

/// Runs the command.
pub async fn run(args: &ReplayArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let shell = global.open(clock).await?;
    let world = shell.world();
    let (replayed, passed_over) = replay(&shell, &world, args.since.instant(clock.now())).await?;
    let changed: Vec<&Replayed> = replayed.iter().filter(|one| one.is_changed()).collect();
    if args.jsonl {
        changed.iter().for_each(|one| println!("{}", object(one)));
    } else {
        print_table(&changed);
    }
    eprintln!("{} subjects judged again, {} changed, {passed_over} passed over", replayed.len(), changed.len());
    if args.dry_run {
        eprintln!("nothing was stored; call without --dry-run to file the changes");
        return Ok(0);
    }
    if changed.is_empty() {
        return Ok(0);
    }
    let filed = file_changes(&shell, &world, &replayed, &actor()).await?;
    audit(&shell, "replay", filed.scan.as_str(), &format!("{} changed", changed.len())).await?;
    eprintln!(
        "filed as run {}: {} subjects, {} ask for attention; {} erased as protected; {} no longer ask, their cases stay \
         until somebody decides",
        filed.scan, filed.inspected.subjects, filed.inspected.asking, filed.erased, filed.left_alone
    );
    if filed.held > 0 {
        eprintln!("{} turned out to be protected and are on legal hold: replay again after its release", filed.held);
    }
    Ok(0)
}

fn object(one: &Replayed) -> Value {
    let mut object = one.now.to_outcome_json();
    object["before"] = json!(one.before);
    object["changed"] = json!(one.changed);
    object
}

fn print_table(changed: &[&Replayed]) {
    let mut table = crate::cli::table(&["subject", "before", "now", "lane", "rules", "changed"]);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in changed {
        let now = json!(one.now.outcome).as_str().unwrap_or_default().to_owned();
        let before = one.before.clone().unwrap_or_else(|| "-".to_owned());
        *counts.entry(format!("{before} → {now}")).or_default() += 1;
        let rules: Vec<_> = one.now.rules().iter().map(|r| r.as_str()).collect();
        table.add_row([
            one.now.subject.id.clone().unwrap_or_else(|| one.now.subject.url.clone()),
            before,
            now,
            one.now.lane.to_string(),
            rules.join(" "),
            one.changed.join(" "),
        ]);
    }
    println!("{table}");
    counts.iter().for_each(|(step, count)| eprintln!("{step}: {count}"));
}

#[cfg(test)]
mod tests {
    use super::{Since, parse_since};

    #[test]
    fn lengths_of_time_and_instants_are_understood() {
        assert_eq!(parse_since("30d"), Ok(Since::Ago(30 * 86_400_000)));
        assert_eq!(parse_since("12h"), Ok(Since::Ago(12 * 3_600_000)));
        assert!(matches!(parse_since("2026-11-01T00:00:00+08:00"), Ok(Since::At(_))));
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        for text in ["", "d", "30", "-3d", "3 天", "0d", "99999999999999d"] {
            assert!(parse_since(text).unwrap_err().contains("30d"), "{text}");
        }
    }
}
