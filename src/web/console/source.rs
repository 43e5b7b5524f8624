//! One source: stopping its visits and letting them go on, and asking for one of its pages to see what is read of it. What stands
//! on the page is counted and not shown: those who look after sources see no person.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::Url;

use crate::casework::blocked::blocked_reason;
use crate::casework::rights::Right;
use crate::detect::leak::masked;
use crate::model::account::{Account, Post};
use crate::model::capture::Verdict;
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::pipeline::try_page::{Tried, try_page};
use crate::platform::Extraction;
use crate::platform::definition::entry_name;
use crate::store::sha256_hex;
use crate::web::console::Console;
use crate::web::console::done::Done;
use crate::web::console::form::Submitted;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;
use crate::web::words;

/// Most characters of an address.
const ADDRESS_MAX: usize = 2_000;
/// How long a reader waits for the turn of the host: a connection to the console ends soon after.
const PATIENCE: Duration = Duration::from_secs(11);

#[derive(Debug, Template)]
#[template(path = "console/source.html")]
struct Page {
    frame: Frame,
    id: String,
    name: String,
    platform: String,
    base: String,
    is_paused: bool,
    /// Whether that was changed just now.
    is_changed: bool,
    address: String,
    tried: Option<Told>,
}

/// What came of asking for a page.
#[derive(Debug, Default)]
struct Told {
    class: &'static str,
    verdict: &'static str,
    why: String,
    /// Name, count.
    figures: Vec<(&'static str, String)>,
    /// Rows that could not be read.
    problems: Vec<String>,
}

pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
    reader: Reader,
) -> Result<Html<String>, Refusal> {
    let source = controlled(&console, &reader, &id)?;
    let page = Page { is_changed: done.is_done(), ..page_of(&console, &reader, &source).await? };
    Ok(Html(page.render()?))
}

pub(super) async fn pause(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    set(&console, &reader, &id, true).await
}

pub(super) async fn resume(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, _): Submitted,
) -> Result<Redirect, Refusal> {
    set(&console, &reader, &id, false).await
}

async fn set(console: &Console, reader: &Reader, id: &str, is_paused: bool) -> Result<Redirect, Refusal> {
    let source = controlled(console, reader, id)?;
    let action = if is_paused { "source.pause" } else { "source.resume" };
    let audit = reader.did(action, source.id.as_str(), "");
    console.shell.store.pause_source(&source.id, is_paused, &audit).await?;
    Ok(Redirect::to(&format!("/sources/{}?done=1", source.id)))
}

/// Asks for one page at the site of the source, at the pace of its host.
pub(super) async fn try_one(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Submitted(reader, fields): Submitted,
) -> Result<Html<String>, Refusal> {
    let source = controlled(&console, &reader, &id)?;
    let address = fields.text("url").to_owned();
    let url = Url::parse(&address).ok().filter(|_| address.chars().count() <= ADDRESS_MAX).ok_or_else(|| {
        Refusal::unfit("请填写该来源站内的完整网址。", "Give the whole address of a page at the site of the source.")
    })?;
    let words = percent_decode_str(&address).decode_utf8_lossy();
    if masked(&reader.world.watch, &words) != words {
        return Err(Refusal::unfit(
            "网址里有保密词，不能发到站外。",
            "The address holds a confidential expression, which never leaves the house.",
        ));
    }
    let hash = sha256_hex(url.as_str().as_bytes());
    console.shell.store.audit(&reader.did("source.try", source.id.as_str(), &hash)).await?;
    let tried = timeout(PATIENCE, try_page(&console.shell, &source, &url)).await.unwrap_or(Ok(Tried::Postponed))?;
    let page = page_of(&console, &reader, &source).await?;
    let tried = Some(told(&page.frame, tried));
    Ok(Html(Page { address, tried, ..page }.render()?))
}

fn controlled(console: &Console, reader: &Reader, id: &str) -> Result<Source, Refusal> {
    reader.must(Right::ControlSources)?;
    console.shell.source(&SourceId::new(id)).filter(|source| source.enabled).ok_or(Refusal::NotFound)
}

async fn page_of(console: &Console, reader: &Reader, source: &Source) -> Result<Page, Refusal> {
    Ok(Page {
        frame: Frame::of(reader),
        id: source.id.to_string(),
        name: console.source_name(&source.id),
        platform: console.shell.platform_name(&source.platform),
        base: source.base.clone(),
        is_paused: console.shell.store.source_state(&source.id).await?.paused,
        is_changed: false,
        address: String::new(),
        tried: None,
    })
}

fn told(frame: &Frame, tried: Tried) -> Told {
    match tried {
        Tried::Postponed => Told {
            class: "plain",
            verdict: frame.voice.say("还没有轮到", "Not its turn yet"),
            why: frame
                .say(
                    "这个网站正在被访问，或者还在间隔之内；过一会儿再试。",
                    "The host is being visited, or its pause is not over; try again in a while.",
                )
                .to_owned(),
            ..Told::default()
        },
        Tried::Elsewhere => Told {
            class: "warn",
            verdict: frame.voice.say("没有取得", "Not fetched"),
            why: frame.say("网址不在这个来源的站内。", "The address is not at the site of the source.").to_owned(),
            ..Told::default()
        },
        Tried::Refused(why) => {
            let (verdict, why) = (frame.voice.say("没有取得", "Not fetched"), said(frame, &why));
            Told { class: "warn", verdict, why, ..Told::default() }
        }
        Tried::Read { entry, status, size, extraction } => {
            let (verdict, class) = words::verdict(Some(&extraction.verdict), &|zh, en| frame.voice.say(zh, en));
            let why = why(frame, &extraction.verdict);
            let mut figures = vec![
                (frame.voice.say("状态码", "Status"), status.to_string()),
                (frame.voice.say("大小（字节）", "Size in bytes"), size.to_string()),
                (frame.voice.say("按哪一项读取", "Read as"), entry_name(entry).to_owned()),
            ];
            figures.extend(counts(frame, &extraction));
            Told { class, verdict, why, figures, problems: extraction.problems }
        }
    }
}

fn why(frame: &Frame, verdict: &Verdict) -> String {
    if let Verdict::Blocked { reason } = verdict { said(frame, reason) } else { String::new() }
}

fn said(frame: &Frame, noted: &str) -> String {
    frame.voice.reason(&blocked_reason(noted, frame.voice.zone)).to_owned()
}

/// How many accounts, posts and links stand there, and how many of them have the fields that matter.
fn counts(frame: &Frame, extraction: &Extraction) -> Vec<(&'static str, String)> {
    let voice = &frame.voice;
    let accounts = |has: fn(&Account) -> bool| extraction.accounts.iter().filter(|one| has(one)).count().to_string();
    let posts = |has: fn(&Post) -> bool| extraction.posts.iter().filter(|one| has(one)).count().to_string();
    vec![
        (voice.say("账号", "Accounts"), accounts(|_| true)),
        (voice.say("有账号名的账号", "Accounts with a shown name"), accounts(|one| !one.display_name.is_empty())),
        (voice.say("有简介的账号", "Accounts with a description"), accounts(|one| !one.bio.is_empty())),
        (voice.say("内容", "Posts"), posts(|_| true)),
        (voice.say("有正文的内容", "Posts with a text"), posts(|one| !one.text.is_empty())),
        (voice.say("有时间的内容", "Posts with a time"), posts(|one| one.published.is_some())),
        (voice.say("下一步链接", "Links to follow"), extraction.follow.len().to_string()),
    ]
}
