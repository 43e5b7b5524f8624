//! Packs for people outside: the evidence of a case with what is needed to check it, and the same with a complaint to the platform.
//! Nobody who is perhaps meant is named in them.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::casework::complaint::{Complaint, MEANING, letter};
use crate::casework::world::World;
use crate::detect::leak::masked;
use crate::ledger::export::csv_of;
use crate::model::case::{Case, Lane};
use crate::pipeline::evidence::{Stored, bytes_for, words_of};
use crate::pipeline::shell::Shell;
use crate::store::{Evidence, Repost, StoreError, SubjectFacts, Verification, chain_about, sha256_hex, subject_key};

/// Bytes of stored pages in one pack at most; pages beyond are listed, and said to be left out.
const PAGES_BYTES_MAX: usize = 64 << 20;

/// Reposts that a pack lists, those first that were found first.
const REPOSTS_MAX: u32 = 10_000;

/// What a pack is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackKind {
    /// Whoever checks the evidence.
    Evidence,
    /// The platform, by legal.
    Complaint,
}

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive could not be written.
    #[error("the archive could not be written")]
    Archive(#[from] zip::result::ZipError),
    /// The archive could not be written.
    #[error("the archive could not be written")]
    File(#[from] std::io::Error),
}

/// Name and bytes of a file in a pack. Names are ours alone: hashes, numbers and fixed words.
type File = (String, Vec<u8>);

/// The pack of a case as a ZIP archive.
///
/// # Errors
/// When the database fails. A page that the vault cannot give is listed as missing.
pub async fn pack(shell: &Shell, world: &World, case: &Case, kind: PackKind) -> Result<Vec<u8>, PackError> {
    let evidence = shell.store.evidence_of_case(&case.id).await?;
    let stored = shell.store.subject(&subject_key(&case.judgement.subject)).await?;
    let facts = stored.and_then(|subject| subject.facts).unwrap_or_default();
    let (pages, states) = pages(shell, world, case, &evidence).await;
    let (chain, verification) = chain(shell, case, &evidence).await?;
    let mut files = pages;
    files.push(("evidence.csv".to_owned(), listed(world, case, &evidence, &states)));
    let (reposts, _) = shell.store.reposts_of_case(&case.id, REPOSTS_MAX).await?;
    files.push(("record.json".to_owned(), record(world, case, &facts, &reposts)));
    files.extend(chain);
    files.push(("README.txt".to_owned(), instructions(case, &verification).into_bytes()));
    if kind == PackKind::Complaint {
        let text = letter(world, &complaint(shell, world, case, &facts, &evidence));
        files.push(("complaint-letter.txt".to_owned(), with_mark(&text)));
    }
    archived(files)
}

/// Windows shows a text as UTF-8 when it begins so.
fn with_mark(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").into_bytes()
}

/// Stored pages with their words, and what became of each piece of evidence.
async fn pages(shell: &Shell, world: &World, case: &Case, evidence: &[Evidence]) -> (Vec<File>, Vec<&'static str>) {
    let (mut files, mut states, mut bytes_left): (Vec<File>, _, _) = (Vec::new(), Vec::new(), PAGES_BYTES_MAX);
    for one in evidence {
        let name = format!("evidence/{}.bin", one.sha256);
        if files.iter().any(|(known, _)| *known == name) {
            states.push("included");
            continue;
        }
        let found = if one.kept { bytes_for(shell, world, case, one).await } else { Ok(None) };
        let state = match found {
            Ok(Some(Stored { bytes, is_readable: true, is_screenshot })) if bytes.len() <= bytes_left => {
                bytes_left -= bytes.len();
                if !is_screenshot {
                    files.push((format!("evidence/{}.txt", one.sha256), with_mark(&words_of(&bytes))));
                }
                files.push((name, bytes));
                "included"
            }
            Ok(Some(Stored { is_readable: true, .. })) => "left out: too large",
            Ok(Some(_) | None) => "left out: not for this lane, or not kept",
            Err(_) => "missing",
        };
        states.push(state);
    }
    (files, states)
}

/// What people of the case's lane may read of a text.
fn shown(world: &World, case: &Case, text: &str) -> String {
    if case.judgement.lane == Lane::Leak { text.to_owned() } else { masked(&world.watch, text) }
}

/// The list of evidence; no spreadsheet program runs a cell of it as a formula.
fn listed(world: &World, case: &Case, evidence: &[Evidence], states: &[&'static str]) -> Vec<u8> {
    let row = |(one, state): (&Evidence, &&str)| {
        let (fetched, pinned) = (one.fetched_at.to_string(), one.pinned_at.to_string());
        let url = shown(world, case, &one.url);
        [
            case.number.clone(),
            one.sha256.to_string(),
            url,
            fetched,
            pinned,
            (*state).to_owned(),
            one.stands_as().to_owned(),
        ]
    };
    let rows: Vec<[String; 7]> = evidence.iter().zip(states).map(row).collect();
    let header = vec!["case", "sha256", "url", "fetched_at", "pinned_at", "state", "stands_as"];
    csv_of([header].into_iter().chain(rows.iter().map(|row| row.iter().map(String::as_str).collect())))
}

/// What was read of the account or post, and why it was told. Who perhaps owns it is not part of it.
fn record(world: &World, case: &Case, facts: &SubjectFacts, reposts: &[Repost]) -> Vec<u8> {
    let judgement = &case.judgement;
    let reasons = judgement.findings.iter().flat_map(|finding| &finding.reasons).map(|reason| (&reason.zh, &reason.en));
    let mut whole = json!({
        "case": case.number,
        "clause": case.clause,
        "opened_at": case.opened_at,
        "rules": judgement.rules(),
        "reasons": reasons.collect::<Vec<_>>(),
        "subject": judgement.subject,
        "facts": facts,
        "reposts": reposts.iter().map(repeated).collect::<Vec<_>>(),
    });
    show(&mut whole, &|text| shown(world, case, text));
    serde_json::to_string_pretty(&whole).unwrap_or_default().into_bytes()
}

/// Where the text of the case was found again, and when.
fn repeated(repost: &Repost) -> Value {
    let published = repost.facts.post.as_ref().and_then(|post| post.published);
    let (subject, first_seen, last_seen) = (&repost.judgement.subject, repost.first_seen, repost.last_seen);
    json!({"subject": subject, "published": published, "first_seen": first_seen, "last_seen": last_seen})
}

/// Every text of a value as it may be read.
fn show(value: &mut Value, shown: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = shown(text),
        Value::Array(items) => items.iter_mut().for_each(|item| show(item, shown)),
        Value::Object(fields) => fields.values_mut().for_each(|field| show(field, shown)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The links of the chain about the case, each as the text that was hashed, with their hashes as common tools read them.
async fn chain(shell: &Shell, case: &Case, evidence: &[Evidence]) -> Result<(Vec<File>, Verification), StoreError> {
    let hashes: Vec<&str> = evidence.iter().map(|one| one.sha256.as_str()).collect();
    let is_about = |body: &str| is_link_of(body, &case.number, &hashes);
    let (links, verification) = chain_about(&shell.store, is_about).await?;
    let mut files = Vec::new();
    let mut sums = String::new();
    for link in links {
        sums.push_str(&format!("{}  {}.txt\n", link.hash, link.seq));
        files.push((format!("chain/{}.txt", link.seq), format!("{}\n{}", link.prev_hash, link.body).into_bytes()));
    }
    files.push(("chain/SHA256SUMS".to_owned(), sums.into_bytes()));
    Ok((files, verification))
}

/// Whether a link is about a case. The same page may be evidence of another one, of which nothing is told here: not even that
/// there is one, such as a leak's.
fn is_link_of(body: &str, number: &str, hashes: &[&str]) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(body) else { return false };
    match body["case"].as_str() {
        Some(case) => case == number,
        None => body["sha256"].as_str().is_some_and(|hash| hashes.contains(&hash)),
    }
}

fn instructions(case: &Case, verification: &Verification) -> String {
    let Verification { links, head, problems, .. } = verification;
    let (sound_zh, sound_en) = if problems.is_empty() { ("完好", "sound") } else { ("有问题", "NOT sound") };
    let [meaning_zh, meaning_en] = MEANING;
    format!(
        "线索 {number}\n\n\
         evidence/*.bin  服务器当时返回的原始字节，文件名是其 SHA-256\n\
         evidence/*.txt  同一页面的文字\n\
         evidence.csv    证据清单；record.json 读取到的记录\n\
         chain/*.txt     存证链中与本线索有关的各节；每节的 SHA-256 见 chain/SHA256SUMS\n\n\
         核对：在本目录运行 sha256sum --check SHA256SUMS；再在 chain 目录运行 sha256sum --check SHA256SUMS。\n\
         导出时存证链{sound_zh}，共 {links} 节，末节哈希 {head}。\n\
         {meaning_zh}\n\n\
         Case {number}\n\n\
         evidence/*.bin  the bytes as the server sent them, named by their SHA-256\n\
         evidence/*.txt  the words of the same page\n\
         evidence.csv    list of the evidence; record.json what was read\n\
         chain/*.txt     the links of the chain about this case; the SHA-256 of each stands in chain/SHA256SUMS\n\n\
         To check: run `sha256sum --check SHA256SUMS` here, and again in the folder chain.\n\
         The chain was {sound_en} when this was written: {links} links, hash of the last one {head}.\n\
         {meaning_en}\n",
        number = case.number
    )
}

/// What a complaint says of the account, confidential expressions masked.
fn complaint<'w>(
    shell: &Shell,
    world: &'w World,
    case: &Case,
    facts: &SubjectFacts,
    evidence: &[Evidence],
) -> Complaint<'w> {
    let subject = &case.judgement.subject;
    let shown = |text: &str| masked(&world.watch, text);
    let name = facts.account.as_ref().map_or(subject.handle.as_str(), |account| account.display_name.as_str());
    let terms = &world.ledgers.terms;
    let marks = case.judgement.terms.iter().filter_map(|id| terms.iter().find(|term| term.id == *id));
    Complaint {
        platform: shell.platform_name(&subject.platform),
        account_name: shown(name),
        handle: shown(&subject.handle),
        address: shown(&subject.url),
        number: case.number.clone(),
        marks: marks.filter(|term| term.mask.is_none()).collect(),
        pages: evidence.iter().filter(|one| one.kept).map(|one| (one.sha256.clone(), one.fetched_at)).collect(),
    }
}

/// The files and their hashes as an archive.
fn archived(files: Vec<File>) -> Result<Vec<u8>, PackError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let mut sums = String::new();
    for (name, bytes) in &files {
        sums.push_str(&format!("{}  {name}\n", sha256_hex(bytes)));
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    archive.start_file("SHA256SUMS", options)?;
    archive.write_all(sums.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::is_link_of;

    #[test]
    fn a_page_that_is_evidence_of_another_case_too_tells_nothing_of_that() {
        let is_link = |body: &str| is_link_of(body, "XS-2611-0001", &["ab"]);
        assert!(is_link(r#"{"case":"XS-2611-0001","sha256":"cd"}"#), "of the case");
        assert!(is_link(r#"{"case":null,"sha256":"ab"}"#) && is_link(r#"{"sha256":"ab"}"#), "of the page alone");
        assert!(!is_link(r#"{"case":"XM-2611-0001","sha256":"ab"}"#), "of a leak on the same page");
        assert!(!is_link(r#"{"sha256":"cd"}"#));
    }
}
