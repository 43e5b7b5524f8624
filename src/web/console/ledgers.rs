//! 台账: HR's tables. A file handed in, a form, or an earlier state becomes a proposal that shows what would change and what
//! noise it would make; only then is it saved.

mod columns;
mod edit;
mod items;
mod pictures;
mod proposals;

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::ledger::Ledgers;
use crate::ledger::brand_marks::BRAND_MARKS;
use crate::ledger::definition::{ALL, Ledger};
use crate::ledger::diff::Diff;
use crate::ledger::export;
use crate::ledger::lines::{Line, Lines};
use crate::ledger::protected_topics::PROTECTED_TOPICS;
use crate::ledger::values::fold_width;
use crate::model::ids::CompanyCode;
use crate::watchlists::Loaded;
use crate::web::console::Console;
use crate::web::console::attachment::{WORKBOOK, attachment};
use crate::web::console::frame::Frame;
use crate::web::console::ledgers::items::of_register;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

pub(super) use crate::web::console::ledgers::columns::{Upload, choose_columns, columns_page};
pub(super) use crate::web::console::ledgers::edit::{
    Proposed, line_page, propose_file, propose_line, propose_version, remove_line,
};
pub(super) use crate::web::console::ledgers::items::{Item, items};
pub(super) use crate::web::console::ledgers::pictures::{add_mark, picture};
pub(super) use crate::web::console::ledgers::proposals::{accept, proposal_page};

/// Lines of a page.
const SIZE: usize = 100;
/// Kept states that are shown.
const VERSIONS_SHOWN: usize = 20;

#[derive(Debug)]
struct Card {
    name: &'static str,
    title: &'static str,
    lines: usize,
    problems: usize,
    may_edit: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/ledgers.html")]
struct ListPage {
    frame: Frame,
    cards: Vec<Card>,
}

/// What is asked of a ledger.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    words: String,
    page: String,
    saved: String,
}

/// A line as a row: its key, and its cells.
type Row = (String, Vec<String>);

/// A kept state: number, when, by whom, what changed.
type Version = (u64, String, String, String);

#[derive(Debug, Template)]
#[template(path = "console/ledger.html")]
struct LedgerPage {
    frame: Frame,
    name: &'static str,
    title: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    total: usize,
    page: usize,
    pages: usize,
    wish: Wish,
    problems: Vec<String>,
    versions: Vec<Version>,
    may_edit: bool,
    /// Companies that a new picture of a mark may be of, by code and name; none where no picture is handed in.
    companies: Vec<(String, String)>,
}

impl LedgerPage {
    fn link(&self, page: usize) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        if !self.wish.words.is_empty() {
            pairs.append_pair("words", &self.wish.words);
        }
        format!("/ledgers/{}?{}", self.name, pairs.append_pair("page", &page.to_string()).finish())
    }

    /// Where the picture is that a cell names.
    fn picture_link(&self, column: &usize, cell: &str) -> Option<String> {
        let is_picture = self.name == BRAND_MARKS.name && BRAND_MARKS.position("image") == Some(*column);
        let file = utf8_percent_encode(cell, NON_ALPHANUMERIC);
        (is_picture && !cell.is_empty()).then(|| format!("/ledgers/{}/pictures/{file}", self.name))
    }

    fn is_of_two(&self) -> bool {
        self.name == PROTECTED_TOPICS.name
    }

    fn line_link(&self, key: &str) -> String {
        let pairs = url::form_urlencoded::Serializer::new(String::new()).append_pair("key", key).finish();
        format!("/ledgers/{}/line?{pairs}", self.name)
    }
}

/// The ledger of a name that the reader sees.
fn seen(reader: &Reader, name: &str) -> Result<&'static Ledger, Refusal> {
    Ledger::named(name).filter(|ledger| reader.rights.may_see_ledger(ledger.name)).ok_or(Refusal::NotFound)
}

/// The ledger of a name that the reader edits, or of which they propose changes.
fn edited(reader: &Reader, name: &str) -> Result<&'static Ledger, Refusal> {
    Ledger::named(name).filter(|ledger| reader.rights.may_propose(ledger.name)).ok_or(Refusal::NotFound)
}

/// The lines of a ledger that the reader sees.
fn lines_of<'l>(reader: &Reader, loaded: &'l Loaded, ledger: &'static Ledger) -> Cow<'l, Lines> {
    let Some(lines) = loaded.lines.get(ledger.name) else { return Cow::Owned(Lines::empty(ledger)) };
    if reader.rights.may_see_whole(ledger.name) {
        return Cow::Borrowed(lines);
    }
    let company = |line: &Line| CompanyCode::new(fold_width(lines.cell(line, "company")));
    let is_seen = |line: &&Line| reader.rights.may_see_line(ledger.name, &company(line));
    let rows = lines.rows.iter().filter(is_seen).cloned().collect();
    Cow::Owned(Lines { rows, extra: lines.extra.clone(), file: lines.file.clone(), ..Lines::empty(ledger) })
}

fn title(frame: &Frame, ledger: &Ledger) -> &'static str {
    frame.voice.say(ledger.title_zh, ledger.title_en)
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    let (frame, loaded) = (Frame::of(&reader), console.shell.loaded());
    let card = |ledger: &'static Ledger| Card {
        name: ledger.name,
        title: title(&frame, ledger),
        lines: lines_of(&reader, &loaded, ledger).rows.len(),
        problems: loaded
            .problems
            .iter()
            .filter(|p| Ledger::of_file(&p.file).is_some_and(|l| l.name == ledger.name))
            .count(),
        may_edit: reader.rights.may_propose(ledger.name),
    };
    let cards: Vec<Card> =
        ALL.into_iter().filter(|ledger| reader.rights.may_see_ledger(ledger.name)).map(card).collect();
    if cards.is_empty() {
        return Err(Refusal::NotFound);
    }
    Ok(Html(ListPage { frame, cards }.render()?))
}

pub(super) async fn ledger_page(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let ledger = seen(&reader, &name)?;
    let (frame, loaded) = (Frame::of(&reader), console.shell.loaded());
    console.shell.store.audit(&reader.did("ledger.read", &ledger.file_name(), "")).await?;
    let lines = lines_of(&reader, &loaded, ledger);
    let found = matching(&lines, &wish.words);
    let row = |line: &Line| -> Row { (lines.key(line), line.cells.clone()) };
    let pages = found.len().div_ceil(SIZE).max(1);
    let page = wish.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let of_ledger = |file: &str| Ledger::of_file(file).is_some_and(|known| known.name == ledger.name);
    let advice = loaded.advice();
    let may_edit = reader.rights.may_propose(ledger.name);
    // A problem names its line, whosever that is.
    let sees_whole = reader.rights.may_see_whole(ledger.name);
    let problems = loaded.problems.iter().chain(&advice).filter(|problem| sees_whole && of_ledger(&problem.file));
    let problems = problems.map(|problem| frame.voice.say(&problem.zh, &problem.en).to_owned());
    let due = of_register(&reader, ledger).into_iter().filter(|finding| finding.remind);
    let due = due.map(|finding| format!("{} {}", finding.ledger, frame.voice.reason(&finding.why)));
    let page = LedgerPage {
        name: ledger.name,
        title: title(&frame, ledger),
        columns: ledger.columns.iter().map(|column| frame.voice.say(column.zh, column.en)).collect(),
        total: found.len(),
        rows: found.into_iter().skip((page - 1) * SIZE).take(SIZE).map(row).collect(),
        problems: due.chain(problems).take(50).collect(),
        versions: versions(&console, &frame, ledger).await?,
        may_edit,
        companies: if may_edit && ledger.name == BRAND_MARKS.name { companies(&loaded.ledgers) } else { Vec::new() },
        page,
        pages,
        wish,
        frame,
    };
    Ok(Html(page.render()?))
}

fn companies(ledgers: &Ledgers) -> Vec<(String, String)> {
    ledgers.companies.iter().map(|company| (company.code.to_string(), company.short_name.clone())).collect()
}

fn matching<'l>(lines: &'l Lines, words: &str) -> Vec<&'l Line> {
    let words = words.trim().to_lowercase();
    let fits = |cells: &[String]| words.is_empty() || cells.iter().any(|cell| cell.to_lowercase().contains(&words));
    lines.rows.iter().filter(|line| fits(&line.cells)).collect()
}

async fn versions(console: &Console, frame: &Frame, ledger: &Ledger) -> Result<Vec<Version>, Refusal> {
    let kept = console.shell.store.ledger_versions(Some(&ledger.file_name())).await?;
    let row = |version: crate::store::LedgerVersion| {
        let diff = version.diff.and_then(|diff| serde_json::from_value::<Diff>(diff).ok()).unwrap_or_default();
        let change = if frame.is_english() { diff.summary_en() } else { diff.summary_zh() };
        let author = if version.author.is_empty() || version.author == "folder" {
            frame.voice.say("直接编辑文件", "edited in the folder").to_owned()
        } else {
            version.author
        };
        (version.version, frame.voice.minute(version.at), author, change)
    };
    Ok(kept.into_iter().take(VERSIONS_SHOWN).map(row).collect())
}

/// The ledger as a workbook with drop-downs.
pub(super) async fn workbook(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let ledger = seen(&reader, &name)?;
    console.shell.store.audit(&reader.did("ledger.export", &ledger.file_name(), "")).await?;
    let loaded = console.shell.loaded();
    let lines = lines_of(&reader, &loaded, ledger);
    let bytes = export::xlsx(&lines).map_err(|error| {
        tracing::error!(%error, ledger = ledger.name, "a workbook was not written");
        Refusal::Failed
    })?;
    Ok(attachment(WORKBOOK, &format!("{}.xlsx", ledger.name), bytes))
}
