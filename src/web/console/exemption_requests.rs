//! 豁免申请: filed by the employee or for them, checked in the company, approved by HR of the listed company.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect, Response};

use crate::casework::application::fault;
use crate::casework::rights::Right;
use crate::groups::own_accounts;
use crate::ledger::values;
use crate::model::exemption_request::{Application, ApplicationState, ExemptionRequest};
use crate::model::group::RegisterRule;
use crate::model::ids::EmployeeId;
use crate::pipeline::exemptions::{
    ApplicationError, approval_letter, approve as approve_request, check as check_request, file as file_request,
    refuse as refuse_request,
};
use crate::web::console::Console;
use crate::web::console::attachment::text_attachment;
use crate::web::console::form::{Fields, Submitted};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Rows that are shown.
const SHOWN: u32 = 200;
/// Most characters of a line, and of a text.
const LINE_MAX: usize = 200;
const WORDS_MAX: usize = 1_000;

#[derive(Debug)]
struct Row {
    number: String,
    who: String,
    account: String,
    until: String,
    filed_at: String,
    state: &'static str,
    is_open: bool,
    exemption: String,
}

#[derive(Debug, Template)]
#[template(path = "console/exemption_requests.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    /// What the register asks for: permissions that end, applications that wait too long.
    reminders: Vec<(String, String)>,
    own_number: String,
    platforms: Vec<(String, String)>,
}

#[derive(Debug, Template)]
#[template(path = "console/exemption_request.html")]
struct Page {
    frame: Frame,
    row: Row,
    application: Option<Application>,
    until: String,
    filed_by: String,
    checked: String,
    decided: String,
    reason: String,
    may_check: bool,
    may_approve: bool,
    may_refuse: bool,
    letter: Option<String>,
}

/// Whether there is anything for somebody here: applications of others, or a form for one's own.
pub(super) fn sees(reader: &Reader) -> bool {
    reader.rights.may(Right::SeeExemptionRequests) || !reader.session.user.employee.is_empty()
}

fn is_own(reader: &Reader, request: &ExemptionRequest) -> bool {
    let own = &reader.session.user.employee;
    !own.is_empty() && request.employee == *own
}

fn is_seen(reader: &Reader, request: &ExemptionRequest) -> bool {
    is_own(reader, request) || reader.rights.may_for(Right::SeeExemptionRequests, &request.company)
}

/// Nobody checks or approves an application of their own, and nobody both checks and approves one.
fn may(reader: &Reader, right: Right, request: &ExemptionRequest) -> bool {
    let waits_for = match right {
        Right::CheckExemptionRequests => request.state == ApplicationState::Filed,
        _ => request.state == ApplicationState::Checked && request.checked_by != reader.actor(),
    };
    waits_for && !is_own(reader, request) && reader.rights.may_for(right, &request.company)
}

/// Either of those on whom it waits may refuse it.
fn may_refuse(reader: &Reader, request: &ExemptionRequest) -> bool {
    may(reader, Right::CheckExemptionRequests, request) || may(reader, Right::ApproveExemptionRequests, request)
}

async fn seen(console: &Console, reader: &Reader, number: &str) -> Result<ExemptionRequest, Refusal> {
    let request = console.shell.store.exemption_request(&number.trim().to_ascii_uppercase()).await?;
    request.filter(|request| is_seen(reader, request)).ok_or(Refusal::NotFound)
}

fn state_name(frame: &Frame, state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Filed => frame.voice.say("待公司初审", "Waits for the company"),
        ApplicationState::Checked => frame.voice.say("待上市公司审批", "Waits for the listed company"),
        ApplicationState::Approved => frame.voice.say("已批准", "Approved"),
        ApplicationState::Refused => frame.voice.say("未批准", "Refused"),
    }
}

fn row(console: &Console, reader: &Reader, frame: &Frame, request: &ExemptionRequest) -> Row {
    let name = reader.world.directory.get(&request.employee).map_or("", |employee| employee.name.as_str());
    let sealed = || frame.say("已加密，本进程没有密钥", "sealed, and this process has no key").to_owned();
    let application = request.application.as_ref();
    let account = |one: &Application| format!("{} @{}", console.shell.platform_name(&one.platform), one.handle);
    Row {
        number: request.number.clone(),
        who: format!("{} {name}", request.employee).trim_end().to_owned(),
        account: application.map_or_else(sealed, account),
        until: application.map(|one| frame.voice.day(one.until)).unwrap_or_default(),
        filed_at: frame.voice.minute(request.filed_at),
        state: state_name(frame, request.state),
        is_open: request.waits(),
        exemption: request.exemption.to_string(),
    }
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    if !sees(&reader) {
        return Err(Refusal::NotFound);
    }
    let frame = Frame::of(&reader);
    let requests = console.shell.store.exemption_requests(SHOWN).await?;
    console.shell.store.audit(&reader.did("exemption_requests.list", "console", "")).await?;
    let seen = requests.iter().filter(|request| is_seen(&reader, request));
    let page = ListPage {
        rows: seen.map(|request| row(&console, &reader, &frame, request)).collect(),
        reminders: reminders(&reader),
        own_number: reader.session.user.employee.to_string(),
        platforms: console.platforms(),
        frame,
    };
    Ok(Html(page.render()?))
}

/// How many applications wait for the reader.
pub(super) async fn waiting_for(console: &Console, reader: &Reader) -> Result<usize, Refusal> {
    if !reader.rights.may(Right::CheckExemptionRequests) && !reader.rights.may(Right::ApproveExemptionRequests) {
        return Ok(0);
    }
    let requests = console.shell.store.exemption_requests(SHOWN).await?;
    Ok(requests.iter().filter(|request| may_refuse(reader, request)).count())
}

/// What the register of exemptions asks for in the reader's companies.
fn reminders(reader: &Reader) -> Vec<(String, String)> {
    let found = own_accounts::check(&reader.world.ledgers, reader.world.day());
    let is_told = |rule: RegisterRule| matches!(rule, RegisterRule::PendingSla | RegisterRule::Expiry);
    let told = found.into_iter().filter(|one| one.remind && is_told(one.rule));
    let told = told.filter(|one| reader.rights.may_for(Right::SeeExemptionRequests, &one.company));
    told.map(|one| (one.ledger, reader.voice().reason(&one.why).to_owned())).collect()
}

pub(super) async fn file(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    if !sees(&reader) {
        return Err(Refusal::NotFound);
    }
    let employee = EmployeeId::new(line(&form, "employee"));
    may_file_for(&reader, &employee)?;
    let application = application(&console, &form)?;
    if let Some((zh, en)) = fault(&application, reader.world.day()) {
        return Err(Refusal::unfit(zh, en));
    }
    let actor = reader.actor();
    let filed = file_request(&console.shell, &reader.world, &employee, application, &actor).await?;
    Ok(Redirect::to(&format!("/exemption-requests/{}", filed.number)))
}

/// For oneself, or for somebody of the own company.
fn may_file_for(reader: &Reader, employee: &EmployeeId) -> Result<(), Refusal> {
    let known = reader.world.directory.get(employee).filter(|one| !one.has_left);
    let may_for = |right| known.as_ref().is_some_and(|one| reader.rights.may_for(right, &one.company));
    let is_own = !employee.is_empty() && *employee == reader.session.user.employee;
    let may = known.is_some()
        && (is_own || may_for(Right::CheckExemptionRequests) || may_for(Right::ApproveExemptionRequests));
    let why = || {
        Refusal::unfit("没有这个在职员工，或者不属于您的公司。", "There is no such employee, or not of your company.")
    };
    if may { Ok(()) } else { Err(why()) }
}

fn line(form: &Fields, name: &str) -> String {
    form.text(name).chars().filter(|c| !c.is_control()).take(LINE_MAX).collect()
}

fn words(form: &Fields, name: &str) -> String {
    form.text(name).chars().take(WORDS_MAX).collect()
}

fn application(console: &Console, form: &Fields) -> Result<Application, Refusal> {
    Ok(Application {
        platform: console.platform(&line(form, "platform")),
        account_name: line(form, "account_name"),
        handle: line(form, "handle").trim_start_matches('@').to_owned(),
        marks: values::list(&line(form, "marks")),
        purpose: words(form, "purpose"),
        conditions: words(form, "conditions"),
        until: until(form)?,
        ownership: words(form, "ownership"),
    })
}

fn until(form: &Fields) -> Result<chrono::NaiveDate, Refusal> {
    let why = || Refusal::unfit("有效期请写成 2027-03-31 的样子。", "Write the last day like 2027-03-31.");
    values::date(form.text("until")).ok_or_else(why)
}

pub(super) async fn request_page(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let request = seen(&console, &reader, &number).await?;
    console.shell.store.audit(&reader.did("exemption_request.read", &request.number, "")).await?;
    let frame = Frame::of(&reader);
    let by = |who: &str, at: Option<crate::model::time::Timestamp>| {
        at.map(|at| format!("{who} · {}", frame.voice.minute(at))).unwrap_or_default()
    };
    let page = Page {
        row: row(&console, &reader, &frame, &request),
        until: request.application.as_ref().map(|one| one.until.to_string()).unwrap_or_default(),
        filed_by: by(&request.filed_by, Some(request.filed_at)),
        checked: by(&request.checked_by, request.checked_at),
        decided: by(&request.decided_by, request.decided_at.filter(|_| !request.waits())),
        may_check: may(&reader, Right::CheckExemptionRequests, &request),
        may_approve: may(&reader, Right::ApproveExemptionRequests, &request),
        may_refuse: may_refuse(&reader, &request),
        letter: approval_letter(&console.shell, &request),
        reason: request.reason,
        application: request.application,
        frame,
    };
    Ok(Html(page.render()?))
}

async fn due(console: &Console, reader: &Reader, number: &str, right: Right) -> Result<ExemptionRequest, Refusal> {
    let request = seen(console, reader, number).await?;
    if may(reader, right, &request) { Ok(request) } else { Err(Refusal::NotFound) }
}

fn place(number: &str) -> Redirect {
    Redirect::to(&format!("/exemption-requests/{number}"))
}

pub(super) async fn check(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    let request = due(&console, &reader, &number, Right::CheckExemptionRequests).await?;
    check_request(&console.shell, &reader.world, &request, &reader.actor()).await?;
    Ok(place(&request.number))
}

/// Approves, with the conditions and the last day that the approver wrote.
pub(super) async fn approve(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let request = due(&console, &reader, &number, Right::ApproveExemptionRequests).await?;
    let filed = request.application.clone().ok_or(crate::store::StoreError::NoKey)?;
    let approved = Application { conditions: words(&form, "conditions"), until: until(&form)?, ..filed };
    if let Some((zh, en)) = fault(&approved, reader.world.day()) {
        return Err(Refusal::unfit(zh, en));
    }
    approve_request(&console.shell, &reader.world, &request, &approved, &reader.actor()).await?;
    Ok(place(&request.number))
}

pub(super) async fn refuse(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let request = seen(&console, &reader, &number).await?;
    if !may_refuse(&reader, &request) {
        return Err(Refusal::NotFound);
    }
    let reason = words(&form, "reason");
    if reason.is_empty() {
        return Err(Refusal::unfit("请写明理由。", "Give the reason."));
    }
    refuse_request(&console.shell, &request, &reason, &reader.actor()).await?;
    Ok(place(&request.number))
}

pub(super) async fn letter_text(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let request = seen(&console, &reader, &number).await?;
    let letter = approval_letter(&console.shell, &request).ok_or(Refusal::NotFound)?;
    console.shell.store.audit(&reader.did("exemption_request.export", &request.number, "letter")).await?;
    Ok(text_attachment(&format!("{}.txt", request.exemption), &letter))
}

impl From<ApplicationError> for Refusal {
    fn from(error: ApplicationError) -> Self {
        match error {
            ApplicationError::Store(error) => error.into(),
            ApplicationError::Edition(error) => error.into(),
            ApplicationError::Ledger(zh, en) => Self::unfit(
                format!("豁免台账里有错误，请先改正：{zh}"),
                format!("The ledger of exemptions has an error, to be mended first: {en}"),
            ),
        }
    }
}
