//! 线索: the list of cases, filtered and searched, as a table, as CSV, and several decided at once.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect, Response};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::casework::told::due;
use crate::detect::leak::masked;
use crate::ledger::export::csv_of;
use crate::model::case::{Case, CaseState, Disposition};
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::pipeline::retain::decide;
use crate::store::{CasePage, CaseQuery, Decision, Step};
use crate::web::console::Console;
use crate::web::console::attachment::attachment;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Rows of a page, and of an export.
const SIZE: u32 = 50;
const EXPORTED_MAX: u32 = 10_000;

/// What can be decided of several cases at once: what asks for a look at each is left out.
const TOGETHER: [Disposition; 4] =
    [Disposition::FalseAlarm, Disposition::SameName, Disposition::Rectified, Disposition::NotEmployee];

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    state: String,
    severity: String,
    words: String,
    page: String,
    done: String,
}

/// One case as a row.
#[derive(Debug, Clone)]
pub(super) struct CaseRow {
    pub(super) number: String,
    pub(super) severity: &'static str,
    pub(super) severity_class: &'static str,
    pub(super) state: String,
    pub(super) is_closed: bool,
    pub(super) platform: String,
    pub(super) account: String,
    pub(super) kind: &'static str,
    pub(super) why: String,
    pub(super) lane: String,
    pub(super) due: String,
    pub(super) is_late: bool,
    pub(super) due_at: Timestamp,
}

#[derive(Debug, Template)]
#[template(path = "console/cases.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    rows: Vec<CaseRow>,
    total: u64,
    /// Whether a search may have found more than it gives.
    is_cut: bool,
    page: u32,
    pages: u32,
    together: Vec<(&'static str, &'static str)>,
    may_report: bool,
}

impl Page {
    /// Address of another page of the same list.
    fn link(&self, page: u32) -> String {
        format!("/cases?{}", self.wish.with_page(page))
    }

    fn is_state(&self, state: &str) -> bool {
        self.wish.state == state
    }

    fn is_severity(&self, severity: &str) -> bool {
        self.wish.severity == severity
    }
}

impl Wish {
    fn with_page(&self, page: u32) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", &self.state), ("severity", &self.severity), ("words", &self.words)] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        pairs.append_pair("page", &page.to_string()).finish()
    }

    /// The state asked for: what is unfinished when nothing is said.
    fn known_state(&self) -> &str {
        match self.state.as_str() {
            "all" => "",
            known @ ("open" | "awaiting_confirmation" | "locked" | "closed") => known,
            _ => "unfinished",
        }
    }

    pub(super) fn query(&self, reader: &Reader, size: u32) -> CaseQuery {
        let words = self.words.trim().chars().filter(|c| !c.is_control()).take(60).collect();
        CaseQuery {
            scope: reader.rights.scope(Right::SeeCases),
            state: self.known_state().to_owned(),
            severity: serde_json::from_value(serde_json::Value::from(self.severity.as_str())).ok(),
            words,
            page: self.page.parse::<u32>().unwrap_or(1).clamp(1, 100_000) - 1,
            size,
        }
    }
}

/// A page of cases without those that are perhaps about the reader.
pub(super) async fn seen(console: &Console, reader: &Reader, wish: &CaseQuery) -> Result<CasePage, Refusal> {
    // Whoever searches for a confidential expression would learn from the answer where it stands.
    let watch = &reader.world.watch;
    if masked(watch, &wish.words) != wish.words {
        return Ok(CasePage::default());
    }
    let mut page = console.shell.store.case_page(wish, |text| masked(watch, text)).await?;
    page.cases.retain(|case| reader.rights.may_with(Right::SeeCases, case));
    Ok(page)
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeCases)?;
    let frame = Frame::of(&reader);
    let query = wish.query(&reader, SIZE);
    let found = seen(&console, &reader, &query).await?;
    let detail = format!("{} of {} cases", found.cases.len(), found.total);
    console.shell.store.audit(&reader.did("cases.list", "console", &detail)).await?;
    let pages = u32::try_from(found.total.div_ceil(u64::from(SIZE))).unwrap_or(u32::MAX).max(1);
    let together = if reader.rights.may(Right::DecideCases) { &TOGETHER[..] } else { &[] };
    let page = Page {
        rows: found.cases.iter().map(|case| row_of(&console, &reader, case)).collect(),
        total: found.total,
        is_cut: found.is_cut,
        page: query.page + 1,
        pages,
        may_report: reader.rights.may(Right::FileReports),
        together: together.iter().map(|one| (code(*one), frame.voice.disposition(*one))).collect(),
        wish,
        frame,
    };
    Ok(Html(page.render()?))
}

/// The list as CSV, whose cells no spreadsheet program runs as a formula.
pub(super) async fn csv(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    reader.must(Right::SeeCases)?;
    let query = CaseQuery { page: 0, ..wish.query(&reader, EXPORTED_MAX) };
    let found = seen(&console, &reader, &query).await?;
    let detail = format!("{} cases", found.cases.len());
    console.shell.store.audit(&reader.did("cases.export", "console", &detail)).await?;
    let rows: Vec<CaseRow> = found.cases.iter().map(|case| row_of(&console, &reader, case)).collect();
    let header = vec!["编号", "状态", "严重度", "去向", "平台", "账号", "命中", "处理期限"];
    let bytes = csv_of([header].into_iter().chain(rows.iter().map(cells)));
    Ok(attachment("text/csv; charset=utf-8", "cases.csv", bytes))
}

fn cells(row: &CaseRow) -> Vec<&str> {
    vec![&row.number, &row.state, row.severity, &row.lane, &row.platform, &row.account, &row.why, &row.due]
}

pub(super) fn row_of(console: &Console, reader: &Reader, case: &Case) -> CaseRow {
    let (voice, judgement) = (reader.voice(), &case.judgement);
    let severity = judgement.severity.unwrap_or(Severity::Low);
    let due_at = due_of(reader, case);
    let is_closed = matches!(case.state, CaseState::Closed { .. });
    let reasons = judgement.findings.iter().flat_map(|finding| &finding.reasons).chain(&judgement.reasons);
    CaseRow {
        number: case.number.clone(),
        severity: voice.severity(severity),
        severity_class: severity_class(severity),
        state: voice.state(&case.state),
        is_closed,
        platform: console.shell.platform_name(&judgement.subject.platform),
        account: masked(&reader.world.watch, &judgement.subject.handle),
        kind: voice.subject(judgement.subject.kind),
        why: reasons.take(1).map(|reason| voice.reason(reason).to_owned()).collect(),
        lane: voice.lane(&reader.world.ledgers.companies, &judgement.lane),
        due: if is_closed { String::new() } else { voice.deadline(due_at) },
        is_late: !is_closed && due_at < reader.world.at,
        due_at,
    }
}

/// Until when somebody should have looked.
pub(super) fn due_of(reader: &Reader, case: &Case) -> Timestamp {
    due(&reader.world, case.judgement.severity.unwrap_or(Severity::Low), case.open_since)
}

pub(super) const fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

/// The code of a decision, as forms and commands write it.
pub(super) use crate::casework::words::code;

/// Decides the chosen cases alike. Each stands for itself: what cannot be decided does not stop the others.
pub(super) async fn decide_many(
    State(console): State<Arc<Console>>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::DecideCases)?;
    let disposition = TOGETHER.into_iter().find(|one| code(*one) == form.text("as"));
    let disposition = disposition.ok_or_else(|| Refusal::unfit("请选择结论。", "Choose a decision."))?;
    let mut done = 0;
    for number in form.all("case").take(SIZE as usize) {
        let Some(case) = console.shell.store.case_by_number(number).await? else { continue };
        let may = reader.rights.may_with(Right::DecideCases, &case)
            && matches!(case.state, CaseState::Open | CaseState::AwaitingConfirmation { .. });
        let (step, by, at) = (Step::Close(disposition), reader.actor(), console.shell.clock.now());
        let decision = Decision { case: case.id, step, by, at, alerts: Vec::new() };
        done += u32::from(may && decide(&console.shell.store, &console.shell.vault, &decision).await.is_ok());
    }
    Ok(Redirect::to(&format!("/cases?done={done}")))
}

#[cfg(test)]
mod tests {
    use super::Wish;

    #[test]
    fn another_page_of_a_list_asks_for_the_same() {
        let wish = Wish { severity: "high".into(), words: "星河 & co".into(), ..Wish::default() };
        assert_eq!(wish.with_page(3), "severity=high&words=%E6%98%9F%E6%B2%B3+%26+co&page=3");
    }
}
