//! 列对应: a file whose columns are called otherwise, such as the export of an HR system. The person says which of its columns
//! means which of ours; what comes of it is a proposal like any other.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;

use crate::ledger::definition::{Column, Ledger};
use crate::ledger::mapping::{Sheet, SheetColumn, completed, mapped, offered, proposed, remembered};
use crate::ledger::table::Limits;
use crate::pipeline::edition::propose_lines;
use crate::web::console::Console;
use crate::web::console::form::{Fields, Submitted};
use crate::web::console::frame::Frame;
use crate::web::console::ledgers::edit::{Proposed, keep, on_disk};
use crate::web::console::ledgers::{edited, title};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// A file that waits until its columns are known.
#[derive(Debug)]
pub(in crate::web::console) struct Upload {
    ledger: &'static Ledger,
    file: String,
    bytes: Vec<u8>,
    sheet: Sheet,
}

/// Which row is the header.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    header: String,
}

/// One of our columns, and which of the file is proposed for it.
#[derive(Debug)]
struct Field {
    name: &'static str,
    label: &'static str,
    required: bool,
    chosen: Option<usize>,
}

#[derive(Debug, Template)]
#[template(path = "console/ledger_columns.html")]
struct Page {
    frame: Frame,
    name: &'static str,
    title: &'static str,
    header: u32,
    headers: Vec<u32>,
    columns: Vec<SheetColumn>,
    fields: Vec<Field>,
    missing: Vec<&'static str>,
    refused: Vec<String>,
}

impl Page {
    fn is_chosen(&self, field: &Field, column: &usize) -> bool {
        field.chosen == Some(*column)
    }

    /// How many rows below the header are shown.
    fn rows(&self) -> usize {
        self.columns.iter().map(|column| column.samples.len()).max().unwrap_or(0)
    }

    fn sample<'c>(&self, column: &'c SheetColumn, row: &usize) -> &'c str {
        column.samples.get(*row).map_or("—", String::as_str)
    }
}

/// Lets a file wait for its columns; gives the page on which they are chosen. None for a file that is no table: why, its proposal
/// says.
pub(super) fn wait(
    console: &Console,
    reader: &Reader,
    ledger: &'static Ledger,
    file: &str,
    bytes: &[u8],
) -> Option<Redirect> {
    let sheet = Sheet::read(ledger, file, bytes, &Limits::default()).ok()?;
    let upload = Upload { ledger, file: file.to_owned(), bytes: bytes.to_vec(), sheet };
    let (by, now) = (reader.session.user.id.as_str(), console.shell.clock.now());
    // One file a person waits at a time: it is kept whole.
    let token = console.uploads.keep(by, now, upload, |_| true);
    Some(Redirect::to(&format!("/ledgers/{}/columns/{token}", ledger.name)))
}

fn waiting(
    console: &Console,
    reader: &Reader,
    ledger: &'static Ledger,
    token: &str,
    header: &str,
) -> Result<(Arc<Upload>, Sheet), Refusal> {
    let (by, now) = (reader.session.user.id.as_str(), console.shell.clock.now());
    let upload = console.uploads.of(token, by, now).filter(|upload| upload.ledger == ledger);
    let upload = upload.ok_or_else(|| {
        Refusal::unfit("这个文件已过期，请重新上传。", "The file has waited too long; upload it again.")
    })?;
    let sheet = upload.sheet.clone();
    let sheet = if let Ok(number) = header.parse() { sheet.headed_by(number) } else { sheet };
    Ok((upload, sheet))
}

pub(in crate::web::console) async fn columns_page(
    State(console): State<Arc<Console>>,
    Path((name, token)): Path<(String, String)>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let ledger = edited(&reader, &name)?;
    let (_, sheet) = waiting(&console, &reader, ledger, &token, &wish.header)?;
    console.shell.store.audit(&reader.did("ledger.look", &ledger.file_name(), "an uploaded file")).await?;
    let (frame, columns) = (Frame::of(&reader), sheet.columns());
    let chosen = proposed(ledger, &columns, &console.shell.store.column_mapping(ledger.name).await?);
    let fields: Vec<Field> = fields(&frame, ledger, &chosen);
    let page = Page {
        name: ledger.name,
        title: title(&frame, ledger),
        header: sheet.header(),
        headers: sheet.possible_headers().collect(),
        missing: fields
            .iter()
            .filter(|field| field.required && field.chosen.is_none())
            .map(|field| field.label)
            .collect(),
        refused: columns.iter().filter(|column| column.is_forbidden).map(|column| column.shown.clone()).collect(),
        columns,
        fields,
        frame,
    };
    Ok(Html(page.render()?))
}

fn fields(frame: &Frame, ledger: &'static Ledger, chosen: &[Option<usize>]) -> Vec<Field> {
    let field = |(column, chosen): (&'static Column, &Option<usize>)| Field {
        name: column.en,
        label: frame.voice.say(column.zh, column.en),
        required: column.required,
        chosen: *chosen,
    };
    offered(ledger).zip(chosen).map(field).collect()
}

/// Reads the file by the chosen columns and shows what would change. The columns are remembered when that is accepted.
pub(in crate::web::console) async fn choose_columns(
    State(console): State<Arc<Console>>,
    Path((name, token)): Path<(String, String)>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let ledger = edited(&reader, &name)?;
    let (upload, sheet) = waiting(&console, &reader, ledger, &token, form.text("header"))?;
    let chosen = chosen(ledger, &sheet.columns(), &form)?;
    let file = (upload.file.as_str(), &upload.bytes[..]);
    let (lines, problems) = mapped(ledger, file, sheet.header(), &chosen, &Limits::default());
    let lines = completed(lines, &on_disk(&console, ledger)?.0, &chosen);
    let proposal = propose_lines(&console.shell.folder, Some(&console.shell.store), lines, problems).await?;
    if !proposal.has_errors() {
        console.uploads.end(&token);
    }
    let columns = remembered(ledger, &sheet, &chosen);
    Ok(keep(&console, &reader, ledger, Proposed { proposal, columns }))
}

/// What the form says of each of our columns; refused while a required one has none.
fn chosen(ledger: &'static Ledger, columns: &[SheetColumn], form: &Fields) -> Result<Vec<Option<usize>>, Refusal> {
    let is_usable = |at: &usize| columns.get(*at).is_some_and(|column| !column.is_forbidden);
    let chosen = |name: &str| form.text(name).parse().ok().filter(is_usable);
    let missing = offered(ledger).find(|column| column.required && chosen(column.en).is_none());
    match missing {
        None => Ok(offered(ledger).map(|column| chosen(column.en)).collect()),
        Some(column) => Err(Refusal::unfit(
            format!("请先选择哪一列是「{}」，没有它不能导入。", column.zh),
            format!("Say first which column is {}; nothing is brought in without it.", column.en),
        )),
    }
}
