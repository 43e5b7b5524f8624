//! 我的视图: lists of cases that a person saved under a name. A view is an address and nothing more: whoever opens it sees what
//! their rights show at that moment.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::model::ids::SavedViewId;
use crate::model::saved_view::{SavedView, ViewWish};
use crate::store::{Renaming, new_id};
use crate::web::console::Console;
use crate::web::console::cases::Wish as ListWish;
use crate::web::console::done::Done;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Most views of a person, and most characters of a name.
const VIEWS_MAX: usize = 12;
pub(super) const NAME_CHARS_MAX: usize = 20;

/// The list that nobody saved: what is unfinished, gravest first.
const UNFINISHED: &str = "/cases?state=unfinished";

/// A link above the list.
#[derive(Debug)]
pub(super) struct Tab {
    pub(super) place: String,
    pub(super) name: String,
    pub(super) is_here: bool,
}

/// A view with what can be done with it.
#[derive(Debug)]
struct Row {
    id: String,
    /// None when it cannot be read without the key.
    name: Option<String>,
    place: String,
    is_default: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/saved_views.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    is_done: bool,
    views_max: usize,
    name_chars_max: usize,
}

/// Where the list begins for whoever opens it without asking for anything; none when something is asked for, or when it
/// begins with what is unfinished.
pub(super) fn begins_with(path: &str, views: &[SavedView]) -> Option<String> {
    let default = views.iter().find(|view| view.is_default)?;
    (path == "/cases").then(|| default.wish.as_ref().map(place))?
}

/// The links above a list that asks for this.
pub(super) fn tabs(frame: &Frame, views: &[SavedView], asked: &str) -> Vec<Tab> {
    let all = Tab {
        place: UNFINISHED.to_owned(),
        name: frame.say("全部未结", "All unfinished").to_owned(),
        is_here: asked.is_empty(),
    };
    let own = views.iter().filter_map(|view| view.wish.as_ref());
    let own = own.map(|wish| Tab { place: place(wish), name: wish.name.clone(), is_here: wish.asked == asked });
    std::iter::once(all).chain(own).collect()
}

fn place(wish: &ViewWish) -> String {
    if wish.asked.is_empty() { UNFINISHED.to_owned() } else { format!("/cases?{}", wish.asked) }
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let rows = own(&console, &reader).await?.into_iter().map(row).collect();
    let (frame, is_done) = (Frame::of(&reader), done.is_done());
    Ok(Html(Page { frame, rows, is_done, views_max: VIEWS_MAX, name_chars_max: NAME_CHARS_MAX }.render()?))
}

fn row(view: SavedView) -> Row {
    Row {
        id: view.id.to_string(),
        place: view.wish.as_ref().map_or_else(|| UNFINISHED.to_owned(), place),
        name: view.wish.map(|wish| wish.name),
        is_default: view.is_default,
    }
}

/// The views of a reader who sees cases.
async fn own(console: &Console, reader: &Reader) -> Result<Vec<SavedView>, Refusal> {
    reader.must(Right::SeeCases)?;
    Ok(console.shell.store.saved_views(&reader.session.user.id).await?)
}

/// Saves what the list asks for under a name; a view of that name is replaced.
pub(super) async fn save(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::SeeCases)?;
    let wish = ViewWish { name: name(form.text("name"))?, asked: ListWish::of(&form).asked() };
    let to = place(&wish);
    let (view, audit) = (new(&console, &reader, wish), reader.did("view.save", "", ""));
    let saved = console.shell.store.save_view(&view, VIEWS_MAX, &audit).await?;
    saved.map(|_| Redirect::to(&to)).ok_or_else(too_many)
}

fn new(console: &Console, reader: &Reader, wish: ViewWish) -> SavedView {
    let now = console.shell.clock.now();
    let (id, user) = (SavedViewId::new(new_id(now)), reader.session.user.id.clone());
    SavedView { id, user, wish: Some(wish), is_default: false, created_at: now }
}

pub(super) async fn rename(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::SeeCases)?;
    let (id, name) = (SavedViewId::new(id), name(form.text("name"))?);
    let audit = reader.did("view.rename", id.as_str(), "");
    match console.shell.store.rename_view(&reader.session.user.id, &id, &name, &audit).await? {
        Renaming::Done => Ok(done()),
        Renaming::Taken => Err(Refusal::unfit("已有同名的视图。", "There is a view of this name already.")),
        Renaming::NoView => Err(Refusal::NotFound),
    }
}

/// Lets the list begin with a view, or no longer.
pub(super) async fn make_default(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::SeeCases)?;
    let (user, id) = (&reader.session.user.id, SavedViewId::new(id));
    let audit = reader.did("view.default", id.as_str(), "");
    let is_default = form.text("is") == "default";
    let is_done = console.shell.store.make_view_default(user, &id, is_default, &audit).await?;
    is_done.then(done).ok_or(Refusal::NotFound)
}

pub(super) async fn delete(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::SeeCases)?;
    let id = SavedViewId::new(id);
    let audit = reader.did("view.delete", id.as_str(), "");
    let is_done = console.shell.store.delete_view(&reader.session.user.id, &id, &audit).await?;
    is_done.then(done).ok_or(Refusal::NotFound)
}

/// A name as it can be shown, on one line.
fn name(text: &str) -> Result<String, Refusal> {
    let is_fit = (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    is_fit.then(|| text.to_owned()).ok_or_else(|| {
        Refusal::unfit(
            format!("请给视图起一个名称，最多{NAME_CHARS_MAX}个字，写在一行。"),
            format!("Give the view a name of at most {NAME_CHARS_MAX} characters, on one line."),
        )
    })
}

fn too_many() -> Refusal {
    Refusal::unfit(
        format!("最多保存{VIEWS_MAX}个视图，请先删除不用的。"),
        format!("At most {VIEWS_MAX} views are kept; delete one first."),
    )
}

fn done() -> Redirect {
    Redirect::to("/cases/views?done=1")
}
