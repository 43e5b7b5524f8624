//! `wanglou scan`: one pass; `wanglou serve`: the daemon.

use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::cli::progress::listener;
use crate::daemon::serve;
use crate::model::capture::Verdict;
use crate::model::ids::{ScanId, SourceId};
use crate::model::source::Source;
use crate::pipeline::crawl::Visit;
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
    let listed = shell.sources();
    let sources = chosen(&listed, &args.sources)?;
    let listener = listener();
    take_up(&shell, &listener).await?;
    let pass = scan(&shell, sources, &listener).await?;
    let world = shell.world();
    queue_digests(&shell, &world).await?;
    let sent = deliver(&shell, &world).await?;
    shell.leave().await?;
    if args.json {
        println!("{}", serde_json::to_string(&Summary::of(&pass, sent.sent))?);
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

fn chosen<'s>(listed: &'s [Source], ids: &[String]) -> anyhow::Result<Vec<&'s Source>> {
    if ids.is_empty() {
        return Ok(listed.iter().filter(|s| s.enabled).collect());
    }
    let find = |id: &String| {
        let known = || listed.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
        listed
            .iter()
            .find(|source| source.id.as_str() == id)
            .ok_or_else(|| anyhow::anyhow!("there is no source {id}; there are: {}", known()))
    };
    ids.iter().map(find).collect()
}

/// What came of a pass, as it is printed; the names stand in the order of the alphabet.
#[derive(Serialize)]
struct Summary<'p> {
    asking: usize,
    letters_sent: usize,
    pages: u32,
    scan: &'p ScanId,
    sources: Vec<SourceSummary<'p>>,
    subjects: usize,
}

#[derive(Serialize)]
struct SourceSummary<'p> {
    disallowed: u32,
    pages: u32,
    source: &'p SourceId,
    troubles: &'p [String],
    verdict: &'p Verdict,
}

impl<'p> Summary<'p> {
    fn of(pass: &'p Pass, letters_sent: usize) -> Self {
        Self {
            asking: pass.inspected.asking,
            letters_sent,
            pages: pass.pages(),
            scan: &pass.scan,
            sources: pass.visits.iter().map(|(source, visit)| SourceSummary::of(source, visit)).collect(),
            subjects: pass.inspected.subjects,
        }
    }
}

impl<'p> SourceSummary<'p> {
    fn of(source: &'p SourceId, visit: &'p Visit) -> Self {
        let Visit { disallowed, pages, troubles, verdict, .. } = visit;
        Self { disallowed: *disallowed, pages: *pages, source, troubles, verdict }
    }
}

/// Sources that are told of one by one; of more, those that could not be seen.
const ROWS_MAX: usize = 500;

/// What each source turned out to be.
pub(crate) fn print_sources(pass: &Pass) {
    let mut table = crate::cli::table(&["source", "verdict", "pages", "kept out by robots", "troubles"]);
    let is_told = |visit: &Visit| pass.visits.len() <= ROWS_MAX || matches!(visit.verdict, Verdict::Blocked { .. });
    for (id, visit) in pass.visits.iter().filter(|(_, visit)| is_told(visit)).take(ROWS_MAX) {
        table.add_row([
            id.to_string(),
            verdict_in_words(&visit.verdict),
            visit.pages.to_string(),
            visit.disallowed.to_string(),
            visit.troubles.len().to_string(),
        ]);
    }
    eprintln!("{table}");
    if pass.visits.len() > ROWS_MAX {
        let count = |is_meant: fn(&Verdict) -> bool| pass.visits.values().filter(|v| is_meant(&v.verdict)).count();
        let (found, empty) = (count(|v| *v == Verdict::Found), count(|v| *v == Verdict::Empty));
        let blocked = pass.visits.len() - found - empty;
        eprintln!("of all sources: {found} found, {empty} empty, {blocked} blocked; `--json` tells of each");
    }
}

fn verdict_in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Found => "found".to_owned(),
        Verdict::Empty => "empty".to_owned(),
        Verdict::Blocked { reason } => format!("blocked: {reason}"),
    }
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
