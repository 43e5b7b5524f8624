//! How much room is left where bytes are stored.

use std::path::Path;

/// With less room than this nothing more can be stored soon, bytes.
pub const ROOM_LEAST: u64 = 200 << 20;

/// With less room than this somebody should make some, bytes.
pub const ROOM_LOW: u64 = 2 << 30;

/// Bytes that may still be written where a path lies, or will lie once it is made; none when the system does not say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let nearest = path.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let state = rustix::fs::statvfs(nearest).ok()?;
    // What is reserved for the system's administrator does not count.
    Some(state.f_bavail.saturating_mul(state.f_frsize))
}

/// A size for people, such as `12.3 MB`.
pub fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::{free_bytes, size_text};

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            (size_text(7), size_text(1536), size_text(5 << 30)),
            ("7 B".into(), "1.5 KB".into(), "5.0 GB".into())
        );
    }

    #[test]
    fn a_folder_that_is_not_there_yet_has_the_room_of_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_bytes(&folder.path().join("store/vault")).unwrap() > 0);
    }
}
