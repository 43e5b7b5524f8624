//! 校准: how often people confirmed what a band promised.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::casework::calibration::{BandShare, CASES_ENOUGH, HIGH_PROMISE, TOLD_MIN, shares};
use crate::casework::rights::Right;
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

#[derive(Debug, Template)]
#[template(path = "console/calibration.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    falls_short: bool,
    promise: String,
    enough: u64,
    told_min: u64,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeCalibration)?;
    let frame = Frame::of(&reader);
    let shares = shares(&console.shell.store.band_decisions().await?);
    console.shell.store.audit(&reader.did("calibration.read", "all", "")).await?;
    let page = Page {
        rows: shares.iter().map(|share| row(&frame, *share)).collect(),
        falls_short: shares.iter().any(|share| share.falls_short()),
        promise: format!("{:.0}%", HIGH_PROMISE * 100.0),
        enough: CASES_ENOUGH,
        told_min: TOLD_MIN,
        frame,
    };
    Ok(Html(page.render()?))
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
