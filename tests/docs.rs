//! What the documents say, as far as a program can check it: commands exist, examples parse, links lead somewhere.

#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use tree::{SourceFile, files, line_at, root};
use wanglou::config::{Config, parse_sources};
use wanglou::retention::RetentionRule;

#[test]
fn every_command_in_the_documents_exists() {
    let mut wrong = Vec::new();
    for page in pages() {
        let calls: BTreeSet<(usize, String)> = calls_in(&page.text).into_iter().collect();
        wrong.extend(calls.iter().filter_map(|(line, call)| {
            trouble_with(call).map(|trouble| format!("{}:{line}: `{call}`: {trouble}", page.path))
        }));
    }
    assert!(wrong.is_empty(), "the documents name what the program does not know:\n{}", wrong.join("\n"));
}

#[test]
fn every_example_of_a_configuration_parses() {
    let guide = std::fs::read_to_string(root().join("docs/operator-guide.md")).expect("the operator guide");
    let fence = Regex::new(r"(?s)```toml\n(.*?)```").expect("fixed");
    let mut seen = 0;
    for example in fence.captures_iter(&guide) {
        seen += 1;
        if example[1].contains("[[source]]") {
            let (sources, problems) = parse_sources(Path::new("guide"), &example[1]).expect("sources");
            assert!(problems.is_empty() && !sources.is_empty(), "{problems:?}");
        } else {
            toml::from_str::<Config>(&example[1]).expect("a configuration");
        }
    }
    assert!(seen >= 2, "the guide shows a configuration and a source");
}

#[test]
fn what_init_writes_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");

    let done = wanglou().arg("init").current_dir(folder.path()).output().expect("wanglou runs");

    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Config::read(&folder.path().join("wanglou.toml")).expect("the configuration that init wrote");
}

#[test]
fn the_rules_of_retention_stand_in_the_guide_and_in_the_policy() {
    let read = |name: &str| std::fs::read_to_string(root().join("docs").join(name)).expect("a document");
    let (guide, policy) = (read("operator-guide.md"), read("policy.md"));
    let section =
        guide.split("\n## Retention\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let shown: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let row = |rule: RetentionRule| format!("| `{}` | {} | {} |", rule.name(), rule.length_text(), rule.about());
    assert_eq!(shown, RetentionRule::ALL.map(row));
    for rule in RetentionRule::ALL {
        assert!(policy.contains(&format!("\n| {} | ", rule.policy())), "{} has no line in the policy", rule.name());
    }
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)").expect("fixed");
    let mut broken = Vec::new();
    for page in pages() {
        let folder = root().join(&page.path).parent().expect("a folder").to_owned();
        for found in link.captures_iter(&page.text).filter(|found| !found[1].contains("://")) {
            if !folder.join(&found[1]).exists() {
                let line = line_at(&page.text, found.get(0).map_or(0, |whole| whole.start()));
                broken.push(format!("{}:{line}: {}", page.path, &found[1]));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_document_in_docs_is_reached_from_the_readme() {
    let reached = |name: &str| pages().iter().any(|page| page.path != name && page.text.contains(last(name)));
    let lost: Vec<String> = pages().into_iter().map(|page| page.path).filter(|path| !reached(path)).collect();
    assert!(lost.is_empty(), "no other document links to {lost:?}");
}

#[test]
fn messages_of_the_program_name_commands_that_exist() {
    let told = Regex::new(r"`(wanglou [a-z][^`]*)`").expect("fixed");
    let mut wrong = Vec::new();
    for file in files("src", ".rs") {
        let own = &file.text[..file.text.find("#[cfg(test)]").unwrap_or(file.text.len())];
        for found in told.captures_iter(own) {
            let shown = trouble_with(found[1].trim_end_matches('.'));
            wrong.extend(shown.map(|trouble| format!("{}: `{}`: {trouble}", file.path, &found[1])));
        }
    }
    assert!(wrong.is_empty(), "the program names what it does not know:\n{}", wrong.join("\n"));
}

#[test]
fn the_reading_of_calls_knows_what_is_a_call() {
    let page =
        "Run `wanglou scan --json`, edit `wanglou.toml`.\n```sh\nwanglou init  # first\nsee wanglou there\n```\n";
    assert_eq!(calls_in(page), [(1, "wanglou scan --json".to_owned()), (3, "wanglou init".to_owned())]);
    assert_eq!(trouble_with("wanglou ledger check"), None);
    assert!(trouble_with("wanglou polish").is_some_and(|trouble| trouble.contains("polish")));
    assert!(trouble_with("wanglou ledger polish").is_some());
    assert!(trouble_with("wanglou scan --faster").is_some_and(|trouble| trouble.contains("--faster")));
}

fn pages() -> Vec<SourceFile> {
    let mut pages = files("docs", ".md");
    for name in ["README.md", "README.zh-CN.md", "CHANGELOG.md"] {
        let text = std::fs::read_to_string(root().join(name)).expect("a document at the root");
        pages.push(SourceFile { path: name.to_owned(), text });
    }
    pages
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Calls of the program: code between backticks, and lines of code blocks, that begin with its name.
fn calls_in(text: &str) -> Vec<(usize, String)> {
    let call = Regex::new(r"(?m)(?:^|`|\$ |-- |/bin/)(wanglou (?:--?[a-z]|[a-z])[^`\n#|>…]*)").expect("fixed");
    let demo = Regex::new(r"cargo run --release -- ([^`\n#]*)").expect("fixed");
    let calls = call.captures_iter(text).filter(|found| in_code(text, found.get(1).map_or(0, |m| m.start())));
    let mut all: Vec<(usize, String)> = calls
        .map(|found| (line_at(text, found.get(0).map_or(0, |m| m.end())), trimmed(&found[1])))
        .chain(demo.captures_iter(text).map(|found| {
            (line_at(text, found.get(0).map_or(0, |m| m.start())), trimmed(&format!("wanglou {}", &found[1])))
        }))
        .collect();
    all.sort();
    all
}

fn trimmed(call: &str) -> String {
    call.split("  ").next().unwrap_or(call).trim().trim_end_matches(['\\', ';', '&']).trim().to_owned()
}

/// Whether a place stands in a code block or between backticks.
fn in_code(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let in_block = before.matches("```").count() % 2 == 1;
    in_block || before[line_start..].matches('`').count() % 2 == 1
}

/// What is wrong with a call: an unknown command, subcommand or flag.
fn trouble_with(call: &str) -> Option<String> {
    let words: Vec<&str> = call.split_whitespace().skip(1).collect();
    let mut path: Vec<&str> = Vec::new();
    let mut shown = help(&path);
    for word in words.iter().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())) {
        let known = commands(&shown);
        if known.is_empty() || (path.is_empty() && word.contains(['.', '/'])) {
            break;
        }
        if !known.contains(*word) {
            return Some(format!("there is no command {word}"));
        }
        path.push(word);
        shown = help(&path);
    }
    let flags = words.iter().filter(|word| word.starts_with("--") && word.len() > 2);
    let names = flags.map(|flag| flag.split('=').next().unwrap_or(flag).trim_end_matches([']', ',', '.']));
    names.into_iter().find(|flag| !shown.contains(flag)).map(|flag| format!("there is no {flag}"))
}

fn help(path: &[&str]) -> String {
    let shown = wanglou().args(path).arg("--help").output().expect("wanglou runs");
    String::from_utf8_lossy(&shown.stdout).into_owned()
}

fn commands(help: &str) -> BTreeSet<String> {
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let listed = listed.take_while(|line| !line.is_empty() && line.starts_with(' '));
    listed
        .filter(|line| !line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next())
        .map(Into::into)
        .collect()
}

fn wanglou() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wanglou"))
}

/// The audit page has words for what the source notes.
#[test]
fn every_action_that_is_noted_has_a_name_in_chinese() {
    let named = std::fs::read_to_string(root().join("src/web/console/audit/actions.rs")).expect("the names");
    let noted = Regex::new(
        r#"(?:\bdid|\baudit|\bnote|\bline)\((?:[^"()]|\([^"()]*\)){0,120}"([a-z_]+\.[a-z_]+)"|action: "([a-z_]+\.[a-z_]+)""#,
    )
    .expect("fixed");
    let mut codes = BTreeSet::new();
    for file in files("src", ".rs") {
        codes.extend(
            noted
                .captures_iter(&file.text)
                .filter_map(|found| found.get(1).or_else(|| found.get(2)))
                .map(|code| code.as_str().to_owned()),
        );
    }
    assert!(codes.len() > 60, "the source is read: {}", codes.len());
    let nameless: Vec<&String> = codes.iter().filter(|code| !named.contains(&format!("(\"{code}\", "))).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}
