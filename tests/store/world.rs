//! A store and a vault in a temporary folder, and invented subjects.

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
    Address, AlertOccasion, AlertRequest, Decision, JudgementBatch, NewJob, PageDone, Recorded, Step, Store,
    SubjectFacts, new_id, sha256_hex,
};
use wanglou::vault::Vault;

use crate::postgres::Database;

/// 2026-11-20 18:00 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_795_168_800_000);

/// What a page shows that must be found nowhere when it may not be kept.
pub(crate) const SECRET: &str = "云舟三号的底价是每瓦九毛";

/// On which engine this program runs its tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The engine by the name of the program that runs the tests.
    pub(crate) const fn of_suite(name: &str) -> Self {
        if name.len() > "store".len() { Self::Postgres } else { Self::Sqlite }
    }
}

/// An empty database on this program's engine.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    server: Option<Database>,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let server = match crate::ENGINE {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Database::new().await),
        };
        Self { folder: tempfile::tempdir().unwrap(), server }
    }

    pub(crate) fn address(&self) -> Address {
        match &self.server {
            Some(server) => Address::parse(&server.url(), std::path::Path::new("")).unwrap(),
            None => Address::File(self.folder.path().join("wanglou.db")),
        }
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open_at(&self.address()).await.unwrap()
    }

    /// Brings the schema to an earlier version.
    pub(crate) async fn migrate_to(&self, migrations: &sqlx::migrate::Migrator, version: i64) {
        match &self.server {
            Some(server) => migrations.run_to(version, &mut connection(server).await).await.unwrap(),
            None => {
                let pool = self.file_pool().await;
                migrations.run_to(version, &pool).await.unwrap();
                pool.close().await;
            }
        }
    }

    /// Runs statements beside the program.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(server) = &self.server {
            sqlx::raw_sql(sql).execute(&mut connection(server).await).await.unwrap();
            return;
        }
        let pool = self.file_pool().await;
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    async fn file_pool(&self) -> sqlx::SqlitePool {
        let options = sqlx::sqlite::SqliteConnectOptions::new();
        let options = options.filename(self.folder.path().join("wanglou.db")).create_if_missing(true);
        sqlx::SqlitePool::connect_with(options).await.unwrap()
    }

    /// Every byte that the database keeps: of its files, or of all rows of a server.
    /// Whether a text stands anywhere in it.
    pub(crate) async fn holds(&self, text: &str) -> bool {
        self.all_bytes().await.windows(text.len()).any(|window| window == text.as_bytes())
    }

    async fn all_bytes(&self) -> Vec<u8> {
        match &self.server {
            Some(server) => rows_of(server).await,
            None => bytes_below(self.folder.path()),
        }
    }
}

/// A connection beside the program's own.
async fn connection(server: &Database) -> sqlx::PgConnection {
    <sqlx::PgConnection as sqlx::Connection>::connect(&server.url()).await.unwrap()
}

async fn rows_of(server: &Database) -> Vec<u8> {
    let mut connection = connection(server).await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let mut bytes = Vec::new();
    for table in tables {
        let rows = format!("SELECT t::text FROM {table} AS t");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap();
        bytes.extend(rows.concat().into_bytes());
    }
    let objects: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT bytes FROM objects WHERE NOT sealed").fetch_all(&mut connection).await.unwrap();
    // One that cannot be opened counts as it lies.
    let opened = |object: Vec<u8>| zstd::decode_all(object.as_slice()).unwrap_or(object);
    bytes.extend(objects.into_iter().flat_map(opened));
    bytes
}

fn bytes_below(folder: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(bytes_below(&path));
        } else {
            let stored = std::fs::read(&path).unwrap();
            let is_object = path.extension().is_some_and(|e| e == "zst");
            bytes.extend(if is_object { zstd::decode_all(stored.as_slice()).unwrap() } else { stored });
        }
    }
    bytes
}

pub(crate) struct World {
    pub(crate) place: Place,
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
        let place = Place::new().await;
        let mut store = place.store().await;
        if let Some(key) = &key {
            store = store.with_key(key.clone());
        }
        let vault = vault_of(&place, &store, key);
        let scan = store.start_scan(NOW, &json!({"pass": 1})).await.unwrap();
        Self { place, store, vault, scan }
    }

    /// A file in the folder of this world.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.place.folder.path().join(name)
    }

    /// The same database as another process sees it.
    pub(crate) async fn other(&self) -> Store {
        self.place.store().await
    }

    /// The same database as another process would see it after this one was killed.
    pub(crate) async fn reopened(self) -> Self {
        self.store.close().await;
        let store = self.place.store().await;
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
            adds_evidence: false,
            audit: vec![],
            repost_of: None,
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
        let done = PageDone { capture: capture.id.clone(), digest: None, topics: topics.to_vec(), at: NOW };
        self.store.finish_pages(&self.vault, &[done]).await.unwrap()[0]
    }

    pub(crate) async fn step(&self, case: &CaseId, step: Step) -> wanglou::model::case::Case {
        let decision = Decision { case: case.clone(), step, by: "M1".into(), at: NOW, alerts: vec![] };
        self.store.decide(&decision).await.unwrap()
    }

    /// Puts other bytes in the place of stored ones, as a disk that fails does.
    pub(crate) async fn spoil(&self, hash: &CaptureHash, stored: &[u8]) {
        let text = hash.as_str();
        match crate::ENGINE {
            Engine::Sqlite => {
                let folder = self.file("vault").join(&text[..2]).join(&text[2..4]);
                std::fs::write(folder.join(format!("{text}.zst")), stored).unwrap();
            }
            Engine::Postgres => {
                let hex: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
                let sql = format!("UPDATE objects SET bytes = '\\x{hex}'::bytea WHERE sha256 = '{text}'");
                self.place.run(&sql).await;
            }
        }
    }

    /// Makes the erasure of a subject fail: its object cannot be removed from the folder, or the server refuses.
    pub(crate) async fn obstruct(&self, subject_key: &str, body: &[u8]) {
        let text = sha256_hex(body);
        match crate::ENGINE {
            Engine::Sqlite => {
                let file = self.file("vault").join(&text[..2]).join(&text[2..4]).join(format!("{text}.zst"));
                std::fs::remove_file(&file).unwrap();
                std::fs::create_dir(file).unwrap();
            }
            Engine::Postgres => {
                let sql = format!(
                    "CREATE FUNCTION refuse() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''no''; END' LANGUAGE plpgsql; \
                     CREATE TRIGGER refuse BEFORE DELETE ON outcomes FOR EACH ROW \
                     WHEN (OLD.subject_key = '{subject_key}') EXECUTE FUNCTION refuse()"
                );
                self.place.run(&sql).await;
            }
        }
    }

    /// Whether a text stands anywhere in database and vault.
    pub(crate) async fn holds(&self, text: &str) -> bool {
        self.place.holds(text).await
    }
}

/// The vault as an installation on this engine has it.
pub(crate) fn vault_of(place: &Place, store: &Store, key: Option<Arc<Key>>) -> Vault {
    match crate::ENGINE {
        Engine::Sqlite => Vault::beside(store, &place.folder.path().join("vault"), key).unwrap(),
        Engine::Postgres => Vault::in_database(store, key),
    }
}

pub(crate) fn job(kind: &str, key: &str, host: Option<&str>) -> NewJob {
    NewJob {
        kind: kind.into(),
        key: key.into(),
        host: host.map(str::to_owned),
        egress: String::new(),
        run_at: NOW,
        attempts_max: 2,
        payload: json!({"source": "forum"}),
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
    let finding = Finding {
        rule: Rule::Name,
        clause: "四.2".into(),
        terms: vec!["W1".into()],
        claims: Vec::new(),
        reasons: vec![reason.clone()],
    };
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
        silence: None,
        excerpt: None,
    }
}

/// A post by the account u1 under the same clause.
pub(crate) fn post(number: u32, outcome: Outcome, lane: Lane) -> Judgement {
    let url = format!("https://forum.example/p/{number}");
    Judgement { subject: subject(SubjectKind::Post, "u1", &url), ..account(outcome, lane) }
}
