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
    let path = config.database();
    let Ok(metadata) = std::fs::metadata(&path) else {
        report.ok("database", format!("{} is not there yet; the first scan makes it", path.display()));
        return None;
    };
    let opened = match Store::open(&path).await {
        Ok(store) => store,
        Err(error) => {
            let error = anyhow::Error::from(error);
            report.fail("database", format!("{error:#}"), "restore it from your backup, or check its permissions");
            return None;
        }
    };
    let store = key.map_or_else(|| opened.clone(), |key| opened.clone().with_key(Arc::new(key.clone())));
    match store.schema_version().await {
        Ok(version) => {
            report.ok("database", format!("{}, schema {version}, {}", path.display(), size(metadata.len())));
        }
        Err(error) => report.fail("database", error.to_string(), ""),
    }
    Some(store)
}

pub(super) async fn vault(report: &mut Report, config: &Config, key: Option<&Key>, store: Option<&Store>) {
    let folder = config.vault();
    let (Some(store), true) = (store, folder.is_dir()) else { return };
    let bytes = size_of(&folder, 0);
    if bytes > QUICK_BYTES {
        let text = format!("{}, {}, not verified now", folder.display(), size(bytes));
        return report.warn("evidence", text, "run `wanglou verify`");
    }
    let vault = match Vault::open(&folder, key.map(|key| Arc::new(key.clone()))) {
        Ok(vault) => vault,
        Err(error) => return report.fail("evidence", error.to_string(), ""),
    };
    match verify(store, &vault).await {
        Ok(v) if v.problems.is_empty() => {
            let text =
                format!("{}, {}: {} links and {} objects are sound", folder.display(), size(bytes), v.links, v.objects);
            report.ok("evidence", text);
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
