//! The weekly sign of life, from the daemon's clock to the mailbox: on Monday, once to each person in charge, also after a restart, with
//! a second worker, and with a mail server that is away.

use std::collections::BTreeSet;

use serde_json::json;
use wanglou::demo::data::as_of;
use wanglou::mail::{Security, Settings};
use wanglou::model::alert::{Alert, AlertKind, AlertState};
use wanglou::model::time::Timestamp;

use crate::daemon::Daemon;
use crate::installation::{Engine, Installation, mail_lines};
use crate::letters::Desk;
use crate::mail_server::MailServer;
use crate::mailbox::Mailbox;
use crate::smtp_script::{Mood, Server};

/// No visit in these weeks, so that there is nothing to tell.
const NEVER: &str = "0 1 1 7 *";
/// The designated managers of four companies, one of whom is written to on Mondays alone.
const MANAGERS: [&str; 4] = ["HC0002", "QL0002", "YD0004", "YJ0002"];

fn at(time: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-11-{time}:00+08:00")).unwrap()
}

/// An installation that was at work on Friday and found nothing, without work groups.
async fn quiet(engine: Engine, mail: &Settings) -> Desk {
    let installation = Installation::new(engine, &mail_lines(mail)).await;
    for ledger in ["groups.csv", "group_rosters.csv"] {
        let file = installation.path().join("watchlists").join(ledger);
        let header = std::fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        std::fs::write(file, header + "\n").unwrap();
    }
    let desk = Desk::at(installation, as_of()).await;
    let scan = desk.shell.store.start_scan(as_of(), &json!({})).await.unwrap();
    desk.shell.store.finish_scan(&scan, as_of(), &json!({})).await.unwrap();
    desk
}

async fn signs_of_life(desk: &Desk) -> Vec<Alert> {
    let alerts = desk.alerts().await.into_iter();
    alerts.filter(|alert| alert.kind == AlertKind::Heartbeat).collect()
}

/// Moves the clock, and gives the signs of life that there are then.
async fn told_at(desk: &Desk, daemon: &mut Daemon, time: &str) -> Vec<Alert> {
    daemon.move_to(at(time));
    daemon.settled().await;
    signs_of_life(desk).await
}

/// Every person in charge has one through each lane, and all are in this state.
fn assert_one_each(told: &[Alert], state: AlertState) {
    let to: BTreeSet<(String, &str)> =
        told.iter().map(|alert| (alert.lane.to_string(), alert.recipient.as_str())).collect();
    assert_eq!(to.len(), told.len(), "nobody is written to twice: {told:?}");
    for manager in MANAGERS {
        assert!(to.iter().any(|(lane, who)| *who == manager && lane.starts_with("manager:")), "{manager}: {to:?}");
    }
    assert!(told.iter().all(|alert| alert.state == state), "{told:?}");
}

/// Signs of life that a server was given, and how many different ones these are.
fn received(server: &Server) -> (usize, usize) {
    let letters = server.received().into_iter().filter(|letter| letter.subject.starts_with("【每周心跳】"));
    let ids: Vec<String> = letters.map(|letter| letter.id).collect();
    (ids.len(), ids.iter().collect::<BTreeSet<_>>().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_of_life_reaches_a_real_server_on_monday_once_also_after_a_restart_and_again_a_week_later() {
    let server = MailServer::up();
    let desk = quiet(Engine::Sqlite, &server.settings(Security::Starttls, 5871)).await;
    let mut daemon = Daemon::start(&desk.installation, NEVER, at("22T20:00")).await;
    daemon.settled().await;
    assert_eq!(signs_of_life(&desk).await, [], "not on Sunday");
    let first = told_at(&desk, &mut daemon, "23T09:35").await;
    assert_one_each(&first, AlertState::Sent);
    daemon.stop();

    let mut daemon = Daemon::again(&desk.installation, at("23T09:40"));
    daemon.settled().await;
    for time in ["23T15:00", "24T09:35"] {
        assert_eq!(told_at(&desk, &mut daemon, time).await.len(), first.len(), "{time}");
    }
    let second = told_at(&desk, &mut daemon, "30T09:35").await;
    assert_eq!(second.len(), 2 * first.len(), "a week later");
    daemon.stop();

    let letters: Vec<String> = second.iter().map(|alert| alert.id.to_string()).collect();
    let mut mailbox = Mailbox::default();
    mailbox.wait_for(&letters);
    assert!(letters.iter().all(|letter| mailbox.count(letter) == 1));
    let to_manager = first.iter().find(|alert| alert.recipient.as_str() == "HC0002").unwrap();
    let (subject, text) = mailbox.letter(to_manager.id.as_str());
    assert!(subject.starts_with("【每周心跳】") && subject.contains("11月23日：本周无新线索"), "{subject}");
    for words in ["您好：", "本周没有新线索，系统在运行。各来源是否读到，见下。", "不等于没有线索"]
    {
        assert!(text.contains(words), "{words} does not stand in\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_of_life_wait_for_a_server_that_is_away_which_is_told_and_come_once_when_it_is_back() {
    let mut server = Server::closed().await;
    let desk = quiet(Engine::Sqlite, &Settings { timeout_s: 30, ..server.settings() }).await;
    let mut daemon = Daemon::start(&desk.installation, NEVER, at("22T20:00")).await;
    daemon.settled().await;
    let waiting = told_at(&desk, &mut daemon, "23T09:35").await;
    assert_one_each(&waiting, AlertState::Queued);
    let said = desk.doctor();
    for words in
        ["queued: letter to ", "the mail server cannot be used for now", "nothing: it is tried again by itself"]
    {
        assert!(said.contains(words), "{said}");
    }

    assert_one_each(&told_at(&desk, &mut daemon, "23T16:00").await, AlertState::Queued);
    server.begin().await;
    assert_one_each(&told_at(&desk, &mut daemon, "23T16:05").await, AlertState::Sent);
    told_at(&desk, &mut daemon, "23T17:00").await;
    daemon.stop();
    assert_eq!(received(&server), (waiting.len(), waiting.len()), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_workers_on_one_database_only_one_gives_the_sign_of_life() {
    let server = Server::open(Mood::Takes).await;
    let desk = quiet(Engine::Postgres, &Settings { timeout_s: 30, ..server.settings() }).await;
    let mut one = Daemon::start(&desk.installation, NEVER, at("22T20:00")).await;
    one.settled().await;
    let mut other = Daemon::again(&desk.installation, at("22T20:00"));
    other.settled().await;
    for time in ["23T09:35", "23T09:40", "24T09:35"] {
        one.move_to(at(time));
        other.move_to(at(time));
        one.settled().await;
        other.settled().await;
    }
    let told = signs_of_life(&desk).await;
    assert_one_each(&told, AlertState::Sent);
    one.stop();
    other.stop();
    assert_eq!(received(&server), (told.len(), told.len()), "each once");
}
