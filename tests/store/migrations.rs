//! Every migration runs on a database that is not empty, and the program reads what is there. Programs of two ages can
//! work on one database while an upgrade is under way.

use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use wanglou::casework::rights::Scope;
use wanglou::model::case::CaseState;
use wanglou::store::{CaseFilter, CaseQuery, Store, StoreError};

use crate::world::Place;

async fn migrations() -> Migrator {
    Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.unwrap()
}

/// Sample rows as they stood in a database of that schema: `tests/data/migrations/<version>.sql`.
fn sample(version: i64) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/migrations");
    let path: PathBuf = folder.join(format!("{version:04}.sql"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("migration {version} has no sample rows in {}", path.display()))
}

/// A migration of a program that does not exist yet: one more column, as an upgrade adds it first.
const EXPAND: &str = "ALTER TABLE scans ADD COLUMN note TEXT; \
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
    VALUES (9001, 'newer', TRUE, '', 0)";
/// The last step of an upgrade: what older programs need is taken away.
const CONTRACT: &str = "UPDATE compatibility SET oldest_schema = 9001";

#[tokio::test]
async fn every_migration_runs_on_rows_of_the_one_before_and_the_store_reads_them() {
    let place = Place::new().await;
    let migrations = migrations().await;
    for migration in migrations.iter() {
        place.migrate_to(&migrations, migration.version).await;
        place.run(&sample(migration.version)).await;
    }

    let store = place.store().await;

    let cases = store.cases(&CaseFilter { with_closed: true, ..CaseFilter::default() }).await.unwrap();
    assert_eq!((cases[0].number.as_str(), &cases[0].state), ("XS-2610-0001", &CaseState::Open));
    assert_eq!(store.evidence_of_case(&cases[0].id).await.unwrap().len(), 1);
    assert_eq!(store.latest_outcomes().await.unwrap().len(), 1);
    assert_eq!(store.latest_alerts(9).await.unwrap()[0].cases, vec![cases[0].id.clone()]);
    assert_eq!(store.source_states().await.unwrap().len(), 1);
    assert_eq!(store.pending_captures(None, None, 9).await.unwrap().len(), 0);
    let scope = Scope { every_manager: true, ..Scope::default() };
    let wish = CaseQuery { scope, words: "河客".into(), size: 9, ..CaseQuery::default() };
    assert_eq!(store.case_page(&wish, str::to_owned).await.unwrap().total, 1, "what stood there before is found");
    store.scrub().await.unwrap();
    assert!(!place.holds("left by an older program").await);
    // On a server the jobs of a file that was copied there are not taken over: schedules fire anew.
    assert_eq!(store.job_counts().await.unwrap().len(), usize::from(!store.is_on_server()));
}

#[tokio::test]
async fn an_older_program_works_on_while_the_schema_is_only_larger() {
    let place = Place::new().await;
    place.store().await.close().await;
    place.run(EXPAND).await;

    let older = place.store().await;

    let scan = older.start_scan(crate::world::NOW, &serde_json::json!({})).await.unwrap();
    assert!(older.scan(&scan).await.unwrap().is_some());
    assert_eq!(older.schema_version().await.unwrap(), 9001);
}

#[tokio::test]
async fn a_program_too_old_for_the_schema_is_refused_with_what_to_do() {
    let place = Place::new().await;
    place.store().await.close().await;
    place.run(EXPAND).await;
    place.run(CONTRACT).await;

    let refused = Store::open_at(&place.address()).await.unwrap_err();

    assert!(matches!(refused, StoreError::Newer { found: 9001, .. }));
    assert!(refused.to_string().contains("install the newer program again"));
}

#[tokio::test]
async fn a_program_that_runs_while_the_schema_outgrows_it_can_see_so() {
    let place = Place::new().await;
    let running = place.store().await;
    place.run(EXPAND).await;
    running.check_compatibility().await.unwrap();
    place.run(CONTRACT).await;

    let refused = running.check_compatibility().await.unwrap_err();

    assert!(matches!(refused, StoreError::Newer { found: 9001, .. }));
}

#[tokio::test]
async fn opening_twice_changes_nothing() {
    let place = Place::new().await;
    let (first, second) = (place.store().await, place.store().await);
    assert_eq!(first.latest_scans(1).await.unwrap(), second.latest_scans(1).await.unwrap());
    assert_eq!(first.schema_version().await.unwrap(), second.schema_version().await.unwrap());
}

#[tokio::test]
async fn programs_that_start_together_bring_the_schema_up_to_date_once() {
    let place = Place::new().await;
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let address = place.address();
        starting.spawn(async move { Store::open_at(&address).await.unwrap().schema_version().await.unwrap() });
    }
    let versions = starting.join_all().await;
    assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
}

#[tokio::test]
async fn a_schema_of_a_server_is_made_anew_and_the_others_are_left_alone() {
    let place = Place::new().await;
    let store = place.store().await;
    let scan = store.start_scan(crate::world::NOW, &serde_json::json!({})).await.unwrap();
    for _ in 0..2 {
        Store::renew_schema(&place.address(), "elsewhere").await.unwrap();
        if crate::ENGINE == crate::world::Engine::Postgres {
            place.run("CREATE TABLE elsewhere.scans (id TEXT)").await;
        }
    }
    assert!(store.scan(&scan).await.unwrap().is_some());
}
