//! A backup is a folder: `database.db` (an SQLite file, whatever the engine), `objects/` (the vault), `files/` (ledgers,
//! platform files, sources, configuration), `SHA256SUMS` over all of them, and `manifest.json`, which is written last. Made
//! while the daemon works; brought back into either engine. The key is left out unless it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::config::{Config, ConfigError};
use crate::jobs::{DaemonLock, LockError};
use crate::model::time::Timestamp;
use crate::pipeline::copy::{CopyError, Facts, copy, refuse_filled};
use crate::store::{ChainEnd, ChainProblem, Store, StoreError, Tallies};
use crate::vault::{Vault, VaultError};

const FORMAT: u32 = 1;
const DATABASE: &str = "database.db";
const OBJECTS: &str = "objects";
const FILES: &str = "files";
const SUMS: &str = "SHA256SUMS";
const MANIFEST: &str = "manifest.json";
const KEY: &str = "key";
/// Largest manifest, bytes.
const MANIFEST_MAX: u64 = 16 << 20;
/// Largest list of sums, bytes: some ten million objects.
const SUMS_MAX: u64 = 2 << 30;
/// Deepest folder below a backup; links are not followed.
const DEPTH_MAX: usize = 6;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    /// Form of the backup.
    pub format: u32,
    /// Version of the program that made it.
    pub program: String,
    /// Schema of its database.
    pub schema: i64,
    /// When it was made.
    pub made_at: Timestamp,
    /// What each table holds.
    pub tables: Tallies,
    /// End of the chain.
    pub chain: ChainEnd,
    /// Stored bytes in it.
    pub objects: u64,
    /// Whether the key is in it.
    pub has_key: bool,
    /// What was wrong with the evidence when it was made. Empty when all was well.
    pub problems: Vec<String>,
    /// SHA-256 of the list of sums.
    pub sums_sha256: String,
}

/// Why a backup was not made or not brought back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something is there already.
    #[error("{0} is there already: name a folder that is not")]
    Exists(PathBuf),
    /// The folder is no backup, or one that is damaged.
    #[error("{path} cannot be used as a backup: {problem}")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A newer program made it.
    #[error("the backup has schema {found}, this program knows up to {known}: install the newer program")]
    Newer {
        /// Schema of the backup.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// Another process works on the database.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Rows or bytes were not brought over.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A file cannot be read or written.
    #[error("{path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What goes into a backup beside the facts.
#[derive(Debug, Clone, Copy)]
pub struct Belongings<'a> {
    /// The configuration, which says where ledgers, platform files and sources lie.
    pub config: &'a Config,
    /// The configuration's file.
    pub config_file: &'a Path,
    /// Whether the key's file goes along.
    pub with_key: bool,
}

type Told<'a> = &'a (dyn Fn(&str, u64) + Send + Sync);

/// Makes a backup in a new folder. What is begun lies beside it under another name until it is whole and verified.
pub async fn backup(
    from: Facts<'_>,
    belongings: Belongings<'_>,
    to: &Path,
    now: Timestamp,
    told: Told<'_>,
) -> Result<Manifest, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let parent = Some(to.parent().unwrap_or(Path::new("."))).filter(|p| !p.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(at(parent))?;
    // Only the owner may read a temporary folder, and so what becomes of it.
    let begun = tempfile::Builder::new().prefix(".wanglou-backup-").tempdir_in(parent).map_err(at(parent))?;
    let manifest = fill(from, belongings, begun.path(), now, told).await?;
    let path = begun.keep();
    fs::rename(&path, to).map_err(at(to))?;
    sync(parent)?;
    Ok(manifest)
}

async fn fill(
    from: Facts<'_>,
    belongings: Belongings<'_>,
    folder: &Path,
    now: Timestamp,
    told: Told<'_>,
) -> Result<Manifest, BackupError> {
    let store = Store::open(&folder.join(DATABASE)).await?;
    let vault = Vault::open(&folder.join(OBJECTS), None)?;
    let copied = copy(from, Facts { store: &store, vault: &vault }, told).await?;
    let schema = store.schema_version().await?;
    store.close().await;
    tidy_database(folder)?;
    write_files(belongings, &folder.join(FILES))?;
    if belongings.with_key {
        let file = &belongings.config.paths.key_file;
        write_private(&folder.join(FILES).join(KEY), &fs::read(file).map_err(at(file))?)?;
    }
    let sums = sums_of(folder)?;
    write_private(&folder.join(SUMS), sums.as_bytes())?;
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        made_at: now,
        tables: copied.tables,
        chain: copied.chain,
        objects: copied.objects,
        has_key: belongings.with_key,
        problems: copied.problems.iter().map(ToString::to_string).collect(),
        sums_sha256: crate::store::sha256_hex(sums.as_bytes()),
    };
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    write_private(&folder.join(MANIFEST), text.as_bytes())?;
    check(folder)
}

/// Side files of the database that mean nothing once it is closed.
fn tidy_database(folder: &Path) -> Result<(), BackupError> {
    for side in ["database.db-wal", "database.db-shm", "database.db.schema"] {
        let path = folder.join(side);
        if path.exists() {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

fn write_files(belongings: Belongings<'_>, to: &Path) -> Result<(), BackupError> {
    let paths = &belongings.config.paths;
    copy_file(belongings.config_file, &to.join("wanglou.toml"))?;
    copy_file(&paths.sources, &to.join("sources.toml"))?;
    copy_folder(&paths.watchlists, &to.join("watchlists"))?;
    copy_folder(&paths.platforms, &to.join("platforms"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(to).map_err(at(to))?;
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let name = entry.file_name();
        // Hidden files are what editors and this program leave while they write.
        if entry.path().is_file() && !name.to_string_lossy().starts_with(['.', '~']) {
            copy_file(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), BackupError> {
    if from.is_file() {
        write_private(to, &fs::read(from).map_err(at(from))?)?;
    }
    Ok(())
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(at(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

/// A line for each file, as `sha256sum --check` reads it.
fn sums_of(folder: &Path) -> Result<String, BackupError> {
    let mut sums = BTreeMap::new();
    walk(folder, folder, 0, &mut |path, name| {
        if name != SUMS && name != MANIFEST {
            sums.insert(name, sha256_of(path)?);
        }
        Ok(())
    })?;
    Ok(sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect())
}

fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    visit: &mut impl FnMut(&Path, String) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let kind = fs::symlink_metadata(&path).map_err(at(&path))?.file_type();
        if kind.is_dir() && depth < DEPTH_MAX {
            walk(root, &path, depth + 1, visit)?;
        } else if kind.is_file() {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            visit(&path, name)?;
        }
    }
    Ok(())
}

fn sha256_of(path: &Path) -> Result<String, BackupError> {
    let mut file = File::open(path).map_err(at(path))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let count = file.read(&mut buffer).map_err(at(path))?;
        if count == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(&buffer[..count]);
    }
}

/// Reads a backup through and compares every byte with what the backup says of itself.
///
/// # Errors
/// When something is missing, cut, changed, or lies there in addition.
pub fn check(folder: &Path) -> Result<Manifest, BackupError> {
    let unusable = |problem: String| BackupError::Unusable { path: folder.to_owned(), problem };
    let text = read_limited(&folder.join(MANIFEST), MANIFEST_MAX)
        .map_err(|_| unusable(format!("it has no {MANIFEST}: it is no backup, or was not finished")))?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|error| unusable(format!("{MANIFEST} cannot be read: {error}")))?;
    if manifest.format != FORMAT {
        return Err(unusable(format!("it has form {}, this program reads form {FORMAT}", manifest.format)));
    }
    let sums = read_limited(&folder.join(SUMS), SUMS_MAX).map_err(|_| unusable(format!("it has no {SUMS}")))?;
    if crate::store::sha256_hex(sums.as_bytes()) != manifest.sums_sha256 {
        return Err(unusable(format!("{SUMS} was changed")));
    }
    let found = sums_of(folder)?;
    let (found, named): (BTreeSet<&str>, BTreeSet<&str>) = (found.lines().collect(), sums.lines().collect());
    match named.symmetric_difference(&found).next() {
        None => Ok(manifest),
        Some(line) => {
            let name = line.split("  ").nth(1).unwrap_or_default();
            Err(unusable(format!("{name} is missing, changed or does not belong there")))
        }
    }
}

fn read_limited(path: &Path, most: u64) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Files that were put back, by their place.
    pub files: Vec<PathBuf>,
    /// Files that were left alone, because others lie in their place.
    pub left_alone: Vec<PathBuf>,
    /// What is wrong with the evidence that came back: what was wrong when the backup was made.
    pub problems: Vec<ChainProblem>,
}

/// Brings a backup back into the empty installation of a configuration, on either engine. Nothing is touched before the
/// backup has been read through; files that lie there are never replaced.
pub async fn restore(from: &Path, config: &Config, told: Told<'_>) -> Result<Restored, BackupError> {
    let manifest = check(from)?;
    let known = Store::known_schema();
    if manifest.schema > known {
        return Err(BackupError::Newer { found: manifest.schema, known });
    }
    fs::create_dir_all(&config.paths.store).map_err(at(&config.paths.store))?;
    let address = config.database()?;
    let _lock = DaemonLock::of(&address)?;
    // The backup itself stays as it is, also where its schema is older and is brought up to date.
    let work = tempfile::tempdir_in(&config.paths.store).map_err(at(&config.paths.store))?;
    let database = work.path().join(DATABASE);
    fs::copy(from.join(DATABASE), &database).map_err(at(&database))?;
    let (source, target) = (Store::open(&database).await?, Store::open_at(&address).await?);
    let vault = match address.file() {
        Some(_) => Vault::beside(&target, &config.vault(), None)?,
        None => Vault::in_database(&target, None),
    };
    refuse_filled(&target).await?;
    // Rows come last, so that a restore that was interrupted can be called again.
    let (files, left_alone) = restore_files(&from.join(FILES), config)?;
    let objects = Vault::open(&from.join(OBJECTS), None)?;
    let facts = Facts { store: &source, vault: &objects };
    let outcome = copy(facts, Facts { store: &target, vault: &vault }, told).await;
    source.close().await;
    target.close().await;
    Ok(Restored { manifest, files, left_alone, problems: outcome?.problems })
}

fn restore_files(from: &Path, config: &Config) -> Result<(Vec<PathBuf>, Vec<PathBuf>), BackupError> {
    let paths = &config.paths;
    let (mut restored, mut left_alone) = (Vec::new(), Vec::new());
    let mut names = Vec::new();
    walk(from, from, 0, &mut |path, name| {
        names.push((path.to_owned(), name));
        Ok(())
    })?;
    for (path, name) in names {
        let Some(place) = place_of(&name, paths) else { continue };
        let bytes = fs::read(&path).map_err(at(&path))?;
        match fs::read(&place) {
            Ok(there) if there == bytes => {}
            Ok(_) => left_alone.push(place),
            Err(_) => {
                write_private(&place, &bytes)?;
                restored.push(place);
            }
        }
    }
    Ok((restored, left_alone))
}

/// Where a file belongs; none for the configuration, which says so itself, and for what is not ours.
fn place_of(name: &str, paths: &crate::config::Paths) -> Option<PathBuf> {
    let parts: Vec<Component<'_>> = Path::new(name).components().collect();
    let is_plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    match name.split_once('/') {
        _ if !is_plain => None,
        Some(("watchlists", name)) => Some(paths.watchlists.join(name)),
        Some(("platforms", name)) => Some(paths.platforms.join(name)),
        None if name == "sources.toml" => Some(paths.sources.clone()),
        None if name == KEY => Some(paths.key_file.clone()),
        _ => None,
    }
}

/// Puts the configuration of a backup in its place, for its owner alone.
///
/// # Errors
/// When there is none in the backup, or when it cannot be written.
pub fn restore_configuration(folder: &Path, to: &Path) -> Result<(), BackupError> {
    let path = folder.join(FILES).join("wanglou.toml");
    write_private(to, read_limited(&path, MANIFEST_MAX).map_err(at(&path))?.as_bytes())
}

fn sync(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::place_of;

    #[test]
    fn a_file_of_a_backup_never_leads_elsewhere() {
        let paths = crate::config::Paths::default();
        assert_eq!(place_of("watchlists/terms.csv", &paths), Some(PathBuf::from("watchlists/terms.csv")));
        for name in ["../x", "/etc/passwd", "watchlists/../../x", "other", "wanglou.toml", "deep/er/x"] {
            assert_eq!(place_of(name, &paths), None, "{name}");
        }
    }
}
