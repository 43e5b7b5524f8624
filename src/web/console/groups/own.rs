//! The page of a personal link: the groups for which somebody answers, the month's confirmation, self-inspections.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};

use crate::groups::attested::month_of;
use crate::groups::register::is_dissolved;
use crate::model::group::Group;
use crate::model::ids::{CampaignId, EmployeeId, GroupId};
use crate::pipeline::member_attestation;
use crate::pipeline::self_inspection::{Attestations, going_on, unconfirmed};
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::frame::Frame;
use crate::web::console::groups::list::{Row, row};
use crate::web::console::groups::{Params, Sent, Visitor, Who};
use crate::web::console::refusal::Refusal;

/// A group that is to be confirmed in a self-inspection.
#[derive(Debug)]
struct Asked {
    campaign: String,
    title: String,
    due_on: String,
    group: String,
    name: String,
    findings: usize,
}

#[derive(Debug, Template)]
#[template(path = "console/my_groups.html")]
struct Page {
    frame: Frame,
    base: String,
    rows: Vec<Row>,
    month: String,
    /// Names of the groups that are to be confirmed for the month.
    awaited: Vec<String>,
    asked: Vec<Asked>,
    /// The year for which the duties of a member are to be confirmed.
    duties_year: Option<i32>,
    done: bool,
}

/// Who came by the link.
pub(super) fn employee(visitor: &Visitor) -> Result<&EmployeeId, Refusal> {
    match &visitor.who {
        Who::ByLink(employee) => Ok(employee),
        Who::Signed(_) => Err(Refusal::NotFound),
    }
}

/// Living groups that the visitor owns, or has to answer for because nobody does; heads see as well what was escalated to them.
fn own_groups<'v>(visitor: &'v Visitor, overview: &crate::groups::overview::Overview) -> Vec<&'v Group> {
    let Who::ByLink(employee) = &visitor.who else { return Vec::new() };
    let (people, day) = (visitor.people(), visitor.world.day());
    let is_escalated =
        |group: &Group| overview.findings(&group.id).any(|finding| finding.escalates_to.as_ref() == Some(employee));
    let living = visitor.world.ledgers.groups.iter().filter(|group| !is_dissolved(group, day));
    living.filter(|group| people.answers_for(group) == Some(employee) || is_escalated(group)).collect()
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    visitor: Visitor,
) -> Result<Html<String>, Refusal> {
    let overview = console.overview(&visitor.world).await?;
    console.shell.store.audit(&visitor.did("groups.own", employee(&visitor)?.as_str(), "")).await?;
    let (groups, month) = (own_groups(&visitor, &overview), month_of(visitor.world.day()));
    let attestations = Attestations::of_groups(&console.shell, &visitor.world, ids(&groups)).await?;
    let awaited = awaited(&visitor, &groups, &attestations, &month);
    let rows = groups.iter().map(|group| row(&visitor.frame, &visitor.world, group, &overview)).collect();
    let mut asked = asked(&console, &visitor).await?;
    asked.iter_mut().for_each(|one| one.findings = overview.findings(&one.group.as_str().into()).count());
    let duties = member_attestation::awaited(&console.shell, &visitor.world, employee(&visitor)?).await?;
    let page = Page {
        rows,
        awaited: awaited.iter().map(|group| group.name.clone()).collect(),
        month,
        asked,
        duties_year: duties.map(|own| own.year),
        base: visitor.base.clone(),
        done: done.is_done(),
        frame: visitor.frame.clone(),
    };
    Ok(Html(page.render()?))
}

fn ids(groups: &[&Group]) -> Vec<GroupId> {
    groups.iter().map(|group| group.id.clone()).collect()
}

/// Groups for which the visitor is asked to confirm the month.
fn awaited<'g>(visitor: &Visitor, groups: &[&'g Group], attestations: &Attestations, month: &str) -> Vec<&'g Group> {
    let people = visitor.people();
    let answers = |group: &&&Group| matches!(&visitor.who, Who::ByLink(id) if people.answers_for(group) == Some(id));
    groups.iter().filter(answers).filter(|group| attestations.is_awaited(&group.id, month)).copied().collect()
}

async fn asked(console: &Console, visitor: &Visitor) -> Result<Vec<Asked>, Refusal> {
    let own = employee(visitor)?;
    let mut asked = Vec::new();
    for (campaign, inspections) in going_on(&console.shell).await? {
        for (_, group, _) in unconfirmed(&visitor.world, &inspections).into_iter().filter(|(_, _, to)| *to == own) {
            asked.push(Asked {
                campaign: campaign.id.to_string(),
                title: campaign.title.clone(),
                due_on: visitor.voice().day(campaign.due_on),
                group: group.id.to_string(),
                name: group.name.clone(),
                findings: 0,
            });
        }
    }
    Ok(asked)
}

/// One tick for all groups of the month.
pub(in crate::web::console) async fn attest(
    State(console): State<Arc<Console>>,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    employee(&visitor)?;
    if form.text("attested") != "yes" {
        return Err(Refusal::unfit("请先勾选确认。", "Tick the confirmation first."));
    }
    let overview = console.overview(&visitor.world).await?;
    let (groups, month) = (own_groups(&visitor, &overview), month_of(visitor.world.day()));
    let attestations = Attestations::of_groups(&console.shell, &visitor.world, ids(&groups)).await?;
    let awaited: Vec<GroupId> =
        awaited(&visitor, &groups, &attestations, &month).iter().map(|group| group.id.clone()).collect();
    let audit: Vec<_> = awaited.iter().map(|id| visitor.did("group.attest", id.as_str(), &month)).collect();
    console.shell.store.attest(&awaited, &month, &audit, visitor.world.at).await?;
    Ok(Redirect::to(&format!("{}?done=attested", visitor.base)))
}

/// A group was looked through for a self-inspection; what is found at this moment is counted.
pub(in crate::web::console) async fn confirm(
    State(console): State<Arc<Console>>,
    params: Params,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    let group = visitor.own_group(&params)?;
    let campaign = CampaignId::new(form.text("campaign"));
    let all = asked(&console, &visitor).await?;
    let is_asked = all.iter().any(|one| one.campaign == campaign.as_str() && one.group == group.id.as_str());
    if !is_asked {
        return Err(Refusal::NotFound);
    }
    let findings = console.overview(&visitor.world).await?.findings(&group.id).count();
    let audit = visitor.did("campaign.confirm", group.id.as_str(), campaign.as_str());
    console.shell.store.confirm_inspection(&campaign, &group.id, findings, &audit).await?;
    Ok(Redirect::to(&format!("{}?done=confirmed", visitor.base)))
}
