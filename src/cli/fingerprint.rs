//! `wanglou fingerprint`: protected documents, entered as keyed hashes. Their text is read once and kept nowhere.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::installation::Global;
use crate::clock::Clock;
use crate::detect::fingerprint::{Document, fingerprint};
use crate::documents::{DOCUMENT_BYTES_MAX, text_of};
use crate::model::fingerprint::{Fingerprint, Fingerprints};
use crate::model::time::Timestamp;
use crate::seal::Key;
use crate::watchlists::fingerprints::{self, FINGERPRINTS_FILE};

/// Enter protected documents, so that passages of them are found. Only keyed hashes are kept.
#[derive(Debug, Args)]
#[command(
    after_help = "The text of a document is read once and kept nowhere. The file of fingerprints is sealed with the
installation's key. What has been published is entered with --public, or stands in the disclosures ledger: what a
protected document shares with it tells nothing.

Examples:
  wanglou fingerprint add 图纸说明.docx 报价单.xlsx
  wanglou fingerprint add 年报草稿.pdf --id DOC-2026-031
  wanglou fingerprint list
  wanglou fingerprint remove DOC-2026-031"
)]
pub struct FingerprintArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FingerprintCommand,
    /// File of fingerprints. Default: `fingerprints.sealed` in the ledgers' folder.
    #[arg(long, global = true, value_name = "FILE")]
    pub fingerprints: Option<PathBuf>,
    /// Key file; the environment variable `WANGLOU_KEY` comes first. Default: that of the configuration.
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// What can be done with fingerprints.
#[derive(Debug, Subcommand)]
pub enum FingerprintCommand {
    /// Enter documents (txt, md, docx, pptx, xlsx, pdf). One of the same --id is replaced.
    #[command(after_help = "Exit code 2 when a document could not be read; the others are entered.\n\nExamples:
  wanglou fingerprint add 图纸说明.docx 报价单.xlsx
  wanglou fingerprint add 年报草稿.pdf --id DOC-2026-031 --title 2026年年度报告
  wanglou fingerprint add --public 官网新闻.txt")]
    Add(AddArgs),
    /// Show the documents: number, size, when they were entered. Never anything of their text.
    #[command(after_help = "Examples:
  wanglou fingerprint list
  wanglou fingerprint list --json")]
    List {
        /// A JSON array on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Forget documents by their numbers.
    #[command(after_help = "Example:
  wanglou fingerprint remove DOC-2026-031")]
    Remove {
        /// Numbers of documents.
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Seal the fingerprints with another key. The documents are not needed.
    #[command(after_help = "Example:
  wanglou fingerprint rotate --to secrets/new.key")]
    Rotate {
        /// File of the new key.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// What is entered.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Files of documents.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Number of the document in the company's register, for one file. It stands in letters. Default: the next free one, such
    /// as D-0001, since the name of a file may give something away.
    #[arg(long, value_parser = number)]
    pub id: Option<String>,
    /// Name of the document, which alone gives nothing away, for one file. Default: the file's name without its ending.
    #[arg(long)]
    pub title: Option<String>,
    /// Everybody may read it.
    #[arg(long)]
    pub public: bool,
}

/// Runs the command. Exit code 2 when a document could not be read or a number is not there.
pub fn run(args: &FingerprintArgs, global: &Global, clock: &Clock) -> anyhow::Result<u8> {
    let config = global.config_or_default()?;
    let beside = || config.paths.watchlists.join(FINGERPRINTS_FILE);
    let file = args.fingerprints.clone().unwrap_or_else(beside);
    let key_file = args.key_file.as_ref().unwrap_or(&config.paths.key_file);
    let key = key_of(key_file)?;
    let known = fingerprints::read(&file, Some(&key))?;
    match &args.command {
        FingerprintCommand::Add(add) => enter(add, &file, &key, known, clock.now()),
        FingerprintCommand::List { json } => list(&known.unwrap_or_default(), *json),
        FingerprintCommand::Remove { ids } => remove(ids, &file, &key, known.unwrap_or_default()),
        FingerprintCommand::Rotate { to } => {
            let to = Key::from_file(to)?.with_context(|| format!("there is no key file {}", to.display()))?;
            fingerprints::write(&file, &to, &known.unwrap_or_default())?;
            eprintln!("sealed with key {}; set it as the installation's key", to.fingerprint());
            Ok(0)
        }
    }
}

/// The fingerprints of a file that must be there.
pub(crate) fn read(file: &Path, key_file: &Path) -> anyhow::Result<Fingerprints> {
    let key = key_of(key_file)?;
    fingerprints::read(file, Some(&key))?
        .with_context(|| format!("there is no file of fingerprints {}", file.display()))
}

fn key_of(key_file: &Path) -> anyhow::Result<Key> {
    let key = Key::from_env_or_file(Some(key_file))?;
    key.with_context(|| {
        format!("there is no key {}: `wanglou init` writes one, or set WANGLOU_KEY or --key-file", key_file.display())
    })
}

fn enter(args: &AddArgs, file: &Path, key: &Key, known: Option<Fingerprints>, now: Timestamp) -> anyhow::Result<u8> {
    if args.files.len() > 1 && (args.id.is_some() || args.title.is_some()) {
        bail!("--id and --title are for one file; enter the files one by one");
    }
    // Hashes under a fresh random key: the same document entered elsewhere looks different.
    let mut all = known.unwrap_or_else(|| Fingerprints { key: crate::seal::random_bytes(), documents: Vec::new() });
    let mut unread = 0;
    for path in &args.files {
        let id = args.id.clone().unwrap_or_else(|| next_number(&all.documents));
        match print_of(args, path, &id, &all.key, now) {
            Ok(print) => {
                eprintln!("{}: entered as {id}, {} characters", path.display(), print.chars);
                all.documents.retain(|known| known.id != print.id);
                all.documents.push(print);
            }
            Err(error) => {
                eprintln!("{error:#}");
                unread += 1;
            }
        }
    }
    if unread < args.files.len() {
        fingerprints::write(file, key, &all)?;
    }
    Ok(if unread > 0 { 2 } else { 0 })
}

/// Characters of a document's number.
const NUMBER_CHARS_MAX: usize = 64;

fn number(text: &str) -> Result<String, String> {
    let is_good =
        !text.trim().is_empty() && text.chars().count() <= NUMBER_CHARS_MAX && !text.contains(char::is_control);
    if is_good { Ok(text.trim().to_owned()) } else { Err(format!("a number has 1 to {NUMBER_CHARS_MAX} characters")) }
}

fn next_number(documents: &[Fingerprint]) -> String {
    let numbers = documents.iter().filter_map(|print| print.id.strip_prefix("D-")?.parse::<u32>().ok());
    format!("D-{:04}", numbers.max().unwrap_or(0) + 1)
}

fn print_of(args: &AddArgs, path: &Path, id: &str, key: &[u8; 16], now: Timestamp) -> anyhow::Result<Fingerprint> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    opened.take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    let text = quietly(|| text_of(&name, &bytes)).map_err(|error| anyhow::anyhow!("{} {error}", path.display()))?;
    let document =
        Document { id, title: args.title.as_deref().unwrap_or(&stem), text: &text, is_public: args.public, added: now };
    Ok(fingerprint(key, document))
}

/// Libraries that read documents panic on damaged ones, and what they would print may quote the document.
fn quietly<T>(read: impl FnOnce() -> T) -> T {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = read();
    std::panic::set_hook(usual);
    result
}

fn list(all: &Fingerprints, json: bool) -> anyhow::Result<u8> {
    if json {
        let object = |print: &Fingerprint| json!({"id": print.id, "characters": print.chars, "public": print.is_public, "added": print.added});
        println!("{}", json!(all.documents.iter().map(object).collect::<Vec<_>>()));
        return Ok(0);
    }
    let mut table = crate::cli::table(&["document", "characters", "public", "entered (UTC)"]);
    for print in &all.documents {
        let public = if print.is_public { "yes" } else { "" };
        let entered = print.added.utc().format("%Y-%m-%d %H:%M").to_string();
        table.add_row([print.id.as_str(), &print.chars.to_string(), public, &entered]);
    }
    println!("{table}");
    Ok(0)
}

fn remove(ids: &[String], file: &Path, key: &Key, mut all: Fingerprints) -> anyhow::Result<u8> {
    let known: HashSet<String> = all.documents.iter().map(|print| print.id.clone()).collect();
    let missing: Vec<&String> = ids.iter().filter(|id| !known.contains(*id)).collect();
    missing.iter().for_each(|id| eprintln!("there is no document {id}; `wanglou fingerprint list` shows them"));
    all.documents.retain(|print| !ids.contains(&print.id));
    if missing.len() < ids.len() {
        fingerprints::write(file, key, &all)?;
    }
    Ok(if missing.is_empty() { 0 } else { 2 })
}
