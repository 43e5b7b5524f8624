//! 线索: the list of cases, filtered and searched, as a table, as CSV, and several decided at once.

use std::collections::HashSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::casework::told::due;
use crate::detect::leak::masked;
use crate::model::case::{Case, CaseState, Disposition};
use crate::model::term::Severity;
use crate::model::time::Timestamp;
use crate::pipeline::retain::decide;
use crate::store::{CaseOrder, CasePage, CaseQuery, Decision, Step};
use crate::web::console::Console;
use crate::web::console::attachment::{Form, listed};
use crate::web::console::form::{Fields, Submitted};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::saved_views::{NAME_CHARS_MAX, Tab, begins_with, tabs};

/// Rows of a page, and of an export.
const SIZE: u32 = 50;
const EXPORTED_MAX: u32 = 10_000;
/// Cases that an export reads at a time: a case whole takes many times as much memory as its row. A search has no more.
const EXPORTED_AT_ONCE: u32 = 1_000;

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
    order: String,
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
    /// The views of the reader.
    tabs: Vec<Tab>,
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

    /// What is asked for, behind an address.
    fn asked(&self) -> String {
        let asked = self.wish.asked();
        if asked.is_empty() { asked } else { format!("?{asked}") }
    }

    fn is_state(&self, state: &str) -> bool {
        self.wish.state == state
    }

    fn is_severity(&self, severity: &str) -> bool {
        self.wish.severity == severity
    }

    fn is_order(&self, order: &str) -> bool {
        self.wish.order == order
    }

    /// What is asked for, as a file of this ending; without filters, none of them stands in the address.
    fn file(&self, ending: &str) -> String {
        format!("/cases.{ending}{}", self.asked())
    }

    /// How many of the cases a file holds, where that is not all of them.
    fn exported(&self) -> Option<u32> {
        (self.total > u64::from(EXPORTED_MAX)).then_some(EXPORTED_MAX)
    }

    const fn name_chars_max(&self) -> usize {
        NAME_CHARS_MAX
    }
}

impl Wish {
    /// What a form asks for.
    pub(super) fn of(form: &Fields) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            state: text("state"),
            severity: text("severity"),
            words: text("words"),
            order: text("order"),
            ..Self::default()
        }
    }

    /// Filters and order as they stand in an address, without what nobody knows; empty when nothing is asked for.
    pub(super) fn asked(&self) -> String {
        let state = Some(self.known_state()).filter(|state| *state != "unfinished");
        let state = state.map(|state| if state.is_empty() { "all" } else { state });
        let severity = self.known_severity().map(severity_class);
        let (words, order) = (self.known_words(), order_name(self.known_order()));
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", state), ("severity", severity), ("words", Some(&words)), ("order", order)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                pairs.append_pair(name, value);
            }
        }
        pairs.finish()
    }

    fn with_page(&self, page: u32) -> String {
        let asked = self.asked();
        if asked.is_empty() { format!("page={page}") } else { format!("{asked}&page={page}") }
    }

    /// The same list, with how many of its cases were decided just now.
    fn after(&self, done: u32) -> String {
        let asked = self.asked();
        if asked.is_empty() { format!("/cases?done={done}") } else { format!("/cases?{asked}&done={done}") }
    }

    /// The state asked for: what is unfinished when nothing is said.
    fn known_state(&self) -> &str {
        match self.state.as_str() {
            "all" => "",
            known @ ("open" | "awaiting_confirmation" | "locked" | "closed") => known,
            _ => "unfinished",
        }
    }

    fn known_severity(&self) -> Option<Severity> {
        serde_json::from_value(serde_json::Value::from(self.severity.as_str())).ok()
    }

    fn known_words(&self) -> String {
        self.words.trim().chars().filter(|c| !c.is_control()).take(60).collect()
    }

    fn known_order(&self) -> CaseOrder {
        let known = [CaseOrder::Oldest, CaseOrder::Newest];
        known.into_iter().find(|order| order_name(*order) == Some(self.order.as_str())).unwrap_or_default()
    }

    pub(super) fn query(&self, reader: &Reader, size: u32) -> CaseQuery {
        CaseQuery {
            scope: reader.rights.scope(Right::SeeCases),
            state: self.known_state().to_owned(),
            severity: self.known_severity(),
            words: self.known_words(),
            order: self.known_order(),
            page: self.page.parse::<u32>().unwrap_or(1).clamp(1, 100_000) - 1,
            size,
        }
    }
}

/// The word for an order in an address; none for the usual one.
const fn order_name(order: CaseOrder) -> Option<&'static str> {
    match order {
        CaseOrder::Gravest => None,
        CaseOrder::Oldest => Some("oldest"),
        CaseOrder::Newest => Some("newest"),
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
) -> Result<Response, Refusal> {
    reader.must(Right::SeeCases)?;
    let views = console.shell.store.saved_views(&reader.session.user.id).await?;
    if let Some(place) = begins_with(&reader.path, &views) {
        return Ok(Redirect::to(&place).into_response());
    }
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
        tabs: tabs(&frame, &views, &wish.asked()),
        wish,
        frame,
    };
    Ok(Html(page.render()?).into_response())
}

/// The list as CSV, whose cells no spreadsheet program runs as a formula.
pub(super) async fn csv(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    exported(&console, &reader, &wish, Form::Csv).await
}

/// The list as a workbook.
pub(super) async fn workbook(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    exported(&console, &reader, &wish, Form::Xlsx).await
}

async fn exported(console: &Console, reader: &Reader, wish: &Wish, form: Form) -> Result<Response, Refusal> {
    reader.must(Right::SeeCases)?;
    let rows = exported_rows(console, reader, wish).await?;
    let detail = format!("{} cases", rows.len());
    console.shell.store.audit(&reader.did("cases.export", "console", &detail)).await?;
    let header = [
        ("编号", "Number"),
        ("状态", "State"),
        ("严重度", "Severity"),
        ("去向", "Lane"),
        ("平台", "Platform"),
        ("账号", "Account"),
        ("命中", "Found"),
        ("处理期限", "Due"),
    ];
    let (voice, title) = (reader.voice(), reader.voice().say("线索", "Cases"));
    listed(form, "cases", title, header.map(|(zh, en)| voice.say(zh, en)), rows.into_iter()).await
}

/// How often an export is read from the start because the list changed meanwhile.
const READ_AGAIN_MAX: usize = 3;

/// The rows of an export, each case once.
#[derive(Default)]
struct Exported {
    rows: Vec<[String; 8]>,
    known: HashSet<String>,
}

/// The rows of an export. Where the list changed while it was read, a case may have come to stand in a part that had been read
/// before: what is new is added then.
async fn exported_rows(console: &Console, reader: &Reader, wish: &Wish) -> Result<Vec<[String; 8]>, Refusal> {
    let mut exported = Exported::default();
    for _ in 0..=READ_AGAIN_MAX {
        if exported.read(console, reader, wish).await? {
            break;
        }
    }
    Ok(exported.rows)
}

impl Exported {
    /// Reads the list part by part; whether it stayed as long as it was.
    async fn read(&mut self, console: &Console, reader: &Reader, wish: &Wish) -> Result<bool, Refusal> {
        let mut totals = HashSet::new();
        for page in 0..EXPORTED_MAX / EXPORTED_AT_ONCE {
            let query = CaseQuery { page, ..wish.query(reader, EXPORTED_AT_ONCE) };
            let found = seen(console, reader, &query).await?;
            let new = found.cases.iter().filter(|case| self.known.insert(case.number.clone()));
            self.rows.extend(new.map(|case| cells(row_of(console, reader, case))));
            totals.insert(found.total);
            if found.total <= u64::from((page + 1) * EXPORTED_AT_ONCE) {
                break;
            }
        }
        Ok(totals.len() <= 1)
    }
}

fn cells(row: CaseRow) -> [String; 8] {
    let severity = row.severity.to_owned();
    [row.number, row.state, severity, row.lane, row.platform, row.account, row.why, row.due]
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
    Query(wish): Query<Wish>,
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
    Ok(Redirect::to(&wish.after(done)))
}

#[cfg(test)]
mod tests {
    use super::Wish;

    #[test]
    fn another_page_of_a_list_asks_for_the_same() {
        let wish = Wish { severity: "high".into(), words: "星河 & co".into(), ..Wish::default() };
        assert_eq!(wish.with_page(3), "severity=high&words=%E6%98%9F%E6%B2%B3+%26+co&page=3");
        assert_eq!(Wish::default().with_page(2), "page=2");
        assert_eq!(
            (Wish::default().after(2), wish.after(2).split_once('&').unwrap().0),
            ("/cases?done=2".into(), "/cases?severity=high")
        );
    }

    #[test]
    fn what_nobody_knows_is_not_asked_for() {
        let wish = Wish { state: "mine".into(), severity: "9".into(), order: "x".into(), ..Wish::default() };
        assert_eq!(wish.asked(), "");
        let wish = Wish { state: "all".into(), order: "oldest".into(), ..Wish::default() };
        assert_eq!(wish.asked(), "state=all&order=oldest");
    }
}
