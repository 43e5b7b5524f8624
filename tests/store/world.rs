//! A store and a vault in a temporary folder, and invented subjects.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use wanglou::model::account::{Account, Post};
use wanglou::model::alert::AlertKind;
use wanglou::model::capture::{Capture, CaptureState};
use wanglou::model::case::{Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate, Finding, Reason, Rule};
use wanglou::model::ids::{CaptureHash, CaptureId, CaseId, ScanId, TopicId};
use wanglou::model::source::EntryKind;
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::seal::Key;
use wanglou::store::{
    AlertOccasion, AlertRequest, Decision, JudgementBatch, PageDone, Recorded, Step, Store, SubjectFacts, new_id,
    sha256_hex,
};
use wanglou::vault::Vault;

/// 2026-11-20 18:00 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);

/// What a page shows that must be found nowhere when it may not be kept.
pub(crate) const SECRET: &str = "云舟三号的底价是每瓦九毛";

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) scan: ScanId,
}

pub(crate) async fn world() -> World {
    World::new(None).await
}

pub(crate) async fn sealed_world() -> World {
    World::new(Some(key())).await
}

pub(crate) fn key() -> Arc<Key> {
    Arc::new(Key::from_bytes(&[7; 32]))
}

impl World {
    async fn new(key: Option<Arc<Key>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("wanglou.db")).await.unwrap();
        if let Some(key) = &key {
            store = store.with_key(key.clone());
        }
        let vault = Vault::open(&folder.path().join("vault"), key).unwrap();
        let scan = store.start_scan(NOW, &json!({"pass": 1})).await.unwrap();
        Self { folder, store, vault, scan }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("wanglou.db")
    }

    /// The same files as another process would see them after this one was killed.
    pub(crate) async fn reopened(self) -> Self {
        self.store.close().await;
        let store = Store::open(&self.database()).await.unwrap();
        Self { store, ..self }
    }

    pub(crate) async fn next_scan(&mut self) {
        self.scan = self.store.start_scan(NOW, &json!({"pass": 2})).await.unwrap();
    }

    pub(crate) async fn receive(&self, body: &str) -> Capture {
        let id = CaptureId::new(new_id(NOW));
        let capture = Capture {
            url: format!("https://forum.example/{id}"),
            final_url: format!("https://forum.example/{id}"),
            id,
            scan: self.scan.clone(),
            source: "forum".into(),
            entry: EntryKind::Account,
            status: 200,
            content_type: "text/html".into(),
            fetched_at: NOW,
            sha256: CaptureHash::new(sha256_hex(body.as_bytes())),
            size: u64::try_from(body.len()).unwrap(),
            state: CaptureState::Pending,
        };
        self.store.receive(&self.vault, &capture, body.as_bytes().to_vec()).await.unwrap();
        capture
    }

    pub(crate) fn batch(&self, judgement: Judgement, captures: &[&Capture]) -> JudgementBatch {
        let lane = judgement.lane.clone();
        let post = Post { text: SECRET.into(), ..Post::default() };
        JudgementBatch {
            scan: self.scan.clone(),
            at: NOW,
            judgement,
            facts: SubjectFacts { account: Some(Account::default()), post: Some(post) },
            captures: captures.iter().map(|c| c.id.clone()).collect(),
            alerts: vec![to_manager(lane)],
            occasion: AlertOccasion::Opened,
            audit: vec![],
        }
    }

    /// Records a judgement that no page shows.
    pub(crate) async fn record(&self, judgement: Judgement) -> Recorded {
        self.store.record_judgement(&self.vault, &self.batch(judgement, &[])).await.unwrap()
    }

    /// Records a judgement with one page as evidence and ends the page.
    pub(crate) async fn record_with_page(&self, judgement: Judgement, body: &str) -> (Recorded, Capture) {
        let capture = self.receive(body).await;
        let batch = self.batch(judgement, &[&capture]);
        let recorded = self.store.record_judgement(&self.vault, &batch).await.unwrap();
        self.finish(&capture, &[]).await;
        (recorded, capture)
    }

    pub(crate) async fn finish(&self, capture: &Capture, topics: &[TopicId]) -> CaptureState {
        let done = PageDone { capture: capture.id.clone(), memo: None, topics: topics.to_vec(), at: NOW };
        self.store.finish_page(&self.vault, &done).await.unwrap()
    }

    pub(crate) async fn step(&self, case: &CaseId, step: Step) -> wanglou::model::case::Case {
        let decision = Decision { case: case.clone(), step, by: "M1".into(), at: NOW, alerts: vec![] };
        self.store.decide(&decision).await.unwrap()
    }

    /// Every byte of every file of database and vault.
    pub(crate) fn all_bytes(&self) -> Vec<u8> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut bytes = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let stored = std::fs::read(&path).unwrap();
                    let is_object = path.extension().is_some_and(|e| e == "zst");
                    bytes.extend(if is_object { zstd::decode_all(stored.as_slice()).unwrap() } else { stored });
                }
            }
        }
        bytes
    }

    pub(crate) fn holds(&self, text: &str) -> bool {
        self.all_bytes().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

pub(crate) fn to_manager(lane: Lane) -> AlertRequest {
    AlertRequest { kind: AlertKind::Immediate, recipient: "M1".into(), lane, due_at: NOW }
}

pub(crate) fn manager() -> Lane {
    Lane::Manager("XH".into())
}

pub(crate) fn subject(kind: SubjectKind, handle: &str, url: &str) -> Subject {
    Subject { kind, id: None, platform: "forum".into(), handle: handle.into(), url: url.into() }
}

/// The account u1, whose name holds a company name.
pub(crate) fn account(outcome: Outcome, lane: Lane) -> Judgement {
    let reason = Reason::new(SECRET, "as on the page");
    let finding =
        Finding { rule: Rule::Name, clause: "四.2".into(), terms: vec!["W1".into()], reasons: vec![reason.clone()] };
    Judgement {
        subject: subject(SubjectKind::Account, "u1", "https://forum.example/u1"),
        outcome,
        lane,
        notify: Notify::Daily,
        severity: Some(Severity::Medium),
        findings: vec![finding],
        candidates: vec![Candidate { employee_id: "E1".into(), score: 0.7, band: Band::Medium, reasons: vec![reason] }],
        reasons: vec![],
        terms: vec!["W1".into()],
        topics: vec![],
        excerpt: None,
    }
}

/// A post by the account u1 under the same clause.
pub(crate) fn post(number: u32, outcome: Outcome, lane: Lane) -> Judgement {
    let url = format!("https://forum.example/p/{number}");
    Judgement { subject: subject(SubjectKind::Post, "u1", &url), ..account(outcome, lane) }
}
