//! Every built-in platform against its samples: what it says it reads, it reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use wanglou::platform::Definition;
use wanglou::platform::catalog::BUILTIN;
use wanglou::platform::sample::check_sample;

fn folder(id: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/platform").join(id)
}

fn definitions() -> Vec<Definition> {
    BUILTIN.iter().map(|(file, toml)| Definition::parse(file, toml).unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn every_file_is_named_after_its_platform() {
    for (definition, (file, _)) in definitions().iter().zip(BUILTIN) {
        assert_eq!(format!("{}.toml", definition.id()), *file);
    }
}

#[test]
fn every_file_of_the_folder_is_built_in_and_stands_in_order() {
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/src/platform/catalog");
    let files: BTreeSet<String> = fs::read_dir(catalog)
        .expect("the catalogue")
        .map(|file| file.expect("a readable folder").file_name().into_string().expect("a plain name"))
        .collect();
    let listed: Vec<&str> = BUILTIN.iter().map(|(file, _)| *file).collect();
    assert_eq!(listed, files.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn every_platform_says_what_it_cannot_see() {
    for definition in definitions() {
        assert!(!definition.note().is_empty(), "{}", definition.id());
        assert!(!definition.kind().is_empty(), "{}", definition.id());
    }
}

#[test]
fn every_platform_has_a_found_an_empty_and_a_blocked_sample() {
    for definition in definitions() {
        let verdicts: BTreeSet<&str> = definition.samples().iter().map(|sample| sample.verdict.as_str()).collect();
        assert_eq!(verdicts, BTreeSet::from(["blocked", "empty", "found"]), "{}", definition.id());
    }
}

#[test]
fn every_entry_has_a_sample_that_is_found() {
    for definition in definitions() {
        for entry in definition.entries() {
            let is_shown = |sample: &&wanglou::platform::Sample| sample.entry == entry && sample.verdict == "found";
            assert!(definition.samples().iter().any(|sample| is_shown(&sample)), "{} {entry:?}", definition.id());
        }
    }
}

#[test]
fn every_expectation_holds() {
    let mut differences = Vec::new();
    for definition in definitions() {
        for sample in definition.samples() {
            let path = folder(definition.id().as_str()).join(&sample.page);
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let found = check_sample(&definition, sample, &text);
            differences.extend(found.into_iter().map(|difference| format!("{}/{difference}", definition.id())));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_example_in_the_documents_is_a_platform_file() {
    let document =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/platform-files.md")).expect("the document");
    let example = document.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let definition = Definition::parse("platform-files.md", example).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(definition.entries().count(), 2);
}

#[test]
fn no_sample_lies_about_unused() {
    for definition in definitions() {
        let used: BTreeSet<&str> = definition.samples().iter().map(|sample| sample.page.as_str()).collect();
        for file in fs::read_dir(folder(definition.id().as_str())).expect("the platform has samples") {
            let name = file.expect("a readable folder").file_name().into_string().expect("a plain name");
            assert!(used.contains(name.as_str()), "{}/{name} is in no [[sample]]", definition.id());
        }
    }
}
