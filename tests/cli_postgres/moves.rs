//! The command line on a database server: an installation moves there and back, is worked on there, and survives its loss.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::house::{RECORDS, copy_ledgers, root, use_database};
use crate::postgres::Database;

/// Runs a call that must end with a code, and gives what it printed.
#[track_caller]
fn expect(folder: &Path, args: &[&str], code: i32) -> String {
    let output = crate::house::expect(folder, args, code);
    String::from_utf8(if code == 0 { output.stdout } else { output.stderr }).unwrap()
}

/// An installation on a file, with cases of the fictional group.
fn installation() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    expect(dir.path(), &["init"], 0);
    copy_ledgers("watchlists", &dir.path().join("watchlists"));
    expect(dir.path(), &["import", &root(RECORDS[0])], 0);
    dir
}

fn cases(folder: &Path) -> Value {
    serde_json::from_str(&expect(folder, &["cases", "list", "--all", "--json"], 0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_moves_to_a_server_is_worked_on_there_and_comes_back() {
    let (dir, database) = (installation(), Database::new().await);
    let here = dir.path();
    let before = cases(here);
    assert!(before.as_array().unwrap().len() > 5);
    expect(here, &["database", "copy", "--to", &database.url()], 0);
    assert!(expect(here, &["database", "copy", "--to", &database.url()], 2).contains("not empty"));
    use_database(here, &database.url());
    fs::remove_dir_all(here.join("store")).unwrap();

    assert_eq!(cases(here), before);
    let number = before[0]["number"].as_str().unwrap();
    assert!(expect(here, &["cases", "show", number], 0).contains("证据："));
    expect(here, &["cases", "close", number, "--as", "same_name"], 0);
    assert!(expect(here, &["outcomes", "--jsonl"], 0).lines().count() > 5);
    assert!(expect(here, &["verify"], 0).contains("The evidence is sound"));
    assert!(expect(here, &["doctor"], 0).contains("objects are sound"));
    assert!(expect(here, &["database", "status"], 0).contains("case_subjects"));
    assert_eq!(expect(here, &["workers", "--json"], 0), "");
    expect(here, &["ledger", "history"], 0);
    expect(here, &["replay", "--since", "30d", "--dry-run"], 0);
    let on_server = cases(here);

    expect(here, &["database", "copy", "--to", "back/wanglou.db"], 0);
    use_database(here, "back/wanglou.db");
    assert_eq!(cases(here), on_server);
    assert!(expect(here, &["verify"], 0).contains("The evidence is sound"));
}

#[test]
fn a_backup_is_made_checked_and_brought_back_to_an_empty_folder() {
    let dir = installation();
    let here = dir.path();
    let before = cases(here);
    let printed = expect(here, &["backup", "--to", "b1", "--with-key"], 0);
    assert!(printed.contains("every byte is the one that was written"), "{printed}");
    assert!(expect(here, &["backup", "--to", "b1"], 2).contains("is there already"));
    let manifest: Value = serde_json::from_str(&expect(here, &["backup", "--check", "b1", "--json"], 0)).unwrap();
    assert!(manifest["has_key"] == true && manifest["tables"]["cases"]["rows"].as_u64().unwrap() > 5);
    let sums =
        Command::new("sha256sum").args(["--check", "--quiet", "SHA256SUMS"]).current_dir(here.join("b1")).output();
    assert!(sums.unwrap().status.success(), "an outsider's tool verifies it too");
    let empty = tempfile::tempdir().unwrap();
    let backup = here.join("b1").display().to_string();
    expect(empty.path(), &["restore", &backup], 0);
    let mode = fs::metadata(empty.path().join("wanglou.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it may hold what only its owner may read");
    assert_eq!(cases(empty.path()), before);
    assert!(expect(empty.path(), &["verify"], 0).contains("The evidence is sound"));
    assert!(expect(empty.path(), &["restore", &backup], 2).contains("not empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_and_the_server_s_certificate_is_checked_where_that_is_asked_for() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::new().await);
    expect(dir.path(), &["init"], 0);
    use_database(dir.path(), &format!("{}?sslmode=verify-full", database.url()));
    assert!(expect(dir.path(), &["database", "status"], 1).contains("invalid peer certificate"));
    let authority = std::env::temp_dir().join("wanglou-targets/pg/tls/ca.pem");
    let authority = authority.display();
    use_database(dir.path(), &format!("{}?sslmode=verify-full&sslrootcert={authority}", database.url()));
    assert!(expect(dir.path(), &["database", "status"], 0).contains("schema"));
}

#[test]
fn what_several_workers_need_is_said_when_it_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    expect(dir.path(), &["init"], 0);
    assert!(expect(dir.path(), &["work"], 2).contains("several workers need a database server"));
    assert!(expect(dir.path(), &["work", "--kinds", "vist"], 2).contains("there are: visit, letters, retain"));
    use_database(dir.path(), "postgres://wl:geheim@db.example/wanglou");
    let said = expect(dir.path(), &["workers"], 2);
    assert!(said.contains("WANGLOU_DATABASE_PASSWORD") && !said.contains("geheim"), "{said}");
    use_database(dir.path(), "mysql://db.example/wanglou");
    assert!(expect(dir.path(), &["workers"], 2).contains("postgres://user@host/database"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_shared_files_or_without_the_key_does_not_begin() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::new().await);
    expect(dir.path(), &["init"], 0);
    use_database(dir.path(), &database.url());
    assert!(expect(dir.path(), &["work"], 2).contains("nothing is shared in the database yet"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["companies.csv", "managers.csv", "employees.csv"] {
        fs::copy(root.join("watchlists").join(name), dir.path().join("watchlists").join(name)).unwrap();
    }
    let list = root.join("src/demo/ledgers/confidential_terms.csv").display().to_string();
    expect(dir.path(), &["ledger", "import", &list, "--as", "confidential_terms", "--yes"], 0);
    // A pass shares what is in the folder; there is nothing to visit.
    expect(dir.path(), &["scan"], 0);
    fs::remove_dir_all(dir.path().join("secrets")).unwrap();
    assert!(expect(dir.path(), &["work"], 2).contains("its key is not here"));
}
