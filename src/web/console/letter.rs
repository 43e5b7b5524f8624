//! The link of a letter: whoever received it decides one case once, without signing in. To open the page changes nothing,
//! since mail gateways open every link.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Deserialize;

use crate::casework::rights::decides_by_letter;
use crate::casework::told::due;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::model::case::{Case, CaseState, Disposition};
use crate::model::ids::EmployeeId;
use crate::model::term::Severity;
use crate::pipeline::retain::decide as decide_case;
use crate::store::{Decision, Step};
use crate::web::console::Console;
use crate::web::console::addressee::{is_shut_out, note, voice_of};
use crate::web::console::case::{Choice, choices, chosen};
use crate::web::console::cases::severity_class;
use crate::web::console::form::is_same_origin;
use crate::web::console::refusal::Refusal;

#[derive(Debug, Template)]
#[template(path = "console/letter.html")]
struct Page {
    voice: Voice,
    number: String,
    severity: &'static str,
    severity_class: &'static str,
    due: String,
    /// How the case stands, where it needs no decision any more.
    done: Option<String>,
    choices: Vec<Choice>,
    /// The code of a decision that is asked for once more, since it cannot be taken back.
    again: Option<&'static str>,
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
    confirmed: String,
}

/// A link that holds: whose it is, what it is about.
struct Link {
    world: Arc<World>,
    case: Case,
    employee: EmployeeId,
    voice: Voice,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
) -> Result<Html<String>, Refusal> {
    let link = held(&console, &token).await?;
    note(&console, &link.employee, "letter.open", link.case.id.as_str(), "").await?;
    Ok(Html(shown(&link, None).render()?))
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
    let mut link = held(&console, &token).await?;
    let disposition = chosen(&form.word, &link.case.judgement)?;
    if disposition == Disposition::ProtectedSpeech && form.confirmed != "yes" {
        return Ok(Html(shown(&link, Some("protected_speech")).render()?));
    }
    let (step, by, at) = (Step::Close(disposition), link.employee.to_string(), console.shell.clock.now());
    let decision = Decision { case: link.case.id.clone(), step, by, at, alerts: Vec::new() };
    // A decision that is refused does not cost the link; of two at once the second finds the case closed.
    link.case = decide_case(&console.shell.store, &console.shell.vault, &decision).await?;
    console.shell.store.use_mail_link(&token).await?;
    Ok(Html(shown(&link, None).render()?))
}

fn spent() -> Refusal {
    Refusal::unfit(
        "这个链接已用过或已过期。请登录控制台处理。",
        "The link was used or is too old. Sign in to the console instead.",
    )
}

/// The case of a link, if the person may still decide it: roles and the case's lane may have changed since the letter.
async fn held(console: &Console, token: &str) -> Result<Link, Refusal> {
    console.shell.recall_unlinkings().await?;
    let (store, world) = (&console.shell.store, console.shell.world());
    let (case, employee) = store.mail_link(token, console.shell.clock.now()).await?.ok_or_else(spent)?;
    let case = store.case(&case).await?.ok_or_else(spent)?;
    if is_shut_out(console, &employee).await? || !decides_by_letter(&world, &case, &employee) {
        return Err(spent());
    }
    let voice = voice_of(&world, &employee);
    Ok(Link { case, employee, voice, world })
}

fn shown(link: &Link, again: Option<&'static str>) -> Page {
    let (voice, case) = (link.voice, &link.case);
    let severity = case.judgement.severity.unwrap_or(Severity::Low);
    let is_done = matches!(case.state, CaseState::Closed { .. } | CaseState::Locked { .. });
    Page {
        number: case.number.clone(),
        severity: voice.severity(severity),
        severity_class: severity_class(severity),
        due: voice.deadline(due(&link.world, severity, case.open_since)),
        done: is_done.then(|| voice.state(&case.state)),
        choices: choices(&voice, &case.judgement),
        again,
        voice,
    }
}
