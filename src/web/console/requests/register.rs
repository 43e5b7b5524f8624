//! The register: what waits, soonest due first, and the form by which a request is taken in.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Redirect};

use crate::casework::rights::Right;
use crate::model::request::{Asked, RequestKind, RequestState, RightsRequest};
use crate::pipeline::requests::{Incoming, IncomingError, take_in as take_in_request};
use crate::web::console::Console;
use crate::web::console::form::{Fields, Submitted};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::requests::{WORDS_MAX, kept_from, kind_name, state_name, who};

/// Rows that are shown.
const SHOWN: u32 = 200;
/// Most characters of a contact, a number or an identifier.
const LINE_MAX: usize = 200;

#[derive(Debug)]
struct Row {
    number: String,
    kind: &'static str,
    who: String,
    asked_at: String,
    due: String,
    state: &'static str,
    is_open: bool,
    is_late: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/requests.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    kinds: Vec<(String, &'static str)>,
    platforms: Vec<(String, String)>,
    may_answer: bool,
}

pub(in crate::web::console) async fn page(
    State(console): State<Arc<Console>>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeRequests)?;
    let frame = Frame::of(&reader);
    let requests = console.shell.store.requests(SHOWN).await?;
    console.shell.store.audit(&reader.did("requests.list", "console", "")).await?;
    let kept_from = kept_from(&console, &reader).await?;
    let seen = requests.iter().filter(|request| !kept_from.holds(request));
    let page = Page {
        rows: seen.map(|request| row(&reader, &frame, request)).collect(),
        kinds: RequestKind::ALL.into_iter().map(|kind| (code(kind), kind_name(&frame, kind))).collect(),
        platforms: console.platforms(),
        may_answer: reader.rights.may(Right::AnswerRequests),
        frame,
    };
    Ok(Html(page.render()?))
}

/// How many requests wait for an answer, and how many of them are late.
pub(in crate::web::console) async fn waiting(console: &Console, reader: &Reader) -> Result<(usize, usize), Refusal> {
    let requests = console.shell.store.requests(SHOWN).await?;
    let kept_from = kept_from(console, reader).await?;
    let open = requests.iter().filter(|request| request.state == RequestState::Open && !kept_from.holds(request));
    Ok((open.clone().count(), open.filter(|request| request.due_at < reader.world.at).count()))
}

fn row(reader: &Reader, frame: &Frame, request: &RightsRequest) -> Row {
    let is_open = request.state == RequestState::Open;
    Row {
        number: request.number.clone(),
        kind: kind_name(frame, request.kind),
        who: who(reader, frame, request),
        asked_at: frame.voice.minute(request.asked_at),
        due: frame.voice.deadline(request.due_at),
        state: state_name(frame, request.state),
        is_late: is_open && request.due_at < reader.world.at,
        is_open,
    }
}

/// The word of a kind, as the form sends it.
fn code(kind: RequestKind) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(in crate::web::console) async fn take_in(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::AnswerRequests)?;
    let incoming = incoming(&console, &form)?;
    let kept_from = kept_from(&console, &reader).await?;
    if kept_from.holds_incoming(&console.shell, &incoming).await? {
        return Err(Refusal::unfit(
            "这项申请请交给其他受理人。",
            "Give this request to somebody else who takes them in.",
        ));
    }
    let request = take_in_request(&console.shell, &reader.world, &incoming, &reader.actor()).await?;
    Ok(Redirect::to(&format!("/requests/{}", request.number)))
}

fn incoming(console: &Console, form: &Fields) -> Result<Incoming, Refusal> {
    let kind = RequestKind::ALL.into_iter().find(|kind| code(*kind) == form.text("kind"));
    let kind = kind.ok_or_else(|| Refusal::unfit("请选择申请的种类。", "Choose what is asked for."))?;
    let line = |name: &str| form.text(name).chars().filter(|c| !c.is_control()).take(LINE_MAX).collect::<String>();
    let employee = line("employee");
    Ok(Incoming {
        kind,
        case_number: line("case"),
        asked: Asked {
            contact: if employee.is_empty() { line("contact") } else { String::new() },
            employee: employee.as_str().into(),
            platform: console.platform(&line("platform")),
            handle: line("handle").trim_start_matches('@').to_owned(),
            words: form.text("words").chars().take(WORDS_MAX).collect(),
        },
    })
}

impl From<IncomingError> for Refusal {
    fn from(error: IncomingError) -> Self {
        match error {
            IncomingError::Store(error) => error.into(),
            IncomingError::NoAccount => Self::unfit(
                "请填写线索编号，或者平台和账号ID。",
                "Give the number of the case, or platform and account.",
            ),
            IncomingError::NoCase => Self::unfit("没有这条线索。", "There is no such case."),
            IncomingError::Nobody => Self::unfit(
                "请填写工号；外部人员请填写联系方式。",
                "Give the employee number, or how to reach the person.",
            ),
            IncomingError::UnknownEmployee => {
                Self::unfit("员工名册里没有这个工号。", "The staff directory has no such employee number.")
            }
        }
    }
}
