//! Versions of ledger files.

use serde_json::json;
use wanglou::ledger::mapping::ColumnMapping;
use wanglou::model::audit::AuditEntry;
use wanglou::model::time::Timestamp;
use wanglou::model::topic_change::{TopicChange, TopicChangeState};
use wanglou::store::{NewLedgerVersion, StoreError};

use crate::world::{NOW, SECRET, sealed_world, world};

#[tokio::test]
async fn every_new_state_of_a_file_is_a_version_that_can_be_brought_back() {
    let w = world().await;
    let mut numbers = Vec::new();
    for bytes in ["编号,词条\nW1,星河\n", "编号,词条\nW1,星河\n", "编号,词条\nW1,云舟\n"] {
        let diff = json!([{"line": 2}]);
        let (bytes, author) = (bytes.as_bytes(), "zhang");
        let new = NewLedgerVersion { file: "terms.csv", bytes, author, at: NOW, diff: &diff, confidential: false };
        numbers.push(w.store.add_ledger_version(&new).await.unwrap());
    }
    assert_eq!(numbers, [Some(1), None, Some(2)]);
    let versions = w.store.ledger_versions(Some("terms.csv")).await.unwrap();
    assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((versions[0].author.as_str(), &versions[0].diff), ("zhang", &Some(json!([{"line": 2}]))));
    assert_eq!(w.store.ledger_versions(None).await.unwrap(), versions);
    let latest = (versions[0].version, versions[0].sha256.clone());
    assert_eq!(w.store.latest_ledger_version("terms.csv").await.unwrap(), Some(latest));
    assert_eq!(w.store.latest_ledger_version("other.csv").await.unwrap(), None);
    let first = versions.last().unwrap();
    assert_eq!(w.store.ledger_version_at("terms.csv", first.at).await.unwrap(), Some(versions[0].version));
    assert_eq!(w.store.ledger_version_at("terms.csv", first.at.plus_ms(-1)).await.unwrap(), None);
    let first = w.store.ledger_bytes("terms.csv", 1).await.unwrap().unwrap();
    assert_eq!(first, "编号,词条\nW1,星河\n".as_bytes());
    assert_eq!(w.store.ledger_bytes("terms.csv", 9).await.unwrap(), None);
    assert_eq!(w.store.purge_ledger_versions("terms.csv", 1).await.unwrap(), 1);
    assert_eq!(w.store.ledger_versions(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_confidential_version_needs_the_key_to_be_written_and_read() {
    let diff = json!({"added": SECRET});
    let bytes = SECRET.as_bytes();
    let new = NewLedgerVersion {
        file: "confidential_terms.csv",
        bytes,
        author: "",
        at: NOW,
        diff: &diff,
        confidential: true,
    };
    let open = world().await;
    assert!(matches!(open.store.add_ledger_version(&new).await, Err(StoreError::Sealed(_))));

    let w = sealed_world().await;
    w.store.add_ledger_version(&new).await.unwrap();
    assert!(!w.holds(SECRET).await);
    assert_eq!(w.store.ledger_bytes(new.file, 1).await.unwrap().as_deref(), Some(bytes));
    assert_eq!(w.store.ledger_versions(None).await.unwrap()[0].diff, Some(diff.clone()));
    let stranger = w.other().await;
    assert!(matches!(stranger.ledger_bytes(new.file, 1).await, Err(StoreError::Sealed(_))));
    assert_eq!(stranger.ledger_versions(None).await.unwrap()[0].diff, None);
}

#[tokio::test]
async fn the_columns_that_were_chosen_last_for_a_ledger_are_remembered() {
    let w = world().await;
    assert_eq!(w.store.column_mapping("employees").await.unwrap(), ColumnMapping::new());
    let mapping = |header: &str| ColumnMapping::from([("employee_id".to_owned(), header.to_owned())]);
    for header in ["人员编码", "工牌"] {
        let (action, object) = ("ledger.map".to_owned(), "employees.csv".to_owned());
        let audit = AuditEntry { at: NOW, actor: "XH0009".into(), action, object, detail: String::new() };
        w.store.save_column_mapping("employees", &mapping(header), &audit).await.unwrap();
    }
    assert_eq!(w.store.column_mapping("employees").await.unwrap(), mapping("工牌"));
    assert_eq!(w.store.column_mapping("terms").await.unwrap(), ColumnMapping::new());
    assert_eq!(w.store.audit_of("employees.csv").await.unwrap().len(), 2);
}

fn topic_change(id: &str, at: Timestamp) -> TopicChange {
    TopicChange {
        id: id.into(),
        state: TopicChangeState::Waiting,
        text: "编号,名称,词语\nP01,工资,欠薪\n".into(),
        read: "ff".into(),
        diff: "[]".into(),
        reason: "补充".into(),
        proposed_by: "XH0011".into(),
        proposed_at: at,
        expires_at: at.plus_days(14),
        decided_by: String::new(),
        decided_at: None,
        answer: String::new(),
        version: None,
    }
}

fn by(actor: &str, at: Timestamp) -> AuditEntry {
    AuditEntry { at, actor: actor.into(), action: "topics".into(), object: "t".into(), detail: String::new() }
}

#[tokio::test]
async fn a_change_of_protected_topics_is_decided_by_another_person_in_its_time_and_once() {
    let w = world().await;
    let store = &w.store;
    assert!(store.propose_topic_change(&topic_change("t1", NOW), &by("XH0011", NOW)).await.unwrap());
    assert!(!store.propose_topic_change(&topic_change("t2", NOW), &by("XH0010", NOW)).await.unwrap(), "one at a time");
    assert_eq!(store.topic_change(&"t1".into()).await.unwrap(), Some(topic_change("t1", NOW)));
    let (id, late) = ("t1".into(), NOW.plus_days(14));
    assert!(!store.approve_topic_change(&id, &by("XH0011", NOW)).await.unwrap(), "not one's own");
    assert!(!store.refuse_topic_change(&id, "不妥", &by("XH0011", NOW)).await.unwrap());
    assert!(!store.withdraw_topic_change(&id, &by("XH0010", NOW)).await.unwrap(), "nor somebody else's");
    assert!(!store.approve_topic_change(&id, &by("XH0010", late)).await.unwrap(), "nor too late");
    assert!(store.approve_topic_change(&id, &by("XH0010", NOW)).await.unwrap());
    assert!(store.topic_change(&id).await.unwrap().unwrap().is_unwritten());
    assert!(
        !store.propose_topic_change(&topic_change("t2", NOW), &by("XH0010", NOW)).await.unwrap(),
        "it is not in force yet"
    );
    for (actor, waits) in [("XH0012", true), ("XH0011", false)] {
        assert_eq!(store.topic_change_waits_for(actor, late).await.unwrap(), waits, "{actor}");
    }
    assert!(
        store.approve_topic_change(&id, &by("XH0012", late)).await.unwrap(),
        "what could not be written is tried again, by whomever"
    );
    assert!(store.refuse_topic_change(&id, "不妥", &by("XH0012", NOW)).await.unwrap(), "while it is written");
    store.finish_topic_change(&id, 7, &by("XH0010", NOW)).await.unwrap();
    let nothing = store.finish_topic_change(&"t9".into(), 8, &by("XH0010", NOW)).await;
    assert!(matches!(nothing, Err(StoreError::NoTopicChange(_))));
    assert_eq!(store.topic_versions_of_two().await.unwrap(), [7].into());
    assert!(!store.refuse_topic_change(&id, "不妥", &by("XH0010", NOW)).await.unwrap(), "it is in force");
    let change = store.topic_changes(9).await.unwrap().remove(0);
    assert_eq!(
        (change.state, change.version, change.decided_by.as_str()),
        (TopicChangeState::Approved, Some(7), "XH0010")
    );

    assert!(store.propose_topic_change(&topic_change("t3", NOW), &by("XH0011", NOW)).await.unwrap());
    assert!(store.withdraw_topic_change(&"t3".into(), &by("XH0011", NOW)).await.unwrap());
    assert!(store.propose_topic_change(&topic_change("t4", NOW), &by("XH0011", NOW)).await.unwrap());
    assert!(store.refuse_topic_change(&"t4".into(), "不妥", &by("XH0010", NOW)).await.unwrap());
    assert_eq!(store.topic_change(&"t4".into()).await.unwrap().unwrap().answer, "不妥");
    assert!(store.propose_topic_change(&topic_change("t5", NOW), &by("XH0011", NOW)).await.unwrap());
    let next = store.propose_topic_change(&topic_change("t6", late), &by("XH0010", late)).await.unwrap();
    assert!(next, "what has expired is in nobody's way");
}
