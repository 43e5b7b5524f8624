//! The page on which a member of work groups confirms the duties of members for a year: one tick, on a phone. Neither a device nor a
//! message is asked about.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};

use crate::groups::duties::{DUTIES, Duty, TEXT_VERSION};
use crate::pipeline::member_attestation::awaited;
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::frame::Frame;
use crate::web::console::groups::own::employee;
use crate::web::console::groups::{Sent, Visitor};
use crate::web::console::refusal::Refusal;

#[derive(Debug, Template)]
#[template(path = "console/my_duties.html")]
struct Page {
    frame: Frame,
    base: String,
    duties: &'static [Duty],
    /// The year that is to be confirmed; none where nothing is.
    year: Option<i32>,
    /// The last confirmation: year and day.
    last: Option<(i32, String)>,
    done: bool,
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    visitor: Visitor,
) -> Result<Html<String>, Refusal> {
    let member = employee(&visitor)?;
    console.shell.store.audit(&visitor.did("duties.own", member.as_str(), "")).await?;
    let year = awaited(&console.shell, &visitor.world, member).await?.map(|own| own.year);
    let last = console.shell.store.member_attestation(member).await?;
    let last = last.and_then(|own| Some((own.year, visitor.voice().day(own.attested_at?.date(visitor.world.zone)))));
    let page = Page {
        duties: &DUTIES,
        year,
        last,
        base: visitor.base.clone(),
        done: done.is_done(),
        frame: visitor.frame.clone(),
    };
    Ok(Html(page.render()?))
}

/// One tick for all duties of the year.
pub(in crate::web::console) async fn attest(
    State(console): State<Arc<Console>>,
    Sent(visitor, form): Sent,
) -> Result<Redirect, Refusal> {
    let member = employee(&visitor)?;
    if form.text("attested") != "yes" {
        return Err(Refusal::unfit("请先勾选确认。", "Tick the confirmation first."));
    }
    let own = awaited(&console.shell, &visitor.world, member)
        .await?
        .ok_or_else(|| Refusal::unfit("目前没有需要您确认的。", "There is nothing for you to confirm now."))?;
    let audit = visitor.did("duties.attest", member.as_str(), &format!("{} {TEXT_VERSION}", own.year));
    console.shell.store.attest_member(own.year, member, TEXT_VERSION, &audit).await?;
    let language = visitor.voice().code();
    Ok(Redirect::to(&format!("{}/duties?done=yes&language={language}", visitor.base)))
}
