//! The leaver sweep: what those who have left still hold, on one page, and what is due in the registers.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::casework::world::World;
use crate::groups::leavers::{Holding, Leaver};
use crate::groups::overview::Overview;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Leavers of a page.
const SIZE: usize = 100;

/// What is asked of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    company: String,
    page: String,
    saved: String,
}

#[derive(Debug)]
struct Row {
    employee: String,
    name: String,
    company: String,
    left_on: String,
    /// What is held: kind, what, number of the group to go to.
    holdings: Vec<(&'static str, String, Option<String>)>,
}

#[derive(Debug, Template)]
#[template(path = "console/leavers.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    rows: Vec<Row>,
    /// By kind: how many are held in all.
    counts: Vec<(&'static str, usize)>,
    total: usize,
    page: usize,
    pages: usize,
    companies: Vec<(String, String)>,
    /// Lines of the registers: number, company, what is to be done.
    registers: Vec<(String, String, String)>,
}

impl Page {
    fn link(&self, page: usize) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        if !self.wish.company.is_empty() {
            pairs.append_pair("company", &self.wish.company);
        }
        format!("/groups/leavers?{}", pairs.append_pair("page", &page.to_string()).finish())
    }
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::KeepGroups)?;
    let (world, frame) = (Arc::clone(&reader.world), Frame::of(&reader));
    let overview = console.overview(&world).await?;
    let found: Vec<&Leaver> = seen(&reader, &overview, &wish);
    console.shell.store.audit(&reader.did("leavers.read", "employees.csv", &format!("{} people", found.len()))).await?;
    let pages = found.len().div_ceil(SIZE).max(1);
    let page = wish.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let companies = world.ledgers.companies.iter().filter(|c| reader.rights.may_in(Right::KeepGroups, &c.code));
    let page = Page {
        counts: counts(&frame, &found),
        total: found.len(),
        rows: found.iter().skip((page - 1) * SIZE).take(SIZE).map(|leaver| row(&frame, &world, leaver)).collect(),
        companies: companies.map(|company| (company.code.to_string(), company.short_name.clone())).collect(),
        registers: registers(&reader, &overview, &wish),
        page,
        pages,
        wish,
        frame,
    };
    Ok(Html(page.render()?))
}

fn seen<'o>(reader: &Reader, overview: &'o Overview, wish: &Wish) -> Vec<&'o Leaver> {
    let is_wished = |leaver: &&Leaver| wish.company.is_empty() || leaver.company.as_str() == wish.company;
    let may = |leaver: &&Leaver| reader.rights.may_in(Right::KeepGroups, &leaver.company);
    overview.leavers.iter().filter(may).filter(is_wished).collect()
}

fn registers(reader: &Reader, overview: &Overview, wish: &Wish) -> Vec<(String, String, String)> {
    let voice = reader.voice();
    let due = overview.registers.iter().filter(|finding| finding.remind);
    let due = due.filter(|finding| wish.company.is_empty() || finding.company.as_str() == wish.company);
    let due = due.filter(|finding| reader.rights.may_in(Right::KeepGroups, &finding.company));
    due.map(|finding| (finding.ledger.clone(), finding.company.to_string(), voice.reason(&finding.why).to_owned()))
        .collect()
}

fn counts(frame: &Frame, leavers: &[&Leaver]) -> Vec<(&'static str, usize)> {
    let kinds = leavers.iter().flat_map(|leaver| &leaver.holdings).map(|holding| kind(frame, holding));
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for kind in kinds {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    counts
}

fn kind(frame: &Frame, holding: &Holding) -> &'static str {
    let (zh, en) = match holding {
        Holding::Member { .. } => ("仍在群内", "still in a group"),
        Holding::Owner { .. } => ("仍是群主", "still owns a group"),
        Holding::Administrator { .. } => ("仍是群管理员", "still administers a group"),
        Holding::OfficialAccount { .. } => ("仍管理官方账号", "still administers an official account"),
        Holding::Exemption { .. } => ("仍持豁免及申报账号", "still holds an exemption and its declared account"),
    };
    frame.voice.say(zh, en)
}

fn row(frame: &Frame, world: &World, leaver: &Leaver) -> Row {
    let company = world.ledgers.companies.iter().find(|company| company.code == leaver.company);
    Row {
        employee: leaver.employee.to_string(),
        name: world.directory.get(&leaver.employee).map_or_else(String::new, |employee| employee.name.clone()),
        company: company.map_or_else(|| leaver.company.to_string(), |company| company.short_name.clone()),
        left_on: leaver.left_on.map_or_else(|| "—".to_owned(), |day| frame.voice.day(day)),
        holdings: leaver.holdings.iter().map(|holding| held(frame, world, holding)).collect(),
    }
}

fn held(frame: &Frame, world: &World, holding: &Holding) -> (&'static str, String, Option<String>) {
    let group = |id: &str| {
        let group = world.ledgers.groups.iter().find(|group| group.id.as_str() == id);
        group.map_or_else(|| id.to_owned(), |group| format!("{} {id}", group.name))
    };
    let (what, link) = match holding {
        Holding::Member { group: id, remark, .. } => (format!("{}：{remark}", group(id)), Some(id.clone())),
        Holding::Owner { group: id } | Holding::Administrator { group: id } => (group(id), Some(id.clone())),
        Holding::OfficialAccount { account } => (account.clone(), None),
        Holding::Exemption { exemption, account } => (format!("{exemption} {account}"), None),
    };
    (kind(frame, holding), what, link)
}
