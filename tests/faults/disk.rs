//! Disks that are full or read-only while a pass is under way: the error says what helps, and when it has helped, the pass ends
//! as if nothing had happened. The disk is a tiny one in memory, in a mount namespace that ends with the program; where the
//! system allows none, only the limit on the size of a file is tried.

use std::path::Path;
use std::process::Command;

use wanglou::demo::data::as_of;
use wanglou::mail::Settings;
use wanglou::model::alert::{Alert, AlertState};

use crate::child::{Work, command};
use crate::installation::{Engine, Installation, Outcome, mail_lines};
use crate::smtp_script::{Mood, Server};

const MINUTE_MS: i64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_and_a_read_only_disk_are_named_and_then_everything_ends_the_same() {
    let allowed = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        println!("no mount namespaces here: the limit on the size of a file is tried alone");
        return;
    }
    let server = Server::open(Mood::Takes).await;
    let expected = undisturbed(&server).await;
    let installation = installation(&server).await;

    let steps = ["size=300k", "size=500k", "size=700k", "size=900k", "ro", "rw,size=64m"];
    let ends = on_small_disk(&installation, &steps);

    assert!(ends[0].contains("full") || ends[0].contains("No space left"), "{}", ends[0]);
    assert!(ends[1..4].iter().all(|end| end.is_empty() || end.contains("make room")), "{ends:#?}");
    assert!(ends[4].contains("writable") || ends[4].contains("Read-only file system"), "{}", ends[4]);
    assert_eq!(ends[5], "");
    assert_same(&installation, &expected, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_is_named_and_then_everything_ends_the_same() {
    let server = Server::open(Mood::Takes).await;
    let expected = undisturbed(&server).await;
    let installation = installation(&server).await;
    for (number, kib) in [200, 300, 400].into_iter().enumerate() {
        // Without the signal the write fails, as it does on a disk with a quota.
        let limit = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$@\"");
        let end = run(Command::new("bash").args(["-c", &limit, "bash"]), &installation, number);
        assert!(end.contains("make room") || end.contains("File too large"), "{kib} KiB: {end}");
    }
    assert_eq!(run(Command::new("env").arg("--"), &installation, 3), "");
    assert_same(&installation, &expected, &server).await;
}

async fn installation(server: &Server) -> Installation {
    Installation::new(Engine::Sqlite, &mail_lines(&Settings { timeout_s: 30, ..server.settings() })).await
}

async fn undisturbed(server: &Server) -> Outcome {
    let installation = installation(server).await;
    assert_eq!(run(Command::new("env").arg("--"), &installation, 0), "");
    installation.look().await.0
}

/// Runs a pass below another program; returns what it complained of.
fn run(above: &mut Command, installation: &Installation, number: usize) -> String {
    let at = as_of().plus_ms(i64::try_from(number).unwrap() * 9 * MINUTE_MS);
    let child = command(&installation.path(), at, Work::Scan);
    let variables = child.get_envs().filter_map(|(name, value)| Some((name, value?)));
    above.envs(variables).arg(child.get_program()).args(child.get_args());
    let output = above.output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), complaints.is_empty(), "{complaints}");
    complaints
}

/// Runs one pass with each of these mount options on the folder of the database, and keeps what the last one left.
fn on_small_disk(installation: &Installation, steps: &[&str]) -> Vec<String> {
    let store = installation.path().join("store");
    let kept = installation.path().join("kept");
    let script = "set -e; mount -t tmpfs -o \"$1\" tmpfs \"$STORE\"; shift\n\
        number=0; for options in first \"$@\"; do\n\
        [ $options = first ] || mount -o remount,$options \"$STORE\"\n\
        export WANGLOU_FAULT_AT=$((START + number * 540000))\n\
        \"$PROGRAM\" --exact child --nocapture >/dev/null 2>\"$KEPT.$number\" || echo failed >>\"$KEPT.$number\"\n\
        number=$((number + 1)); done\n\
        mkdir \"$KEPT\"; cp -a \"$STORE/.\" \"$KEPT\"";
    let child = command(&installation.path(), as_of(), Work::Scan);
    let mut above = Command::new("unshare");
    above.args(["-rm", "bash", "-c", script, "bash"]).args(steps);
    above.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    above.env("STORE", &store).env("KEPT", &kept).env("START", as_of().ms().to_string());
    above.env("PROGRAM", child.get_program());
    let output = above.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::rename(&kept, &store).unwrap();
    (0..steps.len()).map(|number| read(&kept, number)).collect()
}

fn read(kept: &Path, number: usize) -> String {
    std::fs::read_to_string(kept.with_extension(number.to_string())).unwrap()
}

async fn assert_same(installation: &Installation, expected: &Outcome, server: &Server) {
    let (outcome, alerts, problems) = installation.look().await;
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(&outcome, expected);
    for Alert { id, state, .. } in alerts {
        let id_of_letter = format!("{id}@xinghe.example");
        let count = server.received().iter().filter(|letter| letter.id == id_of_letter).count();
        let is_right = match state {
            AlertState::Sent => count == 1,
            AlertState::Uncertain => count <= 1,
            _ => false,
        };
        assert!(is_right, "alert {id} is {state:?} and arrived {count} times");
    }
}
