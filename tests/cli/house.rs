//! The program in a folder of its own, on a file or on a database server.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::postgres::Database;

/// Records of the fictional group: accounts, posts.
pub(crate) const RECORDS: [&str; 2] = ["src/demo/data/records/accounts.jsonl", "src/demo/data/records/posts.jsonl"];

pub(crate) fn wanglou(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wanglou"));
    command.args(args).current_dir(folder).env_remove("WANGLOU_KEY").env_remove("WANGLOU_LOG").env("USER", "tester");
    command.env_remove("COLUMNS");
    command.output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a call that must end with a code, and gives its output.
#[track_caller]
pub(crate) fn expect(folder: &Path, args: &[&str], code: i32) -> Output {
    let output = wanglou(folder, args);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{}\n{}", stdout(&output), stderr(&output));
    output
}

#[track_caller]
pub(crate) fn refused(folder: &Path, args: &[&str], words: &str) {
    let said = stderr(&expect(folder, args, 2));
    assert!(said.contains(words), "{said}");
}

pub(crate) fn root(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

pub(crate) fn copy_ledgers(from: &str, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(root(from)).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// An installation with the repository's ledgers, on the engine of this program.
pub(crate) struct Installation {
    folder: TempDir,
    _server: Option<Database>,
}

impl Installation {
    /// As `wanglou init` makes it.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        expect(folder.path(), &["init"], 0);
        let server = crate::IS_ON_SERVER.then(database);
        if let Some(server) = &server {
            use_database(folder.path(), &server.url());
        }
        Self { folder, _server: server }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub(crate) fn installation() -> Installation {
    let made = Installation::bare();
    copy_ledgers("watchlists", &made.path().join("watchlists"));
    made
}

/// Names another database in the configuration.
pub(crate) fn use_database(folder: &Path, url: &str) {
    let file = folder.join("wanglou.toml");
    let text = fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.trim_start_matches('#').starts_with("url = ")).unwrap().to_owned();
    fs::write(&file, text.replacen(&line, &format!("url = \"{url}\""), 1)).unwrap();
}

fn database() -> Database {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(Database::new())
}

/// The accounts as first seen, in a file of the folder; later looks would take some cases back.
pub(crate) fn first_looks(folder: &Path) -> &'static str {
    let text = fs::read_to_string(root(RECORDS[0])).unwrap();
    let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first: Vec<String> = all.iter().filter(|r| r["snapshot_of"].is_null()).map(Value::to_string).collect();
    fs::write(folder.join("accounts.jsonl"), first.join("\n")).unwrap();
    "accounts.jsonl"
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}
