//! The pictures of the demo: marks that differ, copies that are recognised, and neutral pictures that are not.

use std::path::PathBuf;

use image::ImageReader;
use reqwest::{Certificate, Client};
use wanglou::clock::Clock;
use wanglou::demo::data;
use wanglou::demo::site::{Web, mark_png, marked_companies};
use wanglou::detect::phash::phash64;
use wanglou::model::account::Account;

/// Set to write the marks anew beside the ledgers.
const DRAW: &str = "WANGLOU_DRAW_MARKS";
/// Distance up to which the ledger calls a picture the mark.
const LIMIT: u32 = 8;

fn file(company: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("watchlists").join(format!("mark-{}.png", company.to_lowercase()))
}

fn hash(bytes: &[u8]) -> u64 {
    phash64(bytes).expect("an image")
}

fn marks() -> Vec<(&'static str, u64)> {
    marked_companies().map(|company| (company, hash(&mark_png(company).expect("a mark")))).collect()
}

fn recorded(account: &Account) -> Option<u64> {
    account.avatar.phash64.as_deref().map(|text| u64::from_str_radix(text, 16).expect("a hash"))
}

async fn served(accounts: &[Account]) -> Vec<Vec<u8>> {
    let web = Web::start(Clock::standing_at(data::as_of()), data::as_of()).await.expect("the web comes up");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority = Certificate::from_pem(web.ca_pem().as_bytes()).expect("a certificate");
    #[expect(clippy::disallowed_methods, reason = "the sites are tested without the fetcher")]
    let mut client = Client::builder().no_proxy().tls_certs_only([authority]);
    for (host, address) in web.addresses() {
        client = client.resolve(host, *address);
    }
    let client = client.build().expect("a client");
    let mut pictures = Vec::new();
    for account in accounts {
        let url = format!("https://{}.example/avatar/{}.png", account.platform, account.handle);
        let answer = client.get(url).send().await.expect("an answer").error_for_status().expect("a picture");
        pictures.push(answer.bytes().await.expect("a body").to_vec());
    }
    web.stop().await;
    pictures
}

#[test]
fn the_marks_beside_the_ledgers_are_those_that_the_demo_draws() {
    for company in marked_companies() {
        let (path, png) = (file(company), mark_png(company).expect("a mark"));
        if std::env::var_os(DRAW).is_some() {
            std::fs::write(&path, &png).expect("the file is written");
        }
        let kept = ImageReader::open(&path).expect("the file is there").decode().expect("a picture").to_rgb8();
        let drawn = image::load_from_memory(&png).expect("a picture").to_rgb8();
        // Another machine may round a shade differently.
        let same = kept.as_raw().iter().zip(drawn.as_raw()).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(kept.dimensions() == drawn.dimensions() && same, "{company}");
    }
}

#[test]
fn no_mark_is_taken_for_another() {
    let marks = marks();
    for (at, (company, mark)) in marks.iter().enumerate() {
        for (other_company, other) in &marks[at + 1..] {
            let distance = (mark ^ other).count_ones();
            assert!(distance > 2 * LIMIT, "{company} and {other_company}: {distance}");
        }
    }
}

#[tokio::test]
async fn a_served_copy_of_a_mark_has_the_hash_of_its_record() {
    let accounts: Vec<_> = data::accounts().into_iter().filter(|account| recorded(account).is_some()).collect();
    let mark = marks().iter().find(|(company, _)| *company == "QL").expect("a mark").1;
    assert_eq!(accounts.len(), 3);
    for (account, picture) in accounts.iter().zip(served(&accounts).await) {
        let seen = hash(&picture);
        assert!((seen ^ recorded(account).expect("a hash")).count_ones() <= 2, "{:?}", account.id);
        assert!((seen ^ mark).count_ones() <= 5, "{:?}", account.id);
    }
}

#[tokio::test]
async fn a_neutral_picture_is_never_taken_for_a_mark() {
    let other = |account: &Account| {
        recorded(account).is_none() && account.snapshot_of.is_none() && !account.url.contains("/private/")
    };
    let accounts: Vec<_> = data::accounts().into_iter().filter(other).collect();
    let marks = marks();
    for (account, picture) in accounts.iter().zip(served(&accounts).await) {
        for (company, mark) in &marks {
            let distance = (hash(&picture) ^ mark).count_ones();
            assert!(distance > LIMIT + 4, "{:?} and {company}: {distance}", account.id);
        }
    }
}
