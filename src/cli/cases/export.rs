//! `wanglou cases export`: the list for Excel and WPS, and the evidence of a case for legal.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};

use crate::cli::cases::{COLUMNS, count, numbered, row, select};
use crate::cli::installation::audit;
use crate::ledger::export::csv_of;
use crate::ledger::sheet::xlsx_of;
use crate::model::case::Lane;
use crate::pipeline::shell::Shell;
use crate::store::Evidence;

/// What is written, and where.
#[derive(Debug, Args)]
#[group(skip)]
#[command(group = ArgGroup::new("form").required(true).args(["csv", "xlsx", "evidence"]))]
pub struct ExportArgs {
    /// The list as CSV in UTF-8; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// The list as a workbook.
    #[arg(long, value_name = "FILE")]
    pub xlsx: Option<PathBuf>,
    /// The stored bytes of a case's evidence, into a new folder.
    #[arg(long, num_args = 2, value_names = ["NUMBER", "DIR"])]
    pub evidence: Option<Vec<String>>,
    /// Only of this lane: manager:CODE, legal, group_hr or leak.
    #[arg(long)]
    pub lane: Option<Lane>,
    /// Closed ones too.
    #[arg(long)]
    pub all: bool,
    /// Those of the leak lane too. Only for its readers; it is noted in the audit.
    #[arg(long)]
    pub leak_lane: bool,
}

pub(super) async fn run(shell: &Shell, args: &ExportArgs) -> anyhow::Result<u8> {
    if let Some([number, folder]) = args.evidence.as_deref() {
        return export_evidence(shell, number, Path::new(folder), args.leak_lane).await;
    }
    let cases = select(shell, args.lane.as_ref(), args.all, args.leak_lane).await?;
    let world = shell.world();
    let rows: Vec<Vec<String>> = cases.iter().map(|case| row(shell, &world, case)).collect();
    audit(shell, "cases.export", if args.leak_lane { "with leak lane" } else { "cases" }, &count(&cases)).await?;
    match (&args.csv, &args.xlsx) {
        (Some(file), _) => put(file, &as_csv(&COLUMNS, &rows))?,
        (None, Some(file)) => put(file, &as_xlsx(&rows)?)?,
        (None, None) => {}
    }
    eprintln!("{}", count(&cases));
    Ok(0)
}

fn as_csv(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    csv_of(with_header(header, rows))
}

fn as_xlsx(rows: &[Vec<String>]) -> anyhow::Result<Vec<u8>> {
    Ok(xlsx_of("线索", with_header(&COLUMNS, rows))?)
}

fn with_header<'r>(header: &'r [&str], rows: &'r [Vec<String>]) -> impl Iterator<Item = Vec<&'r str>> {
    [header.to_vec()].into_iter().chain(rows.iter().map(|row| row.iter().map(String::as_str).collect()))
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(std::io::stdout().write_all(bytes)?);
    }
    std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

async fn export_evidence(shell: &Shell, number: &str, folder: &Path, leak_lane: bool) -> anyhow::Result<u8> {
    let case = numbered(shell, number, leak_lane).await?;
    let evidence = shell.store.evidence_of_case(&case.id).await?;
    if folder.exists() {
        bail!("{} exists already; name a new folder", folder.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    audit(shell, "case.export_evidence", case.id.as_str(), &format!("{} captures", evidence.len())).await?;
    let mut missing = 0;
    let mut sums = String::new();
    for one in &evidence {
        match shell.vault.get(&one.sha256).await {
            Ok(bytes) => {
                put(&folder.join(one.sha256.as_str()), &bytes)?;
                sums += &format!("{}  {}\n", one.sha256, one.sha256);
            }
            Err(error) => {
                eprintln!("{error}");
                missing += 1;
            }
        }
    }
    put(&folder.join("SHA256SUMS"), sums.as_bytes())?;
    let index: Vec<_> = evidence.iter().map(|one| index_row(&case.number, one)).collect();
    let header = ["case", "sha256", "url", "fetched_at", "pinned_at", "kept", "stands_as"];
    put(&folder.join("index.csv"), &as_csv(&header, &index))?;
    eprintln!("{} pieces of evidence in {}", evidence.len() - missing, folder.display());
    Ok(u8::from(missing > 0))
}

fn index_row(number: &str, one: &Evidence) -> Vec<String> {
    vec![
        number.to_owned(),
        one.sha256.to_string(),
        one.url.clone(),
        one.fetched_at.to_string(),
        one.pinned_at.to_string(),
        one.kept.to_string(),
        one.stands_as().to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::as_csv;

    #[test]
    fn a_handle_that_looks_like_a_formula_is_disarmed() {
        let csv = as_csv(&["账号"], &[vec!["=HYPERLINK(1)".to_owned()]]);
        assert!(String::from_utf8(csv).unwrap().contains("'=HYPERLINK(1)"));
    }
}
