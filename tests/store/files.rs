//! What only a database that is a file can promise.

use wanglou::jobs::DaemonLock;
use wanglou::model::audit::AuditEntry;
use wanglou::model::case::Outcome;

use crate::world::{NOW, account, manager, post, world};

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_database_and_vault() {
    use std::os::unix::fs::PermissionsExt;
    let w = world().await;
    let (_, capture) = w.record_with_page(account(Outcome::Alert, manager()), "page").await;
    let text = capture.sha256.as_str();
    let object = w.file("vault").join(&text[..2]).join(&text[2..4]).join(format!("{text}.zst"));
    for path in [w.file("wanglou.db"), w.file("wanglou.db-wal"), object] {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[tokio::test]
async fn what_waits_lies_in_the_database_and_what_is_kept_in_the_folder() {
    let w = world().await;
    let waiting = w.receive("a page that waits").await;
    let (_, kept) = w.record_with_page(account(Outcome::Alert, manager()), "a page that is evidence").await;
    let folder = wanglou::vault::Vault::open(&w.file("vault"), None).unwrap();
    assert!(w.store.object(&waiting.sha256).await.unwrap().is_some());
    assert!(!folder.contains(&waiting.sha256).await.unwrap());
    assert!(w.store.object(&kept.sha256).await.unwrap().is_none());
    assert!(folder.contains(&kept.sha256).await.unwrap());
}

#[tokio::test]
async fn a_page_that_is_sealed_while_it_waits_leaves_no_plain_copy() {
    let w = crate::world::sealed_world().await;
    let capture = w.receive("a page for the leak lane").await;
    let leak = account(Outcome::Alert, wanglou::model::case::Lane::Leak);
    w.store.record_judgement(&w.vault, &w.batch(leak, &[&capture])).await.unwrap();
    assert!(w.store.object(&capture.sha256).await.unwrap().is_none());
    assert_eq!(w.vault.get(&capture.sha256).await.unwrap(), b"a page for the leak lane");
}

/// While a page moves from the database into the folder, whoever reads it may look into the one before and into the other after.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_can_be_read_at_any_moment_of_its_move() {
    let w = world().await;
    for number in 0..60 {
        let capture = w.receive(&format!("page {number}")).await;
        let batch = w.batch(post(number, Outcome::Alert, manager()), &[&capture]);
        w.store.record_judgement(&w.vault, &batch).await.unwrap();
        let (vault, hash) = (w.vault.clone(), capture.sha256.clone());
        let reading = tokio::spawn(async move {
            for _ in 0..40 {
                vault.get(&hash).await.unwrap();
            }
        });
        w.finish(&capture, &[]).await;
        reading.await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "this is not a database, but it is long enough to be taken for one".repeat(9)).unwrap();
    let refused = wanglou::store::Store::open(&path).await.unwrap_err();
    assert!(refused.to_string().contains("notes.txt"), "{refused}");
}

#[tokio::test]
async fn a_second_daemon_on_the_same_database_is_refused() {
    let w = world().await;
    let _held = DaemonLock::take(&w.file("wanglou.db")).unwrap();
    assert!(DaemonLock::take(&w.file("wanglou.db")).unwrap_err().to_string().contains("stop it first"));
}

/// When the disk is full the engine itself takes the whole transaction back.
#[tokio::test]
async fn the_writer_works_again_after_the_engine_took_a_transaction_back() {
    let w = world().await;
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END";
    w.place.run(refuse).await;
    let entry = AuditEntry {
        at: NOW,
        actor: "wanglou".into(),
        action: "try".into(),
        object: "disk".into(),
        detail: String::new(),
    };
    w.store.audit(&entry).await.unwrap_err();
    w.place.run("DROP TRIGGER refuse").await;
    w.store.audit(&entry).await.unwrap();
    w.record(account(Outcome::Alert, manager())).await;
}
