//! What was proposed and waits for a word: what would change, what is wrong, and what the last thirty days would have given.

use std::io::ErrorKind;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::ledger::definition::Ledger;
use crate::ledger::diff::{Change, ChangedCell};
use crate::ledger::protected_topics::PROTECTED_TOPICS;
use crate::model::case::Lane;
use crate::model::time::Timestamp;
use crate::pipeline::edition::{EditionError, Proposal, accept as accept_proposal};
use crate::pipeline::replay::{Replayed, replay};
use crate::pipeline::rewrite::put_in_force;
use crate::store::subject_key;
use crate::watchlists::WatchlistsError;
use crate::web::console::Console;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::ledgers::edit::Proposed;
use crate::web::console::ledgers::{edited, title};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::topic_changes::propose;

/// Lines of each kind that are shown, characters of a cell, and samples of what would be found.
const SHOWN: usize = 50;
const CELL_CHARS: usize = 60;
const SAMPLES: usize = 10;
/// Days that are looked back.
const LOOKED_BACK_DAYS: i64 = 30;

/// What the last days would have given with other terms.
#[derive(Debug, Default)]
struct Preview {
    asking: usize,
    asking_now: usize,
    new: usize,
    gone: usize,
    /// Of all that would ask, those in whose case somebody found nothing before.
    found_wrong: usize,
    /// New ones within the reader's lanes: platform, account, why.
    samples: Vec<(String, String, String)>,
}

#[derive(Debug, Template)]
#[template(path = "console/proposal.html")]
struct Page {
    frame: Frame,
    name: &'static str,
    title: &'static str,
    summary: String,
    numbered: usize,
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<(String, String)>,
    errors: Vec<String>,
    advice: Vec<String>,
    is_settled: bool,
    /// Whether another person has to approve it.
    is_of_two: bool,
    preview: Option<Preview>,
}

pub(in crate::web::console) async fn proposal_page(
    State(console): State<Arc<Console>>,
    Path((name, token)): Path<(String, String)>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let ledger = edited(&reader, &name)?;
    let proposed = waiting(&console, &reader, &token)?;
    let proposal = &proposed.proposal;
    let frame = Frame::of(&reader);
    let said = |is_error: bool| {
        let problems = proposal.problems.iter().filter(|problem| problem.is_error() == is_error).take(SHOWN);
        problems.map(|problem| frame.voice.say(&problem.zh, &problem.en).to_owned()).collect::<Vec<_>>()
    };
    let diff = &proposal.diff;
    let page = Page {
        name: ledger.name,
        title: title(&frame, ledger),
        summary: if frame.is_english() { diff.summary_en() } else { diff.summary_zh() },
        numbered: proposal.numbered,
        added: diff.added.iter().take(SHOWN).map(|entry| entry.key.clone()).collect(),
        removed: diff.removed.iter().take(SHOWN).map(|entry| entry.key.clone()).collect(),
        changed: diff.changed.iter().take(SHOWN).map(changed).collect(),
        errors: said(true),
        advice: said(false),
        is_settled: proposal.is_settled(),
        is_of_two: *ledger == PROTECTED_TOPICS,
        preview: preview(&console, &reader, proposal).await?,
        frame,
    };
    Ok(Html(page.render()?))
}

fn waiting(console: &Console, reader: &Reader, token: &str) -> Result<Arc<Proposed>, Refusal> {
    let (by, now) = (reader.session.user.id.as_str(), console.shell.clock.now());
    console.proposals.of(token, by, now).ok_or_else(|| {
        Refusal::unfit("这份修改已过期，请重新提交。", "The change has waited too long; propose it again.")
    })
}

fn changed(change: &Change) -> (String, String) {
    (change.key.clone(), change.cells.iter().map(cell_text).collect::<Vec<_>>().join("；"))
}

fn cell_text(cell: &ChangedCell) -> String {
    let short = |text: &Option<String>| text.iter().flat_map(|text| text.chars()).take(CELL_CHARS).collect::<String>();
    format!("{}：{} → {}", cell.column, short(&cell.before), short(&cell.after))
}

/// Judges what was seen in the last days with the terms as proposed and as they are. Only where terms are what changes.
async fn preview(console: &Console, reader: &Reader, proposal: &Proposal) -> Result<Option<Preview>, Refusal> {
    if proposal.lines.ledger.name != "terms" || proposal.has_errors() || proposal.is_settled() {
        return Ok(None);
    }
    let since = console.shell.clock.now().plus_days(-LOOKED_BACK_DAYS);
    let mut ledgers = proposal.ledgers.clone();
    ledgers.fingerprints = Arc::clone(&reader.world.ledgers.fingerprints);
    let then = asking(console, &console.shell.world_of(ledgers), since).await?;
    let now = asking(console, &reader.world, since).await?;
    let wrong = console.shell.store.subjects_found_wrong().await?;
    let is_in = |all: &[Replayed], one: &Replayed| all.iter().any(|other| other.now.subject == one.now.subject);
    let new: Vec<&Replayed> = then.iter().filter(|one| !is_in(&now, one)).collect();
    let scope = reader.rights.scope(Right::SeeCases);
    let is_shown = |one: &&&Replayed| scope.has(&one.now.lane) && !reader.rights.is_own(&one.now);
    let shown = new.iter().filter(is_shown).take(SAMPLES);
    Ok(Some(Preview {
        asking: then.len(),
        asking_now: now.len(),
        new: new.len(),
        found_wrong: then.iter().filter(|one| wrong.contains(&subject_key(&one.now.subject))).count(),
        gone: now.iter().filter(|one| !is_in(&then, one)).count(),
        samples: shown.map(|one| sample(console, reader, one)).collect(),
    }))
}

async fn asking(console: &Console, world: &World, since: Timestamp) -> Result<Vec<Replayed>, Refusal> {
    let (replayed, _) = replay(&console.shell, world, since).await?;
    // Of leaks not even a count is told here.
    let is_told = |one: &Replayed| one.now.outcome.opens_case() && one.now.lane != Lane::Leak;
    Ok(replayed.into_iter().filter(is_told).collect())
}

fn sample(console: &Console, reader: &Reader, one: &Replayed) -> (String, String, String) {
    let judgement = &one.now;
    let reason = judgement.findings.iter().flat_map(|finding| &finding.reasons).next();
    let why = reason.map(|reason| reader.voice().reason(reason).to_owned()).unwrap_or_default();
    (
        console.shell.platform_name(&judgement.subject.platform),
        masked(&reader.world.watch, &judgement.subject.handle),
        why,
    )
}

pub(in crate::web::console) async fn accept(
    State(console): State<Arc<Console>>,
    Path((name, token)): Path<(String, String)>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, &name)?;
    let proposed = waiting(&console, &reader, &token)?;
    let proposal = &proposed.proposal;
    if proposal.has_errors() || proposal.lines.ledger.name != ledger.name {
        return Err(Refusal::unfit("有错误，没有写入任何内容。", "There are errors; nothing was written."));
    }
    if *ledger == PROTECTED_TOPICS {
        let waits = propose(&console, &reader, proposal, &form).await?;
        remember(&console, &reader, ledger, &proposed).await?;
        console.proposals.end(&token);
        return Ok(waits);
    }
    let audit = reader.did("ledger.save", &ledger.file_name(), &proposal.diff.summary_en());
    accept_proposal(&console.shell.folder, Some(&console.shell.store), proposal, &audit).await?;
    remember(&console, &reader, ledger, &proposed).await?;
    console.proposals.end(&token);
    if let Err(error) = put_in_force(&console.shell).await {
        tracing::warn!(%error, "the ledger was saved, but not read again or not kept with the others");
    }
    // After HR's list is in force, what those hold who left is what HR looks at next.
    let shows_leavers = ledger.name == "employees" && reader.rights.may(Right::KeepGroups);
    let next =
        if shows_leavers { "/groups/leavers?saved=1".to_owned() } else { format!("/ledgers/{}?saved=1", ledger.name) };
    Ok(Redirect::to(&next))
}

/// Remembers the columns by which a foreign file was read.
async fn remember(console: &Console, reader: &Reader, ledger: &Ledger, proposed: &Proposed) -> Result<(), Refusal> {
    if proposed.columns.is_empty() {
        return Ok(());
    }
    let audit = reader.did("ledger.map", &ledger.file_name(), "");
    Ok(console.shell.store.save_column_mapping(ledger.name, &proposed.columns, &audit).await?)
}

/// Whether a disk or folder is there to be read only.
fn is_forbidden(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

impl From<EditionError> for Refusal {
    fn from(error: EditionError) -> Self {
        match error {
            EditionError::Store(error) => error.into(),
            EditionError::Watchlists(WatchlistsError::Changed(file)) => Self::Conflict(
                format!("{file} 刚刚被别人改过，您的修改没有写入，也没有丢失：请打开最新的台账，再提交一次。"),
                format!(
                    "{file} was changed by somebody else; yours was not written. Open the ledger as it is now and propose again."
                ),
            ),
            EditionError::Watchlists(WatchlistsError::TooManyImages) => Self::unfit(
                "台账文件夹里的图片太多，请系统运维删去不再使用的。没有写入任何内容。",
                "The folder of ledgers holds too many pictures; ask the operator to remove unused ones. Nothing was written.",
            ),
            EditionError::Watchlists(WatchlistsError::File { source, .. }) if is_forbidden(source.kind()) => {
                tracing::error!(error = %source, "the folder of ledgers cannot be written; see the operator guide");
                Self::unfit(
                    "台账文件夹不允许写入，没有保存任何内容。请系统运维按运维指南中台账写入权限一节放开，或直接在文件夹里改。",
                    "The folder of ledgers may not be written; nothing was saved. The operator guide says who may write the ledgers; they can be edited in the folder as well.",
                )
            }
            EditionError::Watchlists(error) => {
                tracing::error!(%error, "a ledger was not written");
                Self::Failed
            }
        }
    }
}
