//! An application for an exemption on its way into the ledger: filed, checked by the company, approved by the listed company's HR.
//! Each change of the ledger goes the way of every edit; the ledger comes first, so that a crash in between is repeated, not lost.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::casework::application::{approval, approvers};
use crate::casework::rights::approves_by_letter;
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::ledger::exemptions::EXEMPTIONS;
use crate::ledger::lines::{self, Lines};
use crate::model::alert::{Alert, LetterPart};
use crate::model::audit::AuditEntry;
use crate::model::case::Lane;
use crate::model::exemption_request::{Application, ApplicationState, ExemptionRequest};
use crate::model::ids::{EmployeeId, ExemptionId, RequestId};
use crate::pipeline::edition::{EditionError, Proposal, with_line, without_line};
use crate::pipeline::exempted::settle_exemptions;
use crate::pipeline::letters::LINK_DAYS;
use crate::pipeline::notices::notice;
use crate::pipeline::rewrite::{RewriteError, rewrite, whole};
use crate::pipeline::shell::Shell;
use crate::seal::random_token;
use crate::store::{DigestRequest, StoreError, new_id};

/// Occasion of the letter to approvers, followed by the number of the application.
pub(super) const OCCASION: &str = "exemption";

/// Why an application does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The ledger holds something that cannot be used; it is to be mended first. In Chinese and English.
    #[error("the ledger of exemptions has errors: {1}")]
    Ledger(String, String),
    /// The ledger could not be written.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Files an application for an employee.
///
/// # Errors
/// When the database fails.
pub async fn file(
    shell: &Shell,
    world: &World,
    employee: &EmployeeId,
    application: Application,
    by: &str,
) -> Result<ExemptionRequest, ApplicationError> {
    let company = world.directory.get(employee).map(|one| one.company.clone()).unwrap_or_default();
    let filed_at = shell.clock.now();
    let filed = ExemptionRequest {
        id: RequestId::new(new_id(filed_at)),
        number: String::new(),
        company,
        employee: employee.clone(),
        state: ApplicationState::Filed,
        application: Some(application),
        filed_by: by.to_owned(),
        filed_at,
        checked_by: String::new(),
        checked_at: None,
        decided_by: String::new(),
        decided_at: None,
        reason: String::new(),
        exemption: ExemptionId::default(),
    };
    Ok(shell.store.file_exemption_request(&filed).await?)
}

/// The company has checked an application: from now on the ledger says 审批中, and those who approve it are written to.
///
/// # Errors
/// When it does not wait for that, or the ledger cannot be written.
pub async fn check(shell: &Shell, world: &World, request: &ExemptionRequest, by: &str) -> Result<(), ApplicationError> {
    let application = waiting(request, ApplicationState::Filed)?;
    let line = Line {
        id: &request.number,
        request,
        application,
        checked_by: by,
        approved_by: "",
        on: None,
        zone: shell.zone(),
    };
    write(shell, |lines| line.put(lines, &request.number, "审批中"), by).await?;
    let told = letters(shell, world, request, by);
    Ok(shell.store.check_exemption_request(&request.number, &told, by, shell.clock.now()).await?)
}

fn letters(shell: &Shell, world: &World, request: &ExemptionRequest, by: &str) -> Vec<DigestRequest> {
    let checked = ExemptionRequest { state: ApplicationState::Checked, checked_by: by.to_owned(), ..request.clone() };
    let occasion = format!("{OCCASION}:{}", request.number);
    let to = approvers(world, &checked).into_iter();
    to.map(|approver| notice(shell, Lane::GroupHr, approver, &occasion)).collect()
}

/// What the letter to an approver says, with a link of the approver's own; nothing when the application does not wait any more.
/// It names no applicant.
pub(super) async fn part(
    shell: &Shell,
    world: &World,
    alert: &Alert,
    number: &str,
    voice: &Voice,
) -> Result<Option<LetterPart>, StoreError> {
    let request = waiting_for(shell, world, number, &alert.recipient).await?;
    let Some((request, application)) = request.and_then(|one| one.application.clone().map(|what| (one, what))) else {
        return Ok(None);
    };
    let company = world.ledgers.companies.iter().find(|company| company.code == request.company);
    let lines = vec![
        format!("{}{}", voice.say("公司：", "Company: "), company.map_or("", |company| &company.short_name)),
        format!("{}{}", voice.say("平台：", "Platform: "), shell.platform_name(&application.platform)),
        format!("{}{}", voice.say("申请有效期至：", "Asked for until: "), voice.day(application.until)),
    ];
    let title = format!("{}{number}", voice.say("豁免申请等您审批：", "An application waits for you: "));
    let link = match shell.config.mail.console() {
        Some(console) => Some(personal_link(shell, console, number, &alert.recipient).await?),
        None => None,
    };
    Ok(Some(LetterPart { title, lines, is_personal: link.is_some(), link }))
}

/// The application of a number, as long as it waits and somebody may approve it by letter.
pub(super) async fn waiting_for(
    shell: &Shell,
    world: &World,
    number: &str,
    approver: &EmployeeId,
) -> Result<Option<ExemptionRequest>, StoreError> {
    let request = shell.store.exemption_request(number).await?;
    Ok(request.filter(|request| approves_by_letter(world, request, approver)))
}

async fn personal_link(
    shell: &Shell,
    console: &str,
    number: &str,
    approver: &EmployeeId,
) -> Result<String, StoreError> {
    let (token, until) = (random_token(), shell.clock.now().plus_days(LINK_DAYS));
    shell.store.add_exemption_link(&token, number, approver, until).await?;
    Ok(format!("{console}/letters/exemptions/{token}"))
}

/// Approves an application with what the approver made of it: its line in the ledger gets its number and is in force, and open
/// cases that it covers are closed as exempted. Who begins ends it: nobody else's approval touches the ledger for ten minutes. After
/// that, such as when the program was ended in between and the first does not come back, another approver's takes its place, with
/// the number that was given.
///
/// # Errors
/// When it does not wait for that or somebody else approves it, or the ledger cannot be written.
pub async fn approve(
    shell: &Shell,
    world: &World,
    request: &ExemptionRequest,
    approved: &Application,
    by: &str,
) -> Result<ExemptionId, ApplicationError> {
    waiting(request, ApplicationState::Checked)?;
    let day = world.day();
    let taken = taken_numbers(&whole::<Taken>(shell, &EXEMPTIONS)?.0, request, day.year());
    let begun = (shell.clock.now(), day.year());
    let id = shell.store.number_exemption(&request.number, approved, by, begun, &taken).await?;
    let (checked_by, on, zone) = (request.checked_by.as_str(), Some(day), shell.zone());
    let line = Line { id: id.as_str(), request, application: approved, checked_by, approved_by: by, on, zone };
    write(shell, |lines| line.put(lines, &request.number, "有效"), by).await?;
    let at = shell.clock.now();
    shell.store.decide_exemption_request(&request.number, ApplicationState::Approved, "", by, at).await?;
    // The exemption holds whatever becomes of this: what stays open is closed by the next follow-up.
    if let Err(error) = settle_exemptions(shell, &shell.world()).await {
        tracing::error!(%error, "cases that an exemption covers stay open until the next follow-up");
    }
    Ok(id)
}

/// Refuses an application; its line leaves the ledger. One whose approval has begun, even in another window or before a crash, has
/// its number and perhaps its line in force: that is finished, and ended in the ledger.
///
/// # Errors
/// When it was decided before, or the ledger cannot be written.
pub async fn refuse(shell: &Shell, request: &ExemptionRequest, reason: &str, by: &str) -> Result<(), ApplicationError> {
    let number = request.number.clone();
    let now = shell.store.exemption_request(&number).await?;
    let request = now.filter(|one| one.waits() && one.exemption.is_empty());
    let request = request.ok_or_else(|| StoreError::Answered(number))?;
    write(shell, |lines| Some(without_line(lines.clone(), &request.number).unwrap_or(lines)), by).await?;
    let at = shell.clock.now();
    Ok(shell.store.decide_exemption_request(&request.number, ApplicationState::Refused, reason, by, at).await?)
}

/// The letter of approval; none of an application that is not approved.
pub fn approval_letter(shell: &Shell, request: &ExemptionRequest) -> Option<String> {
    let application = request.application.as_ref().filter(|_| request.state == ApplicationState::Approved)?;
    let platform = shell.platform_name(&application.platform);
    let at = request.decided_at.unwrap_or(request.filed_at);
    Some(approval(application, &platform, &request.exemption, shell.zone(), at))
}

fn waiting(request: &ExemptionRequest, state: ApplicationState) -> Result<&Application, StoreError> {
    if request.state != state {
        return Err(StoreError::Answered(request.number.clone()));
    }
    request.application.as_ref().ok_or(StoreError::NoKey)
}

/// The numbers of a year in the ledger that are not this application's own.
fn taken_numbers(lines: &Lines, request: &ExemptionRequest, year: i32) -> Vec<i64> {
    let prefix = format!("EX-{year}-");
    let is_own = |line: &&lines::Line| lines.key(line) == request.exemption.as_str() && is_of(lines, line, request);
    let keys = lines.rows.iter().filter(|line| !is_own(line)).map(|line| lines.key(line));
    let numbers = keys.filter_map(|key| key.strip_prefix(&prefix)?.parse().ok());
    numbers.filter(|number| *number < 1_000_000).collect()
}

/// Whether a line is of the employee and the account of an application.
fn is_of(lines: &Lines, line: &lines::Line, request: &ExemptionRequest) -> bool {
    let says = |column: &str, text: &str| lines.cell(line, column).trim() == text;
    request.application.as_ref().is_some_and(|application| {
        says("employee_id", request.employee.as_str())
            && says("platform", application.platform.as_str())
            && says("handle", &application.handle)
    })
}

/// A line of the ledger.
struct Line<'a> {
    id: &'a str,
    request: &'a ExemptionRequest,
    application: &'a Application,
    checked_by: &'a str,
    approved_by: &'a str,
    on: Option<NaiveDate>,
    zone: Tz,
}

impl Line<'_> {
    /// Puts the line where that of the application is, or behind all. None when another one's line has the number: it is
    /// nobody's to overwrite.
    fn put(&self, lines: Lines, number: &str, status: &str) -> Option<Lines> {
        let of = |key: &str| lines.rows.iter().find(|line| lines.key(line) == key);
        if of(self.id).is_some_and(|line| self.id != number && !is_of(&lines, line, self.request)) {
            return None;
        }
        let key = of(self.id).or_else(|| of(number)).map(|line| lines.key(line));
        let cells = EXEMPTIONS.columns.iter().map(|column| self.cell(column.en, status)).collect();
        with_line(lines, key.as_deref(), cells)
    }

    fn cell(&self, column: &str, status: &str) -> String {
        let day = |day: NaiveDate| day.to_string();
        let application = self.application;
        match column {
            "id" => self.id.to_owned(),
            "employee_id" => self.request.employee.to_string(),
            "company" => self.request.company.to_string(),
            "platform" => application.platform.to_string(),
            "account_name" => application.account_name.clone(),
            "handle" => application.handle.clone(),
            "marks" => application.marks.join("、"),
            "purpose" => application.purpose.clone(),
            "conditions" => application.conditions.clone(),
            "applied_on" => day(self.request.filed_at.date(self.zone)),
            "checked_by" => number_of(self.checked_by),
            "approved_by" => number_of(self.approved_by),
            "approved_on" => self.on.map(day).unwrap_or_default(),
            "until" => day(application.until),
            "status" => status.to_owned(),
            _ => String::new(),
        }
    }
}

/// The employee number of whoever acts; people without one stand in the audit only.
fn number_of(actor: &str) -> String {
    if actor.contains(':') { String::new() } else { actor.to_owned() }
}

/// Another line has the number.
#[derive(Debug)]
struct Taken;

impl From<RewriteError<Taken>> for ApplicationError {
    fn from(error: RewriteError<Taken>) -> Self {
        match error {
            RewriteError::Refused(Taken) => {
                Self::Ledger("这个编号已被另一行占用".to_owned(), "another line has this number".to_owned())
            }
            RewriteError::Broken(problem) => Self::Ledger(problem.zh, problem.en),
            RewriteError::Edition(error) => Self::Edition(error),
        }
    }
}

async fn write(shell: &Shell, edit: impl Fn(Lines) -> Option<Lines>, by: &str) -> Result<(), ApplicationError> {
    let change = |lines: &mut Lines| edit(lines.clone()).map(|after| *lines = after).ok_or(Taken);
    let audit = |(): &(), proposal: &Proposal| AuditEntry {
        at: shell.clock.now(),
        actor: by.to_owned(),
        action: "ledger.save".to_owned(),
        object: EXEMPTIONS.file_name(),
        detail: proposal.diff.summary_en(),
    };
    Ok(rewrite(shell, &EXEMPTIONS, change, audit).await?)
}
