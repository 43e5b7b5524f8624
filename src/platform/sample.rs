//! Saved pages as evidence that a platform file reads what it says.

use crate::model::time::Timestamp;
use crate::platform::definition::{Sample, Values, entry_name};
use crate::platform::{Definition, Extraction, Page, extract};
use url::Url;

/// Stands for `{base}` where a sample names no address.
pub const SAMPLE_BASE: &str = "https://sample.example";

/// Reads a saved page by its sample and lists what differs from the expectations; nothing when all hold.
pub fn check_sample(definition: &Definition, sample: &Sample, text: &str) -> Vec<String> {
    let found = read_sample(definition, sample, text);
    let mut differences = Vec::new();
    let mut expect = |what: &str, expected: Option<usize>, is: usize| {
        if expected.is_some_and(|expected| expected != is) {
            differences.push(format!("{}: {is} {what}, expected {}", sample.page, expected.unwrap_or_default()));
        }
    };
    expect("accounts", sample.accounts, found.accounts.len());
    expect("posts", sample.posts, found.posts.len());
    expect("links to follow", sample.follow, found.follow.len());
    let verdict = serde_json::to_value(&found.verdict).unwrap_or_default();
    if verdict["verdict"] != sample.verdict.as_str() {
        differences.push(format!("{}: verdict {verdict}, expected {}", sample.page, sample.verdict));
    }
    let values = all_texts(&found);
    let missing = sample.contains.iter().filter(|text| !values.iter().any(|value| value.contains(text.as_str())));
    differences.extend(missing.map(|text| format!("{}: no value holds 「{text}」", sample.page)));
    differences
}

/// Reads a saved page by its sample.
pub fn read_sample(definition: &Definition, sample: &Sample, text: &str) -> Extraction {
    let url = sample.url.clone().unwrap_or_else(|| sample_address(definition, sample));
    let page = Page {
        url: &url,
        entry: sample.entry,
        status: sample.status,
        content_type: "",
        text,
        // 2026-11-20 18:00 in Shanghai: an instant for samples that name none.
        fetched_at: sample.fetched_at.unwrap_or(Timestamp::from_ms(1_795_168_800_000)),
        zone: chrono_tz::Asia::Shanghai,
        base: SAMPLE_BASE,
    };
    extract(definition, &page)
}

fn sample_address(definition: &Definition, sample: &Sample) -> Url {
    let further = definition.placeholders(sample.entry).into_iter().map(|name| (name.to_owned(), "sample".to_owned()));
    let values = Values {
        base: SAMPLE_BASE.to_owned(),
        term: Some("样例".to_owned()),
        handle: Some("sample".to_owned()),
        id: Some("1".to_owned()),
        page: 0,
        further: further.collect(),
    };
    let fallback = || format!("{SAMPLE_BASE}/{}", entry_name(sample.entry)).parse().expect("a fixed address");
    definition.url(sample.entry, &values).unwrap_or_else(|_| fallback())
}

/// Every value of an extraction, as text.
pub(in crate::platform) fn all_texts(extraction: &Extraction) -> Vec<String> {
    let mut texts = Vec::new();
    let mut waiting = vec![serde_json::to_value(extraction).unwrap_or_default()];
    while let Some(value) = waiting.pop() {
        match value {
            serde_json::Value::Array(values) => waiting.extend(values),
            serde_json::Value::Object(fields) => waiting.extend(fields.into_iter().map(|(_, value)| value)),
            serde_json::Value::String(text) => texts.push(text),
            other => texts.push(other.to_string()),
        }
    }
    texts
}
