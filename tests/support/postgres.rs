//! A database of its own on the temporary PostgreSQL of the tests. `tests/targets/pg.sh` installs the server where there is
//! none (apt, root), starts it once for all test programs, and ends it when nobody has asked for it for a while.

use std::path::Path;
use std::process::Command;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use wanglou::model::time::Timestamp;
use wanglou::store::new_id;

/// An empty database. Dropped with the value.
#[derive(Debug)]
pub(crate) struct Database {
    name: String,
    port: u16,
}

impl Database {
    /// Makes one.
    pub(crate) async fn new() -> Self {
        let port = port();
        let name = format!("t_{}", new_id(Timestamp::default()).replace('-', "_"));
        command(port, format!("CREATE DATABASE {name}")).await;
        Self { name, port }
    }

    /// Its address as a user writes it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (name, port) = (self.name.clone(), self.port);
        let drop = async move { command(port, format!("DROP DATABASE {name} WITH (FORCE)")).await };
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // What is left when this fails goes with the server's data.
        let _dropped = std::thread::spawn(move || runtime().block_on(drop)).join();
    }
}

async fn command(port: u16, sql: String) {
    let mut connection = PgConnection::connect_with(&options(port).database("postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
}

fn options(port: u16) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("postgres")
}

/// The port of the server, which is up afterwards.
fn port() -> u16 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/pg.sh");
    let home = std::env::temp_dir().join("wanglou-targets");
    let output = Command::new("bash").arg(script).arg("up").env("TARGETS_HOME", home).output();
    let output = output.expect("the database server of this test is run by bash");
    assert!(
        output.status.success(),
        "tests/targets/pg.sh up failed. The test needs PostgreSQL 14 or newer:\n\
         \x20   sudo apt-get install --no-install-recommends postgresql procps\n\
         It said:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("the script prints the port")
}
