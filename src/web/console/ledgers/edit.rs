//! What can be proposed: a file, one line in a form, a line less, an earlier state.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;

use crate::ledger::definition::{Ledger, Shape};
use crate::ledger::lines::Lines;
use crate::ledger::mapping::ColumnMapping;
use crate::pipeline::edition::{EditionError, Proposal, as_it_lies, propose, propose_lines, with_line, without_line};
use crate::watchlists::WatchlistsError;
use crate::web::console::Console;
use crate::web::console::form::{Fields, Submitted, Uploaded};
use crate::web::console::frame::Frame;
use crate::web::console::ledgers::columns::wait;
use crate::web::console::ledgers::{edited, title};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// A proposal that waits for a word, and by which columns a foreign file was read for it; none where it was one of ours.
#[derive(Debug)]
pub(in crate::web::console) struct Proposed {
    pub(super) proposal: Proposal,
    pub(super) columns: ColumnMapping,
}

/// Which line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    key: String,
}

#[derive(Debug)]
struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
    required: bool,
    offered: Vec<&'static str>,
    is_long: bool,
    is_date: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/line.html")]
struct LinePage {
    frame: Frame,
    ledger: &'static str,
    title: &'static str,
    key: String,
    /// The file as it was read for the form.
    read: String,
    fields: Vec<Field>,
}

/// The form of one line; of a new one where no key is given.
pub(in crate::web::console) async fn line_page(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Query(Wish { key }): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let ledger = edited(&reader, &name)?;
    let (lines, read) = on_disk(&console, ledger)?;
    let cells = match lines.rows.iter().find(|line| lines.key(line) == key) {
        Some(line) => line.cells.clone(),
        None if key.is_empty() => vec![String::new(); ledger.columns.len()],
        None => return Err(Refusal::NotFound),
    };
    let frame = Frame::of(&reader);
    let fields = ledger.columns.iter().zip(cells).map(|(column, value)| Field {
        name: column.en,
        label: frame.voice.say(column.zh, column.en),
        hint: column.hint,
        required: column.required && column.en != "id",
        offered: column.offered(),
        is_long: matches!(column.shape, Shape::List) || value.chars().count() > 40,
        is_date: matches!(column.shape, Shape::Date),
        value,
    });
    let fields = fields.collect();
    Ok(Html(LinePage { ledger: ledger.name, title: title(&frame, ledger), key, read, fields, frame }.render()?))
}

/// The ledger's file as it lies on disk, and by which it is known; empty when there is none. One that cannot be read whole is not
/// edited by lines: those that were not read would be gone.
pub(super) fn on_disk(console: &Console, ledger: &'static Ledger) -> Result<(Lines, String), Refusal> {
    let (lines, read, problem) = as_it_lies(&console.shell.folder, ledger)?;
    let Some(problem) = problem else { return Ok((lines, read)) };
    Err(Refusal::unfit(
        format!("这个表现在读不完整，不能逐行修改，请先改正或者上传整个文件：{}", problem.zh),
        format!("This ledger cannot be read whole; mend it or bring in a whole file first: {}", problem.en),
    ))
}

/// The lines as they were when the form was filled in; refused when somebody has saved the ledger since.
fn as_read(console: &Console, ledger: &'static Ledger, form: &Fields) -> Result<Lines, Refusal> {
    let (lines, read) = on_disk(console, ledger)?;
    if form.text("read") == read {
        return Ok(lines);
    }
    Err(EditionError::from(WatchlistsError::Changed(ledger.file_name())).into())
}

pub(in crate::web::console) async fn propose_file(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Uploaded { reader, fields, file, bytes }: Uploaded,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, &name)?;
    if bytes.is_empty() {
        return Err(Refusal::unfit("请选择文件。", "Choose a file."));
    }
    let choose = || wait(&console, &reader, ledger, &file, &bytes);
    if let Some(page) = (fields.text("columns") == "choose").then(choose).flatten() {
        return Ok(page);
    }
    let shell = &console.shell;
    let proposal = propose(&shell.folder, Some(&shell.store), ledger, &file, &bytes).await?;
    // Wrong without a single line: the columns are not called as ours, or it is no table.
    let has_other_columns = proposal.has_errors() && proposal.lines.rows.is_empty();
    let page = has_other_columns.then(choose).flatten();
    Ok(page.unwrap_or_else(|| kept(&console, &reader, ledger, proposal)))
}

pub(in crate::web::console) async fn propose_line(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, &name)?;
    let cells = ledger.columns.iter().map(|column| form.text(column.en).replace("\r\n", "、")).collect();
    let key = form.text("key");
    let key = (!key.is_empty()).then_some(key);
    let lines = with_line(as_read(&console, ledger, &form)?, key, cells).ok_or(Refusal::NotFound)?;
    let proposal = propose_lines(&console.shell.folder, Some(&console.shell.store), lines, Vec::new()).await?;
    Ok(kept(&console, &reader, ledger, proposal))
}

pub(in crate::web::console) async fn remove_line(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, &name)?;
    let lines = without_line(as_read(&console, ledger, &form)?, form.text("key")).ok_or(Refusal::NotFound)?;
    let proposal = propose_lines(&console.shell.folder, Some(&console.shell.store), lines, Vec::new()).await?;
    Ok(kept(&console, &reader, ledger, proposal))
}

/// An earlier state, to be brought back.
pub(in crate::web::console) async fn propose_version(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, &name)?;
    let number = form.text("version").parse().map_err(|_| Refusal::NotFound)?;
    let (shell, file) = (&console.shell, ledger.file_name());
    let bytes = shell.store.ledger_bytes(&file, number).await?.ok_or(Refusal::NotFound)?;
    let proposal = propose(&shell.folder, Some(&shell.store), ledger, &file, &bytes).await?.as_kept(bytes);
    Ok(kept(&console, &reader, ledger, proposal))
}

pub(super) fn kept(console: &Console, reader: &Reader, ledger: &Ledger, proposal: Proposal) -> Redirect {
    keep(console, reader, ledger, Proposed { proposal, columns: ColumnMapping::new() })
}

/// Lets what is proposed wait for a word; gives the page that shows it.
pub(super) fn keep(console: &Console, reader: &Reader, ledger: &Ledger, proposed: Proposed) -> Redirect {
    let token = console.proposals.keep(reader.session.user.id.as_str(), console.shell.clock.now(), proposed, |_| false);
    Redirect::to(&format!("/ledgers/{}/proposals/{token}", ledger.name))
}
