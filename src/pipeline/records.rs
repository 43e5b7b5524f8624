//! Records from files: JSON lines, an array, or a table (CSV, XLSX). One bad record never stops the rest.

mod table;

pub use crate::pipeline::records::table::template;

use chrono_tz::Tz;
use serde_json::Value;

use crate::model::record::Record;

/// Largest file of records, in bytes.
pub const RECORDS_BYTES_MAX: usize = 512 << 20;
/// Longest text of one field, in bytes; longer ones are refused as a whole record.
const RECORD_BYTES_MAX: usize = 1 << 20;

/// What is wrong with a file of records. Never holds a record's text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordProblem {
    /// A record that cannot be used.
    #[error("{file} {unit} {number}: {message}")]
    Record {
        /// File.
        file: String,
        /// What is counted: record or row.
        unit: &'static str,
        /// Line of JSON lines, place in the array, or row of the table as a spreadsheet program shows it, from 1.
        number: usize,
        /// What is wrong.
        message: String,
    },
    /// A file that cannot be used.
    #[error("{file} {message}")]
    File {
        /// File.
        file: String,
        /// What is wrong.
        message: String,
    },
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct FileRecords {
    /// Records that can be used.
    pub records: Vec<Record>,
    /// What cannot be used.
    pub problems: Vec<RecordProblem>,
    /// Headers of columns that are not read.
    pub unread: Vec<String>,
}

type Numbered = Vec<(usize, Result<Record, String>)>;

/// Reads records, in whichever form the bytes have. Empty lines are passed over. Times of a table without an offset are
/// meant by the clocks of `zone`.
pub fn read(file: &str, bytes: &[u8], zone: Tz) -> FileRecords {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.next() else { return FileRecords::default() };
    // The first line may be the broken one.
    let is_json = std::iter::once(first).chain(lines.next()).any(|line| matches!(line.first(), Some(b'{' | b'[')));
    if !is_json {
        return of_table(file, bytes, zone);
    }
    let text = String::from_utf8_lossy(bytes);
    let parsed = if first.starts_with(b"[") { of_array(&text) } else { of_lines(&text) };
    FileRecords::of(file, "record", parsed)
}

impl FileRecords {
    fn of(file: &str, unit: &'static str, parsed: Numbered) -> Self {
        let mut found = Self::default();
        for (number, result) in parsed {
            match result {
                Ok(record) => found.records.push(record),
                Err(message) => {
                    found.problems.push(RecordProblem::Record { file: file.to_owned(), unit, number, message })
                }
            }
        }
        found
    }
}

fn of_table(file: &str, bytes: &[u8], zone: Tz) -> FileRecords {
    match table::parse(file, bytes, zone) {
        Ok(rows) => {
            let records = rows.records.into_iter().map(|(row, value)| (row, value.and_then(of_value)));
            FileRecords { unread: rows.unread, ..FileRecords::of(file, "row", records.collect()) }
        }
        Err(message) => {
            // The reader of tables names the file itself.
            let message = message.trim_start_matches(file).trim_start().to_owned();
            let problems = vec![RecordProblem::File { file: file.to_owned(), message }];
            FileRecords { problems, ..FileRecords::default() }
        }
    }
}

fn of_lines(text: &str) -> Numbered {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(i, line)| (i + 1, of_line(line))).collect()
}

fn of_array(text: &str) -> Numbered {
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
    use encoding_rs::GBK;

    use super::FileRecords;

    fn read(file: &str, bytes: &[u8]) -> FileRecords {
        super::read(file, bytes, chrono_tz::Asia::Shanghai)
    }

    const GOOD: &str = r#"{"kind":"account","platform":"luntan","handle":"a","avatar":{"phash64":null}}"#;

    fn told(found: &FileRecords) -> Vec<String> {
        found.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_bad_line_is_named_and_the_rest_is_read() {
        let found = read("r.jsonl", format!("{GOOD}\n{{\"kind\":\"pos\n\n{GOOD}").as_bytes());
        assert_eq!(found.records.len(), 2);
        assert!(told(&found)[0].starts_with("r.jsonl record 2: the JSON ends too early"), "{found:?}");
    }

    #[test]
    fn a_broken_first_line_or_byte_costs_only_itself() {
        let found = read("r.jsonl", [b"\xff{broken\n".as_slice(), GOOD.as_bytes()].concat().as_slice());
        assert_eq!((found.records.len(), found.problems.len()), (1, 1));
        let (before, after) = GOOD.split_at(GOOD.find("luntan").unwrap());
        let odd = [GOOD.as_bytes(), b"\n", before.as_bytes(), b"\xff", after.as_bytes()].concat();
        assert_eq!(read("r.jsonl", &odd).records.len(), 2);
    }

    #[test]
    fn an_array_is_read_like_lines() {
        let found = read("r.json", format!("[{GOOD},{{\"kind\":\"person\"}}]").as_bytes());
        assert_eq!(found.records.len(), 1);
        assert!(told(&found)[0].starts_with("r.json record 2: "), "{found:?}");
    }

    #[test]
    fn a_mistake_does_not_repeat_the_record() {
        let found = read("r.jsonl", r#"{"kind":"post","text":"秘密","published":"gestern"}"#.as_bytes());
        assert!(!told(&found)[0].contains("秘密"));
    }

    #[test]
    fn a_table_gives_the_same_records_as_lines_in_whatever_encoding() {
        let table = "平台,账号ID\nluntan,a\nluntan,李\n";
        let lines = format!("{GOOD}\n{}", GOOD.replace("\"a\"", "\"李\""));
        let expected = read("r.jsonl", lines.as_bytes()).records;
        for bytes in [table.as_bytes().to_vec(), GBK.encode(table).0.into_owned()] {
            let found = read("r.csv", &bytes);
            assert_eq!((found.records, found.problems), (expected.clone(), Vec::new()));
        }
    }

    #[test]
    fn a_file_that_holds_nothing_known_is_refused_and_an_empty_one_holds_nothing() {
        let found = read("r.txt", "你好，世界\n".as_bytes());
        assert!(told(&found)[0].starts_with("r.txt is neither JSON lines nor a table of records"), "{found:?}");
        assert!(read("r.jsonl", b" \n").problems.is_empty());
        assert!(told(&read("r.xlsx", b"PK\x03\x04broken"))[0].contains("XLSX"));
    }
}
