//! `wanglou calibration`: how often people confirmed what a band promised.

use clap::Args;
use serde_json::json;

use crate::casework::calibration::{CASES_ENOUGH, HIGH_PROMISE, TOLD_MIN, Told, shares};
use crate::casework::world::World;
use crate::cli::installation::{Global, audit};
use crate::cli::words::chinese;
use crate::clock::Clock;

/// Show how often a lead of each band was confirmed when its case was decided.
#[derive(Debug, Args)]
#[command(
    after_help = "The band is that of the best candidate at the moment of the decision. Confirmed are cases closed as rectified, \
case_filed or exempted, not confirmed those closed as false_alarm, same_name or not_employee; others say nothing of a person. \
Counts under five are not told, nor confirmed ones that leave fewer than five others.

Examples:
  wanglou calibration
  wanglou calibration --jsonl > calibration.jsonl"
)]
pub struct CalibrationArgs {
    /// One JSON object a band on standard output; null where a count is not told.
    #[arg(long)]
    pub jsonl: bool,
}

/// Runs the command.
pub async fn run(args: &CalibrationArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let shell = global.open(clock).await?;
    let shares = shares(&shell.store.band_decisions().await?);
    audit(&shell, "calibration.read", "all", "").await?;
    let told = shares.iter().map(|share| share.told());
    if args.jsonl {
        told.for_each(|told| println!("{}", json!(told)));
    } else {
        let mut table = crate::cli::table(&["band", "decided", "confirmed", "share"]);
        let world = shell.world();
        told.for_each(|told| _ = table.add_row(row(&world, &told)));
        println!("{table}");
    }
    if shares.iter().any(|share| share.falls_short()) {
        eprintln!("fewer than {HIGH_PROMISE} of {CASES_ENOUGH} or more leads of the high band were confirmed");
    }
    Ok(0)
}

fn row(world: &World, told: &Told) -> [String; 4] {
    let count = |count: Option<u64>| count.map_or_else(|| format!("<{TOLD_MIN}"), |count| count.to_string());
    [
        chinese(world).band(told.band).to_owned(),
        count(told.decided),
        told.confirmed.map_or_else(|| "–".to_owned(), |count| count.to_string()),
        told.share.map_or_else(|| "–".to_owned(), |share| format!("{share:.2}")),
    ]
}
