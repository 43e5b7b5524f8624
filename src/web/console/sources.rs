//! 来源: what each source showed last, and since when nothing was confirmed.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::casework::rights::Right;
use crate::model::capture::Verdict;
use crate::store::SourceState;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    verdict: &'static str,
    class: &'static str,
    why: String,
    last_visit: String,
    last_confirmed: String,
    pages_today: u32,
    canary: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "console/sources.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    is_known: bool,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeSources)?;
    let frame = Frame::of(&reader);
    let snapshot = console.watch.snapshot().await;
    let of = |id| snapshot.status.iter().flat_map(|status| &status.sources).find(|state| state.source == id).cloned();
    let rows = snapshot.sources.iter().map(|source| {
        let state = of(source.id.clone()).unwrap_or_else(|| SourceState::new(source.id.clone()));
        let canaries = snapshot.status.iter().flat_map(|status| &status.canaries);
        let canary = canaries.into_iter().find(|canary| canary.source == source.id);
        row(&frame, console.source_name(&source.id), &state, canary.map(|canary| canary.contradiction.is_none()))
    });
    let page = Page { rows: rows.collect(), is_known: snapshot.status.is_some(), frame };
    Ok(Html(page.render()?))
}

fn row(frame: &Frame, name: String, state: &SourceState, is_as_known: Option<bool>) -> Row {
    let voice = &frame.voice;
    let never = || voice.say("从未", "never").to_owned();
    let (verdict, class, why) = match &state.verdict {
        None => (voice.say("尚未访问", "not visited yet"), "plain", String::new()),
        Some(Verdict::Found) => (voice.say("有内容", "found"), "ok", String::new()),
        Some(Verdict::Empty) => (voice.say("无内容", "empty"), "ok", String::new()),
        Some(Verdict::Blocked { reason }) => (voice.say("看不到", "blocked"), "warn", reason.clone()),
    };
    Row {
        id: state.source.to_string(),
        name,
        verdict,
        class,
        why,
        last_visit: state.last_visit.map_or_else(never, |at| voice.minute(at)),
        last_confirmed: state.last_confirmed.map_or_else(never, |at| voice.minute(at)),
        pages_today: if state.day == voice.at.date(voice.zone).to_string() { state.pages_today } else { 0 },
        canary: match is_as_known {
            None => "—",
            Some(true) => voice.say("相符", "as known"),
            Some(false) => voice.say("不符", "contradicts"),
        },
    }
}
