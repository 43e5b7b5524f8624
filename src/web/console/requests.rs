//! 权利与申诉: the register of what people ask about their own data, its clock, the answers, and the notice to employees.

mod notice;
mod register;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect, Response};

use crate::casework::rights::Right;
use crate::detect::leak::masked;
use crate::model::person::ManagerRole;
use crate::model::request::{RequestKind, RequestRecord, RequestState, RightsRequest};
use crate::pipeline::kept_from::KeptFrom;
use crate::pipeline::requests::{answer as answer_request, meets_nothing, records};
use crate::web::console::Console;
use crate::web::console::attachment::{Form, listed, text_attachment};
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

pub(super) use crate::web::console::requests::notice::{issue, notice_page, notice_text};
pub(super) use crate::web::console::requests::register::{page, take_in, waiting};

/// Most characters of what somebody writes into a form.
const WORDS_MAX: usize = 2_000;

/// A case that an objection locked: number, whether the reader may open it, how it stands.
type LockedCase = (String, bool, String);

#[derive(Debug, Template)]
#[template(path = "console/request.html")]
struct Page {
    frame: Frame,
    number: String,
    kind: &'static str,
    state: &'static str,
    is_open: bool,
    is_late: bool,
    who: String,
    account: String,
    words: String,
    asked_at: String,
    due: String,
    cases: Vec<LockedCase>,
    /// Whether the account that was named is in no case: perhaps it is written otherwise.
    meets_nothing: bool,
    /// What is kept that concerns the person, where that was asked.
    records: Option<Vec<RequestRecord>>,
    /// Who is to be told of an objection as well.
    union: Vec<String>,
    answer: String,
    answered: String,
    may_answer: bool,
}

fn kind_name(frame: &Frame, kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Object => frame.voice.say("申诉（不是我）", "Objection: not me"),
        RequestKind::Know => frame.voice.say("查询", "To know"),
        RequestKind::Copy => frame.voice.say("复制", "A copy"),
        RequestKind::Correct => frame.voice.say("更正", "Correction"),
        RequestKind::Erase => frame.voice.say("删除", "Erasure"),
    }
}

fn state_name(frame: &Frame, state: RequestState) -> &'static str {
    match state {
        RequestState::Open => frame.voice.say("待答复", "Waits"),
        RequestState::Granted => frame.voice.say("已办理", "Granted"),
        RequestState::Refused => frame.voice.say("未予办理", "Refused"),
    }
}

/// The requests that somebody may not see: their own, and those about cases that are perhaps about them.
async fn kept_from(console: &Console, reader: &Reader) -> Result<KeptFrom, Refusal> {
    Ok(KeptFrom::of(&console.shell, &reader.session.user.employee).await?)
}

/// The request of a number that the reader may see.
async fn seen(console: &Console, reader: &Reader, number: &str, right: Right) -> Result<RightsRequest, Refusal> {
    reader.must(right)?;
    let request = console.shell.store.request(&number.trim().to_ascii_uppercase()).await?;
    let request = request.ok_or(Refusal::NotFound)?;
    let is_kept = kept_from(console, reader).await?.holds_with_cases(&console.shell, &request).await?;
    if is_kept { Err(Refusal::NotFound) } else { Ok(request) }
}

/// Employee number and name; of somebody from outside, how to reach them.
fn who(reader: &Reader, frame: &Frame, request: &RightsRequest) -> String {
    let Some(asked) = &request.asked else {
        return frame.say("已加密，本进程没有密钥", "sealed, and this process has no key").to_owned();
    };
    if asked.employee.is_empty() {
        return format!("{}{}", frame.say("外部人员 ", "from outside "), asked.contact);
    }
    let name = reader.world.directory.get(&asked.employee).map_or("", |employee| employee.name.as_str());
    format!("{} {name}", asked.employee).trim_end().to_owned()
}

pub(super) async fn request_page(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let request = seen(&console, &reader, &number, Right::SeeRequests).await?;
    console.shell.store.audit(&reader.did("request.read", &request.number, "")).await?;
    let frame = Frame::of(&reader);
    let asked = request.asked.clone().unwrap_or_default();
    let tells = matches!(request.kind, RequestKind::Know | RequestKind::Copy) && request.state == RequestState::Open;
    let told = if tells { Some(records(&console.shell, &reader.world, &asked).await?) } else { None };
    let platform = console.shell.platform_name(&asked.platform);
    let account = if asked.handle.is_empty() { String::new() } else { format!("{platform} @{}", asked.handle) };
    let page = Page {
        kind: kind_name(&frame, request.kind),
        state: state_name(&frame, request.state),
        is_open: request.state == RequestState::Open,
        is_late: request.state == RequestState::Open && request.due_at < reader.world.at,
        who: who(&reader, &frame, &request),
        account: masked(&reader.world.watch, &account),
        words: masked(&reader.world.watch, &asked.words),
        asked_at: frame.voice.minute(request.asked_at),
        due: frame.voice.deadline(request.due_at),
        cases: locked_cases(&console, &reader, &frame, &request).await?,
        meets_nothing: request.state == RequestState::Open && meets_nothing(&console.shell, &asked).await?,
        records: told,
        union: if request.kind == RequestKind::Object { union(&reader) } else { Vec::new() },
        answered: request.answered_at.map(|at| frame.voice.minute(at)).unwrap_or_default(),
        may_answer: reader.rights.may(Right::AnswerRequests),
        answer: request.answer,
        number: request.number,
        frame,
    };
    Ok(Html(page.render()?))
}

async fn locked_cases(
    console: &Console,
    reader: &Reader,
    frame: &Frame,
    request: &RightsRequest,
) -> Result<Vec<LockedCase>, Refusal> {
    let mut cases = Vec::new();
    for id in console.shell.store.cases_of_request(&request.id).await? {
        let Some(case) = console.shell.store.case(&id).await? else { continue };
        let may_open = reader.rights.may_with(Right::SeeCases, &case);
        cases.push((case.number.clone(), may_open, frame.voice.state(&case.state)));
    }
    Ok(cases)
}

/// Names and addresses of the union's part in objections.
fn union(reader: &Reader) -> Vec<String> {
    let managers = reader.world.ledgers.managers.iter().filter(|manager| manager.role == ManagerRole::Union);
    managers.map(|manager| format!("{} {}", manager.name, manager.mail)).collect()
}

pub(super) async fn answer(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let request = seen(&console, &reader, &number, Right::AnswerRequests).await?;
    let words: String = form.text("words").chars().take(WORDS_MAX).collect();
    let state = match form.text("as") {
        "granted" => RequestState::Granted,
        "refused" if words.is_empty() => {
            return Err(Refusal::unfit("不予办理的，请写明理由。", "A refusal needs its reason."));
        }
        "refused" => RequestState::Refused,
        _ => return Err(Refusal::unfit("请选择结论。", "Choose a decision.")),
    };
    if request.asked.is_none() {
        return Err(crate::store::StoreError::NoKey.into());
    }
    answer_request(&console.shell, &reader.world, &request, state, &words, &reader.actor()).await?;
    Ok(Redirect::to(&format!("/requests/{}", request.number)))
}

pub(super) async fn letter_text(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let request = seen(&console, &reader, &number, Right::SeeRequests).await?;
    if request.answer.is_empty() {
        return Err(Refusal::NotFound);
    }
    console.shell.store.audit(&reader.did("request.export", &request.number, "letter")).await?;
    Ok(text_attachment(&format!("{}.txt", request.number), &request.answer))
}

/// What is kept, as a file for the person who asks for a copy.
pub(super) async fn records_csv(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    records_as(&console, &number, &reader, Form::Csv).await
}

/// The same as a workbook.
pub(super) async fn records_workbook(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    records_as(&console, &number, &reader, Form::Xlsx).await
}

async fn records_as(console: &Console, number: &str, reader: &Reader, form: Form) -> Result<Response, Refusal> {
    let request = seen(console, reader, number, Right::AnswerRequests).await?;
    if !matches!(request.kind, RequestKind::Know | RequestKind::Copy) {
        return Err(Refusal::NotFound);
    }
    let asked = request.asked.clone().unwrap_or_default();
    let told = records(&console.shell, &reader.world, &asked).await?;
    let detail = format!("{} records", told.len());
    console.shell.store.audit(&reader.did("request.export", &request.number, &detail)).await?;
    let frame = Frame::of(reader);
    let rows: Vec<_> = told.iter().map(|record| cells(&frame, record)).collect();
    let header = [
        ("编号", "Number"),
        ("平台", "Platform"),
        ("账号", "Account"),
        ("链接", "Address"),
        ("发现时间", "Found"),
        ("为什么提示", "Why it was told"),
        ("为什么匹配到您", "Why you were thought of"),
        ("保存至", "Kept until"),
    ];
    let header = header.map(|(zh, en)| frame.voice.say(zh, en));
    listed(form, &request.number, frame.voice.say("保存的内容", "What is kept"), header, rows.into_iter()).await
}

fn cells(frame: &Frame, record: &RequestRecord) -> [String; 8] {
    let reasons = |all: &[crate::model::finding::Reason]| {
        all.iter().map(|reason| frame.voice.reason(reason)).collect::<Vec<_>>().join("；")
    };
    [
        record.number.clone(),
        record.platform.clone(),
        record.account.clone(),
        record.address.clone(),
        frame.voice.minute(record.found_at),
        reasons(&record.why),
        reasons(&record.why_you),
        record.kept_until.map(|at| frame.voice.minute(at)).unwrap_or_default(),
    ]
}
