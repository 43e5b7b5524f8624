//! 审计: who did or read what.

mod actions;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Response};
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::model::audit::AuditEntry;
use crate::store::AuditQuery;
use crate::web::console::Console;
use crate::web::console::attachment::{Form, listed};
use crate::web::console::audit::actions::{ACTIONS, said};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Lines of a page.
const SIZE: u32 = 100;
/// Lines of a file at most, and how many are read at a time: as the database gives them they take many times as much memory.
const EXPORTED_MAX: u32 = 100_000;
const EXPORTED_AT_ONCE: u32 = 5_000;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    actor: String,
    action: String,
    object: String,
    page: String,
}

#[derive(Debug, Template)]
#[template(path = "console/audit.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    entries: Vec<AuditEntry>,
    page: u32,
    is_last: bool,
}

impl Wish {
    fn query(&self, page: u32, size: u32) -> AuditQuery {
        let [actor, action, object] = [&self.actor, &self.action, &self.object].map(|text| text.trim().to_owned());
        AuditQuery { actor, action, object, page, size, until: None }
    }

    /// What is asked for, as it stands in an address.
    fn pairs(&self, page: Option<u32>) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("actor", &self.actor), ("action", &self.action), ("object", &self.object)] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        pairs.extend_pairs(page.map(|page| ("page", page.to_string()))).finish()
    }
}

impl Page {
    /// What an action is called, beside its code; empty where the code says it.
    fn said(&self, action: &str) -> &'static str {
        if self.frame.is_english() { "" } else { said(action).unwrap_or_default() }
    }

    /// Codes of actions to choose from, and what they are called.
    fn actions(&self) -> &'static [(&'static str, &'static str)] {
        ACTIONS
    }

    fn link(&self, page: u32) -> String {
        format!("/audit?{}", self.wish.pairs(Some(page)))
    }

    fn file(&self, ending: &str) -> String {
        format!("/audit.{ending}?{}", self.wish.pairs(None))
    }
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::ReadAudit)?;
    let page = wish.page.parse::<u32>().unwrap_or(1).clamp(1, 100_000);
    let entries = console.shell.store.audit_page(&wish.query(page - 1, SIZE)).await?;
    console.shell.store.audit(&reader.did("audit.read", "console", "")).await?;
    let is_last = entries.len() < SIZE as usize;
    let page = Page { frame: Frame::of(&reader), wish, entries, page, is_last };
    Ok(Html(page.render()?))
}

/// The lines that fit as CSV, newest first.
pub(super) async fn csv(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    exported(&console, &reader, &wish, Form::Csv).await
}

/// The same as a workbook.
pub(super) async fn workbook(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Response, Refusal> {
    exported(&console, &reader, &wish, Form::Xlsx).await
}

async fn exported(console: &Console, reader: &Reader, wish: &Wish, form: Form) -> Result<Response, Refusal> {
    reader.must(Right::ReadAudit)?;
    let lines = exported_lines(console, reader, wish).await?;
    let detail = format!("{} lines", lines.len());
    console.shell.store.audit(&reader.did("audit.export", "console", &detail)).await?;
    let header = [("时间", "When"), ("谁", "Who"), ("做了什么", "What"), ("对象", "To what"), ("细节", "Detail")];
    let (voice, title) = (reader.voice(), reader.voice().say("审计", "Audit"));
    listed(form, "audit", title, header.map(|(zh, en)| voice.say(zh, en)), lines.into_iter().map(cells)).await
}

async fn exported_lines(console: &Console, reader: &Reader, wish: &Wish) -> Result<Vec<AuditEntry>, Refusal> {
    let mut lines = Vec::new();
    for page in 0..EXPORTED_MAX / EXPORTED_AT_ONCE {
        let query = AuditQuery { until: Some(reader.world.at), ..wish.query(page, EXPORTED_AT_ONCE) };
        let found = console.shell.store.audit_page(&query).await?;
        let is_last = found.len() < EXPORTED_AT_ONCE as usize;
        lines.extend(found);
        if is_last {
            break;
        }
    }
    Ok(lines)
}

fn cells(line: AuditEntry) -> [String; 5] {
    [line.at.to_string(), line.actor, line.action, line.object, line.detail]
}
