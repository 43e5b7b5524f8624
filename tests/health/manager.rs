//! What a service manager hears on a real socket from the real program.

use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Longest wait for one message; a sound program needs a small part of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that is ended with the test, however that ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wanglou(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wanglou"));
    command.current_dir(folder).env_remove("WANGLOU_KEY").env_remove("WANGLOU_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn hear(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 4096];
    let read = socket.recv(&mut bytes).expect("the program says something in time");
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

#[test]
fn the_manager_hears_of_the_start_of_life_and_of_the_end() {
    let folder = tempfile::tempdir().unwrap();
    assert!(wanglou(folder.path()).arg("init").status().unwrap().success());
    let file = folder.path().join("wanglou.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("#listen = \"127.0.0.1:8750\"", "listen = \"127.0.0.1:0\"")).unwrap();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();

    let mut serve = wanglou(folder.path());
    serve.arg("serve").env("NOTIFY_SOCKET", folder.path().join("notify")).env("WATCHDOG_USEC", "400000");
    let mut program = Program(serve.spawn().unwrap());

    let first = hear(&socket);
    assert!(first.contains("READY=1") && first.contains("STATUS=watching"), "{first}");
    assert_eq!((hear(&socket).trim(), hear(&socket).trim()), ("WATCHDOG=1", "WATCHDOG=1"));
    let id = program.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let last = std::iter::repeat_with(|| hear(&socket)).find(|said| said.trim() != "WATCHDOG=1").unwrap();
    assert!(last.contains("STOPPING=1"), "{last}");
    assert!(program.0.wait().unwrap().success());
}

#[test]
fn a_key_handed_over_by_the_manager_may_be_read_by_its_group() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert!(wanglou(folder.path()).arg("init").status().unwrap().success());
    let handed = folder.path().join("credentials");
    std::fs::create_dir(&handed).unwrap();
    let key = handed.join("wanglou.key");
    std::fs::rename(folder.path().join("secrets/wanglou.key"), &key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o440)).unwrap();

    let key_of_doctor = |credentials: Option<&std::path::Path>| {
        let mut doctor = wanglou(folder.path());
        doctor.args(["doctor", "--json"]).env("WANGLOU_KEY_FILE", &key).stdout(Stdio::piped());
        credentials.map(|credentials| doctor.env("CREDENTIALS_DIRECTORY", credentials));
        let found: serde_json::Value = serde_json::from_slice(&doctor.output().unwrap().stdout).unwrap();
        found.as_array().unwrap().iter().find(|line| line["topic"] == "key").unwrap()["level"].clone()
    };
    assert_eq!(key_of_doctor(Some(&handed)), "ok");
    assert_eq!(key_of_doctor(None), "fail", "elsewhere it is too open");
}
