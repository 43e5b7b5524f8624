//! One group: what is found and what to do, how many members, when it was filed, how long it lives, and the forms for all of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use chrono::{Days, NaiveDate};

use crate::casework::rights::Right;
use crate::groups::edits::Edit;
use crate::groups::overview::Overview;
use crate::groups::register::{EXTENSION_DAYS_MAX, is_dissolved, member_count};
use crate::groups::remark::{Remark, RemarkVerdict};
use crate::groups::writings::Writings;
use crate::model::group::{Group, GroupFinding, GroupRule};
use crate::model::ids::{EmployeeId, GroupId};
use crate::pipeline::self_inspection::Attestations;
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::frame::Frame;
use crate::web::console::groups::list::life;
use crate::web::console::groups::words::said;
use crate::web::console::groups::{Params, Sent, Visitor};
use crate::web::console::refusal::Refusal;

/// Members with a finding that are shown.
const MEMBERS_SHOWN: usize = 300;
/// Characters of a remark that is looked at.
const REMARK_CHARS: usize = 100;

/// A finding about the group itself.
#[derive(Debug)]
struct Item {
    title: &'static str,
    why: String,
    advice: &'static str,
    /// The other group of a pair: number and name.
    other: Option<(String, String)>,
}

/// A finding about a member.
#[derive(Debug)]
struct MemberRow {
    title: &'static str,
    remark: String,
    why: String,
    advice: &'static str,
}

/// What was said of a remark that somebody typed in.
#[derive(Debug)]
struct Answer {
    remark: String,
    is_good: bool,
    verdict: String,
    notes: String,
    advice: String,
}

#[derive(Debug, Template)]
#[template(path = "console/group.html")]
struct Page {
    frame: Frame,
    base: String,
    id: String,
    name: String,
    facts: Vec<(&'static str, String)>,
    items: Vec<Item>,
    reminders: Vec<String>,
    members: Vec<MemberRow>,
    /// How many members have a finding, and how many members there are.
    members_asked: usize,
    member_count: u64,
    roster_lines: usize,
    sees_members: bool,
    may_edit: bool,
    may_file: bool,
    may_file_listed: bool,
    /// Earliest and last day to which the group may be extended.
    extension: Option<(String, String)>,
    answer: Option<Answer>,
    done: &'static str,
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    params: Params,
    Query(done): Query<Done>,
    visitor: Visitor,
) -> Result<Html<String>, Refusal> {
    let group = visitor.group(&params)?;
    show(&console, &visitor, &group, &done.done, None).await
}

/// Says at once whether a remark will do. Nothing is kept of it.
pub(in crate::web::console) async fn check_remark(
    State(console): State<Arc<Console>>,
    params: Params,
    Sent(visitor, form): Sent,
) -> Result<Html<String>, Refusal> {
    let group = visitor.own_group(&params)?;
    let remark: String = form.text("remark").chars().take(REMARK_CHARS).collect();
    let answer = (!remark.is_empty()).then(|| answer(&visitor, &group, remark));
    show(&console, &visitor, &group, "", answer).await
}

fn answer(visitor: &Visitor, group: &Group, remark: String) -> Answer {
    let (writings, voice) = (Writings::of(&visitor.world.ledgers), visitor.voice());
    let read = Remark::read(&writings, &remark, writings.company_number(&group.company));
    let notes: Vec<String> = read.notes.iter().map(|note| voice.reason(&note.said(&writings)).to_owned()).collect();
    let verdict = read.verdict();
    let (zh, en) = (verdict.zh(), verdict.en());
    Answer {
        remark,
        is_good: verdict == RemarkVerdict::Good,
        verdict: voice.say(zh, en).to_owned(),
        notes: notes.join(voice.say("；", "; ")),
        advice: if verdict == RemarkVerdict::Good { String::new() } else { read.advice(&writings) },
    }
}

async fn show(
    console: &Console,
    visitor: &Visitor,
    group: &Group,
    done: &str,
    answer: Option<Answer>,
) -> Result<Html<String>, Refusal> {
    let (overview, frame) = (console.overview(&visitor.world).await?, visitor.frame.clone());
    let sees_members = visitor.acts_for(group);
    console.shell.store.audit(&visitor.did("group.read", group.id.as_str(), "")).await?;
    let attested = Attestations::of_groups(&console.shell, &visitor.world, vec![group.id.clone()]).await?;
    let attested = attested.last(&group.id).map_or_else(String::new, |one| one.month.clone());
    let (of_members, of_group): (Vec<&GroupFinding>, Vec<&GroupFinding>) =
        overview.findings(&group.id).partition(|finding| finding.member.is_some());
    let (day, may_edit) = (visitor.world.day(), sees_members && !is_dissolved(group, visitor.world.day()));
    let page = Page {
        base: visitor.base.clone(),
        id: group.id.to_string(),
        name: group.name.clone(),
        facts: facts(visitor, group, &overview, attested),
        items: of_group.into_iter().map(|finding| item(visitor, finding)).collect(),
        reminders: overview.reminders(&group.id).map(|one| frame.voice.reason(&one.what).to_owned()).collect(),
        members_asked: of_members.len(),
        members: of_members
            .into_iter()
            .filter(|_| sees_members)
            .take(MEMBERS_SHOWN)
            .map(|finding| member(&frame, finding))
            .collect(),
        member_count: member_count(group, overview.roster_lines(&group.id)),
        roster_lines: overview.roster_lines(&group.id),
        sees_members,
        may_edit,
        may_file: may_edit && visitor.may_in(Right::KeepGroups, &group.company) && group.filed_locally_on.is_none(),
        may_file_listed: may_edit && may_file_listed(visitor) && group.filed_with_listed_on.is_none(),
        extension: extension(group, day).filter(|_| may_edit),
        answer,
        done: told(&frame, done),
        frame,
    };
    Ok(Html(page.render()?))
}

/// HR of the listed company notes what was filed there.
pub(super) fn may_file_listed(visitor: &Visitor) -> bool {
    let mut companies = visitor.world.ledgers.companies.iter();
    companies.all(|company| visitor.may_in(Right::KeepGroups, &company.code))
}

fn told(frame: &Frame, done: &str) -> &'static str {
    match done {
        "" => "",
        "registered" => frame.voice.say("已登记。请交成员表。", "Registered. Please hand in the members."),
        "roster" => frame.voice.say("成员表已保存并核对。", "The members were saved and checked."),
        "dissolved" => frame.voice.say("已登记解散并归档。", "Registered as dissolved, and archived."),
        _ => frame.voice.say("已保存。", "Saved."),
    }
}

/// The days between which a temporary group may be extended, once.
fn extension(group: &Group, day: NaiveDate) -> Option<(String, String)> {
    let planned = group.planned_end_on.filter(|_| group.is_temporary && group.extended_until.is_none())?;
    let (first, last) = (planned.max(day), planned.checked_add_days(Days::new(EXTENSION_DAYS_MAX))?);
    (first <= last).then(|| (first.to_string(), last.to_string()))
}

fn facts(visitor: &Visitor, group: &Group, overview: &Overview, attested: String) -> Vec<(&'static str, String)> {
    let frame = &visitor.frame;
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "—".to_owned(), |day| frame.voice.day(day));
    let people: Vec<String> = group.administrators.iter().map(|id| person(visitor, id)).collect();
    let mut facts = vec![
        (frame.voice.say("平台", "Platform"), group.platform.clone()),
        (
            frame.voice.say("公司 · 级别", "Company · level"),
            format!("{} · {}", visitor.company_name(&group.company), group.level),
        ),
        (frame.voice.say("用途", "Purpose"), group.purpose.clone()),
        (
            frame.voice.say("群主", "Owner"),
            group.owner.as_ref().map_or_else(|| "—".to_owned(), |id| person(visitor, id)),
        ),
        (frame.voice.say("管理员", "Administrators"), people.join("、")),
        (frame.voice.say("成员数", "Members"), member_count(group, overview.roster_lines(&group.id)).to_string()),
        (frame.voice.say("成员表日期", "Member list of"), day(group.roster_on)),
        (frame.voice.say("本公司登记", "Filed with own HR"), day(group.filed_locally_on)),
        (frame.voice.say("上市公司备案", "Filed with listed company"), day(group.filed_with_listed_on)),
        (frame.voice.say("期限", "Life"), life(frame, group, visitor.world.day())),
        (frame.voice.say("延期理由", "Reason of extension"), group.extension_reason.clone()),
        (frame.voice.say("保留理由", "Why kept beside another"), group.keep_reason.clone()),
        (frame.voice.say("最近确认", "Last confirmed for"), attested),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

pub(super) fn person(visitor: &Visitor, id: &EmployeeId) -> String {
    let employee = visitor.world.directory.get(id);
    employee.map_or_else(|| id.to_string(), |employee| format!("{} {id}", employee.name))
}

fn item(visitor: &Visitor, finding: &GroupFinding) -> Item {
    let (title, advice) = said(&visitor.voice(), finding.rule);
    let other = finding.with.as_ref().filter(|_| finding.rule == GroupRule::Duplicate);
    let name = |id: &GroupId| {
        visitor.world.ledgers.groups.iter().find(|group| group.id == *id).map(|group| group.name.clone())
    };
    let other = other.map(|id| (id.to_string(), name(id).unwrap_or_default()));
    Item { title, why: visitor.voice().reason(&finding.why).to_owned(), advice, other }
}

fn member(frame: &Frame, finding: &GroupFinding) -> MemberRow {
    let (title, advice) = said(&frame.voice, finding.rule);
    let remark = finding.member.clone().unwrap_or_default();
    MemberRow { title, remark, why: frame.voice.reason(&finding.why).to_owned(), advice }
}

/// What a form asks for.
pub(super) fn edit_of(form: &crate::web::console::form::Fields) -> Option<Edit> {
    Some(match form.text("act") {
        "extend" => Edit::Extend { until: form.text("until").parse().ok()?, reason: form.text("reason").to_owned() },
        "dissolve" if form.text("sure") == "yes" => Edit::Dissolve { members: form.text("members").parse().ok()? },
        "keep" => Edit::KeepBeside { other: form.text("other").into(), reason: form.text("reason").to_owned() },
        "hand_over" => Edit::HandOver { owner: form.text("owner").into() },
        "filed" => Edit::FiledLocally,
        "filed_listed" => Edit::FiledWithListed,
        _ => return None,
    })
}
