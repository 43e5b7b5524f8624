//! Entries of Maigret's `data.json`, completed by those of their engines.

use serde_json::{Map, Value};

use crate::discover::entry::{allowed, text, texts, wanted_headers};
use crate::discover::site::{Address, PageRule, Rule, Site};

const TOKEN: &str = "{username}";

pub(super) fn sites(entries: &Map<String, Value>, engines: Option<&Value>) -> Vec<(String, Result<Site, String>)> {
    let read = |name: &String, entry: &Value| match entry.as_object() {
        Some(entry) => site(name, &completed(entry, engines)),
        None => Err("it is no object".to_owned()),
    };
    entries.iter().map(|(name, entry)| (name.clone(), read(name, entry))).collect()
}

/// What the site says itself outweighs its engine; lists of both count.
fn completed(entry: &Map<String, Value>, engines: Option<&Value>) -> Map<String, Value> {
    let mut whole = entry.clone();
    let engine = engines.and_then(|all| all.get(text(entry, "engine"))?.get("site")?.as_object());
    for (key, value) in engine.into_iter().flatten() {
        match (whole.get_mut(key), value) {
            (Some(Value::Array(own)), Value::Array(further)) => own.extend(further.iter().cloned()),
            (Some(_), _) => {}
            (None, value) => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
    whole
}

fn site(name: &str, entry: &Map<String, Value>) -> Result<Site, String> {
    let address = |key: &str| {
        let whole = text(entry, key).replace("{urlMain}", text(entry, "urlMain"));
        whole.replace("{urlSubpath}", text(entry, "urlSubpath"))
    };
    let (url, probe) = (address("url"), address("urlProbe"));
    if url.is_empty() {
        return Err("it has no url".to_owned());
    }
    let asked = if probe.is_empty() { &url } else { &probe };
    let plain = Site::plain(name, asked, TOKEN, Rule::Page(rule(entry)?));
    Ok(Site {
        shown_at: Address::Text { text: url, token: TOKEN },
        allowed: allowed(entry)?,
        errors: errors(entry),
        claimed: texts(entry, "usernameClaimed"),
        unclaimed: texts(entry, "usernameUnclaimed"),
        left_out: left_out(entry),
        ..plain
    })
}

fn rule(entry: &Map<String, Value>) -> Result<PageRule, String> {
    let (present, absent) = (texts(entry, "presenseStrs"), texts(entry, "absenceStrs"));
    let has_mark = !present.is_empty() || !absent.is_empty();
    let rule = PageRule { present, absent, ..PageRule::default() };
    match text(entry, "checkType") {
        // Without a mark every page would be a find.
        "message" if !has_mark => Err("it has neither presenseStrs nor absenceStrs".to_owned()),
        "message" | "status_code" => Ok(rule),
        "response_url" => Ok(PageRule { redirect_is_absence: true, ..rule }),
        "" => Err("it has no checkType".to_owned()),
        other => Err(format!("checkType {other} is not known")),
    }
}

fn errors(entry: &Map<String, Value>) -> Vec<(String, String)> {
    let pair = |(mark, meaning): (&String, &Value)| (mark.clone(), meaning.as_str().unwrap_or("trouble").to_owned());
    entry.get("errors").and_then(Value::as_object).into_iter().flatten().map(pair).collect()
}

fn left_out(entry: &Map<String, Value>) -> Option<String> {
    let is_set = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(false);
    let protection = texts(entry, "protection");
    if is_set("disabled") {
        return Some("the list has switched it off".to_owned());
    }
    if !protection.is_empty() {
        return Some(format!("the site protects itself: {}", protection.join(", ")));
    }
    if entry.contains_key("activation") {
        return Some("it asks for a visitor's token".to_owned());
    }
    let method = text(entry, "requestMethod");
    if method.eq_ignore_ascii_case("POST") || entry.contains_key("requestPayload") {
        return Some("it asks by POST".to_owned());
    }
    wanted_headers(entry)
}
