//! How far decisions on robots.txt agree with the tests of Google's parser, whose file is not part of this project. Reads
//! the C++ text, evaluates each expectation of `IsUserAgentAllowed` and lists what differs. Asserts nothing.
//!
//!     cargo bench --profile dev --bench robots -- FOLDER/robots_test.cc

#[path = "support/cpp.rs"]
mod cpp;

use cpp::{Expectation, expectations};
use url::{Position, Url};
use wanglou::pace::robots::Robots;

fn main() {
    let Some(file) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("which robots_test.cc?");
        return;
    };
    let text = std::fs::read_to_string(file).expect("a readable file");
    let (all, unread) = expectations(&text);
    let differ: Vec<&Expectation> = all.iter().filter(|expected| !agrees(expected)).collect();
    differ.iter().for_each(|expected| println!("{expected}"));
    unread.iter().for_each(|line| println!("line {line}: not evaluated"));
    let (agree, differ) = (all.len() - differ.len(), differ.len());
    println!("{} expectations: {agree} agree, {differ} differ; {} more not evaluated", all.len(), unread.len());
}

fn agrees(expected: &Expectation) -> bool {
    let robots = Robots::parse(expected.robots.as_bytes(), &expected.agent);
    robots.allows(&path_of(&expected.url)).allowed == expected.allowed
}

/// Path and query as the fetcher hands them over.
fn path_of(url: &str) -> String {
    let whole = Url::parse(url).ok();
    whole.map(|url| url[Position::BeforePath..Position::AfterQuery].to_owned()).unwrap_or_else(|| url.to_owned())
}
