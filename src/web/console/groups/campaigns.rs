//! Self-inspections of work groups: announced by a company, confirmed by owners, followed until mended, reported.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use chrono::NaiveDate;

use crate::casework::rights::Right;
use crate::model::ids::{CompanyCode, GroupId};
use crate::model::self_inspection::{Campaign, Inspection};
use crate::pipeline::group_letters::announce_to;
use crate::pipeline::self_inspection::announce as announce_campaign;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::groups::{Sent, Visitor};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Characters of a title, and days that owners have at most.
const TITLE_CHARS: usize = 40;
const DAYS_MAX: i64 = 92;

#[derive(Debug)]
struct Row {
    id: String,
    title: String,
    company: String,
    due_on: String,
    is_closed: bool,
    /// Groups asked, confirmed, with findings when confirmed, mended since.
    tally: [usize; 4],
}

#[derive(Debug, Template)]
#[template(path = "console/campaigns.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    companies: Vec<(String, String)>,
    today: String,
}

#[derive(Debug)]
struct GroupRow {
    id: String,
    name: String,
    owner: String,
    state: &'static str,
    findings: String,
    left: usize,
}

#[derive(Debug, Template)]
#[template(path = "console/campaign.html")]
struct ReportPage {
    frame: Frame,
    row: Row,
    groups: Vec<GroupRow>,
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::KeepGroups)?;
    let frame = Frame::of(&reader);
    let mut rows = Vec::new();
    for campaign in console.shell.store.campaigns().await? {
        if reader.rights.may_in(Right::KeepGroups, &campaign.company) {
            let inspections = console.shell.store.inspections(&campaign.id).await?;
            rows.push(row(&frame, &reader, &campaign, &inspections));
        }
    }
    let companies = reader.world.ledgers.companies.iter();
    let companies = companies
        .filter(|company| reader.rights.may_in(Right::KeepGroups, &company.code))
        .map(|company| (company.code.to_string(), company.short_name.clone()))
        .collect();
    Ok(Html(ListPage { rows, companies, today: reader.world.day().to_string(), frame }.render()?))
}

fn row(frame: &Frame, reader: &Reader, campaign: &Campaign, inspections: &[Inspection]) -> Row {
    let company = reader.world.ledgers.companies.iter().find(|company| company.code == campaign.company);
    let count = |is: fn(&Inspection) -> bool| inspections.iter().filter(|one| is(one)).count();
    Row {
        id: campaign.id.to_string(),
        title: campaign.title.clone(),
        company: company.map_or_else(|| campaign.company.to_string(), |company| company.short_name.clone()),
        due_on: frame.voice.day(campaign.due_on),
        is_closed: campaign.closed_at.is_some(),
        tally: [
            inspections.len(),
            count(|one| one.confirmed_at.is_some()),
            count(|one| one.confirmed_at.is_some() && one.findings > 0),
            count(|one| one.findings > 0 && one.rectified_at.is_some()),
        ],
    }
}

pub(in crate::web::console) async fn announce(
    State(console): State<Arc<Console>>,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    let company = CompanyCode::new(form.text("company"));
    if !visitor.may_in(Right::KeepGroups, &company) {
        return Err(Refusal::NotFound);
    }
    let title: String = form.text("title").chars().filter(|c| !c.is_control()).take(TITLE_CHARS).collect();
    let due_on = due(&visitor, form.text("due")).filter(|_| !title.is_empty()).ok_or_else(|| {
        Refusal::unfit(
            format!("请填写名称和截止日期；截止日期在{DAYS_MAX}天以内。"),
            format!("Give a title and a last day within {DAYS_MAX} days."),
        )
    })?;
    if visitor.world.is_secret(&title) {
        return Err(Refusal::unfit(
            "名称含保密词，没有写入。",
            "The title holds a confidential expression; nothing was written.",
        ));
    }
    let audit = visitor.did("campaign.announce", "", company.as_str());
    let (campaign, asked) = announce_campaign(&console.shell, &visitor.world, &company, &title, due_on, &audit).await?;
    announce_to(&console.shell, campaign.id.as_str(), &asked).await?;
    Ok(Redirect::to(&format!("/groups/campaigns/{}", campaign.id)))
}

fn due(visitor: &Visitor, text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = text.parse().ok()?;
    (0..=DAYS_MAX).contains(&(day - visitor.world.day()).num_days()).then_some(day)
}

/// The self-inspection of an identifier that the reader may see.
async fn seen(console: &Console, reader: &Reader, id: &str) -> Result<Campaign, Refusal> {
    let campaigns = console.shell.store.campaigns().await?;
    let campaign = campaigns.into_iter().find(|campaign| campaign.id.as_str() == id);
    campaign.filter(|campaign| reader.rights.may_in(Right::KeepGroups, &campaign.company)).ok_or(Refusal::NotFound)
}

pub(in crate::web::console) async fn report(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let campaign = seen(&console, &reader, &id).await?;
    let frame = Frame::of(&reader);
    let inspections = console.shell.store.inspections(&campaign.id).await?;
    let overview = console.overview(&reader.world).await?;
    console.shell.store.audit(&reader.did("campaign.read", campaign.id.as_str(), "")).await?;
    let groups = reader.world.ledgers.groups.iter();
    let names: HashMap<&GroupId, &str> = groups.map(|group| (&group.id, group.name.as_str())).collect();
    let group = |one: &Inspection| GroupRow {
        id: one.group.to_string(),
        name: names.get(&one.group).copied().unwrap_or_default().to_owned(),
        owner: one.asked_of.to_string(),
        state: state(&frame, one),
        findings: if one.confirmed_at.is_some() { one.findings.to_string() } else { "—".to_owned() },
        left: overview.findings(&one.group).count(),
    };
    let groups = inspections.iter().map(group).collect();
    Ok(Html(ReportPage { row: row(&frame, &reader, &campaign, &inspections), groups, frame }.render()?))
}

fn state(frame: &Frame, one: &Inspection) -> &'static str {
    let (zh, en) = match one {
        Inspection { confirmed_at: None, .. } => ("未确认", "not confirmed"),
        Inspection { findings: 0, .. } => ("已确认，无问题", "confirmed, nothing found"),
        Inspection { rectified_at: Some(_), .. } => ("已整改", "mended"),
        Inspection { .. } => ("已确认，整改中", "confirmed, being mended"),
    };
    frame.voice.say(zh, en)
}

pub(in crate::web::console) async fn close(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Sent(visitor, _): Sent,
) -> Result<Redirect, Refusal> {
    let campaign = seen(&console, visitor.must(Right::KeepGroups)?, &id).await?;
    let audit = visitor.did("campaign.close", campaign.id.as_str(), "");
    console.shell.store.close_campaign(&campaign.id, &audit).await?;
    Ok(Redirect::to(&format!("/groups/campaigns/{}", campaign.id)))
}
