//! A database server that goes away while a pass is under way and comes back: the error says so, and then the pass ends as if
//! nothing had happened. The server is one of this program's own, so that no other test loses its own.

use std::path::Path;
use std::process::Command;

use url::Url;
use wanglou::demo::data::as_of;
use wanglou::mail::Settings;
use wanglou::model::alert::AlertState;

use crate::child::{Phase, Work};
use crate::installation::{Installation, mail_lines};
use crate::smtp_script::{Mood, Server};

const STEP_MS: i64 = 9 * 60_000;

/// A server that nobody else uses. Ended with the value.
pub(crate) struct OwnServer {
    home: tempfile::TempDir,
}

impl OwnServer {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn say(&self, step: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/pg.sh");
        let output = Command::new("bash").arg(script).arg(step).env("TARGETS_HOME", self.home.path()).output().unwrap();
        assert!(output.status.success(), "pg.sh {step}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The address of a new database.
    pub(crate) fn up(&self) -> Url {
        Url::parse(&format!("postgres://postgres@127.0.0.1:{}/postgres", self.say("up"))).unwrap()
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.say("down");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_that_goes_away_and_comes_back_changes_nothing() {
    let server = OwnServer::new();
    let (url, mail_server) = (server.up(), Server::open(Mood::Takes).await);
    let mail = mail_lines(&Settings { timeout_s: 30, ..mail_server.settings() });
    let expected = {
        let undisturbed = Installation::on(None, &mail, None).await;
        assert!(undisturbed.start(as_of(), Work::Scan).ended().status.success());
        undisturbed.look().await.0
    };
    let installation = Installation::on(None, &mail, Some(url)).await;

    let mut failed = 0;
    // Once until the program has waited long enough; the other times the server is back before that.
    let faults = [(Phase::Fetching, "away"), (Phase::Judging, "restart"), (Phase::Sending, "restart")];
    for (number, (phase, fault)) in faults.into_iter().enumerate() {
        let mut running = installation.start(as_of().plus_ms(number as i64 * STEP_MS), Work::Scan);
        running.wait_for(phase);
        server.say(fault);
        let ended = running.ended();
        if !ended.status.success() {
            failed += 1;
            assert!(ended.complaints.contains("start again"), "{}", ended.complaints);
        }
        if fault == "away" {
            server.say("back");
        }
    }
    assert!(failed > 0, "the server was never missed");
    let last = installation.start(as_of().plus_ms(4 * STEP_MS), Work::Scan).ended();
    assert!(last.status.success(), "{}", last.complaints);

    let (outcome, alerts, problems) = installation.look().await;
    assert_eq!((outcome, problems), (expected, Vec::new()));
    for alert in alerts {
        let id = format!("{}@xinghe.example", alert.id);
        let count = mail_server.received().iter().filter(|letter| letter.id == id).count();
        assert!(count == 1 || (count == 0 && alert.state == AlertState::Uncertain), "{alert:?} arrived {count} times");
    }
}
