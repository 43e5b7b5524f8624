//! A real mail server, Postfix and Dovecot, that all test programs share. `tests/targets/mail.sh` installs (apt, root), starts
//! and stops both; see its README.

use std::fs::File;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use wanglou::mail::{Security, Settings, TransportKind};

/// The running server. Whoever needs it first starts it, the last one stops it, across all test programs.
#[derive(Debug)]
pub(crate) struct MailServer {
    users: File,
}

impl MailServer {
    /// Starts it where it is not up.
    pub(crate) fn up() -> Self {
        std::fs::create_dir_all(home()).unwrap();
        let _gate = gate();
        let users = File::create(home().join("mail.lock")).unwrap();
        let is_first = users.try_lock().is_ok();
        users.lock_shared().unwrap();
        if is_first || !is_up() {
            run_script("install");
            run_script("start");
        }
        Self { users }
    }

    /// How a sender of letters is let in.
    pub(crate) fn settings(&self, security: Security, port: u16) -> Settings {
        Settings {
            transport: TransportKind::Smtp,
            from: "品牌账号提醒 <alerts@xinghe.example>".to_owned(),
            host: "localhost".to_owned(),
            port: Some(port),
            security,
            username: "alerts".to_owned(),
            password_file: Some(home().join("mail/alerts.password")),
            ca_file: Some(home().join("mail/tls/ca.pem")),
            ..Settings::default()
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _gate = gate();
        let _released = self.users.unlock();
        if self.users.try_lock().is_ok() {
            // A failure to stop shows as an instance left over, which the next run uses again.
            let _stopped = script("stop").output();
        }
    }
}

/// Where the server keeps its files.
pub(crate) fn home() -> PathBuf {
    std::env::temp_dir().join("wanglou-targets")
}

/// Held while the server comes or goes.
fn gate() -> File {
    let gate = File::create(home().join("mail.gate")).unwrap();
    gate.lock().unwrap();
    gate
}

fn is_up() -> bool {
    [1143, 5871].into_iter().all(|port| TcpStream::connect(("127.0.0.1", port)).is_ok())
}

fn script(step: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/mail.sh");
    let mut command = Command::new("bash");
    command.arg(path).arg(step).env("TARGETS_HOME", home());
    command
}

fn run_script(step: &str) {
    let output = script(step).output().expect("the mail servers of this test are run by bash");
    assert!(
        output.status.success(),
        "tests/targets/mail.sh {step} failed. The test needs Postfix and Dovecot and root to run them:\n\
         \x20   sudo apt-get install --no-install-recommends postfix dovecot-imapd dovecot-lmtpd dovecot-pop3d openssl procps\n\
         and ports 1110, 1143, 2525, 4651, 5871, 9931, 9951 of 127.0.0.1 free. It said:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
