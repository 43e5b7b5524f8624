//! How fast profile pictures are compared with registered marks, as wholes and as drawings inside them, and how many marks are
//! found. Pictures are no part of this project: a folder holds `logos/` and `avatars/` (numbered files) and `truth.tsv`
//! (avatar, logo, change). Asserts nothing.
//!
//!     taskset -c 0 cargo bench --bench logos -- FOLDER [LOGOS] [AVATARS]

#[path = "support/measure.rs"]
mod measure;

use std::collections::HashMap;
use std::path::PathBuf;

use logo_search::LogoIndex;
use measure::{arguments, lines, number, peak, timed};
use wanglou::detect::avatar::{nearest_mark, picture_mark};
use wanglou::detect::phash::phash_of;
use wanglou::detect::picture::grey;
use wanglou::model::account::{Account, Avatar};
use wanglou::model::company::BrandMark;

/// Bits by which a picture may differ from a mark, as in a ledger that says nothing.
const DISTANCE_MAX: u32 = 8;

fn main() {
    let arguments = arguments();
    let [folder, ..] = &arguments[..] else { return println!("which folder?") };
    let logos: Vec<_> =
        files(folder, "logos", number(&arguments, 1)).iter().map(|logo| grey(logo).expect("a picture")).collect();
    let avatars = files(folder, "avatars", number(&arguments, 2));
    let truth: HashMap<usize, usize> = lines(folder, "truth.tsv").iter().filter_map(|row| pair(row)).collect();
    let marks: Vec<BrandMark> = logos.iter().map(|logo| mark(phash_of(logo))).zip(0_usize..).map(named).collect();
    println!("{} marks, {} avatars", marks.len(), avatars.len());

    let (whole, seconds) = timed(|| avatars.iter().map(|file| seen(&marks, file, None)).collect::<Vec<_>>());
    println!("as wholes, decoding included: {:.0} a second", avatars.len() as f64 / seconds);
    tell(&whole, &truth, marks.len());
    let (index, seconds) = timed(|| LogoIndex::of(logos.iter().enumerate()));
    println!("drawings indexed in {seconds:.2} s");
    let (inside, seconds) = timed(|| avatars.iter().map(|file| seen(&marks, file, Some(&index))).collect::<Vec<_>>());
    println!("as drawings as well: {:.2} a second", avatars.len() as f64 / seconds);
    tell(&inside, &truth, marks.len());
    println!("peak of memory: {}", peak());
}

/// The first files of a folder by their names.
fn files(folder: &str, kind: &str, most: usize) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(format!("{folder}/{kind}")).expect("a folder of pictures");
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.iter().take(most).map(|path| std::fs::read(path).expect("a picture")).collect()
}

fn pair(row: &str) -> Option<(usize, usize)> {
    let mut columns = row.split('\t').map_while(|column| column.parse().ok());
    Some((columns.next()?, columns.next()?))
}

fn mark(hash: u64) -> BrandMark {
    BrandMark {
        name: String::new(),
        company: "XH".into(),
        phash64: Some(hash),
        image: None,
        distance_max: DISTANCE_MAX,
        note: String::new(),
    }
}

fn named((mark, number): (BrandMark, usize)) -> BrandMark {
    BrandMark { name: number.to_string(), ..mark }
}

/// The mark that a file shows, as an account with that picture is judged.
fn seen(marks: &[BrandMark], file: &[u8], index: Option<&LogoIndex>) -> Option<usize> {
    let picture = grey(file).ok()?;
    let inside = index.and_then(|index| index.find(&picture)).map(|hit| Box::new(picture_mark(marks, hit)));
    let avatar = Avatar { phash64: Some(format!("{:016x}", phash_of(&picture))), mark: inside, ..Avatar::default() };
    nearest_mark(marks, &Account { avatar, ..Account::default() })?.mark.name.parse().ok()
}

/// Of the avatars with one of the marks those that were found, and how many others were told of.
fn tell(seen: &[Option<usize>], truth: &HashMap<usize, usize>, marks: usize) {
    let holding = |avatar: &usize| truth.get(avatar).is_some_and(|mark| *mark < marks);
    let asked = || (0..seen.len()).filter(holding);
    let right = asked().filter(|avatar| seen[*avatar] == truth.get(avatar).copied()).count();
    let wrong = (0..seen.len()).filter(|avatar| !truth.contains_key(avatar) && seen[*avatar].is_some()).count();
    println!(
        "found {right} of {}, told of wrongly {wrong} of {}",
        asked().count(),
        seen.len() - truth.keys().filter(|avatar| **avatar < seen.len()).count()
    );
}
