//! 保存期限: what is kept for how long, what goes next, and the receipts of what went. Counts only.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use crate::casework::rights::Right;
use crate::model::time::Timestamp;
use crate::reports::figure::Figure;
use crate::retention::{RetentionRule, Stage};
use crate::store::Receipt;
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// Who acts where the program does.
const PROGRAM: &str = "wanglou";
/// Receipts that are shown.
const SHOWN: u32 = 50;

/// What is kept at one stage: name, how long, how many cases, when the first goes.
type Clock = (String, String, String, String);

#[derive(Debug, Template)]
#[template(path = "console/retention.html")]
struct Page {
    frame: Frame,
    clocks: Vec<Clock>,
    /// Day, rule, erased, cases, pages, left over.
    receipts: Vec<[String; 6]>,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    reader.must(Right::SeeRetention)?;
    let frame = Frame::of(&reader);
    let clocks = console.shell.store.retention_clocks().await?;
    let receipts = console.shell.store.receipts(SHOWN).await?;
    let page = Page {
        clocks: clocks.iter().map(|(stage, count, first)| clock(&frame, *stage, *count, *first)).collect(),
        receipts: receipts.iter().filter(|receipt| is_told(receipt)).map(|receipt| row(&frame, receipt)).collect(),
        frame,
    };
    Ok(Html(page.render()?))
}

fn clock(frame: &Frame, stage: Stage, count: u64, first: Timestamp) -> Clock {
    let rule = stage.rule();
    let next = first.plus_ms(rule.length_ms());
    (
        stage_name(frame, stage),
        length(frame, rule),
        Figure::of(count).text(),
        frame.voice.day(next.date(frame.voice.zone)),
    )
}

fn stage_name(frame: &Frame, stage: Stage) -> String {
    match stage {
        Stage::Open => frame.say("待处理", "Open").to_owned(),
        Stage::AwaitingConfirmation => frame.say("复查已整改，待确认", "To be confirmed").to_owned(),
        Stage::Locked => frame.say("申诉锁定", "Locked by an objection").to_owned(),
        Stage::Closed(disposition) => {
            format!("{}{}", frame.say("已结案：", "Closed: "), frame.voice.disposition(disposition))
        }
    }
}

fn length(frame: &Frame, rule: RetentionRule) -> String {
    match rule.length_ms() / 86_400_000 {
        0 => frame.say("立即", "at once").to_owned(),
        days => format!("{days}{}", frame.say("天", " days")),
    }
}

/// What somebody erased by a decision may have been a leak, of which nothing is told here; the nightly runs go over everything
/// alike, and requests never reach the leak lane.
fn is_told(receipt: &Receipt) -> bool {
    receipt.run.actor == PROGRAM || receipt.rule == RetentionRule::OnRequest
}

fn row(frame: &Frame, receipt: &Receipt) -> [String; 6] {
    let Receipt { run, rule, amount, .. } = receipt;
    let count = |count| Figure::of(count).text();
    [
        frame.voice.day(run.at.date(frame.voice.zone)),
        rule.name().to_owned(),
        count(amount.erased),
        count(amount.cases),
        count(amount.objects),
        count(amount.failed),
    ]
}
