//! What every use case works with: the adapters, opened once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use chrono_tz::Tz;

use crate::casework::calibration::Lowered;
use crate::casework::world::World;
use crate::chat::Channel;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Work};
use crate::detect::phash::phash64;
use crate::detect::picture::grey;
use crate::fetch::{Fetcher, SetupError};
use crate::groups::overview::Overview;
use crate::jobs::{DaemonLock, LockError};
use crate::ledger::Ledgers;
use crate::mail::{OpenError, Transport};
use crate::model::added::AddedKind;
use crate::model::company::BrandMark;
use crate::model::finding::Reason;
use crate::model::ids::{PlatformId, SourceId};
use crate::model::source::Source;
use crate::model::source_list::SourceList;
use crate::model::time::Timestamp;
use crate::model::unlinking::Unlinkings;
use crate::pace::host::interval;
use crate::pipeline::share::{Share, following};
use crate::pipeline::sites::{SiteFiles, Sites};
use crate::platform::catalog::Catalog;
use crate::seal::{Key, KeyError};
use crate::store::{Store, StoreError, sha256_hex};
use crate::vault::{Vault, VaultError};
use crate::watchlists::{Folder, Loaded, SEALED_FILE, WatchlistsError};
use crate::workers::{Hosts, Member};
use logo_search::LogoIndex;

/// So long is what decisions came to taken for what it was, milliseconds.
const RECALLED_MS: i64 = 60_000;

/// The adapters of one installation.
#[derive(Debug)]
pub struct Shell {
    /// Configuration.
    pub config: Config,
    /// Clock.
    pub clock: Clock,
    /// Database.
    pub store: Store,
    /// Stored bytes.
    pub vault: Vault,
    /// The one fetcher.
    pub fetcher: Arc<Fetcher>,
    /// Mail.
    pub transport: Transport,
    /// Channels beside mail.
    pub channels: Vec<Channel>,
    /// The ledgers' folder.
    pub folder: Folder,
    /// What was wrong with files of the installation at the start, in words.
    pub troubles: Vec<String>,
    /// The hosts that this process visits; none where it only looks.
    pub hosts: Option<Arc<Hosts>>,
    /// Whether the files of the installation are kept here or elsewhere.
    pub share: Share,
    /// Platform files and sources as they were read at the start.
    files: SiteFiles,
    /// Those in force, with what was added in the console.
    sites: RwLock<Sites>,
    loaded: RwLock<Arc<Loaded>>,
    /// The folder's mark when the ledgers were last read.
    stamp: Mutex<String>,
    /// What was compiled last, and the digest of the ledgers of which it was: visits side by side share it.
    world: Mutex<Option<(String, World)>>,
    /// Accounts of which it is known whose they are not, as last read.
    unlinkings: RwLock<Arc<Unlinkings>>,
    /// Whether the highest band is shown as the next, as last read.
    lowered: RwLock<Option<Lowered>>,
    /// When both were read last.
    recalled_at: RwLock<Timestamp>,
    /// What was said of work groups last, and of which ledgers on which day: many letters and pages ask for it.
    overview: tokio::sync::Mutex<Option<(String, Arc<Overview>)>>,
    /// Keeps a second process away from a database that is a file.
    _lock: Option<DaemonLock>,
}

/// An installation that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// Another process works on the same database.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Configuration or sources.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Ledgers' folder.
    #[error(transparent)]
    Watchlists(#[from] WatchlistsError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Fetcher.
    #[error(transparent)]
    Fetch(#[from] SetupError),
    /// Mail.
    #[error(transparent)]
    Mail(#[from] OpenError),
    /// A process on a database that is a file works alone.
    #[error("several workers need a database server: set database.url to postgres://…")]
    NeedsServer,
    /// The machine that keeps the files of the installation has not shared them yet.
    #[error("nothing is shared in the database yet: start `wanglou serve` once, where the ledgers are")]
    NothingShared,
    /// The confidential list cannot be opened here: leaks would be overlooked without a word.
    #[error("the confidential list is shared but its key is not here: set WANGLOU_KEY or paths.key_file")]
    NeedsKey,
    /// A folder cannot be made or read.
    #[error("{path} cannot be used")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Shell {
    /// Opens everything that the configuration names. Broken sources and platform files are troubles, not failures.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, ShellError> {
        let key = Key::from_env_or_file(Some(&config.paths.key_file))?;
        let folder = Folder::open(&config.paths.watchlists, key.as_ref())?;
        let key = key.map(Arc::new);
        let at = |path: &std::path::Path| {
            let path = path.to_owned();
            move |source| ShellError::Folder { path, source }
        };
        std::fs::create_dir_all(&config.paths.store).map_err(at(&config.paths.store))?;
        let mut store = Store::open_at(&config.database()?).await?.in_zone(config.group.time_zone);
        if let Some(key) = &key {
            store = store.with_key(Arc::clone(key));
        }
        let last_good = crate::watchlists::versions::last_good(&store).await?;
        let files = SiteFiles::read(&config)?;
        let sites = sites(&files, &store).await?;
        let (channels, bad_channels) = channels(&config);
        let troubles = sites.troubles.iter().cloned().chain(bad_channels).collect();
        let vault = match config.database()?.file() {
            Some(_) => Vault::beside(&store, &config.vault(), key)?,
            None => Vault::in_database(&store, key),
        };
        Ok(Self {
            vault,
            fetcher: Arc::new(fetcher(&config, &clock)?),
            transport: Transport::open(&config.mail)?,
            channels,
            loaded: RwLock::new(Arc::new(folder.load(last_good.as_ref())?)),
            world: Mutex::default(),
            unlinkings: RwLock::new(Arc::new(store.unlinkings().await?)),
            lowered: RwLock::new(lowered(&store).await?),
            recalled_at: RwLock::new(clock.now()),
            stamp: Mutex::default(),
            overview: tokio::sync::Mutex::default(),
            config,
            clock,
            store,
            files,
            sites: RwLock::new(sites),
            folder,
            troubles,
            hosts: None,
            share: Share::Alone,
            _lock: None,
        })
    }

    /// Opens everything in order to visit and send, where the files of the installation are: as the only process on a
    /// database that is a file, or as one of several on a server.
    pub async fn open_to_work(config: Config, clock: Clock) -> Result<Arc<Self>, ShellError> {
        let address = config.database()?;
        if let Some(folder) = address.file().and_then(std::path::Path::parent) {
            std::fs::create_dir_all(folder).map_err(|source| ShellError::Folder { path: folder.to_owned(), source })?;
        }
        let lock = DaemonLock::of(&address)?;
        let share = if lock.is_some() { Share::Alone } else { Share::keeping() };
        let mut shell = Self::open(config, clock).await?.among_others().await?;
        if let (Some(_), Some(hosts)) = (&lock, &shell.hosts) {
            // Nobody else can live: the lock would not have been given.
            shell.store.lose_other_workers(hosts.member().id(), shell.clock.now()).await?;
        }
        (shell.share, shell._lock) = (share, lock);
        Ok(Arc::new(shell))
    }

    /// Opens everything in order to visit and send on a machine that has nothing but the database in common with the one
    /// that keeps the files.
    pub async fn open_to_follow(config: Config, clock: Clock) -> Result<Arc<Self>, ShellError> {
        let address = config.database()?;
        if address.file().is_some() {
            return Err(ShellError::NeedsServer);
        }
        let store = Store::open_at(&address).await?;
        crate::pipeline::share::fetch(&config, &store).await?;
        store.close().await;
        let config = following(config);
        let is_sealed = config.paths.watchlists.join(SEALED_FILE).exists();
        let mut shell = Self::open(config, clock).await?;
        let is_open = shell.loaded().files.values().any(|file| file.file == SEALED_FILE);
        if is_sealed && !is_open {
            return Err(ShellError::NeedsKey);
        }
        shell = shell.among_others().await?;
        shell.share = Share::following();
        Ok(Arc::new(shell))
    }

    /// The same installation as one of several workers.
    async fn among_others(mut self) -> Result<Self, ShellError> {
        let member = self.join().await?;
        self.store = self.store.as_worker(member.id());
        let hosts = Hosts::new(member, self.store.clone());
        self.fetcher = Arc::new(fetcher(&self.config, &self.clock)?.among(Arc::clone(&hosts)));
        self.hosts = Some(hosts);
        Ok(self)
    }

    async fn join(&self) -> Result<Arc<Member>, StoreError> {
        let Work { name, kinds, hosts, egress, lost_after_s } = &self.config.work;
        let may_do = serde_json::json!({"kinds": kinds, "hosts": hosts, "egress": egress});
        let name = if name.is_empty() { process_name() } else { name.clone() };
        Member::join(&self.store, &self.clock, &name, &may_do, lost_after(*lost_after_s)).await
    }

    /// Leaves the circle of workers, so that others need not wait for this process.
    pub async fn leave(&self) -> Result<(), StoreError> {
        match &self.hosts {
            Some(hosts) => hosts.member().leave().await,
            None => Ok(()),
        }
    }

    /// The group's time zone.
    pub fn zone(&self) -> Tz {
        self.config.group.time_zone
    }

    /// The ledgers in force.
    pub fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether nothing was saved in the folder since the ledgers were last read.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn is_current(&self) -> Result<bool, WatchlistsError> {
        Ok(*self.stamp.lock().unwrap_or_else(PoisonError::into_inner) == self.folder.stamp()?)
    }

    /// Reads the ledgers again; a broken edit leaves the last good version in force.
    pub fn reload(&self) -> Result<Arc<Loaded>, WatchlistsError> {
        // Taken before: what is saved while the files are read makes another mark.
        let stamp = self.folder.stamp()?;
        let fresh = Arc::new(self.folder.load(Some(&self.loaded()))?);
        *self.stamp.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }

    /// The ledgers in force, compiled for the current instant. Compiled once for a day, as long as they stay the same.
    pub fn world(&self) -> Arc<World> {
        let (loaded, now) = (self.loaded(), self.clock.now());
        // Held while compiling: visits that begin together would all compile the same.
        let mut kept = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept.as_ref().filter(|(of, _)| *of == loaded.digest).and_then(|(_, world)| world.moved_to(now));
        let world = same.unwrap_or_else(|| self.compiled(&loaded, now));
        *kept = Some((loaded.digest.clone(), world.clone()));
        Arc::new(World { unlinkings: self.known_unlinkings(), lowered: self.known_lowering(), ..world })
    }

    fn known_unlinkings(&self) -> Arc<Unlinkings> {
        Arc::clone(&self.unlinkings.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn known_lowering(&self) -> Option<Lowered> {
        *self.lowered.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads again what decisions of people came to: of whom it is known that an account is not theirs, and whether the highest
    /// band is lowered. Others may have been told since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recall_unlinkings(&self) -> Result<(), StoreError> {
        let fresh = Arc::new(self.store.unlinkings().await?);
        *self.unlinkings.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        let lowered = lowered(&self.store).await?;
        *self.lowered.write().unwrap_or_else(PoisonError::into_inner) = lowered;
        *self.recalled_at.write().unwrap_or_else(PoisonError::into_inner) = self.clock.now();
        Ok(())
    }

    /// The same where it is older than a minute: a process that only shows the console is told by nobody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recall_old_unlinkings(&self) -> Result<(), StoreError> {
        let recalled_at = *self.recalled_at.read().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = (0..RECALLED_MS).contains(&self.clock.now().ms_since(recalled_at));
        if is_fresh { Ok(()) } else { self.recall_unlinkings().await }
    }

    /// What is said of work groups and registers today. Computed once for a state of the ledgers and a day; seconds for a large
    /// group of companies, so that nobody waits for it on a thread of other work.
    ///
    /// # Errors
    /// When the computation does not come to its end.
    pub async fn overview(&self, world: &World) -> Result<Arc<Overview>, tokio::task::JoinError> {
        let key = format!("{} {}", world.digest, world.day());
        // Held while it is computed: all who ask after an edit would compute the same.
        let mut kept = self.overview.lock().await;
        if let Some((_, overview)) = kept.as_ref().filter(|(of, _)| *of == key) {
            return Ok(Arc::clone(overview));
        }
        let (ledgers, policy, day) = (Arc::clone(&world.ledgers), world.policy, world.day());
        let compute = move || Arc::new(Overview::of(&ledgers, policy, day));
        let overview = tokio::task::spawn_blocking(compute).await?;
        *kept = Some((key, Arc::clone(&overview)));
        Ok(overview)
    }

    /// Other ledgers than those in force, compiled for the current instant: to see what they would come to.
    pub fn world_of(&self, ledgers: Ledgers) -> World {
        let ledgers = with_marks(&self.folder, ledgers);
        let mut world = World::of(ledgers, self.clock.now(), self.zone(), self.config.policy);
        world.logos = Arc::new(logos(&self.folder, &world.ledgers.brand_marks));
        world.unlinkings = self.known_unlinkings();
        world.lowered = self.known_lowering();
        world
    }

    fn compiled(&self, loaded: &Loaded, now: Timestamp) -> World {
        let ledgers = with_marks(&self.folder, loaded.ledgers.clone());
        let mut world = World::of(ledgers, now, self.zone(), self.config.policy);
        let parts =
            [&loaded.digest, env!("CARGO_PKG_VERSION"), &format!("{:?}", self.config.policy), &world.calendar()];
        world.logos = Arc::new(logos(&self.folder, &world.ledgers.brand_marks));
        world.digest = sha256_hex(parts.join("\n").as_bytes());
        world
    }

    /// Platform files in force.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.sites.read().unwrap_or_else(PoisonError::into_inner).catalog)
    }

    /// What is visited; sources that their platform does not admit are left out.
    pub fn sources(&self) -> Arc<SourceList> {
        Arc::clone(&self.sites.read().unwrap_or_else(PoisonError::into_inner).sources)
    }

    /// A source by its identifier.
    pub fn source(&self, id: &SourceId) -> Option<Source> {
        self.sources().get(id)
    }

    /// Why something that was added in the console is not in force; none where it is.
    pub fn left_out(&self, kind: AddedKind, name: &str) -> Option<Reason> {
        let sites = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        sites.left_out.iter().find(|(of, named, _)| *of == kind && named == name).map(|(_, _, why)| why.clone())
    }

    /// The files of the installation, without what was added in the console.
    pub(super) const fn site_files(&self) -> &SiteFiles {
        &self.files
    }

    /// Puts in force what was added in the console since, here or by another process; whether there was anything. What has become
    /// wrong with it is logged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_sites(&self) -> Result<bool, StoreError> {
        let known = self.sites.read().unwrap_or_else(PoisonError::into_inner).states;
        if self.store.added_count().await? == known {
            return Ok(false);
        }
        let fresh = sites(&self.files, &self.store).await?;
        fresh.troubles.iter().for_each(|trouble| tracing::warn!("{trouble}"));
        *self.sites.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// Name of a platform for people: that of its source, else of its file, else its identifier.
    pub fn platform_name(&self, id: &PlatformId) -> String {
        let by_source = self.sites.read().unwrap_or_else(PoisonError::into_inner).names.get(id).cloned();
        let by_file = || self.catalog().get(id).map(|d| d.name().to_owned());
        by_source.or_else(by_file).unwrap_or_else(|| id.to_string())
    }
}

/// Platforms and sources with what was added. Counted before it is read: what comes between is read again.
async fn sites(files: &SiteFiles, store: &Store) -> Result<Sites, StoreError> {
    let states = store.added_count().await?;
    Ok(files.with(&store.added_files().await?, states))
}

/// The lowering of the highest band that is under way.
async fn lowered(store: &Store) -> Result<Option<Lowered>, StoreError> {
    let latest = store.band_lowerings().await?.into_iter().find(|lowering| lowering.until.is_none());
    Ok(latest.map(|of| Lowered::of(of.since, of.decided, of.confirmed)))
}

fn fetcher(config: &Config, clock: &Clock) -> Result<Fetcher, SetupError> {
    Ok(Fetcher::new(config.fetch.clone(), clock.clone())?.in_zone(config.group.time_zone))
}

/// The channels beside mail, and what is wrong with the others.
fn channels(config: &Config) -> (Vec<Channel>, Vec<String>) {
    let (mut channels, mut troubles) = (Vec::<Channel>::new(), Vec::new());
    for settings in &config.chat {
        match Channel::open(settings) {
            Ok(channel) if channels.iter().any(|known| known.name == channel.name) => {
                troubles.push(format!("two channels have the name {}", channel.name));
            }
            Ok(channel) => channels.push(channel),
            Err(error) => troubles.push(format!("the channel {} is left out: {error}", settings.name)),
        }
    }
    (channels, troubles)
}

/// The setting within sensible bounds; what is no time at all gives the usual one.
fn lost_after(seconds: f64) -> Duration {
    interval(seconds, Duration::from_secs(30)).clamp(Duration::from_secs(2), Duration::from_secs(3_600))
}

/// Host name and process number, such as `watch-1/4711`.
fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("worker").to_owned();
    format!("{host}/{}", std::process::id())
}

/// Registered marks that are given as images get the hash of their image; one that cannot be read keeps the hash of
/// the ledger.
pub(crate) fn with_marks(folder: &Folder, mut ledgers: Ledgers) -> Ledgers {
    for mark in &mut ledgers.brand_marks {
        let bytes = mark.image.as_deref().and_then(|name| folder.image(name).ok());
        let hash = bytes.and_then(|bytes| phash64(&bytes).ok());
        mark.phash64 = hash.or(mark.phash64);
    }
    ledgers
}

/// Registered marks that are given as images, ready to be looked for inside pictures.
fn logos(folder: &Folder, marks: &[BrandMark]) -> LogoIndex {
    let picture = |mark: &BrandMark| grey(&folder.image(mark.image.as_deref()?).ok()?).ok();
    let pictures: Vec<_> =
        marks.iter().enumerate().filter_map(|(number, mark)| Some((number, picture(mark)?))).collect();
    LogoIndex::of(pictures.iter().map(|(number, picture)| (*number, picture)))
}

/// Largest platform file, bytes.
const PLATFORM_FILE_BYTES_MAX: u64 = 1 << 20;

/// The operator's platform files, by name. A missing folder holds none.
pub(crate) fn platform_files(config: &Config) -> Result<Vec<(String, String)>, ShellError> {
    let folder = &config.paths.platforms;
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let fault = |source| ShellError::Folder { path: folder.clone(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let is_platform = path.extension().is_some_and(|e| e == "toml");
        if is_platform && path.metadata().map_err(fault)?.len() <= PLATFORM_FILE_BYTES_MAX {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).map_err(fault)?));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::lost_after;

    #[test]
    fn a_time_that_is_none_does_not_stop_the_start() {
        let seconds = [f64::NAN, f64::INFINITY, -1.0, 0.0, 7.5, 1e9].map(|seconds| lost_after(seconds).as_secs_f64());
        assert_eq!(seconds, [30.0, 30.0, 30.0, 2.0, 7.5, 3_600.0]);
    }
}
