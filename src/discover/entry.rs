//! What the entries of all forms of lists have in common: texts, statuses, headers, allowed names.

use serde_json::{Map, Value};

/// Longest mark that is looked for, bytes.
const MARK_BYTES_MAX: usize = 4_096;
/// Largest compiled pattern of names, bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Most steps back of such a pattern on one name.
const PATTERN_STEPS_MAX: usize = 100_000;

/// A text of an entry; empty when it has none.
pub(super) fn text<'a>(entry: &'a Map<String, Value>, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of an entry, which may be one or a list. Empty and overlong ones say nothing.
pub(super) fn texts(entry: &Map<String, Value>, key: &str) -> Vec<String> {
    let all: Vec<&str> = match entry.get(key) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|text| !text.is_empty() && text.len() <= MARK_BYTES_MAX).map(str::to_owned).collect()
}

/// The statuses of an entry, which may be one or a list.
pub(super) fn statuses(entry: &Map<String, Value>, key: &str) -> Vec<u16> {
    let one = |value: &Value| value.as_u64().and_then(|status| u16::try_from(status).ok());
    match entry.get(key) {
        Some(Value::Array(many)) => many.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Why a site is not asked because of the headers it wants: what only a person or an app can show is not imitated.
pub(super) fn wanted_headers(entry: &Map<String, Value>) -> Option<String> {
    const HARMLESS: [&str; 6] = ["user-agent", "accept", "accept-language", "referer", "content-type", "connection"];
    let headers = entry.get("headers")?.as_object()?;
    let wanted = headers.keys().find(|name| !HARMLESS.contains(&name.to_ascii_lowercase().as_str()))?;
    Some(format!("it asks for the header {wanted}"))
}

/// The pattern of allowed names, which may look ahead and behind as the lists' own programs let it.
///
/// # Errors
/// When it is no pattern.
pub(super) fn allowed(entry: &Map<String, Value>) -> Result<Option<fancy_regex::Regex>, String> {
    let pattern = text(entry, "regexCheck");
    if pattern.is_empty() {
        return Ok(None);
    }
    let mut builder = fancy_regex::RegexBuilder::new(pattern);
    builder.delegate_size_limit(PATTERN_BYTES_MAX).backtrack_limit(PATTERN_STEPS_MAX);
    builder.build().map(Some).map_err(|_| "regexCheck is no pattern".to_owned())
}
