//! The notice to employees: as the configuration in force has it, and as it was issued.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect, Response};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::model::request::Notice;
use crate::pipeline::requests::notice_texts;
use crate::web::console::Console;
use crate::web::console::attachment::text_attachment;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Which text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct Wish {
    version: String,
    language: String,
}

#[derive(Debug, Template)]
#[template(path = "console/notice.html")]
struct Page {
    frame: Frame,
    /// As it would be issued now, in the language of the reader.
    text: String,
    /// Its number, where this very text was issued.
    version: Option<u64>,
    /// Number, when, by whom.
    issued: Vec<(u64, String, String)>,
    may_issue: bool,
}

pub(in crate::web::console) async fn notice_page(
    State(console): State<Arc<Console>>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeRequests)?;
    let frame = Frame::of(&reader);
    let (zh, en) = notice_texts(&console.shell, &reader.world);
    let issued = console.shell.store.notices().await?;
    let row = |notice: &Notice| (notice.version, frame.voice.minute(notice.issued_at), notice.issued_by.clone());
    let page = Page {
        version: issued.iter().find(|notice| notice.zh == zh && notice.en == en).map(|notice| notice.version),
        text: if frame.is_english() { en } else { zh },
        issued: issued.iter().map(row).collect(),
        may_issue: reader.rights.may(Right::AnswerRequests),
        frame,
    };
    Ok(Html(page.render()?))
}

/// Issues the text as it is now; one that was issued before keeps its number.
pub(in crate::web::console) async fn issue(
    State(console): State<Arc<Console>>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::AnswerRequests)?;
    let (zh, en) = notice_texts(&console.shell, &reader.world);
    console.shell.store.issue_notice(&zh, &en, &reader.did("notice.issue", "notice", "")).await?;
    Ok(Redirect::to("/requests/notice"))
}

/// An issued text to be saved; the one of now where no number is given.
pub(in crate::web::console) async fn notice_text(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    reader.must(Right::SeeRequests)?;
    let (zh, en) = match wish.version.as_str() {
        "" => notice_texts(&console.shell, &reader.world),
        number => {
            let issued = console.shell.store.notices().await?;
            let wanted = issued.into_iter().find(|notice| notice.version.to_string() == number);
            wanted.map(|notice| (notice.zh, notice.en)).ok_or(Refusal::NotFound)?
        }
    };
    let (name, text) = if wish.language == "en" { ("notice-en.txt", en) } else { ("notice-zh.txt", zh) };
    Ok(text_attachment(name, &text))
}
