//! Entries of WhatsMyName's `wmn-data.json`.

use serde_json::{Map, Value};

use crate::discover::entry::{statuses, text, texts, wanted_headers};
use crate::discover::site::{Address, Rule, Sign, Site};

const TOKEN: &str = "{account}";

pub(super) fn sites(entries: &[Value]) -> Vec<(String, Result<Site, String>)> {
    let read = |(entry, place): (&Value, usize)| {
        let entry = entry.as_object();
        let name = entry.map(|entry| text(entry, "name")).filter(|name| !name.is_empty());
        let label = name.map_or_else(|| format!("number {place}"), str::to_owned);
        let site = match (name, entry) {
            (Some(name), Some(entry)) => site(name, entry),
            _ => Err("it has no name".to_owned()),
        };
        (label, site)
    };
    entries.iter().zip(1..).map(read).collect()
}

fn site(name: &str, entry: &Map<String, Value>) -> Result<Site, String> {
    let (asked, shown) = (text(entry, "uri_check"), text(entry, "uri_pretty"));
    if asked.is_empty() {
        return Err("it has no uri_check".to_owned());
    }
    let found = sign(entry, "e_code", "e_string");
    if found == Sign::default() {
        return Err("it has neither e_code nor e_string".to_owned());
    }
    let plain = Site::plain(name, asked, TOKEN, Rule::Signs { found, absent: sign(entry, "m_code", "m_string") });
    let shown = if shown.is_empty() { asked } else { shown };
    Ok(Site {
        shown_at: Address::Text { text: shown.to_owned(), token: TOKEN },
        stripped: text(entry, "strip_bad_char").to_owned(),
        claimed: texts(entry, "known"),
        left_out: left_out(entry),
        ..plain
    })
}

fn sign(entry: &Map<String, Value>, status: &str, mark: &str) -> Sign {
    Sign { status: statuses(entry, status).first().copied(), text: text(entry, mark).to_owned() }
}

fn left_out(entry: &Map<String, Value>) -> Option<String> {
    let protection = texts(entry, "protection");
    if entry.get("valid") == Some(&Value::Bool(false)) {
        return Some("the list has switched it off".to_owned());
    }
    if !text(entry, "post_body").is_empty() {
        return Some("it asks by POST".to_owned());
    }
    if !protection.is_empty() {
        return Some(format!("the site protects itself: {}", protection.join(", ")));
    }
    wanted_headers(entry)
}
