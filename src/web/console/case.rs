//! One case: what, where, why, who perhaps, the evidence, the history, and what can be decided.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::casework::calendar::Calendar;
use crate::casework::inquiry::{inquiry, signed_later};
use crate::casework::rights::Right;
use crate::casework::voice::Voice;
use crate::model::alert::{CandidateBrief, CaseBrief, MarkedText};
use crate::model::audit::AuditEntry;
use crate::model::case::{Case, CaseState, Disposition, Judgement, Lane, SubjectKind};
use crate::model::ids::EmployeeId;
use crate::pipeline::brief::brief;
use crate::pipeline::retain::decide as decide_case;
use crate::store::{Decision, Evidence, Step};
use crate::web::console::Console;
use crate::web::console::cases::{code, severity_class};
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::notes::{NoteRow, may_ask, note_kinds, note_row, progress};
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::console::reposts::{Reposts, reposts};

/// Below this score a candidate is shown as a colleague of the same name only.
const SHOWN_FROM: f64 = 0.35;

/// What can be decided: code, name, when to choose it.
pub(super) type Choice = (&'static str, &'static str, &'static str);

/// A stretch of text, and whether it is marked.
type Stretch = (String, bool);

#[derive(Debug, Template)]
#[template(path = "console/case.html")]
struct Page {
    frame: Frame,
    brief: CaseBrief,
    state: String,
    is_closed: bool,
    severity_class: &'static str,
    opened_at: String,
    is_late: bool,
    lane: String,
    is_leak: bool,
    is_sealed: bool,
    sees_candidates: bool,
    evidence: Vec<Evidence>,
    history: Vec<(String, String, String)>,
    choices: Vec<Choice>,
    may_decide: bool,
    /// Numbers of the objections that lock it, and whether the reader may open them.
    objections: Vec<(String, bool)>,
    is_locked: bool,
    notes: Vec<NoteRow>,
    /// What a note may be about, for those who write one: code, name.
    note_kinds: Vec<(&'static str, &'static str)>,
    may_complain: bool,
    /// How far those who verify it have got.
    progress: Option<&'static str>,
    /// Whom the reader may ask whether the account is theirs.
    asked: Vec<EmployeeId>,
    /// Number of the work group that the case is about.
    group: Option<String>,
    /// What only repeats its text.
    reposts: Reposts,
}

impl Page {
    fn stretches(&self, text: &MarkedText) -> Vec<Stretch> {
        stretches(text)
    }

    fn candidates(&self) -> &[CandidateBrief] {
        if self.sees_candidates { &self.brief.candidates } else { &[] }
    }

    /// Whether the address leads to a page; a record may bring any text.
    fn is_web(&self) -> bool {
        url::Url::parse(&self.brief.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    }

    /// The day on which somebody signed the rule, where what was published is older.
    fn signed_later(&self, candidate: &CandidateBrief) -> Option<chrono::NaiveDate> {
        signed_later(self.brief.published, candidate.signed_on, self.frame.voice.zone)
    }

    /// The employee number as it stands in an address.
    fn coded(&self, candidate: &CandidateBrief) -> String {
        utf8_percent_encode(candidate.employee_id.as_str(), NON_ALPHANUMERIC).to_string()
    }

    /// Band and score; of somebody who only has the same name, that.
    fn standing(&self, candidate: &CandidateBrief) -> String {
        if candidate.score < SHOWN_FROM {
            return self.frame.say("同名", "Same name").to_owned();
        }
        format!("{} {}%", self.frame.voice.band(candidate.band), (candidate.score * 100.0).round())
    }
}

#[derive(Debug, Template)]
#[template(path = "console/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    number: String,
}

/// The case of a number that the reader may see; anything else does not exist.
pub(super) async fn visible(console: &Console, reader: &Reader, number: &str) -> Result<Case, Refusal> {
    let number = number.trim().to_ascii_uppercase();
    let case = console.shell.store.case_by_number(&number).await?;
    case.filter(|case| reader.rights.may_with(Right::SeeCases, case)).ok_or(Refusal::NotFound)
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let case = visible(&console, &reader, &number).await?;
    let (store, frame) = (&console.shell.store, Frame::of(&reader));
    let brief = brief(&console.shell, &reader.world, &case).await?;
    let evidence = store.evidence_of_case(&case.id).await?;
    let history = store.audit_of(case.id.as_str()).await?;
    let notes = store.notes_of(&case.id).await?;
    store.audit(&reader.did("case.read", case.id.as_str(), "")).await?;
    let is_leak = case.judgement.lane == Lane::Leak;
    let page = Page {
        state: frame.voice.state(&case.state),
        is_closed: matches!(case.state, CaseState::Closed { .. }),
        severity_class: severity_class(brief.severity),
        opened_at: frame.voice.minute(case.opened_at),
        is_late: brief.due < reader.world.at,
        lane: frame.voice.lane(&reader.world.ledgers.companies, &brief.lane),
        is_leak,
        is_sealed: is_leak && case.judgement.subject.url.is_empty(),
        sees_candidates: reader.rights.may_with(Right::SeeCandidates, &case) && !is_leak,
        history: history
            .iter()
            .rev()
            .filter(|entry| is_history(&reader, entry))
            .map(|entry| told(&frame, entry))
            .collect(),
        choices: choices(&frame.voice, &case.judgement),
        group: (case.judgement.subject.kind == SubjectKind::Group).then(|| case.judgement.subject.handle.clone()),
        may_decide: reader.rights.may_with(Right::DecideCases, &case),
        objections: store
            .objections_to(&case.id)
            .await?
            .into_iter()
            .map(|request| (request.number, reader.rights.may(Right::SeeRequests)))
            .collect(),
        is_locked: matches!(case.state, CaseState::Locked { .. }),
        progress: progress(&frame, &case, &notes),
        asked: asked(&reader, &case, &brief.candidates),
        notes: notes.into_iter().map(|note| note_row(&reader, &frame, note)).collect(),
        note_kinds: note_kinds(&reader, &frame, &case),
        reposts: reposts(&console, &reader, &case).await?,
        may_complain: reader.rights.may_with(Right::MakeComplaints, &case),
        evidence,
        brief,
        frame,
    };
    Ok(Html(page.render()?))
}

fn asked(reader: &Reader, case: &Case, candidates: &[CandidateBrief]) -> Vec<EmployeeId> {
    let asked = candidates.iter().filter(|one| may_ask(reader, case) && is_asked(reader, one));
    asked.map(|one| one.employee_id.clone()).collect()
}

/// Of whom more is known than the name, and who is not the reader.
fn is_asked(reader: &Reader, candidate: &CandidateBrief) -> bool {
    candidate.score >= SHOWN_FROM && candidate.employee_id != reader.session.user.employee
}

#[derive(Debug, Template)]
#[template(path = "console/inquiry.html")]
struct InquiryPage {
    frame: Frame,
    number: String,
    name: String,
    text: String,
}

/// Who is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Whom {
    employee: String,
}

/// 核实通知: the letter by which somebody is asked whether the account is theirs, to be copied and sent by hand.
pub(super) async fn inquiry_page(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Query(whom): Query<Whom>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let case = visible(&console, &reader, &number).await?;
    if !may_ask(&reader, &case) {
        return Err(Refusal::NotFound);
    }
    let brief = brief(&console.shell, &reader.world, &case).await?;
    let candidate = brief.candidates.iter().find(|one| one.employee_id.as_str() == whom.employee);
    let candidate = candidate.filter(|one| is_asked(&reader, one));
    let candidate = candidate.ok_or(Refusal::NotFound)?;
    // Nobody is named: the audit is read by people who see no candidates.
    console.shell.store.audit(&reader.did("case.inquiry", case.id.as_str(), "")).await?;
    let calendar = Calendar::of(&reader.world.ledgers.holidays);
    let name = brief.account_name.text.trim();
    let account = if name.is_empty() { &brief.handle } else { name };
    let text = inquiry(&candidate.name, &brief.platform_name, account, &calendar, &reader.voice());
    let page = InquiryPage { frame: Frame::of(&reader), number: case.number, name: candidate.name.clone(), text };
    Ok(Html(page.render()?))
}

/// The decisions of a lane: code, name, and when to choose it.
pub(super) fn choices(voice: &Voice, judgement: &Judgement) -> Vec<Choice> {
    let choice = |(one, zh, en): &Offered| (code(*one), voice.disposition(*one), voice.say(zh, en));
    offered(judgement).iter().map(choice).collect()
}

fn offered(judgement: &Judgement) -> &'static [Offered] {
    match judgement.subject.kind {
        _ if judgement.lane == Lane::Leak => &OF_LEAKS,
        SubjectKind::Group => &OF_GROUPS,
        SubjectKind::Account | SubjectKind::Post => &OF_ACCOUNTS,
    }
}

/// A decision, and when to choose it in Chinese and English.
type Offered = (Disposition, &'static str, &'static str);

const OF_ACCOUNTS: [Offered; 9] = [
    (Disposition::Rectified, "本人已改账号信息，复查看不到标识", "The account was changed and shows no marks any more"),
    (Disposition::FalseAlarm, "词条不准，与本集团无关", "The term hit something else"),
    (
        Disposition::SameName,
        "不是本人，只是同名；候选人员将被删除",
        "Somebody else of the same name; candidates are removed",
    ),
    (Disposition::Exempted, "已批准使用，请在豁免台账补登", "Leave was given; enter it in the ledger of exemptions"),
    (
        Disposition::Official,
        "公司自己的账号，请在官方账号台账补登",
        "The company's own; enter it in the ledger of official accounts",
    ),
    (Disposition::NotEmployee, "不是本集团员工", "Nobody of this group"),
    (Disposition::ToLegal, "外部仿冒，交法务投诉", "An impostor from outside: legal complains to the platform"),
    (Disposition::CaseFiled, "转线下立案处理", "Handled offline"),
    (
        Disposition::ProtectedSpeech,
        "属员工维权等受保护内容；立即清除，不可恢复",
        "Protected speech: erased at once, for good",
    ),
];

const OF_LEAKS: [Offered; 4] = [
    (Disposition::CaseFiled, "与我司有关，转内部核查", "About us: investigated inside"),
    (Disposition::FalseAlarm, "与我司无关", "Not about us"),
    (Disposition::Published, "已公开的信息", "Published already"),
    (Disposition::ProtectedSpeech, "属受保护内容；立即清除，不可恢复", "Protected speech: erased at once, for good"),
];

const OF_GROUPS: [Offered; 3] = [
    (Disposition::Rectified, "群组台账已处理好", "The register is in order"),
    (Disposition::CaseFiled, "转线下处理", "Handled offline"),
    (Disposition::FalseAlarm, "台账有误，不成立", "The register is wrong; nothing in it"),
];

/// Who read a case is for the audit; its history is what was done.
fn is_history(reader: &Reader, entry: &AuditEntry) -> bool {
    reader.rights.may(Right::ReadAudit) || !entry.action.ends_with(".read")
}

/// A line of the history: when, who, what.
fn told(frame: &Frame, entry: &AuditEntry) -> (String, String, String) {
    let what = match entry.action.as_str() {
        "case.open" => frame.say("建立线索", "opened"),
        "case.close" => frame.say("登记结论", "decided"),
        "case.reopen" => frame.say("重新打开", "reopened"),
        "case.lock" => frame.say("有人申诉，锁定", "locked by an objection"),
        "case.unlock" => frame.say("申诉已答复，解锁", "objection answered, open again"),
        "case.inquiry" => frame.say("打开核实通知", "opened the letter that asks"),
        "case.note" => frame.say("添加备注", "added a note"),
        "case.pack" => frame.say("下载材料包", "downloaded a pack"),
        "case.split" => frame.say("一条转载单列，见", "a repost was taken out, see"),
        "case.hold" => frame.say("法务保全", "held for legal"),
        "case.release" => frame.say("解除保全", "released by legal"),
        "case.close_for" => frame.say("代他人登记结论", "decided for somebody"),
        "post.edited" => frame.say("内容被修改", "the post was edited"),
        "case.recheck" => frame.say("复查：标识已去除", "re-check: marks gone"),
        "case.read" => frame.say("查看", "read"),
        "case.export_evidence" => frame.say("导出证据", "exported the evidence"),
        "evidence.read" => frame.say("查看证据", "read the evidence"),
        other => other,
    };
    let more = further(frame, entry);
    let who = if entry.actor == "wanglou" { frame.say("望楼", "Wanglou").to_owned() } else { entry.actor.clone() };
    (frame.voice.minute(entry.at), who, format!("{what}{more}"))
}

/// What a line says beyond its action: the decision, with the exemption on which it rests, or another case.
fn further(frame: &Frame, entry: &AuditEntry) -> String {
    if entry.action == "case.split" {
        return format!(" {}", entry.detail);
    }
    let (word, number) = entry.detail.split_once(' ').unwrap_or((&entry.detail, ""));
    let decided = serde_json::from_value::<Disposition>(serde_json::Value::from(word));
    let told = decided.map_or_else(|_| String::new(), |one| format!(" · {} {number}", frame.voice.disposition(one)));
    told.trim_end().to_owned()
}

fn stretches(text: &MarkedText) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut at = 0;
    for mark in &text.marks {
        let (Some(before), Some(inside)) = (text.text.get(at..mark.start), text.text.get(mark.clone())) else {
            continue;
        };
        stretches.extend([(before.to_owned(), false), (inside.to_owned(), true)]);
        at = mark.end;
    }
    stretches.push((text.text.get(at..).unwrap_or_default().to_owned(), false));
    stretches.retain(|(text, _)| !text.is_empty());
    stretches
}

pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Response, Refusal> {
    let case = decidable(&console, &reader, &number).await?;
    let disposition = chosen(form.text("as"), &case.judgement)?;
    // Erasing cannot be taken back: asked for once more.
    if disposition == Disposition::ProtectedSpeech && form.text("confirmed") != "yes" {
        let page = ConfirmPage { frame: Frame::of(&reader), number: case.number }.render()?;
        return Ok(Html(page).into_response());
    }
    step(&console, &reader, &case, Step::Close(disposition)).await
}

/// The decision of a code, of those that the lane has.
pub(super) fn chosen(word: &str, judgement: &Judgement) -> Result<Disposition, Refusal> {
    let mut all = offered(judgement).iter().map(|(one, ..)| *one);
    all.find(|one| code(*one) == word).ok_or_else(|| Refusal::unfit("请选择结论。", "Choose a decision."))
}

pub(super) async fn reopen(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Response, Refusal> {
    let case = decidable(&console, &reader, &number).await?;
    step(&console, &reader, &case, Step::Reopen).await
}

pub(super) async fn decidable(console: &Console, reader: &Reader, number: &str) -> Result<Case, Refusal> {
    let case = visible(console, reader, number).await?;
    if reader.rights.may_with(Right::DecideCases, &case) { Ok(case) } else { Err(Refusal::NotFound) }
}

/// Does one step of a case in the reader's name.
pub(super) async fn take_step(console: &Console, reader: &Reader, case: &Case, step: Step) -> Result<(), Refusal> {
    let (by, at) = (reader.actor(), console.shell.clock.now());
    let decision = Decision { case: case.id.clone(), step, by, at, alerts: Vec::new() };
    decide_case(&console.shell.store, &console.shell.vault, &decision).await?;
    Ok(())
}

async fn step(console: &Console, reader: &Reader, case: &Case, step: Step) -> Result<Response, Refusal> {
    take_step(console, reader, case, step).await?;
    let place = match step {
        Step::Close(Disposition::ProtectedSpeech) => "/cases".to_owned(),
        _ => format!("/cases/{}", case.number),
    };
    Ok(Redirect::to(&place).into_response())
}

#[cfg(test)]
mod tests {
    use super::stretches;
    use crate::model::alert::MarkedText;

    #[test]
    fn marked_passages_stand_apart_from_the_rest() {
        let text = MarkedText { text: "我在星河科技".to_owned(), marks: std::iter::once(6..18).collect() };
        assert_eq!(stretches(&text), [("我在".to_owned(), false), ("星河科技".to_owned(), true)]);
    }
}
