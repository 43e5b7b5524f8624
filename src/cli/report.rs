//! `wanglou report`: what a colleague saw, judged and filed like what a scan sees.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use url::Url;

use crate::cli::check::print_table;
use crate::cli::installation::{Global, actor};
use crate::cli::platform::platform_at;
use crate::clock::Clock;
use crate::model::ids::PlatformId;
use crate::pipeline::import::{Imported, Picture, REPORTS, import};
use crate::pipeline::manual_report::{ManualReport, SCREENSHOT_BYTES_MAX};

/// File what a colleague saw: an account, or a post with --text or --title.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is fetched: what stands here is judged, and is the evidence together with the note and the screenshots.
The note is not judged. Of what may not be kept, such as protected speech, no screenshot is kept either.

Examples:
  wanglou report https://forum.example/u/yun_li --handle yun_li --name 星河官方客服 --screenshot seen.png
  wanglou report https://video.example/v/1 --platform video --handle u1 --text '内部价加微信' --note '同事转来'"
)]
pub struct ReportArgs {
    /// Address of the account or the post.
    pub url: Url,
    /// Platform; by default the one that is known at the address.
    #[arg(long)]
    pub platform: Option<String>,
    /// Identifier or login name of the account, or of the author.
    #[arg(long, default_value = "")]
    pub handle: String,
    /// Shown name of the account, or of the author.
    #[arg(long, default_value = "")]
    pub name: String,
    /// Self-description of the account.
    #[arg(long, default_value = "", conflicts_with_all = ["text", "title"])]
    pub bio: String,
    /// Verification text of the account.
    #[arg(long, default_value = "", conflicts_with_all = ["text", "title"])]
    pub verification: String,
    /// Title of the post.
    #[arg(long, default_value = "")]
    pub title: String,
    /// Text of the post.
    #[arg(long, default_value = "")]
    pub text: String,
    /// What you have to say about it.
    #[arg(long, default_value = "")]
    pub note: String,
    /// Screenshot: PNG, JPEG or WebP, up to 10 MiB; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub screenshot: Vec<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub async fn run(args: &ReportArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let item = seen(args, global)?.item()?;
    let shell = global.open(clock).await?;
    let imported = import(&shell, &shell.world(), std::slice::from_ref(&item), REPORTS, &actor()).await?;
    tell(args, &imported);
    Ok(0)
}

fn seen(args: &ReportArgs, global: &Global) -> anyhow::Result<ManualReport> {
    let platform = match &args.platform {
        Some(platform) => PlatformId::new(platform),
        None => platform_at(global, &args.url).context("name the platform with --platform")?,
    };
    Ok(ManualReport {
        url: args.url.clone(),
        platform,
        handle: args.handle.clone(),
        name: args.name.clone(),
        bio: args.bio.clone(),
        verification: args.verification.clone(),
        title: args.title.clone(),
        text: args.text.clone(),
        note: args.note.clone(),
        pictures: args.screenshot.iter().map(|file| picture(file)).collect::<anyhow::Result<_>>()?,
    })
}

fn picture(file: &Path) -> anyhow::Result<Picture> {
    let unreadable = || format!("{} cannot be read", file.display());
    if std::fs::metadata(file).with_context(unreadable)?.len() > SCREENSHOT_BYTES_MAX as u64 {
        bail!("{} is larger than {SCREENSHOT_BYTES_MAX} bytes", file.display());
    }
    let bytes = std::fs::read(file).with_context(unreadable)?;
    Picture::of(bytes).with_context(|| format!("{} is neither PNG, JPEG nor WebP", file.display()))
}

/// Of what may not be kept nothing is said either.
fn tell(args: &ReportArgs, imported: &Imported) {
    let is_kept = imported.judgements.iter().all(|judgement| judgement.outcome.may_be_stored());
    if args.json {
        let outcome = imported.judgements.first().map(|judgement| judgement.outcome).filter(|_| is_kept);
        println!(
            "{}",
            json!({"scan": imported.scan, "outcome": outcome, "asking": imported.inspected.asking, "evidence": imported.kept})
        );
    } else if is_kept {
        print_table(&imported.judgements);
    }
    match imported.kept {
        0 => eprintln!("nothing of it is kept: by the rules it is no case"),
        kept => eprintln!("taken in as run {} with {kept} pieces of evidence; see `wanglou cases list`", imported.scan),
    }
}
