//! What a site's robots.txt says of the addresses that are asked for at a source, as far as this process has read it.

use url::{Position, Url};

use crate::model::source::{EntryKind, Source};
use crate::pace::robots::Decision;
use crate::platform::definition::Values;
use crate::web::console::Console;
use crate::web::console::frame::Frame;

/// A word in the place of those that are searched for: rules look at the address around it.
const ANY_WORD: &str = "x";

/// What is said of a source, in a few words.
pub(super) fn said_of(console: &Console, frame: &Frame, source: &Source) -> String {
    let mut permitted = 0;
    let mut forbidden = Vec::new();
    for address in addresses(console, source) {
        let Some(copy) = console.shell.fetcher.known_robots(&address) else {
            return frame.say("本进程尚未读取", "not read by this process yet").to_owned();
        };
        let Some(rules) = &copy.robots else {
            let (before, after) =
                (frame.say("读不到（", "cannot be read ("), frame.say("），暂不访问", "), left alone"));
            return format!("{before}{}{after}", copy.status);
        };
        match rules.allows(&address[Position::BeforePath..Position::AfterQuery]) {
            Decision { allowed: true, .. } => permitted += 1,
            Decision { rule, .. } => forbidden.extend(rule),
        }
    }
    let all = match (permitted, forbidden.is_empty()) {
        (_, true) => return frame.say("允许", "permitted").to_owned(),
        (0, _) => frame.say("禁止", "forbidden"),
        _ => frame.say("部分禁止", "forbidden in part"),
    };
    format!("{all} {}", forbidden.join(frame.say("、", ", ")))
}

/// Addresses with which a visit begins: lists and searches of the platform, or the source's own where none can be told.
fn addresses(console: &Console, source: &Source) -> Vec<Url> {
    let values = Values {
        base: source.base.clone(),
        term: Some(ANY_WORD.to_owned()),
        further: source.values.clone(),
        ..Values::default()
    };
    let catalog = console.shell.catalog();
    let definition = catalog.get(&source.platform);
    let entry = |kind| definition.and_then(|definition| definition.url(kind, &values).ok());
    let entries: Vec<Url> = [EntryKind::Listing, EntryKind::Search].into_iter().filter_map(entry).collect();
    if entries.is_empty() { Url::parse(&source.base).into_iter().collect() } else { entries }
}
