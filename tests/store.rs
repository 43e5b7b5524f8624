//! Every function of the store on a database file, and the promises that other rooms rely on.

use std::sync::Arc;

use serde_json::json;
use wanglou::model::alert::AlertKind;
use wanglou::model::capture::{Capture, CaptureState};
use wanglou::model::case::{CaseState, Judgement, Lane, Notify, Outcome, Subject, SubjectKind};
use wanglou::model::finding::{Band, Candidate, Finding, Reason, Rule};
use wanglou::model::ids::{CaptureHash, CaptureId, ScanId};
use wanglou::model::source::EntryKind;
use wanglou::model::term::Severity;
use wanglou::model::time::Timestamp;
use wanglou::seal::Key;
use wanglou::store::{
    AlertOccasion, AlertRequest, CaseChange, JudgementBatch, PageDone, Store, SubjectFacts, new_id, sha256_hex, verify,
};
use wanglou::vault::Vault;

/// 2026-11-20 18:00 in Shanghai.
const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);
const PAGE: &str = "<html>云舟代理 星河科技产品经理</html>";

struct World {
    _folder: tempfile::TempDir,
    store: Store,
    vault: Vault,
    scan: ScanId,
}

async fn world() -> World {
    world_with(None).await
}

async fn world_with(key: Option<Arc<Key>>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("wanglou.db")).await.unwrap();
    if let Some(key) = &key {
        store = store.with_key(key.clone());
    }
    let vault = Vault::open(&folder.path().join("vault"), key).unwrap();
    let scan = store.start_scan(NOW, &json!({"pass": 1})).await.unwrap();
    World { _folder: folder, store, vault, scan }
}

impl World {
    async fn receive(&self, body: &str) -> Capture {
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
            size: body.len() as u64,
            state: CaptureState::Pending,
        };
        self.store.receive(&self.vault, &capture, body.as_bytes().to_vec()).await.unwrap();
        capture
    }

    fn batch(&self, judgement: Judgement, capture: &Capture) -> JudgementBatch {
        let recipient = "M1".into();
        let lane = judgement.lane.clone();
        JudgementBatch {
            scan: self.scan.clone(),
            at: NOW,
            judgement,
            facts: SubjectFacts::default(),
            captures: vec![capture.id.clone()],
            alerts: vec![AlertRequest { kind: AlertKind::Immediate, recipient, lane, due_at: NOW }],
            occasion: AlertOccasion::Opened,
            audit: vec![],
        }
    }
}

fn account(outcome: Outcome, lane: Lane) -> Judgement {
    let reason = Reason::new("账号名含「星河科技」", "the name holds 星河科技");
    Judgement {
        subject: Subject {
            kind: SubjectKind::Account,
            id: None,
            platform: "forum".into(),
            handle: "u1".into(),
            url: "https://forum.example/u1".into(),
        },
        outcome,
        lane,
        notify: Notify::Immediate,
        severity: Some(Severity::High),
        findings: vec![Finding {
            rule: Rule::Name,
            clause: "四.2".into(),
            terms: vec!["W1".into()],
            reasons: vec![reason.clone()],
        }],
        candidates: vec![Candidate { employee_id: "E1".into(), score: 0.7, band: Band::Medium, reasons: vec![reason] }],
        reasons: vec![],
        terms: vec!["W1".into()],
        topics: vec![],
        excerpt: None,
    }
}

fn manager() -> Lane {
    Lane::Manager("XH".into())
}

#[tokio::test]
async fn a_judgement_opens_one_case_with_evidence_and_one_mail() {
    let w = world().await;
    let capture = w.receive(PAGE).await;
    let batch = w.batch(account(Outcome::Alert, manager()), &capture);

    let first = w.store.record_judgement(&w.vault, &batch).await.unwrap();
    let again = w.store.record_judgement(&w.vault, &batch).await.unwrap();

    assert_eq!((first.change, first.number.as_deref()), (CaseChange::Opened, Some("XS-2611-0001")));
    assert_eq!((again.change, &again.case), (CaseChange::Unchanged, &first.case));
    let case = w.store.case(&first.case.unwrap()).await.unwrap().unwrap();
    assert_eq!((case.state, case.judgement), (CaseState::Open, batch.judgement));
    assert_eq!(w.store.latest_alerts(9).await.unwrap().len(), 1);
    assert_eq!(w.store.outcomes_of_scan(&w.scan).await.unwrap().len(), 1);
    assert_eq!(w.store.evidence_of_case(&case.id).await.unwrap().len(), 1);
    let done = PageDone { capture: capture.id, memo: None, topics: vec![], at: NOW };
    assert_eq!(w.store.finish_page(&w.vault, &done).await.unwrap(), CaptureState::Kept);
    let verified = verify(&w.store, &w.vault).await.unwrap();
    assert_eq!((verified.links, verified.objects, verified.problems), (1, 1, vec![]));
}
