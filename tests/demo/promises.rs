//! What the demo promises, whatever the engine of its database.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;
use wanglou::demo::data::{accounts, posts};
use wanglou::demo::{Demo, Options};
use wanglou::pipeline::progress::nobody;

use crate::score;

/// A demo that has run.
pub(crate) struct Ran {
    demo: Demo,
    _folder: tempfile::TempDir,
}

/// Everything that this process has logged: it has one place to log to, whatever runs in it.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Ran {
    pub(crate) async fn new(database: Option<String>) -> Self {
        // Only the first of several demos in one process sets it up.
        let _is_first = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(|| Log).try_init();
        let folder = tempfile::tempdir().unwrap();
        let options = Options { folder: folder.path().join("demo"), smtp: None, database };
        let demo = Demo::run(&options, &nobody()).await.unwrap();
        Self { demo, _folder: folder }
    }
}

/// Identifier by address: the first row of an address is the first sight, the second the re-check.
fn by_id(outcomes: &[Value]) -> BTreeMap<String, Value> {
    let mut ids: HashMap<String, Vec<String>> = HashMap::new();
    let known = accounts().into_iter().map(|a| (a.url, a.id)).chain(posts().into_iter().map(|p| (p.url, p.id)));
    for (url, id) in known {
        ids.entry(url).or_default().push(id.unwrap());
    }
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for outcome in outcomes {
        let ids = &ids[outcome["url"].as_str().unwrap()];
        let id = ids.iter().find(|id| !found.contains_key(*id)).or(ids.last()).unwrap();
        found.insert(id.clone(), outcome.clone());
    }
    found
}

pub(crate) async fn every_expected_outcome_holds_and_nothing_else_alerts(ran: &Ran) {
    let expected = score::json_lines(&fs::read_to_string("tests/data/demo/expected_outcomes.jsonl").unwrap());
    assert_eq!(expected.len(), 43);
    assert_eq!(score::differences(&expected, &by_id(&ran.demo.outcomes)), Vec::<String>::new());
}

pub(crate) async fn there_is_one_object_a_subject_and_pass(ran: &Ran) {
    let mut seen = std::collections::HashSet::new();
    for outcome in &ran.demo.outcomes {
        assert!(seen.insert((outcome["url"].to_string(), outcome["pass"].to_string())), "{outcome}");
    }
    assert!(ran.demo.outcomes.iter().any(|o| o["pass"] == 2 && o["outcome"] == "rectified"));
}

pub(crate) async fn no_forbidden_path_was_asked_for(ran: &Ran) {
    for request in ran.demo.web.requests() {
        let is_search = request.path.starts_with("/search") && request.host != "wenhai.example";
        assert!(!request.path.starts_with("/private") && !is_search, "{} {}", request.host, request.path);
        assert!(request.host != "mimi.example" || request.path == "/robots.txt", "{}", request.path);
    }
}

pub(crate) async fn the_login_wall_is_blocked_and_not_empty(ran: &Ran) {
    let visit = ran.demo.passes[0].visits.get(&"menglou".into()).unwrap();
    assert!(matches!(visit.verdict, wanglou::model::capture::Verdict::Blocked { .. }), "{:?}", visit.verdict);
}

/// The secrets themselves; the words of patterns such as 净利润 are everybody's.
const SECRETS: [&str; 5] = ["青鸾", "588Ah", "588 Ah", "588安时", "0.43元"];

pub(crate) async fn no_request_carries_a_confidential_term(ran: &Ran) {
    for request in ran.demo.web.requests() {
        let path: String =
            url::form_urlencoded::parse(request.path.as_bytes()).map(|(k, v)| format!("{k}{v}")).collect();
        assert!(
            !SECRETS.iter().any(|s| path.contains(s) || request.path.contains(s)),
            "{} {}",
            request.host,
            request.path
        );
    }
}

fn letters(ran: &Ran) -> Vec<(String, String)> {
    let read = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).unwrap();
        let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        let parts = [
            mail.subject().unwrap_or_default().to_owned(),
            mail.body_text(0).unwrap().into_owned(),
            mail.body_html(0).unwrap().into_owned(),
        ];
        (path.file_name().unwrap().to_string_lossy().into_owned(), parts.join("\n"))
    };
    ran.demo.letter_files().iter().map(read).collect()
}

pub(crate) async fn no_letter_shows_a_confidential_term(ran: &Ran) {
    let letters = letters(ran);
    assert!(letters.len() >= 15, "{}", letters.len());
    for (file, text) in letters {
        assert!(!SECRETS.iter().any(|s| text.to_lowercase().contains(&s.to_lowercase())), "{file}");
    }
}

pub(crate) async fn leak_letters_go_to_the_leak_lane_alone_and_name_nobody(ran: &Ran) {
    for (file, text) in letters(ran).iter().filter(|(file, _)| file.contains("XM-")) {
        assert!(!text.contains("HC0006") && !text.contains("徐哲"), "{file}");
    }
}

/// What must not be kept: two protected posts, the protected half of a mixed one, a child's words.
const NOT_KEPT: [&str; 5] =
    ["连续两个月没发加班费", "消防验收是补的材料", "年终奖不发就算了", "我9岁啦", "爸爸带我看机器人"];

fn holds_any(bytes: &[u8]) -> Option<&'static str> {
    let (gbk, _, _) = encoding_rs::GBK.decode(bytes);
    let utf8 = String::from_utf8_lossy(bytes);
    NOT_KEPT.into_iter().find(|text| utf8.contains(text) || gbk.contains(text) || utf8.contains(&escaped(text)))
}

/// As JSON may write it.
fn escaped(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", c as u32) }).collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found
}

pub(crate) async fn protected_text_stands_in_no_file_letter_or_log(ran: &Ran) {
    for file in files(&ran.demo.folder().join("store")) {
        let bytes = fs::read(&file).unwrap();
        assert_eq!(holds_any(&bytes), None, "{}", file.display());
        if file.extension().is_some_and(|e| e == "zst") {
            assert_eq!(holds_any(&zstd::decode_all(bytes.as_slice()).unwrap()), None, "{}", file.display());
        }
    }
    for (file, text) in letters(ran) {
        assert_eq!(holds_any(text.as_bytes()), None, "{file}");
    }
    assert_eq!(holds_any(&LOG.lock().unwrap()), None);
}

pub(crate) async fn protected_text_stands_in_no_stored_page_of_any_lane(ran: &Ran) {
    for entry in ran.demo.shell.store.chain_entries().await.unwrap() {
        let body: Value = serde_json::from_str(&entry.body).unwrap();
        if let Some(hash) = body["sha256"].as_str()
            && let Ok(bytes) = ran.demo.shell.vault.get(&hash.into()).await
        {
            assert_eq!(holds_any(&bytes), None, "{hash}");
        }
    }
}

pub(crate) async fn protected_speech_is_counted_by_topic(ran: &Ran) {
    let counts = ran.demo.shell.store.topic_counts("2026-11").await.unwrap();
    assert!(counts.iter().any(|(topic, count)| topic.as_str() == "P04" && *count >= 1), "{counts:?}");
}

pub(crate) async fn names_and_handles_stand_in_no_log(_: &Ran) {
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    assert!(!log.is_empty());
    for account in accounts().iter().filter(|a| a.display_name.chars().count() >= 3) {
        assert!(!log.contains(&account.display_name) && !log.contains(&account.handle), "{:?}", account.id);
    }
}

pub(crate) async fn the_evidence_chain_holds(ran: &Ran) {
    let verification = wanglou::store::verify(&ran.demo.shell.store, &ran.demo.shell.vault).await.unwrap();
    assert!(verification.problems.is_empty(), "{:?}", verification.problems);
}

pub(crate) async fn the_suspected_manager_is_not_written_to_about_himself(ran: &Ran) {
    let stored = ran.demo.shell.store.latest_alerts(1_000).await.unwrap();
    let filter = wanglou::store::CaseFilter { with_closed: true, ..Default::default() };
    for case in ran.demo.shell.store.cases(&filter).await.unwrap() {
        for candidate in case.judgement.candidates.iter().filter(|c| c.band >= wanglou::model::finding::Band::Medium) {
            let told = stored.iter().filter(|a| a.cases.contains(&case.id));
            assert!(told.clone().all(|a| a.recipient != candidate.employee_id), "{}", case.number);
        }
    }
}
