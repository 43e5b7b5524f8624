//! `wanglou platform`: which platforms are known, whether a file is right, and what a page gives.

mod attempt;
mod card;
mod known;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use url::Url;

use crate::cli::Global;
use crate::cli::platform::attempt::{TryArgs, read_page};
use crate::cli::platform::known::Known;
use crate::clock::Clock;
use crate::model::ids::PlatformId;
use crate::model::source::EntryKind;
use crate::platform::definition::entry_named;
use crate::platform::sample::check_sample;
use crate::platform::{Catalog, Class, Definition, FILE_BYTES_MAX};

const PAGE_BYTES_MAX: u64 = 16 << 20;

/// Arguments of `wanglou platform`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou platform list
  wanglou platform show guba
  wanglou platform check platforms/forum.toml")]
pub struct PlatformArgs {
    /// What to do with them.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the platforms that sources may name, and what each cannot see.
    #[command(
        after_help = "Examples:\n  wanglou platform list\n  wanglou platform list --class A\n  wanglou platform list --json platforms/forum.toml"
    )]
    List {
        /// Platform files of your own, beside the built-in ones.
        files: Vec<PathBuf>,
        /// Only those of that class: A (read as it is), B (only where expressly enabled) or C (never visited).
        #[arg(long, value_parser = parse_class)]
        class: Option<Class>,
        /// One JSON array on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Shows everything about one platform in plain words.
    #[command(
        after_help = "Examples:\n  wanglou platform show v2ex\n  wanglou platform show platforms/forum.toml --json"
    )]
    Show {
        /// A platform file, or the identifier of a platform or of a source.
        platform: String,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Checks platform files and names every mistake with its line.
    #[command(
        after_help = "Examples:\n  wanglou platform check platforms/forum.toml\n  wanglou platform check --samples pages/ platforms/forum.toml"
    )]
    Check {
        /// Platform files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Folder with the pages of the files' samples; each must give what the sample says.
        #[arg(long)]
        samples: Option<PathBuf>,
    },
    /// Shows what a page gives: a saved one, a live address asked for once and politely, or the platform's canary.
    #[command(
        after_help = "Examples:\n  wanglou platform try platforms/forum.toml --page saved.html --entry search\n  wanglou platform try v2ex --page latest.json --json\n  wanglou platform try discourse https://forum.example/posts.json\n  wanglou platform try v2ex"
    )]
    Try(TryArgs),
}

fn parse_entry(text: &str) -> Result<EntryKind, String> {
    entry_named(text).ok_or_else(|| "expected search, listing, account or post".to_owned())
}

fn parse_class(text: &str) -> Result<Class, String> {
    let named = [Class::A, Class::B, Class::C].into_iter().find(|class| class.name().eq_ignore_ascii_case(text));
    named.ok_or_else(|| "expected A, B or C".to_owned())
}

fn parse_zone(text: &str) -> Result<chrono_tz::Tz, String> {
    text.parse().map_err(|_| "expected the name of a time zone such as Asia/Shanghai".to_owned())
}

/// Runs the command. The code is 0 when all is well, 1 when a page gives something else than it should or is blocked, and
/// 2 when a file is wrong. Errors mean that the call is wrong.
pub async fn run(args: &PlatformArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    match &args.command {
        Command::List { files, class, json } => list(files, *class, *json),
        Command::Show { platform, json } => show(platform, *json, global),
        Command::Check { files, samples } => check(files, samples.as_deref()),
        Command::Try(args) => attempt::run(args, global, clock).await,
    }
}

/// The platform to whose accounts an address belongs, by the sources and platforms that are known.
///
/// # Errors
/// When none is known there, or several are.
pub(in crate::cli) fn platform_at(global: &Global, url: &Url) -> anyhow::Result<PlatformId> {
    Ok(Known::read(global)?.of_address(url)?.0.accounts_of().clone())
}

fn list(files: &[PathBuf], class: Option<Class>, as_json: bool) -> anyhow::Result<u8> {
    let named = files.iter().map(|file| Ok((file.display().to_string(), read_file(file)?)));
    let (catalog, problems) = Catalog::with(&named.collect::<anyhow::Result<Vec<_>>>()?);
    let platforms = catalog.iter().filter(|definition| class.is_none_or(|class| class == definition.class()));
    if as_json {
        println!("{}", serde_json::to_string_pretty(&platforms.map(card::object).collect::<Vec<_>>())?);
    } else {
        println!("{}", card::table(platforms));
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn show(platform: &str, as_json: bool, global: &Global) -> anyhow::Result<u8> {
    let (definition, _) = match Known::read(global)?.platform_of(platform)? {
        Ok(named) => named,
        Err(error) => {
            eprintln!("{error}");
            return Ok(2);
        }
    };
    if as_json {
        println!("{}", serde_json::to_string_pretty(&card::object(&definition))?);
    } else {
        print!("{}", card::card(&definition));
    }
    Ok(0)
}

fn check(files: &[PathBuf], samples: Option<&Path>) -> anyhow::Result<u8> {
    let mut worst = 0;
    for file in files {
        let name = file.display().to_string();
        match Definition::parse(&name, &read_file(file)?) {
            Ok(definition) => worst = worst.max(check_samples(&name, &definition, samples)),
            Err(error) => {
                eprintln!("{error}");
                worst = 2;
            }
        }
    }
    Ok(worst)
}

fn check_samples(name: &str, definition: &Definition, folder: Option<&Path>) -> u8 {
    let Some(folder) = folder else {
        println!("{name}: ok ({} samples not read, give their folder with --samples)", definition.samples().len());
        return 0;
    };
    let check = |sample: &crate::platform::Sample| match read_page(&folder.join(&sample.page), definition) {
        Ok(text) => check_sample(definition, sample, &text),
        Err(error) => vec![format!("{error:#}")],
    };
    let differences: Vec<String> = definition.samples().iter().flat_map(check).collect();
    for difference in &differences {
        eprintln!("{name}: {difference}");
    }
    if differences.is_empty() {
        println!("{name}: ok ({} samples)", definition.samples().len());
    }
    u8::from(!differences.is_empty())
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    let bytes = read_bytes(path, FILE_BYTES_MAX as u64)?;
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8; save it as UTF-8", path.display()))
}

fn read_bytes(path: &Path, max: u64) -> anyhow::Result<Vec<u8>> {
    let name = path.display();
    let size = fs::metadata(path).with_context(|| format!("cannot read {name}"))?.len();
    if size > max {
        bail!("{name} has {size} bytes, at most {max} are read");
    }
    fs::read(path).with_context(|| format!("cannot read {name}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::PlatformArgs;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        platform: PlatformArgs,
    }

    #[test]
    fn an_entry_or_class_that_does_not_exist_is_refused() {
        assert!(Program::try_parse_from(["wanglou", "try", "v2ex", "--page", "x", "--entry", "home"]).is_err());
        assert!(Program::try_parse_from(["wanglou", "list", "--class", "D"]).is_err());
        assert!(Program::try_parse_from(["wanglou", "list", "--class", "b"]).is_ok());
    }
}
