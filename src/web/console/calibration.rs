//! 校准: how often people confirmed what a band promised.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::casework::calibration::{BandShare, CASES_ENOUGH, HIGH_PROMISE, Lowered, TOLD_MIN, shares};
use crate::casework::rights::Right;
use crate::model::finding::Band;
use crate::store::BandLowering;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

#[derive(Debug)]
struct Row {
    band: &'static str,
    decided: String,
    confirmed: String,
    share: String,
}

#[derive(Debug)]
struct Lowering {
    since: String,
    until: String,
    decided: String,
    confirmed: String,
}

#[derive(Debug, Template)]
#[template(path = "console/calibration.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    falls_short: bool,
    /// Why the highest band is shown as the next; none when it is shown as it is.
    lowered: Option<String>,
    /// Times in which it was, the newest first: since when, until when, decided, confirmed.
    lowerings: Vec<Lowering>,
    promise: String,
    enough: u64,
    told_min: u64,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeCalibration)?;
    let frame = Frame::of(&reader);
    let shares = shares(&console.shell.store.band_decisions().await?);
    let lowerings = console.shell.store.band_lowerings().await?;
    console.shell.store.audit(&reader.did("calibration.read", "all", "")).await?;
    let page = Page {
        rows: shares.iter().map(|share| row(&frame, *share)).collect(),
        falls_short: shares.iter().any(|share| share.falls_short()),
        lowered: lowerings.iter().find(|one| one.until.is_none()).map(|one| reason(&frame, one)),
        lowerings: lowerings.iter().map(|one| lowering(&frame, one)).collect(),
        promise: format!("{:.0}%", HIGH_PROMISE * 100.0),
        enough: CASES_ENOUGH,
        told_min: TOLD_MIN,
        frame,
    };
    Ok(Html(page.render()?))
}

fn share_of(one: &BandLowering) -> BandShare {
    BandShare { band: Band::High, decided: one.decided, confirmed: one.confirmed }
}

fn reason(frame: &Frame, one: &BandLowering) -> String {
    frame.voice.reason(&Lowered { since: one.since, share: share_of(one) }.reason()).to_owned()
}

fn lowering(frame: &Frame, one: &BandLowering) -> Lowering {
    let Row { decided, confirmed, .. } = row(frame, share_of(one));
    let until =
        one.until.map_or_else(|| frame.say("仍在下调", "still lowered").to_owned(), |at| frame.voice.minute(at));
    Lowering { since: frame.voice.minute(one.since), until, decided, confirmed }
}

fn row(frame: &Frame, share: BandShare) -> Row {
    let told = share.told();
    let dash = || "–".to_owned();
    Row {
        band: frame.voice.band(told.band),
        decided: told.decided.map_or_else(|| format!("<{TOLD_MIN}"), |count| count.to_string()),
        confirmed: told.confirmed.map_or_else(dash, |count| count.to_string()),
        share: told.share.map_or_else(dash, |share| format!("{:.0}%", share * 100.0)),
    }
}
