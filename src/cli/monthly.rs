//! `wanglou monthly`: the monthly self-inspection report, as a file.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::cli::installation::{Global, audit};
use crate::clock::Clock;
use crate::model::ids::CompanyCode;
use crate::model::month::Month;
use crate::pipeline::reporting::{Form, monthly, written};

/// Write the monthly self-inspection report (自查自纠月报).
#[derive(Debug, Args)]
#[command(
    after_help = "No person stands in it; counts under five are told as <5, and others so that these cannot be worked out.
Cases of the leak lane and of legal are not counted. A PDF needs a font for Chinese: see [report] in wanglou.toml.

Examples:
  wanglou monthly --format docx --out report.docx
  wanglou monthly --company XH --month 2026-10 --format pdf --out report.pdf
  wanglou monthly --month 2026-10 --language en > report.html"
)]
pub struct MonthlyArgs {
    /// Code of the company; the whole group when none is given.
    #[arg(long, value_name = "CODE")]
    pub company: Option<String>,
    /// Month, such as 2026-10. Default: the present one, up to now.
    #[arg(long, value_name = "YYYY-MM", value_parser = parse_month)]
    pub month: Option<Month>,
    /// Form of the file.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub format: Format,
    /// File to write; standard output when none is given.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Language: zh-CN or en.
    #[arg(long, value_name = "CODE", default_value = "zh-CN")]
    pub language: String,
}

/// Forms of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A page that stands by itself.
    Html,
    /// For Word and WPS.
    Docx,
    /// For printing.
    Pdf,
}

fn parse_month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| format!("「{text}」 is no month such as 2026-10"))
}

impl Format {
    const fn form(self) -> Form {
        match self {
            Self::Html => Form::Html,
            Self::Docx => Form::Docx,
            Self::Pdf => Form::Pdf,
        }
    }
}

/// Runs the command.
pub async fn run(args: &MonthlyArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let form = args.format.form();
    if args.out.is_none() && form != Form::Html && std::io::stdout().is_terminal() {
        bail!("name a file with --out: a terminal cannot show {}", form.name());
    }
    let shell = global.open(clock).await?;
    let world = shell.world();
    let month = args.month.unwrap_or_else(|| Month::of(world.day()));
    let company = args.company.as_deref().map(CompanyCode::new);
    let document = monthly(&shell, &world, company.as_ref(), month, &args.language).await?;
    let bytes = written(&document, form, shell.config.report.font.as_deref())?;
    audit(&shell, "report.read", args.company.as_deref().unwrap_or("group"), &month.to_string()).await?;
    match &args.out {
        Some(file) => {
            std::fs::write(file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
            eprintln!("wrote {}", file.display());
        }
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(0)
}
