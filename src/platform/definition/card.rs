//! What a platform file says of the platform as a whole: how it may be reached, what to read before, how it is probed.

use std::collections::BTreeMap;

use url::Url;

use crate::model::source::EntryKind;
use crate::platform::canary::Canary;
use crate::platform::definition::read::{ENTRY_NAMES, address};
use crate::platform::definition::reader::{Item, Section};
use crate::platform::definition::{Class, Entry};

const CLASSES: [(&str, Class); 3] = [("A", Class::A), ("B", Class::B), ("C", Class::C)];

/// How well the platform can be reached; operators' own files say nothing and are visited like the built-in ones.
pub(super) fn class(file: &Section<'_>) -> Class {
    file.choice("class", &CLASSES).unwrap_or_default()
}

/// A text for people, on its own.
pub(super) fn words(file: &Section<'_>, key: &str) -> String {
    let Some(item) = file.item(key) else { return String::new() };
    let text = item.text().map(str::trim);
    if text.is_some_and(str::is_empty) {
        item.complain("is empty; leave the key out, or say something");
    }
    text.unwrap_or_default().to_owned()
}

/// How else to get at a platform that is not visited.
pub(super) fn instead(file: &Section<'_>, class: Class) -> String {
    if class == Class::C && !file.has("instead") {
        file.complain("instead", "is missing: class C must say how else to get at the platform");
    }
    words(file, "instead")
}

/// The address that sources of a platform with one site have.
pub(super) fn base(file: &Section<'_>) -> Option<Url> {
    let item = file.item("base")?;
    let url = address(&item)?;
    if item.value.as_str().is_some_and(|text| text.trim().ends_with('/')) {
        item.complain("ends in `/`, which {base} does not have");
    }
    Some(url)
}

/// A platform of class C is not visited, so that there is nothing to read, to probe or to show.
pub(super) fn refuse_visits(file: &Section<'_>) {
    for key in ["entry", "canary", "sample", "verdict"].into_iter().filter_map(|key| file.item(key)) {
        key.complain("is not for class C, which is never visited; say in `instead` how else to get at it");
    }
}

/// Reads the query with a known answer.
pub(super) fn canary(file: &Section<'_>, entries: &BTreeMap<EntryKind, Entry>) -> Option<Canary> {
    let section = file.section("canary")?;
    let entry = section.required_text("entry").and_then(|_| section.choice("entry", &ENTRY_NAMES));
    let canary = Canary {
        entry: entry.unwrap_or(EntryKind::Listing),
        term: value(&section, "term"),
        handle: value(&section, "handle"),
        id: value(&section, "id"),
        url: section.item("url").and_then(|item| address(&item)),
        further: further(&section),
        found: section.boolean("found").unwrap_or(true),
        contains: section.texts("contains").iter().filter_map(Item::filled_text).collect(),
    };
    if entry.is_some() {
        check_entry(&section, &canary, entries);
    }
    if !canary.found && !canary.contains.is_empty() {
        section.complain("contains", "cannot be where `found` is false");
    }
    section.refuse_unread();
    entry.map(|_| canary)
}

fn value(section: &Section<'_>, key: &str) -> Option<String> {
    section.item(key)?.filled_text()
}

fn further(section: &Section<'_>) -> BTreeMap<String, String> {
    let Some(table) = section.section("values") else { return BTreeMap::new() };
    let read = |key: String| table.item(&key)?.filled_text().map(|text| (key.clone(), text));
    table.keys().into_iter().filter_map(read).collect()
}

fn check_entry(section: &Section<'_>, canary: &Canary, entries: &BTreeMap<EntryKind, Entry>) {
    let Some(item) = section.item("entry") else { return };
    let Some(entry) = entries.get(&canary.entry) else {
        return item.complain("names an entry that this file does not describe");
    };
    if canary.url.is_some() {
        return check_nothing_beside_an_address(section);
    }
    let Some(url) = &entry.url else {
        return section
            .complain("url", "is missing: this entry is only reached by links, so the address must be given");
    };
    let asks_for = |name: &str| url.asks_for(name);
    for name in ["term", "handle", "id"] {
        match section.item(name) {
            None if asks_for(name) => {
                section.complain(name, format!("is missing, the entry's address asks for {{{name}}}"));
            }
            Some(given) if !asks_for(name) => {
                given.complain(format!("is not asked for: the address has no {{{name}}}"))
            }
            _ => {}
        }
    }
    for (name, given) in section.section("values").iter().flat_map(Section::items).filter(|(name, _)| !asks_for(name)) {
        given.complain(format!("is not asked for: the address has no {{{name}}}"));
    }
}

fn check_nothing_beside_an_address(section: &Section<'_>) {
    for given in ["term", "handle", "id", "values"].into_iter().filter_map(|name| section.item(name)) {
        given.complain("cannot stand beside `url`, which is the whole address");
    }
}

#[cfg(test)]
mod tests;
