//! A whole database brought elsewhere: every table, every value, in either direction.

use wanglou::pipeline::copy::{CopyError, Facts, copy};
use wanglou::store::Store;
use wanglou::vault::Vault;

use crate::world::{NOW, Place, account, manager, sealed_world, world};
use wanglou::model::case::Outcome;

/// A database with rows in every table.
async fn filled() -> Place {
    let place = Place::new().await;
    place.store().await.close().await;
    for version in 1.. {
        let sample = format!("{}/tests/data/migrations/{version:04}.sql", env!("CARGO_MANIFEST_DIR"));
        match std::fs::read_to_string(sample) {
            Ok(rows) => place.run(&rows).await,
            Err(_) => break,
        }
    }
    place
}

#[tokio::test]
async fn every_value_of_every_table_comes_out_as_it_went_in() {
    let place = filled().await;
    let here = place.store().await;
    let before = here.snapshot().await.unwrap().tallies().await.unwrap();
    let empty: Vec<_> = before.iter().filter(|(_, tally)| tally.rows == 0).map(|(name, _)| name).collect();
    assert_eq!(empty, Vec::<&String>::new(), "the samples fill every table");
    let folder = tempfile::tempdir().unwrap();
    let file = Store::open(&folder.path().join("copy.db")).await.unwrap();
    let elsewhere = Place::new().await;
    let there = elsewhere.store().await;

    for (from, to) in [(&here, &file), (&file, &there)] {
        let mut tx = to.begin().await.unwrap();
        let mut snapshot = from.snapshot().await.unwrap();
        let (read, written) = tx.copy_from(&mut snapshot, &|_, _| {}).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((&read, &written), (&before, &before));
    }

    assert_eq!(there.snapshot().await.unwrap().tallies().await.unwrap(), before);
    assert_eq!(there.begin().await.unwrap().filled_tables().await.unwrap().len(), before.len());
}

#[tokio::test]
async fn rows_and_evidence_are_copied_together_and_verify() {
    let w = sealed_world().await;
    w.record_with_page(account(Outcome::Alert, manager()), "a page").await;
    let pending = w.receive("waits").await;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("copy.db")).await.unwrap();
    let vault = Vault::open(&folder.path().join("vault"), Some(crate::world::key())).unwrap();

    let copied = copy(Facts { store: &w.store, vault: &w.vault }, Facts { store: &store, vault: &vault }, &|_, _| {})
        .await
        .unwrap();

    assert_eq!((copied.objects, copied.chain.links), (2, 1));
    assert_eq!(copied.chain.head, w.store.chain_head().await.unwrap());
    assert_eq!(vault.get(&pending.sha256).await.unwrap(), b"waits");
    assert_eq!(store.pending_captures(None, None, 9).await.unwrap(), vec![pending]);
}

#[tokio::test]
async fn a_database_in_use_is_not_written_over() {
    let (w, other) = (world().await, world().await);
    let facts = |world: &crate::world::World| (world.store.clone(), world.vault.clone());
    let ((store, vault), (target, shelf)) = (facts(&w), facts(&other));
    let refused =
        copy(Facts { store: &store, vault: &vault }, Facts { store: &target, vault: &shelf }, &|_, _| {}).await;
    assert!(matches!(refused, Err(CopyError::NotEmpty(tables)) if tables == "scans"));
}

#[tokio::test]
async fn a_page_whose_bytes_are_gone_does_not_wait_for_ever() {
    let w = world().await;
    let (lost, there) = (w.receive("lost").await, w.receive("there").await);
    w.vault.remove(&lost.sha256).await.unwrap();
    assert_eq!(w.store.drop_lost_captures(&w.vault).await.unwrap(), 1);
    assert_eq!(w.store.pending_captures(None, None, 9).await.unwrap(), vec![there]);
    let mut snapshot = w.store.snapshot().await.unwrap();
    w.store.start_scan(NOW, &serde_json::json!({})).await.unwrap();
    assert_eq!(snapshot.tallies().await.unwrap()["scans"].rows, 1, "a snapshot does not move on");
    assert_eq!(snapshot.referred_after("", 9).await.unwrap().len(), 1);
    assert_eq!(snapshot.chain_end().await.unwrap().links, 0);
}
