//! Groups that others built and in which our people take part: an optional list by name, platform and contact. No member list is
//! asked, and no rule is held against them. Who came by a link sees those of which the person is the contact.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::groups::edits::NewExternal;
use crate::groups::responsibility::Responsibility;
use crate::model::group::Group;
use crate::pipeline::register::register_external_group;
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::frame::Frame;
use crate::web::console::groups::group::person;
use crate::web::console::groups::register::whose;
use crate::web::console::groups::{Sent, Visitor, Who};
use crate::web::console::refusal::Refusal;

#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    platform: String,
    company: String,
    contact: String,
    /// Whether the contact has left, or none is named.
    has_no_contact: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/groups_external.html")]
struct Page {
    frame: Frame,
    base: String,
    rows: Vec<Row>,
    may_add: bool,
    done: bool,
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    visitor: Visitor,
) -> Result<Html<String>, Refusal> {
    if let Who::Signed(_) = visitor.who {
        visitor.must(Right::SeeGroups)?;
    }
    let groups: Vec<&Group> =
        visitor.world.ledgers.external_groups.iter().filter(|group| sees(&visitor, group)).collect();
    let read = visitor.did("groups.external", "groups.csv", &format!("{} groups", groups.len()));
    console.shell.store.audit(&read).await?;
    let people = visitor.people();
    let page = Page {
        rows: groups.into_iter().map(|group| row(&visitor, &people, group)).collect(),
        may_add: matches!(&visitor.who, Who::ByLink(_)) || visitor.must(Right::KeepGroups).is_ok(),
        done: done.is_done(),
        base: visitor.base.clone(),
        frame: visitor.frame.clone(),
    };
    Ok(Html(page.render()?))
}

fn sees(visitor: &Visitor, group: &Group) -> bool {
    match &visitor.who {
        Who::Signed(_) => visitor.may_in(Right::SeeGroups, &group.company),
        Who::ByLink(employee) => group.owner.as_ref() == Some(employee),
    }
}

fn row(visitor: &Visitor, people: &Responsibility<'_>, group: &Group) -> Row {
    let contact = group.owner.as_ref();
    Row {
        id: group.id.to_string(),
        name: group.name.clone(),
        platform: group.platform.clone(),
        company: visitor.company_name(&group.company),
        contact: contact.map_or_else(String::new, |id| person(visitor, id)),
        has_no_contact: contact.is_none_or(|id| people.colleague(id).is_none()),
    }
}

pub(in crate::web::console) async fn register(
    State(console): State<Arc<Console>>,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    let (company, contact) = whose(&visitor, &form)?;
    let (platform, name) = (form.text("platform").to_owned(), form.text("name").to_owned());
    let new = NewExternal { platform, name, company, contact };
    register_external_group(&console.shell, &new, &visitor.did("group.external", "", "")).await?;
    Ok(Redirect::to(&format!("{}/external?done=yes", visitor.base)))
}
