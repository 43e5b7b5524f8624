//! A stored page: shown as text, never run; its hash computed again; its bytes as they came.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use crate::fetch::decode;
use crate::model::case::Case;
use crate::pipeline::evidence::bytes_for;
use crate::store::{Evidence, sha256_hex};
use crate::web::console::Console;
use crate::web::console::attachment::attachment;
use crate::web::console::case::visible;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Most characters of a stored page that are shown.
const SHOWN_MAX: usize = 60_000;

#[derive(Debug, Template)]
#[template(path = "console/evidence.html")]
struct Page {
    frame: Frame,
    number: String,
    evidence: Evidence,
    fetched_at: String,
    size: usize,
    is_intact: bool,
    /// None where it holds a confidential expression and the lane is not the leak lane.
    text: Option<String>,
    is_cut: bool,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path((number, hash)): Path<(String, String)>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let (case, evidence, bytes, is_readable) = stored(&console, &reader, &number, &hash).await?;
    let frame = Frame::of(&reader);
    let text = decode(&bytes, "", "");
    let page = Page {
        number: case.number,
        fetched_at: frame.voice.instant(evidence.fetched_at),
        size: bytes.len(),
        is_intact: sha256_hex(&bytes) == evidence.sha256.as_str(),
        is_cut: text.chars().count() > SHOWN_MAX,
        text: is_readable.then(|| text.chars().take(SHOWN_MAX).collect()),
        evidence,
        frame,
    };
    Ok(Html(page.render()?))
}

/// The bytes, to be saved: no browser shows them.
pub(super) async fn bytes(
    State(console): State<Arc<Console>>,
    Path((number, hash)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let (_, evidence, bytes, is_readable) = stored(&console, &reader, &number, &hash).await?;
    if !is_readable {
        return Err(Refusal::NotFound);
    }
    Ok(attachment("application/octet-stream", &format!("{}.bin", evidence.sha256), bytes))
}

async fn stored(
    console: &Console,
    reader: &Reader,
    number: &str,
    hash: &str,
) -> Result<(Case, Evidence, Vec<u8>, bool), Refusal> {
    let case = visible(console, reader, number).await?;
    let all = console.shell.store.evidence_of_case(&case.id).await?;
    let evidence = all.into_iter().find(|one| one.sha256.as_str() == hash && one.kept).ok_or(Refusal::NotFound)?;
    let found = bytes_for(&console.shell, &reader.world, &case, &evidence).await.map_err(|error| {
        tracing::error!(%error, "evidence could not be read");
        Refusal::Failed
    })?;
    let (bytes, is_readable) = found.ok_or(Refusal::NotFound)?;
    console.shell.store.audit(&reader.did("evidence.read", case.id.as_str(), "")).await?;
    Ok((case, evidence, bytes, is_readable))
}
