//! `wanglou bench accuracy`: how right the detectors are on a labelled set.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::pipeline::accuracy::{Measured, Score, Tally, measure};

/// Measure what the detectors get right.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou bench accuracy sets/brand_names
  wanglou bench accuracy sets/employees --predictions predictions.jsonl")]
pub struct BenchArgs {
    /// What to measure.
    #[command(subcommand)]
    pub command: BenchCommand,
}

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Precision and recall on a labelled set: marks in names, domains, people, logos.
    Accuracy(AccuracyArgs),
}

/// Precision and recall on a labelled set: marks in names, domains, people, logos.
#[derive(Debug, Args)]
#[command(after_help = "The files of the folder say which set it is:
  brands.jsonl, names.jsonl                     the brand that an account's name flies
  brands.json, domains.tsv                      whether a domain flies a listed brand
  company.json, directory.tsv, accounts.jsonl   whose account it may be
  brands.tsv, labels.tsv, refs/, queries/       the brand that a picture shows
Names are judged as by `wanglou check`, accounts as by `wanglou identify`.

Examples:
  wanglou bench accuracy sets/brand_names
  wanglou bench accuracy sets/employees --predictions predictions.jsonl --json")]
pub struct AccuracyArgs {
    /// Folder of the set.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Write what was said of each row to this file, as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
    /// The figures as one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs a subcommand.
pub fn run(args: &BenchArgs) -> anyhow::Result<u8> {
    let BenchCommand::Accuracy(args) = &args.command;
    let measured = measure(&args.folder)?;
    if let Some(file) = &args.predictions {
        write_predictions(&measured, file).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    let score = measured.score();
    if args.json {
        println!("{}", figures(&score))
    } else {
        print_table(&score)
    }
    Ok(0)
}

fn write_predictions(measured: &Measured, file: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    measured.predictions().try_for_each(|prediction| writeln!(out, "{prediction}"))?;
    out.flush()
}

fn print_table(score: &Score) {
    let mut table = crate::cli::table(&["rows", "number", "precision", "recall", "F1", "wrong"]);
    table.add_row(row("all", &score.whole));
    for (kind, tally) in &score.by_kind {
        table.add_row(row(kind, tally));
    }
    println!("{table}");
    if let Some((wrong, all)) = score.real {
        let share = wrong as f64 / all as f64 * 10_000.0;
        println!("false alarms: {wrong} of {all} real names, {share:.1} of 10,000");
    }
    if let (Some(likelihood), Some(shown)) = (score.calibration_error, score.shown_calibration_error) {
        println!("calibration error: {likelihood:.3} of the likelihood, {shown:.3} of the score shown");
    }
}

fn row(kind: &str, tally: &Tally) -> [String; 6] {
    let share = |value: f64, of: usize| if of == 0 { "–".to_owned() } else { format!("{value:.3}") };
    let (said, true_ones) = (tally.hits + tally.wrong, tally.hits + tally.missed);
    [
        kind.to_owned(),
        tally.rows.to_string(),
        share(tally.precision(), said),
        share(tally.recall(), true_ones),
        share(tally.f1(), said.min(true_ones)),
        tally.wrong.to_string(),
    ]
}

fn figures(score: &Score) -> serde_json::Value {
    let of = |tally: &Tally| {
        json!({
            "rows": tally.rows, "hits": tally.hits, "wrong": tally.wrong, "missed": tally.missed,
            "precision": tally.precision(), "recall": tally.recall(), "f1": tally.f1(),
        })
    };
    let by_kind: serde_json::Map<_, _> = score.by_kind.iter().map(|(kind, tally)| (kind.clone(), of(tally))).collect();
    json!({
        "all": of(&score.whole),
        "by_kind": by_kind,
        "real_names": score.real.map(|(wrong, all)| json!({"wrong": wrong, "rows": all})),
        "calibration_error": score.calibration_error,
        "shown_calibration_error": score.shown_calibration_error,
    })
}
