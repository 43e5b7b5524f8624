//! 人工上报: what a colleague saw where no scan looks, or before it did, taken in like what a scan sees.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use url::Url;

use crate::casework::rights::Right;
use crate::model::ids::PlatformId;
use crate::pipeline::import::{Imported, Picture, REPORTS, import};
use crate::pipeline::manual_report::{ManualReport, ReportRefused};
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::form::{Fields, Uploaded};
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Most characters of a line, and of a text.
const LINE_MAX: usize = 500;
const TEXT_MAX: usize = 20_000;
const LINES: [&str; 5] = ["url", "platform", "handle", "name", "title"];
const TEXTS: [&str; 4] = ["bio", "verification", "text", "note"];

#[derive(Debug, Template)]
#[template(path = "console/manual_report.html")]
struct Page {
    frame: Frame,
    /// Whether a report was taken just now.
    is_taken: bool,
    platforms: Vec<(String, String)>,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Query(done): Query<Done>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    may(&reader)?;
    let page = Page { frame: Frame::of(&reader), is_taken: done.is_done(), platforms: known(&console) };
    Ok(Html(page.render()?))
}

pub(super) async fn file(
    State(console): State<Arc<Console>>,
    Uploaded { reader, fields, bytes, .. }: Uploaded,
) -> Result<Redirect, Refusal> {
    may(&reader)?;
    let item = report(&console, &fields, bytes)?.item()?;
    let (shell, world, actor) = (Arc::clone(&console.shell), Arc::clone(&reader.world), reader.actor());
    // Goes on where the reader goes away: what is received is judged.
    let taking = tokio::spawn(async move { import(&shell, &world, &[item], REPORTS, &actor).await });
    let imported = taking.await.map_err(|_| Refusal::Failed)?.map_err(|error| {
        tracing::error!(%error, "a report could not be taken in");
        Refusal::Failed
    })?;
    Ok(Redirect::to(&place(&console, &reader, &imported).await?))
}

fn may(reader: &Reader) -> Result<(), Refusal> {
    reader.rights.may(Right::FileReports).then_some(()).ok_or(Refusal::NotFound)
}

/// Every platform that has a name here, whether it is watched or not: identifier and name.
fn known(console: &Console) -> Vec<(String, String)> {
    let catalog = console.shell.catalog();
    let named = catalog.iter().map(|platform| (platform.id().to_string(), platform.name().to_owned()));
    named.collect()
}

fn platform(console: &Console, text: &str) -> PlatformId {
    let is_meant = |known: &str| known.eq_ignore_ascii_case(text);
    let found = known(console).into_iter().find(|(id, name)| is_meant(id) || is_meant(name));
    PlatformId::new(found.map_or_else(|| text.to_owned(), |(id, _)| id))
}

fn report(console: &Console, fields: &Fields, picture: Vec<u8>) -> Result<ManualReport, Refusal> {
    let is_long = |names: &[&str], most: usize| names.iter().any(|name| fields.text(name).chars().count() > most);
    if fields.text("platform").is_empty() || is_long(&LINES, LINE_MAX) || is_long(&TEXTS, TEXT_MAX) {
        return Err(Refusal::unfit(
            "请填写平台；每行最多500字，正文最多20000字。",
            "Say which platform; a line takes 500 characters, a text 20,000.",
        ));
    }
    let said = |name: &str| fields.text(name).to_owned();
    Ok(ManualReport {
        url: Url::parse(fields.text("url")).map_err(|_| ReportRefused::Address)?,
        platform: platform(console, fields.text("platform")),
        handle: said("handle"),
        name: said("name"),
        bio: said("bio"),
        verification: said("verification"),
        title: said("title"),
        text: said("text"),
        note: said("note"),
        pictures: pictures(picture)?,
    })
}

/// A browser sends an empty file where none was chosen.
fn pictures(bytes: Vec<u8>) -> Result<Vec<Picture>, Refusal> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let picture = Picture::of(bytes).ok_or_else(|| {
        Refusal::unfit("截图不是 PNG、JPEG 或 WebP 图片。", "The screenshot is neither PNG, JPEG nor WebP.")
    })?;
    Ok(vec![picture])
}

/// The case, for those who see it. Everybody else reads one sentence, whatever became of the report: what is protected or
/// confidential cannot be told from what is no case.
async fn place(console: &Console, reader: &Reader, imported: &Imported) -> Result<String, Refusal> {
    let mut seen = Vec::new();
    for judgement in imported.judgements.iter().filter(|_| imported.kept > 0) {
        let cases = console.shell.store.cases_of_account(&judgement.subject).await?;
        seen.extend(cases.into_iter().filter(|case| reader.rights.may_with(Right::SeeCases, case)));
    }
    let newest = seen.into_iter().max_by_key(|case| (case.opened_at, case.number.clone()));
    Ok(newest.map_or_else(|| "/cases/new?done=1".to_owned(), |case| format!("/cases/{}", case.number)))
}

impl From<ReportRefused> for Refusal {
    fn from(refused: ReportRefused) -> Self {
        match refused {
            ReportRefused::Empty => Self::unfit(
                "没有可以判断的内容：请写下账号名、账号ID、简介、认证、标题或正文。",
                "There is nothing to judge: give a name, an account, a description, a verification, a title or a text.",
            ),
            ReportRefused::Address => {
                Self::unfit("网址必须以 http:// 或 https:// 开头。", "The address must begin with http:// or https://.")
            }
        }
    }
}
