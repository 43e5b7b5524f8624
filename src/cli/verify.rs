//! `wanglou verify`: are the evidence and the audit still what was stored?

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::store::{AuditVerification, Store, Verification, export, verify};
use crate::vault::Vault;

/// Checks the evidence chain, the bytes of all evidence, and the chain of the audit.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Example:\n  wanglou verify --export evidence-2026-11")]
pub struct VerifyArgs {
    /// Also write chain, evidence and audit into a new folder, for somebody who checks them with common tools
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
    let audit = store.verify_audit().await?;
    if args.json {
        print_json(&verification, &audit, out)?
    } else {
        print_text(&verification, &audit, out)?
    }
    Ok(u8::from(!verification.problems.is_empty() || !audit.problems.is_empty()))
}

fn print_json(verification: &Verification, audit: &AuditVerification, out: &mut impl Write) -> std::io::Result<()> {
    let problems: Vec<String> = verification.problems.iter().map(ToString::to_string).collect();
    let of_audit: Vec<String> = audit.problems.iter().map(ToString::to_string).collect();
    let object = json!({
        "ok": problems.is_empty() && of_audit.is_empty(),
        "links": verification.links,
        "objects": verification.objects,
        "erased": verification.erased,
        "head": verification.head,
        "problems": problems,
        "audit": {"lines": audit.lines, "unlinked": audit.unlinked, "head": audit.head, "problems": of_audit},
    });
    writeln!(out, "{object}")
}

fn print_text(verification: &Verification, audit: &AuditVerification, out: &mut impl Write) -> std::io::Result<()> {
    let Verification { links, objects, erased, head, problems } = verification;
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    let result = sound(problems.is_empty());
    writeln!(out, "The evidence is {result}: {links} links, {objects} objects, {erased} erased by retention.")?;
    writeln!(out, "Head of the chain: {head}")?;
    for problem in &audit.problems {
        writeln!(out, "audit: {problem}")?;
    }
    let (result, lines) = (sound(audit.problems.is_empty()), audit.lines);
    writeln!(out, "The audit is {result}: {lines} lines{}.", unlinked(audit.unlinked))?;
    writeln!(out, "Head of the audit: {}", audit.head)
}

const fn sound(is_sound: bool) -> &'static str {
    if is_sound { "sound" } else { "NOT sound" }
}

fn unlinked(lines: u64) -> String {
    if lines == 0 { String::new() } else { format!(", and {lines} that an older program wrote without a link") }
}
