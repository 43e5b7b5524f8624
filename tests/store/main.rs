//! Every function of the store, and the promises on which other rooms rely: here on a database file, in
//! `tests/store_postgres` the same on a server.

mod added;
mod calibration;
mod chain;
mod channels;
mod copy;
mod discoveries;
mod figures;
mod files;
mod filing;
mod frontier;
mod groups;
mod ledgers;
mod migrations;
mod outbox;
mod pages;
#[path = "../support/postgres.rs"]
mod postgres;
mod queue;
mod reposts;
mod requests;
mod retention;
mod rhythms;
mod runner;
mod secrecy;
mod silences;
mod status;
mod users;
mod workers;
mod world;

const ENGINE: world::Engine = world::Engine::of_suite(env!("CARGO_CRATE_NAME"));

/// What the store offers; a function that no test of this suite calls is not known to work on an engine.
#[test]
fn no_function_of_the_store_is_forgotten() {
    let read = |folder: &str| -> String {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()));
        files.map(Result::unwrap).collect()
    };
    let (source, suite) = (read("src/store"), read("tests/store"));
    let functions = source.split("\n    pub async fn ").skip(1);
    let names: Vec<&str> = functions.map(|rest| rest.split(['(', '<']).next().unwrap()).collect();
    assert!(names.len() > 40, "the store has {} functions", names.len());
    for name in names {
        assert!(suite.contains(&format!("{name}(")), "no test calls {name}");
    }
}
