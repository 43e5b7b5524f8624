//! Platform files and sources that were added in the console: every state is kept, and nobody overwrites another's.

use wanglou::model::added::{Added, AddedKind};
use wanglou::model::audit::AuditEntry;
use wanglou::store::AuditQuery;

use crate::world::{NOW, world};

fn state(name: &str, version: u64, text: &str, is_removed: bool) -> (Added, AuditEntry) {
    let audit = AuditEntry {
        at: NOW,
        actor: "user:admin".into(),
        action: "source.add".into(),
        object: format!("source/{name}"),
        detail: String::new(),
    };
    let (name, text, author) = (name.to_owned(), text.to_owned(), "user:admin".to_owned());
    (Added { kind: AddedKind::Source, name, version, is_removed, text, author, at: NOW }, audit)
}

#[tokio::test]
async fn the_latest_state_counts_and_earlier_ones_stay() {
    let w = world().await;
    assert!(w.store.add_files(&[state("a", 1, "one", false), state("b", 1, "other", false)]).await.unwrap());
    assert!(w.store.add_files(&[state("a", 2, "two", true)]).await.unwrap());
    let latest = w.store.added_files().await.unwrap();
    let told: Vec<_> = latest.iter().map(|one| (one.name.as_str(), one.version, one.is_removed)).collect();
    assert_eq!(told, [("a", 2, true), ("b", 1, false)]);
    let texts: Vec<_> = latest.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["", "other"], "what was removed is not read whole");
    let listed = w.store.added_list().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|one| one.text.is_empty()));
    let states = w.store.added_states(AddedKind::Source, "a", 9).await.unwrap();
    assert_eq!(states.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["two", "one"]);
    assert_eq!(w.store.added_states(AddedKind::Platform, "a", 9).await.unwrap(), []);
    assert_eq!(w.store.added_count().await.unwrap(), 3);
}

#[tokio::test]
async fn who_comes_second_writes_nothing_at_all() {
    let w = world().await;
    w.store.add_files(&[state("a", 1, "one", false)]).await.unwrap();
    assert!(!w.store.add_files(&[state("b", 1, "new", false), state("a", 1, "late", false)]).await.unwrap());
    assert_eq!(w.store.added_files().await.unwrap(), [state("a", 1, "one", false).0]);
    let audit = w.store.audit_page(&AuditQuery { size: 10, ..AuditQuery::default() }).await.unwrap();
    let added = audit.iter().filter(|entry| entry.action == "source.add").count();
    assert_eq!(added, 1);
}
