//! What changed between two states of a ledger, line by line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::lines::{Line, Lines};

/// A line that came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What tells the line from the others.
    pub key: String,
    /// Its row.
    pub row: u32,
}

/// A cell that changed. The contents are left out for the confidential list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedCell {
    /// Header.
    pub column: String,
    /// Content before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// Content after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
}

/// A line that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What tells the line from the others.
    pub key: String,
    /// Its row after the change.
    pub row: u32,
    /// Its cells that changed.
    pub cells: Vec<ChangedCell>,
}

/// What changed in a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Diff {
    /// Name of the ledger.
    pub ledger: String,
    /// Lines that came.
    pub added: Vec<Entry>,
    /// Lines that went.
    pub removed: Vec<Entry>,
    /// Lines that changed.
    pub changed: Vec<Change>,
}

impl Diff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// Every line that came, went or changed with all that can be told of it: a cell of a line that came has nothing before, of one
    /// that went nothing after.
    pub fn in_full(&self, before: &Lines, after: &Lines) -> Vec<Change> {
        let (old, new) = (by_key(before), by_key(after));
        let came = |entry: &Entry| Some(told(entry, cells(after, new.get(&entry.key)?, |text| (None, Some(text)))));
        let went = |entry: &Entry| Some(told(entry, cells(before, old.get(&entry.key)?, |text| (Some(text), None))));
        let removed = self.removed.iter().filter_map(went);
        self.added.iter().filter_map(came).chain(self.changed.iter().cloned()).chain(removed).collect()
    }

    /// The counts in Chinese.
    pub fn summary_zh(&self) -> String {
        format!("新增{}、修改{}、删除{}", self.added.len(), self.changed.len(), self.removed.len())
    }

    /// The counts in English.
    pub fn summary_en(&self) -> String {
        format!("{} added, {} changed, {} removed", self.added.len(), self.changed.len(), self.removed.len())
    }
}

/// Compares two states of the same ledger by the key of the lines. A change of order is no change.
pub fn diff(before: &Lines, after: &Lines) -> Diff {
    let (old, new) = (by_key(before), by_key(after));
    let entry = |(key, line): (&String, &&Line)| Entry { key: key.clone(), row: line.row };
    let changes = new.iter().filter_map(|(key, line)| change(key, (before, old.get(key)?), (after, line)));
    let mut diff = Diff {
        ledger: after.ledger.name.to_owned(),
        added: new.iter().filter(|(key, _)| !old.contains_key(*key)).map(entry).collect(),
        removed: old.iter().filter(|(key, _)| !new.contains_key(*key)).map(entry).collect(),
        changed: changes.collect(),
    };
    diff.added.sort_by_key(|entry| entry.row);
    diff.removed.sort_by_key(|entry| entry.row);
    diff.changed.sort_by_key(|change| change.row);
    diff
}

fn told(entry: &Entry, cells: Vec<ChangedCell>) -> Change {
    Change { key: entry.key.clone(), row: entry.row, cells }
}

/// The filled cells of a line that came or went; without their contents for the confidential list.
fn cells(lines: &Lines, line: &Line, side: fn(String) -> (Option<String>, Option<String>)) -> Vec<ChangedCell> {
    let filled = named_cells(lines, line).into_iter().filter(|(_, text)| !text.is_empty());
    let cell = |(header, text): (&str, &str)| {
        let (before, after) = if lines.ledger.is_confidential { (None, None) } else { side(text.to_owned()) };
        ChangedCell { column: header.to_owned(), before, after }
    };
    filled.map(cell).collect()
}

/// Lines by key; repeated keys are told apart by a count.
fn by_key(lines: &Lines) -> BTreeMap<String, &Line> {
    let mut all = BTreeMap::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for line in &lines.rows {
        let key = lines.key(line);
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        all.insert(if *count == 1 { key } else { format!("{key} ({count})") }, line);
    }
    all
}

fn change(key: &str, (before, old): (&Lines, &Line), (after, new): (&Lines, &Line)) -> Option<Change> {
    let (old, mut new_cells) = (named_cells(before, old), named_cells(after, new));
    for (header, _) in &old {
        if !new_cells.iter().any(|(known, _)| known == header) {
            new_cells.push((*header, ""));
        }
    }
    let cells: Vec<ChangedCell> = new_cells
        .into_iter()
        .filter_map(|(header, now)| changed_cell(after.ledger.is_confidential, header, content(&old, header), now))
        .collect();
    (!cells.is_empty()).then(|| Change { key: key.to_owned(), row: new.row, cells })
}

fn changed_cell(is_confidential: bool, header: &str, before: &str, after: &str) -> Option<ChangedCell> {
    let shown = |text: &str| (!is_confidential).then(|| text.to_owned());
    (before != after).then(|| ChangedCell { column: header.to_owned(), before: shown(before), after: shown(after) })
}

fn named_cells<'a>(lines: &'a Lines, line: &'a Line) -> Vec<(&'a str, &'a str)> {
    let headers = lines.ledger.columns.iter().map(|column| column.zh).chain(lines.extra.iter().map(String::as_str));
    headers.zip(line.cells.iter().chain(&line.extra).map(String::as_str)).collect()
}

fn content<'a>(cells: &[(&str, &'a str)], header: &str) -> &'a str {
    cells.iter().find(|(known, _)| *known == header).map_or("", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::ledger::definition::Ledger;
    use crate::ledger::lines::{Lines, read};
    use crate::ledger::table::Limits;

    fn lines(ledger: &str, text: &str) -> Lines {
        read(Ledger::named(ledger).unwrap(), "x.csv", text.as_bytes(), &Limits::default()).0
    }

    const BEFORE: &str = "编号,名称,词语,批注\nP901,甲,一,x\nP902,乙,二,\nP903,丙,三,\n";
    const AFTER: &str = "编号,名称,词语\nP903,丙,三、四\nP901,甲,一\nP904,丁,五\n";

    #[test]
    fn lines_are_compared_by_number_and_cells_by_header() {
        let (before, after) = (lines("protected_topics", BEFORE), lines("protected_topics", AFTER));
        let diff = diff(&before, &after);
        assert_eq!(diff.summary_zh(), "新增1、修改2、删除1");
        assert_eq!((diff.added[0].key.as_str(), diff.removed[0].key.as_str()), ("P904", "P902"));
        let cell = &diff.changed[0].cells[0];
        assert_eq!(
            (cell.column.as_str(), cell.before.as_deref(), cell.after.as_deref()),
            ("词语", Some("三"), Some("三、四"))
        );
        assert_eq!(diff.changed[1].cells[0].column, "批注", "an unknown column that went is a change too");
    }

    #[test]
    fn a_change_of_order_is_no_change() {
        let (before, after) = (lines("protected_topics", BEFORE), lines("protected_topics", BEFORE));
        assert!(diff(&before, &after).is_empty());
    }

    #[test]
    fn a_change_of_the_confidential_list_is_told_without_its_content() {
        let text = |word: &str| format!("编号,词条,类别\nW1,{word},保密\n");
        let (before, after) =
            (lines("confidential_terms", &text("甲计划")), lines("confidential_terms", &text("乙计划")));
        let json = serde_json::to_string(&diff(&before, &after)).unwrap();
        assert!(json.contains("词条") && !json.contains("计划"), "{json}");
    }
}
