//! Registering a group. The first question ends it for private groups: nothing of them is asked, sent or kept.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::groups::edits::NewGroup;
use crate::ledger::groups::{LEVELS, PLATFORMS};
use crate::model::ids::{CompanyCode, EmployeeId};
use crate::pipeline::register::register_group;
use crate::web::console::Console;
use crate::web::console::form::Fields;
use crate::web::console::frame::Frame;
use crate::web::console::groups::{Sent, Visitor, Who};
use crate::web::console::refusal::Refusal;

/// The answer to the first question: `yes`, `no`, `external`, or none yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    work: String,
}

#[derive(Debug, Template)]
#[template(path = "console/group_new.html")]
struct Page {
    frame: Frame,
    base: String,
    work: String,
    /// Companies whose groups the visitor registers, by code and name; none for an owner, whose company is known.
    companies: Vec<(String, String)>,
    levels: &'static [&'static str],
    platforms: &'static [&'static str],
    today: String,
}

pub(in crate::web::console) async fn page(Query(wish): Query<Wish>, visitor: Visitor) -> Result<Html<String>, Refusal> {
    let companies = visitor.world.ledgers.companies.iter();
    let companies: Vec<(String, String)> = companies
        .filter(|company| visitor.may_in(Right::KeepGroups, &company.code))
        .map(|company| (company.code.to_string(), company.short_name.clone()))
        .collect();
    if companies.is_empty() && matches!(visitor.who, Who::Signed(_)) {
        return Err(Refusal::NotFound);
    }
    let today = visitor.world.day().to_string();
    let (levels, platforms) = (LEVELS, PLATFORMS);
    let page = Page { base: visitor.base, work: wish.work, companies, levels, platforms, today, frame: visitor.frame };
    Ok(Html(page.render()?))
}

pub(in crate::web::console) async fn register(
    State(console): State<Arc<Console>>,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    let (company, owner) = whose(&visitor, &form)?;
    let deputy = form.text("deputy");
    let new = NewGroup {
        platform: form.text("platform").to_owned(),
        name: form.text("name").to_owned(),
        company,
        level: form.text("level").to_owned(),
        purpose: form.text("purpose").to_owned(),
        owner,
        deputy: (!deputy.is_empty()).then(|| deputy.into()),
        members: form.text("members").parse().unwrap_or(0),
        temporary_until: form.text("until").parse().ok(),
        is_temporary: form.text("temporary") == "yes",
    };
    let id = register_group(&console.shell, &new, &visitor.did("group.register", "", "")).await?;
    Ok(Redirect::to(&format!("{}/{id}/roster", visitor.base)))
}

/// The company and the owner or contact: of somebody who came by a link, the own ones.
pub(super) fn whose(visitor: &Visitor, form: &Fields) -> Result<(CompanyCode, EmployeeId), Refusal> {
    match &visitor.who {
        Who::Signed(_) => {
            let company = CompanyCode::new(form.text("company"));
            let may = visitor.may_in(Right::KeepGroups, &company);
            if may { Ok((company, form.text("owner").into())) } else { Err(Refusal::NotFound) }
        }
        Who::ByLink(employee) => {
            let company = visitor.people().colleague(employee).map(|employee| employee.company.clone());
            Ok((company.ok_or(Refusal::NotFound)?, employee.clone()))
        }
    }
}
