//! Compares outcomes with expected ones: outcome, lane, notify, severity, candidate numbers and bands are equal;
//! expected rules and terms are there, and further rules only where one fact may be read under two words of a clause.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const NEUTRAL: [&str; 7] = ["R-NAME", "R-BRAND", "R-TITLE", "R-VERIF", "R-CULTURE", "R-COI", "R-SILENT"];
/// Outcomes of which nothing is stored: to be absent is right.
const ABSENT_IS_RIGHT: [&str; 6] = ["ignore", "published", "consumer", "minor", "protected", "not_fetched"];

/// Reads JSON lines.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines().filter(|l| l.trim_start().starts_with('{')).map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// What differs, one sentence a subject. `found` is keyed by the subject's identifier in the records.
pub(crate) fn differences(expected: &[Value], found: &BTreeMap<String, Value>) -> Vec<String> {
    let ids: BTreeSet<&str> = expected.iter().map(id).collect();
    let unasked = found
        .iter()
        .filter(|(i, o)| !ids.contains(i.as_str()) && asks(o))
        .map(|(i, _)| format!("{i} must stay silent"));
    expected.iter().filter_map(|e| difference(e, found.get(id(e)))).chain(unasked).collect()
}

fn id(outcome: &Value) -> &str {
    outcome["id"].as_str().unwrap()
}

fn asks(outcome: &Value) -> bool {
    matches!(outcome["outcome"].as_str(), Some("alert" | "review"))
}

fn difference(expected: &Value, found: Option<&Value>) -> Option<String> {
    let Some(found) = found else {
        let is_right = ABSENT_IS_RIGHT.contains(&expected["outcome"].as_str().unwrap());
        return (!is_right).then(|| format!("{}: absent", id(expected)));
    };
    let plain = ["outcome", "lane", "notify", "severity"].into_iter().find(|key| expected[*key] != found[*key]);
    let wrong = plain.map(str::to_owned).or_else(|| {
        let holds = |key: &str| words(expected, key).is_subset(&words(found, key));
        let further: Vec<String> = words(found, "rules").difference(&words(expected, "rules")).cloned().collect();
        let is_neutral = further.iter().all(|rule| NEUTRAL.contains(&rule.as_str()));
        if !holds("rules") || !is_neutral {
            Some("rules".to_owned())
        } else if !holds("terms") {
            Some("terms".to_owned())
        } else {
            (bands(expected) != bands(found)).then(|| "candidates".to_owned())
        }
    });
    wrong.map(|key| format!("{}: {key}: expected {} found {}", id(expected), expected[&key], found[&key]))
}

fn words(outcome: &Value, key: &str) -> BTreeSet<String> {
    outcome[key].as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn bands(outcome: &Value) -> BTreeSet<(String, String)> {
    let candidates = outcome["candidates"].as_array().into_iter().flatten();
    candidates
        .map(|c| (c["employee_id"].as_str().unwrap().to_owned(), c["band"].as_str().unwrap().to_owned()))
        .collect()
}
