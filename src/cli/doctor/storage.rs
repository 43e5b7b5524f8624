//! Database, evidence and room on the disk.

use std::path::Path;
use std::sync::Arc;

use crate::cli::doctor::{Report, size};
use crate::config::Config;
use crate::seal::Key;
use crate::store::{Store, verify};
use crate::vault::Vault;

/// Evidence up to this size is verified at once; more takes minutes.
const QUICK_BYTES: u64 = 512 << 20;
/// Less room than this fails, bytes.
const ROOM_LEAST: u64 = 200 << 20;
/// Less room than this is a warning, bytes.
const ROOM_LOW: u64 = 2 << 30;

pub(super) async fn database(report: &mut Report, config: &Config, key: Option<&Key>) -> Option<Store> {
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
    let bytes = address.file().and_then(|path| std::fs::metadata(path).ok()).map(|metadata| size(metadata.len()));
    match store.schema_version().await {
        Ok(version) => {
            let bytes = bytes.map(|bytes| format!(", {bytes}")).unwrap_or_default();
            report.ok("database", format!("{address}, schema {version}{bytes}"));
        }
        Err(error) => report.fail("database", error.to_string(), ""),
    }
    Some(store)
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
    let place = format!("{}, {}", folder.display(), size(bytes));
    if bytes > QUICK_BYTES {
        return report.warn("evidence", format!("{place}, not verified now"), "run `wanglou verify`");
    }
    match Vault::open(&folder, key) {
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
    let nearest = store.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let Some(free) = free_bytes(nearest) else {
        return report.warn("disk", "the free space cannot be told", "look at it with df");
    };
    let text = format!("{} free for {}", size(free), store.display());
    match free {
        free if free < ROOM_LEAST => report.fail("disk", text, "make room: what is seen cannot be stored soon"),
        free if free < ROOM_LOW => report.warn("disk", text, "make room"),
        _ => report.ok("disk", text),
    }
}

/// Free space as `df` tells it; the standard library does not.
fn free_bytes(path: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").arg("-Pk").arg(path).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    available_kilobytes(&text).map(|kilobytes| kilobytes.saturating_mul(1024))
}

/// The fourth column of the line below the header, counted from the percentage: a device may have spaces in its name.
fn available_kilobytes(df: &str) -> Option<u64> {
    let words: Vec<&str> = df.lines().nth(1)?.split_whitespace().collect();
    let percent = words.iter().position(|word| word.ends_with('%'))?;
    words.get(percent.checked_sub(1)?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::available_kilobytes;

    #[test]
    fn the_free_space_is_read_from_df() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/my disk 100 40 60 40% /\n";
        assert_eq!(available_kilobytes(df), Some(60));
        assert_eq!(available_kilobytes("nothing"), None);
    }
}
