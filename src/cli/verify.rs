//! `wanglou verify`: is the evidence still what was stored?

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::store::{Store, Verification, export, verify};
use crate::vault::Vault;

/// Checks the evidence chain and the bytes of all evidence.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Example:\n  wanglou verify --export evidence-2026-11")]
pub struct VerifyArgs {
    /// Also write chain and evidence into a new folder, for somebody who checks them with common tools
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Checks, and exports when asked. Exit code 0 when everything is as it was stored, 1 otherwise.
///
/// # Errors
/// When the database or the vault cannot be read, or the folder cannot be written.
pub async fn run(store: &Store, vault: &Vault, args: &VerifyArgs, out: &mut impl Write) -> anyhow::Result<u8> {
    let verification = match &args.export {
        Some(folder) => export(store, vault, folder).await?,
        None => verify(store, vault).await?,
    };
    if args.json {
        print_json(&verification, out)?
    } else {
        print_text(&verification, out)?
    }
    Ok(u8::from(!verification.problems.is_empty()))
}

fn print_json(verification: &Verification, out: &mut impl Write) -> std::io::Result<()> {
    let problems: Vec<String> = verification.problems.iter().map(ToString::to_string).collect();
    let object = json!({
        "ok": problems.is_empty(),
        "links": verification.links,
        "objects": verification.objects,
        "erased": verification.erased,
        "head": verification.head,
        "problems": problems,
    });
    writeln!(out, "{object}")
}

fn print_text(verification: &Verification, out: &mut impl Write) -> std::io::Result<()> {
    let Verification { links, objects, erased, head, problems, .. } = verification;
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    let result = if problems.is_empty() { "sound" } else { "NOT sound" };
    writeln!(out, "The evidence is {result}: {links} links, {objects} objects, {erased} erased by retention.")?;
    writeln!(out, "Head of the chain: {head}")
}
