//! Records from files: JSON lines or an array. One bad record never stops the rest.

use serde_json::Value;

use crate::model::record::Record;

/// Largest file of records, in bytes.
pub const RECORDS_BYTES_MAX: usize = 512 << 20;
/// Longest text of one field, in bytes; longer ones are refused as a whole record.
const RECORD_BYTES_MAX: usize = 1 << 20;

/// A record that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file} record {number}: {message}")]
pub struct RecordProblem {
    /// File.
    pub file: String,
    /// Line of JSON lines, or place in the array, from 1.
    pub number: usize,
    /// What is wrong; never holds the record's text.
    pub message: String,
}

/// Reads records. Empty lines are passed over.
pub fn parse(file: &str, text: &str) -> (Vec<Record>, Vec<RecordProblem>) {
    let text = text.trim_start_matches('\u{feff}');
    let parsed: Vec<(usize, Result<Record, String>)> = if text.trim_start().starts_with('[') {
        of_array(text)
    } else {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(i, line)| (i + 1, of_line(line))).collect()
    };
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for (number, result) in parsed {
        match result {
            Ok(record) => records.push(record),
            Err(message) => problems.push(RecordProblem { file: file.to_owned(), number, message }),
        }
    }
    (records, problems)
}

fn of_array(text: &str) -> Vec<(usize, Result<Record, String>)> {
    match serde_json::from_str::<Vec<Value>>(text) {
        Ok(values) => values.into_iter().enumerate().map(|(i, v)| (i + 1, of_value(v))).collect(),
        Err(error) => vec![(1, Err(place_of(&error)))],
    }
}

fn of_line(line: &str) -> Result<Record, String> {
    if line.len() > RECORD_BYTES_MAX {
        return Err(format!("longer than {RECORD_BYTES_MAX} bytes"));
    }
    serde_json::from_str::<Value>(line).map_err(|e| place_of(&e)).and_then(of_value)
}

fn of_value(value: Value) -> Result<Record, String> {
    match value.get("kind").and_then(Value::as_str) {
        Some("account" | "post") => serde_json::from_value(without_nulls(value)).map_err(|e| place_of(&e)),
        Some(_) => Err("「kind」 is neither account nor post".to_owned()),
        None => Err("「kind」 is missing: write account or post".to_owned()),
    }
}

/// A field that is null is a field that is not there.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
        }
        other => other,
    }
}

/// What kind of mistake and where, without the text around it.
fn place_of(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => "the JSON ends too early",
        serde_json::error::Category::Syntax => "this is not JSON",
        _ => "a field is not of its form (text, number or RFC 3339 time)",
    };
    if error.column() > 0 { format!("{kind}, at column {}", error.column()) } else { kind.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::parse;

    const GOOD: &str = r#"{"kind":"account","platform":"luntan","handle":"a","avatar":{"phash64":null}}"#;

    #[test]
    fn a_bad_line_is_named_and_the_rest_is_read() {
        let (records, problems) = parse("r.jsonl", &format!("{GOOD}\n{{\"kind\":\"pos\n\n{GOOD}"));
        assert_eq!(records.len(), 2);
        assert!(problems[0].to_string().starts_with("r.jsonl record 2: the JSON ends too early"), "{}", problems[0]);
    }

    #[test]
    fn an_array_is_read_like_lines() {
        let (records, problems) = parse("r.json", &format!("[{GOOD},{{\"kind\":\"person\"}}]"));
        assert_eq!((records.len(), problems.len()), (1, 1));
        assert_eq!(problems[0].number, 2);
    }

    #[test]
    fn a_mistake_does_not_repeat_the_record() {
        let (_, problems) = parse("r.jsonl", r#"{"kind":"post","text":"秘密","published":"gestern"}"#);
        assert!(!problems[0].to_string().contains("秘密"));
    }
}
