//! 权益保护的修改: what one person of legal or the leak lane proposes and another one approves. HR neither proposes nor approves.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::ledger::diff::Change;
use crate::ledger::protected_topics::PROTECTED_TOPICS;
use crate::model::ids::TopicChangeId;
use crate::model::topic_change::{TopicChange, TopicChangeState};
use crate::pipeline::edition::Proposal;
use crate::pipeline::topic_changes::{
    Approval, Standing, WAITING_DAYS, approve as approve_change, file, refuse as refuse_change, standing,
};
use crate::store::{LedgerVersion, sha256_hex};
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::form::{Fields, Submitted};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Changes and versions that are shown.
const SHOWN: u32 = 20;
/// Most characters of a reason.
const REASON_MAX: usize = 300;
const PLACE: &str = "/ledgers/protected_topics/changes";

/// A line of the ledger that comes, goes or changes: class and name of what happens, key, cells.
type Line = (&'static str, &'static str, String, Vec<String>);

#[derive(Debug)]
struct Row {
    id: String,
    state: &'static str,
    lines: Vec<Line>,
    reason: String,
    proposed: String,
    until: String,
    decided: Option<String>,
    answer: String,
    waits: bool,
    is_unwritten: bool,
    /// Whether the ledger has changed since, so that it cannot be put in force.
    is_overtaken: bool,
    may_decide: bool,
    /// Whether whoever decides may also refuse: what was approved and is in the file already is not refused any more.
    may_refuse: bool,
    may_withdraw: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/topic_changes.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// Versions that no two people decided: number, when, by whom.
    outside: Vec<(u64, String, String)>,
    may_propose: bool,
    is_done: bool,
    days: i64,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    if !reader.rights.may_see_ledger(PROTECTED_TOPICS.name) {
        return Err(Refusal::NotFound);
    }
    let (frame, changes) = (Frame::of(&reader), console.shell.store.topic_changes(SHOWN).await?);
    let rows = changes.iter().map(|change| row(&console, &reader, &frame, change)).collect::<Result<_, _>>()?;
    let page = Page {
        rows,
        outside: outside(&console, &frame, &changes).await?,
        may_propose: reader.rights.may(Right::ChangeTopics),
        is_done: done.is_done(),
        days: WAITING_DAYS,
        frame,
    };
    Ok(Html(page.render()?))
}

fn row(console: &Console, reader: &Reader, frame: &Frame, change: &TopicChange) -> Result<Row, Refusal> {
    let waits = change.waits(reader.world.at);
    let is_open = waits || change.is_unwritten();
    let (is_own, may) = (change.proposed_by == reader.actor(), reader.rights.may(Right::ChangeTopics));
    let standing = is_open.then(|| standing(&console.shell, change)).transpose()?;
    Ok(Row {
        id: change.id.to_string(),
        state: state_name(frame, change, waits),
        lines: lines(frame, change),
        reason: change.reason.clone(),
        proposed: format!("{} · {}", change.proposed_by, frame.voice.minute(change.proposed_at)),
        until: frame.voice.minute(change.expires_at),
        decided: change.decided_at.map(|at| format!("{} · {}", change.decided_by, frame.voice.minute(at))),
        answer: change.answer.clone(),
        waits,
        is_unwritten: change.is_unwritten(),
        is_overtaken: standing == Some(Standing::Overtaken),
        may_decide: is_open && may && !is_own,
        may_refuse: waits || standing != Some(Standing::InForce),
        may_withdraw: waits && may && is_own,
    })
}

fn state_name(frame: &Frame, change: &TopicChange, waits: bool) -> &'static str {
    match change.state {
        TopicChangeState::Waiting if waits => frame.voice.say("等另一人批准", "Waits for another person"),
        TopicChangeState::Waiting => frame.voice.say("已过期", "Expired"),
        TopicChangeState::Approved if change.is_unwritten() => {
            frame.voice.say("已批准，还没有写入", "Approved, not in force yet")
        }
        TopicChangeState::Approved => frame.voice.say("已生效", "In force"),
        TopicChangeState::Refused => frame.voice.say("未批准", "Refused"),
        TopicChangeState::Withdrawn => frame.voice.say("已撤回", "Withdrawn"),
    }
}

fn lines(frame: &Frame, change: &TopicChange) -> Vec<Line> {
    let changes: Vec<Change> = serde_json::from_str(&change.diff).unwrap_or_default();
    changes.into_iter().map(|change| line(frame, change)).collect()
}

fn line(frame: &Frame, change: Change) -> Line {
    let is_new = change.cells.iter().all(|cell| cell.before.is_none());
    let is_gone = change.cells.iter().all(|cell| cell.after.is_none());
    let (class, name) = match (is_new, is_gone) {
        (true, _) => ("ok", frame.voice.say("新增", "Added")),
        (_, true) => ("fail", frame.voice.say("删除", "Removed")),
        _ => ("warn", frame.voice.say("修改", "Changed")),
    };
    let cells = change.cells.into_iter().map(|cell| match (cell.before, cell.after) {
        (Some(before), Some(after)) => format!("{}：{before} → {after}", cell.column),
        (before, after) => format!("{}：{}", cell.column, before.or(after).unwrap_or_default()),
    });
    (class, name, change.key, cells.collect())
}

/// The latest versions that came into force without two people, such as by an edit in the folder.
async fn outside(
    console: &Console,
    frame: &Frame,
    changes: &[TopicChange],
) -> Result<Vec<(u64, String, String)>, Refusal> {
    let versions = console.shell.store.ledger_versions(Some(&PROTECTED_TOPICS.file_name())).await?;
    let by_two = console.shell.store.topic_versions_of_two().await?;
    // What two people approved may stand in the file before it is noted as theirs.
    let is_approved = |version: &LedgerVersion| {
        let is_it = |change: &&TopicChange| sha256_hex(change.text.as_bytes()) == version.sha256;
        let approved = changes.iter().filter(|change| change.is_unwritten());
        approved.filter(is_it).any(|change| change.decided_at.is_some_and(|at| at <= version.at))
    };
    let outside = versions.into_iter().filter(|version| !by_two.contains(&version.version) && !is_approved(version));
    let outside = outside.take(SHOWN as usize);
    let author = |author: String| {
        if author.is_empty() || author == "folder" {
            return frame.say("直接编辑文件", "edited in the folder").to_owned();
        }
        author
    };
    Ok(outside.map(|one| (one.version, frame.voice.minute(one.at), author(one.author))).collect())
}

/// Lets what somebody has looked at wait for another person.
pub(super) async fn propose(
    console: &Console,
    reader: &Reader,
    proposal: &Proposal,
    form: &Fields,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ChangeTopics)?;
    if proposal.is_settled() {
        return Err(Refusal::unfit("与现有台账相同。", "The ledger is the same already."));
    }
    let audit = reader.did("topics.propose", "", &proposal.diff.summary_en());
    if !file(&console.shell, proposal, &reason(form)?, &audit).await? {
        return Err(Refusal::Conflict(
            "已有一份修改在等待批准，请先处理那一份。".to_owned(),
            "Another change waits already; it is to be decided first.".to_owned(),
        ));
    }
    Ok(done())
}

/// Why, in so many words; refused when nothing is said.
fn reason(form: &Fields) -> Result<String, Refusal> {
    let said: String = form.text("reason").chars().filter(|c| !c.is_control()).take(REASON_MAX).collect();
    let why = || Refusal::unfit("请写明理由。", "Give a reason.");
    if said.trim().is_empty() { Err(why()) } else { Ok(said) }
}

fn done() -> Redirect {
    Redirect::to(&format!("{PLACE}?done=1"))
}

fn done_or_not(is_done: bool) -> Result<Redirect, Refusal> {
    if is_done { Ok(done()) } else { Err(not_waiting()) }
}

fn not_waiting() -> Refusal {
    Refusal::Conflict(
        "这份修改已经处理过、已过期，或者是您自己提出的。".to_owned(),
        "The change was decided, has expired, or is your own.".to_owned(),
    )
}

pub(super) async fn approve(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ChangeTopics)?;
    let id = TopicChangeId::new(id);
    match approve_change(&console.shell, &id, &reader.did("topics.approve", id.as_str(), "")).await? {
        Approval::InForce => Ok(done()),
        Approval::NotWaiting => Err(not_waiting()),
        Approval::Broken(problem) => Err(Refusal::unfit(problem.zh, problem.en)),
    }
}

pub(super) async fn refuse(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ChangeTopics)?;
    let (id, answer) = (TopicChangeId::new(id), reason(&form)?);
    let audit = reader.did("topics.refuse", id.as_str(), "");
    done_or_not(refuse_change(&console.shell, &id, &answer, &audit).await?)
}

pub(super) async fn withdraw(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ChangeTopics)?;
    let id = TopicChangeId::new(id);
    let audit = reader.did("topics.withdraw", id.as_str(), "");
    done_or_not(console.shell.store.withdraw_topic_change(&id, &audit).await?)
}

/// Whether a change waits for the reader.
pub(super) async fn waits_for(console: &Console, reader: &Reader) -> Result<bool, Refusal> {
    if !reader.rights.may(Right::ChangeTopics) {
        return Ok(false);
    }
    Ok(console.shell.store.topic_change_waits_for(&reader.actor(), reader.world.at).await?)
}
