//! The list of groups, filtered and by page; and the link by which a colleague comes to register one.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::groups::overview::Overview;
use crate::groups::register::{end_of, is_dissolved, member_count};
use crate::model::group::{Group, GroupRule};
use crate::model::ids::EmployeeId;
use crate::pipeline::group_letters::send_link as queue_link;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::groups::Sent;
use crate::web::console::groups::words::said;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Rows of a page.
const SIZE: usize = 50;

/// What is asked of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    company: String,
    finding: String,
    life: String,
    words: String,
    page: String,
    done: String,
}

/// One group as a row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) platform: String,
    pub(super) company: String,
    pub(super) level: String,
    pub(super) members: u64,
    /// What its life is: permanent, until when, dissolved.
    pub(super) life: String,
    /// Kinds of findings with their counts, those of the group itself first.
    pub(super) findings: Vec<(&'static str, usize)>,
}

#[derive(Debug, Template)]
#[template(path = "console/groups.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    rows: Vec<Row>,
    total: usize,
    page: usize,
    pages: usize,
    companies: Vec<(String, String)>,
    rules: Vec<(&'static str, &'static str)>,
    /// Groups that live, groups with something to do, leavers that still hold something.
    counts: [usize; 3],
    may_keep: bool,
}

impl Page {
    fn link(&self, page: usize) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let wish = &self.wish;
        let all =
            [("company", &wish.company), ("finding", &wish.finding), ("life", &wish.life), ("words", &wish.words)];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            pairs.append_pair(name, value);
        }
        format!("/groups?{}", pairs.append_pair("page", &page.to_string()).finish())
    }
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeGroups)?;
    let (world, frame) = (Arc::clone(&reader.world), Frame::of(&reader));
    let overview = console.overview(&world).await?;
    let day = world.day();
    let own: Vec<&Group> =
        world.ledgers.groups.iter().filter(|group| reader.rights.may_in(Right::SeeGroups, &group.company)).collect();
    let found: Vec<&Group> = own.iter().filter(|group| wish.fits(group, &overview, day)).copied().collect();
    console.shell.store.audit(&reader.did("groups.list", "groups.csv", &format!("{} groups", found.len()))).await?;
    let pages = found.len().div_ceil(SIZE).max(1);
    let page = wish.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let is_asked = |group: &&&Group| overview.findings(&group.id).next().is_some();
    let seen = |leaver: &&crate::groups::leavers::Leaver| reader.rights.may_in(Right::KeepGroups, &leaver.company);
    let companies = world.ledgers.companies.iter();
    let page = Page {
        rows: found
            .iter()
            .skip((page - 1) * SIZE)
            .take(SIZE)
            .map(|group| row(&frame, &world, group, &overview))
            .collect(),
        total: found.len(),
        counts: [
            own.iter().filter(|group| !is_dissolved(group, day)).count(),
            own.iter().filter(is_asked).count(),
            overview.leavers.iter().filter(seen).count(),
        ],
        companies: companies
            .filter(|company| reader.rights.may_in(Right::SeeGroups, &company.code))
            .map(|company| (company.code.to_string(), company.short_name.clone()))
            .collect(),
        rules: GroupRule::ALL.iter().map(|rule| (rule.as_str(), said(&frame.voice, *rule).0)).collect(),
        may_keep: reader.rights.may(Right::KeepGroups),
        page,
        pages,
        wish,
        frame,
    };
    Ok(Html(page.render()?))
}

impl Wish {
    fn fits(&self, group: &Group, overview: &Overview, day: chrono::NaiveDate) -> bool {
        let words = self.words.trim().to_lowercase();
        let has_words =
            || [group.id.as_str(), &group.name, &group.purpose].iter().any(|text| text.to_lowercase().contains(&words));
        let has_finding = || match self.finding.as_str() {
            "" => true,
            "any" => overview.findings(&group.id).next().is_some(),
            rule => overview.findings(&group.id).any(|finding| finding.rule.as_str() == rule),
        };
        let is_of_life = match self.life.as_str() {
            "dissolved" => is_dissolved(group, day),
            "temporary" => group.is_temporary && !is_dissolved(group, day),
            "all" => true,
            _ => !is_dissolved(group, day),
        };
        (self.company.is_empty() || group.company.as_str() == self.company)
            && is_of_life
            && has_words()
            && has_finding()
    }
}

pub(super) fn row(frame: &Frame, world: &crate::casework::world::World, group: &Group, overview: &Overview) -> Row {
    let company = world.ledgers.companies.iter().find(|company| company.code == group.company);
    let mut findings: BTreeMap<GroupRule, usize> = BTreeMap::new();
    overview.findings(&group.id).for_each(|finding| *findings.entry(finding.rule).or_default() += 1);
    Row {
        id: group.id.to_string(),
        name: group.name.clone(),
        platform: group.platform.clone(),
        company: company.map_or_else(|| group.company.to_string(), |company| company.short_name.clone()),
        level: group.level.clone(),
        members: member_count(group, overview.roster_lines(&group.id)),
        life: life(frame, group, world.day()),
        findings: findings.into_iter().map(|(rule, count)| (said(&frame.voice, rule).0, count)).collect(),
    }
}

/// `长期`, `临时，2026-12-31结束`, `已于2026-11-20解散`
pub(super) fn life(frame: &Frame, group: &Group, day: chrono::NaiveDate) -> String {
    let with = |zh: &str, en: &str, day: chrono::NaiveDate| frame.say(zh, en).replace("{}", &frame.voice.day(day));
    match (group.dissolved_on.filter(|_| is_dissolved(group, day)), end_of(group).filter(|_| group.is_temporary)) {
        (Some(dissolved), _) => with("已于{}解散", "dissolved on {}", dissolved),
        (None, Some(end)) => with("临时，{}结束", "temporary, until {}", end),
        (None, None) if group.is_temporary => frame.say("临时，未填结束日期", "temporary, no end given").to_owned(),
        (None, None) => frame.say("长期", "permanent").to_owned(),
    }
}

/// Sends a colleague the own link, by which a group is registered on a phone.
pub(in crate::web::console) async fn send_link(
    State(console): State<Arc<Console>>,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    visitor.must(Right::KeepGroups)?;
    let id = EmployeeId::new(form.text("employee"));
    let company = visitor.people().colleague(&id).map(|employee| employee.company.clone());
    if !company.is_some_and(|company| visitor.may_in(Right::KeepGroups, &company)) {
        let (zh, en) = ("本公司没有这个工号的在职人员。", "Nobody of the company has this employee number.");
        return Err(Refusal::unfit(zh, en));
    }
    queue_link(&console.shell, &id).await?;
    console.shell.store.audit(&visitor.did("group.link", id.as_str(), "")).await?;
    Ok(Redirect::to("/groups?done=link"))
}
