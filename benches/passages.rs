//! How fast documents are fingerprinted and posts are searched for their passages, how many of the planted passages are found,
//! and how many posts are told of wrongly. Texts are no part of this project: a folder holds `docs.txt`, `posts.txt` (one a
//! line) and `truth.tsv` (post, document, length, kind). Asserts nothing.
//!
//!     taskset -c 0 cargo bench --bench passages -- FOLDER [DOCUMENTS] [POSTS]

#[path = "support/measure.rs"]
mod measure;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use measure::{arguments, lines, number, peak, timed};
use wanglou::detect::fingerprint::index::PassageIndex;
use wanglou::detect::fingerprint::{Document, fingerprint};
use wanglou::detect::scan::FieldText;
use wanglou::model::fingerprint::Fingerprints;
use wanglou::model::term::Field;
use wanglou::model::time::Timestamp;

/// A planted passage: post, document, kind.
type Planted = (usize, usize, String);

fn main() {
    let arguments = arguments();
    let [folder, ..] = &arguments[..] else { return println!("which folder?") };
    let posts: Vec<String> = lines(folder, "posts.txt").into_iter().take(number(&arguments, 2)).collect();
    let planted: Vec<Planted> = lines(folder, "truth.tsv").iter().filter_map(|row| passage(row)).collect();
    let planted: Vec<Planted> = planted.into_iter().filter(|passage| passage.0 < posts.len()).collect();
    let documents = documents(lines(folder, "docs.txt"), &planted, number(&arguments, 1));
    let (prints, seconds) = timed(|| Arc::new(fingerprints(&documents)));
    println!(
        "{} documents fingerprinted: {:.1} MB/s",
        documents.len(),
        megabytes(documents.iter().map(|d| &d.1)) / seconds
    );
    let (index, seconds) = timed(|| PassageIndex::of(Arc::clone(&prints), &[]));
    println!("indexed in {seconds:.2} s");
    let (found, seconds) = timed(|| posts.iter().map(|post| told(&index, post)).collect::<Vec<_>>());
    println!("{} posts: {:.1} MB/s", posts.len(), megabytes(posts.iter()) / seconds);
    let listed = documents.iter().map(|(number, _)| *number).collect();
    tell(&found, &planted, &listed);
    println!("peak of memory: {}", peak());
}

fn passage(row: &str) -> Option<Planted> {
    let columns: Vec<&str> = row.split('\t').collect();
    Some((columns.first()?.parse().ok()?, columns.get(1)?.parse().ok()?, (*columns.get(3)?).to_owned()))
}

/// So many numbered documents, those first that the posts repeat.
fn documents(texts: Vec<String>, planted: &[Planted], most: usize) -> Vec<(usize, String)> {
    let repeated: HashSet<usize> = planted.iter().map(|passage| passage.1).collect();
    let mut all: Vec<(usize, String)> = texts.into_iter().enumerate().collect();
    all.sort_by_key(|(number, _)| (!repeated.contains(number), *number));
    all.truncate(most);
    all
}

fn fingerprints(documents: &[(usize, String)]) -> Fingerprints {
    let key = [7; 16];
    let print = |(number, text): &(usize, String)| {
        let (id, added) = (number.to_string(), Timestamp::from_ms(0));
        fingerprint(&key, Document { id: &id, title: "", text, is_public: false, added })
    };
    Fingerprints { key, documents: documents.iter().map(print).collect() }
}

fn told(index: &PassageIndex, post: &str) -> Vec<usize> {
    let passages = index.find(&[FieldText::new(Field::Text, post)]);
    passages.iter().filter_map(|passage| passage.document.parse().ok()).collect()
}

fn megabytes<'t>(texts: impl Iterator<Item = &'t String>) -> f64 {
    texts.map(String::len).sum::<usize>() as f64 / 1e6
}

/// Planted passages found and planted at all, by kind, and posts without any that are told of.
fn tell(found: &[Vec<usize>], planted: &[Planted], listed: &HashSet<usize>) {
    let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (post, document, kind) in planted.iter().filter(|passage| listed.contains(&passage.1)) {
        let count = by_kind.entry(kind).or_default();
        count.0 += usize::from(found[*post].contains(document));
        count.1 += 1;
    }
    by_kind.iter().for_each(|(kind, (hits, all))| println!("planted, {kind}: {hits} of {all}"));
    let holding: HashSet<usize> = planted.iter().map(|passage| passage.0).collect();
    let others = || (0..found.len()).filter(|post| !holding.contains(post));
    println!(
        "told of wrongly: {} of {} posts",
        others().filter(|post| !found[*post].is_empty()).count(),
        others().count()
    );
}
