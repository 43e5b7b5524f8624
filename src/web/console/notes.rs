//! Remarks on a case: written by those who work on it, never changed.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Redirect;

use crate::casework::rights::Right;
use crate::detect::leak::masked;
use crate::model::case::{Case, CaseState, Judgement, Lane, SubjectKind};
use crate::model::finding::Rule;
use crate::model::note::{Note, NoteKind};
use crate::web::console::Console;
use crate::web::console::case::visible;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Most characters of a note.
const WORDS_MAX: usize = 2_000;

const KINDS: [(NoteKind, &str); 6] = [
    (NoteKind::Note, "note"),
    (NoteKind::Asked, "asked"),
    (NoteKind::Admitted, "admitted"),
    (NoteKind::ComplaintFiled, "complaint_filed"),
    (NoteKind::ComplaintUpheld, "complaint_upheld"),
    (NoteKind::ComplaintRefused, "complaint_refused"),
];

/// A remark as it is shown.
#[derive(Debug)]
pub(super) struct NoteRow {
    pub(super) at: String,
    pub(super) author: String,
    /// Empty for a plain remark.
    pub(super) kind: &'static str,
    pub(super) words: String,
}

pub(super) fn note_row(reader: &Reader, frame: &Frame, note: Note) -> NoteRow {
    let sealed = || frame.say("已加密，本进程没有密钥", "sealed, and this process has no key").to_owned();
    NoteRow {
        at: frame.voice.minute(note.at),
        author: note.author,
        kind: if note.kind == NoteKind::Note { "" } else { name(frame, note.kind) },
        words: note.words.map_or_else(sealed, |words| masked(&reader.world.watch, &words)),
    }
}

fn name(frame: &Frame, kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Note => frame.voice.say("备注", "Note"),
        NoteKind::Asked => frame.voice.say("已发核实通知", "Asked"),
        NoteKind::Admitted => frame.voice.say("核实是本人", "Is theirs"),
        NoteKind::ComplaintFiled => frame.voice.say("已向平台投诉", "Complaint filed"),
        NoteKind::ComplaintUpheld => frame.voice.say("平台已处理", "The platform has acted"),
        NoteKind::ComplaintRefused => frame.voice.say("平台未予处理", "The platform has refused"),
    }
}

/// How far those who verify a case have got since it was last opened, by their notes. None while an objection waits, nor once
/// it is decided.
pub(super) fn progress(frame: &Frame, case: &Case, notes: &[Note]) -> Option<&'static str> {
    let mut newest_first = notes.iter().rev().filter(|note| is_undecided(case) && note.at >= case.open_since);
    newest_first.find_map(|note| match note.kind {
        NoteKind::Asked => Some(frame.say("核实中", "being verified")),
        NoteKind::Admitted => Some(frame.say("核实是本人，整改中", "is theirs, being changed")),
        _ => None,
    })
}

const fn is_undecided(case: &Case) -> bool {
    matches!(case.state, CaseState::Open | CaseState::AwaitingConfirmation { .. })
}

/// Whether the reader asks colleagues whether the account of a case is theirs: while it shows what the letter says of it.
pub(super) fn may_ask(reader: &Reader, case: &Case) -> bool {
    case.state == CaseState::Open && is_asker(reader, case)
}

/// Whether the case is about marks on an account, and the reader finds out whose it is.
fn is_asker(reader: &Reader, case: &Case) -> bool {
    let is_of_colleagues = matches!(case.judgement.lane, Lane::Manager(_) | Lane::GroupHr);
    let sees = reader.rights.may_with(Right::SeeCandidates, case);
    is_of_colleagues
        && sees
        && case.judgement.subject.kind != SubjectKind::Group
        && flies_marks(&case.judgement)
        && reader.rights.may_with(Right::DecideCases, case)
}

/// Whether marks stand in name, verification, title or picture. What may be a leak is never asked about: it would warn.
fn flies_marks(judgement: &Judgement) -> bool {
    let found = &judgement.findings;
    found.iter().any(|one| one.clause == "四.2" && is_of_mark(one.rule))
        && !found.iter().any(|one| matches!(one.rule, Rule::Leak | Rule::LeakSoft))
}

const fn is_of_mark(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Name | Rule::Brand | Rule::Tech | Rule::Culture | Rule::Verification | Rule::Title | Rule::Avatar
    )
}

/// What the reader may write about a case: nothing where somebody else decides it; the result of a complaint in legal's lane.
pub(super) fn note_kinds(reader: &Reader, frame: &Frame, case: &Case) -> Vec<(&'static str, &'static str)> {
    let may = |kind: NoteKind| match kind {
        NoteKind::Note => reader.rights.may_with(Right::DecideCases, case),
        NoteKind::Asked | NoteKind::Admitted => is_undecided(case) && is_asker(reader, case),
        _ => reader.rights.may_with(Right::MakeComplaints, case),
    };
    KINDS.into_iter().filter(|(kind, _)| may(*kind)).map(|(kind, code)| (code, name(frame, kind))).collect()
}

pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Submitted(reader, form): Submitted,
) -> Result<Redirect, Refusal> {
    let case = visible(&console, &reader, &number).await?;
    let word = if form.text("kind").is_empty() { "note" } else { form.text("kind") };
    let may = note_kinds(&reader, &Frame::of(&reader), &case);
    let kind = KINDS.into_iter().find(|(_, code)| *code == word && may.iter().any(|(known, _)| known == code));
    let (kind, code) = kind.ok_or(Refusal::NotFound)?;
    let words: String = form.text("words").chars().take(WORDS_MAX).collect();
    if words.is_empty() {
        return Err(Refusal::unfit("请写下内容。", "Write something."));
    }
    // A confidential expression outside the leak lane would stand in plain text.
    if case.judgement.lane != Lane::Leak && masked(&reader.world.watch, &words) != words {
        return Err(Refusal::unfit(
            "内容含保密词，没有写入。",
            "It holds a confidential expression; nothing was written.",
        ));
    }
    console.shell.store.add_note(&case, kind, &words, &reader.did("case.note", case.id.as_str(), code)).await?;
    Ok(Redirect::to(&format!("/cases/{}", case.number)))
}
