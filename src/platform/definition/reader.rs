//! Walks a TOML document and remembers where each value stands, so that every complaint names a line and a key.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use crate::platform::definition::DefinitionProblem;

/// Collects complaints about one file.
pub(super) struct Complaints<'a> {
    source: &'a str,
    list: RefCell<Vec<DefinitionProblem>>,
}

impl<'a> Complaints<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, list: RefCell::default() }
    }

    pub(super) fn add(&self, offset: usize, key: &str, message: impl Into<String>) {
        let line = line_of(self.source, offset);
        self.list.borrow_mut().push(DefinitionProblem { line, key: key.to_owned(), message: message.into() });
    }

    pub(super) fn into_list(self) -> Vec<DefinitionProblem> {
        let mut list = self.list.into_inner();
        list.sort_by_key(|problem| problem.line);
        list
    }
}

/// The line, counted from 1, on which a byte stands.
pub(super) fn line_of(source: &str, offset: usize) -> usize {
    source.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// A value with its place.
#[derive(Clone)]
pub(super) struct Item<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) offset: usize,
    pub(super) key: String,
    complaints: &'a Complaints<'a>,
}

impl<'a> Item<'a> {
    pub(super) fn complain(&self, message: impl Into<String>) {
        self.complaints.add(self.offset, &self.key, message);
    }

    fn expected(&self, what: &str) {
        self.complain(format!("is {}, expected {what}", article(self.value.type_str())));
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.expected("a string");
        }
        text
    }

    /// The text without the space around it; an empty one is complained about.
    pub(super) fn filled_text(&self) -> Option<String> {
        let text = self.text()?.trim();
        if text.is_empty() {
            self.complain("is empty");
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(super) fn texts(&self) -> Vec<Item<'a>> {
        match self.value {
            DeValue::String(_) => vec![self.clone()],
            DeValue::Array(_) => self.elements(),
            _ => {
                self.expected("a string or a list of strings");
                Vec::new()
            }
        }
    }

    pub(super) fn elements(&self) -> Vec<Item<'a>> {
        let Some(array) = self.value.as_array() else {
            self.expected("a list");
            return Vec::new();
        };
        array.iter().map(|element| self.child(element.get_ref(), element.span().start)).collect()
    }

    fn child(&self, value: &'a DeValue<'a>, offset: usize) -> Item<'a> {
        Item { value, offset, key: self.key.clone(), complaints: self.complaints }
    }

    pub(super) fn integer(&self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number =
            self.value.as_integer().and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok());
        match number {
            Some(number) if range.contains(&number) => Some(number),
            _ => {
                self.expected(&format!("a whole number from {} to {}", range.start(), range.end()));
                None
            }
        }
    }

    pub(super) fn section(&self) -> Option<Section<'a>> {
        let Some(table) = self.value.as_table() else {
            self.expected("a table");
            return None;
        };
        Some(Section::new(self.complaints, self.key.clone(), table, self.offset))
    }
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// A table that knows which of its keys have been read.
pub(super) struct Section<'a> {
    complaints: &'a Complaints<'a>,
    path: String,
    table: &'a DeTable<'a>,
    offset: usize,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Section<'a> {
    pub(super) fn new(complaints: &'a Complaints<'a>, path: String, table: &'a DeTable<'a>, offset: usize) -> Self {
        Self { complaints, path, table, offset, read: RefCell::default() }
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn complain(&self, key: &str, message: impl Into<String>) {
        self.complaints.add(self.offset, &self.path_of(key), message);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn item(&self, key: &str) -> Option<Item<'a>> {
        let (name, value) = self.table.get_key_value(key)?;
        self.read.borrow_mut().insert(key.to_owned());
        // The span of a table is its header; that of another value is the value.
        let offset = if value.get_ref().is_table() { name.span().start } else { value.span().start };
        Some(Item { value: value.get_ref(), offset, key: self.path_of(key), complaints: self.complaints })
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.item(key)?.text()
    }

    pub(super) fn required_text(&self, key: &str) -> Option<Item<'a>> {
        let Some(item) = self.item(key) else {
            self.complain(key, "is missing");
            return None;
        };
        match item.text() {
            Some(text) if text.trim().is_empty() => item.complain("is empty"),
            Some(_) => return Some(item),
            None => {}
        }
        None
    }

    pub(super) fn texts(&self, key: &str) -> Vec<Item<'a>> {
        self.item(key).map(|item| item.texts()).unwrap_or_default()
    }

    pub(super) fn integer(&self, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        self.item(key)?.integer(range)
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let item = self.item(key)?;
        let digits = match item.value {
            DeValue::Integer(integer) => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => "",
        };
        let number = digits.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            item.expected("a number that is not negative");
        }
        number
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let item = self.item(key)?;
        let boolean = item.value.as_bool();
        if boolean.is_none() {
            item.expected("true or false");
        }
        boolean
    }

    pub(super) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let item = self.item(key)?;
        let text = item.text()?;
        let found = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            item.complain(format!("is `{text}`, expected one of {}", names.join(", ")));
        }
        found
    }

    pub(super) fn section(&self, key: &str) -> Option<Section<'a>> {
        self.item(key)?.section()
    }

    pub(super) fn sections(&self, key: &str) -> Vec<Section<'a>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        item.elements().iter().filter_map(Item::section).collect()
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    pub(super) fn items(&self) -> Vec<(String, Item<'a>)> {
        self.keys().into_iter().filter_map(|key| self.item(&key).map(|item| (key, item))).collect()
    }

    /// Complains about every key that nobody asked for: a misspelt key must not be passed over in silence.
    pub(super) fn refuse_unread(&self) {
        let read = self.read.borrow();
        for (name, _) in self.table.iter().filter(|(name, _)| !read.contains(name.get_ref().as_ref())) {
            self.complaints.add(name.span().start, &self.path_of(name.get_ref()), "is not a key known here");
        }
    }
}
