//! 审计: who did or read what.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use crate::casework::rights::Right;
use crate::model::audit::AuditEntry;
use crate::store::AuditQuery;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Lines of a page.
const SIZE: u32 = 100;

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

impl Page {
    fn link(&self, page: u32) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("actor", &self.wish.actor), ("action", &self.wish.action), ("object", &self.wish.object)]
        {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        format!("/audit?{}", pairs.append_pair("page", &page.to_string()).finish())
    }
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(wish): Query<Wish>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::ReadAudit)?;
    let page = wish.page.parse::<u32>().unwrap_or(1).clamp(1, 100_000);
    let [actor, action, object] = [&wish.actor, &wish.action, &wish.object].map(|text| text.trim().to_owned());
    let query = AuditQuery { actor, action, object, page: page - 1, size: SIZE };
    let entries = console.shell.store.audit_page(&query).await?;
    console.shell.store.audit(&reader.did("audit.read", "console", "")).await?;
    let is_last = entries.len() < SIZE as usize;
    let page = Page { frame: Frame::of(&reader), wish, entries, page, is_last };
    Ok(Html(page.render()?))
}
