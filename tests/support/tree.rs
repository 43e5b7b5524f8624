//! The project's own files as text, for the tests that read them.

use std::path::{Path, PathBuf};

/// One file: its path from the root of the project, with `/`, and its text.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// For example `src/model/mod.rs`.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
}

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file with this ending below a folder of the project, in order of path; files that are not UTF-8 are left out.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<SourceFile> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut |path| {
        if path.to_string_lossy().ends_with(ending)
            && let Ok(text) = std::fs::read_to_string(path)
        {
            found.push(SourceFile { path: from_root(path), text });
        }
    });
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn from_root(path: &Path) -> String {
    path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/")
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// The number of the line, from 1, in which this byte of a text stands.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].bytes().filter(|b| *b == b'\n').count() + 1
}
