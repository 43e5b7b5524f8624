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
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/migrations")).unwrap();
    let mut samples: Vec<std::path::PathBuf> = folder.map(|file| file.unwrap().path()).collect();
    samples.sort();
    for sample in samples {
        place.run(&std::fs::read_to_string(sample).unwrap()).await;
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

#[tokio::test]
async fn what_was_brought_and_never_judged_goes_after_a_while() {
    let w = world().await;
    let capture = w.receive("brought").await;
    let (source, other) = (vec![capture.source.clone()], vec!["elsewhere".into()]);
    let (before, after) = (capture.fetched_at, capture.fetched_at.plus_ms(1));
    assert_eq!(w.store.drop_stranded(&source, before).await.unwrap(), 0, "it may still be under way");
    assert_eq!(w.store.drop_stranded(&other, after).await.unwrap(), 0);
    assert_eq!(w.store.drop_stranded(&source, after).await.unwrap(), 1);
    assert_eq!(w.store.pending_captures(None, None, 9).await.unwrap(), vec![]);
}

/// A copy of a world on a file, with the key.
async fn copied(w: &crate::world::World, folder: &std::path::Path) -> (wanglou::pipeline::copy::Copied, Store, Vault) {
    let store = Store::open(&folder.join("copy.db")).await.unwrap();
    let vault = Vault::open(&folder.join("copied"), Some(crate::world::key())).unwrap();
    let to = Facts { store: &store, vault: &vault };
    let copied = copy(Facts { store: &w.store, vault: &w.vault }, to, &|_, _| {}).await.unwrap();
    (copied, store, vault)
}

#[tokio::test]
async fn evidence_that_is_lost_or_damaged_is_named_and_everything_else_is_copied() {
    let w = sealed_world().await;
    let (_, lost) = w.record_with_page(account(Outcome::Alert, manager()), "lost").await;
    let (_, spoilt) = w.record_with_page(crate::world::post(1, Outcome::Alert, manager()), "spoilt").await;
    let (_, sound) = w.record_with_page(crate::world::post(2, Outcome::Alert, manager()), "sound").await;
    w.vault.remove(&lost.sha256).await.unwrap();
    w.spoil(&spoilt.sha256, b"what a failing disk gives").await;
    let folder = tempfile::tempdir().unwrap();

    let (copied, store, vault) = copied(&w, folder.path()).await;

    let before = wanglou::store::verify(&w.store, &w.vault).await.unwrap().problems;
    assert_eq!((copied.problems.len(), &copied.problems), (2, &before));
    assert_eq!(wanglou::store::verify(&store, &vault).await.unwrap().problems, before);
    assert_eq!(vault.get(&sound.sha256).await.unwrap(), b"sound");
    let mut snapshot = w.store.snapshot().await.unwrap();
    assert!(snapshot.is_evidence(&lost.sha256).await.unwrap());
    assert!(!snapshot.is_evidence(&"none".into()).await.unwrap());
}

#[tokio::test]
async fn subjects_that_are_erased_while_they_are_copied_are_whole_in_the_copy_or_not_there() {
    let w = sealed_world().await;
    let mut keys = Vec::new();
    for number in 0..60 {
        let judgement = crate::world::post(number, Outcome::Alert, manager());
        keys.push(wanglou::store::subject_key(&judgement.subject));
        w.record_with_page(judgement, &format!("page {number}")).await;
    }
    let folder = tempfile::tempdir().unwrap();

    let erasing = async {
        for key in &keys[..50] {
            w.store.erase_subject(&w.vault, key, "wanglou", NOW).await.unwrap();
        }
    };
    let ((copied, store, vault), ()) = tokio::join!(copied(&w, folder.path()), erasing);

    assert_eq!(copied.problems, vec![]);
    let found = wanglou::store::verify(&store, &vault).await.unwrap();
    assert_eq!((found.problems.len(), found.objects + found.erased), (0, 60));
    assert_eq!(files_below(&folder.path().join("copied")), found.objects, "what was erased lies in the copy no more");
}

fn files_below(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
