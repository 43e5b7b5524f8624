//! How far the yearly confirmation of members has got, by company: counts for all who see the register, and for those who keep it
//! who has not confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::groups::duties::{Standing, Tally};
use crate::model::company::Company;
use crate::model::ids::CompanyCode;
use crate::pipeline::member_attestation::{Asked, Round};
use crate::reports::figure::{Figure, parts};
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Members of a page.
const SIZE: usize = 100;

/// A company as a row: members, confirmed, open, late, without a mailbox.
#[derive(Debug)]
struct Row {
    code: String,
    name: String,
    told: [String; 5],
    /// Whether the reader may see who has not confirmed.
    may_open: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/duties.html")]
struct Page {
    frame: Frame,
    year: Option<i32>,
    rows: Vec<Row>,
    /// Month in which rounds begin; 0 for never.
    month: u32,
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeGroups)?;
    let round = Round::read(&console.shell, &reader.world, reader.world.at).await?;
    let tallies = round.as_ref().map(Round::tallies).unwrap_or_default();
    let companies = reader.world.ledgers.companies.iter();
    let seen = companies.filter(|company| reader.rights.may_in(Right::SeeGroups, &company.code));
    let page = Page {
        frame: Frame::of(&reader),
        year: round.map(|round| round.year),
        rows: seen.filter_map(|company| row(&reader, company, &tallies)).collect(),
        month: console.shell.config.attestation.members_month,
    };
    Ok(Html(page.render()?))
}

fn row(reader: &Reader, company: &Company, tallies: &BTreeMap<CompanyCode, Tally>) -> Option<Row> {
    let may_open = reader.rights.may_in(Right::KeepGroups, &company.code);
    let tally = tallies.get(&company.code)?;
    let counts = [tally.attested, tally.open, tally.late, tally.no_mailbox];
    let told = match may_open {
        true => counts.map(|count| count.to_string()).to_vec(),
        // Whoever sees no names learns none from a small count either.
        false => parts(tally.members, &counts, 0).into_iter().map(Figure::text).collect(),
    };
    let members = if may_open { tally.members.to_string() } else { Figure::of(tally.members).text() };
    let told = std::iter::once(members).chain(told).collect::<Vec<String>>().try_into().ok()?;
    Some(Row { code: company.code.to_string(), name: company.short_name.clone(), told, may_open })
}

/// What is asked of the list of names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    page: String,
}

#[derive(Debug)]
struct Member {
    employee: String,
    name: String,
    department: String,
    standing: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "console/duties_company.html")]
struct CompanyPage {
    frame: Frame,
    year: i32,
    code: String,
    company: String,
    rows: Vec<Member>,
    total: usize,
    page: usize,
    pages: usize,
}

impl CompanyPage {
    fn link(&self, page: usize) -> String {
        format!("/groups/duties/{}?page={page}", self.code)
    }
}

/// Who of a company has not confirmed.
pub(in crate::web::console) async fn unconfirmed(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let companies = &reader.world.ledgers.companies;
    let company = companies.iter().find(|company| company.code.as_str() == code);
    let company = company.filter(|company| reader.rights.may_in(Right::KeepGroups, &company.code));
    let company = company.ok_or(Refusal::NotFound)?;
    let round = Round::read(&console.shell, &reader.world, reader.world.at).await?.ok_or(Refusal::NotFound)?;
    let is_open = |one: &&Asked| one.company == company.code && one.standing != Standing::Attested;
    let open: Vec<&Asked> = round.asked.iter().filter(is_open).collect();
    let read = reader.did("duties.read", company.code.as_str(), &format!("{} people", open.len()));
    console.shell.store.audit(&read).await?;
    let frame = Frame::of(&reader);
    let pages = open.len().div_ceil(SIZE).max(1);
    let page = wish.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let page = CompanyPage {
        year: round.year,
        code: company.code.to_string(),
        company: company.short_name.clone(),
        rows: open.iter().skip((page - 1) * SIZE).take(SIZE).map(|one| member(&frame, &reader, one)).collect(),
        total: open.len(),
        page,
        pages,
        frame,
    };
    Ok(Html(page.render()?))
}

fn member(frame: &Frame, reader: &Reader, one: &Asked) -> Member {
    let employee = reader.world.directory.get(&one.attestation.employee);
    let (zh, en) = match one.standing {
        Standing::Attested => ("已确认", "confirmed"),
        Standing::NoMailbox => ("没有邮箱", "no mailbox"),
        Standing::ToAsk => ("待发送", "to be written to"),
        Standing::Asked | Standing::ToRemind => ("已通知", "asked"),
        Standing::Reminded => ("已提醒", "reminded"),
        Standing::Late => ("提醒后未确认", "not confirmed after the reminder"),
    };
    Member {
        employee: one.attestation.employee.to_string(),
        name: employee.map_or_else(String::new, |employee| employee.name.clone()),
        department: employee.map_or_else(String::new, |employee| employee.department.clone()),
        standing: frame.say(zh, en),
    }
}
