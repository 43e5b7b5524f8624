//! A stored page: shown as text, never run; its hash computed again; its bytes as they came.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::fetch::decode;
use crate::model::case::{Case, Lane};
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
    let (case, evidence, bytes) = stored(&console, &reader, &number, &hash).await?;
    let frame = Frame::of(&reader);
    let text = decode(&bytes, "", "");
    let is_readable = may_read(&reader.world, &case, &text);
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
    let (case, evidence, bytes) = stored(&console, &reader, &number, &hash).await?;
    if !may_read(&reader.world, &case, &decode(&bytes, "", "")) {
        return Err(Refusal::NotFound);
    }
    Ok(attachment("application/octet-stream", &format!("{}.bin", evidence.sha256), bytes))
}

/// Whether a page may be read in a case's lane: confidential expressions are for the leak lane alone, as they stand, behind
/// escapes, or with markup between.
fn may_read(world: &World, case: &Case, text: &str) -> bool {
    let is_open = |text: &str| masked(&world.watch, text) == text;
    let without_markup = || scraper::Html::parse_document(text).root_element().text().collect::<String>();
    case.judgement.lane == Lane::Leak || (is_open(text) && is_open(&unescaped(text)) && is_open(&without_markup()))
}

/// The text with JSON's `\u` escapes as the characters they stand for.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        match code {
            Some(character) => {
                plain.push(character);
                plain.push_str(&part[4..]);
            }
            None => plain.push_str(part),
        }
    }
    plain
}

async fn stored(
    console: &Console,
    reader: &Reader,
    number: &str,
    hash: &str,
) -> Result<(Case, Evidence, Vec<u8>), Refusal> {
    let case = visible(console, reader, number).await?;
    let all = console.shell.store.evidence_of_case(&case.id).await?;
    let evidence = all.into_iter().find(|one| one.sha256.as_str() == hash && one.kept).ok_or(Refusal::NotFound)?;
    // What was sealed for the leak lane is no other lane's, though it be about the same account.
    let object = console.shell.vault.object(&evidence.sha256).await.ok().flatten();
    if case.judgement.lane != Lane::Leak && object.is_some_and(|object| object.is_sealed) {
        return Err(Refusal::NotFound);
    }
    let bytes = console.shell.vault.get(&evidence.sha256).await.map_err(|error| {
        tracing::error!(%error, "evidence could not be read");
        Refusal::Failed
    })?;
    console.shell.store.audit(&reader.did("evidence.read", case.id.as_str(), evidence.sha256.as_str())).await?;
    Ok((case, evidence, bytes))
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escapes_are_read_and_what_is_none_stays() {
        assert_eq!(unescaped(r#"{"a":"\u661f\u6cb3x"}"#), r#"{"a":"星河x"}"#);
        assert_eq!(unescaped(r"\u12 \uzzzz \ud800"), r"12 zzzz d800");
    }
}
