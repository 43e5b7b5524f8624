//! The link of a letter about an application for an exemption: whoever received it approves or refuses once, without signing in.
//! To open the page changes nothing, since mail gateways open every link. Number and name of the applicant do not
//! stand there; account, purpose and ownership do, so that it is for the approver alone.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Deserialize;

use crate::casework::application::fault;
use crate::casework::rights::approves_by_letter;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::ledger::values;
use crate::model::exemption_request::{Application, ExemptionRequest};
use crate::model::ids::EmployeeId;
use crate::pipeline::exemptions::{approve, refuse};
use crate::store::StoreError;
use crate::web::console::Console;
use crate::web::console::addressee::{is_shut_out, note, voice_of};
use crate::web::console::form::is_same_origin;
use crate::web::console::refusal::Refusal;

/// Most characters of conditions and of a reason.
const WORDS_MAX: usize = 1_000;

#[derive(Debug, Template)]
#[template(path = "console/exemption_letter.html")]
struct Page {
    voice: Voice,
    number: String,
    company: String,
    platform: String,
    application: Application,
    /// What was decided; none as long as nothing is.
    done: Option<String>,
}

impl Page {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.voice.say(zh, en)
    }
}

/// What was chosen.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    #[serde(rename = "as", default)]
    word: String,
    #[serde(default)]
    conditions: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
}

/// A link that holds: whose it is, what it is about.
struct Link {
    world: Arc<World>,
    request: ExemptionRequest,
    application: Application,
    approver: EmployeeId,
    voice: Voice,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
) -> Result<Html<String>, Refusal> {
    let link = held(&console, &token).await?;
    note(&console, &link.approver, "exemption_request.read", &link.request.number, "letter").await?;
    Ok(Html(shown(&console, &link, None).render()?))
}

pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Chosen>,
) -> Result<Html<String>, Refusal> {
    if !is_same_origin(&headers) {
        return Err(Refusal::NotOurForm);
    }
    let link = held(&console, &token).await?;
    // A decision that is refused does not cost the link; of two at once the second finds the application decided.
    let done = match form.word.as_str() {
        "approve" => approved(&console, &link, &form).await?,
        "refuse" => refused(&console, &link, &form).await?,
        _ => return Err(Refusal::unfit("请选择批准或不批准。", "Choose to approve or to refuse.")),
    };
    console.shell.store.use_exemption_link(&token).await?;
    Ok(Html(shown(&console, &link, Some(done)).render()?))
}

async fn approved(console: &Console, link: &Link, form: &Chosen) -> Result<String, Refusal> {
    let why = || Refusal::unfit("有效期请写成 2027-03-31 的样子。", "Write the last day like 2027-03-31.");
    let until = values::date(&form.until).ok_or_else(why)?;
    let approved = Application { conditions: words(&form.conditions), until, ..link.application.clone() };
    if let Some((zh, en)) = fault(&approved, link.world.day()) {
        return Err(Refusal::unfit(zh, en));
    }
    let by = link.approver.as_str();
    let id = approve(&console.shell, &link.world, &link.request, &approved, by).await?;
    Ok(format!("{}{id}", link.voice.say("已批准，编号", "Approved, number ")))
}

async fn refused(console: &Console, link: &Link, form: &Chosen) -> Result<String, Refusal> {
    let reason = words(&form.reason);
    if reason.is_empty() {
        return Err(Refusal::unfit("请写明理由。", "Give the reason."));
    }
    refuse(&console.shell, &link.request, &reason, link.approver.as_str()).await?;
    Ok(link.voice.say("未批准", "Refused").to_owned())
}

fn words(text: &str) -> String {
    text.trim().chars().take(WORDS_MAX).collect()
}

fn spent() -> Refusal {
    Refusal::unfit(
        "这个链接已用过、已过期，或者申请已处理。请登录控制台查看。",
        "The link was used or is too old, or the application was decided. Sign in to the console instead.",
    )
}

/// The application of a link, if the person may still decide it: roles, and the application itself, may have changed since.
async fn held(console: &Console, token: &str) -> Result<Link, Refusal> {
    let (store, world) = (&console.shell.store, console.shell.world());
    let (number, approver) = store.exemption_link(token, console.shell.clock.now()).await?.ok_or_else(spent)?;
    let request = store.exemption_request(&number).await?.ok_or_else(spent)?;
    if is_shut_out(console, &approver).await? || !approves_by_letter(&world, &request, &approver) {
        return Err(spent());
    }
    let application = request.application.clone().ok_or(StoreError::NoKey)?;
    let voice = voice_of(&world, &approver);
    Ok(Link { world, request, application, approver, voice })
}

fn shown(console: &Console, link: &Link, done: Option<String>) -> Page {
    let company = link.world.ledgers.companies.iter().find(|company| company.code == link.request.company);
    Page {
        voice: link.voice,
        number: link.request.number.clone(),
        company: company.map(|company| company.short_name.clone()).unwrap_or_default(),
        platform: console.shell.platform_name(&link.application.platform),
        application: link.application.clone(),
        done,
    }
}
