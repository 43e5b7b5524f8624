//! Platform files and sources from a file: what was added in the console, its states and the way back; a file handed in is shown
//! before it is put in force, as it is read here and as nobody else has changed it.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::model::added::{Added, AddedKind};
use crate::model::ids::SourceId;
use crate::model::time::Timestamp;
use crate::pipeline::additions::{Addition, Removal, put_in_force, read_addition, remove_added};
use crate::store::sha256_hex;
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::form::{Submitted, Uploaded};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::site_cards::{Card, card};

/// States of one file, and problems of a file, that are shown.
const STATES_SHOWN: usize = 50;
const PROBLEMS_SHOWN: usize = 50;
/// Files that wait at a time until somebody has looked at them: each is kept whole.
pub(super) const HANDED_MAX: usize = 16;

/// Files of one person within an hour.
const AN_HOUR: usize = 60;
const HOUR_MS: i64 = 3_600_000;

/// A file that was handed in and shown.
#[derive(Debug)]
pub(super) struct Handed {
    bytes: Vec<u8>,
    /// The states on which it was compared.
    seen: Vec<u64>,
}

/// Who handed in a file when, within the last hour.
#[derive(Debug, Default)]
pub(super) struct HandingIn(Mutex<Vec<(String, Timestamp)>>);

impl HandingIn {
    /// Whether another file of a person may be read now; then it counts.
    fn admits(&self, by: &str, now: Timestamp) -> bool {
        let mut handed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handed.retain(|(_, at)| now.ms_since(*at) < HOUR_MS);
        let is_admitted = handed.iter().filter(|(other, _)| other == by).count() < AN_HOUR;
        handed.extend(is_admitted.then(|| (by.to_owned(), now)));
        is_admitted
    }
}

#[derive(Debug)]
struct Row {
    kind: &'static str,
    kind_name: &'static str,
    name: String,
    when: String,
    who: String,
    is_removed: bool,
    /// Why it is not in force; empty where it is.
    fault: String,
}

#[derive(Debug, Template)]
#[template(path = "console/site_files.html")]
struct ListPage {
    frame: Frame,
    done: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug, Template)]
#[template(path = "console/site_addition.html")]
struct AdditionPage {
    frame: Frame,
    cards: Vec<Card>,
    errors: Vec<String>,
    /// Other sources that are visited from then on, and no more.
    comes: String,
    goes: String,
    is_settled: bool,
    replaces: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/site_file.html")]
struct FilePage {
    frame: Frame,
    kind: &'static str,
    kind_name: &'static str,
    name: String,
    text: String,
    version: u64,
    is_removed: bool,
    /// Why it is not in force; empty where it is.
    fault: String,
    /// Number, when, by whom, whether removed with it.
    states: Vec<(u64, String, String, bool)>,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::ControlSources)?;
    let frame = Frame::of(&reader);
    let row = |one: Added| Row {
        kind: one.kind.word(),
        kind_name: kind_name(&frame, one.kind),
        when: frame.voice.minute(one.at),
        who: one.author.clone(),
        is_removed: one.is_removed,
        fault: fault(&console, &frame, one.kind, &one.name),
        name: one.name,
    };
    let rows = console.shell.store.added_list().await?.into_iter().map(row).collect();
    let done = match done.done.as_str() {
        "added" => frame.voice.say(
            "已保存，立即生效；其他机器在几秒之内跟上，按 work.hosts 分工的机器要重启才访问新的网站。",
            "Saved and in force; other machines follow within seconds, those limited by work.hosts visit new sites after a restart.",
        ),
        "removed" => frame.voice.say(
            "已移除，不再按它访问；替换过内置平台文件的，改回内置的。可以从历史恢复。",
            "Removed, and nothing is visited by it any more; a built-in platform file that it replaced counts again. It can be brought back from its history.",
        ),
        _ => "",
    };
    Ok(Html(ListPage { done, rows, frame }.render()?))
}

/// Why something is not in force; empty where it is.
fn fault(console: &Console, frame: &Frame, kind: AddedKind, name: &str) -> String {
    console.shell.left_out(kind, name).map(|why| frame.voice.reason(&why).to_owned()).unwrap_or_default()
}

fn kind_name(frame: &Frame, kind: AddedKind) -> &'static str {
    match kind {
        AddedKind::Platform => frame.voice.say("平台文件", "Platform file"),
        AddedKind::Source => frame.voice.say("来源", "Source"),
    }
}

/// Takes a file in; nothing is in force before it was shown. What the sender's machine calls it is of no use here.
pub(super) async fn hand_in(
    State(console): State<Arc<Console>>,
    Uploaded { reader, bytes, .. }: Uploaded,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ControlSources)?;
    taken(&console, &reader, bytes).await
}

/// Every file that is tried stands in the audit, and of one person only so many are: whoever tries words is seen.
async fn taken(console: &Console, reader: &Reader, bytes: Vec<u8>) -> Result<Redirect, Refusal> {
    let (by, now) = (reader.session.user.id.as_str(), console.shell.clock.now());
    if !console.handing_in.admits(by, now) {
        return Err(Refusal::unfit(
            "一小时内上传的文件太多，请稍后再试。没有改变。",
            "Too many files within an hour; try again later. Nothing was changed.",
        ));
    }
    let audit = reader.did("source.hand_in", "", &format!("sha256 {}", sha256_hex(&bytes)));
    console.shell.store.audit(&audit).await?;
    let addition = read_addition(&console.shell, &reader.world, &bytes).await?;
    Ok(keep(console, reader, bytes, &addition))
}

fn keep(console: &Console, reader: &Reader, bytes: Vec<u8>, addition: &Addition) -> Redirect {
    let handed = Handed { bytes, seen: addition.seen() };
    let now = console.shell.clock.now();
    let token = console.additions.keep(reader.session.user.id.as_str(), now, handed, |_| false);
    Redirect::to(&format!("/sources/files/proposals/{token}"))
}

pub(super) async fn proposal_page(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::ControlSources)?;
    let handed = waiting(&console, &reader, &token)?;
    let addition = read_addition(&console.shell, &reader.world, &handed.bytes).await?;
    let frame = Frame::of(&reader);
    let said = |problem| frame.voice.reason(problem).to_owned();
    let page = AdditionPage {
        cards: addition.items.iter().map(|item| card(&frame, item)).collect(),
        errors: addition.problems.iter().take(PROBLEMS_SHOWN).map(said).collect(),
        comes: listed(&frame, &addition.comes),
        goes: listed(&frame, &addition.goes),
        is_settled: addition.is_settled(),
        replaces: addition.replaces_any(),
        frame,
    };
    Ok(Html(page.render()?))
}

fn listed(frame: &Frame, sources: &[SourceId]) -> String {
    let shown: Vec<&str> = sources.iter().take(PROBLEMS_SHOWN).map(SourceId::as_str).collect();
    shown.join(frame.voice.say("、", ", "))
}

fn waiting(console: &Console, reader: &Reader, token: &str) -> Result<Arc<Handed>, Refusal> {
    let (by, now) = (reader.session.user.id.as_str(), console.shell.clock.now());
    console.additions.of(token, by, now).ok_or_else(|| {
        Refusal::unfit("这份文件已过期，请重新上传。", "The file has waited too long; hand it in again.")
    })
}

pub(super) async fn accept(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ControlSources)?;
    let handed = waiting(&console, &reader, &token)?;
    // Read again: what it was compared with may have changed since.
    let addition = read_addition(&console.shell, &reader.world, &handed.bytes).await?;
    if !addition.problems.is_empty() || addition.is_settled() {
        return Err(Refusal::unfit(
            "有错误或没有变化，没有写入任何内容。",
            "There are errors, or nothing changes; nothing was written.",
        ));
    }
    if addition.seen() != handed.seen {
        return Err(changed());
    }
    if addition.replaces_any() && form.text("replace") != "yes" {
        return Err(Refusal::unfit(
            "会替换同名的内容：确实要替换的，请勾选后再保存。没有写入任何内容。",
            "It takes the place of something of the same name: tick that you want that. Nothing was written.",
        ));
    }
    if !put_in_force(&console.shell, &addition, &reader.did("source.add", "", "")).await? {
        return Err(changed());
    }
    console.additions.end(&token);
    Ok(Redirect::to("/sources/files?done=added"))
}

fn changed() -> Refusal {
    Refusal::Conflict(
        "同名的内容刚刚被别人改过，您的修改没有写入。请看过现在的内容，再提交一次。".to_owned(),
        "Somebody else changed the same meanwhile; yours was not written. Look at it as it is now, and hand it in again.".to_owned(),
    )
}

pub(super) async fn file_page(
    State(console): State<Arc<Console>>,
    Path((kind, name)): Path<(String, String)>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::ControlSources)?;
    let (kind, frame) = (kind_of(&kind)?, Frame::of(&reader));
    let states = console.shell.store.added_states(kind, &name, STATES_SHOWN).await?;
    let latest = states.first().ok_or(Refusal::NotFound)?.clone();
    let state = |one: Added| (one.version, frame.voice.minute(one.at), one.author, one.is_removed);
    let page = FilePage {
        kind: kind.word(),
        kind_name: kind_name(&frame, kind),
        name: latest.name,
        text: latest.text,
        version: latest.version,
        is_removed: latest.is_removed,
        fault: fault(&console, &frame, kind, &name),
        states: states.into_iter().map(state).collect(),
        frame,
    };
    Ok(Html(page.render()?))
}

fn kind_of(word: &str) -> Result<AddedKind, Refusal> {
    AddedKind::ALL.into_iter().find(|kind| kind.word() == word).ok_or(Refusal::NotFound)
}

pub(super) async fn remove(
    State(console): State<Arc<Console>>,
    Path((kind, name)): Path<(String, String)>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ControlSources)?;
    let (kind, seen) = (kind_of(&kind)?, form.text("version").parse().map_err(|_| Refusal::NotFound)?);
    match remove_added(&console.shell, kind, &name, seen, &reader.did("source.remove", "", "")).await? {
        Removal::Done => Ok(Redirect::to("/sources/files?done=removed")),
        Removal::Nothing => Err(Refusal::NotFound),
        Removal::Changed => Err(changed()),
        Removal::Used(sources) => Err(Refusal::unfit(
            format!("这些来源按这个平台文件读取，请先移除或改用别的：{}。没有改变。", sources.join("、")),
            format!("These sources are read by it; remove them first: {}. Nothing was changed.", sources.join(", ")),
        )),
    }
}

/// An earlier state is handed in once more, and shown before it counts.
pub(super) async fn restore(
    State(console): State<Arc<Console>>,
    Path((kind, name)): Path<(String, String)>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::ControlSources)?;
    let (kind, number) = (kind_of(&kind)?, form.text("version").parse::<u64>().map_err(|_| Refusal::NotFound)?);
    let states = console.shell.store.added_states(kind, &name, STATES_SHOWN).await?;
    let state = states.into_iter().find(|one| one.version == number).ok_or(Refusal::NotFound)?;
    taken(&console, &reader, state.text.into_bytes()).await
}
