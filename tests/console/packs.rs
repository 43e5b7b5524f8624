//! Notes on cases, and packs of evidence and complaints: who has them, and that what is in them can be checked.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use wanglou::model::case::Lane;
use wanglou::store::sha256_hex;

use crate::http::raw_bytes;
use crate::world::{Client, ROLES, SECRET, World, manager, world};

/// Saves what lies at a path and opens it.
async fn opened(w: &World, client: &Client<'_>, path: &str) -> BTreeMap<String, Vec<u8>> {
    let address = w.address();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: wanglou={}\r\n\r\n", client.token);
    let bytes = raw_bytes(address, &request).await;
    let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a header") + 4;
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes[body..])).expect("an archive");
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

/// Every line of a list of sums is right.
fn sums_hold(files: &BTreeMap<String, Vec<u8>>, list: &str, folder: &str) -> usize {
    let sums = text(files, list);
    for line in sums.lines() {
        let (hash, name) = line.split_once("  ").unwrap();
        assert_eq!(sha256_hex(&files[&format!("{folder}{name}")]), hash, "{name}");
    }
    sums.lines().count()
}

#[tokio::test]
async fn an_evidence_pack_checks_with_common_tools_and_names_nobody() {
    let w = world().await;
    let number = w.file("../=acc", "星河甲", manager("XH")).await;
    let client = w.client("xh0002").await;
    let files = opened(&w, &client, &format!("/cases/{number}/evidence.zip")).await;
    assert_eq!(sums_hold(&files, "SHA256SUMS", ""), files.len() - 1, "every file but the list itself");
    assert_eq!(sums_hold(&files, "chain/SHA256SUMS", "chain/"), 1);
    let page = files.keys().find(|name| name.ends_with(".bin")).unwrap();
    assert_eq!(format!("evidence/{}.bin", sha256_hex(&files[page])), *page, "a page is named by its hash");
    let safe =
        |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric() || "-./_".contains(c)) && !name.contains("..");
    assert_eq!(files.keys().filter(safe).count(), files.len(), "{:?}", files.keys());
    assert!(
        text(&files, "README.txt").contains("不证明账号由谁使用")
            && text(&files, "README.txt").contains("sha256sum --check")
    );
    assert!(text(&files, "evidence.csv").contains("included"));
    let whole: String = files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(whole.contains("../=acc") && !whole.contains("XH0021"), "who is perhaps meant is not part of it");
    let audit = w.client("xh0012").await.get("/audit?action=case.pack").await.body;
    assert!(audit.contains("XH0002"));
}

#[tokio::test]
async fn legal_has_the_complaint_with_letter_hash_and_time() {
    let w = world().await;
    let number = w.file("yz_fake", "星河官方旗舰店", Lane::Legal).await;
    let legal = w.client("xh0011").await;
    let files = opened(&w, &legal, &format!("/cases/{number}/complaint.zip")).await;
    assert_eq!(sums_hold(&files, "SHA256SUMS", ""), files.len() - 1);
    let letter = text(&files, "complaint-letter.txt");
    let page = files.keys().find(|name| name.ends_with(".bin")).unwrap();
    let hash = page.trim_start_matches("evidence/").trim_end_matches(".bin");
    for words in
        ["投诉人星河科技股份有限公司", "星河官方旗舰店", "yz_fake", "第七条", hash, "2026-11-20 18:00:00 +08:00"]
    {
        assert!(letter.contains(words), "{words} does not stand in\n{letter}");
    }
}

#[tokio::test]
async fn packs_and_notes_are_for_those_who_see_the_case_and_complaints_for_legal() {
    let w = world().await;
    let cases = [
        (
            w.file("acc-xh", "星河甲", manager("XH")).await,
            &["xh0002", "xh0003", "xh0009", "xh0012"][..],
            &["xh0002", "xh0003", "xh0009"][..],
        ),
        (
            w.file("acc-yz", "云舟乙", manager("YZ")).await,
            &["yz0002", "xh0009", "xh0012"][..],
            &["yz0002", "xh0009"][..],
        ),
        (w.file("acc-law", "星河丁", Lane::Legal).await, &["xh0011", "xh0012"][..], &["xh0011"][..]),
        (w.file("acc-leak", "星河戊", Lane::Leak).await, &["xh0010"][..], &["xh0010"][..]),
    ];
    for login in ROLES.into_iter().chain(["clerk"]) {
        let client = w.client(login).await;
        for (number, sees, decides) in &cases {
            let pack = client.get(&format!("/cases/{number}/evidence.zip")).await.status;
            assert_eq!(pack, if sees.contains(&login) { 200 } else { 404 }, "{number} as {login}");
            let complaint = client.get(&format!("/cases/{number}/complaint.zip")).await.status;
            let is_legal = login == "xh0011" && sees.contains(&"xh0011");
            assert_eq!(complaint, if is_legal { 200 } else { 404 }, "complaint of {number} as {login}");
            let note = client.post(&format!("/cases/{number}/notes"), "kind=note&words=x").await.status;
            assert_eq!(note, if decides.contains(&login) { 303 } else { 404 }, "note on {number} as {login}");
            let result = client.post(&format!("/cases/{number}/notes"), "kind=complaint_upheld&words=x").await.status;
            assert_eq!(result, if is_legal { 303 } else { 404 }, "result of {number} as {login}");
        }
    }
}

#[tokio::test]
async fn a_note_stands_on_the_case_and_a_confidential_word_does_not_get_in() {
    let w = world().await;
    let number = w.file("acc", "星河甲", manager("XH")).await;
    let (client, auditor) = (w.client("xh0002").await, w.client("xh0012").await);
    let path = format!("/cases/{number}/notes");
    assert_eq!(client.post(&path, "words=%3Cb%3E%E5%B7%B2%E7%94%B5%E8%AF%9D").await.status, 303);
    let page = auditor.get(&format!("/cases/{number}")).await.body;
    assert!(page.contains("&#60;b&#62;已电话") && page.contains("XH0002"), "{page}");
    assert_eq!(client.post(&path, "words=").await.status, 422);
    let secret = percent_encoding::utf8_percent_encode(SECRET, percent_encoding::NON_ALPHANUMERIC).to_string();
    assert_eq!(client.post(&path, &format!("words={secret}")).await.status, 422);
}

#[tokio::test]
async fn a_pack_does_not_say_that_its_page_is_evidence_of_a_leak() {
    let w = world().await;
    let open = w.file("acc", "星河甲", manager("XH")).await;
    let leak = w.file("leaky", "星河甲", Lane::Leak).await;
    let files = opened(&w, &w.client("xh0002").await, &format!("/cases/{open}/evidence.zip")).await;
    let chain: String = files
        .iter()
        .filter(|(name, _)| name.starts_with("chain/"))
        .map(|(_, b)| String::from_utf8_lossy(b).into_owned())
        .collect();
    assert!(chain.contains(&open) && !chain.contains(&leak), "{chain}");
}

#[tokio::test]
async fn a_page_with_a_confidential_word_is_in_no_pack_but_the_leak_lane_s() {
    let w = world().await;
    let open = w.file("acc", &format!("星河{SECRET}"), manager("XH")).await;
    let files = opened(&w, &w.client("xh0002").await, &format!("/cases/{open}/evidence.zip")).await;
    let whole: String = files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(!whole.contains(SECRET) && whole.contains("left out"), "{:?}", files.keys());
    let leak = w.file("leaky", &format!("星河{SECRET}"), Lane::Leak).await;
    let files = opened(&w, &w.client("xh0010").await, &format!("/cases/{leak}/evidence.zip")).await;
    assert!(files.keys().any(|name| name.ends_with(".bin")));
}
