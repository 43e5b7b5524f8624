//! An empty ledger to begin with: headers, an example and what is allowed, the latter two as rows that are not read.

use crate::ledger::definition::{Column, Ledger, Shape};
use crate::ledger::table;

// The protected topics are no example: an installation without them must not start.
const PROTECTED_TOPICS: &str = include_str!("../../watchlists/protected_topics.csv");

/// The CSV file of a new, empty ledger. The protected topics come filled.
pub fn template(ledger: &Ledger) -> Vec<u8> {
    if ledger.name == "protected_topics" {
        return table::encode(PROTECTED_TOPICS.trim_start_matches('\u{feff}'));
    }
    let headers = record(ledger, "", |column| column.zh.to_owned());
    let example = record(ledger, "# 示例 ", |column| column.example.to_owned());
    let allowed = record(ledger, "# 填写 ", allowed);
    table::encode(&[headers, example, allowed].concat())
}

fn record(ledger: &Ledger, first: &str, cell: impl Fn(&Column) -> String) -> String {
    let cells = ledger.columns.iter().enumerate().map(|(at, column)| {
        let text = if at == 0 { format!("{first}{}", cell(column)) } else { table::guarded(&cell(column)) };
        quoted(&text)
    });
    cells.collect::<Vec<_>>().join(",") + "\r\n"
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// What the editor should know about a column, in one cell.
pub(crate) fn allowed(column: &Column) -> String {
    let values = match column.offered() {
        values if values.is_empty() => usual_form(column.shape).to_owned(),
        values if matches!(column.shape, Shape::Usual(_)) => format!("常用：{}", values.join("、")),
        values if matches!(column.shape, Shape::Choices(_)) => format!("可多选：{}", values.join("、")),
        values => format!("可选：{}", values.join("、")),
    };
    let need = if column.required { "必填" } else { "" };
    let parts = [need, values.as_str(), column.hint];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("；")
}

fn usual_form(shape: Shape) -> &'static str {
    match shape {
        Shape::List | Shape::Codes => "多个用、分隔",
        Shape::Date => "日期，如 2026-09-01",
        Shape::Instant => "时间，如 2026-11-12T09:30:00+08:00",
        Shape::Time => "时间，如 09:00",
        Shape::Whole => "整数",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::template;
    use crate::ledger::definition::ALL;
    use crate::ledger::lines;
    use crate::ledger::read_all;
    use crate::ledger::table::Limits;

    #[test]
    fn a_template_has_every_column_and_no_line() {
        for ledger in ALL.into_iter().filter(|ledger| ledger.name != "protected_topics") {
            let (lines, problems) = lines::read(ledger, &ledger.file_name(), &template(ledger), &Limits::default());
            assert_eq!((problems, lines.rows.len(), lines.extra.len()), (vec![], 0, 0), "{}", ledger.name);
        }
    }

    #[test]
    fn the_example_lines_are_valid_once_the_remark_sign_is_deleted() {
        let uncommented = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("# 示例 ", "").into_bytes();
        let files: BTreeMap<_, _> =
            ALL.iter().map(|ledger| (ledger.file_name(), uncommented(template(ledger)))).collect();
        let (ledgers, problems) = read_all(&files);
        let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!((ledgers.companies.len(), ledgers.employees.len(), ledgers.terms.len()), (1, 1, 1));
        assert!(ledgers.protected_topics.len() > 5, "the protected topics come filled");
    }
}
