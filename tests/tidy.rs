//! What rustfmt and clippy cannot say about the tree.

#[path = "support/code.rs"]
mod code;
#[path = "support/demo_words.rs"]
mod demo_words;
#[path = "support/tree.rs"]
mod tree;

use code::code_of;
use demo_words::demo_words;
use regex::Regex;
use tree::{SourceFile, files, line_at, root};

const LINES_MAX: usize = 700;

/// Folders whose files a person wrote, and the files at the root.
const WRITTEN: [&str; 12] = [
    ".ci",
    "benches",
    "crates",
    "deploy",
    "docs",
    "fuzz",
    "migrations",
    "src",
    "templates",
    "tests",
    "tools",
    "watchlists",
];

#[test]
fn every_source_file_says_what_it_is_for() {
    let silent = rust().into_iter().filter(|file| !file.text.starts_with("//! ")).map(|file| file.path);
    none(silent.collect(), "these files do not begin with a //! line");
}

#[test]
fn no_source_file_is_too_long() {
    let long = files("src", ".rs").into_iter().filter(|file| own_lines(&file.text) > LINES_MAX);
    let long = long.map(|file| format!("{}: {} lines before its tests", file.path, own_lines(&file.text)));
    none(long.collect(), "these files have more than 700 lines: split them by subject");
}

#[test]
fn nothing_is_put_off_or_switched_off() {
    let banned = Regex::new(concat!(r"\btodo!|\bunimplemented!|\bdbg!|#\[igno", r"re\b|#!?\[allow\b")).expect("fixed");
    let mut found: Vec<String> = rust().iter().flat_map(|file| hits(file, &code_of(&file.text), &banned)).collect();
    let notes = Regex::new(concat!(r"\bFIX", r"ME\b|\bXX", r"X\b|\bTO", r"DO\b")).expect("fixed");
    found.extend(rust().iter().flat_map(|file| hits(file, &file.text, &notes)));
    none(found, "do it now, or say in a decision why not; #[expect] with a reason instead of #[allow]");
}

#[test]
fn examples_are_unit_tests() {
    let fence = Regex::new(r"//[/!] *```").expect("fixed");
    let found = rust().iter().flat_map(|file| hits(file, &file.text, &fence)).collect();
    none(found, "nothing runs an example in a doc comment: make it a unit test");
}

#[test]
fn the_program_knows_nothing_of_the_demo() {
    let words = demo_words();
    assert!(words.len() > 80, "only {} words were read from the demo's ledgers", words.len());
    let any: Vec<String> = words.iter().map(|word| in_text(word)).collect();
    let any = Regex::new(&any.join("|")).expect("escaped words");
    let outside = all_below("src").into_iter().filter(|file| !file.path.starts_with("src/demo/"));
    let found = outside.chain(all_below("templates")).flat_map(|file| hits(&file, &file.text, &any));
    none(found.collect(), "names, terms and ids of the demo stand only in src/demo and watchlists");
}

#[test]
fn nothing_names_the_machine_it_was_made_on() {
    let places =
        [r"/wo", r"rk/|/ro", r"ot/|\.\./sha", r"red\b|static\.crates\.", r"io|index\.crates\.", r"io|registry\.npm"];
    let places = Regex::new(&format!("{}{}", places.concat(), ["js|files\\.python", "hosted|pypi\\.o", "rg"].concat()));
    let places = places.expect("fixed");
    let found = written().iter().flat_map(|file| hits(file, &file.text, &places)).collect::<Vec<_>>();
    none(found, "no local path and no registry's host name stands in the tree");
}

#[test]
fn only_the_faces_print() {
    let print = Regex::new(r"\be?print(ln)?!").expect("fixed");
    let below = files("src", ".rs").into_iter().filter(|file| !is_face(&file.path));
    let found = below.flat_map(|file| hits(&file, &code_of(&file.text), &print));
    none(found.collect(), "rooms below the faces log with tracing and return values");
}

#[test]
fn decisions_have_one_form_and_stand_in_the_index() {
    let index = std::fs::read_to_string(root().join("docs/decisions/README.md")).expect("docs/decisions/README.md");
    let pages = files("docs/decisions", ".md").into_iter().filter(|page| !page.path.ends_with("/README.md"));
    let wrong: Vec<String> = pages.filter_map(|page| malformed_decision(&page, &index)).collect();
    none(wrong, "a decision is docs/decisions/NNNN-title.md with five headings, linked in README.md there");
}

#[test]
fn the_changelog_begins_with_what_is_unreleased() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("CHANGELOG.md");
    let first = changelog.lines().find(|line| line.starts_with("## "));
    assert_eq!(first, Some("## Unreleased"), "the first section of CHANGELOG.md");
}

#[test]
fn fixtures_name_only_hosts_that_cannot_exist() {
    let host = Regex::new(r"https?://([A-Za-z0-9.-]*[A-Za-z0-9])").expect("fixed");
    let mut found = Vec::new();
    for file in ["tests/data", "src/demo/data", "watchlists"].into_iter().flat_map(all_below) {
        for address in host.captures_iter(&file.text) {
            let start = address.get(0).map_or(0, |whole| whole.start());
            if !cannot_exist(&address[1]) && !names_a_schema(&file.text[..start]) {
                found.push(format!("{}:{}: {}", file.path, line_at(&file.text, start), &address[0]));
            }
        }
    }
    none(found, "fixtures use .example hosts or loopback");
}

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

fn rust() -> Vec<SourceFile> {
    ["src", "crates", "tests", "benches", "fuzz"].into_iter().flat_map(|folder| files(folder, ".rs")).collect()
}

fn all_below(folder: &str) -> Vec<SourceFile> {
    files(folder, "")
}

/// All that people wrote: the folders above and the files at the root, the lock file and built things aside.
fn written() -> Vec<SourceFile> {
    let mut written: Vec<SourceFile> = WRITTEN.into_iter().flat_map(all_below).collect();
    for entry in std::fs::read_dir(root()).expect("the root") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_file()
            && !["Cargo.lock", ".git"].contains(&name.as_str())
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            written.push(SourceFile { path: name, text });
        }
    }
    written
}

/// The lines of a file up to its own tests.
fn own_lines(text: &str) -> usize {
    text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count()
}

fn hits(file: &SourceFile, text: &str, pattern: &Regex) -> Vec<String> {
    let hits = pattern.find_iter(text);
    hits.map(|hit| format!("{}:{}: {}", file.path, line_at(text, hit.start()), hit.as_str())).collect()
}

/// A word as it would stand in a text: words in letters must not be a part of a longer one.
fn in_text(word: &str) -> String {
    let escaped = regex::escape(word);
    if word.is_ascii() { format!(r"(?i:\b{escaped}\b)") } else { escaped }
}

fn is_face(path: &str) -> bool {
    ["src/cli", "src/demo", "src/main.rs", "src/daemon", "src/web"].iter().any(|face| path.starts_with(face))
}

fn malformed_decision(page: &SourceFile, index: &str) -> Option<String> {
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let numbered = Regex::new(r"^\d{4}-[a-z0-9-]+\.md$").expect("fixed").is_match(name);
    let headings: Vec<&str> = page.text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let formed = headings == ["Context", "Options", "Decision", "Consequences", "Status"];
    let listed = index.contains(&format!("({name})"));
    (!numbered || !formed || !listed || !page.text.starts_with("# "))
        .then(|| format!("{}: numbered {numbered}, in the index {listed}, headings {headings:?}", page.path))
}

/// Names reserved for examples, and this machine itself.
fn cannot_exist(host: &str) -> bool {
    ["127.0.0.1", "localhost", "example"].contains(&host) || host.ends_with(".example") || host.ends_with(".localhost")
}

/// XML and JSON name their vocabularies by addresses that nobody visits.
fn names_a_schema(before: &str) -> bool {
    let tail: String = before.chars().rev().take(24).collect::<Vec<_>>().into_iter().rev().collect();
    tail.contains("xmlns") || tail.contains("$schema") || tail.contains("DTD") || tail.contains("\"version\":")
}
