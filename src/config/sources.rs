//! The file of sources: a list that may be long, read source by source.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use crate::config::{ConfigError, of_toml, text_up_to};
use crate::model::ids::SourceId;
use crate::model::source::Source;
use crate::model::source_list::SourceList;

/// Largest file of sources, bytes: some hundred thousand of them.
const BYTES_MAX: u64 = 64 << 20;
/// With what a source begins.
const HEADER: &str = "[[source]]";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    #[serde(default, rename = "source")]
    sources: Vec<toml::Value>,
}

/// Reads the sources. A broken source is a problem by its place and number; the others are used.
pub fn read_sources(file: &Path) -> Result<(SourceList, Vec<ConfigError>), ConfigError> {
    parsed(file, &text_up_to(file, BYTES_MAX)?)
}

/// Reads sources from text; `file` names it in problems.
pub fn parse_sources(file: &Path, text: &str) -> Result<(Vec<Source>, Vec<ConfigError>), ConfigError> {
    parsed(file, text)
}

fn parsed<Sources: FromIterator<Source>>(file: &Path, text: &str) -> Result<(Sources, Vec<ConfigError>), ConfigError> {
    if let Some(one_by_one) = parts(text).and_then(|parts| taken(file, parts.into_iter().map(only))) {
        return Ok(one_by_one);
    }
    let listed = of_toml::<SourceFile>(file, text)?.sources.into_iter();
    let listed = listed.map(|value| Some(checked(value)));
    Ok(taken(file, listed).unwrap_or_else(|| (Sources::from_iter([]), Vec::new())))
}

/// A text in parts of one source each, so that no more than one is held as TOML at a time; none where it is anything but one source
/// behind the other.
fn parts(text: &str) -> Option<Vec<&str>> {
    let is_line = |at: &usize| *at == 0 || text.as_bytes()[at - 1] == b'\n';
    // What looks like a header within a text of several lines parts it so that neither part is TOML.
    let mut bounds: Vec<usize> = text.match_indices(HEADER).map(|(at, _)| at).filter(is_line).collect();
    let head: toml::Table = toml::from_str(&text[..*bounds.first()?]).ok()?;
    bounds.push(text.len());
    head.is_empty().then(|| bounds.array_windows().map(|[start, end]| &text[*start..*end]).collect())
}

/// The sources that can be used, of those with the same identifier the first, and what is wrong with the others. None where one could
/// not be read at all.
fn taken<Sources: FromIterator<Source>>(
    file: &Path,
    listed: impl Iterator<Item = Option<Result<Source, String>>>,
) -> Option<(Sources, Vec<ConfigError>)> {
    let (mut known, mut problems) = (HashSet::new(), Vec::new());
    let usable = |(read, number): (Option<Result<Source, String>>, usize)| {
        let message = match read {
            None => return Some(None),
            Some(Ok(source)) if known.insert(source.id.clone()) => return Some(Some(source)),
            Some(Ok(source)) => format!("source {number}: `id` {} is given twice", source.id),
            Some(Err(message)) => format!("source {number}: {message}"),
        };
        problems.push(ConfigError::Malformed { file: file.to_owned(), message });
        None
    };
    let sources = listed.zip(1..).filter_map(usable).collect::<Option<Sources>>()?;
    Some((sources, problems))
}

/// The one source of a part; none where the part is no TOML or holds anything else.
fn only(part: &str) -> Option<Result<Source, String>> {
    let mut listed: SourceFile = toml::from_str(part).ok()?;
    let source = listed.sources.pop()?;
    listed.sources.is_empty().then(|| checked(source))
}

fn checked(value: toml::Value) -> Result<Source, String> {
    let enabled_expressly = value.get("enabled").is_some();
    let source: Source = value.try_into().map_err(|e: toml::de::Error| e.message().to_owned())?;
    // Without the blanks around it, as an identifier is made everywhere else.
    let id = SourceId::new(source.id.as_str());
    let mut source = Source { id, enabled_expressly, ..source };
    source.base = source.base.trim_end_matches('/').to_owned();
    let is_web = url::Url::parse(&source.base).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    if !is_web {
        return Err("`base` must be an http or https address such as https://forum.example".to_owned());
    }
    if let Some(hours) = &source.active_hours {
        crate::pace::schedule::Window::parse(hours).map_err(|e| format!("`active_hours`: {e}"))?;
    }
    if source.interval_min_s.is_some_and(|s| !(0.0..=86_400.0).contains(&s)) {
        return Err("`interval_min_s` must be between 0 and 86400 seconds".to_owned());
    }
    if source.token.as_deref().is_some_and(|name| !is_file_name(name)) {
        return Err(
            "`token` is the name of a file in the folder of tokens: letters, digits, `.`, `_` and `-`".to_owned()
        );
    }
    Ok(source)
}

/// Whether a name stays in its folder.
fn is_file_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && !name.starts_with('.') && name.len() <= 64 && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{parse_sources, parts};

    const TWO: &str = "# ours\n[[source]]\nid = 'a'\nplatform = 'p'\nbase = 'https://a.example'\n[source.values]\nboard = '1'\n\n\
        [[source]]\nid = 'b'\nplatform = 'p'\nbase = 'https://b.example'\n";

    /// Identifiers of the sources, and what is said of the others.
    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let (sources, problems) = parse_sources(Path::new("sources.toml"), text).unwrap();
        let ids = sources.iter().map(|source| source.id.to_string()).collect();
        (ids, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn sources_behind_one_another_are_read_one_by_one() {
        assert_eq!(parts(TWO).unwrap().len(), 2);
        assert_eq!(read(TWO).0, ["a", "b"]);
        let (ids, problems) = read(&format!("{TWO}{}", &TWO[7..]));
        assert_eq!((ids.len(), problems.len()), (2, 2));
        assert!(problems[0].contains("source 3: `id` a is given twice"), "{problems:?}");
    }

    #[test]
    fn a_text_of_several_lines_may_hold_what_looks_like_a_header() {
        let text = TWO.replace("board = '1'", "board = \"\"\"\n[[source]]\nid = 'c'\n\"\"\"");
        assert_eq!(parts(&text).unwrap().len(), 3);
        assert_eq!(read(&text).0, ["a", "b"]);
    }

    #[test]
    fn what_stands_outside_of_sources_is_refused_by_its_line() {
        for text in [format!("source_count = 2\n{TWO}"), format!("{TWO}\n[other]\nx = 1\n"), format!("{TWO}base =\n")] {
            let error = parse_sources(Path::new("sources.toml"), &text).unwrap_err().to_string();
            assert!(error.contains("line "), "{error}");
        }
    }
}
