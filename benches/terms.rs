//! How fast posts are searched for a large watchlist, every disguise seen through, beside an exact scan of the same text, and how
//! many of the planted terms are found. Texts are no part of this project: a folder holds `corpus.txt` (a post a line),
//! `terms_SIZE.txt` (a term a line) and `planted.tsv` (line, term, disguise). Asserts nothing.
//!
//!     taskset -c 0 cargo bench --bench terms -- FOLDER 10k [MEGABYTES]

#[path = "support/measure.rs"]
mod measure;

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use measure::{arguments, lines, number, peak, timed};
use wanglou::detect::scan::{FieldText, Hit, scan};
use wanglou::detect::watch::Watch;
use wanglou::ledger::Ledgers;
use wanglou::model::term::{Field, Term, TermKind};

fn main() {
    let arguments = arguments();
    let [folder, size, ..] = &arguments[..] else { return println!("which folder, which list of terms?") };
    let posts = within(lines(folder, "corpus.txt"), number(&arguments, 2).saturating_mul(1_000_000));
    let terms = lines(folder, &format!("terms_{size}.txt"));
    let megabytes = posts.iter().map(|post| post.len() + 1).sum::<usize>() as f64 / 1e6;
    println!("{} terms, {} posts, {megabytes:.0} MB", terms.len(), posts.len());
    exact(&terms, &posts.join("\n"));
    let (watch, seconds) = timed(|| watch(&terms));
    println!("compiled in {seconds:.2} s");
    let (_, seconds) = timed(|| posts.iter().map(|post| text_of(post).plain().len()).sum::<usize>());
    println!("folded alone: {:.1} MB/s", megabytes / seconds);
    let (hits, seconds) = timed(|| posts.iter().map(|post| hits(&watch, post).len()).sum::<usize>());
    println!("folded and searched: {:.1} MB/s, {hits} hits", megabytes / seconds);
    planted(&watch, &posts, &lines(folder, "planted.tsv"));
    println!("peak of memory: {}", peak());
}

fn within(posts: Vec<String>, bytes: usize) -> Vec<String> {
    let mut left = bytes;
    let fits = |post: &String| {
        left = left.saturating_sub(post.len() + 1);
        left > 0
    };
    posts.into_iter().take_while(fits).collect()
}

/// What an exact matcher takes for the text as it is.
fn exact(terms: &[String], text: &str) {
    let automaton: CharwiseDoubleArrayAhoCorasick<u32> = CharwiseDoubleArrayAhoCorasick::new(terms).expect("terms");
    let (hits, seconds) = timed(|| automaton.find_overlapping_iter(text).count());
    println!("daachorse, charwise, exact: {:.1} MB/s, {hits} hits", text.len() as f64 / 1e6 / seconds);
}

fn watch(terms: &[String]) -> Watch {
    let terms = terms.iter().map(|text| Term::of(text, TermKind::Trademark)).collect();
    Watch::compile(&Ledgers { terms, ..Ledgers::default() }, NaiveDate::default())
}

fn text_of(post: &str) -> FieldText {
    FieldText::new(Field::Text, post)
}

fn hits(watch: &Watch, post: &str) -> Vec<Hit> {
    scan(watch, &[text_of(post)])
}

/// Planted terms of the list that are found and that were planted at all, by disguise.
fn planted(watch: &Watch, posts: &[String], planted: &[String]) {
    let listed: HashSet<&str> = watch.terms().iter().map(|term| term.text.as_str()).collect();
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in planted {
        let [line, term, disguise] = row.split('\t').collect::<Vec<_>>()[..] else { continue };
        let Some(post) = line.parse().ok().and_then(|line: usize| posts.get(line)) else { continue };
        if !listed.contains(term) {
            continue;
        }
        let count = found.entry(disguise).or_default();
        count.0 += usize::from(hits(watch, post).iter().any(|hit| watch.terms()[hit.term].text == term));
        count.1 += 1;
    }
    found.iter().for_each(|(disguise, (hits, all))| println!("planted, {disguise}: {hits} of {all}"));
}
