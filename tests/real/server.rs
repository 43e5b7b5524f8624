//! Real third-party servers, each shared by the tests that need it. `tests/targets/NAME.sh` installs, starts, seeds and stops
//! them; see the README there.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running server. Whoever needs it first starts it, the last one stops it, across all test processes.
#[derive(Debug)]
pub(crate) struct Server {
    name: &'static str,
    port: u16,
    users: File,
    /// Held shared, or by one test that changes what the server shows.
    _turn: File,
    /// What it stands on; stopped after it.
    _needs: Vec<Server>,
}

/// Servers by name: their port, and what they stand on.
const KNOWN: [(&str, u16, &[&str]); 12] = [
    ("proxy", 3128, &["adversity"]),
    ("adversity", 8090, &[]),
    ("mariadb", 3391, &[]),
    ("redis", 6391, &[]),
    ("wordpress", 8601, &["mariadb"]),
    ("spirit", 8611, &[]),
    ("fossil", 8614, &[]),
    ("mediawiki", 8602, &[]),
    ("flaskbb", 8613, &["redis"]),
    ("rsshub", 8631, &[]),
    ("misago", 8612, &["redis"]),
    ("atproto", 2584, &["redis"]),
];

impl Server {
    /// Starts and seeds it where that was not done.
    pub(crate) fn up(name: &str) -> Self {
        Self::for_turn(name, turn(name, File::lock_shared))
    }

    /// The same for a test that changes what the server shows: no other test uses it meanwhile. The test changes it back.
    pub(crate) fn alone(name: &str) -> Self {
        Self::for_turn(name, turn(name, File::lock))
    }

    fn for_turn(name: &str, turn: File) -> Self {
        let (name, port, needs) = *KNOWN.iter().find(|(known, ..)| *known == name).expect("a known server");
        let needs = needs.iter().map(|name| Self::up(name)).collect();
        let _gate = gate(name);
        let users = File::create(home().join(format!("{name}.lock"))).unwrap();
        users.lock_shared().unwrap();
        for step in ["install", "start", "seed"] {
            run_script(name, step);
        }
        Self { name, port, users, _turn: turn, _needs: needs }
    }

    /// Lets the impostor leave, until what is returned is dropped.
    pub(crate) fn without_the_impostor(&self) -> Away<'_> {
        run_script(self.name, "away");
        Away { server: self }
    }

    /// The address of the site, without a slash at its end.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// While it lives, the impostor is away.
#[derive(Debug)]
pub(crate) struct Away<'a> {
    server: &'a Server,
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let output = script(self.server.name, "back").output();
        // A test that fails already says enough.
        assert!(std::thread::panicking() || output.is_ok_and(|output| output.status.success()), "not back");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gate = gate(self.name);
        let _released = self.users.unlock();
        if self.users.try_lock().is_ok() {
            // A failure to stop shows as an instance left over, which the next run uses again.
            let _stopped = script(self.name, "stop").output();
        }
    }
}

/// Where the servers keep their files.
pub(crate) fn home() -> PathBuf {
    std::env::var_os("TARGETS_HOME").map_or_else(|| std::env::temp_dir().join("wanglou-targets"), PathBuf::from)
}

/// Waits for the turn of a test, before anything else is held.
fn turn(name: &str, take: impl Fn(&File) -> std::io::Result<()>) -> File {
    std::fs::create_dir_all(home()).unwrap();
    let turn = File::create(home().join(format!("{name}.turn"))).unwrap();
    take(&turn).unwrap();
    turn
}

/// Held while a server comes or goes.
fn gate(name: &str) -> File {
    let gate = File::create(home().join(format!("{name}.gate"))).unwrap();
    gate.lock().unwrap();
    gate
}

fn script(name: &str, step: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/targets/{name}.sh"));
    let mut command = Command::new("bash");
    command.arg(path).arg(step).env("TARGETS_HOME", home());
    command
}

fn run_script(name: &str, step: &str) {
    let output = script(name, step).output().expect("the servers of this test are run by bash");
    assert!(
        output.status.success(),
        "the server {name} did not {step}. Get it by: bash tests/targets/{name}.sh install\n\
         (Debian packages need root; tests/targets/README.md says what and which port must be free.) It said:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
