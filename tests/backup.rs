//! Backup, loss, and return: the evidence verifies, and the next scan makes no new case and no second letter.

#[path = "support/postgres.rs"]
mod postgres;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use postgres::Database;
use wanglou::clock::Clock;
use wanglou::config::Config;
use wanglou::demo::site::Web;
use wanglou::demo::{Demo, Options};
use wanglou::pipeline::backup::{BackupError, Belongings, backup, check, restore};
use wanglou::pipeline::copy::Facts;
use wanglou::pipeline::digests::queue_digests;
use wanglou::pipeline::letters::deliver;
use wanglou::pipeline::progress::nobody;
use wanglou::pipeline::scan::{scan, take_up};
use wanglou::pipeline::shell::Shell;
use wanglou::store::{CaseFilter, Store, verify};

/// A demo that has run, and its backup.
struct World {
    folder: tempfile::TempDir,
    web: Web,
    clock: Clock,
    before: (Vec<String>, usize),
}

fn quiet(_: &str, _: u64) {}

impl World {
    async fn new(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { folder: folder.path().join("demo"), smtp: None, database };
        let Demo { web, shell, .. } = Demo::run(&options, &nobody()).await.unwrap();
        let file = folder.path().join("demo/wanglou.toml");
        let belongings = Belongings { config: &shell.config, config_file: &file, with_key: true };
        let facts = Facts { store: &shell.store, vault: &shell.vault };
        backup(facts, belongings, &folder.path().join("backup"), shell.clock.now(), &quiet).await.unwrap();
        let (clock, before) = (shell.clock.clone(), told(&shell).await);
        shell.store.close().await;
        Self { folder, web, clock, before }
    }

    fn backup(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    /// The installation, with nothing left of database, evidence and ledgers.
    fn destroyed(&self) -> Config {
        let demo = self.folder.path().join("demo");
        for name in ["store", "watchlists", "platforms", "secrets"] {
            std::fs::remove_dir_all(demo.join(name)).unwrap();
        }
        std::fs::remove_file(demo.join("sources.toml")).unwrap();
        Config::read(&demo.join("wanglou.toml")).unwrap()
    }

    async fn comes_back(self, config: Config) {
        let restored = restore(&self.backup(), &config, &quiet).await.unwrap();
        assert!(restored.left_alone.is_empty() && restored.files.len() > 10, "{restored:?}");
        let shell = Shell::open_to_work(config, self.clock.clone()).await.unwrap();
        assert_eq!(verify(&shell.store, &shell.vault).await.unwrap().problems, vec![]);
        assert_eq!(told(&shell).await, self.before);
        take_up(&shell, &nobody()).await.unwrap();
        let pass = scan(&shell, shell.sources().iter(), &nobody()).await.unwrap();
        let world = shell.world();
        queue_digests(&shell, &world).await.unwrap();
        let sent = deliver(&shell, &world).await.unwrap();
        assert!(pass.pages() > 0);
        assert_eq!((told(&shell).await, sent.sent), (self.before, 0));
        self.web.stop().await;
    }
}

/// Numbers of all cases, and how many letters there are.
async fn told(shell: &Arc<Shell>) -> (Vec<String>, usize) {
    let every = CaseFilter { with_closed: true, with_leak_lane: true, ..CaseFilter::default() };
    let mut numbers: Vec<String> =
        shell.store.cases(&every).await.unwrap().into_iter().map(|case| case.number).collect();
    numbers.sort();
    (numbers, shell.store.latest_alerts(10_000).await.unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_a_file_comes_back_to_a_file() {
    let world = World::new(None).await;
    let config = world.destroyed();
    world.comes_back(config).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_a_file_comes_back_to_a_server() {
    let (world, database) = (World::new(None).await, Database::new().await);
    let mut config = world.destroyed();
    config.database.url = database.url();
    world.comes_back(config).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_a_server_comes_back_to_a_server() {
    let (database, other) = (Database::new().await, Database::new().await);
    let world = World::new(Some(database.url())).await;
    let mut config = world.destroyed();
    config.database.url = other.url();
    world.comes_back(config).await;
}

/// One way to spoil a backup.
type Spoil = fn(&Path);

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_not_whole_is_refused_and_touches_nothing() {
    let world = World::new(None).await;
    let config = world.destroyed();
    let spoils: [(&str, Spoil); 6] = [
        ("database.db is missing, changed", |b| cut(&b.join("database.db"))),
        ("files/watchlists/terms.csv is missing", |b| {
            std::fs::remove_file(b.join("files/watchlists/terms.csv")).unwrap()
        }),
        ("files/extra is missing, changed or does not belong", |b| std::fs::write(b.join("files/extra"), "x").unwrap()),
        ("SHA256SUMS was changed", |b| cut(&b.join("SHA256SUMS"))),
        ("manifest.json cannot be read", |b| cut(&b.join("manifest.json"))),
        ("it has no manifest.json", |b| std::fs::remove_file(b.join("manifest.json")).unwrap()),
    ];
    for (problem, spoil) in spoils {
        let spoilt = world.folder.path().join("spoilt");
        copy(&world.backup(), &spoilt);
        check(&spoilt).unwrap();
        spoil(&spoilt);
        let refused = restore(&spoilt, &config, &quiet).await.unwrap_err();
        assert!(matches!(refused, BackupError::Unusable { .. }) && refused.to_string().contains(problem), "{refused}");
        assert!(!config.paths.store.join("wanglou.db").exists() && !config.paths.sources.exists());
        std::fs::remove_dir_all(&spoilt).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_there_is_written_over() {
    let world = World::new(None).await;
    let config = Config::read(&world.folder.path().join("demo/wanglou.toml")).unwrap();
    let refused = restore(&world.backup(), &config, &quiet).await.unwrap_err();
    assert!(refused.to_string().contains("not empty"), "{refused}");
    let store = Store::open(config.database().unwrap().file().unwrap()).await.unwrap();
    let vault = wanglou::vault::Vault::open(&config.vault(), None).unwrap();
    let belongings = Belongings { config: &config, config_file: Path::new("none"), with_key: false };
    let first = world.backup();
    let again = backup(Facts { store: &store, vault: &vault }, belongings, &first, world.clock.now(), &quiet);
    assert!(matches!(again.await, Err(BackupError::Exists(_))));
    let second = world.folder.path().join("second");
    let again = backup(Facts { store: &store, vault: &vault }, belongings, &second, world.clock.now(), &quiet);
    assert!(!again.await.unwrap().has_key && !second.join("files/key").exists());
    let names = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect::<Vec<_>>();
    assert!(
        names(world.folder.path()).iter().all(|name| !name.to_string_lossy().starts_with('.')),
        "nothing half-made"
    );
}

fn cut(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => _ = std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap(),
        }
    }
}
