//! Database, evidence and room on the disk.

use std::path::Path;
use std::sync::Arc;

use crate::cli::doctor::Report;
use crate::clock::Clock;
use crate::config::Config;
use crate::seal::Key;
use crate::store::{Store, verify};
use crate::vault::{ROOM_LEAST, ROOM_LOW, Vault, free_bytes, size_text};

/// Evidence up to this size is verified at once; more takes minutes.
const QUICK_BYTES: u64 = 512 << 20;

/// Clocks that differ by more than this are a warning, milliseconds.
const APART_MAX_MS: i64 = 5_000;

pub(super) async fn database(report: &mut Report, config: &Config, key: Option<&Key>, clock: &Clock) -> Option<Store> {
    let repair = "restore it from your backup, or check its permissions and its address";
    let address = match config.database() {
        Ok(address) => address,
        Err(error) => {
            report.fail("database", format!("{:#}", anyhow::Error::from(error)), repair);
            return None;
        }
    };
    if address.file().is_some_and(|path| !path.exists()) {
        report.ok("database", format!("{address} is not there yet; the first scan makes it"));
        return None;
    }
    let opened = match Store::open_at(&address).await {
        Ok(store) => store,
        Err(error) => {
            report.fail("database", format!("{:#}", anyhow::Error::from(error)), repair);
            return None;
        }
    };
    let store = key.map_or_else(|| opened.clone(), |key| opened.clone().with_key(Arc::new(key.clone())));
    let bytes = address.file().and_then(|path| std::fs::metadata(path).ok()).map(|metadata| size_text(metadata.len()));
    match store.schema_version().await {
        Ok(version) => {
            let bytes = bytes.map(|bytes| format!(", {bytes}")).unwrap_or_default();
            report.ok("database", format!("{address}, schema {version}{bytes}"));
        }
        Err(error) => report.fail("database", error.to_string(), ""),
    }
    clocks(report, &store, clock).await;
    Some(store)
}

/// Letters and schedules go by the time of day of whoever looks: machines must agree on it.
async fn clocks(report: &mut Report, store: &Store, clock: &Clock) {
    let Ok(Some(theirs)) = store.server_time().await else { return };
    let apart_ms = theirs.ms_since(clock.now()).abs();
    let text = format!("{apart_ms} ms apart from the database server's");
    if apart_ms > APART_MAX_MS {
        report.warn("clock", text, "run NTP on both machines");
    } else {
        report.ok("clock", text);
    }
}

pub(super) async fn vault(report: &mut Report, config: &Config, key: Option<&Key>, store: Option<&Store>) {
    let Some(store) = store else { return };
    let key = key.map(|key| Arc::new(key.clone()));
    if config.database().is_ok_and(|address| address.file().is_none()) {
        return evidence(report, store, &Vault::in_database(store, key), "in the database").await;
    }
    let folder = config.vault();
    if !folder.is_dir() {
        return;
    }
    let bytes = size_of(&folder, 0);
    let place = format!("{}, {}", folder.display(), size_text(bytes));
    if bytes > QUICK_BYTES {
        return report.warn("evidence", format!("{place}, not verified now"), "run `wanglou verify`");
    }
    match Vault::beside(store, &folder, key) {
        Ok(vault) => evidence(report, store, &vault, &place).await,
        Err(error) => report.fail("evidence", error.to_string(), ""),
    }
}

async fn evidence(report: &mut Report, store: &Store, vault: &Vault, place: &str) {
    match verify(store, vault).await {
        Ok(v) if v.problems.is_empty() => {
            report.ok("evidence", format!("{place}: {} links and {} objects are sound", v.links, v.objects));
        }
        Ok(v) => report.fail("evidence", format!("{} problems", v.problems.len()), "run `wanglou verify`"),
        Err(error) => report.fail("evidence", error.to_string(), ""),
    }
}

/// Bytes of the files below a folder; a vault is three folders deep.
fn size_of(folder: &Path, depth: u8) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() && depth < 4 => size_of(&entry.path(), depth + 1),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}

pub(super) fn disk(report: &mut Report, config: &Config) {
    let store = &config.paths.store;
    let Some(free) = free_bytes(store) else {
        return report.warn("disk", "the free space cannot be told", "look at it with df");
    };
    let text = format!("{} free for {}", size_text(free), store.display());
    match free {
        free if free < ROOM_LEAST => report.fail("disk", text, "make room: what is seen cannot be stored soon"),
        free if free < ROOM_LOW => report.warn("disk", text, "make room"),
        _ => report.ok("disk", text),
    }
}
