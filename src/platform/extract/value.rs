//! One value of a row: found, cut, mapped, put into a template.

use chrono_tz::Tz;
use url::Url;

use crate::model::time::Timestamp;
use crate::platform::address::canonical;
use crate::platform::date;
use crate::platform::definition::field::{Field, From};
use crate::platform::definition::template::percent_encode;
use crate::platform::extract::document::{Document, Found, Row};
use crate::platform::plain;

/// Most texts looked at for one value.
const TEXTS_MAX: usize = 500;
/// Most characters of one value.
const CHARS_MAX: usize = 200_000;

/// What the values of one page have in common.
pub(super) struct Place<'p> {
    pub(super) document: &'p Document,
    /// Address of the page.
    pub(super) page: &'p Url,
    /// Against which relative links are read.
    pub(super) url: Url,
    /// `{base}` of the source.
    pub(super) base: &'p str,
    pub(super) fetched_at: Timestamp,
    pub(super) zone: Tz,
}

impl Place<'_> {
    /// The value of a field with its line breaks; none when nothing is there.
    pub(super) fn text(&self, field: Option<&Field>, row: Row<'_>, handle: &str) -> Option<String> {
        let field = field?;
        let found = match field.from {
            From::Row => first(field, row),
            From::Page => first(field, self.document.whole()),
            From::Address => finished(field, std::iter::once(Found::untidy(self.page.to_string()))),
        };
        let made = match &field.template {
            Some(_) if found.is_none() && !field.alternatives.is_empty() => None,
            Some(_) => self.by_template(field, row, found.as_deref(), handle),
            None => found,
        };
        made.or_else(|| field.constant.clone())
    }

    /// As [`Self::text`], on one line; empty when nothing is there.
    pub(super) fn line(&self, field: Option<&Field>, row: Row<'_>, handle: &str) -> String {
        self.text(field, row, handle).map(|text| plain::one_line(&text)).unwrap_or_default()
    }

    /// Every value at a place, for links.
    pub(super) fn all(&self, field: &Field, row: Row<'_>, max: usize) -> Vec<String> {
        let texts = field.alternatives.iter().flat_map(|select| row.texts(select).take(max));
        let finished = texts.filter_map(|found| finished(field, std::iter::once(found)));
        let made = finished.filter_map(|text| match &field.template {
            Some(_) => self.by_template(field, row, Some(&text), ""),
            None => Some(text),
        });
        made.take(max).collect()
    }

    /// An address, absolute; none when it is not one of the web.
    pub(super) fn address(&self, text: &str) -> Option<Url> {
        let url = self.url.join(text.trim()).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| canonical(url))
    }

    /// The value of a field as an address; none when it is not given or not one of the web.
    pub(super) fn link(&self, field: Option<&Field>, row: Row<'_>, handle: &str) -> Option<Url> {
        let link = self.line(field, row, handle);
        if link.is_empty() { None } else { self.address(&link) }
    }

    /// The value of a field as an instant.
    pub(super) fn instant(&self, field: Option<&Field>, row: Row<'_>) -> Option<Timestamp> {
        let text = self.text(field, row, "")?;
        date::parse(&text, &field?.date, self.fetched_at, self.zone)
    }

    fn by_template(&self, field: &Field, row: Row<'_>, value: Option<&str>, handle: &str) -> Option<String> {
        let lookup = |name: &str| {
            match name {
                "value" => value.map(str::to_owned),
                "handle" => Some(handle.to_owned()),
                "base" => Some(self.base.trim_end_matches('/').to_owned()),
                further => Some(self.line(field.with.get(further), row, handle)),
            }
            .filter(|text| !text.is_empty())
        };
        field.template.as_ref()?.fill(lookup, |text| percent_encode(text.as_bytes())).ok()
    }
}

fn first(field: &Field, row: Row<'_>) -> Option<String> {
    field.alternatives.iter().find_map(|select| finished(field, row.texts(select).take(TEXTS_MAX)))
}

/// The texts of one alternative, joined or the first, cut and mapped.
fn finished(field: &Field, texts: impl Iterator<Item = Found>) -> Option<String> {
    let mut tidy = texts.map(|found| tidy(field, found)).filter(|text| !text.is_empty());
    let text = match &field.join {
        Some(between) => tidy.collect::<Vec<_>>().join(between),
        None => tidy.next()?,
    };
    let text = match &field.regex {
        Some(regex) => {
            let found = regex.captures(&text)?;
            found.get(1).or_else(|| found.get(0)).map_or("", |capture| capture.as_str()).trim().to_owned()
        }
        None => text,
    };
    let text = field.map.get(&text).cloned().unwrap_or(text);
    (!text.is_empty()).then_some(text)
}

fn tidy(field: &Field, found: Found) -> String {
    let text = cut(&found.text);
    match (field.decode_html, found.is_tidy && text.len() == found.text.len()) {
        (true, _) => plain::from_html(text),
        (false, true) => found.text,
        (false, false) => plain::lines(text),
    }
}

fn cut(text: &str) -> &str {
    if text.len() <= CHARS_MAX {
        return text;
    }
    text.char_indices().nth(CHARS_MAX).map_or(text, |(at, _)| &text[..at])
}
