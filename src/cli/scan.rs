//! `wanglou scan`: one pass; `wanglou serve`: the daemon.

use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::cli::progress::listener;
use crate::daemon::serve;
use crate::model::capture::Verdict;
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::pipeline::digests::queue_digests;
use crate::pipeline::letters::deliver;
use crate::pipeline::scan::{Pass, scan, take_up};
use crate::pipeline::shell::Shell;
use crate::web::console::first_invitation;

/// Visit the sources once, judge what they show, file cases and send what is due.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wanglou scan
  wanglou scan --source guba --source hupu --json")]
pub struct ScanArgs {
    /// Only this source; may be given several times. Default: every enabled source.
    #[arg(long = "source", value_name = "ID")]
    pub sources: Vec<String>,
    /// The summary as one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs the scheduled daemon until it is stopped.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  wanglou serve --config /etc/wanglou/wanglou.toml")]
pub struct ServeArgs {}

/// One pass. Exit code 1 when a source could not be seen.
pub async fn run(args: &ScanArgs, shell: Arc<Shell>) -> anyhow::Result<u8> {
    let sources = chosen(&shell, &args.sources)?;
    let listener = listener();
    take_up(&shell, &listener).await?;
    let pass = scan(&shell, &sources, &listener).await?;
    let world = shell.world();
    queue_digests(&shell, &world).await?;
    let sent = deliver(&shell, &world).await?;
    shell.leave().await?;
    if args.json {
        println!("{}", summary(&pass, sent.sent));
    } else {
        print_sources(&pass);
        eprintln!(
            "{} pages, {} subjects judged, {} ask for attention, {} letters sent",
            pass.pages(),
            pass.inspected.subjects,
            pass.inspected.asking,
            sent.sent
        );
    }
    if shell.transport.is_off() {
        eprintln!("mail.transport is \"none\": letters wait in the outbox");
    }
    Ok(u8::from(pass.has_blocked()))
}

fn chosen(shell: &Shell, ids: &[String]) -> anyhow::Result<Vec<Source>> {
    if ids.is_empty() {
        return Ok(shell.sources().iter().filter(|s| s.enabled).cloned().collect());
    }
    let find = |id: &String| {
        let known = || shell.sources().iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
        shell
            .source(&SourceId::new(id))
            .ok_or_else(|| anyhow::anyhow!("there is no source {id}; there are: {}", known()))
    };
    ids.iter().map(find).collect()
}

fn summary(pass: &Pass, letters: usize) -> serde_json::Value {
    let visits = pass.visits.iter().map(|(id, v)| {
        json!({"source": id, "verdict": v.verdict, "pages": v.pages, "disallowed": v.disallowed, "troubles": v.troubles})
    });
    json!({
        "scan": pass.scan,
        "pages": pass.pages(),
        "subjects": pass.inspected.subjects,
        "asking": pass.inspected.asking,
        "letters_sent": letters,
        "sources": visits.collect::<Vec<_>>(),
    })
}

/// What each source turned out to be.
pub(crate) fn print_sources(pass: &Pass) {
    let mut table = crate::cli::table(&["source", "verdict", "pages", "kept out by robots", "troubles"]);
    for (id, visit) in &pass.visits {
        let verdict = match &visit.verdict {
            Verdict::Found => "found".to_owned(),
            Verdict::Empty => "empty".to_owned(),
            Verdict::Blocked { reason } => format!("blocked: {reason}"),
        };
        table.add_row([
            id.to_string(),
            verdict,
            visit.pages.to_string(),
            visit.disallowed.to_string(),
            visit.troubles.len().to_string(),
        ]);
    }
    eprintln!("{table}");
}

/// The daemon, until Ctrl-C or a termination signal.
pub async fn run_daemon(_args: &ServeArgs, shell: Arc<Shell>) -> anyhow::Result<u8> {
    eprintln!("serving {} sources; stop with Ctrl-C", shell.sources().iter().filter(|s| s.enabled).count());
    if !shell.config.console.listen.trim().is_empty()
        && let Some(link) = first_invitation(&shell).await?
    {
        eprintln!("nobody can sign in to the console yet; choose the password of the login `admin` here: {link}");
    }
    serve(shell, crate::pipeline::progress::nobody(), stopped()).await?;
    Ok(0)
}

/// Ends with Ctrl-C or a termination signal.
pub(crate) async fn stopped() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::warn!(%error, "termination signals are not seen");
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
