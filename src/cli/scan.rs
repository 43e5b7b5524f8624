//! `wanglou scan`: one pass; `wanglou serve`: the daemon.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use clap::Args;
use serde::{Serialize, Serializer};

use crate::cli::progress::listener;
use crate::daemon::serve;
use crate::model::capture::Verdict;
use crate::model::ids::{ScanId, SourceId};
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::pipeline::crawl::Visit;
use crate::pipeline::digests::queue_digests;
use crate::pipeline::exempted::settle_exemptions;
use crate::pipeline::letters::deliver;
use crate::pipeline::scan::{Pass, scan, take_up};
use crate::pipeline::shell::Shell;
use crate::pipeline::visited::Visited;
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
    let chosen = chosen(&listed, &args.sources)?;
    let listener = listener();
    take_up(&shell, &listener).await?;
    let pass = match chosen.is_empty() {
        true => scan(&shell, listed.iter().filter(|source| source.enabled), &listener).await?,
        false => scan(&shell, chosen, &listener).await?,
    };
    shell.recall_unlinkings().await?;
    let world = shell.world();
    settle_exemptions(&shell, &world).await?;
    queue_digests(&shell, &world).await?;
    let sent = deliver(&shell, &world).await?;
    shell.leave().await?;
    if args.json {
        print_summary(&Summary::of(&pass, sent.sent))?;
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

fn chosen(listed: &SourceList, ids: &[String]) -> anyhow::Result<Vec<Source>> {
    let find = |id: &String| {
        let known = || listed.ids().collect::<Vec<_>>().join(", ");
        let source = listed.get(&SourceId::new(id)).filter(|source| source.id.as_str() == id);
        source.ok_or_else(|| anyhow::anyhow!("there is no source {id}; there are: {}", known()))
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
    sources: Sources<'p>,
    subjects: usize,
}

/// Each is put together when its turn comes to be written: there may be a hundred thousand.
struct Sources<'p>(&'p Visited);

#[derive(Serialize)]
struct SourceSummary {
    disallowed: u32,
    pages: u32,
    source: SourceId,
    troubles: Vec<String>,
    verdict: Verdict,
}

impl<'p> Summary<'p> {
    fn of(pass: &'p Pass, letters_sent: usize) -> Self {
        Self {
            asking: pass.inspected.asking,
            letters_sent,
            pages: pass.pages(),
            scan: &pass.scan,
            sources: Sources(&pass.visits),
            subjects: pass.inspected.subjects,
        }
    }
}

impl Serialize for Sources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(source, visit)| SourceSummary::of(source, visit)))
    }
}

impl SourceSummary {
    fn of(source: SourceId, visit: Visit) -> Self {
        let Visit { disallowed, pages, troubles, verdict, .. } = visit;
        Self { disallowed, pages, source, troubles, verdict }
    }
}

fn print_summary(summary: &Summary<'_>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer(&mut out, summary)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Sources that are told of one by one; of more, those that could not be seen.
const ROWS_MAX: usize = 500;

/// What each source turned out to be.
pub(crate) fn print_sources(pass: &Pass) {
    let mut table = crate::cli::table(&["source", "verdict", "pages", "kept out by robots", "troubles"]);
    let count = pass.visits.len();
    let is_told = |visit: &Visit| count <= ROWS_MAX || matches!(visit.verdict, Verdict::Blocked { .. });
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
    if count > ROWS_MAX {
        let (found, empty) = pass.visits.found_and_empty();
        let blocked = count - found - empty;
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
