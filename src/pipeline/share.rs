//! One machine keeps the files of the installation, the others follow it through the database: they share nothing else.
//! What is confidential travels sealed, as it lies in the folder; a follower needs the key to use it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::config::Config;
use crate::ledger::definition::Ledger;
use crate::model::time::Timestamp;
use crate::pipeline::shell::{ShellError, platform_files};
use crate::store::Store;
use crate::watchlists::{Folder, SEALED_FILE};

/// Folder of a follower's copies, below the store's.
const COPIES: &str = "shared";
const LEDGERS: &str = "watchlists";
const PLATFORMS: &str = "platforms";
const SOURCES: &str = "sources.toml";

/// What this process does with the files of the installation.
#[derive(Debug)]
pub enum Share {
    /// Nobody else needs them.
    Alone,
    /// It keeps them, and shares them whenever they have changed since the mark.
    Keeps(Mutex<String>),
    /// It takes them from the database, one call after the other: two at once would remove what the other one writes.
    Follows(tokio::sync::Mutex<()>),
}

impl Share {
    /// Whether the files are kept elsewhere.
    pub const fn follows(&self) -> bool {
        matches!(self, Self::Follows(_))
    }

    /// Keeps the files; nothing has been shared yet.
    pub const fn keeping() -> Self {
        Self::Keeps(Mutex::new(String::new()))
    }

    /// Follows whoever keeps the files.
    pub fn following() -> Self {
        Self::Follows(tokio::sync::Mutex::default())
    }

    /// Brings files and database into agreement: what the keeper changed goes out, what it shared comes in.
    pub async fn refresh(
        &self,
        config: &Config,
        folder: &Folder,
        store: &Store,
        now: Timestamp,
    ) -> Result<(), ShellError> {
        match self {
            Self::Alone => Ok(()),
            Self::Follows(one) => {
                let _one = one.lock().await;
                fetch(config, store).await
            }
            Self::Keeps(mark) => {
                let stamp = folder.stamp()?;
                let is_new = *mark.lock().unwrap_or_else(PoisonError::into_inner) != stamp;
                if is_new {
                    store.share_files(&files_of(config, folder)?, now).await?;
                    *mark.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
                }
                Ok(())
            }
        }
    }
}

/// The configuration of a follower: files are read from its copies.
#[must_use]
pub fn following(mut config: Config) -> Config {
    let copies = copies_of(&config);
    config.paths.watchlists = copies.join(LEDGERS);
    config.paths.platforms = copies.join(PLATFORMS);
    config.paths.sources = copies.join(SOURCES);
    config
}

fn copies_of(config: &Config) -> PathBuf {
    config.paths.store.join(COPIES)
}

/// Everything that a follower needs, by path. A confidential list in clear is not shared.
fn files_of(config: &Config, folder: &Folder) -> Result<BTreeMap<String, Vec<u8>>, ShellError> {
    let mut files = BTreeMap::new();
    for (name, bytes) in folder.raw_files()? {
        let is_open_secret = name != SEALED_FILE && Ledger::of_file(&name).is_some_and(|ledger| ledger.is_confidential);
        if !is_open_secret {
            files.insert(format!("{LEDGERS}/{name}"), bytes);
        }
    }
    for (name, text) in platform_files(config)? {
        files.insert(format!("{PLATFORMS}/{name}"), text.into_bytes());
    }
    let sources = &config.paths.sources;
    files.insert(SOURCES.to_owned(), std::fs::read(sources).map_err(at(sources))?);
    Ok(files)
}

/// Writes what was shared into the copies' folder, where it differs, and removes what is no longer shared.
///
/// # Errors
/// When nothing was ever shared, or a file cannot be written.
pub async fn fetch(config: &Config, store: &Store) -> Result<(), ShellError> {
    let copies = copies_of(config);
    let shared = store.shared_digests().await?;
    if shared.is_empty() {
        return Err(ShellError::NothingShared);
    }
    for folder in [LEDGERS, PLATFORMS] {
        std::fs::create_dir_all(copies.join(folder)).map_err(at(&copies))?;
    }
    for (path, digest) in shared.iter().filter(|(path, _)| is_ours(path)) {
        let target = copies.join(path);
        let known = std::fs::read(&target).ok().map(|bytes| crate::store::sha256_hex(&bytes));
        if known.as_ref() != Some(digest)
            && let Some(bytes) = store.shared_file(path).await?
        {
            replace(&target, &bytes).map_err(at(&target))?;
        }
    }
    remove_others(&copies, &shared)
}

/// A path from the database never leads out of the folder.
fn is_ours(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', '\0']);
    match parts.as_slice() {
        [name] => *name == SOURCES,
        [LEDGERS | PLATFORMS, name] => is_name(name),
        _ => false,
    }
}

fn replace(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    // Only the owner may read a temporary file, and so what becomes of it.
    let mut file = tempfile::Builder::new().prefix(".wanglou-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(target)?;
    Ok(())
}

fn remove_others(copies: &Path, shared: &BTreeMap<String, String>) -> Result<(), ShellError> {
    for folder in [LEDGERS, PLATFORMS] {
        for entry in std::fs::read_dir(copies.join(folder)).map_err(at(copies))? {
            let path = entry.map_err(at(copies))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !shared.contains_key(&format!("{folder}/{name}")) {
                std::fs::remove_file(&path).map_err(at(&path))?;
            }
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> ShellError {
    let path = path.to_owned();
    move |source| ShellError::Folder { path, source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::{Share, is_ours};
    use crate::config::Config;
    use crate::model::time::Timestamp;
    use crate::store::Store;
    use crate::watchlists::Folder;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn visits_side_by_side_do_not_remove_each_others_copies() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("wanglou.db")).await.unwrap();
        let mut config = Config::default();
        config.paths.store = folder.path().to_owned();
        let (config, share) = (Arc::new(config), Arc::new(Share::following()));
        for round in 0..10 {
            let file = |n| (format!("platforms/p{n}.toml"), format!("{round} {n}").into_bytes());
            let files: BTreeMap<String, Vec<u8>> = (0..20).map(file).collect();
            store.share_files(&files, Timestamp::from_ms(round)).await.unwrap();
            let mut visits = tokio::task::JoinSet::new();
            for _ in 0..6 {
                let (config, share, store, path) =
                    (Arc::clone(&config), Arc::clone(&share), store.clone(), folder.path().to_owned());
                visits.spawn(async move {
                    let ledgers = Folder::open(&path, None).unwrap();
                    share.refresh(&config, &ledgers, &store, Timestamp::from_ms(0)).await
                });
            }
            for refreshed in visits.join_all().await {
                refreshed.unwrap();
            }
        }
    }

    #[test]
    fn a_path_from_the_database_never_leads_out_of_the_folder() {
        for path in ["sources.toml", "watchlists/terms.csv", "platforms/guba.toml"] {
            assert!(is_ours(path), "{path}");
        }
        for path in ["", "/etc/passwd", "../x", "watchlists/../../x", "watchlists/.x", "watchlists/a/b", "x.toml"] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
