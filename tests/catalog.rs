//! Every built-in platform against its samples: what it says it reads, it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use wanglou::fetch::decode_as;
use wanglou::platform::catalog::BUILTIN;
use wanglou::platform::sample::check_sample;
use wanglou::platform::{Class, Definition};

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

fn visited() -> Vec<Definition> {
    definitions().into_iter().filter(|definition| definition.class() != Class::C).collect()
}

#[test]
fn every_platform_says_what_it_cannot_see_and_what_to_read_before() {
    for (definition, (file, toml)) in definitions().iter().zip(BUILTIN) {
        let texts = [definition.note(), definition.kind(), definition.terms(), definition.robots_note()];
        assert!(texts.iter().all(|text| !text.is_empty()), "{file}");
        assert!(toml.contains("\nclass = \""), "{file} leaves its class to the default");
    }
}

#[test]
fn accounts_belong_to_a_platform_that_is_built_in() {
    let all = definitions();
    for definition in &all {
        assert!(all.iter().any(|other| other.id() == definition.accounts_of()), "{}", definition.id());
    }
}

#[test]
fn every_platform_that_answers_seldom_or_never_says_how_else_to_get_at_it() {
    for definition in definitions().iter().filter(|definition| definition.class() != Class::A) {
        assert!(!definition.instead().is_empty(), "{}", definition.id());
    }
}

#[test]
fn every_platform_that_is_visited_names_its_interval_and_a_canary_whose_address_can_be_made() {
    for definition in visited() {
        let id = definition.id();
        let toml = BUILTIN.iter().find(|(file, _)| *file == format!("{id}.toml")).expect("its file").1;
        assert!(toml.contains("\ninterval_min_s = "), "{id} leaves its interval to the default");
        let base = definition.base().unwrap_or("https://any.example");
        let url = definition.canary_url(base, &BTreeMap::new()).unwrap_or_else(|| panic!("{id} has no canary"));
        assert!(url.is_ok(), "{id}: {url:?}");
    }
}

#[test]
fn every_platform_that_is_visited_has_a_found_an_empty_and_a_blocked_sample() {
    for definition in visited() {
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
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let found = check_sample(&definition, sample, &decode_as(definition.encoding(), &bytes, "", ""));
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
    for definition in visited() {
        let used: BTreeSet<&str> = definition.samples().iter().map(|sample| sample.page.as_str()).collect();
        for file in fs::read_dir(folder(definition.id().as_str())).expect("the platform has samples") {
            let name = file.expect("a readable folder").file_name().into_string().expect("a plain name");
            assert!(used.contains(name.as_str()), "{}/{name} is in no [[sample]]", definition.id());
        }
    }
}
