//! Every migration runs on a database that is not empty, and the program reads what is there.

use std::path::{Path, PathBuf};

use sqlx::AssertSqlSafe;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use wanglou::model::case::CaseState;
use wanglou::store::{CaseFilter, Store, StoreError};

async fn migrations() -> Migrator {
    Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.unwrap()
}

async fn pool(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqlitePool::connect_with(options).await.unwrap()
}

/// Sample rows as they stood in a database of that schema: `tests/data/migrations/<version>.sql`.
fn sample(version: i64) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/migrations");
    let path: PathBuf = folder.join(format!("{version:04}.sql"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("migration {version} has no sample rows in {}", path.display()))
}

#[tokio::test]
async fn every_migration_runs_on_rows_of_the_one_before_and_the_store_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wanglou.db");
    let pool = pool(&path).await;
    let migrations = migrations().await;
    for migration in migrations.iter() {
        migrations.run_to(migration.version, &pool).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sample(migration.version))).execute(&pool).await.unwrap();
    }
    pool.close().await;

    let store = Store::open(&path).await.unwrap();

    let cases = store.cases(&CaseFilter { with_closed: true, ..CaseFilter::default() }).await.unwrap();
    assert_eq!((cases[0].number.as_str(), &cases[0].state), ("XS-2610-0001", &CaseState::Open));
    assert_eq!(store.evidence_of_case(&cases[0].id).await.unwrap().len(), 1);
    assert_eq!(store.latest_outcomes().await.unwrap().len(), 1);
    assert_eq!(store.latest_alerts(9).await.unwrap()[0].cases, vec![cases[0].id.clone()]);
    assert_eq!(store.source_states().await.unwrap().len(), 1);
    assert_eq!(store.pending_captures(9).await.unwrap().len(), 0);
    assert_eq!(store.job_counts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wanglou.db");
    Store::open(&path).await.unwrap().close().await;
    let pool = pool(&path).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9001, 'newer', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&pool).await.unwrap();
    pool.close().await;

    let refused = Store::open(&path).await.unwrap_err();

    assert!(matches!(refused, StoreError::Newer { found: 9001, .. }));
    assert!(refused.to_string().contains("install the newer program again"));
}

#[tokio::test]
async fn opening_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wanglou.db");
    let first = Store::open(&path).await.unwrap();
    let second = Store::open(&path).await.unwrap();
    assert_eq!(first.latest_scans(1).await.unwrap(), second.latest_scans(1).await.unwrap());
    assert_eq!(first.schema_version().await.unwrap(), second.schema_version().await.unwrap());
}
