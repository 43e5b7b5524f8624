//! An application for an exemption on its way into the ledger: filed, checked by the company, approved by the listed company's HR.
//! Each change of the ledger goes the way of every edit; the ledger comes first, so that a crash in between is repeated, not lost.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::casework::application::approval;
use crate::casework::world::World;
use crate::ledger::definition::Ledger;
use crate::ledger::exemptions::EXEMPTIONS;
use crate::ledger::lines::{self, Lines};
use crate::ledger::table::Limits;
use crate::model::audit::AuditEntry;
use crate::model::exemption_request::{Application, ApplicationState, ExemptionRequest};
use crate::model::ids::{EmployeeId, ExemptionId, RequestId};
use crate::pipeline::edition::{EditionError, accept, propose_lines, with_line, without_line};
use crate::pipeline::shell::Shell;
use crate::store::{StoreError, new_id};

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

/// The company has checked an application: from now on the ledger says 审批中.
///
/// # Errors
/// When it does not wait for that, or the ledger cannot be written.
pub async fn check(shell: &Shell, request: &ExemptionRequest, by: &str) -> Result<(), ApplicationError> {
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
    Ok(shell.store.check_exemption_request(&request.number, by, shell.clock.now()).await?)
}

/// Approves an application with what the approver made of it: its line in the ledger gets its number and is in force.
///
/// # Errors
/// When it does not wait for that, or the ledger cannot be written.
pub async fn approve(
    shell: &Shell,
    world: &World,
    request: &ExemptionRequest,
    approved: &Application,
    by: &str,
) -> Result<ExemptionId, ApplicationError> {
    waiting(request, ApplicationState::Checked)?;
    let day = world.day();
    let taken = last_number(world, day.year());
    let id = shell.store.number_exemption(&request.number, approved, day.year(), taken).await?;
    let (checked_by, on, zone) = (request.checked_by.as_str(), Some(day), shell.zone());
    let line = Line { id: id.as_str(), request, application: approved, checked_by, approved_by: by, on, zone };
    write(shell, |lines| line.put(lines, &request.number, "有效"), by).await?;
    let at = shell.clock.now();
    shell.store.decide_exemption_request(&request.number, ApplicationState::Approved, "", by, at).await?;
    Ok(id)
}

/// Refuses an application; its line leaves the ledger.
///
/// # Errors
/// When it was decided before, or the ledger cannot be written.
pub async fn refuse(shell: &Shell, request: &ExemptionRequest, reason: &str, by: &str) -> Result<(), ApplicationError> {
    if !matches!(request.state, ApplicationState::Filed | ApplicationState::Checked) {
        return Err(StoreError::Answered(request.number.clone()).into());
    }
    write(shell, |lines| without_line(lines.clone(), &request.number).unwrap_or(lines), by).await?;
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

/// The largest number of a year in the ledger.
fn last_number(world: &World, year: i32) -> i64 {
    let prefix = format!("EX-{year}-");
    let numbers = world.ledgers.exemptions.iter().filter_map(|one| one.id.as_str().strip_prefix(&prefix));
    numbers.filter_map(|digits| digits.parse().ok()).filter(|number| *number < 1_000_000).max().unwrap_or(0)
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
    /// Puts the line where that of the application is, or behind all.
    fn put(&self, lines: Lines, number: &str, status: &str) -> Lines {
        let is_there = |key: &str| lines.rows.iter().any(|line| lines.key(line) == key);
        let key = [self.id, number].into_iter().find(|key| is_there(key)).map(str::to_owned);
        let cells = EXEMPTIONS.columns.iter().map(|column| self.cell(column.en, status)).collect();
        with_line(lines.clone(), key.as_deref(), cells).unwrap_or(lines)
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

async fn write(shell: &Shell, edit: impl FnOnce(Lines) -> Lines, by: &str) -> Result<(), ApplicationError> {
    let ledger: &'static Ledger = &EXEMPTIONS;
    let file = shell.folder.read(ledger).map_err(EditionError::from)?;
    let before = file.map_or_else(
        || Lines::empty(ledger),
        |file| lines::read(ledger, &file.file, &file.bytes, &Limits::default()).0,
    );
    let proposal = propose_lines(&shell.folder, Some(&shell.store), edit(before), Vec::new()).await?;
    if let Some(problem) = proposal.problems.iter().find(|problem| problem.is_error()) {
        return Err(ApplicationError::Ledger(problem.zh.clone(), problem.en.clone()));
    }
    if proposal.is_settled() {
        return Ok(());
    }
    let audit = AuditEntry {
        at: shell.clock.now(),
        actor: by.to_owned(),
        action: "ledger.save".to_owned(),
        object: ledger.file_name(),
        detail: proposal.diff.summary_en(),
    };
    accept(&shell.folder, Some(&shell.store), &proposal, &audit).await?;
    shell.reload().map_err(EditionError::from)?;
    Ok(())
}
