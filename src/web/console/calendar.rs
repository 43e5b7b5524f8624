//! 工作日历: which days are not what their weekday says, year by year, and where they come from.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use chrono::Datelike;

use crate::ledger::definition::Ledger;
use crate::model::calendar::{DayKind, SpecialDay};
use crate::web::console::Console;
use crate::web::console::frame::Frame;
use crate::web::console::reader::Reader;
use crate::web::console::refusal::Refusal;

/// The ledger that goes over the published years.
const LEDGER: &str = "holidays";

#[derive(Debug)]
struct Row {
    name: String,
    off: String,
    worked: String,
    is_own: bool,
}

#[derive(Debug, Template)]
#[template(path = "console/calendar.html")]
struct Page {
    frame: Frame,
    years: Vec<(i32, Vec<Row>)>,
    missing: Option<i32>,
    may_edit: bool,
    file: String,
}

pub(super) async fn page(State(console): State<Arc<Console>>, reader: Reader) -> Result<Html<String>, Refusal> {
    let ledger = Ledger::named(LEDGER).filter(|ledger| reader.rights.may_see_ledger(ledger.name));
    let ledger = ledger.ok_or(Refusal::NotFound)?;
    let (frame, calendar) = (Frame::of(&reader), &reader.world.working_days);
    let own: BTreeSet<_> = console.shell.loaded().ledgers.holidays.iter().map(|special| special.day).collect();
    let mut years: BTreeSet<i32> = calendar.known_years().collect();
    years.extend(own.iter().map(|day| day.year()));
    let rows = |year: &i32| {
        let mut rows: Vec<Row> = Vec::new();
        calendar.special_days(*year).for_each(|special| add(&mut rows, &frame, special, own.contains(&special.day)));
        (*year, rows)
    };
    let page = Page {
        years: years.iter().rev().map(rows).collect(),
        missing: calendar.missing_year(reader.world.day()),
        may_edit: reader.rights.may_edit_ledger(ledger.name),
        file: ledger.file_name(),
        frame,
    };
    Ok(Html(page.render()?))
}

/// Days of one name stand in one row.
fn add(rows: &mut Vec<Row>, frame: &Frame, special: &SpecialDay, is_own: bool) {
    let name = if special.name.is_empty() { frame.say("（未命名）", "(no name)") } else { &special.name };
    let at = rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
        rows.push(Row { name: name.to_owned(), off: String::new(), worked: String::new(), is_own: false });
        rows.len() - 1
    });
    let row = &mut rows[at];
    row.is_own |= is_own;
    let days = if special.kind == DayKind::Off { &mut row.off } else { &mut row.worked };
    if !days.is_empty() {
        days.push_str(frame.say("、", ", "));
    }
    days.push_str(&special.day.format("%m-%d").to_string());
}
