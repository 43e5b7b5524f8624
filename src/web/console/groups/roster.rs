//! A member list takes the place of a group's roster: handed in as a file or pasted, looked at, and only then saved.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Redirect};

use crate::groups::member_list::{self, Export, Listed, Source};
use crate::groups::register::is_dissolved;
use crate::groups::writings::Writings;
use crate::ledger::group_rosters::GROUP_ROSTERS;
use crate::ledger::lines::Lines;
use crate::ledger::problem::Problem;
use crate::model::group::Group;
use crate::model::ids::GroupId;
use crate::pipeline::register::replace_roster;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::groups::act::settle_cases;
use crate::web::console::groups::{HandedIn, Params, Sent, Visitor};
use crate::web::console::refusal::Refusal;

/// Problems and members that are shown.
const PROBLEMS_SHOWN: usize = 100;
const MEMBERS_SHOWN: usize = 50;

/// A list that was read and waits for a word.
#[derive(Debug)]
pub(super) struct Upload {
    group: GroupId,
    listed: Vec<Listed>,
    /// The mark of the roster with which it was compared.
    before: String,
    problems: Vec<Problem>,
    added: Vec<String>,
    removed: Vec<String>,
}

impl Upload {
    fn has_errors(&self) -> bool {
        self.listed.is_empty() || self.problems.iter().any(Problem::is_error)
    }
}

/// A list of one's own that waits for a group.
fn waiting(console: &Console, visitor: &Visitor, token: &str, group: &Group) -> Result<Arc<Upload>, Refusal> {
    let upload =
        console.groups.uploads.of(token, &visitor.actor(), visitor.world.at).filter(|upload| upload.group == group.id);
    upload.ok_or_else(|| {
        Refusal::unfit("这份成员表已过期，请重新上传。", "The list has waited too long; hand it in again.")
    })
}

#[derive(Debug, Template)]
#[template(path = "console/group_roster.html")]
struct FormPage {
    frame: Frame,
    base: String,
    id: String,
    name: String,
    platform: String,
}

#[derive(Debug, Template)]
#[template(path = "console/group_preview.html")]
struct PreviewPage {
    frame: Frame,
    base: String,
    id: String,
    name: String,
    members: usize,
    added: usize,
    removed: usize,
    added_shown: Vec<String>,
    removed_shown: Vec<String>,
    errors: Vec<String>,
    advice: Vec<String>,
    /// Problems that are not shown.
    further: usize,
    may_save: bool,
}

fn living(visitor: &Visitor, params: &HashMap<String, String>) -> Result<Group, Refusal> {
    let group = visitor.own_group(params)?;
    if is_dissolved(&group, visitor.world.day()) { Err(Refusal::NotFound) } else { Ok(group) }
}

pub(in crate::web::console) async fn form(params: Params, visitor: Visitor) -> Result<Html<String>, Refusal> {
    let group = living(&visitor, &params)?;
    let (id, name, platform) = (group.id.to_string(), group.name, group.platform);
    Ok(Html(FormPage { base: visitor.base, id, name, platform, frame: visitor.frame }.render()?))
}

pub(in crate::web::console) async fn hand_in(
    State(console): State<Arc<Console>>,
    params: Params,
    HandedIn { visitor, fields, file, bytes }: HandedIn,
) -> Result<Redirect, Refusal> {
    let group = living(&visitor, &params)?;
    let pasted = fields.text("pasted").to_owned();
    let (file, bytes) = match bytes.is_empty() {
        true => (visitor.frame.say("粘贴的名单", "the pasted list").to_owned(), pasted.into_bytes()),
        false => (file, bytes),
    };
    if bytes.is_empty() {
        return Err(Refusal::unfit("请选择文件，或者粘贴名单。", "Choose a file, or paste the list."));
    }
    let (shell, group_id) = (Arc::clone(&console.shell), group.id.clone());
    let read = move || read(&shell.loaded(), &file, &bytes, &group);
    let upload = tokio::task::spawn_blocking(read).await.map_err(|_| Refusal::Failed)?;
    // A person has one list waiting for each group.
    let is_replaced = |other: &Upload| other.group == group_id;
    let token = console.groups.uploads.keep(&visitor.actor(), visitor.world.at, upload, is_replaced);
    Ok(Redirect::to(&format!("{}/{group_id}/roster/{token}", visitor.base)))
}

fn read(loaded: &crate::watchlists::Loaded, file: &str, bytes: &[u8], group: &Group) -> Upload {
    let source = Source { file, bytes, export: Export::of_platform(&group.platform), group };
    let empty = Lines::empty(&GROUP_ROSTERS);
    let rosters = loaded.lines.get(GROUP_ROSTERS.name).unwrap_or(&empty);
    let (listed, mut problems) = member_list::read(source);
    // The number in the register is corrected together with the list.
    let uncounted = Group { members: None, ..group.clone() };
    let source = Source { group: &uncounted, ..source };
    problems.extend(member_list::doubts(source, &listed, rosters, &Writings::of(&loaded.ledgers)));
    problems.sort_by_key(|problem| (!problem.is_error(), problem.row));
    let (added, removed) = compared(rosters, group, &listed);
    let before = member_list::mark(rosters, &group.id);
    Upload { group: group.id.clone(), listed, before, problems, added, removed }
}

/// Remarks that come and that go, each as often as it does.
fn compared(rosters: &Lines, group: &Group, listed: &[Listed]) -> (Vec<String>, Vec<String>) {
    let own = rosters.rows.iter().filter(|line| rosters.cell(line, "group") == group.id.as_str());
    let before: Vec<&str> = own.map(|line| rosters.cell(line, "remark")).collect();
    let after: Vec<&str> = listed.iter().map(|member| member.remark.as_str()).collect();
    (beyond(&after, &before), beyond(&before, &after))
}

fn beyond(these: &[&str], those: &[&str]) -> Vec<String> {
    let mut left: HashMap<&str, usize> = HashMap::new();
    those.iter().for_each(|text| *left.entry(text).or_default() += 1);
    let is_new = |text: &&&str| match left.get_mut(**text).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            false
        }
        None => true,
    };
    these.iter().filter(is_new).map(|text| (*text).to_owned()).collect()
}

pub(in crate::web::console) async fn preview(
    State(console): State<Arc<Console>>,
    params: Params,
    visitor: Visitor,
) -> Result<Html<String>, Refusal> {
    let group = living(&visitor, &params)?;
    let upload = waiting(&console, &visitor, token_of(&params), &group)?;
    let said = |is_error: bool| {
        let problems = upload.problems.iter().filter(|problem| problem.is_error() == is_error).take(PROBLEMS_SHOWN);
        problems.map(|problem| visitor.frame.say(&problem.zh, &problem.en).to_owned()).collect::<Vec<_>>()
    };
    let (errors, advice) = (said(true), said(false));
    let page = PreviewPage {
        base: visitor.base.clone(),
        id: group.id.to_string(),
        name: group.name,
        members: upload.listed.len(),
        added: upload.added.len(),
        removed: upload.removed.len(),
        added_shown: upload.added.iter().take(MEMBERS_SHOWN).cloned().collect(),
        removed_shown: upload.removed.iter().take(MEMBERS_SHOWN).cloned().collect(),
        further: upload.problems.len() - errors.len() - advice.len(),
        may_save: !upload.has_errors(),
        errors,
        advice,
        frame: visitor.frame,
    };
    Ok(Html(page.render()?))
}

fn token_of(params: &HashMap<String, String>) -> &str {
    params.get("upload").map_or("", String::as_str)
}

pub(in crate::web::console) async fn confirm(
    State(console): State<Arc<Console>>,
    params: Params,
    Sent(visitor, _): Sent,
) -> Result<Redirect, Refusal> {
    let group = living(&visitor, &params)?;
    let upload = waiting(&console, &visitor, token_of(&params), &group)?;
    if upload.has_errors() {
        return Err(Refusal::unfit("有错误，没有写入任何内容。", "There are errors; nothing was written."));
    }
    let detail = format!("{} members", upload.listed.len());
    let audit = visitor.did("group.roster", group.id.as_str(), &detail);
    // It takes seconds in a large register, and is done whole also when the visitor goes away meanwhile.
    let (shell, saved) = (Arc::clone(&console.shell), group.clone());
    let save = async move { replace_roster(&shell, &saved, &upload.listed, &upload.before, &audit).await };
    tokio::spawn(save).await.map_err(|_| Refusal::Failed)??;
    console.groups.uploads.end(token_of(&params));
    settle_cases(&console, &group).await?;
    Ok(Redirect::to(&format!("{}/{}?done=roster", visitor.base, group.id)))
}

#[cfg(test)]
mod tests {
    use super::beyond;

    #[test]
    fn what_comes_and_goes_is_counted_as_often_as_it_does() {
        assert_eq!(beyond(&["甲", "甲", "乙"], &["甲", "丙"]), ["甲", "乙"]);
        assert!(beyond(&["甲"], &["甲", "甲"]).is_empty());
    }
}
