//! Entries of Sherlock's `data.json`.

use serde_json::{Map, Value};

use crate::discover::entry::{allowed, statuses, text, texts, wanted_headers};
use crate::discover::site::{Address, PageRule, Rule, Site};

const TOKEN: &str = "{}";

pub(super) fn sites(entries: &[(&String, &Map<String, Value>)]) -> Vec<(String, Result<Site, String>)> {
    entries.iter().map(|(name, entry)| ((*name).clone(), site(name, entry))).collect()
}

fn site(name: &str, entry: &Map<String, Value>) -> Result<Site, String> {
    let url = text(entry, "url");
    if url.is_empty() {
        return Err("it has no url".to_owned());
    }
    let probe = Some(text(entry, "urlProbe")).filter(|probe| !probe.is_empty()).unwrap_or(url);
    let plain = Site::plain(name, probe, TOKEN, Rule::Page(rule(entry)?));
    Ok(Site {
        shown_at: Address::Text { text: url.to_owned(), token: TOKEN },
        allowed: allowed(entry)?,
        claimed: texts(entry, "username_claimed"),
        unclaimed: texts(entry, "username_unclaimed"),
        left_out: left_out(entry),
        ..plain
    })
}

fn rule(entry: &Map<String, Value>) -> Result<PageRule, String> {
    let mut rule = PageRule::default();
    let kinds = texts(entry, "errorType");
    if kinds.is_empty() {
        return Err("it has no errorType".to_owned());
    }
    for kind in kinds {
        match kind.as_str() {
            "status_code" => rule.absent_status = statuses(entry, "errorCode"),
            "message" => rule.absent = marks(entry)?,
            "response_url" => rule.redirect_is_absence = true,
            other => return Err(format!("errorType {other} is not known")),
        }
    }
    Ok(rule)
}

/// Without a mark every page would be a find.
fn marks(entry: &Map<String, Value>) -> Result<Vec<String>, String> {
    Some(texts(entry, "errorMsg")).filter(|marks| !marks.is_empty()).ok_or_else(|| "it has no errorMsg".to_owned())
}

fn left_out(entry: &Map<String, Value>) -> Option<String> {
    let method = text(entry, "request_method");
    if method.eq_ignore_ascii_case("POST")
        || method.eq_ignore_ascii_case("PUT")
        || entry.contains_key("request_payload")
    {
        return Some(format!("it asks by {}", if method.is_empty() { "POST" } else { method }));
    }
    wanted_headers(entry)
}
